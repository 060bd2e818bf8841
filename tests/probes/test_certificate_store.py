"""certificate_store: each bad file is named before a server loads it, and so is a server that shows another one."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from incidents.domain.outcomes import Health
from incidents.probes.certificate_files import MOST_FILES
from incidents.probes.config import ConfigError
from incidents.probes.kinds import KINDS
from incidents.probes.results import Result
from incidents.probes.running import run
from tests.peers.bad_certificates import BAD
from tests.peers.certificates import DAY, Authority
from tests.peers.programs import free_port
from tests.peers.tls_names import name_server


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def store(authority: Authority, tmp_path: Path) -> Authority:
    """An authority that writes into the store, trusted as the other one is not."""
    folder = tmp_path / "store"
    made = Authority(folder)
    made.ca_file = made.ca_file.rename(tmp_path / "ca.pem")
    return made


async def look(store: Authority, folder: Path, *, seconds: float = 30, **options: object) -> Result:
    given = {"ca_file": str(store.ca_file), "deadline_seconds": seconds, **options}
    return await run("certificate_store", str(folder), given)


async def test_sound_files_are_ok(store: Authority, tmp_path: Path) -> None:
    for number in range(3):
        store.issue(f"c{number}.example", sans=(f"c{number}.example",), ends=90 * DAY)
    result = await look(store, tmp_path / "store")
    assert (result.outcome, result.detail) == ("ok", "all 3 certificate files are sound")
    assert result.facts["days_left"] == pytest.approx(90, abs=0.1)


@pytest.mark.parametrize("name", BAD)
async def test_each_bad_file_is_named_by_its_domain(store: Authority, tmp_path: Path, name: str) -> None:
    store.issue("good.example", sans=("good.example",), ends=90 * DAY)
    BAD[name][0](store, "blf.example")
    result = await look(store, tmp_path / "store")
    assert result.outcome in ("bad_certificate", "warning")
    assert result.health == Health.WARNING
    assert result.subject == "blf.example"
    assert result.detail.startswith("1 of 2 files: blf.example: ")


async def test_the_last_weeks_of_a_certificate_are_a_warning(store: Authority, tmp_path: Path) -> None:
    store.issue("a.example", sans=("a.example",), ends=6.5 * DAY)
    result = await look(store, tmp_path / "store")
    assert (result.outcome, result.subject) == ("warning", "a.example")
    assert "runs out in 6 days" in result.detail
    assert (await look(store, tmp_path / "store", warn_days=5)).outcome == "ok"


async def test_a_server_that_shows_something_else_than_the_disk_is_named(
    store: Authority, tmp_path: Path
) -> None:
    """Kamailio's `tls.reload` refuses a bad file and goes on with the old set: invisible until it restarts."""
    old = store.issue("blf.example", sans=("blf.example",), ends=90 * DAY)
    with name_server({}, old) as server:
        at = f"127.0.0.1:{server.port}"
        assert (await look(store, tmp_path / "store", served_at=at)).outcome == "ok"
        store.issue("blf.example", sans=("blf.example",), ends=90 * DAY)
        renewed = await look(store, tmp_path / "store", served_at=at)
        assert (renewed.outcome, renewed.subject, renewed.facts["differing"]) == ("warning", "blf.example", 1)
        BAD["SAN of bad DER"][0](store, "blf.example")
        latent = await look(store, tmp_path / "store", served_at=at)
    assert (latent.outcome, latent.subject) == ("bad_certificate", "blf.example")
    assert "the server still shows an older one" in latent.detail


async def test_one_of_two_files_for_a_domain_may_be_shown(store: Authority, tmp_path: Path) -> None:
    """One for each type of key: a client is shown one of them."""
    rsa_too = store.issue("blf.example", sans=("blf.example",), ends=90 * DAY)
    (tmp_path / "store" / "rsa").mkdir()
    store.directory = tmp_path / "store" / "rsa"
    store.issue("blf.example", sans=("blf.example",), ends=90 * DAY)
    with name_server({}, rsa_too) as server:
        result = await look(store, tmp_path / "store", served_at=f"127.0.0.1:{server.port}")
    assert (result.outcome, result.facts["differing"]) == ("ok", 0)


async def test_names_that_no_server_can_be_asked_for_are_not_compared(
    store: Authority, tmp_path: Path
) -> None:
    for number, name in enumerate(
        ("a..b", "*.wild.example", "x" * 300, "a\0b.example", "x" * 64 + ".example")
    ):
        store.issue(f"odd{number}", sans=(name,), ends=90 * DAY)
    good = store.issue("ok.example", sans=("ok.example",), ends=90 * DAY)
    with name_server({}, good) as server:
        result = await look(store, tmp_path / "store", served_at=f"127.0.0.1:{server.port}")
    assert (result.outcome, result.detail) == ("ok", "all 6 certificate files are sound")
    assert server.asked == ["ok.example"]


async def test_sound_files_that_could_not_be_compared_are_a_warning(store: Authority, tmp_path: Path) -> None:
    store.issue("a.example", sans=("a.example",), ends=90 * DAY)
    result = await look(store, tmp_path / "store", served_at=f"127.0.0.1:{free_port()}")
    assert result.outcome == "warning"
    assert result.detail.startswith("all 1 certificate files are sound, but 1 of 1 domains could not be comp")


async def test_issuers_and_other_files_are_no_servers(store: Authority, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    pair = store.issue("a.example", sans=("a.example",), ends=90 * DAY)
    below = store.intermediate(tmp_path / "below", "Below", ends=60 * DAY)
    (folder / "issuer.pem").write_bytes(below.ca_file.read_bytes())
    (folder / "dh.pem").write_text("-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n")
    with name_server({}, pair) as server:
        result = await look(store, folder, served_at=f"127.0.0.1:{server.port}")
    assert (result.outcome, result.facts["checked"]) == ("ok", 2)
    assert server.asked == ["a.example"]


async def test_the_suffixes_and_keys_to_look_for_can_be_chosen(store: Authority, tmp_path: Path) -> None:
    pair = store.issue("a.example", sans=("a.example",), ends=90 * DAY)
    (tmp_path / "store" / "b.x509").write_bytes(b"rubbish")
    assert (await look(store, tmp_path / "store")).outcome == "ok"
    chosen = await look(store, tmp_path / "store", suffixes=[".x509"])
    assert (chosen.outcome, chosen.detail) == (
        "bad_certificate",
        "1 of 1 files: b.x509: holds no certificate",
    )
    pair.key.unlink()
    assert (await look(store, tmp_path / "store")).outcome == "warning"
    assert (await look(store, tmp_path / "store", check_keys=False)).outcome == "ok"
    wrong = await look(store, tmp_path / "store", suffixes=["pem"])
    assert wrong.detail == "suffixes: must each be a dot and letters, such as .pem"


async def test_one_file_can_be_the_target(store: Authority, tmp_path: Path) -> None:
    pair = store.issue("a.example", sans=("a.example",), ends=90 * DAY)
    BAD["expired"][0](store, "blf.example")
    assert (await look(store, pair.certificate)).detail == "all 1 certificate files are sound"
    assert (await look(store, pair.key)).detail == "holds no certificate file"
    assert (await look(store, tmp_path / "store" / "blf.example.pem")).outcome == "bad_certificate"


async def test_directories_below_are_looked_into_and_hidden_ones_are_not(
    store: Authority, tmp_path: Path
) -> None:
    for folder in ("customers/blf.example", ".old"):
        store.directory = tmp_path / "store" / folder
        store.directory.mkdir(parents=True)
        BAD["expired"][0](store, "cert")
    (tmp_path / "store" / "folder.pem").mkdir()
    result = await look(store, tmp_path / "store")
    assert (result.facts["checked"], result.subject) == (1, "blf.example")


async def test_a_directory_that_cannot_be_looked_into_is_a_warning(store: Authority, tmp_path: Path) -> None:
    store.issue("a.example", sans=("a.example",), ends=90 * DAY)
    at = os.open(tmp_path / "store", os.O_RDONLY)
    for _ in range(25):  # until the path is longer than the system takes
        os.mkdir("x" * 200, dir_fd=at)
        below = os.open("x" * 200, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)
    result = await look(store, tmp_path / "store")
    assert (result.outcome, result.facts["checked"]) == ("warning", 1)
    assert result.detail.startswith("all 1 certificate files are sound, but /")
    assert any(line.startswith(str(tmp_path)) for line in result.trace)


async def test_a_link_to_a_file_that_is_gone_is_named(store: Authority, tmp_path: Path) -> None:
    """A server that is told to load it does not start."""
    (tmp_path / "store" / "blf.example.pem").symlink_to(tmp_path / "gone.pem")
    result = await look(store, tmp_path / "store")
    assert (result.outcome, result.subject) == ("bad_certificate", "blf.example")
    assert "cannot be read: No such file or directory" in result.detail


async def test_a_server_that_is_away_does_not_hide_what_is_on_disk(store: Authority, tmp_path: Path) -> None:
    BAD["expired"][0](store, "blf.example")
    result = await look(store, tmp_path / "store", served_at=f"127.0.0.1:{free_port()}")
    assert result.outcome == "bad_certificate"
    assert any("could not be compared" in line for line in result.trace)


async def test_what_cannot_be_looked_at_is_our_own_fault(store: Authority, tmp_path: Path) -> None:
    missing = await look(store, tmp_path / "nowhere")
    assert (missing.outcome, missing.health) == ("internal", Health.INCONCLUSIVE)
    assert "no such file" in missing.detail
    store.issue("a.example")
    no_trust = await run(
        "certificate_store", str(tmp_path / "store"), {"ca_file": str(tmp_path / "none.pem")}
    )
    assert no_trust.outcome == "internal"


async def test_an_empty_directory_is_a_warning(store: Authority, tmp_path: Path) -> None:
    result = await look(store, tmp_path / "store")
    assert (result.outcome, result.detail) == ("warning", "holds no certificate file")


async def test_odd_things_in_the_directory_hold_nothing_up(store: Authority, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    os.mkfifo(folder / "pipe.pem")
    (folder / "loop").symlink_to(folder)
    (folder / "self.pem").symlink_to(folder / "self.pem")
    (folder / "huge.pem").write_bytes(b"x" * 2_000_000)
    began = time.monotonic()
    result = await look(store, folder)
    assert time.monotonic() - began < 5
    assert (result.outcome, result.facts["bad"]) == ("bad_certificate", 3)


async def test_time_runs_out_between_files_and_is_said(store: Authority, tmp_path: Path) -> None:
    pair = store.issue("a.example", sans=("a.example",), ends=90 * DAY)
    for number in range(3000):
        os.link(pair.certificate, tmp_path / "store" / f"a{number}.pem")
        os.link(pair.key, tmp_path / "store" / f"a{number}.key")
    began = time.monotonic()
    result = await look(store, tmp_path / "store", seconds=0.5)
    assert time.monotonic() - began < 3
    assert (result.outcome, "files only" in result.detail) == ("warning", True)


async def test_a_cancelled_look_ends_soon(store: Authority, tmp_path: Path) -> None:
    for number in range(50):
        store.issue(f"a{number}.example", sans=(f"a{number}.example",))
    running = asyncio.create_task(look(store, tmp_path / "store"))
    await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("target", ["", "relative/path", "/a/../b", "/\0", "/" + "x" * 300, "http://x/"])
def test_a_target_that_is_no_absolute_path_is_refused(target: str) -> None:
    with pytest.raises(ConfigError, match="absolute path"):
        KINDS["certificate_store"].check_target(target)


@pytest.mark.slow
async def test_more_files_than_are_looked_at_are_bounded(store: Authority, tmp_path: Path) -> None:
    for folder in range(3):
        (tmp_path / "store" / f"{folder}").mkdir()
        for number in range(10_000):
            (tmp_path / "store" / f"{folder}" / f"{number}.pem").touch()
    began = time.monotonic()
    result = await look(store, tmp_path / "store", seconds=3)
    print(f"{result.facts['checked']:.0f} of 30,000 files in {time.monotonic() - began:.1f} s")
    assert time.monotonic() - began < 10
    assert (result.outcome, result.facts["checked"] <= MOST_FILES) == ("bad_certificate", True)


@pytest.mark.slow
async def test_nothing_else_waits_while_files_are_looked_at(store: Authority, tmp_path: Path) -> None:
    for number in range(500):
        store.issue(f"c{number}.example", sans=(f"c{number}.example",), ends=90 * DAY)
    running = asyncio.create_task(look(store, tmp_path / "store"))
    worst = 0.0
    while not running.done():
        began = time.monotonic()
        await asyncio.sleep(0.001)
        worst = max(worst, time.monotonic() - began)
    print(f"the loop was held up for {worst * 1000:.0f} ms at most")
    assert (await running).outcome == "ok"
    assert worst < 1


@pytest.mark.slow
async def test_one_bad_among_a_thousand_is_found_and_named(store: Authority, tmp_path: Path) -> None:
    for number in range(999):
        store.issue(f"c{number}.example", sans=(f"c{number}.example",), ends=90 * DAY)
    BAD["SAN of bad DER"][0](store, "blf.example")
    began = time.monotonic()
    result = await look(store, tmp_path / "store")
    print(f"1,000 files in {time.monotonic() - began:.1f} s")
    assert (result.outcome, result.subject) == ("bad_certificate", "blf.example")
    assert (result.facts["checked"], result.facts["bad"]) == (1000, 1)
    assert time.monotonic() - began < 20
