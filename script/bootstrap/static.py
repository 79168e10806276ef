"""The checks that run no code of ours: lint, format, types, floors, templates, scripts, locks."""

import subprocess
import sys
import time
import tomllib
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bootstrap.place import Place
from bootstrap.slot import Run
from bootstrap.steps import say, side_by_side, spawn, tail
from bootstrap.summary import Outcome

FLOORS = ("geo", "layers", "reports", "planning")


@dataclass(frozen=True)
class Check:
    """A tool's command; `extra` is added to its environment."""

    name: str
    argv: tuple[str, ...]
    extra: tuple[tuple[str, str], ...] = ()


@dataclass
class Running:
    """A check under way."""

    check: Check
    child: subprocess.Popen[bytes]
    log: Path
    started: float


def checks(place: Place) -> list[Check]:
    """Return every check, the longest first."""
    python = str(place.python)
    programs = place.venv / "bin"
    node_programs = place.root / "node_modules"
    settings = tomllib.loads((place.root / "pyproject.toml").read_text())
    packages = [*settings["tool"]["mypy"]["packages"], "bootstrap"]
    owner = (("CIVICGRID_DB_ROLE", "owner"),)
    return [
        Check(
            "types",
            (python, "-m", "mypy", *(word for name in packages for word in ("-p", name))),
            (("MYPYPATH", "script"),),
        ),
        Check("templates", (str(programs / "djlint"), *FLOORS, "--lint", "--quiet")),
        Check("floors", (str(programs / "lint-imports"),)),
        Check("migrations", (python, "manage.py", "makemigrations", "--check"), owner),
        Check("django", (python, "manage.py", "check"), owner),
        Check("script types", ("node", str(node_programs / "typescript/bin/tsc"), "-p", ".")),
        Check(
            "scripts",
            ("node", str(node_programs / "@biomejs/biome/bin/biome"), "ci", "--colors=off"),
        ),
        Check("lint", (python, "-m", "ruff", "check", ".")),
        Check("format", (python, "-m", "ruff", "format", "--check", ".")),
        Check("locks", (sys.executable, "script/main.py", "lock", "--check")),
    ]


def run_all(run: Run, at_once: int) -> Outcome:
    """Run the checks, `at_once` at a time, and print what each found."""
    started = time.monotonic()
    begin = [partial(_begin, run, check) for check in checks(run.place)]
    with closing(side_by_side(begin, at_once)) as ended:
        good = [_is_good(each) for each in ended]
    return Outcome("static", sum(good), good.count(False), 0, time.monotonic() - started)


def _begin(run: Run, check: Check) -> Running:
    log = run.logs / f"{check.name.replace(' ', '-')}.log"
    log.write_bytes(b"")
    child = spawn(
        check.argv,
        log=log,
        env={**run.env, "NO_COLOR": "1", **dict(check.extra)},
        cwd=run.place.root,
    )
    return Running(check, child, log, time.monotonic())


def _is_good(finished: Running) -> bool:
    good = finished.child.returncode == 0
    seconds = time.monotonic() - finished.started
    say(f"{finished.check.name}: {'ok' if good else 'failed'} in {seconds:.1f} s")
    if not good:
        say(tail(finished.log, 60))
    return good
