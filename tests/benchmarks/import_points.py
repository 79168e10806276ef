"""1,000,000 points from a GeoPackage into a layer, beside ogr2ogr and GeoPandas."""

# ruff: noqa: E402 - models can be imported once Django is set up

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import django
import geopandas as gpd
import numpy as np
import psycopg
import pyogrio
import shapely

from tests.benchmarks.comparison import Benchmark, Row

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geo.settings")
django.setup()

from tests.benchmarks.scratch import scratch_database
from tests.conftest import database_url

POINTS = 1_000_000
GOAL_PER_S = 50_000


def measure() -> Benchmark:
    """Take each in a process of its own, so that its peak of memory is its own."""
    with tempfile.TemporaryDirectory() as folder, scratch_database():
        path = Path(folder) / "points.gpkg"
        _apart(write_points, path)
        ours_s, ours_mb = _apart(ours, path)
        panda_s, panda_mb = _apart(geopandas_rows, path)
        rows = [Row("import_layer", ours_s, "as to_postgis does", panda_s)]
        notes = [
            f"{POINTS / ours_s:,.0f} points a second with four attributes; goal {GOAL_PER_S:,}",
            f"peak memory: ours {ours_mb:,.0f} MB, GeoPandas {panda_mb:,.0f} MB",
            "ours looks the file over first, projects, indexes and records; peers copy and index",
        ]
        if shutil.which("ogr2ogr"):
            ogr_s, ogr_mb = _apart(ogr2ogr, path)
            rows.append(Row("import_layer", ours_s, "ogr2ogr (COPY)", ogr_s))
            notes.append(f"peak memory of ogr2ogr: {ogr_mb:,.0f} MB")
        else:
            notes.append("ogr2ogr is not installed (apt: gdal-bin), so it is not compared")
    return Benchmark("A million points into a layer", rows, notes)


def write_points(path: Path) -> None:
    """Write points in clusters, as a city's are."""
    random = np.random.default_rng(7)
    middles = random.uniform((-71.19, 42.23), (-70.92, 42.40), (300, 2))
    places = middles[random.integers(0, 300, POINTS)] + random.normal(0, 0.004, (POINTS, 2))
    frame = gpd.GeoDataFrame(
        {
            "number": np.arange(POINTS),
            "kind": random.choice(["lamp", "bin", "tree"], POINTS),
            "share": random.random(POINTS),
            "name": np.char.add("thing ", random.integers(0, 10**6, POINTS).astype(str)),
        },
        geometry=shapely.points(places),
        crs=4326,
    )
    frame.to_file(path, layer="points")


def ours(path: Path) -> None:
    from layers.importing.importers import import_layer
    from layers.importing.load import Provenance
    from layers.importing.reading import Options
    from layers.importing.targets import LayerTarget

    import_layer(path, LayerTarget("points", "Points"), Options(), Provenance("benchmark"))


def geopandas_rows(path: Path) -> None:
    """Do what `GeoDataFrame.to_postgis` does (EWKB by COPY, then an index), over psycopg."""
    frame = pyogrio.read_dataframe(path)
    hexadecimal = shapely.to_wkb(
        shapely.set_srid(frame.geometry.array, 4326), hex=True, include_srid=True
    )
    table = frame.drop(columns="geometry").assign(geometry=hexadecimal)
    with psycopg.connect(database_url()) as base:
        base.execute(
            "CREATE TABLE peer_pandas (number bigint, kind text, share float8, name text, "
            "geometry geometry(Point, 4326))"
        )
        with base.cursor().copy("COPY peer_pandas FROM STDIN") as copy:
            for row in table.itertuples(index=False, name=None):
                copy.write_row(row)
        base.execute("CREATE INDEX ON peer_pandas USING gist (geometry)")


def ogr2ogr(path: Path) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(database_url())
    target = "PG:" + " ".join(f"{name}='{value}'" for name, value in parts.items())
    subprocess.run(
        ["ogr2ogr", "-f", "PostgreSQL", target, str(path), "-nln", "peer_ogr", "-unsetFid"],
        check=True,
        env={**os.environ, "PG_USE_COPY": "YES", "OGR_SKIP": ""},
    )


def _apart(work: Callable[[Path], None], path: Path) -> tuple[float, float]:
    """Run some work in a fresh process; return its seconds and its peak in MB."""
    words = [sys.executable, "-m", "tests.benchmarks.import_points", work.__name__, str(path)]
    environment = {**os.environ, "DATABASE_URL": database_url()}
    done = subprocess.run(words, check=True, env=environment, capture_output=True, text=True)
    seconds, peak_kb = json.loads(done.stdout.splitlines()[-1])
    return seconds, peak_kb / 1000


if __name__ == "__main__":
    work_ = globals()[sys.argv[1]]
    begin = time.perf_counter()
    work_(Path(sys.argv[2]))
    taken = time.perf_counter() - begin
    whose = resource.RUSAGE_CHILDREN if work_ is ogr2ogr else resource.RUSAGE_SELF
    print(json.dumps([taken, resource.getrusage(whose).ru_maxrss]))
