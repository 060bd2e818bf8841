"""`dev.py test`, `lock` and `bench`: every step runs, a failure is told, words reach pytest in order."""

from tests.devtool.house import House

REPORT = """
import pathlib, sys
for word in sys.argv:
    if word.startswith("--junitxml="):
        pathlib.Path(word.partition("=")[2]).write_text('<testsuite errors="0" skipped="{}" tests="9">')
"""


def test_every_step_runs_in_order_and_is_timed(house: House) -> None:
    assert house.finish("test") == 0
    assert [call.split()[0] for call in house.calls()] == [
        *("ruff", "ruff", "djlint", "mypy", "manage", "manage", "pytest")
    ]
    assert house.output().count("dev.py: ok in ") == 7


def test_a_failed_step_does_not_hide_the_next_and_fails_the_gate(house: House) -> None:
    house.stand_in("mypy", "raise SystemExit(1)")
    assert house.finish("test") == 1
    assert house.calls()[-1].startswith("pytest ")
    assert house.output().endswith("dev.py: failed: mypy\n")


def test_further_words_reach_pytest_in_their_order(house: House) -> None:
    assert house.finish("test", "-k", "zones", "tests/domain", "--maxfail=1") == 0
    assert house.calls()[-1].startswith("pytest -n2 ")
    assert house.calls()[-1].endswith(" -m not slow and not bench -k zones tests/domain --maxfail=1")


def test_all_installs_real_peers_first_and_leaves_out_benchmarks_only(house: House) -> None:
    assert house.finish("test", "--all") == 0
    assert house.calls()[0] == "apt.sh --tests"
    assert house.calls()[-2].endswith(" -m not bench and not alone")


def test_all_runs_what_bears_no_company_by_itself_afterwards(house: House) -> None:
    assert house.finish("test", "--all") == 0
    assert house.calls()[-1].endswith(" -m alone")


def test_words_that_name_nothing_of_it_are_no_failure(house: House) -> None:
    house.stand_in("pytest", "import sys; raise SystemExit(5 if 'alone' in sys.argv else 0)")
    assert house.finish("test", "--all", "tests/domain") == 0
    assert house.finish("test", "--all") == 1


def test_all_allows_no_skip(house: House) -> None:
    house.stand_in("pytest", REPORT.format(2))
    assert house.finish("test", "--all") == 1
    assert house.output().endswith("dev.py: failed: pytest skipped some, and --all allows none\n")
    house.stand_in("pytest", REPORT.format(0))
    assert house.finish("test", "--all") == 0


def test_all_tells_the_tests_that_nothing_may_be_missing(house: House) -> None:
    house.stand_in("pytest", "import os; print('all:', os.environ.get('DIALTONE_TEST_ALL'))")
    house.finish("test", "--all")
    house.finish("test")
    assert [line for line in house.output().splitlines() if line.startswith("all:")] == [
        *("all: 1", "all: 1"),
        "all: None",
    ]


def test_lock_compiles_what_runs_and_then_what_tests_on_top_of_it(house: House) -> None:
    assert house.finish("lock", "--upgrade") == 0
    base, development = house.calls()
    for call in (base, development):
        assert "--universal --python-version 3.11 --generate-hashes --no-strip-extras" in call
        assert "--no-header --no-emit-index-url --no-emit-find-links --upgrade" in call
    assert base.endswith("-o requirements/base.txt requirements/base.in")
    assert development.endswith("-c requirements/base.txt -o requirements/dev.txt requirements/dev.in")


def test_bench_installs_its_tools_where_they_are_missing(house: House) -> None:
    assert house.finish("bench", "-k", "posting", PATH="/nowhere") == 0
    assert house.calls() == ["apt.sh wrk nginx-light", "pytest -m bench -s tests/bench -k posting"]


def test_an_unknown_word_is_refused_where_no_pytest_runs(house: House) -> None:
    assert house.finish("run", "--prot", "8001") == 2
    assert "unknown: --prot 8001" in house.output()
