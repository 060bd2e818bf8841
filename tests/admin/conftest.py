"""A member of staff at the admin, and a page to work on."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from incidents.models import Page
from tests.factories import make_page


@pytest.fixture
def staff(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("dana", "dana@sipcity.test", "a long password"))
    return client


@pytest.fixture
def page(db: None) -> Page:
    return make_page("SIPcity")
