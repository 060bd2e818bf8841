"""The audit's screen: who did what, found by page, noun and word; hostile words are words."""

from django.contrib.auth.models import User
from django.test import Client

from incidents.domain.roles import Role
from incidents.models import Incident, Page
from tests.console.conftest import signed_in
from tests.console.forms import post
from tests.factories import make_incident, make_member, make_page

URL = "/console/audit"


def test_what_somebody_posted_is_there_with_a_link(staff: Client, incident: Incident) -> None:
    post(staff, f"/console/incidents/{incident.code}", body="We have <b>found</b> the cause.")
    content = staff.get(URL).content.decode()
    assert "by dana" in content
    assert f'href="/console/incidents/{incident.code}"' in content
    assert "We have &lt;b&gt;found&lt;/b&gt; the cause." in content


def test_it_is_found_by_page_noun_and_word(staff: Client, page: Page, incident: Incident) -> None:
    make_incident(make_page("Another"), "Faxes fail")
    assert b"Faxes fail" not in staff.get(URL, {"of": page.code}).content
    assert b"Calls fail" not in staff.get(URL, {"noun": "probe"}).content
    assert b"Calls fail" not in staff.get(URL, {"q": "faxes"}).content
    assert b"Faxes fail" in staff.get(URL, {"q": "faxes"}).content
    assert staff.get(URL, {"of": "x", "noun": "<", "q": "%_'\"", "page": "-1"}).status_code == 200


def test_the_admin_of_one_page_reads_that_pages_chain_alone(
    page: Page, incident: Incident, frank: User
) -> None:
    make_incident(make_page("Another"), "Faxes fail")
    content = signed_in(make_member(frank, Role.ADMIN, page)).get(URL).content
    assert b"Calls fail" in content
    assert b"Faxes fail" not in content
    assert b"the installation" not in content
