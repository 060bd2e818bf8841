"""What a text for customers looks like while it is typed: a fragment of HTML, and nothing is kept."""

from allauth.core import ratelimit
from django.http import HttpResponse
from django.shortcuts import render

from incidents.console.access import StaffRequest, door
from incidents.domain.roles import Right
from incidents.domain.texts import BodyFormat, UncleanText, clean
from incidents.formatting.update_texts import update_html

TOO_MANY_REQUESTS = 429


@door(read=Right.RESPOND)
def show(request: StaffRequest) -> HttpResponse:
    """The text that was sent as `body`, as the page shows it; Review shows the other places."""
    if request.method != "POST":
        return HttpResponse(status=405)
    if not ratelimit.consume(request, action="words_preview", user=request.user):
        return HttpResponse(status=TOO_MANY_REQUESTS)
    try:
        text, why = clean(request.POST.get("body", "")), ""
    except UncleanText as error:
        text, why = "", str(error)
    context = {"words": update_html(text, BodyFormat.MARKDOWN), "why": why}
    return render(request, "console/words_preview.html", context)
