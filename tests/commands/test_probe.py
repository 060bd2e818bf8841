"""`manage.py probe`: any kind as the command line of probes has it, or one that is set up, with its secrets."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from incidents.models import Probe, ProbeResult
from incidents.operations.actors import Actor
from incidents.operations.components import create_component
from incidents.operations.pages import create_page
from incidents.operations.probes import create_probe
from tests.peers.programs import free_port

T0 = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
DANA = Actor("dana")


@pytest.fixture
def probe(db: None) -> Probe:
    page = create_page(name="SIPcity", zone_name="Australia/Sydney", by=DANA, at=T0)
    component = create_component(page, name="Network", by=DANA, at=T0)
    target = f"sip:127.0.0.1:{free_port()}"
    config = {"transport": "tcp", "deadline_seconds": 2}
    return create_probe(
        component, name="tcp", kind="sip_options", target=target, config=config, by=DANA, at=T0
    )


def outcome(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.splitlines()[-1]


def test_a_kind_and_a_target_are_probed_once(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("probe", "sip_options", f"127.0.0.1:{free_port()}", "--transport", "tcp")
    assert ended.value.code == 2
    assert outcome(capsys).startswith("outcome: refused connection refused")


def test_a_probe_that_is_set_up_is_run_by_its_code_and_nothing_is_recorded(
    probe: Probe, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("probe", probe.code)
    assert ended.value.code == 2
    assert outcome(capsys).startswith("outcome: refused")
    assert not ProbeResult.objects.exists()
    assert Probe.objects.get(pk=probe.pk).last_at is None


@pytest.mark.django_db
@pytest.mark.parametrize("words", [("nosuchprobe1",), ("\0",), ("x" * 10_000,)], ids=range(3))
def test_a_code_of_no_probe_says_so(words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="no kind and no probe is called"):
        call_command("probe", *words)


@pytest.mark.parametrize("words", [(), ("sip_options",), ("sip_options", "a b")], ids=range(3))
def test_a_command_line_that_makes_no_sense_ends_with_three(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("probe", *words)
    assert ended.value.code == 3
    assert "usage:" in capsys.readouterr().err
