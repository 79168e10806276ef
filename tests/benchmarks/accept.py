"""Reports accepted through HTTP by the site as it is served, with everything on.

Two web workers with four threads each, both job workers, and eight clients on the same machine:
areas, street, mask, public projection, history, keys, throttle, photos' and followers' tables. The
peer is what a first draft would be: a plain REST framework view that looks the area and the
nearest street up and creates one row by the ORM; no mask, no history, no keys, no limits. Both
sites are started before the first round, so that they run the code that their database was made
by. In a last round one of our web workers is killed half-way.

After the warm-up the tables are analysed, as autovacuum does in service: a session that has planned
its checks of foreign keys for empty tables reads them whole at each commit, the longer they grow.

Beside the time stands what a report costs the processors, which other work on the machine changes
less: CPU of the web workers and of PostgreSQL's backends, from /proc.
"""

# ruff: noqa: E402 - models can be imported once Django is set up

import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import django

from tests.benchmarks.comparison import Benchmark, Row

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geo.settings")
django.setup()

from django.conf import settings
from django.db import connection

from layers.queries import city_bounds
from reports.models import Report, SubmissionKey
from tests.benchmarks.scratch import scratch_city
from tests.conftest import become, database_url, owner_connection
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


@dataclass(frozen=True)
class Site:
    """A site that is being served: its address and the master of its web workers."""

    url: str
    master: int

    def workers(self) -> list[int]:
        """Return the processes of its web workers."""
        children = Path(f"/proc/{self.master}/task/{self.master}/children").read_text()
        return [int(pid) for pid in children.split()]


@dataclass(frozen=True)
class Round:
    """What came of sending REPORTS reports: seconds, answers, CPU seconds of web and database."""

    seconds: float
    answers: list[Answer]
    web_cpu_s: float
    database_cpu_s: float

    @property
    def p95_ms(self) -> float:
        """The 95th percentile of what a client waited."""
        return statistics.quantiles(_milliseconds(self.answers), n=20)[-1]

    @property
    def reaches_goal(self) -> bool:
        """Whether it was as fast as it should be."""
        return len(self.answers) / self.seconds >= GOAL_A_SECOND and self.p95_ms < GOAL_P95_MS

    def in_words(self, name: str) -> str:
        """Say it in one line."""
        count, middle = len(self.answers), statistics.median(_milliseconds(self.answers))
        return (
            f"{name}: {count / self.seconds:.0f} a second, "
            f"p50 {middle:.0f} ms, p95 {self.p95_ms:.0f} ms; "
            f"CPU a report: web {self.web_cpu_s / count * 1000:.1f} ms, "
            f"PostgreSQL {self.database_cpu_s / count * 1000:.1f} ms"
        )


def measure() -> Benchmark:
    with scratch_city(), ExitStack() as served:
        become("web")
        bounds = _inside(city_bounds())
        ours = served.enter_context(_serving("geo.wsgi", jobs=True))
        peer = served.enter_context(_serving("tests.benchmarks.plain_site", jobs=False))
        taken = [answer for site in (ours, peer) for answer in _send(site, WARM_UP, bounds)]
        taken = taken[:WARM_UP]
        with owner_connection() as owner:
            owner.execute("ANALYZE")
        rounds, peer_rounds = [], []
        for _ in range(ROUNDS):
            rounds.append(_round(ours, bounds))
            taken += rounds[-1].answers
            _check_stored(taken)
            peer_rounds.append(_round(peer, bounds))
        killed = _killed_halfway(ours, bounds, statistics.median(one.seconds for one in rounds))
        _check_stored(taken + killed)
    middle, middle_peer = (
        sorted(of, key=lambda one: one.seconds)[ROUNDS // 2] for of in (rounds, peer_rounds)
    )
    again = sum(answer.tries > 1 for answer in killed)
    notes = [
        f"{REPORTS:,} reports of five categories, {CLIENTS} clients, middle of {ROUNDS} in turn:",
        middle.in_words("ours"),
        middle_peer.in_words("peer"),
        "each round of ours, a second: "
        + ", ".join(f"{len(one.answers) / one.seconds:.0f}" for one in rounds)
        + "; of the peer: "
        + ", ".join(f"{len(one.answers) / one.seconds:.0f}" for one in peer_rounds),
        f"goal {GOAL_A_SECOND} a second, p95 under {GOAL_P95_MS} ms: "
        + ("reached" if middle.reaches_goal else "missed"),
        f"{len(taken) + len(killed):,} reports were answered, each is stored once;",
        f"{again} of them were sent again after a web worker was killed.",
    ]
    work = f"accept {REPORTS:,} reports"
    return Benchmark(
        "Reports through HTTP, two web workers",
        [Row(work, middle.seconds, "a plain view: one row by the ORM", middle_peer.seconds)],
        notes,
    )


Bounds = tuple[float, float, float, float]


def _send(site: Site, count: int, bounds: Bounds) -> list[Answer]:
    return send_all(site.url, bodies(count, bounds, CATEGORIES), CLIENTS)


def _round(site: Site, bounds: Bounds) -> Round:
    web, database = _cpu_seconds(site.workers()), _cpu_seconds(_backends())
    begin = time.perf_counter()
    answers = _send(site, REPORTS, bounds)
    seconds = time.perf_counter() - begin
    return Round(seconds, answers, _spent(web), _spent(database))


def _killed_halfway(site: Site, bounds: Bounds, usual_s: float) -> list[Answer]:
    victim = site.workers()[0]
    killer = threading.Timer(usual_s / 2, os.kill, (victim, signal.SIGKILL))
    killer.start()
    answers = _send(site, REPORTS, bounds)
    killer.join()
    if victim in site.workers():
        message = f"The web worker {victim} was to be killed and lives."
        raise RuntimeError(message)
    return answers


def _check_stored(answers: Sequence[Answer]) -> None:
    """Read back what was answered: every report is there, once, and no other."""
    answered = sorted(answer.public_id for answer in answers)
    stored = sorted(Report.objects.filter(channel="api").values_list("public_id", flat=True))
    keys = SubmissionKey.objects.count()
    if answered != stored or keys != len(stored):
        message = f"{len(answered)} were answered, {len(stored)} are stored under {keys} keys."
        raise RuntimeError(message)


def _backends() -> list[int]:
    """Return the processes of PostgreSQL that serve this database, where they can be seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity "
            "WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return [pid for (pid,) in cursor.fetchall()]


def _cpu_seconds(processes: Iterable[int]) -> dict[int, float]:
    """Return what processes have run so far, in user and system mode; those that ended are out."""
    found = {}
    for pid in processes:
        described = Path(f"/proc/{pid}/stat")
        if described.exists():
            fields = described.read_text().rsplit(")", 1)[1].split()
            found[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


def _spent(before: Mapping[int, float]) -> float:
    """Return what processes have run since; a connection that ended meanwhile is not counted."""
    return sum(seconds - before[pid] for pid, seconds in _cpu_seconds(before).items())


def _inside(bounds: Sequence[float]) -> tuple[float, float, float, float]:
    """Return the middle third of a box, which lies in the city."""
    west, south, east, north = bounds
    wide, high = (east - west) / 3, (north - south) / 3
    return west + wide, south + high, east - wide, north - high


def _milliseconds(answers: Sequence[Answer]) -> list[float]:
    return [answer.seconds * 1000 for answer in answers]


@contextmanager
def _serving(application: str, *, jobs: bool) -> Iterator[Site]:
    """Serve a site; where that fails, the end of what it logged is told with the failure."""
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
    with tempfile.TemporaryFile("w+") as log:
        started = [
            subprocess.Popen(
                [sys.executable, *command], cwd=settings.BASE_DIR, env=env, stdout=log, stderr=log
            )
            for command in commands
        ]
        try:
            _wait_for(url)
            yield Site(url, started[0].pid)
        except Exception as failure:
            log.seek(0)
            failure.add_note(f"The end of the log of {application}:\n{log.read()[-4000:]}")
            raise
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
