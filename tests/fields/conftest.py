"""The console's cast and addresses, in an installation that holds a canary of every class of field."""

import pytest
from django.contrib.auth.models import User

from incidents.models import Incident
from tests.channels.conftest import hooks, mail
from tests.console.addresses import addresses
from tests.console.conftest import erin, incident, network, page, pbx
from tests.fields.world import World, make_world

__all__ = ["addresses", "erin", "hooks", "incident", "mail", "network", "page", "pbx"]


@pytest.fixture
def world(incident: Incident, erin: User, addresses: dict[str, str]) -> World:
    return make_world(incident, erin, addresses)
