"""When results become a verdict: disjoint rules for down and up, and nothing forgotten."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.hysteresis import Track, Verdict, step
from incidents.domain.outcomes import Health

AT = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
OK, SLOW, BAD, UNSURE = Health.OK, Health.DEGRADED, Health.FAILED, Health.INCONCLUSIVE


def after(*results: Health, start: Track | None = None) -> Track:
    track = start or Track()
    for health in results:
        track = step(track, health, at=AT)
    return track


def test_the_first_success_is_up() -> None:
    assert after(OK).verdict == Verdict.UP


def test_two_failures_are_not_yet_down_and_three_are() -> None:
    assert after(OK, BAD, BAD).verdict == Verdict.UP
    assert after(OK, BAD, BAD, BAD).verdict == Verdict.DOWN


def test_a_success_between_failures_starts_the_count_again() -> None:
    assert after(OK, BAD, BAD, OK, BAD, BAD).verdict == Verdict.UP


def test_down_becomes_up_after_three_successes_only() -> None:
    down = after(OK, BAD, BAD, BAD)
    assert after(OK, OK, start=down).verdict == Verdict.DOWN
    assert after(OK, OK, OK, start=down).verdict == Verdict.UP


def test_an_inconclusive_result_counts_in_neither_direction() -> None:
    assert after(OK, BAD, BAD, UNSURE, BAD).verdict == Verdict.DOWN
    assert after(*[UNSURE] * 9).verdict == Verdict.UNKNOWN


def test_five_slow_answers_are_degraded_and_three_lost_packets_in_a_row_are_not() -> None:
    assert after(OK, *[SLOW] * 4).verdict == Verdict.UP
    assert after(OK, *[SLOW] * 5).verdict == Verdict.DEGRADED


def test_a_server_that_answers_badly_after_an_outage_is_degraded_and_no_longer_down() -> None:
    assert after(OK, BAD, BAD, BAD, SLOW, SLOW, SLOW).verdict == Verdict.DEGRADED


def test_doubt_asks_for_an_early_probe_and_certainty_does_not() -> None:
    assert after(OK, BAD).is_uncertain
    assert not after(OK, OK).is_uncertain
    down = after(OK, BAD, BAD, BAD)
    assert not down.is_uncertain
    assert after(OK, start=down).is_uncertain


@given(st.lists(st.sampled_from(list(Health)), max_size=40))
def test_down_is_only_ever_entered_by_three_failures_and_left_by_three_answers(results: list[Health]) -> None:
    track = Track()
    counted: list[Health] = []
    for health in results:
        before = track.verdict
        track = step(track, health, at=AT)
        counted += [health] if health != UNSURE else []
        if track.verdict == Verdict.DOWN != before:
            assert counted[-3:] == [BAD] * 3
        if before == Verdict.DOWN != track.verdict:
            assert BAD not in counted[-3:]


def timed(*letters: str, every: float = 30, start: Track | None = None, at: datetime = AT) -> Track:
    """One result a letter, so many seconds apart."""
    track = start or Track()
    healths = {"o": OK, "d": SLOW, "f": BAD, "i": UNSURE, "w": Health.WARNING}
    for letter in "".join(letters):
        at += timedelta(seconds=every)
        track = step(track, healths[letter], at=at)
    return track


def test_trouble_is_dated_from_its_first_result_and_over_when_it_is_up_again() -> None:
    down = timed("ooff")
    assert down.trouble_since == AT + timedelta(seconds=90)
    assert timed("ooffff").trouble_since == down.trouble_since
    assert timed("oofffoo").trouble_since == down.trouble_since
    assert timed("oofffooo").trouble_since is None
    assert timed("oofo").trouble_since is None


def test_the_last_sixty_results_are_remembered_as_letters() -> None:
    assert timed("owdfi").recent == "owdfi"
    assert timed("o" * 100 + "f").recent == "o" * 59 + "f"


def test_a_plain_outage_with_its_end_is_not_intermittent() -> None:
    assert not timed("o" * 20, "f" * 30, "o" * 40).is_flapping


def test_four_turns_within_a_quarter_of_an_hour_are_intermittent() -> None:
    turning = timed("ooo", "fff", "ooo", "fff", "ooo")
    assert turning.is_flapping
    assert turning.verdict == Verdict.DEGRADED
    assert not timed("ooo", "fff", "ooo", "fff", "ooo", every=300).is_flapping


def test_many_single_failures_that_never_make_a_verdict_are_intermittent() -> None:
    assert timed("ooof" * 5, "oof" * 4).is_flapping


def test_what_is_intermittent_stays_degraded_until_it_was_well_for_a_quarter_of_an_hour() -> None:
    turning = timed("ooo", "fff", "ooo", "fff", "ooo")
    at = turning.flapping_since or AT
    assert timed("o" * 26, start=turning, at=at).verdict == Verdict.DEGRADED
    well = timed("o" * 40, start=turning, at=at)
    assert (well.verdict, well.is_flapping, well.trouble_since) == (Verdict.UP, False, None)


def test_what_is_intermittent_and_then_stops_coming_back_is_down() -> None:
    turning = timed("ooo", "fff", "ooo", "fff", "ooo")
    assert timed("f" * 11, start=turning).verdict == Verdict.DEGRADED
    dead = timed("f" * 12, start=turning)
    assert dead.verdict == Verdict.DOWN
    assert timed("oo", start=dead).verdict == Verdict.DOWN
    assert timed("ooo", start=dead).verdict == Verdict.DEGRADED


def test_two_lost_packets_in_a_hundred_raise_no_false_alarm_in_a_day() -> None:
    """Twenty probes every 30 s, each sending up to four times within its deadline (reliability.md G9)."""
    chance = random.Random(20211009)
    alarms = 0
    for _ in range(20):
        track, at = Track(), AT
        while at < AT + timedelta(days=1):
            lost = 0
            while lost < 4 and chance.random() < 0.02:
                lost += 1
            health = BAD if lost == 4 else SLOW if lost else OK
            before = track.verdict
            track = step(track, health, at=at)
            alarms += track.verdict != before and track.verdict in (Verdict.DOWN, Verdict.DEGRADED)
            at += timedelta(seconds=5 if track.is_uncertain else 30)
    assert alarms == 0
