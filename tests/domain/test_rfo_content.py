"""What stands beside a letter: kept as JSON, read back the same, and seen only by those whom it is for."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.audiences import Audience
from incidents.domain.rfo_content import (
    Action,
    Cohort,
    Content,
    Decision,
    Emergency,
    Entry,
    KeyTime,
    Moment,
    Section,
    SectionKind,
    Window,
    problems,
)
from incidents.domain.rfos import canonical, withheld_of

AT = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)
P, C, I = Audience.PUBLIC, Audience.CUSTOMER, Audience.INTERNAL  # noqa: E741


def content(mark: Audience) -> Content:
    words = f"canary-{mark.value}"
    return Content(
        sections=(Section(SectionKind.ROOT_CAUSE, words, mark),),
        times=(KeyTime(Moment.DETECTED, AT, source=words, audience=mark),),
        windows=(Window(AT, AT + HOUR, words, audience=mark),),
        cohort=Cohort(words, 0, Emergency.NO, mark),
        decisions=(Decision(words, words, words, words, words, mark),),
        actions=(Action(words, words, date(2021, 11, 1), audience=mark),),
        timeline=(Entry(AT, words, words, mark),),
    )


def both(*contents: Content) -> Content:
    lists = {
        each.name: tuple(part for content in contents for part in getattr(content, each.name))
        for each in fields(Content)
        if each.name != "cohort"
    }
    return Content(cohort=contents[-1].cohort, **lists)


@pytest.mark.parametrize("mark", list(Audience))
def test_what_is_kept_is_read_back_the_same(mark: Audience) -> None:
    assert Content.from_json(content(mark).as_json()) == content(mark)
    assert Content.from_json({}) == Content()
    assert Content().as_json() == {}


@pytest.mark.parametrize(
    ("reader", "seen"),
    [(P, {"public"}), (C, {"public", "customer"}), (I, {"public", "customer", "internal"})],
)
def test_a_reader_sees_no_word_that_is_for_others(reader: Audience, seen: set[str]) -> None:
    everything = both(*(content(mark) for mark in Audience))
    found = canonical(everything.seen_by(reader).as_json())
    assert {mark.value for mark in Audience if f"canary-{mark.value}" in found} == seen


@given(st.lists(st.tuples(st.sampled_from(list(SectionKind)), st.text(), st.sampled_from(list(Audience)))))
def test_no_part_is_lost_or_doubled_between_the_audiences(
    rows: list[tuple[SectionKind, str, Audience]],
) -> None:
    whole = Content(sections=tuple(Section(*row) for row in rows))
    parts = [whole.only_for(mark).sections for mark in Audience]
    assert sorted(map(str, whole.sections)) == sorted(str(each) for part in parts for each in part)


def test_the_public_is_told_a_digest_of_what_it_may_not_read_and_cannot_guess_it() -> None:
    secret = both(content(P), content(I))
    one, other = (withheld_of(secret, salt) for salt in ("a", "b"))
    assert set(one) == {"internal"}
    assert one != other
    assert withheld_of(content(P), "a") == {}


def test_windows_that_overlap_are_counted_once_and_open_ones_not_at_all() -> None:
    windows = (
        Window(AT, AT + 2 * HOUR),
        Window(AT + HOUR, AT + 3 * HOUR),
        Window(AT + 5 * HOUR),
        Window(AT, AT + HOUR),
    )
    assert Content(windows=windows).lasted == 3 * HOUR


@pytest.mark.parametrize(
    "found",
    [
        {"sections": [{"kind": "gossip", "body": "x"}]},
        {"sections": "x"},
        {"sections": [{"kind": "summary", "body": "x", "audience": "friends"}]},
        {"sections": [{"body": "x"}]},
        {"times": [{"what": "detected", "at": "2021-10-08T21:22:00"}]},
        {"times": [{"what": "detected", "at": 5}]},
        {"cohort": {"count": True}},
        {"cohort": {"count": "many"}},
        {"unknown": 1},
        {"actions": [None]},
    ],
)
def test_what_was_not_meant_is_not_read(found: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"sections|times|cohort|content|actions"):
        Content.from_json(found)


def test_more_than_a_person_writes_is_refused_naming_the_part() -> None:
    assert problems(Content(timeline=(Entry(AT, "x"),) * 3_001))[0][0] == "timeline"
    assert problems(Content(windows=(Window(AT, AT - HOUR),)))[0][0] == "windows"
    assert problems(Content(times=(KeyTime(Moment.DETECTED, AT),) * 2))[0][0] == "times"
    assert problems(Content(sections=(Section(SectionKind.NOTES, "x"),) * 41))[0][0] == "sections"
    assert problems(content(P)) == []
