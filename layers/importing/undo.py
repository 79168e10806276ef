# ruff: noqa: SLF001 - Django documents _meta and _default_manager for such use
"""Brings back what the last import of a subject replaced, as `recording` has kept it.

Rows come back under their former keys, and what referred to them refers to them again. What came to
refer since to rows that go loses that: `losses` says how many, and `undo` asks first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from psycopg import sql

from layers import datasets, gazetteer
from layers.datasets import Watch, unwatched
from layers.errors import Conflict, NotFound
from layers.importing.models import Import, Replaced
from layers.importing.recording import written
from layers.importing.referring import (
    MADE_ANEW,
    Reference,
    key_of,
    keys_of,
    referring,
    remove,
    said,
    table_of,
)
from layers.models import Address, Area, Asset, Dataset, StreetSegment

SUBJECTS: dict[str, type[Model]] = {
    "areas": Area,
    "streets": StreetSegment,
    "addresses": Address,
    "assets": Asset,
}
REFRESHED: dict[type[Model], Callable[[], None]] = {
    Area: gazetteer.refresh_areas,
    StreetSegment: gazetteer.refresh_streets,
    Address: gazetteer.refresh_streets,
}
"""What makes the search for places anew after a change."""


@dataclass(frozen=True)
class Loss:
    """What refers to rows that an undo removes, and to nothing that it brings back."""

    table: str
    column: str
    count: int

    def __str__(self) -> str:
        """Say it in words."""
        return said(self.table, self.column, self.count)


def undo(subject: str, *, may_lose: bool = False, watch: Watch = unwatched) -> Import:
    """Bring back what the last import of a subject replaced; all of it or nothing.

    Parameters
    ----------
    subject
        Such as ``areas:ward``, ``streets:<source>``, ``assets:hydrant``, ``addresses:<source>``
        ``layer:<slug>`` or ``raster:<slug>``.
    may_lose
        Whether what came to refer to its rows since may lose that (see `losses`).
    watch
        Called between steps.

    Raises
    ------
    NotFound
        When nothing of this subject was imported; lists what was.
    Conflict
        When its last import is undone already: only the last can be. When something would be lost
        that may not; says what.
    """
    with transaction.atomic():
        lock(subject)
        last = last_of(subject)
        if last is None:
            known = sorted(set(Import.objects.values_list("subject", flat=True)))
            message = (
                f"Nothing was imported as {subject!r}. Imported were: "
                f"{', '.join(known) or 'nothing yet'}."
            )
            raise NotFound(message)
        if last.undone_at:
            message = (
                f"The last import of {subject!r} ({last.file_name}) is undone already. Import the "
                "file again."
            )
            raise Conflict(message)
        if not may_lose and (lost := losses(last)):
            message = (
                f"Undoing the import of {last.file_name} loses what came to refer to it since: "
                f"{'; '.join(map(str, lost))}. Agree to that (--yes), or keep the import."
            )
            raise Conflict(message, field="agreed")
        watch(0.0, "Bringing back")
        kind = _kind_of(last)
        if kind == "layer":
            _undo_layer(last)
        elif kind == "raster":
            from layers.rasters import storing  # it records by this module

            storing.bring_back(last)
        else:
            _undo_rows(last, SUBJECTS[kind])
        last.undone_at = timezone.now()
        last.save(update_fields=["undone_at"])
        last.replaced.all().delete()
    return last


def losses(last: Import) -> list[Loss]:
    """Return what an undo of the last import of a subject would lose.

    That is what refers to rows that the import added, but for references that come back to what
    they were before it.
    """
    model = SUBJECTS.get(_kind_of(last))
    if model is None:
        return []
    found = []
    for rows in referring(model, _added(last, model)):
        reference = rows.reference
        if reference.model in MADE_ANEW:
            continue
        statement = sql.SQL(LOST).format(
            table=table_of(reference.model),
            condition=rows.condition,
            comes_back=_comes_back(last, reference) if reference.is_emptied else sql.SQL("false"),
        )
        with connection.cursor() as cursor:
            cursor.execute(statement)
            [(count,)] = cursor.fetchall()
        if count:
            found.append(Loss(reference.model._meta.db_table, reference.column, count))
    return found


LOST = "SELECT count(*) FROM {table} AS t WHERE {condition} AND NOT {comes_back}"
COMES_BACK = """
EXISTS (
    SELECT FROM layers_replaced AS k, jsonb_populate_record(NULL::{table}, k.row) AS r
    WHERE k.imported_id = {imported} AND k.relation = {relation} AND k."column" = {column}
        AND r.{key} = t.{key}
)
"""
ADDED = """
t.{key} IN (
    SELECT s.key
    FROM layers_replaced AS k, generate_series(k.key, coalesce(k.last_key, k.key)) AS s (key)
    WHERE k.imported_id = {imported} AND k.relation = {relation} AND k."column" = ''
        AND k.row IS NULL
)
"""


def _comes_back(last: Import, reference: Reference) -> sql.Composable:
    """Return the condition of the rows that refer again to what they did before the import."""
    return sql.SQL(COMES_BACK).format(
        imported=sql.Literal(last.pk),
        relation=sql.Literal(reference.model._meta.db_table),
        table=table_of(reference.model),
        column=sql.Literal(reference.column),
        key=key_of(reference.model),
    )


def _added(last: Import, model: type[Model]) -> sql.Composable:
    """Return the condition of the rows that an import added."""
    return sql.SQL(ADDED).format(
        key=key_of(model),
        imported=sql.Literal(last.pk),
        relation=sql.Literal(model._meta.db_table),
    )


def _kind_of(last: Import) -> str:
    return last.subject.partition(":")[0]


def lock(subject: str) -> None:
    """Let others who import this subject wait until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [subject])


def last_of(subject: str) -> Import | None:
    """Return the last import of a subject."""
    return Import.objects.filter(subject=subject).order_by("-at", "-pk").first()


def _undo_rows(last: Import, model: type[Model]) -> None:
    added = _added(last, model)
    # What hangs on another comes back after it.
    references = [rows.reference for rows in referring(model, added)][::-1]
    remove(model, added, [])
    _restore(last, model)
    for reference in references:
        if reference.model in MADE_ANEW:
            continue
        if reference.is_emptied:
            _refill(last, reference.model, reference.column)
        else:
            _restore(last, reference.model)
    if refresh := REFRESHED.get(model):
        refresh()


RESTORE = """
INSERT INTO {table} ({columns})
SELECT {values} FROM layers_replaced AS k, jsonb_populate_record(NULL::{table}, k.row) AS r
WHERE k.imported_id = %s AND k.relation = {relation} AND k."column" = '' AND k.row IS NOT NULL
    AND {there}
ON CONFLICT ({keys}) DO UPDATE SET {updates}
"""
REFILL = """
UPDATE {table} AS t SET {column} = r.{column}
FROM layers_replaced AS k, jsonb_populate_record(NULL::{table}, k.row) AS r
WHERE k.imported_id = %s AND k.relation = {relation} AND k."column" = {name}
    AND t.{key} = r.{key} AND t.{column} IS NULL
"""


def _restore(last: Import, model: type[Model]) -> None:
    """Write kept rows back, but for those that refer to what has gone since."""
    columns = [sql.Identifier(field.column) for field in written(model)]
    there = [
        sql.SQL("(r.{0} IS NULL OR EXISTS (SELECT FROM {1} AS o WHERE o.{2} = r.{0}))").format(
            sql.Identifier(field.column),
            sql.Identifier(field.remote_field.model._meta.db_table),
            sql.Identifier(field.target_field.column),
        )
        for field in written(model)
        if field.remote_field
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(RESTORE).format(
                table=table_of(model),
                relation=sql.Literal(model._meta.db_table),
                columns=sql.SQL(", ").join(columns),
                values=sql.SQL(", ").join(sql.SQL("r.{}").format(c) for c in columns),
                there=sql.SQL(" AND ").join([sql.SQL("true"), *there]),
                keys=sql.SQL(", ").join(keys_of(model)),
                updates=sql.SQL(", ").join(
                    sql.SQL("{0} = EXCLUDED.{0}").format(column) for column in columns
                ),
            ),
            [last.pk],
        )


def _refill(last: Import, model: type[Model], column: str) -> None:
    """Let rows refer again to what has come back, where they refer to nothing else by now."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(REFILL).format(
                table=table_of(model),
                relation=sql.Literal(model._meta.db_table),
                key=key_of(model),
                column=sql.Identifier(column),
                name=sql.Literal(column),
            ),
            [last.pk],
        )


# ---- layers ----

ROW = (
    "title",
    "description",
    "table_name",
    "geometry_type",
    "fields",
    "style",
    "audience",
    "licence",
    "attribution",
    "feature_count",
    "owner_id",
)


def row_of(slug: str) -> dict[str, Any] | None:
    """Return the row of a data set as JSON, None when there is none."""
    found: dict[str, Any] | None = Dataset.objects.filter(slug=slug).values(*ROW).first()
    return found


def _undo_layer(last: Import) -> None:
    slug = last.subject.partition(":")[2]
    row = Dataset.objects.filter(slug=slug).first()
    if row is None:
        message = f"The layer {slug!r} is gone; there is nothing to bring back."
        raise Conflict(message)
    if last.before is None:
        datasets.drop(row)
        return
    now = datasets.table_of(row)
    for name, value in last.before.items():
        setattr(row, name, value)
    row.save()
    datasets.drop_table(now)


def forget_older(subject: str, newest: Import) -> None:
    """Give up what earlier imports of a subject have kept: only the last can be undone."""
    older = Import.objects.filter(subject=subject).exclude(pk=newest.pk)
    still = (newest.before or {}).get("table_name")
    rows: list[Any] = list(
        older.exclude(before=None).filter(undone_at=None).values_list("before", flat=True)
    )
    for row in rows:
        if row["table_name"] != still:
            datasets.drop_table(datasets.imported_table(row["table_name"]))
    Replaced.objects.filter(imported__in=older).delete()
    older.update(before=None)
