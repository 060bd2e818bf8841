"""Another status page's past becomes ours: pages, components, incidents at their instants, subscribers, templates.

Codes stay what they were there wherever they are free, so that scripts that know them go on. The same archive again
changes nothing, a later one adds what is new. No notifications are sent. All of it is one transaction; the letters
of its RFOs are rendered before, since that takes its time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from incidents.domain.archives import Archive, OldIncident, OldMove, OldUpdate
from incidents.domain.components import ComponentStatus
from incidents.models import Component, ComponentGroup, Incident, IncidentUpdate, Page, StatusChange
from incidents.operations.actors import Actor
from incidents.operations.archived_incidents import BATCH, Past, import_key
from incidents.operations.archived_people import add_subscribers, add_templates
from incidents.operations.components import create_component, create_group
from incidents.operations.errors import Refused
from incidents.operations.journal import lock
from incidents.operations.pages import create_page, note_set_up
from incidents.operations.rfos import RenderedLetter, checked_letter, draft_rfo
from incidents.operations.versions import publish_rfo


@dataclass(slots=True)
class Moved:
    """What an import did, or would do: lines of a diff, counts, and what could not come along."""

    page: Page
    lines: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    """What was, or would be, left out."""
    notes: list[str] = field(default_factory=list)
    """What was read in another way than it was said."""
    is_written: bool = False

    def lost(self, what: str) -> None:
        """Something that cannot come along; the same is named once."""
        if what not in self.problems:
            self.problems.append(what)

    def noted(self, what: str) -> None:
        """Something that is left as it is for a reason."""
        self.notes.append(what)

    def note(self, kind: str, line: str) -> None:
        """One thing that is new or changed."""
        self.counts[kind] += 1
        self.lines.append(line)


def move_in(
    archive: Archive,
    *,
    page: Page | None = None,
    dry: bool = False,
    accept_loss: bool = False,
    by: Actor,
    at: datetime,
) -> Moved:
    """Write an archive to `page`, or to the page of its own code or name, which is made where it is missing.

    With `dry`, and where something would be left out and that is not accepted, nothing is written, and what would be is
    told all the same. Raises Refused; then nothing was written.
    """
    letters = _Letters(archive, page)
    with transaction.atomic():
        mover = _Mover(archive, page, by=by, at=at)
        moved = mover.move()
        letters.publish(moved, by=by, at=at)
        moved.is_written = not dry and (accept_loss or not moved.problems)
        if not moved.is_written:
            transaction.set_rollback(True)
    return moved


class _Mover:
    """Writes within one transaction."""

    def __init__(self, archive: Archive, page: Page | None, *, by: Actor, at: datetime) -> None:
        self.archive, self.by, self.at = archive, by, at
        self.page = lock(page or self._page())
        self.moved = Moved(self.page, problems=list(archive.problems), notes=list(archive.notes))
        for each in archive.missing():
            self.moved.lost(f"incident {each} stands in the history, and no document tells it")
        self.components: dict[str, Component] = {}
        self.names: dict[str, Component] = {}

    def move(self) -> Moved:
        """All of it."""
        self._components()
        past = Past(
            self.page,
            self.archive.incidents,
            self.components,
            self._component_of,
            self.moved.note,
            by=self.by,
            at=self.at,
        )
        past.write()
        self._changes(past.updates)
        people = (self.archive, self.page, self.components, self.moved)
        add_subscribers(*people, at=self.at)
        add_templates(*people, by=self.by, at=self.at)
        if self.moved.lines:
            what = ", ".join(f"{count} {kind}" for kind, count in sorted(self.moved.counts.items()))
            note_set_up(self.page, what=f"imported: {what}"[:200], by=self.by, at=self.at)
        return self.moved

    def _page(self) -> Page:
        archive = self.archive
        known = page_of(archive)
        if known:
            return known
        if not archive.name or not archive.zone_name:
            raise Refused(
                "page", "The archive does not say which page it is of. Name one of ours with --page."
            )
        made = create_page(name=archive.name, zone_name=archive.zone_name, by=self.by, at=self.at)
        if archive.code:
            Page.objects.filter(pk=made.pk).update(code=archive.code)
            made.refresh_from_db()
        return made

    def _components(self) -> None:
        groups: dict[str, ComponentGroup] = {}
        for old in sorted(self.archive.groups.values(), key=lambda each: each.position):
            mine = ComponentGroup.objects.filter(page=self.page)
            group = mine.filter(code=old.code).first() or mine.filter(name=old.name).first()
            if group is None:
                group = create_group(
                    self.page, name=old.name, description=old.description, by=self.by, at=self.at
                )
                self._keep_code(group, old.code)
                self.moved.note("groups", f"+ group {group.name}")
            groups[old.code] = group
        first = self._first_moves()
        for each in sorted(self.archive.components.values(), key=lambda each: (each.group, each.position)):
            place = groups.get(each.group)
            mine_too = Component.objects.filter(page=self.page).select_related("group")
            found = mine_too.filter(code=each.code).first()
            found = found or mine_too.in_use().filter(group=place, name=each.name).first()
            if found is None:
                found = create_component(
                    self.page,
                    name=each.name,
                    group=place,
                    description=each.description,
                    showcase=each.showcase,
                    only_show_if_degraded=each.only_show_if_degraded,
                    start_date=each.start_date
                    if each.start_date and each.start_date <= self.at.date()
                    else None,
                    since=min(each.created_at, first.get(each.code, each.created_at)),
                    by=self.by,
                    at=self.at,
                )
                self._keep_code(found, each.code)
                self.moved.note("components", f"+ component {found.full_name}")
            self.components[each.code] = found
            self.names[found.full_name] = found

    def _first_moves(self) -> dict[str, datetime]:
        first: dict[str, datetime] = {}
        for incident in self.archive.incidents.values():
            for update in incident.updates:
                for move in update.moves:
                    first[move.code] = min(update.at, first.get(move.code, update.at))
        return first

    def _keep_code(self, row: Component | ComponentGroup, code: str) -> None:
        """The code that it had there, unless somebody here has it."""
        model = type(row)
        if code and not model.objects.filter(code=code).exists():
            row.code = code
            row.save(update_fields=["code"])

    def _component_of(self, move: OldMove) -> Component | None:
        found = self.components.get(move.code) or self.names.get(move.name)
        if found is None:
            self.moved.lost(
                f"component {move.name or move.code} is gone there: what was said of it stays behind"
            )
        return found

    def _changes(self, updates: Iterable[tuple[IncidentUpdate, OldUpdate]]) -> None:
        """What the updates say of components becomes their history; at its end stands what they are there now."""
        told: dict[Component, list[tuple[datetime, ComponentStatus]]] = defaultdict(list)
        for update, said in updates:
            for move in said.moves:
                if component := self._component_of(move):
                    told[component].append((update.at, move.new))
        rows, mine = [], {each: code for code, each in self.components.items()}
        for component in self.components.values():
            known = list(component.changes.order_by("at", "id").values_list("at", "status"))
            found = sorted({*told[component]} - {(at, ComponentStatus(status)) for at, status in known})
            old = self.archive.components[mine[component]]
            merged = sorted([*((at, ComponentStatus(status)) for at, status in known), *found])
            if merged and merged[-1][1] != old.status:
                found.append((max(merged[-1][0], min(old.updated_at, self.at)), old.status))
            rows += [StatusChange(component=component, at=at, status=status.value) for at, status in found]
            if found and component.status != old.status:
                Component.objects.filter(pk=component.pk).update(status=old.status.value, updated_at=self.at)
        StatusChange.objects.bulk_create(rows, batch_size=BATCH)


def page_of(archive: Archive) -> Page | None:
    """The page here that the archive is of, if there is one."""
    return Page.objects.filter(code=archive.code).first() or Page.objects.filter(name=archive.name).first()


class _Letters:
    """The postmortems that are not here yet, rendered before the transaction that publishes them."""

    def __init__(self, archive: Archive, page: Page | None) -> None:
        self._incidents = [each for each in archive.incidents.values() if each.postmortem]
        self._rendered: dict[str, RenderedLetter] = {}
        self._refused: dict[str, str] = {}
        page = page or page_of(archive)
        here = self._with_rfo(page) if page else set()
        for each in self._incidents:
            if page is None or import_key(page, each) not in here:
                self._render(each)

    def _with_rfo(self, page: Page) -> set[str | None]:
        keys = [import_key(page, each) for each in self._incidents]
        rows = Incident._base_manager.filter(import_key__in=keys)
        known = rows.filter(rfos__isnull=False) | rows.exclude(deleted_at=None)
        return set(known.values_list("import_key", flat=True))

    def _render(self, old: OldIncident) -> None:
        try:
            self._rendered[old.code] = checked_letter(old.postmortem)
        except Refused as error:
            self._refused[old.code] = str(error)

    def publish(self, moved: Moved, *, by: Actor, at: datetime) -> None:
        """Write them, inside the caller's transaction and lock."""
        for code, why in self._refused.items():
            moved.lost(f"the postmortem of {code}: {why}")
        for old in self._incidents:
            incident = Incident.objects.filter(import_key=import_key(moved.page, old)).first()
            if old.code not in self._rendered or incident is None or incident.rfos.exists():
                continue
            moved.note("RFOs", f"+ RFO of {old.title}")
            told_at = min(old.postmortem_at or at, at)
            try:
                with transaction.atomic():
                    draft = draft_rfo(incident, body=self._rendered[old.code], by=by, at=at)
                    publish_rfo(draft, by=by, at=at, happened_at=told_at, notify=False, mark_late=False)
            except Refused as error:
                moved.lost(f"the postmortem of {old.code}: {error}")
