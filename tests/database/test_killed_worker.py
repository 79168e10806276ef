"""A web worker that is killed among reports loses none, and none is stored twice."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from reports.models import Report, SubmissionKey
from tests.conftest import database_url
from tests.posting import bodies, send_all

pytestmark = pytest.mark.django_db(transaction=True)

REPORTS, CLIENTS = 160, 8
KILLED_AFTER_S = 0.3


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


def test_reports_survive_the_death_of_a_worker_that_takes_them(web, small_city):
    url, master = web
    sent = bodies(REPORTS, (0.001, 0.001, 0.019, 0.009), ["pothole", "theft"])
    victim = workers(master)[0]
    killer = threading.Timer(KILLED_AFTER_S, lambda: os.kill(victim, signal.SIGKILL))
    killer.start()
    answers = send_all(url, sent, CLIENTS)
    killer.join()
    assert victim not in workers(master)
    assert max(answer.tries for answer in answers) > 1, "nobody was being answered by it"
    assert len({answer.public_id for answer in answers}) == REPORTS
    assert Report.objects.count() == REPORTS
    assert SubmissionKey.objects.count() == REPORTS
