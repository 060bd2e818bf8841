"""A trace is safe to show: masked, printable, bounded."""

import time

import pytest

from incidents.domain.outcomes import Health, Outcome, health_of
from incidents.probes.evidence import Evidence, mask, printable


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('Authorization: Digest username="a", response="secret"', "Authorization: Digest ***"),
        ("proxy-authorization :Digest response=secret", "proxy-authorization :Digest ***"),
        ("Cookie: session=secret", "Cookie: ***"),
        ("GET https://user:secret@host/", "GET https://user:***@host/"),
        ("REGISTER sip:alice:secret@host SIP/2.0", "REGISTER sip:alice:***@host SIP/2.0"),
        ("OPTIONS sip:host:5060 SIP/2.0", "OPTIONS sip:host:5060 SIP/2.0"),
        ("Contact: <sip:a@host:5060>", "Contact: <sip:a@host:5060>"),
    ],
)
def test_credentials_are_masked(line: str, shown: str) -> None:
    assert mask(line) == shown


def test_a_line_is_one_printable_line_of_bounded_length() -> None:
    assert printable("a\r\nb\x1b[0m\tc\u202e", 80) == "a b [0m c"
    assert len(printable("x" * 10_000, 80)) == 80
    assert printable("x" * 10_000, 80).endswith("…")


def test_a_hostile_line_costs_little_time() -> None:
    started = time.process_time()
    for text in ("sip:" * 20_000, "sip:a:" * 20_000, " " * 80_000, "authorization:" * 9_000):
        printable(text, 240)
    assert time.process_time() - started < 1


def test_a_result_is_bounded_and_serialisable() -> None:
    evidence = Evidence()
    for number in range(500):
        evidence.note(f"line {number}")
    with evidence.timed("dns"):
        pass
    result = evidence.result(Outcome.ERROR_CODE, "503 Service Unavailable", code=503, server="x" * 5000)
    shown = result.as_dict()
    assert len(shown["trace"]) == 60
    assert len(shown["server"]) == 100
    assert set(shown["times"]) == {"dns", "total"}
    assert (shown["outcome"], shown["health"], shown["code"]) == ("error_code", "failed", 503)
    assert type(shown["outcome"]) is str


def test_time_in_a_layer_adds_up_and_counts_when_it_fails() -> None:
    evidence = Evidence()
    for _ in range(2):
        with pytest.raises(OSError), evidence.timed("connect"):
            time.sleep(0.01)
            raise OSError
    assert 15 < evidence.result(Outcome.REFUSED, "no").times["connect"] < 2000


def test_every_outcome_has_a_health_and_only_our_own_fault_is_inconclusive() -> None:
    healths = {outcome: health_of(outcome) for outcome in Outcome}
    assert [outcome for outcome, health in healths.items() if health == Health.INCONCLUSIVE] == [
        Outcome.INTERNAL
    ]
    assert [outcome for outcome, health in healths.items() if health == Health.OK] == [Outcome.OK]
    degraded = [outcome for outcome, health in healths.items() if health == Health.DEGRADED]
    assert degraded == [Outcome.DEGRADED, Outcome.AUTH_FAILED]
