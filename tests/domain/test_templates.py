"""Places in kept words: filled where something is known, and left to be seen where nothing is."""

import pytest

from incidents.domain.templates import PLACES, fill, open_places, unknown_places


def test_a_place_is_filled_however_it_is_spaced() -> None:
    assert fill("{{page}}, {{ page }}, {{  page  }}", {"page": "SIPcity"}) == "SIPcity, SIPcity, SIPcity"


def test_what_nothing_fills_stays_to_be_seen() -> None:
    assert fill("More by {{ next_update }}.", {"page": "SIPcity"}) == "More by {{ next_update }}."
    assert fill("{{ components }}", {"components": ""}) == "{{ components }}"


def test_what_was_filled_in_is_not_filled_again() -> None:
    assert fill("{{ title }}", {"title": "{{ page }}", "page": "SIPcity"}) == "{{ page }}"


@pytest.mark.parametrize(
    "text", ["{{", "}}", "{{ }}", "{ page }", "{{ 1 }}", "{{ page", "{% page %}", "{{ PAGE }}"]
)
def test_other_braces_are_words(text: str) -> None:
    assert fill(text, dict.fromkeys(PLACES, "x")) == text
    assert open_places(text) == []


def test_open_and_unknown_places_are_named_once_in_their_order() -> None:
    text = "{{ since }} {{ nobody }} {{page}} {{ since }} {{ nobody }}"
    assert open_places(text) == ["{{ since }}", "{{page}}"]
    assert unknown_places(text) == ["nobody"]


def test_a_flood_of_braces_costs_nothing() -> None:
    assert fill("{{ " * 50_000, {}) == "{{ " * 50_000
