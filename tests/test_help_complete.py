"""The help names every setting, probe kind, outcome, channel, command and public path, or the build stops."""

import ast
from collections.abc import Iterable

import pytest
from django.conf import settings

from incidents.channels.kinds import KINDS as CHANNELS
from incidents.domain.outcomes import Outcome
from incidents.probes.config import fields
from incidents.probes.kinds import KINDS as PROBES
from incidents.probes.kinds import Kind
from incidents.publishing.site import DOCUMENTS
from incidents.web.help import FOLDER


def settings_read() -> list[str]:
    source = (settings.BASE_DIR / "statuspage" / "settings.py").read_text(encoding="utf-8")
    return [
        str(call.args[0].value)
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and isinstance(call.args[0], ast.Constant)
    ]


def commands() -> list[str]:
    folder = settings.BASE_DIR / "incidents" / "management" / "commands"
    return sorted(file.stem for file in folder.glob("*.py") if not file.stem.startswith("_"))


def missing(page: str, names: Iterable[str]) -> list[str]:
    text = (FOLDER / f"{page}.md").read_text(encoding="utf-8")
    return [name for name in names if f"`{name}`" not in text and f"`{name} " not in text]


def test_every_setting_that_is_read_is_explained() -> None:
    assert len(settings_read()) > 15
    assert missing("settings", settings_read()) == []


def test_every_command_is_explained() -> None:
    assert "import_incident" in commands()
    assert missing("commands", commands()) == []


@pytest.mark.parametrize("kind", PROBES.values(), ids=lambda kind: kind.name)
def test_every_probe_kind_is_explained_with_its_options(kind: Kind) -> None:
    assert missing("probes", [kind.name, *(field.name for field in fields(kind.config))]) == []


def test_every_outcome_is_explained() -> None:
    assert missing("probes", list(Outcome)) == []


def test_every_channel_is_explained() -> None:
    assert missing("notifications", CHANNELS) == []


def test_every_public_path_is_explained() -> None:
    assert missing("public-documents", [document.pattern for document in DOCUMENTS]) == []


def test_a_name_that_the_help_does_not_have_is_found_missing() -> None:
    assert missing("settings", ["NO_SUCH_SETTING", "DATA_DIR"]) == ["NO_SUCH_SETTING"]
