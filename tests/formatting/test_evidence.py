"""The words of automation: which services fail since when and why, and what still works."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from incidents.domain.hysteresis import Verdict
from incidents.domain.outcomes import Health
from incidents.domain.tree import CheckView
from incidents.formatting.evidence import extent, is_settled, recovered, status_of, title
from incidents.formatting.services import bare, phrase

SYDNEY = ZoneInfo("Australia/Sydney")
BEGAN = datetime(2021, 10, 8, 21, 14, tzinfo=UTC)
NOW = BEGAN + timedelta(minutes=3)


def check(
    service: str,
    verdict: Verdict = Verdict.DOWN,
    detail: str = "connection refused",
    *,
    intermittent: bool = False,
) -> CheckView:
    latest = {Verdict.DOWN: Health.FAILED, Verdict.DEGRADED: Health.DEGRADED, Verdict.UP: Health.OK}[verdict]
    since = None if verdict == Verdict.UP else BEGAN
    return CheckView("TLS", "kind", verdict, latest, detail, NOW, NOW, service, since, intermittent)


UDP = check("SIP over UDP", Verdict.UP, "answers")
TCP, TLS = check("SIP over TCP"), check("SIP over TLS")


def test_the_cause_is_told_with_the_time_in_the_page_s_zone() -> None:
    expired = check(
        "Registrations over TLS", detail="the server presents an expired certificate for blf.example"
    )
    assert extent([expired], zone=SYDNEY, at=NOW) == (
        "Registrations over TLS fail since 08:14 AEDT: the server presents an expired certificate for blf.example."
    )


def test_what_still_works_is_told_beside_what_does_not() -> None:
    assert extent([UDP, TCP, TLS], zone=SYDNEY, at=NOW) == (
        "SIP over TCP and TLS fails since 08:14 AEDT: connection refused. SIP over UDP still answers."
    )


def test_services_that_fail_differently_are_told_apart() -> None:
    stalled = check("SIP over TLS", detail="accepts connections but does not answer")
    told = extent([TCP, stalled], zone=SYDNEY, at=NOW)
    assert "SIP over TCP fails since 08:14 AEDT: connection refused." in told
    assert "SIP over TLS fails since 08:14 AEDT: accepts connections but does not answer." in told


def test_a_failure_of_another_day_is_told_with_its_day() -> None:
    assert "since Oct 09, 2021 - 08:14 AEDT" in extent([TLS], zone=SYDNEY, at=NOW + timedelta(days=1))


def test_with_several_components_each_is_named_first() -> None:
    assert extent([TLS], zone=SYDNEY, at=NOW, component="Network").startswith("Network – SIP over TLS fails")


def test_what_comes_and_goes_is_called_intermittent_whatever_the_last_result_was() -> None:
    flapping = check("SIP over TLS", Verdict.DEGRADED, intermittent=True)
    assert extent([flapping], zone=SYDNEY, at=NOW).startswith(
        "SIP over TLS works only intermittently since 08:14"
    )
    assert title([("Network", [flapping])]) == "Network: SIP over TLS works only intermittently"
    well = CheckView(
        "TLS", "k", Verdict.DEGRADED, Health.OK, "answers", NOW, NOW, "SIP over TLS", BEGAN, True
    )
    assert is_settled([well])
    assert status_of([well]) == "degraded_performance"


def test_titles_name_the_services_that_fail() -> None:
    assert title([("Network", [UDP, TCP, TLS])]) == "Network: SIP over TCP and TLS is not answering"
    assert title([("Network", [TCP, TLS])]) == "Network: SIP is not answering"
    registrations = check("Registrations over TLS")
    assert title([("Network", [UDP, registrations])]) == "Network: Registrations over TLS are not answering"
    assert title([("a", [TLS]), ("b", [registrations])]) == "SIP and Registrations are not answering"


def test_recovery_names_what_answers_again() -> None:
    assert recovered([UDP]).startswith("SIP over UDP answers our checks again.")


def test_services_are_drawn_together_by_transport() -> None:
    assert phrase(["SIP over UDP", "SIP over TLS", "Calls"]) == "SIP over UDP and TLS and Calls"
    assert bare(["SIP over UDP", "SIP over TLS"]) == "SIP"
