"""An ``.osm.pbf`` of 2,000,000 nodes into the city's tables, beside osm2pgsql and pyrosm."""

# ruff: noqa: E402 - models can be imported once Django is set up

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import django
import psycopg
from psycopg.conninfo import conninfo_to_dict

from fixtures.city import make_city
from tests.benchmarks.comparison import Benchmark, Row
from tests.benchmarks.osm_file import write

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geo.settings")
django.setup()

from tests.benchmarks.scratch import scratch_database
from tests.conftest import database_url

LEAST_NODES = 2_000_000
PYROSM = os.environ.get("CIVICGRID_PYROSM", "")
"""A Python that has pyrosm, in an environment of its own: it is no dependency of ours."""
READ_BY_PYROSM = """
import sys
from pyrosm import OSM
file = OSM(sys.argv[1])
found = [file.get_network("all"), file.get_buildings(), file.get_pois(), file.get_boundaries()]
print(", ".join(str(0 if rows is None else len(rows)) for rows in found))
"""
TABLES = ("layers_streetsegment", "layers_area", "layers_address", "layers_asset")


def measure() -> Benchmark:
    """Take each in a process of its own, so that its peak of memory is its own."""
    with tempfile.TemporaryDirectory() as folder, scratch_database():
        path = Path(folder) / "city.osm.pbf"
        # Not here: a program that is started has the peak of whoever starts it.
        words = [sys.executable, "-m", "tests.benchmarks.import_osm", str(path)]
        nodes = int(subprocess.run(words, check=True, capture_output=True).stdout)
        ours = _apart([sys.executable, "manage.py", "import_osm", str(path)])
        again = _apart([sys.executable, "manage.py", "import_osm", str(path)])
        rows = []
        notes = [
            f"{nodes:,} nodes, {path.stat().st_size / 1e6:.1f} MB; stored: {_stored()}",
            f"{_costs('ours', ours)}; the same file again {again.wall_s:.1f} s",
            "ours makes areas, tells repeated addresses, makes the search anew, can be undone",
        ]
        if shutil.which("osm2pgsql"):
            words = ["osm2pgsql", "--database", _database(), "--prefix", "peer", str(path)]
            peer = _apart(words)
            rows.append(Row("import_osm", ours.wall_s, "osm2pgsql, four tables", peer.wall_s))
            notes.append(_costs("osm2pgsql", peer))
        else:
            notes.append("osm2pgsql is not installed (apt: osm2pgsql), so it is not compared")
        if PYROSM:
            peer = _apart([PYROSM, "-c", READ_BY_PYROSM, str(path)])
            rows.append(Row("import_osm", ours.wall_s, "pyrosm, frames, no database", peer.wall_s))
            notes.append(_costs("pyrosm", peer))
        else:
            notes.append("CIVICGRID_PYROSM names no Python with pyrosm, so it is not compared")
    return Benchmark("An extract of OpenStreetMap", rows, notes)


@dataclass(frozen=True)
class Cost:
    """What a program took; the processor's time of PostgreSQL is not its own."""

    wall_s: float
    processor_s: float
    peak_mb: float


def _costs(name: str, cost: Cost) -> str:
    return f"{name}: {cost.processor_s:.1f} s of a processor, peak {cost.peak_mb:,.0f} MB"


def _apart(words: list[str]) -> Cost:
    """Run a program to its end."""
    begin = time.perf_counter()
    process = subprocess.Popen(words, env=_environment(), stdout=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = f"{words[0]} ended with {process.returncode}"
        raise RuntimeError(message)
    wall_s = time.perf_counter() - begin
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000)


def _database() -> str:
    return str(conninfo_to_dict(database_url())["dbname"] or "")


def _environment() -> dict[str, str]:
    """Let every program find the scratch database, without a password among its words."""
    parts = conninfo_to_dict(database_url())
    peers = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password"}
    found = {name: str(parts[key]) for name, key in peers.items() if parts.get(key)}
    return {**os.environ, **found, "DATABASE_URL": database_url()}


def _stored() -> str:
    with psycopg.connect(database_url()) as base:
        counts = [base.execute(f"SELECT count(*) FROM {table}").fetchone() for table in TABLES]
    return ", ".join(
        f"{row[0]:,} {table.removeprefix('layers_')}"
        for row, table in zip(counts, TABLES, strict=True)
        if row
    )


if __name__ == "__main__":
    print(write(make_city(reports=100), Path(sys.argv[1]), LEAST_NODES))
