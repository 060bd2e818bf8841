"""An RFO on one core that forty others want: written, approved, published and printed as it was meant."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from incidents.domain.roles import Role
from incidents.models import RfoPolicy, RfoVersion
from incidents.monitoring.verifying import verify_rfos
from incidents.operations.actors import DEMO, staff
from incidents.operations.reviews import approve, ask_review, release
from incidents.operations.rfos import draft_rfo, words_digest
from incidents.publishing.printing import print_due
from incidents.publishing.publisher import publish_page
from tests.factories import BEGAN, make_incident, make_member, make_page, resolve
from tests.peers.load import crowded_core
from tests.peers.paper import paper_words, require_press
from tests.publishing.conftest import folder_of, text_of

pytestmark = [pytest.mark.alone, pytest.mark.slow, pytest.mark.django_db]
BODY = (
    "## Summary\n\nCalls to **one carrier** failed.\n\n## What customers saw\n\n"
    "| Customers | Calls |\n|---|---|\n| A | 312 |\n\n- no answer\n- a busy tone\n"
)
LOOPS = 40


def test_an_rfo_is_never_frozen_as_it_was_typed(settings: Settings, tmp_path: Path) -> None:
    require_press()
    settings.PUBLISH_DIR = tmp_path / "published"
    page = make_page("SIPcity")
    RfoPolicy.objects.create(page=page, approvals=1)
    incident = make_incident(page)
    resolve(incident)
    dana = make_member(User.objects.create_user("dana"), Role.PUBLISHER, page)
    with crowded_core(LOOPS):
        began = time.monotonic()
        draft = draft_rfo(incident, body=BODY, by=DEMO, at=BEGAN)
        ask_review(draft, by=DEMO, at=BEGAN)
        draft.refresh_from_db()
        digest = words_digest(draft)
        approve(draft, digest=digest, shown_at=BEGAN, by=staff(dana), at=BEGAN)
        release(draft, digest=digest, accept=True, by=DEMO, at=BEGAN + timedelta(hours=1))
        publish_page(page.pk)
        found = [faults for _, faults in verify_rfos()]
        took = time.monotonic() - began
    version = RfoVersion.objects.get()
    assert version.state == "published"
    assert "<td>312</td>" in version.body_html
    shown = text_of(page, f"/rfo/{version.rfo.number}/v1")
    assert "<strong>one carrier</strong>" in shown
    assert "**" not in shown.split('class="letter"')[-1].split("</article>")[0]
    assert found == [[]]
    assert print_due(at=datetime.now(UTC), turn=60.0) == 1
    pdf = folder_of(page).read(f"/rfo/{version.rfo.number}/v1.pdf")
    assert pdf is not None
    words = paper_words(pdf.fresh.bodies["identity"])
    assert "one carrier" in words
    assert not any(raw in words for raw in ("##", "**", "|---"))
    assert took < 240
