"""Options of a kind: from what people send to its Config, and what a form can know of each."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import pytest

from incidents.probes.config import ConfigError, FieldType, build, described, fields
from incidents.probes.kinds import KINDS


@dataclass(frozen=True)
class Sample:
    text: str = field(default="none", metadata=described("A text.", maximum=10))
    whole: int = field(default=3, metadata=described("A whole number.", minimum=1, maximum=9))
    seconds: float = field(default=5.0, metadata=described("A number.", minimum=0.5))
    check: bool = field(default=True, metadata=described("A switch."))
    way: Literal["udp", "tcp"] = field(default="udp", metadata=described("A choice."))


def test_without_options_everything_has_its_default() -> None:
    assert build(Sample, {}) == Sample()


def test_a_form_sends_strings() -> None:
    sent = {"text": " x ", "whole": "7", "seconds": "1.5", "check": "off", "way": "TCP"}
    assert build(Sample, sent) == Sample("x", 7, 1.5, False, "tcp")


def test_json_sends_values() -> None:
    sent = {"text": "", "whole": 7, "seconds": 1, "check": False, "way": "tcp"}
    assert build(Sample, sent) == Sample("", 7, 1.0, False, "tcp")


def test_null_and_blank_mean_the_default_and_a_blank_text_is_empty() -> None:
    sent = {"whole": "", "seconds": None, "check": " ", "way": ""}
    assert build(Sample, sent) == Sample()
    assert build(Sample, {"text": "  "}).text == ""


@pytest.mark.parametrize("value", ["true", "yes", "on", "1", True])
def test_a_switch_is_on(value: object) -> None:
    assert build(Sample, {"check": value}).check is True


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("text", 5, "must be text"),
        ("text", ["a"], "must be text"),
        ("text", "a" * 11, "must be at most 10 characters long"),
        ("text", "a\r\nb", "must not contain control characters"),
        ("text", "a\0b", "must not contain control characters"),
        ("whole", "seven", "must be a whole number"),
        ("whole", "7.0", "must be a whole number"),
        ("whole", 7.5, "must be a whole number"),
        ("whole", True, "must be a whole number"),
        ("whole", "\u0667", "must be a whole number"),
        ("whole", "9" * 5000, "must be a whole number"),
        ("whole", 0, "must be 1 or more"),
        ("whole", "10", "must be 9 or less"),
        ("seconds", "soon", "must be a number"),
        ("seconds", "nan", "must be a number"),
        ("seconds", float("nan"), "must be a number"),
        ("seconds", False, "must be a number"),
        ("seconds", [], "must be a number"),
        ("seconds", 0.4, "must be 0.5 or more"),
        ("seconds", 10**400, "must be a number"),
        ("seconds", "inf", "must be a number"),
        ("seconds", float("inf"), "must be a number"),
        ("check", "perhaps", "must be true or false"),
        ("check", 1, "must be true or false"),
        ("way", "sctp", "must be one of udp, tcp"),
        ("way", {"udp": 1}, "must be one of udp, tcp"),
        ("colour", "red", "no such option; the options are text, whole, seconds, check, way"),
    ],
)
def test_what_is_wrong_is_named(name: str, value: object, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(Sample, {name: value})
    assert (caught.value.field, caught.value.message) == (name, message)


def test_each_field_is_described_for_a_form() -> None:
    described_as = {one.name: one for one in fields(Sample)}
    assert [one.type for one in described_as.values()] == [
        FieldType.TEXT,
        FieldType.INTEGER,
        FieldType.NUMBER,
        FieldType.BOOLEAN,
        FieldType.CHOICE,
    ]
    assert described_as["way"].choices == ("udp", "tcp")
    assert (described_as["whole"].minimum, described_as["whole"].maximum) == (1, 9)
    assert described_as["text"].help == "A text."
    assert described_as["seconds"].label == "Seconds"
    assert described_as["check"].default is True


@pytest.mark.parametrize("name", KINDS)
def test_every_option_of_every_kind_has_help_and_a_default_that_can_be_sent_back(name: str) -> None:
    config_type = KINDS[name].config
    for one in fields(config_type):
        assert one.help.endswith("."), one.name
    needed = {one.name: "a" for one in fields(config_type) if one.required}
    default: Any = build(config_type, needed)
    assert build(config_type, asdict(default)) == default
    typed = {
        key: "\n".join(value) if isinstance(value, tuple) else str(value)
        for key, value in asdict(default).items()
    }
    assert build(config_type, typed) == default


def test_a_required_option_may_not_be_left_out_nor_blank() -> None:
    for options in ({}, {"username": None}, {"username": " "}):
        with pytest.raises(ConfigError, match="username: is required"):
            build(KINDS["sip_register"].config, options)


@pytest.mark.parametrize("text", ["", "ok", "2x", "20", "2xx;3xx", "7xx", "099", "2000"])
def test_codes_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(KINDS["sip_options"].config, {"expected_codes": text})
    assert caught.value.field == "expected_codes"


@dataclass(frozen=True)
class _Many:
    domains: tuple[str, ...] = field(default=(), metadata=described("Domains.", maximum=20, most=3))
    password: str = field(default="", repr=False, metadata=described("Password.", secret=True))


@pytest.mark.parametrize(
    "given", [["a.example", "b.example"], "a.example\nb.example\r\n", " a.example, b.example,,a.example"]
)
def test_a_list_is_read_from_json_or_as_people_type_it_each_item_once(given: object) -> None:
    assert build(_Many, {"domains": given}).domains == ("a.example", "b.example")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (5, "must be a list"),
        ([1], "must be text"),
        (["a", "b", "c", "d"], "at most 3 items, not 4"),
        (["x" * 21], "at most 20 characters"),
        ("a\x00b", "control characters"),
    ],
)
def test_a_list_that_is_none_says_so(given: object, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        build(_Many, {"domains": given})


def test_a_secret_keeps_its_blanks_and_is_never_shown() -> None:
    found = build(_Many, {"password": " pass word "})
    assert found.password == " pass word "
    assert "pass word" not in repr(found)
