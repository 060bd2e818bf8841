"""`/beats/<code>`: where monitored things call; `/fail` or `?status=` says how it went."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from incidents.models import Probe
from incidents.operations.beats import note_beat
from incidents.web.limits import missed, within

FAILED = 1
CALLS_A_MINUTE = 120
MOST = 255
_CODE_LENGTH = 12


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def beat(request: HttpRequest, code: str, *, failed: bool = False) -> HttpResponse:
    """Note the call. An unknown code gets 404 and learns nothing; a status that is none gets 400."""
    if not within("beat", code[:_CODE_LENGTH], limit=CALLS_A_MINUTE, seconds=60):
        return _said("too many calls; once a minute is enough", 429)
    text = request.GET.get("status", str(FAILED) if failed else "0")
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) <= MOST):  # noqa: PLR2004
        return _said("status must be a whole number from 0 to 255", 400)
    if len(code) != _CODE_LENGTH or not note_beat(code, status=int(text), at=datetime.now(UTC)):
        return missed(request, "heartbeat") or _said("no heartbeat is called that", 404)
    return _said("ok", 200)


def beat_url(probe: Probe, *, site_url: str) -> str:
    """The address that the monitored thing calls."""
    return site_url.rstrip("/") + reverse("beat", args=[probe.code])


def _said(words: str, status: int) -> HttpResponse:
    return HttpResponse(words + "\n", status=status, content_type="text/plain; charset=utf-8")
