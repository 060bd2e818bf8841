"""Keeping words ready for the next outage."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from incidents.domain.incidents import IncidentStatus
from incidents.domain.templates import PLACES, unknown_places
from incidents.domain.texts import NAME_LIMIT, BodyFormat, UncleanText, clean
from incidents.models import Component, IncidentTemplate, Page
from incidents.operations.actors import Actor
from incidents.operations.audit import note
from incidents.operations.components import checked_name
from incidents.operations.errors import Refused
from incidents.operations.subscribers import check_components
from incidents.operations.updates import checked_body


@transaction.atomic
def save_template(
    template: IncidentTemplate | None,
    *,
    page: Page | None,
    name: str,
    title: str,
    body: str,
    body_format: BodyFormat = BodyFormat.MARKDOWN,
    status: IncidentStatus | None,
    components: Collection[Component] | None = None,
    notify: bool | None = None,
    by: Actor,
    at: datetime,
) -> IncidentTemplate:
    """Make a template, or write one anew; without a word on components or notify those stay as they are.

    Raises Refused naming the field.
    """
    name, body = checked_name("name", name), checked_body(body)
    title = _checked_title(title)
    for field, text in (("title", title), ("body", body)):
        if unknown := unknown_places(text):
            raise Refused(field, f"Nothing fills {{{{ {unknown[0]} }}}}. There are {', '.join(PLACES)}.")
    if template is None:
        template = IncidentTemplate(created_at=at)
    else:
        template = IncidentTemplate.objects.select_for_update().get(pk=template.pk)
    template.page, template.name, template.title, template.body = page, name, title, body
    template.body_format = body_format.value
    template.status, template.updated_at = status.value if status else "", at
    template.notify = template.notify if notify is None else notify
    template.save()
    if components is not None:
        if page is not None:
            check_components(page, components)
        template.components.set(components)
    facts = {"name": name, "title": title, "body": body[:500]}
    note("template.saved", by=by, at=at, subject=f"template {template.code}", data=facts, page=page)
    return template


def _checked_title(title: str) -> str:
    try:
        return " ".join(clean(title, limit=NAME_LIMIT).split())
    except UncleanText as error:
        raise Refused("title", str(error)) from error


@transaction.atomic
def delete_template(template: IncidentTemplate, *, by: Actor, at: datetime) -> None:
    """Throw a template away; what was said with it stays."""
    code, name, page = template.code, template.name, template.page
    if IncidentTemplate.objects.filter(pk=template.pk).delete()[0]:
        subject = f"template {code}"
        note("template.deleted", by=by, at=at, subject=subject, data={"name": name}, page=page)
