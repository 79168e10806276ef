"""An import that is killed leaves nothing, and the same files again give what they would have."""

import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest
from django.db import connection

from geo.environment import PROJECT
from reports.importing import source
from reports.models import Category, HistoryEntry, Report
from tests.conftest import database_url, owner_connection

MAPPING = """
source = "killed"
key = "id"
precision = "exact"
[time]
opened = "opened"
zone = "UTC"
[place]
longitude = "lon"
latitude = "lat"
[category]
default = "pothole"
[state]
default = "accepted"
"""
ROWS = 4 * source.BATCH


@pytest.fixture
def files(tmp_path):
    (tmp_path / "m.toml").write_text(MAPPING)
    lines = [f"{i},2015-07-04,0.00{i % 10},0.00{i % 7}\n" for i in range(ROWS)]
    (tmp_path / "r.csv").write_text("id,opened,lon,lat\n" + "".join(lines))
    return [str(tmp_path / "r.csv"), "--mapping", str(tmp_path / "m.toml")]


@pytest.mark.django_db(transaction=True)
def test_killed_half_way_and_run_again_it_ends_the_same(files):
    Category.objects.get_or_create(
        code="pothole",
        defaults={"family": "roads", "title": "Pothole", "sensitivity": 0, "open311_code": "201"},
    )
    command = [sys.executable, "manage.py", "import_reports", *files]
    environment = {**os.environ, "DATABASE_URL": database_url()}
    process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for_rows()
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not Report.objects.exists()
    again = subprocess.run(
        command, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True
    )
    assert f"{ROWS:,} accepted" in again.stdout
    connection.close()
    assert Report.objects.count() == HistoryEntry.objects.count() == ROWS


def _wait_for_rows() -> None:
    """Wait until the import has written some of its reports, which nobody else sees yet."""
    sequence = "SELECT coalesce(max(last_value), 0) FROM pg_sequences WHERE sequencename = %s"
    deadline = time.monotonic() + 120
    with owner_connection() as owner:
        owner.autocommit = True
        before = _value(owner, sequence)
        while _value(owner, sequence) < before + source.BATCH:
            assert time.monotonic() < deadline, "the import wrote nothing"
            time.sleep(0.02)


def _value(owner: psycopg.Connection, statement: str) -> int:
    return owner.execute(statement, ["reports_report_id_seq"]).fetchone()[0]
