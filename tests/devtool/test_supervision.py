"""`dev.py run` as a supervisor: the dead come back, their words are passed on, nothing is left behind."""

import os
import re
import signal
import time

import pytest

import dev
from tests.devtool.house import SLEEPER, House, eventually, lives

STUBBORN = """
import os, pathlib, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
os.fork()
pathlib.Path("pids.txt").open("a").write(f"{os.getpid()} {__file__}\\n")
time.sleep(60)
"""


@pytest.mark.parametrize("name", ["statuspage.serve", "celery", "responder"])
def test_a_killed_child_is_back_within_five_seconds(house: House, name: str) -> None:
    house.run()
    victim = house.living(name)[0]
    before = len(house.living(name))
    os.kill(victim, signal.SIGKILL)
    began = time.monotonic()
    assert eventually(lambda: not lives(victim) and len(house.living(name)) == before, 5.0), house.output()
    assert time.monotonic() - began < 5
    assert "died of SIGKILL; starting it again in 0.3 s" in house.output()


def test_a_child_that_keeps_dying_rests_longer_each_time_and_says_why(house: House) -> None:
    house.stand_in("incidents.sip.responder", "raise SystemExit('no such codec')")
    house.start("run", "--port", str(house.port))
    wanted = ["0.3", "1.0", "2.0", "4.0"]
    told = r"responder exited with status 1; starting it again in (\S+) s"
    assert eventually(lambda: re.findall(told, house.output())[:4] == wanted, 15.0), house.output()
    assert "responder | no such codec" in house.output()
    assert len(house.living()) == 4


def test_what_a_dead_child_had_started_goes_before_it_starts_again(house: House) -> None:
    house.stand_in("incidents.sip.responder", STUBBORN)
    house.run()
    assert eventually(lambda: len(house.living("responder")) == 4)
    old = house.living("responder")
    os.kill(os.getpgid(old[0]), signal.SIGKILL)
    assert eventually(lambda: not any(map(lives, old)), 5.0)
    assert eventually(lambda: len(house.living("responder")) == 4, 5.0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_and_exits_well(house: House, number: int) -> None:
    running = house.run()
    running.send_signal(number)
    assert running.wait(10) == 0
    assert not house.living()
    assert house.output().endswith("dev.py: everything is stopped\n")


@pytest.mark.slow
def test_children_that_ignore_sigterm_are_killed_after_the_grace(house: House) -> None:
    house.stand_in("celery", STUBBORN)
    running = house.run()
    began = time.monotonic()
    running.send_signal(signal.SIGTERM)
    assert running.wait(20) == 0
    assert dev.GRACE < time.monotonic() - began < 4 * dev.GRACE
    assert not house.living()


def test_a_second_ctrl_c_does_not_wait_for_the_stubborn(house: House) -> None:
    house.stand_in("celery", STUBBORN)
    running = house.run()
    assert eventually(lambda: len(house.living("celery")) == 12)
    began = time.monotonic()
    running.send_signal(signal.SIGINT)
    assert eventually(lambda: not house.living("statuspage.serve"))
    running.send_signal(signal.SIGINT)
    assert running.wait(10) == 0
    assert time.monotonic() - began < 4
    assert not house.living()


def test_killed_outright_it_takes_its_children_along(house: House) -> None:
    running = house.run()
    running.kill()
    running.wait()
    assert eventually(lambda: not house.living(), 5.0)


def test_stopped_while_it_prepares_it_leaves_nothing(house: House) -> None:
    house.stand_in("manage", SLEEPER)
    running = house.start("run", "--port", str(house.port))
    assert eventually(lambda: bool(house.living("manage")))
    running.send_signal(signal.SIGTERM)
    assert running.wait(10) == 128 + signal.SIGTERM
    assert not house.living()


def test_words_that_are_no_text_are_passed_on_all_the_same(house: House) -> None:
    house.stand_in("incidents.sip.responder", "import os; os.write(1, b'caf\\xff \\x00 ok')\n" + SLEEPER)
    house.run()
    assert eventually(lambda: len(house.living()) == 5)
    os.kill(house.living("responder")[0], signal.SIGKILL)
    assert eventually(lambda: "responder | caf\ufffd \x00 ok" in house.output())
