"""Carries a run's progress out, and the wish to stop in."""

import time

from django.db import connection

from planning.models import Run
from planning.progress import Progress

INTERVAL_S = 0.25


class RunEndedError(Exception):
    """A run ends before its answer; raised through the kernel by its progress callback."""


class StopAskedError(RunEndedError):
    """Somebody asked for the run to stop."""


class InterruptedRunError(RunEndedError):
    """The worker is shutting down; the run waits for the next one."""


class SupersededError(RunEndedError):
    """Another worker has taken this run over, or it is gone: what this one does is void."""


REPORT_PROGRESS = """
UPDATE planning_run SET progress = %s, step = %s
WHERE id = %s AND attempts = %s AND state = %s
RETURNING cancel_asked
"""


LOOK = """
SELECT cancel_asked FROM planning_run WHERE id = %s AND attempts = %s AND state = %s
"""


class Watch:
    """A progress callback that writes to the run's row: each new step, else four times a second.

    Each write is a statement of its own, committed at once: whoever polls the row sees it. The
    same statement tells whether the run should stop.
    """

    def __init__(self, run: Run, also: Progress) -> None:
        self._run = (run.pk, run.attempts, Run.State.RUNNING)
        self._also = also
        self._last, self._step = 0.0, ""

    def __call__(self, share: float, what: str) -> None:
        """Report; raise when the run shall not go on."""
        self._also(share, what)
        if what != self._step:
            self._last, self._step = 0.0, what
        self._ask(REPORT_PROGRESS, share, what)

    def look(self, share: float, what: str) -> None:
        """Do the same inside a transaction, where writing would keep others from the row."""
        self._also(share, what)
        self._ask(LOOK)

    def _ask(self, statement: str, *values: float | str) -> None:
        now = time.monotonic()
        if now - self._last < INTERVAL_S:
            return
        self._last = now
        with connection.cursor() as cursor:
            cursor.execute(statement, [*values, *self._run])
            row = cursor.fetchone()
        if row is None:
            raise SupersededError
        if row[0]:
            raise StopAskedError

    def between(self, start: float, end: float) -> Progress:
        """Return a callback whose 0 to 1 is this one's `start` to `end`."""
        return lambda share, what: self(start + share * (end - start), what)
