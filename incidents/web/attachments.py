"""Documents of published RFO versions, as downloads; a draft's are staff's alone (DESIGN 12)."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from incidents.domain.rfos import PUBLIC
from incidents.formatting.downloads import download_response
from incidents.models import Attachment
from incidents.web.hosts import page_of
from incidents.web.limits import missed


@require_safe
def download(request: HttpRequest, code: str, name: str) -> HttpResponseBase:
    """One document. Draft, withdrawn and unknown ones, and those of another page, are all simply not there."""
    published = Attachment.objects.filter(version__state__in=PUBLIC, version__rfo__page=page_of(request))
    attachment = published.filter(code=code, name=name).first()
    if attachment is None:
        if refused := missed(request, "attachment"):
            return refused
        raise Http404
    response = download_response(attachment.file, name=attachment.name, media_type=attachment.media_type)
    response["Cache-Control"] = "public, max-age=300"
    return response
