"""What a probe found is told in our own words, whatever the server said."""

import re

import pytest

from incidents.domain.outcomes import Health, Outcome, health_of
from incidents.formatting.outcomes import public_words


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("code", [None, -1, 0, 10, 200, 503, 2**40])
def test_every_outcome_has_plain_words_with_or_without_a_code(outcome: Outcome, code: int | None) -> None:
    assert re.fullmatch(r"[A-Za-z][A-Za-z, -]+[a-zA-Z](?: [1-6][0-9]{2})?", public_words(outcome, code))


def test_no_two_outcomes_that_customers_feel_read_alike() -> None:
    felt = [outcome for outcome in Outcome if health_of(outcome) != Health.WARNING]
    assert len({public_words(outcome, None) for outcome in felt}) == len(felt)


def test_a_warning_for_staff_reads_as_well_as_ok() -> None:
    quiet = [outcome for outcome in Outcome if health_of(outcome) == Health.WARNING]
    assert {public_words(outcome, None) for outcome in quiet} == {public_words(Outcome.OK, None)}


@pytest.mark.parametrize(
    ("outcome", "code", "words"),
    [
        (Outcome.ERROR_CODE, 503, "answers with error 503"),
        (Outcome.ERROR_CODE, 9000, "answers with an error"),
        (Outcome.DEGRADED, 404, "answers with code 404"),
        (Outcome.DEGRADED, 200, "answers, but slowly or only when asked again"),
        (Outcome.TLS_VERIFY, 10, "the server presents an expired certificate"),
        (Outcome.TLS_VERIFY, 503, "the server presents a certificate that is not valid"),
        (Outcome.REFUSED, 200, "connection refused"),
    ],
)
def test_a_code_is_told_only_where_it_means_something(outcome: Outcome, code: int, words: str) -> None:
    assert public_words(outcome, code) == words


def test_a_certificate_is_told_with_the_name_that_we_asked_for() -> None:
    expired = public_words(Outcome.TLS_VERIFY, 10, "blf.example")
    assert expired == "the server presents an expired certificate for blf.example"
    other = public_words(Outcome.TLS_VERIFY, 62, "blf.example")
    assert other == "the server presents a certificate for another name than blf.example"
    assert public_words(Outcome.DEGRADED, None, "blf.example") == "the certificate for blf.example is refused"
    assert public_words(Outcome.REFUSED, None, "blf.example") == "connection refused"
