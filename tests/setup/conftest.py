"""The set-up's own package, and clones that are none."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "script"))

from bootstrap import cluster, postgres  # noqa: E402
from bootstrap.place import Place  # noqa: E402


def clone_in(folder: Path) -> Place:
    """Make an empty clone with its state folder and this interpreter as its own."""
    made = Place(folder / "clone", folder / "clone" / ".state", os.getuid())
    made.prepare()
    made.python.parent.mkdir(parents=True)
    made.python.symlink_to(sys.executable)
    return made


@contextmanager
def taken_away(place: Place) -> Iterator[Place]:
    """Take away what a cluster leaves outside of the clone."""
    if not postgres.installed():
        pytest.skip("PostgreSQL with PostGIS is not installed on this machine")
    try:
        yield place
    finally:
        cluster.stop(place)
        shutil.rmtree(place.cluster, ignore_errors=True)
        shutil.rmtree(place.socket, ignore_errors=True)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A clone where nothing was started yet."""
    return clone_in(tmp_path)


@pytest.fixture
def fresh_place(place: Place) -> Iterator[Place]:
    """A clone whose first cluster a test makes."""
    with taken_away(place):
        yield place


@pytest.fixture(scope="module")
def private_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A clone with a cluster, which tests start and stop in turn: making one takes seconds."""
    with taken_away(clone_in(tmp_path_factory.mktemp("private"))) as place:
        yield place
