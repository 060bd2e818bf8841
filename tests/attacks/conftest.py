"""One real web process for all attacks, with a temporary folder of its own that is looked into."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.siege import Watch
from tests.peers.installation import Installation
from tests.peers.visitor import Visitor

SET_UP = """
from django.contrib.auth.models import User
from tests import factories
User.objects.create_user("dana", "dana@sipcity.test", "correct horse", is_staff=True, is_superuser=True)
factories.make_page("SIPcity")
"""


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A published page and one member of staff."""
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "tmp").mkdir()
    with Installation(folder, TMPDIR=str(folder / "tmp")) as home:
        home.shell(SET_UP)
        home.manage("publish", "--all")
        home.start("web")
        yield home


@pytest.fixture(scope="session")
def temporary(home: Installation) -> Path:
    """Where the web process keeps temporary files."""
    return Path(home.environment["TMPDIR"])


@pytest.fixture(scope="session")
def watch(home: Installation) -> Watch:
    """Looks at the installation as staff and readers do."""
    dana = Visitor(home.url)
    screen = dana.open("/accounts/login/")
    dana.submit(screen, having="password", login="dana", password="correct horse")
    assert dana.open("/console/").status == 200
    return Watch(home.port, dana)
