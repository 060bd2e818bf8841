"""Templates: words kept ready, for whoever may publish."""

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from incidents.console.access import StaffRequest, door
from incidents.console.forms.templates import TemplateForm
from incidents.domain.roles import Right
from incidents.models import IncidentTemplate, Page
from incidents.operations.actors import staff
from incidents.operations.errors import Refused
from incidents.operations.templates import delete_template, save_template

UNPROCESSABLE = 422
_publishers = door(read=Right.PUBLISH, write=Right.PUBLISH)


def offered(page: Page) -> "QuerySet[IncidentTemplate]":
    """The templates that may be used on a page."""
    return IncidentTemplate.objects.filter(Q(page=page) | Q(page=None))


@_publishers
def show_all(request: StaffRequest) -> HttpResponse:
    """Every template of the pages that one may publish on."""
    own = Q(page__in=request.rights.pages(Right.PUBLISH)) | Q(page=None)
    rows = IncidentTemplate.objects.filter(own).select_related("page")
    return render(request, "console/templates.html", {"templates": rows})


@_publishers
def add(request: StaffRequest) -> HttpResponseBase:
    """A new template."""
    return _form(request, None)


@_publishers
def edit(request: StaffRequest, code: str) -> HttpResponseBase:
    """Another name, other words."""
    return _form(request, _template(request, code))


@_publishers
def delete(request: StaffRequest, code: str) -> HttpResponseBase:
    """Throw it away."""
    template = _template(request, code)
    if request.method == "POST":
        delete_template(template, by=staff(request.user), at=now())
        messages.success(request, f"{template.name} is thrown away.")
    return redirect("console:templates")


def _template(request: StaffRequest, code: str) -> IncidentTemplate:
    """One that this person may change. Raises Http404."""
    template = get_object_or_404(IncidentTemplate.objects.select_related("page"), code=code)
    if not request.rights.may(Right.PUBLISH, template.page):
        raise Http404
    return template


def _form(request: StaffRequest, template: IncidentTemplate | None) -> HttpResponseBase:
    data = request.POST if request.method == "POST" else None
    form = TemplateForm(request.rights, data, template=template)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        try:
            save_template(
                template,
                page=form.page(),
                name=words["name"],
                title=words["title"],
                body=words["body"],
                status=form.chosen_status(),
                by=staff(request.user),
                at=now(),
            )
        except Refused as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, f"{words['name']} is kept.")
            return redirect("console:templates")
    context = {"form": form, "template": template}
    return render(request, "console/template.html", context, status=UNPROCESSABLE if form.errors else 200)
