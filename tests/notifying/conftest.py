"""A page with two readers, and the real servers at which they are reached."""

import pytest

from incidents.models import Component, Page
from tests.channels.conftest import hooks, mail
from tests.factories import make_component, make_group, make_page

__all__ = ["hooks", "mail"]


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


@pytest.fixture
def network(page: Page) -> Component:
    return make_component(page, "Network", group=make_group(page, "SIPcity Calling Platform"))


@pytest.fixture
def pbx(page: Page) -> Component:
    return make_component(page, "SIPcity Cloud PBX")
