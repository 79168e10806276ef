"""The suites of tests, each a run of pytest."""

import subprocess
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bootstrap.slot import TEST_DATABASE, Run
from bootstrap.steps import say, side_by_side, spawn, tail
from bootstrap.summary import Outcome, counted

SUITES: dict[str, tuple[str, ...]] = {
    "database": ("tests/database", "tests/setup"),
    "browser": ("tests/browser",),
    "kernels": ("tests/kernels", "tests/decoding", "tests/fixtures"),
    "notebooks": ("tests/notebooks",),
}
"""The longest first: the others run beside it."""


@dataclass(frozen=True)
class Running:
    """A suite under way; without a log its output goes to the terminal."""

    name: str
    child: subprocess.Popen[bytes]
    log: Path | None
    results: Path
    started: float


def run_all(run: Run, at_once: int) -> list[Outcome]:
    """Run every suite, `at_once` at a time; print a line for each, all that a failing one wrote."""
    begin = [
        partial(
            _begin,
            run,
            name,
            [*selection(slow=run.slow), "-q", *folders],
            log=run.logs / f"{name}.log",
        )
        for name, folders in SUITES.items()
    ]
    with closing(side_by_side(begin, at_once)) as ended:
        return [_outcome(each) for each in ended]


def run_with(run: Run, words: Sequence[str]) -> Outcome:
    """Run pytest with someone's own words; its output goes to the terminal."""
    words = [*selection(slow=run.slow), *words]
    with closing(side_by_side([partial(_begin, run, "pytest", words, log=None)], 1)) as ended:
        return _outcome(next(ended))


def selection(*, slow: bool) -> list[str]:
    """Return the option that leaves out what takes long; a later `-m` replaces it."""
    return [] if slow else ["-m", "not slow"]


def _begin(run: Run, name: str, words: Sequence[str], *, log: Path | None) -> Running:
    results = run.logs / f"{name}.xml"
    results.unlink(missing_ok=True)
    if log:
        log.write_bytes(b"")
    argv = [str(run.place.python), "-m", "pytest", f"--junitxml={results}", *words]
    # Suites side by side would empty each other's tables.
    env = {**run.env, TEST_DATABASE: f"{run.env[TEST_DATABASE]}_{name}"}
    started = time.monotonic()
    child = spawn(argv, log=log, env=env, cwd=run.place.root)
    return Running(name, child, log, results, started)


def _outcome(ended: Running) -> Outcome:
    seconds = time.monotonic() - ended.started
    passed, failed, skipped = counts(ended.results, ended.child.returncode)
    if ended.log:
        say(f"{ended.name}: {counted(passed, failed, skipped)} in {seconds:.1f} s")
        say(tail(ended.log, 400) if failed else _skips(ended.log))
    return Outcome(ended.name, passed, failed, skipped, seconds)


def counts(results: Path, code: int) -> tuple[int, int, int]:
    """Return passed, failed and skipped tests of a run of pytest.

    A run that failed without a failing test (no such folder, nothing selected) counts as one
    failure, so that it cannot pass unseen.
    """
    if not results.exists():
        return 0, 1, 0
    suite = ET.parse(results).getroot().find("testsuite")  # noqa: S314 - written by pytest
    if suite is None:
        return 0, 1, 0
    total, failures, errors, skipped = (
        int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors or int(code != 0)
    return max(0, total - failures - errors - skipped), failed, skipped


def _skips(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    return "\n".join(f"    {line}" for line in lines if line.startswith("SKIPPED"))
