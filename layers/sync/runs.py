"""Runs sources: by hand or when they are due; each run is recorded."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from layers import jobs
from layers.access import Viewer
from layers.city import refuse_demo
from layers.errors import Conflict
from layers.guard import require_administrator
from layers.jobs import Job, Progress, Watch
from layers.sync import schedule
from layers.sync.addresses import parse_reach
from layers.sync.client import Client
from layers.sync.kinds import Outcome, Work
from layers.sync.models import SyncRun
from layers.sync.schedule import Source
from layers.sync.spool import Spool

TASK = "layers.run_sync"
SPOOLS = "sync"
BROKE_OFF = "The computer or its program stopped while this ran. The next run goes on from there."
KEPT_RUNS = 200
"""Of each source; older ones are forgotten."""


def run(name: str, progress: Progress = jobs.ignore, *, from_the_start: bool = False) -> SyncRun:
    """Run a source now, to its end, whatever that is; the row that comes back says which.

    Raises
    ------
    NotFound, InvalidInput
        When there is no such source, or its file is not understood.
    Conflict
        When it runs already, or this is the demo city.
    """
    refuse_demo()
    schedule.source(name)
    row = SyncRun.objects.create(source=name, from_the_start=from_the_start)
    execute(row.pk, progress)
    row.refresh_from_db()
    return row


def ask(name: str, viewer: Viewer) -> SyncRun:
    """Let a worker run a source as soon as it can.

    Raises
    ------
    NotAllowed
        When the viewer is no administrator.
    NotFound, InvalidInput
        When there is no such source, or its file is not understood.
    Conflict
        When it waits or runs already.
    """
    require_administrator(viewer)
    refuse_demo()
    schedule.source(name)
    last = schedule.last_run(name)
    if last and last.is_under_way():
        message = gettext("%(name)s runs already. Wait until that has ended.")
        raise Conflict(message % {"name": name})
    return _queue(name, viewer.user_id)


def queue_due() -> list[SyncRun]:
    """Let a worker run the sources that are due."""
    known = [each for each in schedule.sources() if isinstance(each, Source)]
    return [_queue(source.name) for source in schedule.due(timezone.now(), known)]


def _queue(name: str, asked_by: int | None = None) -> SyncRun:
    with transaction.atomic():
        row = SyncRun.objects.create(source=name, asked_by_id=asked_by)
        jobs.queue(row, TASK)
    return row


def execute(run_id: int, progress: Progress = jobs.ignore) -> SyncRun | None:
    """Run a source as its row asks; None when there was nothing to do.

    Raises
    ------
    Conflict
        When this source runs already; the row goes.
    """
    row = SyncRun.objects.filter(pk=run_id).first()
    if row is None:
        return None
    with _alone(row):
        done = jobs.execute(SyncRun, run_id, _work, progress)
    _forget_old(row.source)
    return done


def _work(row: SyncRun, watch: Watch) -> None:
    outcome = _bring(row, watch)
    with transaction.atomic():
        jobs.still_wanted(row)
        for name, value in vars(outcome).items():
            setattr(row, name, value)
        jobs.succeed(row)


def _bring(row: SyncRun, watch: Watch) -> Outcome:
    source = schedule.source(row.source)
    before = SyncRun.objects.filter(source=row.source, state=Job.State.SUCCEEDED)
    last = before.order_by("-id").first()
    work = Work(
        name=source.name,
        client=Client(parse_reach(settings.SYNC_PRIVATE)),
        spool=Spool(settings.STATE_DIR / SPOOLS / source.name),
        memory=last.memory if last else {},
        progress=_told(watch),
        still_wanted=lambda: jobs.still_wanted(row),
        from_the_start=row.from_the_start,
    )
    return source.bringer.bring(work)


def _told(watch: Watch) -> Progress:
    """Report as the work asks for: inside a transaction, nothing is written of it."""

    def progress(share: float, what: str) -> None:
        tell = watch.look if connection.in_atomic_block else watch
        tell(share, what)

    return progress


@contextmanager
def _alone(row: SyncRun) -> Iterator[None]:
    """Keep others from running this source; what one that is no more left under way has ended.

    Raises
    ------
    Conflict
        When it runs already.
    """
    key = int.from_bytes(hashlib.sha256(row.source.encode()).digest()[:7])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        (is_ours,) = cursor.fetchone()
    if not is_ours:
        row.delete()
        message = gettext("%(name)s runs already. Wait until that has ended.")
        raise Conflict(message % {"name": row.source})
    try:
        left = SyncRun.objects.filter(source=row.source, state=Job.State.RUNNING).exclude(pk=row.pk)
        left.update(state=Job.State.FAILED, error=BROKE_OFF, finished_at=timezone.now())
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _forget_old(name: str) -> None:
    rows = SyncRun.objects.filter(source=name).order_by("-id")
    succeeded = rows.filter(state=Job.State.SUCCEEDED)
    kept = [row.pk for row in (*rows[:KEPT_RUNS], *succeeded[:1])]
    SyncRun.objects.filter(source=name).exclude(pk__in=kept).delete()
