"""A request that fails ends in plain words: closed for a moment without the database, else broken."""

import pytest
from django.db import OperationalError
from django.test import RequestFactory
from django.urls import get_resolver

from incidents.web.failures import show


def fail(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "status", "words", "retry"),
    [
        (OperationalError("no such table: incidents_page"), 503, "Not at the moment", "10"),
        (KeyError("code"), 500, "Something broke on our side", None),
    ],
)
def test_words_and_status_follow_what_went_wrong(
    rf: RequestFactory, error: Exception, status: int, words: str, retry: str | None
) -> None:
    handler = get_resolver().resolve_error_handler(500)
    assert handler is show
    try:
        fail(error)
    except (OperationalError, KeyError):
        response = handler(rf.get("/console/"))
    assert (response.status_code, response.headers.get("Retry-After")) == (status, retry)
    assert words in response.content.decode()
    assert str(error) not in response.content.decode()
