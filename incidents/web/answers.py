"""A published document as ready answers: header lists built once, so that a request only chooses (DESIGN 11)."""

from collections.abc import Mapping
from dataclasses import dataclass

from csp.utils import build_policy
from django.conf import settings
from django.utils.http import content_disposition_header

from incidents.formatting.downloads import SANDBOX
from incidents.publishing.bundles import Bundle, Variant
from incidents.web.negotiation import matches

Headers = list[tuple[str, str]]

CACHING = "public, max-age=5, stale-while-revalidate=30, stale-if-error=86400"
OPEN_TO_ALL = (
    *("application/json", "application/rss+xml", "application/atom+xml"),
    *("image/svg+xml", "text/calendar", "text/csv"),
)
"""Media types that any site may read in scripts (CORS) and show, badges say (CORP)."""
OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
FRAMED_BY_ALL = {"frame-ancestors": ["*"]}


@dataclass(frozen=True, slots=True)
class Answer:
    """One rendering in one encoding."""

    etag: str
    headers: Headers
    unchanged_headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Rendering:
    """One rendering in all of its encodings."""

    by_encoding: Mapping[str, Answer]
    by_etag: Mapping[str, Answer]

    def known(self, if_none_match: str) -> Answer | None:
        """The answer that the client has already; most name one tag, just as we gave it."""
        tag = if_none_match if if_none_match in self.by_etag else matches(if_none_match, self.by_etag)
        return self.by_etag[tag] if tag else None


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers for one document; `size` in bytes of bodies; `asks` begins the query that only Django answers."""

    fresh: Rendering
    stale: Rendering
    asks: str
    size: int


def answers(content: Bundle, *, caching: str = CACHING, vary: str = "Accept-Encoding") -> Answers:
    """Prepare every answer that the bundle can give."""
    fresh = _rendering(content, content.fresh, caching, vary)
    return Answers(
        fresh=fresh,
        stale=_rendering(content, content.stale, caching, vary) if content.stale else fresh,
        asks=f"{content.asks}=" if content.asks else "",
        size=content.size,
    )


def security_headers() -> Headers:
    """What Django's middleware sends with a page of ours."""
    headers = [
        ("Content-Security-Policy", build_policy()),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", settings.X_FRAME_OPTIONS),
        ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
        ("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
    ]
    if settings.SECURE_HSTS_SECONDS:
        parts = [f"max-age={settings.SECURE_HSTS_SECONDS}"]
        parts += ["includeSubDomains"] if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else []
        parts += ["preload"] if settings.SECURE_HSTS_PRELOAD else []
        headers.append(("Strict-Transport-Security", "; ".join(parts)))
    return headers


def framable(headers: Headers) -> Headers:
    """The same headers for a document that any site may show in a frame."""
    policy = build_policy(replace=FRAMED_BY_ALL)
    kept = [each for each in headers if each[0] not in {"X-Frame-Options", "Content-Security-Policy"}]
    return [*kept, ("Content-Security-Policy", policy), ("Cross-Origin-Resource-Policy", "cross-origin")]


def download_headers(name: str) -> Headers:
    """Save it under this name; should it be opened all the same, it can do nothing."""
    return [
        (
            "Content-Disposition",
            content_disposition_header(as_attachment=True, filename=name) or "attachment",
        ),
        ("Content-Security-Policy", SANDBOX),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]


def shown_headers(name: str) -> Headers:
    """Show it, and save it under this name if the reader wants that."""
    return [
        ("Content-Disposition", content_disposition_header(as_attachment=False, filename=name) or "inline")
    ]


def _rendering(content: Bundle, variant: Variant, caching: str, vary: str) -> Rendering:
    found = {encoding: _answer(content, variant, encoding, caching, vary) for encoding in variant.bodies}
    return Rendering(found, {each.etag: each for each in found.values()})


def _answer(content: Bundle, variant: Variant, encoding: str, caching: str, vary: str) -> Answer:
    body, etag = variant.bodies[encoding], variant.etag(encoding)
    unchanged = [("ETag", etag), ("Cache-Control", caching), ("Vary", vary)]
    if content.media_type.startswith(OPEN_TO_ALL):
        unchanged += OPEN.items()
    headers = [("Content-Type", content.media_type), ("Content-Length", str(len(body))), *unchanged]
    if encoding != "identity":
        headers.append(("Content-Encoding", encoding))
    security = security_headers()
    if content.framable:
        security = framable(security)
    if content.saved_as:
        headers += shown_headers(content.saved_as)
    if content.download:
        own = download_headers(content.download)
        security = [*own, *(each for each in security if each[0] != "Content-Security-Policy")]
    return Answer(etag, [*headers, *security], unchanged, body)
