"""A log line keeps its sentence, whatever stands beside it."""

import ast
import json
import logging
from pathlib import Path

import pytest

from tests.wiring.log_lines import json_log

INCIDENTS = Path(__file__).resolve().parents[2] / "incidents"
TAKEN = {"event", "logger", "level", "timestamp", "exception", "exc_info", "stack_info", "positional_args"}
TAKEN |= set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def extras(file: Path) -> list[tuple[int, str]]:
    """Every key that a call in the file hands to `extra`, with its line."""
    calls = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]
    return [
        (call.lineno, str(key.value))
        for call in calls
        for keyword in call.keywords
        if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict)
        for key in keyword.value.keys
        if isinstance(key, ast.Constant)
    ]


def test_no_fact_beside_a_sentence_takes_the_place_of_what_the_log_itself_writes() -> None:
    found = {file: extras(file) for file in INCIDENTS.rglob("*.py")}
    assert sum(map(len, found.values())) > 3
    assert not [
        f"{file.name}:{line}: {key}" for file, keys in found.items() for line, key in keys if key in TAKEN
    ]


def test_a_json_line_is_one_object_with_its_sentence_and_facts(caplog: pytest.LogCaptureFixture) -> None:
    with json_log() as lines:
        logging.getLogger("incidents.x").warning("two\nlines of %s", "words", extra={"page": "SIPcity"})
    (line,) = lines.getvalue().splitlines()
    said = json.loads(line)
    assert (said["event"], said["page"], said["level"]) == ("two\nlines of words", "SIPcity", "warning")
