"""The fixture of this folder sees slow work inside a transaction, and the product logs it."""

import logging

import pytest
from django.db import transaction

from incidents.formatting.markdown import markdown_html
from incidents.operations.slow import is_inside_transaction, note_inside_transaction, uncontended_transaction
from tests import slow_work

pytestmark = pytest.mark.django_db


def test_a_transaction_of_the_product_is_told_from_that_of_the_test() -> None:
    assert not is_inside_transaction()
    with transaction.atomic():
        assert is_inside_transaction()
    with uncontended_transaction():
        assert not is_inside_transaction()
        with transaction.atomic():
            assert is_inside_transaction()


def test_a_child_inside_a_transaction_is_noted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    began: list[str] = []
    noted = slow_work.watched(markdown_html, "markdown", began)
    assert noted("*outside*") == "<p><em>outside</em></p>"
    assert began == []
    with caplog.at_level(logging.ERROR), transaction.atomic():
        assert is_inside_transaction()
        note_inside_transaction("incidents.formatting.markdown")
    assert "slow work was begun inside a transaction" in caplog.text
