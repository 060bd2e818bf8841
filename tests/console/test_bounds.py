"""What is too much for one form: refused before it is read, in words."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory

from incidents.models import Incident
from tests.console.forms import fields

TWO_MEGABYTES = "a" * (2 * 1024 * 1024)


@pytest.fixture
def url(incident: Incident) -> str:
    return f"/console/incidents/{incident.code}"


def test_words_of_two_megabytes_are_refused_in_words(staff: Client, incident: Incident, url: str) -> None:
    values = fields(staff.get(url)) | {"body": TWO_MEGABYTES}
    for body in (
        {"data": values},
        {"data": f"body={TWO_MEGABYTES}", "content_type": "application/x-www-form-urlencoded"},
    ):
        response = staff.post(url, **body)
        assert response.status_code == 413
        assert b"Nothing was saved" in response.content
    assert incident.updates.count() == 1


def test_a_length_that_is_only_claimed_is_refused_too(staff: Client, url: str) -> None:
    response = staff.post(
        url, b"body=a", "application/x-www-form-urlencoded", headers={"Content-Length": str(10**12)}
    )
    assert response.status_code == 413


def test_thousands_of_fields_are_refused(staff: Client, url: str) -> None:
    response = staff.post(url, {f"component-{number}": "operational" for number in range(2000)})
    assert response.status_code == 413


def test_eleven_documents_are_refused(staff: Client, url: str) -> None:
    files = [SimpleUploadedFile(f"{number}.pdf", b"%PDF-1.7") for number in range(11)]
    assert staff.post(f"{url}/rfo", {"body": "Words.", "attachment": files}).status_code == 413


def test_a_strangers_upload_is_never_read(url: str) -> None:
    class Unread:
        def read(self, *_: object) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    request = RequestFactory().generic("POST", url)
    environ = request.environ | {
        "wsgi.input": Unread(),
        "CONTENT_LENGTH": "1000",
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "HTTP_COOKIE": "csrftoken=" + "a" * 32,
    }
    response = Client(enforce_csrf_checks=True).request(**environ)
    assert response.status_code == 302


def test_every_screen_stays_small(staff: Client, incident: Incident, url: str) -> None:
    for path in ("/console/", url, f"{url}/rfo"):
        assert len(staff.get(path).content) < 60_000
    assert Path("static/console.js").stat().st_size < 4_000
