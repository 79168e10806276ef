"""Long work as a row: asked for, under way, stopped, ended.

A job goes from queued through running to succeeded, failed or cancelled. Whoever works on it holds
its number of attempts: once another has taken over, what the first still does is void.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted
from psycopg import sql

from layers.errors import CivicError, Conflict

QUEUE = "study"
"""Where long work waits: one job at a time, beside the quick ones."""
MAX_ATTEMPTS = 3
INTERVAL_S = 0.25
STOPPED = gettext_noop("Stopped. Nothing was saved.")

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and what is being done; what it raises stops the job."""


class Job(models.Model):
    """What every kind of long work is asked, watched and ended by."""

    class State(models.TextChoices):
        """How far it is."""

        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        SUCCEEDED = "succeeded", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Stopped")

    NOUN = ""
    """What people call one, such as “run”."""
    REMEDY = ""
    """What to try when the work has brought the computer down several times."""

    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    progress = models.FloatField(default=0.0)
    step = models.CharField(max_length=200, blank=True)
    cancel_asked = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    job_id = models.BigIntegerField(null=True)
    error = models.TextField(blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    asked_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def called(self) -> str:
        """Return what people call it, such as “run 12”."""
        return f"{gettext(self.NOUN)} {self.pk}"

    def is_under_way(self) -> bool:
        """Tell whether it has not ended."""
        return self.state in UNDER_WAY

    def seconds_left(self) -> float | None:
        """Estimate how long it still takes from how far it is; None before that is known."""
        if self.state != Job.State.RUNNING or self.started_at is None or self.progress < 0.05:
            return None
        spent = (timezone.now() - self.started_at).total_seconds()
        return spent * (1 - self.progress) / self.progress

    def told(self, url: str) -> dict[str, Any]:
        """Return how far it is, as pages and programs ask; `url` shows its end."""
        left = self.seconds_left()
        return {
            "id": self.pk,
            "state": self.state,
            "progress": self.progress,
            "step": gettext(self.step) if self.step else "",
            "seconds_left": None if left is None else round(left),
            "url": None if self.is_under_way() else url,
        }


UNDER_WAY = frozenset({Job.State.QUEUED, Job.State.RUNNING})
"""The states that a job has not ended in."""

J = TypeVar("J", bound=Job)


class JobEndedError(Exception):
    """A job ends before its work is done; raised through the work by its progress callback."""


class StopAskedError(JobEndedError):
    """Somebody asked for the job to stop."""


class InterruptedJobError(JobEndedError):
    """The worker is shutting down; the job waits for the next one."""


class SupersededError(JobEndedError):
    """Another worker has taken this job over, or it is gone: what this one does is void."""


# ---- asking and stopping ----


def queue(job: Job, task: str) -> None:
    """Let a worker do the task of a job, as part of the caller's transaction.

    What it says will be in the language that is active now.
    """
    arguments = {_argument(type(job)): job.pk, "language": get_language() or ""}
    job.job_id = app.configure_task(task, queue=QUEUE).defer(**arguments)
    job.save(update_fields=["job_id"])


def _argument(model: type[Job]) -> str:
    return f"{model._meta.model_name}_id"  # noqa: SLF001 - a public interface


def cancel(job: J) -> J:
    """Stop a job: at once while it waits, at its next sign of progress while it works.

    Asked for the second time it counts as stopped at once, in case whoever worked on it is dead;
    what a living one still does is void.

    Raises
    ------
    Conflict
        When it has ended already.
    """
    with transaction.atomic():
        current = _locked(type(job)).get(pk=job.pk)
        match current.state:
            case Job.State.QUEUED:
                _end(current, Job.State.CANCELLED, step=STOPPED)
            case Job.State.RUNNING if current.cancel_asked:
                _end(current, Job.State.CANCELLED, step=STOPPED)
            case Job.State.RUNNING:
                current.cancel_asked = True
                current.save(update_fields=["cancel_asked"])
            case _:
                message = gettext("%(job)s has ended already; there is nothing to stop.")
                raise Conflict(message % {"job": _capital(current.called())})
    return current


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _locked(model: type[J]) -> "models.QuerySet[J]":
    return model._default_manager.select_for_update()  # noqa: SLF001 - a public interface


# ---- executing ----


def ignore(share: float, what: str) -> None:
    """Ignore the progress: where nobody watches."""


def execute(
    model: type[J], key: int, work: "Callable[[J, Watch], None]", progress: Progress = ignore
) -> J | None:
    """Do a job's work to its end, whatever that is; the row says which.

    Parameters
    ----------
    model, key
        A queued job, or a running one whose worker has died: it starts anew.
    work
        Does it, and calls `succeed` in the transaction that keeps what came of it.
    progress
        Called beside the job's own record; what it raises stops the job.

    Returns
    -------
    The job as it ended; None when there was nothing to do.

    Raises
    ------
    InterruptedJobError
        When `progress` raised it; the job is queued again.
    """
    job = _start(model, key)
    if job is None:
        return None
    try:
        work(job, Watch(job, progress))
    except SupersededError:
        return None
    except (StopAskedError, KeyboardInterrupt):
        _end(job, Job.State.CANCELLED, step=STOPPED)
    except InterruptedJobError:
        _held(job).filter(state=Job.State.RUNNING).update(
            state=Job.State.QUEUED, attempts=F("attempts") - 1, progress=0.0, step=""
        )
        raise
    except CivicError as error:
        _end(job, Job.State.FAILED, error=error.message)
    except Exception:
        message = gettext(
            "Something in this program failed; nothing was saved. The log of the study worker "
            "says more about %(job)s."
        )
        _end(job, Job.State.FAILED, error=message % {"job": job.called()})
        raise
    return job


def _start(model: type[J], key: int) -> J | None:
    """Take the job over; None when it has ended or is gone."""
    with transaction.atomic():
        job = _locked(model).filter(pk=key).first()
        if job is None or not job.is_under_way():
            return None
        if job.cancel_asked:
            _end(job, Job.State.CANCELLED, step=STOPPED)
            return None
        if job.attempts >= MAX_ATTEMPTS:
            message = gettext(
                "The computer stopped %(attempts)s times while it worked on this, perhaps for "
                "lack of memory. %(remedy)s"
            )
            told = message % {"attempts": job.attempts, "remedy": gettext(job.REMEDY)}
            _end(job, Job.State.FAILED, error=told)
            return None
        job.state = Job.State.RUNNING
        job.attempts += 1
        job.progress, job.step, job.started_at = 0.0, "", timezone.now()
        job.save(update_fields=["state", "attempts", "progress", "step", "started_at"])
    return job


def _held(job: J) -> "models.QuerySet[J]":
    """Return the job's row while it is this worker's."""
    rows = type(job)._default_manager  # noqa: SLF001 - a public interface
    return rows.filter(pk=job.pk, attempts=job.attempts)


def _end(job: Job, state: Job.State, *, error: str = "", step: str = "") -> None:
    """Write the end of a job; only whoever works on it may, and only once."""
    fields = {"state": state, "error": error, "step": step, "finished_at": timezone.now()}
    _held(job).filter(state__in=UNDER_WAY).update(**fields)
    job.refresh_from_db()


def still_wanted(job: Job) -> None:
    """Lock the job's row: from here to the end of the transaction nobody can stop or take it.

    Raises
    ------
    StopAskedError, SupersededError
        When it shall not be kept; the transaction must not be committed.
    """
    current = _locked(type(job)).filter(pk=job.pk).first()
    if current is None or (current.attempts, current.state) != (job.attempts, Job.State.RUNNING):
        raise SupersededError
    if current.cancel_asked:
        raise StopAskedError


def succeed(job: Job) -> None:
    """Write the job, with all that was put into it, as done; follows `still_wanted`."""
    job.state, job.progress, job.step = Job.State.SUCCEEDED, 1.0, ""
    job.finished_at = timezone.now()
    job.save()


def execute_in_worker(
    context: JobContext, language: str, execute_one: Callable[[Progress], object]
) -> None:
    """Execute a job in a worker's task; when the worker must stop, put it back into the queue.

    `language` is that of who asked; empty: the site's own.
    """

    def give_way(_share: float, _what: str) -> None:
        if context.should_abort():
            raise InterruptedJobError

    try:
        with translation.override(language or settings.LANGUAGE_CODE):
            execute_one(give_way)
    except InterruptedJobError:
        raise JobAborted from None


# ---- watching ----

REPORT_PROGRESS = sql.SQL(
    "UPDATE {job} SET progress = %s, step = %s WHERE id = %s AND attempts = %s AND state = %s "
    "RETURNING cancel_asked"
)
LOOK = sql.SQL("SELECT cancel_asked FROM {job} WHERE id = %s AND attempts = %s AND state = %s")


class Watch:
    """A progress callback that writes to the job's row: each new step, else four times a second.

    Each write is a statement of its own, committed at once: whoever polls the row sees it. The
    same statement tells whether the job should stop.
    """

    def __init__(self, job: Job, also: Progress) -> None:
        self._job = (job.pk, job.attempts, Job.State.RUNNING)
        table = sql.Identifier(job._meta.db_table)  # noqa: SLF001 - a public interface
        self._report, self._look = REPORT_PROGRESS.format(job=table), LOOK.format(job=table)
        self._also = also
        self._last, self._step = 0.0, ""

    def __call__(self, share: float, what: str) -> None:
        """Report; raise when the job shall not go on."""
        self._tell(share, what, connection)

    def look(self, share: float, what: str) -> None:
        """Do the same inside a transaction, where writing would keep others from the row."""
        self._also(share, what)
        self._ask(connection, self._look)

    @contextmanager
    def aside(self) -> Iterator[Progress]:
        """Report by a connection of its own: for work that is one long transaction."""
        own = connection.copy()
        try:
            yield lambda share, what: self._tell(share, what, own)
        finally:
            own.close()

    def between(self, start: float, end: float) -> Progress:
        """Return a callback whose 0 to 1 is this one's `start` to `end`."""
        return lambda share, what: self(start + share * (end - start), what)

    def _tell(self, share: float, what: str, through: BaseDatabaseWrapper) -> None:
        self._also(share, what)
        if what != self._step:
            self._last, self._step = 0.0, what
        self._ask(through, self._report, share, what)

    def _ask(
        self, through: BaseDatabaseWrapper, statement: sql.Composed, *values: float | str
    ) -> None:
        now = time.monotonic()
        if now - self._last < INTERVAL_S:
            return
        self._last = now
        with through.cursor() as cursor:
            cursor.execute(statement, [*values, *self._job])
            row = cursor.fetchone()
        if row is None:
            raise SupersededError
        if row[0]:
            raise StopAskedError
