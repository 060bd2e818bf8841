"""What every test of monitoring starts from."""

import itertools
from collections.abc import Iterator
from datetime import datetime

import pytest

from incidents.models import Component
from tests.monitoring.platform import STEP, T0, make_network


@pytest.fixture
def network(db: None) -> Component:
    return make_network()


@pytest.fixture
def clock() -> Iterator[datetime]:
    return (T0 + STEP * n for n in itertools.count(1))
