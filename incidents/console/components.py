"""Components and groups, one at a time: made, changed, retired, brought back."""

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.console.forms.component_set_up import GroupForm, LeafForm, RetiringForm
from incidents.domain.roles import Right
from incidents.models import Component, ComponentGroup, Page
from incidents.operations.actors import staff
from incidents.operations.components import (
    create_component,
    create_group,
    delete_group,
    edit_component,
    edit_group,
)
from incidents.operations.errors import Refused
from incidents.operations.recipients import left_with_nothing
from incidents.operations.retiring import retire_component, revive_component

UNPROCESSABLE = 422
RETIRING = (
    "It is shown no longer and cannot be chosen; its probes stop. What was said of it stays, and so does its uptime. "
    "It can be brought back."
)


@door(of=finding.page, read=Right.SET_UP, write=Right.SET_UP)
def add(request: StaffRequest, code: str) -> HttpResponseBase:
    """A new component; a second tap is refused, since its name is taken by then."""
    page = get_object_or_404(Page, code=code)
    form = LeafForm(page, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            component = _create(request, page, form)
        except Refused as error:
            form.refuse(error)
        else:
            messages.success(request, f"{component} is on the page.")
            return redirect("console:components", code)
    return _form(request, form, page, heading="Add a component", button="Add it")


def _create(request: StaffRequest, page: Page, form: LeafForm) -> Component:
    by, at = staff(request.user), now()
    group = form.groups.get(form.cleaned_data["group"])
    with transaction.atomic():
        component = create_component(page, group=group, **form.facts(), by=by, at=at)
        return edit_component(component, **form.facts(), **form.more(), by=by, at=at)


@door(of=finding.component, read=Right.SET_UP, write=Right.SET_UP)
def edit(request: StaffRequest, code: str) -> HttpResponseBase:
    """Another name, description or start."""
    component = _component(code)
    form = LeafForm(component.page, request.POST if request.method == "POST" else None, component=component)
    if request.method == "POST" and form.is_valid():
        try:
            edit_component(component, **form.facts(), **form.more(), by=staff(request.user), at=now())
        except Refused as error:
            form.refuse(error)
        else:
            messages.success(request, "The page shows it as it is now.")
            return redirect("console:components", component.page.code)
    return _form(request, form, component.page, heading=component.name, button="Change it")


@door(of=finding.component, read=Right.SET_UP, write=Right.SET_UP)
def retire(request: StaffRequest, code: str) -> HttpResponseBase:
    """Take it out of the service."""
    component = _component(code)
    form = RetiringForm(component, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            retire_component(component, replaced_by=form.successor(), by=staff(request.user), at=now())
        except Refused as error:
            form.refuse(error)
        else:
            messages.success(request, f"{component} is retired. Its past stays on the page.")
            return redirect("console:components", component.page.code)
    heading, about = f"Retire {component.name}", RETIRING
    if count := left_with_nothing(component):
        about += f" Subscribers who chose it and nothing else: {count}. Without a replacement they receive nothing."
    return _form(request, form, component.page, heading=heading, button="Retire it", about=about)


@door(of=finding.component, read=Right.SET_UP, write=Right.SET_UP)
def revive(request: StaffRequest, code: str) -> HttpResponseBase:
    """Bring it back."""
    component = _component(code)
    if request.method == "POST":
        revive_component(component, by=staff(request.user), at=now())
        messages.success(request, f"{component} is part of the service again. Switch its probes on.")
    return redirect("console:components", component.page.code)


def _component(code: str) -> Component:
    return get_object_or_404(Component.objects.select_related("page", "group", "upstream"), code=code)


def _form(
    request: StaffRequest, form: Form, page: Page, *, heading: str, button: str, **context: object
) -> HttpResponse:
    """One form of this room."""
    context |= {"form": form, "page": page, "heading": heading, "button": button}
    return render(request, "console/leaf_form.html", context, status=UNPROCESSABLE if form.errors else 200)


@door(of=finding.page, read=Right.SET_UP, write=Right.SET_UP)
def add_group(request: StaffRequest, code: str) -> HttpResponseBase:
    """A new group, empty."""
    page = get_object_or_404(Page, code=code)
    form = GroupForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            create_group(page, **form.cleaned_data, by=staff(request.user), at=now())
        except Refused as error:
            form.refuse(error)
        else:
            return redirect("console:components", code)
    return _form(request, form, page, heading="Add a group", button="Add it")


@door(of=finding.group, read=Right.SET_UP, write=Right.SET_UP)
def change_group(request: StaffRequest, code: str) -> HttpResponseBase:
    """Another name or description."""
    group = get_object_or_404(ComponentGroup.objects.select_related("page"), code=code)
    form = GroupForm(
        request.POST if request.method == "POST" else None,
        initial={"name": group.name, "description": group.description},
    )
    if request.method == "POST" and form.is_valid():
        try:
            edit_group(group, **form.cleaned_data, by=staff(request.user), at=now())
        except Refused as error:
            form.refuse(error)
        else:
            return redirect("console:components", group.page.code)
    return _form(request, form, group.page, heading=group.name, button="Change it", group=group)


@door(of=finding.group, read=Right.SET_UP, write=Right.SET_UP)
def remove_group(request: StaffRequest, code: str) -> HttpResponseBase:
    """Take an empty group away."""
    group = get_object_or_404(ComponentGroup.objects.select_related("page"), code=code)
    if request.method == "POST":
        try:
            delete_group(group, by=staff(request.user), at=now())
        except Refused as error:
            messages.error(request, str(error))
    return redirect("console:components", group.page.code)
