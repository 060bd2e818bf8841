"""`dev.py run`: what it prepares, in which order, what it prints and what it refuses."""

import os
import signal
import socket
from collections.abc import Callable

from tests.devtool.house import MANAGE, SLEEPER, WEB, House, eventually


def test_the_first_start_prepares_and_the_second_only_serves(house: House) -> None:
    first = house.run()
    first.send_signal(signal.SIGTERM)
    assert first.wait(10) == 0
    calls = house.calls(forget=True)
    sip, tls = (house.data / "demo-ports").read_text().split()
    assert calls[:3] == [
        "manage migrate --verbosity 0",
        f"manage demo --yes --sip-port {sip} --sip-tls-port {tls}",
        "manage publish --all --yes",
    ]
    assert calls[3].startswith("statuspage.serve ")
    house.run()
    assert not [call for call in house.calls() if call.startswith("manage")]


def test_the_page_is_served_and_the_staff_login_printed_at_every_start(house: House) -> None:
    for _ in range(2):
        running = house.run()
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 0
    assert house.output().count("staff login: kim  four-plain-words") == 2
    assert house.output().count("brands http://a.localhost/   http://b.localhost/") == 2
    assert house.output().count(f"page http://127.0.0.1:{house.port}/ ") == 2


def test_a_changed_template_or_a_lost_database_is_prepared_again(house: House) -> None:
    template, rows = house.root / "templates" / "new.html", house.data / "dialtone.sqlite3"
    changes: tuple[Callable[[], object], ...] = (house.output, template.touch, rows.unlink)
    for change in changes:
        change()
        running = house.run()
        running.send_signal(signal.SIGTERM)
        running.wait(10)
        assert "manage publish --all --yes" in house.calls(forget=True), change


def test_without_the_demo_nothing_of_it_is_loaded_or_started(house: House) -> None:
    house.run("--no-demo")
    python, manage = house.root / ".venv" / "bin" / "python", house.root / "manage.py"
    line = f"staff login: none; make one with  DATA_DIR={house.data} {python} {manage} createsuperuser"
    assert line in house.output()
    assert "brands none" in house.output()
    assert not [call for call in house.calls() if call.startswith(("manage demo", "incidents"))]


def test_a_failed_migration_starts_nothing_and_is_tried_again(house: House) -> None:
    house.stand_in("manage", "raise SystemExit(7)")
    for _ in range(2):
        assert house.finish("run", "--port", str(house.port)) == 1
    assert house.output().count("manage migrate --verbosity 0` failed with status 7") == 2
    assert house.calls() == ["manage migrate --verbosity 0"] * 2


def test_a_used_port_is_told_before_anything_is_touched(house: House) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", house.port))
        taken.listen()
        assert house.finish("run", "--port", str(house.port)) == 1
    assert f"cannot listen on 127.0.0.1 port {house.port}" in house.output()
    assert "--port" in house.output()
    assert not house.data.exists()
    assert not house.calls()


def test_a_port_that_cannot_be_is_told_too(house: House) -> None:
    assert house.finish("run", "--port", "70000") == 1
    assert "cannot listen on 127.0.0.1 port 70000" in house.output()
    assert "Traceback" not in house.output()


def test_a_second_dev_py_keeps_off_the_same_data(house: House) -> None:
    house.run()
    assert house.finish("run", "--port", "0") == 1
    assert f"another one runs on {house.data}" in house.output()


def test_the_sip_ports_of_the_demo_are_kept_and_replaced_when_taken(house: House) -> None:
    running = house.run()
    running.send_signal(signal.SIGTERM)
    running.wait(10)
    first = (house.data / "demo-ports").read_text()
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", int(first.split()[0])))
        running = house.run()
        second = (house.data / "demo-ports").read_text()
        assert second.split()[0] != first.split()[0]
        running.send_signal(signal.SIGTERM)
        running.wait(10)
    house.run()
    assert (house.data / "demo-ports").read_text() == second


def test_every_process_is_told_its_data_and_its_address(house: House) -> None:
    house.stand_in(
        "statuspage.serve",
        "import os; print(os.environ['SITE_URL'], os.environ['DATA_DIR'], flush=True)\n" + WEB,
    )
    house.run("--no-demo")
    assert f"web | http://127.0.0.1:{house.port} {house.data}" in house.output()


def test_what_it_writes_is_readable_by_its_user_alone(house: House) -> None:
    before = os.umask(0o022)  # as a shell has it
    try:
        house.run()
    finally:
        os.umask(before)
    kept = [house.data, *house.data.rglob("*")]
    assert house.data / "dev-stamp" in kept
    assert [file for file in kept if file.stat().st_mode & 0o077] == []


BINDING = """
import socket, sys
port = int(sys.argv[sys.argv.index("--port") + 1])
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    server.bind(("127.0.0.1", port))
except OSError as error:
    raise SystemExit(f"cannot serve: {error}")
"""
WAITING_MANAGE = """
import time
while sys.argv[1] == "demo" and not pathlib.Path("go.txt").exists():
    time.sleep(0.05)
"""


def test_a_demo_whose_ports_somebody_takes_while_it_prepares_moves_to_others(house: House) -> None:
    house.stand_in("incidents.sip.responder", BINDING + SLEEPER)
    house.stand_in("manage", MANAGE + WAITING_MANAGE)
    house.start("run", "--port", str(house.port))
    ports = house.data / "demo-ports"
    assert eventually(ports.exists), house.output()
    sip = int(ports.read_text().split()[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", sip))
        (house.root / "go.txt").touch()
        assert eventually(lambda: bool(house.living("responder")), 20.0), house.output()
    moved = ports.read_text().split()
    assert int(moved[0]) != sip
    assert f"SIP server moves to {moved[0]}" in house.output()
    assert f"manage demo --yes --sip-port {moved[0]} --sip-tls-port {moved[1]}" in house.calls()
    assert len(house.living()) == 5


def test_manage_py_finds_what_the_server_was_given(house: House) -> None:
    house.run("--no-demo")
    file = house.data / "dialtone.env"
    assert f"SITE_URL='http://127.0.0.1:{house.port}'" in file.read_text().splitlines()
    assert file.stat().st_mode & 0o077 == 0


def test_settings_that_somebody_wrote_beside_the_data_win_over_ours(house: House) -> None:
    house.stand_in(
        "statuspage.serve",
        "import os; print('SITE_URL' in os.environ, os.environ['STAFF_MFA'], flush=True)\n" + WEB,
    )
    house.data.mkdir()
    own = "SITE_URL=https://status.example.com\n"
    (house.data / "dialtone.env").write_text(own)
    house.run()
    assert "web | False optional" in house.output()
    assert (house.data / "dialtone.env").read_text() == own


def test_a_wrong_setting_ends_all_of_it_instead_of_being_tried_again(house: House) -> None:
    house.stand_in("statuspage.serve", "print('dialtone: DEBUG: no', flush=True); raise SystemExit(78)")
    assert house.finish("run", "--port", str(house.port), "--no-demo") == 1
    assert "web does not start with these settings" in house.output()
    assert not house.living()


def test_a_folder_that_it_cannot_use_is_named_in_one_line(house: House) -> None:
    house.data.write_text("a file in the way")
    assert house.finish("run", "--port", str(house.port), "--no-demo") == 1
    assert house.output().count("\n") == 1
    assert f"dev.py: cannot keep anything in {house.data} (" in house.output()
    if not os.geteuid():
        house.data.unlink()
        house.data.mkdir()
        os.chown(house.data, 65_534, 65_534)
        assert house.finish("run", "--port", str(house.port), "--no-demo") == 1
        assert "it belongs to another user" in house.output()
        assert not list(house.data.iterdir())
