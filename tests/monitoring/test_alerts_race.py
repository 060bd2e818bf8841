"""Two beats that look at the same moment call staff once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from incidents.domain.journal import EventKind
from incidents.models import Alert, Event
from incidents.monitoring.alerts import alert_due
from tests.factories import BEGAN, make_incident, make_page

pytestmark = pytest.mark.django_db(transaction=True)
HANDS = 4


def test_four_looks_at_once_raise_each_alert_once() -> None:
    for name in ("SIPcity", "Another"):
        make_incident(make_page(name), "Calls fail")
    ready = Barrier(HANDS)

    def look(_: int) -> int:
        ready.wait()
        try:
            return alert_due(at=BEGAN.replace(hour=23))
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as hands:
        raised = sum(hands.map(look, range(HANDS)))
    assert raised == Alert.objects.count() == 4
    assert Event.objects.filter(kind=EventKind.ALERT_RAISED).count() == 4
