"""A stranger's document as a download that no browser runs or shows inline (DESIGN 12 and 13, RFC 6266)."""

from typing import IO, Any

from django.http import FileResponse

SANDBOX = "sandbox; default-src 'none'"


def download_response(content: IO[Any], *, name: str, media_type: str) -> FileResponse:
    """The document as an attachment; names beyond ASCII go as `filename*` (RFC 8187)."""
    response = FileResponse(content, as_attachment=True, filename=name, content_type=media_type)
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
