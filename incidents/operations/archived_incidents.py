"""Incidents and maintenances of an archive, written as they were: in bulk, at their instants, unheard."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from incidents.domain.archives import OldIncident, OldMove, OldUpdate
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.domain.journal import EventKind
from incidents.domain.texts import BodyFormat
from incidents.models import AffectedComponent, Component, Incident, IncidentUpdate, Maintenance, Page
from incidents.operations.actors import Actor
from incidents.operations.journal import record_unheard

BATCH = 500


def import_key(page: Page, old: OldIncident) -> str:
    """What identifies an imported incident on a page, whatever code it has got here."""
    return hashlib.sha256(f"{page.code}\nstatuspage {old.code}".encode()).hexdigest()


class Past:
    """Writes incidents within the caller's transaction and lock; `updates` are those that were new."""

    def __init__(
        self,
        page: Page,
        incidents: Mapping[str, OldIncident],
        components: Mapping[str, Component],
        find: Callable[[OldMove], Component | None],
        note: Callable[[str, str], None],
        *,
        by: Actor,
        at: datetime,
    ) -> None:
        self.page, self.incidents, self.components = page, incidents, components
        self.find, self.note, self.by, self.at = find, note, by, at
        self.updates: list[tuple[IncidentUpdate, OldUpdate]] = []

    def write(self) -> None:
        """All that are new, and what is new of those that are here."""
        wanted = sorted(self.incidents.values(), key=lambda each: (each.created_at, each.code))
        keys = {import_key(self.page, each): each for each in wanted}
        # Deleted ones too: what somebody has taken off the page does not come back.
        rows = Incident._base_manager.filter(page=self.page, import_key__in=keys)
        known = {row.import_key or "": row for row in rows.select_related("page")}
        taken = set(Incident._base_manager.filter(code__in=self.incidents).values_list("code", flat=True))
        fresh = []
        for key, old in keys.items():
            if key not in known:
                row = self._row(old, key)
                row.code = old.code if old.code not in taken else row.code
                known[key] = row
                fresh.append(row)
                self.note(
                    "incidents", f"+ {old.started_at:%Y-%m-%d} {old.title} ({len(old.updates)} updates)"
                )
        Incident.objects.bulk_create(fresh, batch_size=BATCH)
        self._plans({key: row for key, row in known.items() if row in fresh}, keys)
        self._updates([(row, keys[key]) for key, row in known.items()], set(fresh))

    def _row(self, old: OldIncident, key: str) -> Incident:
        watched = [each.at for each in old.updates if each.status == IncidentStatus.MONITORING]
        status = IncidentStatus.RESOLVED if old.status == IncidentStatus.POSTMORTEM else old.status
        ended = old.resolved_at or (old.updates[-1].at if old.updates else old.created_at)
        return Incident(
            page=self.page,
            import_key=key,
            title=old.title,
            status=status.value,
            impact=old.impact.value,
            started_at=old.started_at,
            created_at=old.created_at,
            updated_at=self.at,
            monitoring_at=max(watched, default=None),
            resolved_at=ended if status.is_over else None,
        )

    def _plans(self, fresh: dict[str, Incident], keys: dict[str, OldIncident]) -> None:
        Maintenance.objects.bulk_create(
            [
                Maintenance(
                    incident=row,
                    scheduled_for=window[0],
                    scheduled_until=window[1],
                    starts_itself=keys[key].starts_itself,
                    ends_itself=keys[key].ends_itself,
                )
                for key, row in fresh.items()
                if (window := keys[key].window)
            ],
            batch_size=BATCH,
        )

    def _updates(self, pairs: Iterable[tuple[Incident, OldIncident]], fresh: set[Incident]) -> None:
        pairs = list(pairs)
        known: dict[int, set[tuple[datetime, str]]] = defaultdict(set)
        told = IncidentUpdate.objects.filter(incident__in=[row for row, _ in pairs if row not in fresh])
        for pk, at, status in told.values_list("incident_id", "at", "status"):
            known[pk].add((at, status))
        codes = {each.code for _, old in pairs for each in old.updates}
        taken = set(IncidentUpdate.objects.filter(code__in=codes).values_list("code", flat=True))
        changed = []
        for row, old in pairs:
            if row.deleted_at:
                continue
            new = [each for each in old.updates if (each.at, each.status.value) not in known[row.pk]]
            self.updates += [(self._update(row, each, taken), each) for each in new]
            if new and row not in fresh:
                after = self._row(old, row.import_key or "")
                for name in ("title", "status", "impact", "monitoring_at", "resolved_at", "updated_at"):
                    setattr(row, name, getattr(after, name))
                row.version += 1
                row.save()
                self.note(
                    "changed incidents", f"~ {old.started_at:%Y-%m-%d} {old.title} (+{len(new)} updates)"
                )
            changed += [row] if new else []
        IncidentUpdate.objects.bulk_create([row for row, _ in self.updates], batch_size=BATCH)
        self._affected({row.pk: old for row, old in pairs})
        data = [{"incident": row.code, "title": row.title} for row in changed]
        record_unheard(self.page, EventKind.INCIDENT_IMPORTED, by=self.by, at=self.at, data=data)

    def _update(self, row: Incident, old: OldUpdate, taken: set[str]) -> IncidentUpdate:
        update = IncidentUpdate(
            incident=row,
            status=old.status.value,
            body=old.body,
            body_format=BodyFormat.PLAIN.value,
            at=old.at,
            created_at=old.created_at,
            notify=old.notified,
        )
        if old.code and old.code not in taken:
            update.code = old.code
            taken.add(old.code)
        return update

    def _affected(self, incidents: dict[int, OldIncident]) -> None:
        rows = []
        for update, old in self.updates:
            moves: dict[Component, OldMove | None] = {}
            for move in old.moves:
                if found := self.find(move):
                    moves[found] = move
            for code in incidents[update.incident_id].components if not old.moves else ():
                if component := self.components.get(code):
                    moves.setdefault(component, None)
            for component, said in moves.items():
                status = said or OldMove("", "", ComponentStatus.OPERATIONAL, ComponentStatus.OPERATIONAL)
                rows.append(
                    AffectedComponent(
                        update=update,
                        component=component,
                        group_name=component.group.name if component.group else "",
                        name=component.name,
                        old_status=status.old.value,
                        new_status=status.new.value,
                    )
                )
        AffectedComponent.objects.bulk_create(rows, batch_size=BATCH)
