"""Zones go by IANA names and nothing else."""

from zoneinfo import available_timezones

import pytest

from incidents.domain.zones import UnknownZone, zone, zone_names


def test_every_iana_name_is_known_and_loads_once() -> None:
    for name in zone_names():
        assert zone(name).key == name
        assert zone(name) is zone(name)


def test_nothing_outside_tzdata_is_a_zone() -> None:
    assert zone_names() <= available_timezones()
    assert {
        "UTC",
        "Australia/Sydney",
        "Pacific/Auckland",
        "Europe/London",
        "America/Los_Angeles",
    } <= zone_names()


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/localtime",
        "Australia/../Australia/Sydney",
        "Mars/Base",
        "AEDT",
        "UTC+10",
        "australia/sydney",
        "Australia/Sydney ",
        "Australia/Sydney\x00",
        "Australia",
        "",
        "\udc80",
        "localtime",
        pytest.param("x" * 1_000_000, id="a-million-letters"),
    ],
)
def test_a_name_that_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone) as caught:
        zone(name)
    assert str(caught.value).startswith("Unknown time zone ")
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Sydney", 'Unknown time zone "Sydney": did you mean "Australia/Sydney"?'),
        ("australia/sydney", 'Unknown time zone "australia/sydney": did you mean "Australia/Sydney"?'),
        ("new york", 'Unknown time zone "new york": did you mean "America/New_York"?'),
        ("Pacific/Aukland", 'Unknown time zone "Pacific/Aukland": did you mean "Pacific/Auckland"?'),
        ("NZDT", 'Unknown time zone "NZDT": did you mean "Pacific/Auckland"?'),
        ("Mars/Base", 'Unknown time zone "Mars/Base". Use an IANA name such as "Australia/Sydney".'),
    ],
)
def test_the_refusal_offers_what_was_meant(name: str, message: str) -> None:
    with pytest.raises(UnknownZone) as caught:
        zone(name)
    assert str(caught.value) == message


def test_an_abbreviation_offers_the_zones_that_use_it_best_known_first() -> None:
    with pytest.raises(UnknownZone, match='did you mean "Australia/Sydney" or "Australia/Melbourne"'):
        zone("AEDT")


def test_the_refusal_repeats_no_control_character_of_the_name() -> None:
    with pytest.raises(UnknownZone) as caught:
        zone("Sydney\x1b[31m\r\n")
    assert str(caught.value).isprintable()
