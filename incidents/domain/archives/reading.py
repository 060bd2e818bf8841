"""Documents of Statuspage, one after another, become one archive."""

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from incidents.domain.archives.facts import (
    OldComponent,
    OldGroup,
    OldIncident,
    OldSubscriber,
    OldTemplate,
    OldUpdate,
)
from incidents.domain.archives.values import (
    RAILS_ZONES,
    choice_of,
    code_of,
    codes_of,
    day_of,
    instant_of,
    moves_of,
    number_of,
    plain,
    rows_of,
    without_control,
)
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import EARLIEST, Impact, IncidentStatus
from incidents.domain.texts import NAME_LIMIT, RFO_LIMIT, UPDATE_LIMIT
from incidents.domain.zones import UnknownZone, zone


class NoArchive(ValueError):
    """What was given is none of Statuspage's documents; the message says why."""


@dataclass(slots=True)
class Archive:
    """All that was read of one page, and what could not come along."""

    code: str = ""
    name: str = ""
    zone_name: str = ""
    groups: dict[str, OldGroup] = field(default_factory=dict)
    components: dict[str, OldComponent] = field(default_factory=dict)
    incidents: dict[str, OldIncident] = field(default_factory=dict)
    subscribers: dict[str, OldSubscriber] = field(default_factory=dict)
    templates: list[OldTemplate] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def take(self, document: Any) -> None:
        """Add what one document holds: of v2 with its frame, or a flat incident. Raises NoArchive."""
        if not isinstance(document, dict):
            raise NoArchive("A document of Statuspage is a JSON object.")
        known = {"page", "components", "incidents", "incident", "scheduled_maintenances", "months", "status"}
        if "incident_updates" in document:
            self.take_incidents([document])
        elif not known & set(document):
            raise NoArchive(
                "This is none of Statuspage's documents: there is no page, component or incident in it."
            )
        self.take_page(document.get("page"))
        self.take_components(rows_of(document, "components"))
        self.take_incidents(
            [*rows_of(document, "incidents"), *rows_of(document, "scheduled_maintenances")]
            + ([document["incident"]] if isinstance(document.get("incident"), dict) else [])
        )

    def take_page(self, row: Any) -> None:
        """Its code, name and zone."""
        if not isinstance(row, dict):
            return
        self.code = self.code or code_of(row.get("id"))
        self.name = self.name or self._line(row.get("name"), "the page's name")
        called = str(row.get("time_zone") or "")
        try:
            self.zone_name = self.zone_name or zone(RAILS_ZONES.get(called, called)).key
        except UnknownZone:
            self.problems.append(f"the page's zone {called!r} is not known: say which one with --zone")

    def take_components(self, rows: Iterable[Any]) -> None:
        """Groups and leaves, as v2 lists them together; v1's groups have `components` too."""
        for row in rows:
            if not isinstance(row, dict) or not code_of(row.get("id")):
                self.problems.append("a component without an id was left out")
                continue
            if row.get("group") or ("components" in row and "status" not in row):
                self._group(row)
            else:
                self._component(row)

    def _group(self, row: Mapping[str, Any]) -> None:
        code, name = code_of(row["id"]), self._line(row.get("name"), "a group's name")
        self.groups[code] = OldGroup(
            code, name, str(row.get("description") or "")[:500], number_of(row.get("position"))
        )

    def _component(self, row: Mapping[str, Any]) -> None:
        code = code_of(row["id"])
        created = instant_of(row.get("created_at")) or EARLIEST
        self.components[code] = OldComponent(
            code=code,
            name=self._line(row.get("name"), f"the name of component {code}"),
            description=without_control(str(row.get("description") or ""))[:500],
            status=choice_of(ComponentStatus, row.get("status"), ComponentStatus.OPERATIONAL),
            group=code_of(row.get("group_id")),
            position=number_of(row.get("position")),
            showcase=row.get("showcase") is not False,
            only_show_if_degraded=row.get("only_show_if_degraded") is True,
            start_date=day_of(row.get("start_date")),
            created_at=created,
            updated_at=instant_of(row.get("updated_at")) or created,
        )

    def take_incidents(self, rows: Iterable[Any]) -> None:
        """Incidents and maintenances; the same one again with more in it replaces what is known."""
        for row in rows:
            code = code_of(row.get("id")) if isinstance(row, dict) else ""
            if not code:
                self.problems.append("an incident without an id was left out")
                continue
            self.take_components(
                each for each in rows_of(row, "components") if code_of(each.get("id")) not in self.components
            )
            found = self._incident(code, row)
            known = self.incidents.get(code)
            if found and (known is None or len(found.updates) + bool(found.postmortem) >= len(known.updates)):
                self.incidents[code] = found

    def _incident(self, code: str, row: Mapping[str, Any]) -> OldIncident | None:
        status = choice_of(IncidentStatus, row.get("status"), None)
        created = instant_of(row.get("created_at"))
        if status is None or created is None:
            self.problems.append(f"incident {code} was left out: its status or its time is missing")
            return None
        updates = sorted(self._updates(code, row), key=lambda each: (each.at, each.created_at, each.code))
        told = [each for each in updates if each.status != IncidentStatus.POSTMORTEM]
        letter = next((each for each in reversed(updates) if each.status == IncidentStatus.POSTMORTEM), None)
        begins, ends = instant_of(row.get("scheduled_for")), instant_of(row.get("scheduled_until"))
        window = (begins, ends) if begins and ends and begins < ends and status.is_planned else None
        if status.is_planned and window is None:
            self.problems.append(f"maintenance {code} was left out: it has no window")
            return None
        postmortem = str(row.get("postmortem_body") or "") or (letter.body if letter else "")
        if len(postmortem.encode()) > RFO_LIMIT:
            self.problems.append(
                f"the postmortem of {code} is longer than {RFO_LIMIT:,} bytes and was left out"
            )
            postmortem = ""
        published = instant_of(row.get("postmortem_published_at")) or (letter.at if letter else None)
        started = instant_of(row.get("started_at")) or (told[0].at if told else created)
        return OldIncident(
            code=code,
            title=self._line(row.get("name"), f"the name of incident {code}"),
            status=status,
            impact=choice_of(Impact, row.get("impact"), Impact.NONE),
            created_at=created,
            started_at=window[0] if window else min([started, *(each.at for each in told)]),
            resolved_at=instant_of(row.get("resolved_at")),
            updates=tuple(told),
            components=tuple(code_of(each.get("id")) for each in rows_of(row, "components")),
            window=window,
            starts_itself=row.get("scheduled_auto_in_progress") is not False,
            ends_itself=row.get("scheduled_auto_completed") is not False,
            postmortem=without_control(postmortem),
            postmortem_at=published,
        )

    def _updates(self, incident: str, row: Mapping[str, Any]) -> Iterable[OldUpdate]:
        for each in rows_of(row, "incident_updates"):
            created = instant_of(each.get("created_at"))
            at, status = (
                instant_of(each.get("display_at")) or created,
                choice_of(IncidentStatus, each.get("status"), None),
            )
            if at is None or status is None:
                self.problems.append(
                    f"an update of {incident} was left out: its status or its time is missing"
                )
                continue
            body = plain(str(each.get("body") or "")) or status.value.replace("_", " ").capitalize()
            if len(body) > UPDATE_LIMIT and status != IncidentStatus.POSTMORTEM:
                self.problems.append(f"an update of {incident} was cut at {UPDATE_LIMIT:,} characters")
                body = body[:UPDATE_LIMIT]
            yield OldUpdate(
                code=code_of(each.get("id")),
                status=status,
                body=body,
                at=at,
                created_at=created or at,
                moves=tuple(moves_of(each)),
                notified=each.get("deliver_notifications") is not False,
            )

    def take_subscribers(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Of v1 alone: people's data, which no public document has."""
        for row in rows:
            kind = str(row.get("type") or row.get("mode") or "email")
            code, email = code_of(row.get("id")), str(row.get("email") or "")
            address = email if kind == "email" else str(row.get("endpoint") or "")
            if kind not in {"email", "webhook", "slack", "teams"} or not address:
                self.problems.append(f"a subscriber by {kind} could not come along")
                continue
            self.subscribers[code] = OldSubscriber(
                code=code,
                channel=kind,
                address=address,
                contact=email if kind != "email" else "",
                state=str(row.get("state") or ("active" if row.get("confirmed_at") else "unconfirmed")),
                components=tuple(codes_of(row.get("components"))),
                created_at=instant_of(row.get("created_at")) or EARLIEST,
            )

    def take_templates(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Of v1 alone."""
        for row in rows:
            status = choice_of(IncidentStatus, row.get("update_status"), None)
            name = self._line(row.get("name"), "a template's name")
            title = without_control(str(row.get("title") or ""))[:NAME_LIMIT]
            chosen = tuple(codes_of(row.get("components")))
            notify = row.get("should_send_notifications") is not False
            body = plain(str(row.get("body") or ""))
            self.templates.append(OldTemplate(name, title, body, status, chosen, notify))

    def _line(self, text: Any, what: str) -> str:
        line = " ".join(without_control(html.unescape(str(text or ""))).split())
        if len(line) > NAME_LIMIT:
            self.problems.append(f"{what} was cut at {NAME_LIMIT} characters")
        return line[:NAME_LIMIT] or "Unnamed"
