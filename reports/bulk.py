"""Another system's reports, many at once: accepted, or brought into step with their source.

Part of the one door: what `intake.submit_many` does with arrays, the same statements do here with
a table of the transaction, for a batch in columns. A key that came before with other content
updates its report; docs/importing-reports.md tells what an update may change.

`prepare` finds out all that is to be stored and writes nothing, so that a connection of its own can
do it for one batch while `store` writes another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from layers.access import ANONYMOUS, Viewer, acting_as
from layers.errors import Conflict, InvalidInput
from layers.queries import city
from layers.statements import statement
from reports import followers, masking, placing, waiting
from reports.columns import WRITTEN, Columns, as_csv, in_columns
from reports.intake import Outcome
from reports.models import Category, Follower, Precision
from reports.submission import NewReport

OUTCOMES = {"a": Outcome.ACCEPTED, "r": Outcome.REPEATED, "c": Outcome.UPDATED}


@dataclass(frozen=True)
class Prepared:
    """All that is to be stored of a batch."""

    source: str
    precision: Precision
    channel: str
    count: int
    """How many reports the batch holds."""
    viewer: Viewer
    rows: bytes
    """Those that are not here already as they come, as the database copies a table; maybe none."""


def update_many(batch: Sequence[NewReport], viewer: Viewer = ANONYMOUS) -> list[Outcome]:
    """Accept reports of one source or bring them into step, all or nothing, in their order.

    As `upsert`, for a batch that is not in columns; each has its source's key, none twice.
    """
    return upsert(in_columns(batch), viewer) if batch else []


def upsert(columns: Columns, viewer: Viewer = ANONYMOUS) -> list[Outcome]:
    """Accept reports of one source, or bring those into step that came before otherwise.

    Parameters
    ----------
    columns
        Already checked: a time of opening each, no closing before it, places on the map.
    viewer
        On whose behalf.

    Returns
    -------
    What became of each, in their order: accepted, repeated or updated.

    Raises
    ------
    InvalidInput
        When there is no category of a code.
    """
    if not len(columns):
        return []
    with acting_as(viewer):
        return store(prepare(columns, viewer))


def prepare(columns: Columns, viewer: Viewer = ANONYMOUS) -> Prepared:
    """Find out all that is to be stored of a batch: places, masks, digests; in a transaction.

    Nothing is written but tables of that transaction. Parameters and errors are those of `upsert`.
    """
    _check_categories(columns)
    now = timezone.now()
    values = {
        **masking.rules(now),
        "source": columns.source,
        "precision": columns.precision.value,
        "actor": viewer.user_id,
        "reach_m": placing.STREET_REACH_M,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement(__file__, "bulk_tables"))
        with cursor.copy(f"COPY incoming ({', '.join(WRITTEN)}) FROM STDIN (FORMAT csv)") as copy:
            copy.write(as_csv(columns))
        place = statement(placing.__file__, "place", points=waiting.FRESH)
        cursor.execute(
            statement(__file__, "bulk_place", digest=waiting.DIGEST, place=place), values
        )
        rows = _prepared_rows(cursor, values) if cursor.rowcount else b""
    return Prepared(
        source=columns.source,
        precision=columns.precision,
        channel=columns.channel,
        count=len(columns),
        viewer=viewer,
        rows=rows,
    )


def _prepared_rows(cursor: CursorWrapper, values: dict[str, Any]) -> bytes:
    shown = statement(masking.__file__, "shown", reports=waiting.PLACED)
    found = statement(__file__, "bulk_prepared", shown=shown)
    with cursor.copy(f"COPY ({found}) TO STDOUT (FORMAT binary)", values) as copy:
        return b"".join(copy)


def store(prepared: Prepared) -> list[Outcome]:
    """Write a batch that was prepared; in a transaction, which may be another one.

    Returns
    -------
    What became of each, as `upsert` does.

    Raises
    ------
    Conflict
        When a category has another class than when the batch was prepared: its masks are wrong.
    """
    if not prepared.rows:
        return [Outcome.REPEATED] * prepared.count
    values = {
        "source": prepared.source,
        "precision": prepared.precision.value,
        "channel": prepared.channel,
        "actor": prepared.viewer.user_id,
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement(__file__, "bulk_store_tables"))
        with cursor.copy("COPY prepared FROM STDIN (FORMAT binary)") as copy:
            copy.write(prepared.rows)
    _run("bulk_claim", values)
    _run(
        "insert",
        values,
        row=waiting.ROW,
        area=waiting.AREA,
        shown=waiting.SHOWN,
        entry=waiting.ENTRY,
    )
    outcomes = _outcomes(prepared.count)
    if Outcome.UPDATED in outcomes:
        _update(values)
        outcomes = _outcomes(prepared.count)
    _check_classes()
    return outcomes


def _check_categories(columns: Columns) -> None:
    codes = set(columns.category.unique().to_pylist())
    known = set(Category.objects.filter(code__in=codes).values_list("code", flat=True))
    if missing := sorted(codes - known):
        message = f"There is no category {missing[0]!r}. Choose one of the list of categories."
        raise InvalidInput(message, field="category")


def _check_classes() -> None:
    """Refuse what was stored just now by another class than its masks are made for."""
    with connection.cursor() as cursor:
        cursor.execute(waiting.OTHER_CLASS)
        if row := cursor.fetchone():
            message = f"The class of {row[0]!r} was changed meanwhile. Bring the reports in again."
            raise Conflict(message)


def _run(name: str, values: dict[str, Any], **parts: str) -> None:
    """Execute a file of statements."""
    with connection.cursor() as cursor:
        cursor.execute(statement(__file__, name, **parts), values)


def _outcomes(count: int) -> list[Outcome]:
    """Return what became of each report of the batch, in its order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(ord), string_agg(outcome::text, '') FROM prepared")
        places, letters = cursor.fetchone()
    outcomes = [Outcome.REPEATED] * count
    for place, letter in zip(places or (), letters or "", strict=True):
        outcomes[place] = OUTCOMES[letter]
    return outcomes


def _update(values: dict[str, Any]) -> None:
    classes = list(masking.RULES)
    values |= {
        **masking.rules(values["now"]),
        "listed": classes,
        "classes": classes,
        "units": [masking.time_unit_of(each) for each in classes],
        "time_zone": city().time_zone,
    }
    _run("bulk_changes", values)
    _run(
        "bulk_update",
        values,
        shown=statement(masking.__file__, "shown", reports=waiting.CHANGED),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement(__file__, "show_state", moved=waiting.MOVED), values)
        cursor.execute(statement(__file__, "bulk_append"), values)
        moved = dict(cursor.fetchall())
    followed = Follower.objects.filter(report_id__in=moved, confirmed_at__isnull=False)
    for report_id in followed.values_list("report_id", flat=True).distinct():
        followers.tell(report_id, moved[report_id])
