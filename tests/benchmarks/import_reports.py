"""1,000,000 reports from a CSV through the whole door, beside one by one and beside no work at all.

Every row is read, checked, projected, placed (areas, street), masked, shown, keyed and begun a
chain of digests for, in one transaction, by the command's own verb.
"""

# ruff: noqa: E402 - models can be imported once Django is set up

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
import numpy as np
import pandas as pd
import psycopg
import shapely
from pyproj import Transformer

from tests.benchmarks.comparison import Benchmark, Row

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geo.settings")
django.setup()

from django.db import connection, transaction

from fixtures.city import make_points, read_process
from fixtures.city.plan import read_plan
from reports.importing.mapping import parse_mapping
from reports.importing.rows import AreaKeys, converted, taken
from reports.importing.run import import_reports
from reports.importing.source import Reading, batches
from reports.mask_versions import make_version
from reports.masking import RULES
from reports.models import Category
from reports.submission import NewReport
from reports.workflow import State
from tests.benchmarks.scratch import scratch_city
from tests.benchmarks.submit_many import _row_by_row
from tests.conftest import become, database_url

REPORTS = int(os.environ.get("CIVICGRID_BENCHMARK_REPORTS", "1000000"))
ONE_BY_ONE = 2000
GOAL_PER_S = 8000
MAPPING = """
source = "benchmark"
key = "id"
precision = "exact"
description = "text"
[time]
opened = "opened"
closed = "closed"
format = "%Y-%m-%d %H:%M:%S"
zone = "Europe/Dublin"
ambiguous = "first"
impossible = "shift"
[place]
longitude = "x"
latitude = "y"
crs = {epsg}
[category]
column = "kind"
values = {{{values}}}
[state]
column = "status"
values = {{Open = "accepted", Closed = "done"}}
"""
STAGES = {
    "-- One batch of reports": "all tables (insert.sql)",
    "SET CONSTRAINTS": "checks of foreign keys",
    "-- Claim the keys": "keys (bulk_claim.sql)",
    "SELECT civicgrid_refresh": "statistics for the planner",
}
"""Of the connection that stores, by how a statement begins."""
BACKENDS = """
SELECT pid, pid = pg_backend_pid(), pg_stat_clear_snapshot()::text
FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user
"""


def measure() -> Benchmark:
    """Take each in a process of its own, so that its peak of memory is its own."""
    with tempfile.TemporaryDirectory() as folder, scratch_city():
        make_version()
        path = Path(folder) / "reports.csv"
        write_reports(path)
        one_s, _ = _apart(one_by_one, path)
        plain_s, plain_mb = _apart(geopandas_rows, path)
        ours_s, ours_mb, *told = _apart(ours, path)
    rows = [
        Row(f"import {REPORTS:,} reports", ours_s, "a row at a time (scaled)", one_s),
        Row("import them", ours_s, "as to_postgis, no work done", plain_s),
    ]
    notes = [
        f"{REPORTS / ours_s:,.0f} reports a second; goal {GOAL_PER_S:,} on two quiet cores",
        f"peak memory: ours {ours_mb:,.0f} MB, GeoPandas {plain_mb:,.0f} MB",
        f"a row at a time: {ONE_BY_ONE:,} of them, by look-ups and bulk_create",
        *told,
    ]
    return Benchmark("A million reports through the one door", rows, notes)


def write_reports(path: Path) -> None:
    """Write reports of the demo city's process as a city's own system would."""
    points = make_points(seed=1, count=REPORTS)
    plane = read_plan().plane
    opened = pd.Series(points.time)
    closed = opened + pd.to_timedelta(np.random.default_rng(1).integers(1, 30, REPORTS), "D")
    is_closed = np.arange(REPORTS) % 5 > 0
    pattern = "%Y-%m-%d %H:%M:%S"
    pd.DataFrame(
        {
            "id": np.arange(REPORTS),
            "opened": opened.dt.strftime(pattern),
            "closed": closed.dt.strftime(pattern).where(is_closed, ""),
            "kind": np.array([kind.code for kind in read_process().kinds])[points.kind],
            "status": np.where(is_closed, "Closed", "Open"),
            "x": (plane.origin[0] + points.x).round(2),
            "y": (plane.origin[1] + points.y).round(2),
            "text": "A deep hole by the bus stop",
        }
    ).to_csv(path, index=False, quoting=csv.QUOTE_MINIMAL)


def mapping() -> Any:
    codes = [kind.code for kind in read_process().kinds]
    values = ", ".join(f'"{code}" = "{code}"' for code in codes)
    return parse_mapping(MAPPING.format(epsg=read_plan().plane.epsg, values=values))


def ours(path: Path) -> list[str]:
    spent: dict[str, float] = defaultdict(float)
    ran: dict[bool, float] = defaultdict(float)

    def clock(execute: Callable[..., Any], statement: Any, *rest: Any) -> Any:
        begin = time.perf_counter()
        try:
            return execute(statement, *rest)
        finally:
            known = [name for start, name in STAGES.items() if str(statement).startswith(start)]
            spent[known[0] if known else "other statements"] += time.perf_counter() - begin

    def look(*_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(BACKENDS)
            for backend, is_this, _cleared in cursor.fetchall():
                ran[is_this] = _processor_s(backend) or ran[is_this]

    started = time.process_time()
    with connection.execute_wrapper(clock):
        summary = import_reports([path], mapping(), look)
    look()
    if summary.accepted != REPORTS:
        message = f"{summary.accepted} of {REPORTS} came in: {summary.reasons()}"
        raise RuntimeError(message)
    processor = {
        "the connection that stores": ran[True],
        "the connection that looks up (places, masks, digests)": ran[False],
        "Python": time.process_time() - started,
    }
    limit = max(processor, key=lambda name: processor[name])
    return [
        f"limiting: {limit}",
        "processor, microseconds a report:",
        *(f"{seconds / REPORTS * 1e6:7.0f}    {name}" for name, seconds in processor.items()),
        "passed in the connection that stores:",
        *(f"{spent[name]:7.1f} s  {name}" for name in sorted(spent, key=lambda n: -spent[n])),
        f"load of the machine at the end: {os.getloadavg()[0]:.1f}",
    ]


def _processor_s(process: int) -> float | None:
    """Return the seconds that a process has run; None where the system does not tell."""
    told = Path(f"/proc/{process}/schedstat")
    return int(told.read_text().split()[0]) / 1e9 if told.exists() else None


def one_by_one(path: Path) -> float:
    """Return the seconds for all, from those for a few."""
    become("owner")  # bulk_create reads back what it writes, which no policy lets others do
    told = mapping()
    batch = next(batches(path, told.columns(), Reading(), lambda _read: None, ONE_BY_ONE))
    read = taken(
        converted(batch, told, AreaKeys({}), django.utils.timezone.now()).columns,
        np.arange(ONE_BY_ONE),
    )
    reports = [
        NewReport(
            category=code,
            point=(lon, lat),
            description=text,
            reported_at=opened,
            state=State.NEW,
            source="one by one",
            source_key=key,
        )
        for code, lon, lat, text, opened, key in zip(
            read.category.to_pylist(),
            read.lon.tolist(),
            read.lat.tolist(),
            read.description.to_pylist(),
            pd.Series(read.reported_at).dt.tz_localize("UTC").dt.to_pydatetime(),
            read.key.to_pylist(),
            strict=True,
        )
    ]
    listed = set(Category.objects.filter(sensitivity__in=RULES).values_list("code", flat=True))
    # The peer knows no class that is not listed; there is less to do for one.
    some = [report for report in reports if report.category in listed]
    begin = time.perf_counter()
    with transaction.atomic():
        _row_by_row(some)
        transaction.set_rollback(True)
    return (time.perf_counter() - begin) * REPORTS / len(some)


def geopandas_rows(path: Path) -> None:
    """Do what `GeoDataFrame.to_postgis` does (EWKB by COPY, then an index), over psycopg."""
    frame = pd.read_csv(path, parse_dates=["opened", "closed"])
    lon, lat = Transformer.from_crs(read_plan().plane.epsg, 4326, always_xy=True).transform(
        frame.pop("x"), frame.pop("y")
    )
    points = shapely.set_srid(shapely.points(lon, lat), 4326)
    frame["closed"] = frame["closed"].astype(object).where(frame["closed"].notna(), None)
    frame["geometry"] = shapely.to_wkb(points, hex=True, include_srid=True)
    with psycopg.connect(database_url()) as base:
        base.execute(
            "CREATE TABLE peer_pandas (id bigint, opened timestamp, closed timestamp, kind text, "
            "status text, text text, geometry geometry(Point, 4326))"
        )
        with base.cursor().copy("COPY peer_pandas FROM STDIN") as copy:
            for row in frame.itertuples(index=False, name=None):
                copy.write_row(row)
        base.execute("CREATE INDEX ON peer_pandas USING gist (geometry)")


def _apart(work: Callable[[Path], Any], path: Path) -> list[Any]:
    """Run some work in a fresh process; return its seconds, its peak in MB and what it told."""
    words = [sys.executable, "-m", "tests.benchmarks.import_reports", work.__name__, str(path)]
    environment = {**os.environ, "DATABASE_URL": database_url()}
    done = subprocess.run(words, check=True, env=environment, stdout=subprocess.PIPE, text=True)
    return list(json.loads(done.stdout.splitlines()[-1]))


def _peak_mb() -> float:
    """Return the most memory that this process held; `getrusage` counts its parent's as well."""
    told = Path("/proc/self/status")
    if told.exists():
        (line,) = (each for each in told.read_text().splitlines() if each.startswith("VmHWM"))
        return int(line.split()[1]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main() -> None:
    begin = time.perf_counter()
    told = globals()[sys.argv[1]](Path(sys.argv[2]))
    taken_s = told if isinstance(told, float) else time.perf_counter() - begin
    print(json.dumps([taken_s, _peak_mb(), *(told if isinstance(told, list) else [])]))


if __name__ == "__main__":
    main()
