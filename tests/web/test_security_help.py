"""The help page Security says what the code does: what is kept how long, and who is named in the threat model."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from incidents.operations import (
    account_mails,
    drafts,
    heads,
    hours,
    metrics,
    people,
    quotas,
    replies,
    second_factors,
    sessions,
    signals,
    tokens,
)
from incidents.web.help import FOLDER

TEXT = (FOLDER / "security.md").read_text(encoding="utf-8")
KEPT: dict[str, tuple[timedelta, ...]] = {
    "what it was sent": (people.KEPT_ENDED,),
    "never confirmed": (people.KEPT_PENDING,),
    "to one incident": (people.KEPT_FOLLOWING,),
    "did not send": (drafts.KEPT,),
    "Idempotency-Key": (replies.KEPT,),
    "What probes measured": (hours.KEPT_RESULTS, hours.KEPT_HOURS),
    "Points of metrics": (metrics.KEPT,),
    "signed messages": (signals.KEPT,),
    "of a staff session": (sessions.KEPT_SESSIONS,),
    "Mails about an account": (account_mails.KEPT,),
    "The networks from which": (second_factors.KNOWN_FOR,),
    "How often a mailbox": (quotas.MAILBOX.span,),
    "The daily mail": (heads.KEPT_PUBLICATIONS,),
}
FORGOTTEN_BY = Path(settings.BASE_DIR) / "incidents" / "tasks.py"


def section(heading: str) -> str:
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def rows(heading: str) -> list[list[str]]:
    lines = [line for line in section(heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


@pytest.mark.parametrize("what", KEPT)
def test_what_is_kept_is_kept_so_long(what: str) -> None:
    (line,) = (" ".join(row) for row in rows("What personal data is kept") if what in " ".join(row))
    days = {int(number) for number in re.findall(r"(\d+) days?", line)}
    assert days == {each.days for each in KEPT[what]}


def test_every_duration_of_the_table_is_checked_here() -> None:
    named = [row for row in rows("What personal data is kept") if re.search(r"\d+ day", row[-1])]
    checked = [row for row in named if any(what in " ".join(row) for what in KEPT)]
    unchecked = {row[0] for row in named if row not in checked}
    assert unchecked == {"Callers' addresses, for rate limits"}


def test_what_has_an_end_is_really_deleted_by_the_sweep() -> None:
    swept = re.search(r"def forget_due.*?(?=\n\n\n)", FORGOTTEN_BY.read_text(encoding="utf-8"), re.DOTALL)
    assert swept
    for name in ("old", "subscriptions", "drafts", "points", "replies", "notes", "sessions"):
        assert f"forget_{name}(at=at)" in swept[0]
    for name in ("quotas", "account_mails", "networks", "publications"):
        assert f"purge_{name}(at=at)" in swept[0]


def test_a_session_and_a_link_last_as_long_as_it_says() -> None:
    assert f"{settings.SESSION_COOKIE_AGE // 3600} hours at most" in section("What personal data is kept")
    assert timedelta(seconds=settings.SESSION_COOKIE_AGE) < sessions.KEPT_SESSIONS
    assert f"After {max(tokens.WITHIN.values()).days} days" in section("Replacing keys")
    assert tokens.Purpose.LEAVE not in tokens.WITHIN


def test_the_threat_model_is_one_table_without_an_empty_cell() -> None:
    model = rows("The threat model")
    assert len(model) >= 12
    assert all(len(row) == 4 and all(row) for row in model)


@pytest.mark.parametrize("name", ["SECRET_KEY", "CREDENTIALS_KEY", "AUDIT_KEY"])
def test_each_key_has_its_recipe(name: str) -> None:
    assert f"### {name}\n" in TEXT


def test_the_repository_says_how_to_report_what_is_supported_and_what_is_promised() -> None:
    paper = (Path(settings.BASE_DIR) / "SECURITY.md").read_text(encoding="utf-8")
    for heading in ("Report a vulnerability", "Supported versions", "What we promise"):
        assert f"## {heading}\n" in paper
    assert re.search(r"within \d+ working days", paper)
    assert re.search(r"after \d+ days at the latest", paper)
