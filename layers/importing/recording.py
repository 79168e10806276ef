# ruff: noqa: SLF001 - Django documents _meta for such use
"""Keeps what an import changes, with all that refers to it, so that `undo` can bring it back.

What an import removes takes its references with it: rows that go too (a report's areas, a crew
zone's) and keys that become empty (a report's street, the ward of a mask). Both are kept, whichever
table they stand in. Of rows that came new the keys alone are kept, as runs: an import into an empty
table keeps one row.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.db import connection
from django.db.models import GeneratedField, Model
from psycopg import sql

from layers.importing.models import Import
from layers.importing.referring import (
    MADE_ANEW,
    Reference,
    key_of,
    referring,
    remove,
    table_of,
)


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
            for statement in (CHANGED, ADDED):
                cursor.execute(_compose(statement, model, scope), [self._import.pk])
            cursor.execute("DROP TABLE before_import")

    def remove(self, model: type[Model], keys: Sequence[int]) -> None:
        """Remove rows; keep what refers to them."""
        if not keys:
            return
        condition = sql.SQL("t.{} = ANY(%s)").format(key_of(model))
        if self._import is not None:
            self._keep_references(self._import, model, condition, list(keys))
        remove(model, condition, [list(keys)])

    def _keep_references(
        self, imported: Import, model: type[Model], condition: sql.Composable, keys: list[int]
    ) -> None:
        for rows in referring(model, condition):
            reference = rows.reference
            if reference.model in MADE_ANEW:
                continue
            statement = sql.SQL(KEEP).format(
                relation=sql.Literal(reference.model._meta.db_table),
                table=table_of(reference.model),
                row=_reference(reference) if reference.is_emptied else _row(reference.model, "t"),
                column=sql.Literal(reference.column if reference.is_emptied else ""),
                condition=rows.condition,
            )
            with connection.cursor() as cursor:
                cursor.execute(statement, [imported.pk, keys])


UNRECORDED = Record()

BEFORE = """
CREATE TEMPORARY TABLE before_import ON COMMIT DROP AS
SELECT {columns} FROM {table} AS t WHERE {scope};
ANALYZE before_import
"""
CHANGED = """
INSERT INTO layers_replaced (imported_id, relation, key, row, "column")
SELECT %s, {relation}, b.{key}, {row_before}, ''
FROM before_import AS b LEFT JOIN {table} AS t ON t.{key} = b.{key} AND {scope}
WHERE t.{key} IS NULL OR {values} IS DISTINCT FROM {values_before}
"""
ADDED = """
INSERT INTO layers_replaced (imported_id, relation, key, last_key, "column")
SELECT %s, {relation}, min(key), max(key), ''
FROM (
    SELECT t.{key} AS key, t.{key} - row_number() OVER (ORDER BY t.{key}) AS run
    FROM {table} AS t
    WHERE {scope} AND NOT EXISTS (SELECT FROM before_import AS b WHERE b.{key} = t.{key})
) AS added
GROUP BY run
"""
KEEP = """
INSERT INTO layers_replaced (imported_id, relation, key, row, "column")
SELECT %s, {relation}, 0, {row}, {column} FROM {table} AS t WHERE {condition}
"""


def _compose(text: str, model: type[Model], scope: dict[str, Any]) -> sql.Composed:
    conditions = [sql.SQL("t.{} = {}").format(sql.Identifier(c), v) for c, v in scope.items()]
    names = [sql.SQL("t.{}").format(sql.Identifier(field.column)) for field in written(model)]
    return sql.SQL(text).format(
        table=table_of(model),
        relation=sql.Literal(model._meta.db_table),
        key=key_of(model),
        columns=sql.SQL(", ").join(names),
        values=_values(model, "t"),
        values_before=_values(model, "b"),
        row_before=_row(model, "b"),
        scope=sql.SQL(" AND ").join(conditions),
    )


def written(model: type[Model]) -> list[Any]:
    """Return the fields whose columns are written, not generated."""
    return [f for f in model._meta.concrete_fields if not isinstance(f, GeneratedField)]


def _values(model: type[Model], alias: str) -> sql.Composed:
    """Return SQL for a row as a record that equals another exactly; places by their bytes."""
    parts = [
        sql.SQL("{}::bytea" if isinstance(field, GeometryField) else "{}").format(
            sql.Identifier(alias, field.column)
        )
        for field in written(model)
    ]
    return sql.SQL("ROW({})").format(sql.SQL(", ").join(parts))


def _reference(reference: Reference) -> sql.Composed:
    """Return SQL for what a row refers by, as JSON: its key and the one column, nothing else."""
    return sql.SQL("jsonb_build_object({}, t.{}, {}, t.{})").format(
        sql.Literal(reference.model._meta.pk.column),
        key_of(reference.model),
        sql.Literal(reference.column),
        sql.Identifier(reference.column),
    )


def _row(model: type[Model], alias: str) -> sql.Composed:
    """Return SQL for a row as JSON, from which `jsonb_populate_record` makes it again exactly."""
    parts = []
    for field in written(model):
        value = sql.Identifier(alias, field.column)
        as_text = sql.SQL("{}::text" if isinstance(field, GeometryField) else "{}").format(value)
        parts.append(sql.SQL("{}::text, {}").format(sql.Literal(field.column), as_text))
    return sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(parts))
