"""Where else an outage is told: its twins on other pages, for whoever looks at one of them."""

from collections.abc import Collection

from incidents.models import Incident
from incidents.models.staff import Rights


def elsewhere(incidents: Collection[Incident], *, rights: Rights) -> dict[int, list[Incident]]:
    """Of each incident, by its primary key, the incidents on other pages that tell of the same outage: one query.

    Pages that the reader has no role on are left out.
    """
    family = Incident.objects.family(*incidents).filter(page__in=rights.pages())
    family = family.select_related("page").order_by("page__name")
    known = list(family) if incidents else []
    return {
        incident.pk: [each for each in known if each.first_pk == incident.first_pk and each.pk != incident.pk]
        for incident in incidents
    }
