"""The suites of tests, each a run of pytest."""

import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from bootstrap.slot import Run
from bootstrap.steps import end, say, spawn, tail
from bootstrap.summary import Outcome, counted

SUITES: dict[str, tuple[str, ...]] = {
    "kernels": ("tests/kernels", "tests/decoding", "tests/fixtures"),
    "database": ("tests/database", "tests/setup"),
    "browser": ("tests/browser",),
    "notebooks": ("tests/notebooks",),
}


def run_all(run: Run) -> list[Outcome]:
    """Run every suite; print a line for each, and all that a failing one wrote."""
    return [
        _run(run, name, [*selection(slow=run.slow), "-q", *folders], run.logs / f"{name}.log")
        for name, folders in SUITES.items()
    ]


def run_with(run: Run, words: Sequence[str]) -> Outcome:
    """Run pytest with someone's own words; its output goes to the terminal."""
    return _run(run, "pytest", [*selection(slow=run.slow), *words], None)


def selection(*, slow: bool) -> list[str]:
    """Return the option that leaves out what takes long; a later `-m` replaces it."""
    return [] if slow else ["-m", "not slow"]


def _run(run: Run, name: str, words: Sequence[str], log: Path | None) -> Outcome:
    results = run.logs / f"{name}.xml"
    results.unlink(missing_ok=True)
    if log:
        log.write_bytes(b"")
    started = time.monotonic()
    argv = [str(run.place.python), "-m", "pytest", f"--junitxml={results}", *words]
    child = spawn(argv, log=log, env=run.env, cwd=run.place.root)
    try:
        code = child.wait()
    finally:
        end([child], 5)
    passed, failed, skipped = counts(results, code)
    outcome = Outcome(name, passed, failed, skipped, time.monotonic() - started)
    if log:
        say(f"{name}: {counted(passed, failed, skipped)} in {outcome.seconds:.1f} s")
        say(tail(log, 400) if failed else _skips(log))
    return outcome


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
