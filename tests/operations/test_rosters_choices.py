"""A file of subscribers brings each choice back as it was; a word that is not known is refused, and never means all."""

import pytest

from incidents.domain.subscribers import SubscriberState, Topics
from incidents.models import Subscriber
from incidents.operations.actors import DEMO
from incidents.operations.rosters import export_roster, import_roster
from incidents.operations.subscribers import choose_components
from tests.factories import BEGAN, make_page
from tests.operations.queue import reader

pytestmark = pytest.mark.django_db


def test_topics_survive_export_and_import() -> None:
    page, other = make_page("One"), make_page("Two")
    choose_components(reader(page, "ada"), components=[], topics=Topics.RFOS, at=BEGAN)
    import_roster(other, "".join(export_roster(page)), vouched=True, by=DEMO, at=BEGAN)
    assert Subscriber.objects.get(page=other).topics == Topics.RFOS


def test_who_had_not_confirmed_or_received_nothing_there_does_not_become_active() -> None:
    page, other = make_page("One"), make_page("Two")
    for name, state in (("ada", "active"), ("bob", "pending"), ("eve", "disabled")):
        Subscriber.objects.filter(pk=reader(page, name).pk).update(state=state)
    report = import_roster(
        other, "".join(export_roster(page)), vouched=True, accept_loss=True, by=DEMO, at=BEGAN
    )
    assert (report.added, report.asked) == (1, 1)
    assert report.refused == [(4, "Its state is 'disabled', so it received nothing there.")]
    found = dict(Subscriber.objects.filter(page=other).values_list("address", "state"))
    assert found == {"ada@example.com": SubscriberState.ACTIVE, "bob@example.com": SubscriberState.PENDING}


@pytest.mark.parametrize(("column", "word"), [("only_major", "maybe"), ("topics", "none"), ("state", "gone")])
def test_a_word_that_is_not_known_is_refused(column: str, word: str) -> None:
    report = import_roster(
        make_page(), f"address,{column}\nada@example.com,{word}\n", vouched=True, by=DEMO, at=BEGAN
    )
    assert (report.added, [number for number, _ in report.refused]) == (0, [2])
    assert word in report.refused[0][1]
