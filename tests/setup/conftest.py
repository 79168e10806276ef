"""The set-up's own package, and a clone that is none."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "script"))

from bootstrap import cluster, postgres  # noqa: E402
from bootstrap.place import Place  # noqa: E402


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty clone with its state folder and this interpreter as its own."""
    made = Place(tmp_path / "clone", tmp_path / "clone" / ".state", os.getuid())
    made.prepare()
    made.python.parent.mkdir(parents=True)
    made.python.symlink_to(sys.executable)
    return made


@pytest.fixture
def private_place(place: Place) -> Iterator[Place]:
    """A clone whose cluster is started for real, and taken away in the end."""
    if not postgres.installed():
        pytest.skip("PostgreSQL with PostGIS is not installed on this machine")
    yield place
    cluster.stop(place)
    shutil.rmtree(place.cluster, ignore_errors=True)
    shutil.rmtree(place.socket, ignore_errors=True)
