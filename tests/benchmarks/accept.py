"""Reports accepted through HTTP by the site as it is served, with everything on.

Two web workers with four threads each, both job workers, and eight clients on the same machine:
areas, street, mask, public projection, history, keys, throttle, photos' and followers' tables. The
peer is what a first draft would be: a plain REST framework view that looks the area and the
nearest street up and creates one row by the ORM; no mask, no history, no keys, no limits.
"""

# ruff: noqa: E402 - models can be imported once Django is set up

import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import django

from tests.benchmarks.comparison import Benchmark, Row

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geo.settings")
django.setup()

from django.conf import settings

from layers.queries import city_bounds
from reports.models import Report, SubmissionKey
from tests.benchmarks.scratch import scratch_city
from tests.conftest import become, database_url
from tests.posting import Answer, bodies, send_all

REPORTS, WARM_UP = 2400, 200
CLIENTS = 8
ROUNDS = 3
GOAL_A_SECOND, GOAL_P95_MS = 150, 80
CATEGORIES = ("pothole", "street-light", "overflowing-bin", "neighbour-noise", "theft")
WEB = (
    "-m",
    "gunicorn",
    "--no-control-socket",
    "--workers=2",
    "--worker-class=gthread",
    "--threads=4",
)


def measure() -> Benchmark:
    with scratch_city():
        sent = 0
        ours, peer = [], []
        for _ in range(ROUNDS):
            ours.append(_round("geo.wsgi", jobs=True))
            sent += REPORTS + WARM_UP
            if SubmissionKey.objects.count() != sent or _stored() != sent:
                message = f"{sent} reports were sent, {_stored()} are stored."
                raise RuntimeError(message)
            peer.append(_round("tests.benchmarks.plain_site", jobs=False))
    best, best_peer = (min(rounds, key=lambda one: one[0]) for rounds in (ours, peer))
    notes = [
        f"{REPORTS:,} reports of five categories, {CLIENTS} clients, best of {ROUNDS} in turn:",
        _in_words("ours", best),
        _in_words("peer", best_peer),
        f"goal {GOAL_A_SECOND} a second, p95 under {GOAL_P95_MS} ms: "
        + ("reached" if _reaches(best) else "missed"),
        "every report that was answered is stored once.",
    ]
    work = f"accept {REPORTS:,} reports"
    return Benchmark(
        "Reports through HTTP, two web workers",
        [Row(work, best[0], "a plain view: one row by the ORM", best_peer[0])],
        notes,
    )


def _stored() -> int:
    return Report.objects.filter(channel="api").count()


Round = tuple[float, list[Answer]]


def _round(application: str, *, jobs: bool) -> Round:
    become("web")
    bounds = _inside(city_bounds())
    with _serving(application, jobs=jobs) as url:
        send_all(url, bodies(WARM_UP, bounds, CATEGORIES), CLIENTS)
        begin = time.perf_counter()
        answers = send_all(url, bodies(REPORTS, bounds, CATEGORIES), CLIENTS)
        return time.perf_counter() - begin, answers


def _inside(bounds: Sequence[float]) -> tuple[float, float, float, float]:
    """Return the middle third of a box, which lies in the city."""
    west, south, east, north = bounds
    wide, high = (east - west) / 3, (north - south) / 3
    return west + wide, south + high, east - wide, north - high


def _milliseconds(answers: Sequence[Answer]) -> list[float]:
    return [answer.seconds * 1000 for answer in answers]


def _p95(answers: Sequence[Answer]) -> float:
    return statistics.quantiles(_milliseconds(answers), n=20)[-1]


def _reaches(one: Round) -> bool:
    seconds, answers = one
    return len(answers) / seconds >= GOAL_A_SECOND and _p95(answers) < GOAL_P95_MS


def _in_words(name: str, one: Round) -> str:
    seconds, answers = one
    middle = statistics.median(_milliseconds(answers))
    return (
        f"{name}: {len(answers) / seconds:.0f} a second, "
        f"p50 {middle:.0f} ms, p95 {_p95(answers):.0f} ms"
    )


@contextmanager
def _serving(application: str, *, jobs: bool) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    env = os.environ | {
        "DATABASE_URL": database_url(),
        "CIVICGRID_DB_ROLE": "web",
        "CIVICGRID_URL": url,
        "CIVICGRID_REPORT_TRIES": "1000000",
    }
    commands = [(*WEB, application, "--bind", f"127.0.0.1:{port}")]
    if jobs:
        commands += [("manage.py", "run_worker", queue) for queue in ("quick", "study")]
    started = [
        subprocess.Popen([sys.executable, *command], cwd=settings.BASE_DIR, env=env)
        for command in commands
    ]
    try:
        _wait_for(url)
        yield url
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=20)


def _wait_for(url: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{url}/health/", timeout=5)  # noqa: S310 - our own server
        except OSError:
            time.sleep(0.1)
        else:
            return
    message = "The site did not answer within a minute."
    raise TimeoutError(message)
