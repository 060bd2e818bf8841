"""When results become a verdict: disjoint rules for down and up, and nothing forgotten."""

from datetime import UTC, datetime

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


def test_three_slow_answers_are_degraded() -> None:
    assert after(OK, SLOW, SLOW, SLOW).verdict == Verdict.DEGRADED


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
