"""One update in small Markdown, in every public document: the same words everywhere, and nowhere a mark left over."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import feedparser
import pytest
from icalendar import Calendar

from incidents.domain.texts import BodyFormat
from incidents.models import Incident, IncidentUpdate, Page
from incidents.operations.revisions import revise_update
from incidents.publishing import rfo_print
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.factories import BEGAN, DEMO
from tests.formatting.marked import ATTACKS, MARKED, check_harmless, check_inert
from tests.publishing.conftest import folder_of, text_of
from tests.publishing.test_rfo_print import subject_of

RENDERED = (
    "<strong>SIP/TLS</strong>",
    ">our guide</a>",
    ">Registration</li>",
    "<ol>",
    "<pre><code>transport",
)
LEFT_OVER = re.compile(r"\*\*|\]\(|```|`sip:")
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def incident(page: Page) -> Incident:
    """Open, its newest words in Markdown."""
    incident = factories.make_incident(page, "Calls over TLS fail", at=NOW - timedelta(minutes=20))
    factories.make_update(incident, MARKED, at=NOW - timedelta(minutes=10))
    return incident


def published(incident: Incident, *paths: str) -> list[str]:
    publish_page(incident.page_id)
    return [text_of(incident.page, path) for path in paths]


def updates_of(document: str) -> str:
    """The list of updates on a page."""
    return document[document.index('<ol class="updates">') :]


def test_pages_show_bold_links_lists_and_code(incident: Incident) -> None:
    """Before: `**SIP/TLS**`, `- Registration` and the fences stood there literally."""
    paths = ("/", f"/incidents/{incident.code}")
    for path, document in zip(paths, published(incident, *paths), strict=True):
        shown = updates_of(document)
        assert [each for each in RENDERED if each not in shown] == [], path
        assert not LEFT_OVER.search(unescape(re.sub(r"<[^>]+>", "", shown))), path
        assert 'rel="nofollow noopener noreferrer"' in shown


def test_lists_descriptions_and_the_frame_have_the_words_alone(incident: Incident) -> None:
    words = "Calls over SIP/TLS fail, see our guide: - Registration"
    IncidentUpdate.objects.filter(incident=incident, body__startswith="We are").update(
        body=MARKED, body_format=BodyFormat.MARKDOWN
    )
    paths = ("/history", "/embed", f"/incidents/{incident.code}")
    for path, document in zip(paths, published(incident, *paths), strict=True):
        assert words in " ".join(unescape(document).split()), path
        head = document.partition("</head>")[0]
        assert not LEFT_OVER.search(head), path


def test_feeds_carry_it_as_html(incident: Incident) -> None:
    paths = ("/history.rss", "/history.atom", "/updates.rss", "/updates.atom")
    for path, document in zip(paths, published(incident, *paths), strict=True):
        feed = feedparser.parse(document)
        assert not feed.bozo, path
        entry = feed.entries[0]
        shown = entry.content[0].value if path.endswith("atom") else entry.description
        assert [each for each in RENDERED[:3] if each.partition(">")[2] not in shown] == [], path
        assert not LEFT_OVER.search(shown), path


def test_v2_and_history_json_carry_what_statuspage_would(incident: Incident) -> None:
    """Source: shared statuspage-api.md: lines with `<br />`, links as HTML, no Markdown."""
    v2, months = published(incident, "/api/v2/incidents/unresolved.json", "/history.json")
    (found,) = json.loads(v2)["incidents"]
    body = found["incident_updates"][0]["body"]
    assert body.startswith(
        'Calls over <strong>SIP/TLS</strong> fail, see <a href="https://sipcity.test/tls_(old)?a=1'
    )
    assert ":<br />- Registration<br />- Calls to <code>" in body
    assert json.loads(months)["months"][0]["incidents"][0]["message"] == body
    check_harmless(body)


def test_calendars_have_plain_text(page: Page) -> None:
    work = factories.make_maintenance(
        page, body=MARKED, begins=NOW + timedelta(days=2), ends=NOW + timedelta(days=2, hours=1), at=NOW
    )
    calendar, page_of_work = published(work, "/maintenance.ics", f"/maintenance/{work.code}")
    (event,) = Calendar.from_ical(calendar).walk("VEVENT")
    assert str(event["description"]).startswith(
        "Calls over SIP/TLS fail, see our guide (https://sipcity.test/"
    )
    assert RENDERED[0] in updates_of(page_of_work)


def test_the_rfo_shows_it_on_screen_and_on_paper_and_quotes_it_as_text(page: Page) -> None:
    incident = factories.make_incident(page, "Calls over TLS fail", body=MARKED)
    factories.resolve(incident)
    factories.make_rfo(incident)
    (screen,) = published(incident, f"/incidents/{incident.code}/rfo")
    for document in (screen, rfo_print.source(subject_of(incident))):
        assert [each for each in RENDERED if each not in document] == []


def test_a_list_of_a_thousand_items_does_not_keep_a_printer_busy(page: Page) -> None:
    incident = factories.make_incident(page, body="We are looking.")
    for hour in range(1, 4):
        factories.make_update(incident, "- a\n" * 1_000, at=BEGAN + timedelta(hours=hour))
    factories.resolve(incident, at=BEGAN + timedelta(hours=5))
    factories.make_rfo(incident)
    source = rfo_print.source(subject_of(incident))
    assert source.count("<li") < rfo_print.MOST_PIECES


def test_what_was_said_before_and_after_an_edit_keeps_its_format(incident: Incident) -> None:
    old = factories.make_incident(
        incident.page, body="We are *looking* at **it**.", at=NOW, body_format=BodyFormat.PLAIN
    )
    for update, text in ((old.updates.get(), "Still **it**."), (incident.updates.latest("pk"), "**Fixed**.")):
        revise_update(update, body=text, by=DEMO, at=NOW)
    plain, edited = published(old, f"/incidents/{old.code}", f"/incidents/{incident.code}")
    assert "Still **it**." in plain
    assert "We are *looking* at **it**." in plain
    assert "<strong>Fixed</strong>" in edited
    assert RENDERED[0] in edited[edited.index("What it said before") :]


def test_rows_from_before_are_shown_in_every_document_as_they_were(page: Page) -> None:
    """The migration leaves them plain; the same words as such differ from Markdown in all of these."""
    incident = factories.make_incident(page, body=MARKED, at=NOW, body_format=BodyFormat.PLAIN)
    paths = (f"/incidents/{incident.code}", "/api/v2/incidents/unresolved.json", "/history.atom")
    shown, v2, feed = published(incident, *paths)
    assert "**SIP/TLS**" in updates_of(shown)
    (found,) = json.loads(v2)["incidents"]
    assert found["incident_updates"][0]["body"].startswith(
        "Calls over **SIP/TLS** fail, see [our guide](https://"
    )
    assert "**SIP/TLS**" in feed


def test_no_payload_becomes_markup_in_any_document(page: Page) -> None:
    incident = factories.make_incident(page, at=NOW - timedelta(hours=1))
    payloads = [each for each in ATTACKS if "\x00" not in each and "\u202e" not in each]
    for number in range(0, len(payloads), 5):
        body = "\n\n".join(payloads[number : number + 5])
        factories.make_update(incident, body, at=NOW - timedelta(minutes=50 - number // 5))
    publish_page(page.pk)
    for path in ("/", "/history", "/embed", f"/incidents/{incident.code}"):
        check_inert(text_of(page, path))
    for update in json.loads(text_of(page, "/api/v2/incidents.json"))["incidents"][0]["incident_updates"]:
        check_harmless(update["body"])
    for path in ("/history.atom", "/updates.atom"):
        for entry in feedparser.parse(text_of(page, path), sanitize_html=False).entries:
            check_harmless(entry.content[0].value)
    assert folder_of(page).read("/history.rss")
