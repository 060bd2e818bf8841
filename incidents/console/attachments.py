"""Documents of an RFO as staff see them, drafts included; the public door has the published ones alone."""

from django.http import FileResponse
from django.shortcuts import get_object_or_404

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.domain.field_rights import FieldClass, right_to
from incidents.formatting.downloads import download_response
from incidents.models import Attachment


@door(of=finding.attachment, read=right_to(FieldClass.RFO_ATTACHMENT))
def download(request: StaffRequest, code: str, name: str) -> FileResponse:  # noqa: ARG001  (a view's shape)
    """One document, as a download."""
    attachment = get_object_or_404(Attachment, code=code, name=name)
    return download_response(attachment.file, name=attachment.name, media_type=attachment.media_type)
