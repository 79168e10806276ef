"""A web worker that is killed among reports loses none, and none is stored twice."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from reports.models import Report, SubmissionKey
from tests.conftest import database_url
from tests.posting import bodies, send_all

pytestmark = pytest.mark.django_db(transaction=True)

REPORTS, CLIENTS = 240, 8
KILLED_AFTER_S = 0.3
PATIENCE_S = 20


@pytest.fixture
def web(small_city, tmp_path) -> Iterator[tuple[str, int]]:
    """Two web workers, as the site is served; the address and the master's process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    env = os.environ | {
        "DATABASE_URL": database_url(),
        "CIVICGRID_URL": url,
        "CIVICGRID_REPORT_TRIES": "100000",
    }
    command = [
        *(sys.executable, "-m", "gunicorn", "geo.wsgi", "--no-control-socket"),
        *("--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"),
    ]
    with (tmp_path / "web.log").open("wb") as log:
        master = subprocess.Popen(command, cwd=settings.BASE_DIR, env=env, stderr=log)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{url}/health/", timeout=5)  # noqa: S310 - our own server
            break
        except OSError:
            time.sleep(0.1)
    yield url, master.pid
    master.terminate()
    master.wait(timeout=20)


def workers(master: int) -> list[int]:
    children = Path(f"/proc/{master}/task/{master}/children").read_text()
    return [int(pid) for pid in children.split()]


def connections(pid: int, port: int) -> int:
    """Return how many connections of clients a process holds at a port of its own."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    established = {
        f"socket:[{row[9]}]"
        for row in rows
        if row[3] == "01" and int(row[1].partition(":")[2], 16) == port
    }
    held = 0
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            held += str(link.readlink()) in established
    return held


def kill_one_that_is_busy(master: int, port: int) -> int:
    """Kill the first worker that clients are connected to, after a while; return which it was."""
    time.sleep(KILLED_AFTER_S)
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        for worker in workers(master):
            if connections(worker, port):
                os.kill(worker, signal.SIGKILL)
                return worker
        time.sleep(0.005)
    pytest.fail("No worker had a connection.")


def test_reports_survive_the_death_of_a_worker_that_takes_them(web, small_city):
    url, master = web
    sent = bodies(REPORTS, (0.001, 0.001, 0.019, 0.009), ["pothole", "theft"])
    with ThreadPoolExecutor(1) as beside:
        killing = beside.submit(kill_one_that_is_busy, master, urlsplit(url).port or 0)
        answers = send_all(url, sent, CLIENTS)
        assert killing.done(), "all was sent before"
    assert killing.result() not in workers(master)
    assert max(answer.tries for answer in answers) > 1, "nobody was being answered by it"
    assert len({answer.public_id for answer in answers}) == REPORTS
    assert Report.objects.count() == REPORTS
    assert SubmissionKey.objects.count() == REPORTS
