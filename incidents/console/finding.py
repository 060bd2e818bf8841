"""Which pages an address of the console leads to, so that its door can ask for the right on them."""

from django.shortcuts import get_object_or_404

from incidents.models import (
    ActionItem,
    Attachment,
    Component,
    ComponentGroup,
    Delivery,
    Event,
    Incident,
    IncidentUpdate,
    Page,
    Probe,
    Series,
    Subscriber,
    SweepFailure,
)

Pages = tuple[Page, ...]


def page(code: str, **_: object) -> Pages:
    """`pages/<code>/…`."""
    return (get_object_or_404(Page, code=code),)


def component(code: str, **_: object) -> Pages:
    """`components/<code>/…`."""
    return (get_object_or_404(Component.objects.select_related("page"), code=code).page,)


def group(code: str, **_: object) -> Pages:
    """`groups/<code>/…`."""
    return (get_object_or_404(ComponentGroup.objects.select_related("page"), code=code).page,)


def incident(code: str, **_: object) -> Pages:
    """`incidents/<code>/…` and `maintenances/<code>/…`."""
    return (get_object_or_404(Incident.objects.select_related("page"), code=code).page,)


def probe(code: str, **_: object) -> Pages:
    """`probes/<code>/…`."""
    return (get_object_or_404(Probe.objects.select_related("component__page"), code=code).component.page,)


def subscriber(code: str, **_: object) -> Pages:
    """`subscribers/<code>/…`."""
    return (get_object_or_404(Subscriber.objects.select_related("page"), code=code).page,)


def update(code: str, **_: object) -> Pages:
    """`updates/<code>/…`."""
    found = IncidentUpdate.objects.select_related("incident__page")
    return (get_object_or_404(found, code=code).incident.page,)


def action(code: str, **_: object) -> Pages:
    """`actions/<code>/…`."""
    return (get_object_or_404(ActionItem.objects.select_related("rfo__page"), code=code).rfo.page,)


def attachment(code: str, **_: object) -> Pages:
    """`attachments/<code>/…`."""
    found = Attachment.objects.select_related("version__rfo__incident__page")
    return (get_object_or_404(found, code=code).version.rfo.incident.page,)


def series(code: str, **_: object) -> Pages:
    """`series/<code>/…`."""
    return (get_object_or_404(Series.objects.select_related("page"), code=code).page,)


def event(pk: int, **_: object) -> Pages:
    """`events/<pk>/…`."""
    return (get_object_or_404(Event.objects.select_related("page"), pk=pk).page,)


def delivery(pk: int, **_: object) -> Pages:
    """`deliveries/<pk>/…`."""
    return (get_object_or_404(Delivery.objects.select_related("event__page"), pk=pk).event.page,)


def sweep_failure(code: str, **_: object) -> Pages:
    """`failures/<code>/…`."""
    return (get_object_or_404(SweepFailure.objects.select_related("page"), code=code).page,)


def twin(code: str, page: str, **_: object) -> Pages:
    """`incidents/<code>/on/<page>`: where it is told, and where it is to be told too."""
    return *incident(code), get_object_or_404(Page, code=page)
