"""A run of the checks, apart from others of the same clone at the same time."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bootstrap.place import Place

TEST_DATABASE = "CIVICGRID_TEST_DATABASE"


@dataclass(frozen=True)
class Run:
    """Where the checks run.

    Parameters
    ----------
    place : Place
        The clone.
    env : mapping
        The environment of every check.
    logs : Path
        A folder for this run alone.
    slow : bool
        Whether what takes long is wanted too.
    """

    place: Place
    env: Mapping[str, str]
    logs: Path
    slow: bool


@contextmanager
def taken(place: Place, env: Mapping[str, str], *, slow: bool) -> Iterator[Run]:
    """Yield a run with logs and a test database of its own.

    Slots are numbered and used again, so that a run that was killed leaves no database that nobody
    would take away.
    """
    with ExitStack() as stack:
        number = next(n for n in count(1) if _is_ours(place, n, stack))
        logs = place.logs / f"test-{number}"
        logs.mkdir(exist_ok=True)
        name = "test_civicgrid" if number == 1 else f"test_civicgrid_{number}"
        yield Run(place, {TEST_DATABASE: name, **env}, logs, slow)


def _is_ours(place: Place, number: int, stack: ExitStack) -> bool:
    lock = stack.enter_context((place.state / f"test-{number}.lock").open("a"))
    with suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
