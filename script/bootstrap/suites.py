"""The suites of tests, each a run of pytest."""

import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from pathlib import Path

from bootstrap.place import Place
from bootstrap.steps import end, say, spawn, tail
from bootstrap.summary import Outcome, counted

SUITES: dict[str, tuple[str, ...]] = {
    "kernels": ("tests/kernels", "tests/fixtures"),
    "database": ("tests/database", "tests/setup"),
    "browser": ("tests/browser",),
    "notebooks": ("tests/notebooks",),
}


def run_all(place: Place, env: Mapping[str, str], *, slow: bool) -> list[Outcome]:
    """Run every suite; print a line for each, and all that a failing one wrote."""
    return [
        _run(place, env, name, [*selection(slow=slow), "-q", *folders], quiet=True)
        for name, folders in SUITES.items()
    ]


def run_with(place: Place, env: Mapping[str, str], words: Sequence[str], *, slow: bool) -> Outcome:
    """Run pytest with someone's own words; its output goes to the terminal."""
    return _run(place, env, "pytest", [*selection(slow=slow), *words], quiet=False)


def selection(*, slow: bool) -> list[str]:
    """Return the option that leaves out what takes long; a later `-m` replaces it."""
    return [] if slow else ["-m", "not slow"]


def _run(
    place: Place, env: Mapping[str, str], name: str, words: Sequence[str], *, quiet: bool
) -> Outcome:
    results = place.logs / f"test-{name}.xml"
    log = place.logs / f"test-{name}.log" if quiet else None
    if log:
        log.write_bytes(b"")
    results.unlink(missing_ok=True)
    started = time.monotonic()
    argv = [str(place.python), "-m", "pytest", f"--junitxml={results}", *words]
    child = spawn(argv, log=log, env=env, cwd=place.root)
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
