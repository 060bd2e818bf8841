"""The footer line of an incident or a maintenance, joined as Statuspage does (statuspage-api.md, `/incidents/{id}`)."""

from collections.abc import Iterable

from incidents.domain.tree import IncidentView


def affected_sentence(
    components: Iterable[tuple[str | None, str]],
    *,
    planned: bool = False,
    over: bool = False,
    ongoing: bool = False,
) -> str:
    """`This incident affected: Platform (Network, Queues), Portal, and Cloud PBX.`

    Of a maintenance (`planned`) it is "This scheduled maintenance affects: " until it is `over`, then "affected". Of
    an incident it is "affects" while it is `ongoing`, then "affected", Statuspage's own word. `components` are (group
    or None, name).
    A group stands where its first child does and holds its children in their order; two items join with " and ",
    more with ", " and ", and ". No components give no text.
    """
    children: dict[tuple[str | None, str], list[str]] = {}
    for group, name in components:
        if group is None:
            children.setdefault((None, name), [])
        else:
            children.setdefault((group, ""), []).append(name)
    items = [
        name if group is None else f"{group} ({', '.join(names)})"
        for (group, name), names in children.items()
    ]
    subject = "This scheduled maintenance" if planned else "This incident"
    verb = "affects" if ongoing or (planned and not over) else "affected"
    return f"{subject} {verb}: {_to_sentence(items)}." if items else ""


def affected_of(incident: IncidentView) -> str:
    """The sentence of an incident or a maintenance as it stands."""
    return affected_sentence(
        incident.affected_names,
        planned=incident.plan is not None,
        over=incident.status.is_over,
        ongoing=incident.status.is_open,
    )


def _to_sentence(items: list[str]) -> str:
    if len(items) <= 2:  # noqa: PLR2004  (a pair takes no comma)
        return " and ".join(items)
    return f"{', '.join(items[:-1])}, and {items[-1]}"
