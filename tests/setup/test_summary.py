import os
import subprocess
import sys
from pathlib import Path

import pytest
from bootstrap import suites
from bootstrap.place import ROOT
from bootstrap.summary import Outcome, report

TESTS = """
import pytest

def test_good(): pass

@pytest.mark.parametrize("number", [1, 2])
def test_bad(number): assert number == 0

@pytest.mark.skip(reason="no data")
def test_skipped(): pass

def test_error(missing_fixture): pass
"""


def run_pytest(folder: Path, text: str) -> tuple[Path, int]:
    (folder / "test_it.py").write_text(text)
    results = folder / "results.xml"
    words = [f"--junitxml={results}", "-p", "no:django", "-c", os.devnull, "test_it.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words], cwd=folder, capture_output=True, check=False
    )
    return results, done.returncode


def test_it_counts_what_pytest_ran(tmp_path: Path):
    results, code = run_pytest(tmp_path, TESTS)
    assert suites.counts(results, code) == (1, 3, 1)


def test_a_run_that_collects_nothing_has_failed(tmp_path: Path):
    results, code = run_pytest(tmp_path, "")
    assert suites.counts(results, code) == (0, 1, 0)


def test_a_run_that_left_no_results_has_failed(tmp_path: Path):
    assert suites.counts(tmp_path / "none.xml", 0) == (0, 1, 0)


def test_the_last_line_is_the_sum(capsys: pytest.CaptureFixture[str]):
    code = report([Outcome("kernels", 10, 0, 2, 1.0), Outcome("database", 5, 1, 0, 2.0)])
    assert code == 1
    assert capsys.readouterr().out.splitlines()[-1] == "15 passed, 1 failed, 2 skipped"


def test_all_good_is_zero_and_nothing_at_all_is_not(capsys: pytest.CaptureFixture[str]):
    assert report([Outcome("kernels", 10, 0, 0, 1.0)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "10 passed, 0 failed"
    assert report([Outcome("kernels", 0, 0, 3, 1.0)]) == 1


def test_what_takes_long_waits_for_slow():
    assert suites.selection(slow=False) == ["-m", "not slow"]
    assert suites.selection(slow=True) == []


def test_every_folder_of_tests_belongs_to_a_suite():
    run = {folder for folders in suites.SUITES.values() for folder in folders}
    found = {f"tests/{path.parent.name}" for path in (ROOT / "tests").glob("*/test_*.py")}
    assert found <= run | {"tests/benchmarks"}
