"""How long a body may be: strangers send little, files go only where files are taken."""

import pytest

from incidents.domain.body_limits import FORM_BYTES, WORDS_BYTES, BodyLimit, body_limit
from incidents.domain.documents import COUNT_LIMIT, SIZE_LIMIT

PARTS = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/accounts/login/",
        "/accounts/password/reset/",
        "/admin/login/",
        "/subscriptions/",
        "/beats/a",
        "/nope",
        "",
    ],
)
@pytest.mark.parametrize("media_type", [PARTS, "application/json", ""])
def test_a_stranger_sends_a_small_form_whatever_it_says_that_it_is(path: str, media_type: str) -> None:
    assert body_limit(path, media_type) == BodyLimit(FORM_BYTES)


@pytest.mark.parametrize("path", ["/v1/pages", "/console/", "/admin/incidents/page/add/", "/mail-events/x"])
def test_words_have_a_megabyte(path: str) -> None:
    assert body_limit(path, "application/json") == BodyLimit(WORDS_BYTES)
    assert body_limit(path, PARTS) == BodyLimit(WORDS_BYTES)


def test_files_go_only_where_files_are_taken() -> None:
    attach = "/v1/pages/p/rfos/r/attachments"
    assert body_limit(attach, PARTS) == BodyLimit(WORDS_BYTES + SIZE_LIMIT, is_upload=True)
    assert body_limit(f"{attach}.json", "Multipart/Form-Data;boundary=x").is_upload
    assert body_limit("/console/incidents/i/rfo", PARTS).size == WORDS_BYTES + SIZE_LIMIT * COUNT_LIMIT
    for path, media_type in (
        (attach, "application/json"),
        (f"{attach}/x", PARTS),
        ("/console/incidents/i/rfo/publish", PARTS),
        ("/console/incidents/a/b/rfo", PARTS),
        (f"/x{attach}", PARTS),
    ):
        assert not body_limit(path, media_type).is_upload, path
