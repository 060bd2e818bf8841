"""Documents of Statuspage, one after another, become one archive."""

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from incidents.domain.archives.facts import (
    OldComponent,
    OldGroup,
    OldIncident,
    OldMove,
    OldSubscriber,
    OldTemplate,
    OldUpdate,
)
from incidents.domain.archives.html_text import html_text
from incidents.domain.archives.values import (
    RAILS_ZONES,
    choice_of,
    code_of,
    codes_of,
    day_of,
    instant_of,
    number_of,
    rows_of,
    status_of,
    without_control,
)
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import EARLIEST, Impact, IncidentStatus
from incidents.domain.texts import NAME_LIMIT, RFO_LIMIT, UPDATE_LIMIT
from incidents.domain.zones import UnknownZone, zone

DESCRIPTION_LIMIT = 500
"""Characters of a component's description."""


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
    """What would be left out, which an import refuses unless somebody accepts it."""
    notes: list[str] = field(default_factory=list)
    """What was read in another way than it was said; nothing of it is missing."""
    _listed: dict[str, str] = field(default_factory=dict)

    def lost(self, what: str) -> None:
        """Something that cannot come along."""
        self.problems.append(what)

    def noted(self, what: str) -> None:
        """How something was read."""
        if what not in self.notes:
            self.notes.append(what)

    def missing(self) -> list[str]:
        """Codes of incidents that a history names and no document tells."""
        return [name for code, name in self._listed.items() if code not in self.incidents]

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
        self._take_months(rows_of(document, "months"))
        self.take_page(document.get("page"))
        self.take_components(rows_of(document, "components"))
        self.take_incidents(
            [*rows_of(document, "incidents"), *rows_of(document, "scheduled_maintenances")]
            + ([document["incident"]] if isinstance(document.get("incident"), dict) else [])
        )

    def _take_months(self, months: Iterable[Mapping[str, Any]]) -> None:
        for month in months:
            for each in rows_of(month, "incidents"):
                self._listed[code_of(each.get("code"))] = f"{each.get('code')} ({each.get('name')})"

    def take_page(self, row: Any) -> None:
        """Its code, name and zone."""
        if not isinstance(row, dict):
            return
        self.code = self.code or self._code(row)
        self.name = self.name or self._line(row.get("name"), "the page's name")
        called = str(row.get("time_zone") or "")
        try:
            self.zone_name = self.zone_name or zone(RAILS_ZONES.get(called, called)).key
        except UnknownZone:
            self.noted(f"the page's zone {called!r} is not known: say which one with --zone")

    def take_components(self, rows: Iterable[Any]) -> None:
        """Groups and leaves, as v2 lists them together; v1's groups have `components` too."""
        for row in rows:
            if not isinstance(row, dict) or not self._code(row):
                self.lost("a component without an id was left out")
                continue
            if row.get("group") or ("components" in row and "status" not in row):
                self._group(row)
            else:
                self._component(row)

    def _group(self, row: Mapping[str, Any]) -> None:
        code, name = code_of(row["id"]), self._line(row.get("name"), "a group's name")
        self.groups[code] = OldGroup(code, name, self._description(row, code), number_of(row.get("position")))

    def _component(self, row: Mapping[str, Any]) -> None:
        code = code_of(row["id"])
        created = instant_of(row.get("created_at")) or EARLIEST
        self.components[code] = OldComponent(
            code=code,
            name=self._line(row.get("name"), f"the name of component {code}"),
            description=self._description(row, code),
            status=self._status(row.get("status"), f"component {row.get('name') or code}"),
            group=code_of(row.get("group_id")),
            position=number_of(row.get("position")),
            showcase=row.get("showcase") is not False,
            only_show_if_degraded=row.get("only_show_if_degraded") is True,
            start_date=day_of(row.get("start_date")),
            created_at=created,
            updated_at=instant_of(row.get("updated_at")) or created,
        )

    def _description(self, row: Mapping[str, Any], code: str) -> str:
        text = without_control(str(row.get("description") or ""))
        if len(text) > DESCRIPTION_LIMIT:
            self.lost(f"the description of component {code} was cut at {DESCRIPTION_LIMIT} characters")
        return text[:DESCRIPTION_LIMIT]

    def _status(self, said: Any, whose: str) -> ComponentStatus:
        """A component's status; one that nobody knows is no "operational" without a word."""
        found = status_of(said)
        if found is None and said:
            self.lost(f"{whose}: its status {str(said)[:40]!r} is not known")
        elif found is None:
            self.noted(f"{whose}: no status is said; read as operational")
        elif found.value != said:
            self.noted(f"{whose}: {said} was read as {found.value}")
        return found or ComponentStatus.OPERATIONAL

    def _code(self, row: Mapping[str, Any]) -> str:
        """The code of an object; ids of another form are named once."""
        code = code_of(row.get("id"))
        if code and code != str(row.get("id")):
            self.noted("ids of another form than Statuspage's were read; what has one gets a new code here")
        return code

    def take_incidents(self, rows: Iterable[Any]) -> None:
        """Incidents and maintenances; the same one again with more in it replaces what is known."""
        for row in rows:
            code = self._code(row) if isinstance(row, dict) else ""
            if not code:
                self.lost("an incident without an id was left out")
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
            self.lost(f"incident {code} was left out: its status or its time is missing")
            return None
        updates = sorted(self._updates(code, row), key=lambda each: (each.at, each.created_at, each.code))
        letters = [each for each in updates if each.status == IncidentStatus.POSTMORTEM]
        if status.is_planned:  # it has no RFO here: its words are an update after the end
            updates = [
                replace(each, status=IncidentStatus.COMPLETED) if each in letters else each
                for each in updates
            ]
            letters = []
        told = [each for each in updates if each.status != IncidentStatus.POSTMORTEM]
        letter = letters[-1] if letters else None
        if len(letters) > 1:
            self.lost(f"a postmortem of {code} was left out: a later one took its place")
        begins, ends = instant_of(row.get("scheduled_for")), instant_of(row.get("scheduled_until"))
        window = (begins, ends) if begins and ends and begins < ends and status.is_planned else None
        if status.is_planned and window is None:
            self.lost(f"maintenance {code} was left out: it has no window")
            return None
        postmortem = str(row.get("postmortem_body") or "") or (letter.body if letter else "")
        if status.is_planned and postmortem:
            self.lost(f"the postmortem of maintenance {code} was left out: a maintenance has no RFO")
            postmortem = ""
        if len(postmortem.encode()) > RFO_LIMIT:
            self.lost(f"the postmortem of {code} is longer than {RFO_LIMIT:,} bytes and was left out")
            postmortem = ""
        published = instant_of(row.get("postmortem_published_at")) or (letter.at if letter else None)
        started = instant_of(row.get("started_at")) or (told[0].at if told else created)
        return OldIncident(
            code=code,
            title=self._line(row.get("name"), f"the name of incident {code}"),
            status=status,
            impact=self._impact(row.get("impact"), code),
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

    def _impact(self, said: Any, incident: str) -> Impact:
        found: Impact | None = choice_of(Impact, said, None)
        if found is None:
            self.noted(f"incident {incident}: its impact {str(said)[:40]!r} is not known; read as none")
        return found or Impact.NONE

    def _updates(self, incident: str, row: Mapping[str, Any]) -> Iterable[OldUpdate]:
        listed = row.get("incident_updates")
        for each in listed if isinstance(listed, list) else []:
            said = each if isinstance(each, dict) else {}
            created = instant_of(said.get("created_at"))
            at = instant_of(said.get("display_at")) or created
            status: IncidentStatus | None = choice_of(IncidentStatus, said.get("status"), None)
            if at is None or status is None:
                self.lost(f"an update of {incident} was left out: its status or its time is missing")
                continue
            if "display_at" in said and not instant_of(said["display_at"]):
                self.noted(f"an update of {incident} has no display_at; its created_at was taken")
            yield OldUpdate(
                code=code_of(said.get("id")),
                status=status,
                body=self._body(said, status, incident),
                at=at,
                created_at=created or at,
                moves=tuple(self._moves(said, incident)),
                notified=said.get("deliver_notifications") is not False,
            )

    def _body(self, update: Mapping[str, Any], status: IncidentStatus, incident: str) -> str:
        body = without_control(html_text(str(update.get("body") or ""))).strip()
        if not body:
            body = status.value.replace("_", " ").capitalize()
            self.noted(f"an update of {incident} has no words; {body!r}, its status, was taken as its words")
        if len(body) > UPDATE_LIMIT and status != IncidentStatus.POSTMORTEM:
            self.lost(f"an update of {incident} was cut at {UPDATE_LIMIT:,} characters")
            body = body[:UPDATE_LIMIT]
        return body

    def _moves(self, update: Mapping[str, Any], incident: str) -> Iterable[OldMove]:
        """What an update said of components."""
        for each in rows_of(update, "affected_components"):
            name = without_control(str(each.get("name") or ""))[:NAME_LIMIT]
            if not each.get("new_status"):
                self.lost(f"an update of {incident} does not say what became of {name or each.get('code')}")
                continue
            new = self._status(each["new_status"], f"an update of {incident}: {name}")
            yield OldMove(code_of(each.get("code")), name, status_of(each.get("old_status")) or new, new)

    def take_subscribers(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Of v1 alone: people's data, which no public document has."""
        for row in rows:
            kind = str(row.get("type") or row.get("mode") or "email")
            code, email = code_of(row.get("id")), str(row.get("email") or "")
            address = email if kind == "email" else str(row.get("endpoint") or "")
            if kind not in {"email", "webhook", "slack", "teams"} or not address:
                self.lost(f"a subscriber by {kind} could not come along")
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
            title = self._line(row.get("title"), f"the title of template {name}") if row.get("title") else ""
            chosen = tuple(codes_of(row.get("components")))
            notify = row.get("should_send_notifications") is not False
            body = without_control(html_text(str(row.get("body") or "")))
            self.templates.append(OldTemplate(name, title, body, status, chosen, notify))

    def _line(self, text: Any, what: str) -> str:
        line = " ".join(without_control(html.unescape(str(text or ""))).split())
        if len(line) > NAME_LIMIT:
            self.lost(f"{what} was cut at {NAME_LIMIT} characters")
        if not line:
            self.noted(f"{what} is missing; it is called Unnamed")
        return line[:NAME_LIMIT] or "Unnamed"
