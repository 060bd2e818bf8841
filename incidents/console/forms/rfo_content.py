"""The screens of what stands beside an RFO's letter, as forms, and the content that they make (DESIGN 12)."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict

from incidents.console.forms.rfo_rows import (
    CohortForm,
    DecisionRow,
    EntryRow,
    RowForm,
    SectionRow,
    TimeRow,
    WindowRow,
)
from incidents.domain.audiences import Audience
from incidents.domain.rfo_content import (
    Cohort,
    Content,
    Decision,
    Emergency,
    Entry,
    KeyTime,
    Moment,
    Precision,
    Section,
    SectionKind,
    Window,
)
from incidents.domain.zones import in_zone
from incidents.formatting.words import MOMENT
from incidents.operations.errors import Refused


class PartForms(ABC):
    """The forms of one screen, and the content that they make."""

    rows: ClassVar[Mapping[str, tuple[type[RowForm], int]]]
    """Name of each set of rows: its form, and how many empty ones are offered."""

    def __init__(self, content: Content, zone: ZoneInfo, data: QueryDict | None = None) -> None:
        self.content, self.zone = content, zone
        self.sets: dict[str, BaseFormSet[Any]] = {
            name: formset_factory(form, extra=extra, can_delete=extra > 0, max_num=200, absolute_max=400)(
                data, prefix=name, initial=self.initial(name), form_kwargs={"zone": zone}
            )
            for name, (form, extra) in self.rows.items()
        }

    @abstractmethod
    def initial(self, name: str) -> Sequence[dict[str, Any]]:
        """What the rows of a set begin with."""

    @abstractmethod
    def made(self) -> Content:
        """The content with what was typed."""

    @property
    def is_whole(self) -> bool:
        """Whether all of the form has arrived; a torn one cannot be shown again."""
        return all(each.management_form.is_valid() for each in self.sets.values())

    def is_valid(self) -> bool:
        """All of it."""
        checked = [each.is_valid() for each in self.sets.values()]  # all of them, for all their errors
        return all(checked)

    def local(self, at: datetime | None) -> datetime | None:
        """An instant as a local time."""
        return in_zone(at, self.zone).replace(tzinfo=None) if at else None

    def wanted(self, name: str) -> list[Any]:
        """The rows that hold something."""
        return [form for form in self.sets[name].forms if form.is_wanted]

    def refuse(self, error: Refused) -> None:
        """Show what an operation refused on top of the rows that it is about."""
        found = self.sets.get(error.field) or next(iter(self.sets.values()))
        found.non_form_errors().append(str(error))


class FactsForms(PartForms):
    """Key times, windows, who was hit, decisions."""

    rows: ClassVar[Mapping[str, tuple[type[RowForm], int]]] = {
        "times": (TimeRow, 0),
        "windows": (WindowRow, 2),
        "decisions": (DecisionRow, 1),
    }

    def __init__(self, content: Content, zone: ZoneInfo, data: QueryDict | None = None) -> None:
        super().__init__(content, zone, data)
        cohort = content.cohort
        self.cohort = CohortForm(
            data,
            prefix="cohort",
            initial={
                "share": cohort.share,
                "count": cohort.count,
                "emergency": cohort.emergency.value,
                "audience": cohort.audience.value,
            },
        )

    @property
    def is_whole(self) -> bool:
        """Each key time has its row."""
        return super().is_whole and len(self.sets["times"].forms) == len(Moment)

    @property
    def moments(self) -> list[tuple[str, str, Any]]:
        """Name, source and row of each key time."""
        known = {each.what: each.source for each in self.content.times}
        return [
            (MOMENT[moment], known.get(moment, ""), form)
            for moment, form in zip(Moment, self.sets["times"].forms, strict=True)
        ]

    def initial(self, name: str) -> Sequence[dict[str, Any]]:
        """Every key time has its row, known or not."""
        if name == "times":
            known = {each.what: each for each in self.content.times}
            return [self._time(known.get(moment) or KeyTime(moment)) for moment in Moment]
        if name == "windows":
            return [
                {
                    "begins": self.local(each.begins),
                    "kept_begins": each.begins,
                    "ends": self.local(each.ends),
                    "kept_ends": each.ends,
                    "what": each.what,
                    "audience": each.audience.value,
                    "source": each.source,
                }
                for each in self.content.windows
            ]
        return [
            {
                "question": each.question,
                "options": each.options,
                "decided": each.decided,
                "by": each.by,
                "why": each.why,
                "audience": each.audience.value,
            }
            for each in self.content.decisions
        ]

    def _time(self, time: KeyTime) -> dict[str, Any]:
        return {
            "at": self.local(time.at),
            "kept_at": time.at,
            "precision": time.precision.value,
            "audience": time.audience.value,
        }

    def is_valid(self) -> bool:
        """All of it."""
        return all([super().is_valid(), self.cohort.is_valid()])

    def made(self) -> Content:
        """A time or a window that a person changed has no source any more."""
        known = {each.what: each for each in self.content.times}
        times = []
        for moment, form in zip(Moment, self.sets["times"].forms, strict=True):
            words, at = form.cleaned_data, form.instant("at")
            precision = Precision(words["precision"])
            if at is None and precision != Precision.UNKNOWN:
                continue
            before = known.get(moment)
            source = before.source if before and before.at == at else ""
            times.append(KeyTime(moment, at, precision, source, Audience(words["audience"])))
        cohort = self.cohort.cleaned_data
        return replace(
            self.content,
            times=tuple(times),
            windows=tuple(self._window(form) for form in self.wanted("windows")),
            cohort=Cohort(
                cohort["share"], cohort["count"], Emergency(cohort["emergency"]), Audience(cohort["audience"])
            ),
            decisions=tuple(self._decision(form.cleaned_data) for form in self.wanted("decisions")),
        )

    def _window(self, form: RowForm) -> Window:
        words = form.cleaned_data
        begins, ends = form.instant("begins"), form.instant("ends")
        assert begins is not None  # noqa: S101  (the form has asked for it)
        source = str(form.initial.get("source", ""))
        stays = not {"begins", "ends"} & set(form.changed_data)
        return Window(begins, ends, words["what"], source if stays else "", Audience(words["audience"]))

    def _decision(self, words: Mapping[str, Any]) -> Decision:
        return Decision(
            words["question"],
            words["decided"],
            words["by"],
            words["options"],
            words["why"].replace("\r\n", "\n"),
            Audience(words["audience"]),
        )


class SectionsForms(PartForms):
    """The sections."""

    rows: ClassVar[Mapping[str, tuple[type[RowForm], int]]] = {"sections": (SectionRow, 2)}

    def initial(self, name: str) -> Sequence[dict[str, Any]]:  # noqa: ARG002  (there is one set)
        """In the order in which they are printed."""
        return [
            {"kind": each.kind.value, "audience": each.audience.value, "body": each.body}
            for each in self.content.sections
        ]

    def made(self) -> Content:
        """Sections in the order of their kinds."""
        order = list(SectionKind)
        found = [
            Section(
                SectionKind(form.cleaned_data["kind"]),
                form.cleaned_data["body"].replace("\r\n", "\n"),
                Audience(form.cleaned_data["audience"]),
            )
            for form in self.wanted("sections")
        ]
        return replace(self.content, sections=tuple(sorted(found, key=lambda each: order.index(each.kind))))


class TimelineForms(PartForms):
    """The rows of the timeline that people write; those that are from the record stay."""

    rows: ClassVar[Mapping[str, tuple[type[RowForm], int]]] = {"timeline": (EntryRow, 2)}

    def initial(self, name: str) -> Sequence[dict[str, Any]]:  # noqa: ARG002  (there is one set)
        """Those without a source."""
        return [
            {
                "at": self.local(each.at),
                "kept_at": each.at,
                "words": each.words,
                "audience": each.audience.value,
            }
            for each in self.content.timeline
            if not each.source
        ]

    def made(self) -> Content:
        """All of them, in the order of their instants."""
        own = []
        for form in self.wanted("timeline"):
            at = form.instant("at")
            assert at is not None  # noqa: S101  (the form has asked for it)
            own.append(Entry(at, form.cleaned_data["words"], "", Audience(form.cleaned_data["audience"])))
        generated = [each for each in self.content.timeline if each.source]
        return replace(self.content, timeline=tuple(sorted([*generated, *own], key=lambda each: each.at)))


PARTS: Mapping[str, type[PartForms]] = {
    "facts": FactsForms,
    "sections": SectionsForms,
    "timeline": TimelineForms,
}
"""The screens, by the last part of their address."""
