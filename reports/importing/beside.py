"""Prepares batches by a connection of its own, while the import's stores earlier ones."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager

from django.db import connection

from layers.access import Viewer, acting_as
from reports import bulk
from reports.columns import Columns

Prepare = Callable[[Columns], "Future[bulk.Prepared]"]
HAS_WRITTEN = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL"
# Who waits for what this import has locked, and is waited for by the connection beside it, would
# wait for ever: PostgreSQL does not know that the one belongs to the other.
PATIENCE = "SET LOCAL lock_timeout = '1min'"


@contextmanager
def preparing(viewer: Viewer) -> Iterator[Prepare]:
    """Prepare batches by a connection of its own, while this thread's stores others.

    What this transaction has written already (areas, say) no other connection sees: then this one
    does both.
    """
    with connection.cursor() as cursor:
        cursor.execute(HAS_WRITTEN)
        (has_written,) = cursor.fetchone()
    if has_written:
        yield lambda columns: _done(bulk.prepare(columns, viewer))
        return
    with ThreadPoolExecutor(1, "preparing reports") as beside:
        session = ExitStack()
        try:
            beside.submit(_begin, session, viewer).result()
            yield lambda columns: beside.submit(bulk.prepare, columns, viewer)
        finally:
            beside.submit(_end, session).result()


def _done(prepared: bulk.Prepared) -> "Future[bulk.Prepared]":
    future: Future[bulk.Prepared] = Future()
    future.set_result(prepared)
    return future


def _begin(session: ExitStack, viewer: Viewer) -> None:
    session.enter_context(closing(connection))
    session.enter_context(acting_as(viewer))
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE)


class _Over(Exception):
    """There is nothing to commit of what was only looked at."""


def _end(session: ExitStack) -> None:
    # What ends by an error is rolled back and closed, also where the server has gone.
    session.__exit__(_Over, _Over(), None)
