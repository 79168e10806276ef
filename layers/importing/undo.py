# ruff: noqa: SLF001 - Django documents _meta and _default_manager for such use
"""Keeps what an import changes, with all that refers to it, and brings it back.

Rows come back under their former keys. What an import removes takes its references with it: rows
that go too (a report's areas, a crew zone's) and keys that become empty (a report's street, the
ward of a mask). Both are kept, whichever table they stand in, and come back with the row.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.db import connection, transaction
from django.db.models import CASCADE, SET_NULL, GeneratedField, Model
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.utils import timezone
from psycopg import sql

from layers import datasets, gazetteer
from layers.datasets import Watch, unwatched
from layers.errors import Conflict, NotFound
from layers.importing.models import Import, Replaced
from layers.models import Address, Area, Asset, Dataset, PlaceName, StreetSegment

MADE_ANEW: frozenset[type[Model]] = frozenset({PlaceName})
"""What refers to places and is made from them again after each change."""
SUBJECTS: dict[str, type[Model]] = {
    "areas": Area,
    "streets": StreetSegment,
    "addresses": Address,
    "assets": Asset,
}


class Record:
    """What one import changes, kept while it works; without an import, nothing is kept."""

    def __init__(self, imported: Import | None = None) -> None:
        self._import = imported

    @contextmanager
    def changes(self, model: type[Model], **scope: Any) -> Iterator[None]:
        """Keep how the rows of a scope (columns and their values) were before the block."""
        if self._import is None:
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute(_compose(BEFORE, model, scope))
            yield
            cursor.execute(_compose(AFTER, model, scope), [self._import.pk])

    def remove(self, model: type[Model], keys: Sequence[int]) -> None:
        """Remove rows; keep what refers to them."""
        if not keys:
            return
        if self._import is not None:
            self._keep_references(model, list(keys))
        model._default_manager.filter(pk__in=keys).delete()

    def _keep_references(self, model: type[Model], keys: list[int]) -> None:
        for relation in _relations(model):
            referring = relation.related_model
            column = relation.field.column
            emptied = relation.on_delete is SET_NULL
            if referring in MADE_ANEW or not (emptied or relation.on_delete is CASCADE):
                continue
            found = referring._default_manager.filter(**{f"{relation.field.name}__in": keys})
            if not found.exists():
                continue
            is_plain = len(referring._meta.pk_fields) == 1
            with connection.cursor() as cursor:
                cursor.execute(
                    sql.SQL(KEEP).format(
                        relation=sql.Literal(referring._meta.db_table),
                        table=sql.Identifier(referring._meta.db_table),
                        key=sql.SQL("t.{}").format(_key(referring)) if is_plain else sql.SQL("0"),
                        row=_row(referring),
                        column=sql.Literal(column if emptied else ""),
                        referring=sql.Identifier(str(column)),
                    ),
                    [self._import.pk if self._import else None, keys],
                )
            if not emptied and is_plain and referring._meta.pk.column != column:
                self._keep_references(referring, list(found.values_list("pk", flat=True)))


UNRECORDED = Record()

BEFORE = """
CREATE TEMPORARY TABLE before_import ON COMMIT DROP AS
SELECT t.{key} AS key, {row} AS row FROM {table} AS t WHERE {scope}
"""
AFTER = """
WITH after_import AS (SELECT t.{key} AS key, {row} AS row FROM {table} AS t WHERE {scope}),
kept AS (
    INSERT INTO layers_replaced (imported_id, relation, key, row, "column")
    SELECT %s, {relation}, coalesce(b.key, a.key), b.row, ''
    FROM before_import AS b FULL JOIN after_import AS a ON a.key = b.key
    WHERE a.row IS DISTINCT FROM b.row
)
SELECT 1;
DROP TABLE before_import
"""
KEEP = """
INSERT INTO layers_replaced (imported_id, relation, key, row, "column")
SELECT %s, {relation}, {key}, {row}, {column} FROM {table} AS t WHERE t.{referring} = ANY(%s)
"""


def _compose(text: str, model: type[Model], scope: dict[str, Any]) -> sql.Composed:
    conditions = [sql.SQL("t.{} = {}").format(sql.Identifier(c), v) for c, v in scope.items()]
    return sql.SQL(text).format(
        table=sql.Identifier(model._meta.db_table),
        relation=sql.Literal(model._meta.db_table),
        key=_key(model),
        row=_row(model),
        scope=sql.SQL(" AND ").join(conditions),
    )


def _key(model: type[Model]) -> sql.Identifier:
    return sql.Identifier(str(model._meta.pk.column))


def _keys(model: type[Model]) -> sql.Composed:
    """Return the columns of the primary key, which may be several."""
    names = [sql.Identifier(str(field.column)) for field in model._meta.pk_fields]
    return sql.SQL(", ").join(names)


def _columns(model: type[Model]) -> list[Any]:
    """Return the columns that are written, not generated."""
    return [f for f in model._meta.concrete_fields if not isinstance(f, GeneratedField)]


def _row(model: type[Model]) -> sql.Composed:
    """Return SQL for a row as JSON, from which `jsonb_populate_record` makes it again exactly."""
    parts = []
    for field in _columns(model):
        value = sql.SQL("t.{}").format(sql.Identifier(field.column))
        if isinstance(field, GeometryField):
            value = sql.SQL("{}::text").format(value)
        parts.append(sql.SQL("{}::text, {}").format(sql.Literal(field.column), value))
    return sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(parts))


def _relations(model: type[Model]) -> Iterator[Any]:
    """Yield the relations of other managed tables to a model, as a deletion follows them."""
    for relation in model._meta.get_fields(include_hidden=True):
        if (
            isinstance(relation, ForeignObjectRel)
            and (relation.one_to_one or relation.one_to_many)
            and relation.related_model._meta.managed
        ):
            yield relation


# ---- undoing ----


def undo(subject: str, *, watch: Watch = unwatched) -> Import:
    """Bring back what the last import of a subject replaced; all of it or nothing.

    Parameters
    ----------
    subject
        Such as ``areas:ward``, ``streets:<source>``, ``assets:hydrant``, ``addresses:<source>``
        ``layer:<slug>`` or ``raster:<slug>``.
    watch
        Called between steps.

    Raises
    ------
    NotFound
        When nothing of this subject was imported; lists what was.
    Conflict
        When its last import is undone already: only the last can be.
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
        kind = subject.partition(":")[0]
        watch(0.0, "Bringing back")
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


def lock(subject: str) -> None:
    """Let others who import this subject wait until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [subject])


def last_of(subject: str) -> Import | None:
    """Return the last import of a subject."""
    return Import.objects.filter(subject=subject).order_by("-at", "-pk").first()


def _undo_rows(last: Import, model: type[Model]) -> None:
    table = model._meta.db_table
    own = last.replaced.filter(relation=table, column="")
    model._default_manager.filter(pk__in=own.filter(row__isnull=True).values("key")).delete()
    _restore(last, model)
    referring = sorted(set(last.replaced.exclude(relation=table).values_list("relation", "column")))
    by_table = {
        related.related_model._meta.db_table: related.related_model
        for related in _all_referring(model)
    }
    for relation, column in referring:
        if column:
            _refill(last, by_table[relation], column)
        else:
            _restore(last, by_table[relation])
    gazetteer.refresh_areas()
    gazetteer.refresh_streets()


def _all_referring(model: type[Model]) -> Iterator[Any]:
    for relation in _relations(model):
        yield relation
        if relation.on_delete is CASCADE and relation.related_model is not model:
            yield from _all_referring(relation.related_model)


RESTORE = """
INSERT INTO {table} ({columns})
SELECT {values} FROM layers_replaced AS k, jsonb_populate_record(NULL::{table}, k.row) AS r
WHERE k.imported_id = %s AND k.relation = {relation} AND k."column" = '' AND k.row IS NOT NULL
    AND {there}
ON CONFLICT ({keys}) DO UPDATE SET {updates}
"""
REFILL = """
UPDATE {table} AS t SET {column} = (k.row ->> {name})::bigint
FROM layers_replaced AS k
WHERE k.imported_id = %s AND k.relation = {relation} AND k."column" = {name}
    AND t.{key} = k.key AND t.{column} IS NULL
"""


def _restore(last: Import, model: type[Model]) -> None:
    """Write kept rows back, but for those that refer to what has gone since."""
    columns = [sql.Identifier(field.column) for field in _columns(model)]
    there = [
        sql.SQL("(r.{0} IS NULL OR EXISTS (SELECT FROM {1} AS o WHERE o.{2} = r.{0}))").format(
            sql.Identifier(field.column),
            sql.Identifier(field.remote_field.model._meta.db_table),
            sql.Identifier(field.target_field.column),
        )
        for field in _columns(model)
        if field.remote_field
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(RESTORE).format(
                table=sql.Identifier(model._meta.db_table),
                relation=sql.Literal(model._meta.db_table),
                columns=sql.SQL(", ").join(columns),
                values=sql.SQL(", ").join(sql.SQL("r.{}").format(c) for c in columns),
                there=sql.SQL(" AND ").join([sql.SQL("true"), *there]),
                keys=_keys(model),
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
                table=sql.Identifier(model._meta.db_table),
                relation=sql.Literal(model._meta.db_table),
                key=_key(model),
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
