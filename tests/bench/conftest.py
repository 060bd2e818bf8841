"""One page of a carrier, published once, for every benchmark that only reads or posts; and the report of the run."""

from collections.abc import Iterator

import pytest

from incidents.web.help import FOLDER
from tests.bench import carrier, load, telling
from tests.bench.table import Report
from tests.peers.installation import Installation

PAST = 10


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Iterator[Report]:
    """Printed at the end of the run, and written down when the run was a whole one: no `-k` has chosen among rows."""
    made = Report()
    yield made
    print(f"\n\n{made.table()}\n")
    if made.is_whole and not request.config.option.keyword:
        made.write(
            FOLDER / "performance.md",
            components=sum(map(len, carrier.SERVICES.values())),
            connections=load.CONNECTIONS,
            rounds=load.ROUNDS,
            seconds=load.SECONDS,
            tellings=telling.ROUNDS,
        )


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with the page published; no process of it runs yet."""
    with Installation(tmp_path_factory.mktemp("site")) as installation:
        carrier.publish_in(installation, past=PAST)
        yield installation
