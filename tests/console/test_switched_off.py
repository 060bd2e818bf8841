"""What failed twice is on the first screen with its reason, and whoever may respond switches it on again."""

import pytest
from django.test import Client
from django.utils.timezone import now

from incidents.domain.journal import EventKind
from incidents.models import Event, Page, Series, SweepFailure
from incidents.operations.series import make_due
from tests.console.forms import fields
from tests.console.test_planner import kept, new


@pytest.fixture
def failure(page: Page) -> SweepFailure:
    return SweepFailure.objects.create(
        page=page,
        sweep="series",
        row=7,
        title="Patches",
        path="/console/maintenances",
        failures=2,
        failed_at=now(),
        disabled_at=now(),
        reason="BadRule: INTERVAL=0 is out of range.",
    )


def test_it_is_shown_with_its_reason_and_switched_on_again(staff: Client, failure: SweepFailure) -> None:
    content = staff.get("/console/").content.decode()
    assert "Recurring maintenance is not put on the page: Patches" in content
    assert "INTERVAL=0 is out of range." in content
    for _ in range(2):
        staff.post(f"/console/failures/{failure.code}/on", follow=True)
    assert not SweepFailure.objects.exists()
    told = Event.objects.filter(kind=EventKind.PAGE_CHANGED, data__what__startswith="switched on again")
    assert told.count() == 1


def test_asking_for_the_address_changes_nothing(staff: Client, failure: SweepFailure) -> None:
    staff.get(f"/console/failures/{failure.code}/on")
    assert SweepFailure.objects.exists()


def test_what_is_tried_again_by_itself_has_no_button(staff: Client, failure: SweepFailure) -> None:
    SweepFailure.objects.update(sweep="page")
    content = staff.get("/console/").content.decode()
    assert "A page is not published: Patches" in content
    assert "tried again by itself" in content
    assert failure.code not in content


POISON = [
    {"rule": "FREQ=DAILY;INTERVAL=0"},
    {"rule": "FREQ=WEEKLY;INTERVAL=-1"},
    {"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"},
    {"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1"},
    {"rule": "FREQ=DAILY;BYSETPOS=366;BYDAY=MO;COUNT=3"},
    {"rule": "FREQ=YEARLY;BYWEEKNO=60;COUNT=5"},
    {"rule": "FREQ=MONTHLY;BYDAY=+99MO"},
    {"rule": "FREQ=WEEKLY", "first": "9999-01-10T02:00"},
]


@pytest.mark.parametrize("step", ["look", "keep"])
@pytest.mark.parametrize("words", POISON, ids=lambda each: "-".join(each.values()))
def test_a_rule_out_of_bounds_is_refused_beside_its_field(
    staff: Client, page: Page, words: dict[str, str], step: str
) -> None:
    response = kept(staff, page, how="custom", step=step, **words)
    assert response.status_code in {200, 422}  # type: ignore[attr-defined]
    assert (response.status_code == 422) or step == "look"  # type: ignore[attr-defined]
    assert not Series.objects.exists()


def test_the_planner_and_the_form_of_a_poisoned_series_can_be_opened_and_corrected(
    staff: Client, page: Page
) -> None:
    kept(staff, page)
    for begins, rule in (("9999-12-31T23:59", "FREQ=WEEKLY"), ("nonsense", "nonsense")):
        Series.objects.update(begins=begins, rule=rule)
        make_due(at=now())
        assert staff.get("/console/maintenances").status_code == 200
        assert staff.get(f"/console/series/{Series.objects.get().code}").status_code == 200
    address = f"/console/series/{Series.objects.get().code}"
    sent = fields(staff.get(address)) | {"first": "2027-01-03T02:30", "how": "weekly"}
    assert staff.post(address, sent).status_code == 302
    assert not SweepFailure.objects.exists()
    assert new(page)
