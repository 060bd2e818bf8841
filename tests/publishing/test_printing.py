"""PDFs are made after everything else, once, and whatever dies or fails in between costs nobody anything."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from incidents.models import Incident, Page, RfoVersion
from incidents.publishing import printing
from incidents.publishing.publisher import publish_page, the_store
from tests import factories
from tests.factories import BEGAN
from tests.peers.paper import paper_facts, require_press
from tests.publishing.conftest import folder_of, text_of

V1 = "/rfo/RFO-2021-0001/v1"


@pytest.fixture(autouse=True)
def press() -> None:
    require_press()


def print_due() -> int:
    return printing.print_due(at=datetime.now(UTC), turn=60.0)


def test_publishing_leaves_the_pdf_to_the_sweep_which_makes_it_once_and_tells_of_it(outage: Incident) -> None:
    page, folder = outage.page, folder_of(outage.page)
    publish_page(page.pk)
    assert folder.read(f"{V1}.pdf") is None
    assert "v1.pdf" not in text_of(page, f"{V1}/SHA256SUMS")
    assert folder.wanted() == [outage.pk]
    pointer = folder.pointer_file.stat().st_mtime_ns
    assert print_due() == 1
    document = folder.read(f"{V1}.pdf")
    assert document is not None
    assert (document.media_type, document.saved_as) == ("application/pdf", "RFO-2021-0001-v1.pdf")
    assert set(document.fresh.bodies) == {"identity"}
    assert paper_facts(document.fresh.bodies["identity"])["Pages"] == "1"
    assert f'href="{V1}.pdf"' in text_of(page, V1)
    assert f'href="{V1}.pdf"' in text_of(page, f"/incidents/{outage.code}/rfo")
    assert "RFO-2021-0001-v1.pdf" in text_of(page, f"{V1}/SHA256SUMS")
    assert folder.pointer_file.stat().st_mtime_ns > pointer
    assert folder.wanted() == []
    assert print_due() == 0


def test_neither_a_later_update_nor_a_rendering_of_everything_makes_it_again(outage: Incident) -> None:
    page, folder = outage.page, folder_of(outage.page)
    publish_page(page.pk)
    print_due()
    file = folder.file_of(f"{V1}.pdf")
    before = file.stat()
    factories.make_update(outage, "One more thing.", at=BEGAN + timedelta(days=40))
    publish_page(page.pk)
    publish_page(page.pk, everything=True)
    assert (print_due(), folder.wanted()) == (0, [])
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_second_version_is_printed_beside_the_first(outage: Incident) -> None:
    publish_page(outage.page_id)
    print_due()
    factories.make_rfo(outage, "Two.", change_summary="The second.", at=BEGAN + timedelta(days=30))
    publish_page(outage.page_id)
    assert print_due() == 1
    assert 'href="/rfo/RFO-2021-0001/v2.pdf"' in text_of(outage.page, f"/incidents/{outage.code}/rfo")
    assert f'href="{V1}.pdf"' in text_of(outage.page, V1)


def test_a_process_that_died_after_the_pdf_leaves_the_telling_to_the_next_sweep(outage: Incident) -> None:
    publish_page(outage.page_id)
    print_due()
    folder = folder_of(outage.page)
    pdf = folder.file_of(f"{V1}.pdf").read_bytes()
    folder.remove(f"{V1}.pdf")
    factories.make_update(outage, "Touched.", at=BEGAN + timedelta(days=40))
    publish_page(outage.page_id)
    assert f'href="{V1}.pdf"' not in text_of(outage.page, V1)
    folder.file_of(f"{V1}.pdf").write_bytes(pdf)
    assert print_due() == 0
    assert f'href="{V1}.pdf"' in text_of(outage.page, V1)
    assert folder.wanted() == []


def test_the_same_version_printed_anew_has_the_same_bytes(outage: Incident) -> None:
    publish_page(outage.page_id)
    print_due()
    file = folder_of(outage.page).file_of(f"{V1}.pdf")
    first = file.read_bytes()
    file.unlink()
    factories.make_update(outage, "Said later.", at=BEGAN + timedelta(days=40))
    publish_page(outage.page_id)
    assert print_due() == 1
    assert file.read_bytes() == first


def test_one_process_at_a_time_prints(outage: Incident) -> None:
    publish_page(outage.page_id)
    with the_store().press():
        assert print_due() == 0
    assert print_due() == 1


def test_a_turn_is_short_and_the_next_one_goes_on(outage: Incident) -> None:
    publish_page(outage.page_id)
    assert printing.print_due(at=datetime.now(UTC), turn=0) == 0
    assert folder_of(outage.page).wanted() == [outage.pk]


def test_what_cannot_be_printed_rests_and_keeps_nothing_else_back(outage: Incident) -> None:
    page, folder = outage.page, folder_of(outage.page)
    other = factories.make_incident(page, at=BEGAN + timedelta(days=1))
    factories.resolve(other, at=BEGAN + timedelta(days=1, hours=4))
    factories.make_rfo(other)
    publish_page(page.pk)
    RfoVersion.objects.filter(rfo__incident=outage).update(
        published_at=datetime(9999, 12, 31, 23, tzinfo=UTC)
    )
    assert print_due() == 1
    assert folder.read("/rfo/RFO-2021-0002/v1.pdf") is not None
    assert (print_due(), folder.wanted()) == (0, [])
    RfoVersion.objects.filter(rfo__incident=outage).update(published_at=BEGAN + timedelta(days=20))
    note = folder.folder / "wanted" / str(outage.pk)
    os.utime(note, (note.stat().st_mtime - printing.REST_SECONDS,) * 2)
    assert print_due() == 1


def test_a_note_about_what_is_gone_is_taken_away(page: Page) -> None:
    publish_page(page.pk)
    folder_of(page).want(4711)
    assert (print_due(), folder_of(page).wanted()) == (0, [])


def test_each_page_has_its_own(outage: Incident) -> None:
    other = factories.make_page("2talk", zone="Pacific/Auckland", hosts=("status.2talk.test",))
    incident = factories.make_incident(other)
    factories.resolve(incident)
    factories.make_rfo(incident, at=BEGAN + timedelta(days=20))
    for page in (outage.page, other):
        publish_page(page.pk)
    assert print_due() == 2
    for page, name in ((outage.page, "SIPcity"), (other, "2talk")):
        document = folder_of(page).read(f"{V1}.pdf")
        assert document is not None
        assert paper_facts(document.fresh.bodies["identity"])["Author"] == name
