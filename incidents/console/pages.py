"""Setting pages up: what there is, a page's facts, its look."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.console.forms.pages import LookForm, PageForm
from incidents.domain.roles import Right
from incidents.models import Look, Page
from incidents.operations.actors import staff
from incidents.operations.errors import Refused
from incidents.operations.looks import set_look
from incidents.operations.pages import create_page, edit_page, make_default
from incidents.publishing import live
from incidents.publishing.site import DOCUMENTS
from incidents.publishing.subjects import About

UNPROCESSABLE = 422


@door(read=Right.SET_UP, write=Right.SET_UP)
def show_all(request: StaffRequest) -> HttpResponse:
    """Every page that one sets up, with the rooms of each."""
    context = {
        "pages": request.rights.pages(Right.SET_UP),
        "is_everywhere": request.rights.may(Right.SET_UP, None),
    }
    return render(request, "console/set_up.html", context)


@door(everywhere=True, read=Right.SET_UP, write=Right.SET_UP)
def add(request: StaffRequest) -> HttpResponseBase:
    """A new page; its zone, addresses and weight as typed."""
    form = PageForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        by, at, words = staff(request.user), now(), form.cleaned_data
        try:
            page = create_page(
                name=words["name"],
                zone_name=words["zone_name"],
                url=words["url"],
                hosts=words["hosts"],
                by=by,
                at=at,
            )
            return _saved(request, page, form)
        except Refused as error:
            form.refuse(error)
    return _page(request, form, None)


@door(of=finding.page, read=Right.SET_UP, write=Right.SET_UP)
def edit(request: StaffRequest, code: str) -> HttpResponseBase:
    """Another name, zone or address."""
    page = get_object_or_404(Page, code=code)
    form = PageForm(request.POST if request.method == "POST" else None, page=page)
    if request.method == "POST" and form.is_valid():
        try:
            return _saved(request, page, form)
        except Refused as error:
            form.refuse(error)
    return _page(request, form, page)


def _saved(request: StaffRequest, page: Page, form: PageForm) -> HttpResponseBase:
    words, by, at = form.cleaned_data, staff(request.user), now()
    edit_page(
        page,
        name=words["name"],
        zone_name=words["zone_name"],
        url=words["url"],
        hosts=words["hosts"],
        uptime_weight=words["uptime_weight"] / 100,
        viewers_without_second_factor=words["viewers_without_second_factor"],
        by=by,
        at=at,
    )
    if words["make_default"] and request.rights.may(Right.SET_UP, None):
        make_default(page, by=by, at=at)
    for host in form.unanswered:
        messages.warning(
            request, f"{host} is not in ALLOWED_HOSTS, so this installation refuses it until it is."
        )
    messages.success(request, f"{words['name']} is set up.")
    return redirect("console:set-up")


def _page(request: StaffRequest, form: PageForm, page: Page | None) -> HttpResponse:
    context = {"form": form, "page": page}
    return render(request, "console/page_form.html", context, status=UNPROCESSABLE if form.errors else 200)


@door(of=finding.page, read=Right.SET_UP, write=Right.SET_UP)
def dress(request: StaffRequest, code: str) -> HttpResponseBase:
    """Colour, logo, home page and support."""
    page = get_object_or_404(Page, code=code)
    look = Look.objects.filter(page=page).first()
    posted = request.method == "POST"
    form = LookForm(request.POST if posted else None, request.FILES if posted else None, look=look)
    if posted and form.is_valid():
        words = form.cleaned_data
        try:
            set_look(
                page,
                accent=words["accent"],
                home_url=words["home_url"],
                support=words["support"],
                logo=b"" if words["remove_logo"] else words["logo"],
                by=staff(request.user),
                at=now(),
            )
        except Refused as error:
            form.refuse(error)
        else:
            messages.success(request, f"{page} wears it now.")
            return redirect("console:look", code)
    context = {"form": form, "page": page, "look": look}
    return render(request, "console/look.html", context, status=UNPROCESSABLE if form.errors else 200)


@door(of=finding.page, read=Right.SET_UP, write=Right.SET_UP)
def show_sample(request: StaffRequest, code: str) -> HttpResponse:  # noqa: ARG001  (a view's shape)
    """The page's own style sheet, for the sample beside the form."""
    return HttpResponse(_subject(code, About.LOOK), content_type="text/css; charset=utf-8")


@door(of=finding.page, read=Right.SET_UP, write=Right.SET_UP)
def show_logo(request: StaffRequest, code: str) -> HttpResponse:  # noqa: ARG001  (a view's shape)
    """The page's own logo, for the sample beside the form."""
    return HttpResponse(_subject(code, About.LOGO), content_type="image/png")


def _subject(code: str, about: About) -> bytes:
    """One of the look's documents as it would be published. Raises Http404 where there is none."""
    page = get_object_or_404(Page, code=code)
    document = next(each for each in DOCUMENTS if each.about == about)
    try:
        return live.render(page, document, {}, at=now(), zone=None)
    except live.NoSuchDocument as error:
        raise Http404 from error
