# ruff: noqa: SLF001 - Django documents _meta for such use
"""What refers to places, whichever floor's table it stands in, and what a removal does to it.

A condition is SQL over the alias ``t`` of a table. An app says in its ``losses.py`` how people call
what refers to places there.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import CASCADE, SET_NULL, Model
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.utils.translation import gettext as _
from psycopg import sql

from layers.models import PlaceName, PlaceWord

MADE_ANEW: frozenset[type[Model]] = frozenset({PlaceName, PlaceWord})
"""What refers to places and is made from them again after each change."""


@dataclass(frozen=True)
class Reference:
    """A column of another table that names a row."""

    model: type[Model]
    column: str
    is_emptied: bool
    """Whether it becomes empty when the row goes; else its own row goes too."""


@dataclass(frozen=True)
class Referring:
    """Rows that refer to others which go."""

    reference: Reference
    condition: sql.Composable


def table_of(model: type[Model]) -> sql.Identifier:
    """Return the name of a model's table."""
    return sql.Identifier(model._meta.db_table)


def key_of(model: type[Model]) -> sql.Identifier:
    """Return the column of a model's key."""
    return sql.Identifier(str(model._meta.pk.column))


def keys_of(model: type[Model]) -> list[sql.Identifier]:
    """Return the columns of a model's key, which may be several."""
    return [sql.Identifier(str(field.column)) for field in model._meta.pk_fields]


def referring(model: type[Model], condition: sql.Composable) -> Iterator[Referring]:
    """Yield what refers to the rows of a condition: what hangs on it first, then itself.

    Parameters that `condition` has stand in each yielded condition once.
    """
    for reference in _references(model):
        rows = sql.SQL("t.{} IN (SELECT t.{} FROM {} AS t WHERE {})").format(
            sql.Identifier(reference.column), key_of(model), table_of(model), condition
        )
        is_plain = len(reference.model._meta.pk_fields) == 1
        if not reference.is_emptied and is_plain and reference.model is not model:
            yield from referring(reference.model, rows)
        yield Referring(reference, rows)


def _references(model: type[Model]) -> Iterator[Reference]:
    for relation in model._meta.get_fields(include_hidden=True):
        if (
            isinstance(relation, ForeignObjectRel)
            and (relation.one_to_one or relation.one_to_many)
            and relation.related_model._meta.managed
            and relation.on_delete in (SET_NULL, CASCADE)
        ):
            yield Reference(
                relation.related_model, str(relation.field.column), relation.on_delete is SET_NULL
            )


def remove(model: type[Model], condition: sql.Composable, parameters: list[Any]) -> None:
    """Remove rows, with what refers to them."""
    statements = [_without(rows) for rows in referring(model, condition)]
    statements.append(DELETE.format(table_of(model), condition))
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, parameters)


DELETE = sql.SQL("DELETE FROM {} AS t WHERE {}")
EMPTY = sql.SQL("UPDATE {} AS t SET {} = NULL WHERE {}")


def _without(rows: Referring) -> sql.Composed:
    table = table_of(rows.reference.model)
    if rows.reference.is_emptied:
        return EMPTY.format(table, sql.Identifier(rows.reference.column), rows.condition)
    return DELETE.format(table, rows.condition)


Words = Callable[[int], str]
"""Says how many lose what: ``3 reports lose their street``."""
_words: dict[tuple[str, str], Words] = {}


def say(model: type[Model], column: str, words: Words) -> None:
    """Declare in words what it is when rows of a table lose what a column of theirs names."""
    _words[model._meta.db_table, column] = words


def said(table: str, column: str, count: int) -> str:
    """Say that so many rows lose what a column of theirs names."""
    if words := _words.get((table, column)):
        return words(count)
    return _("%(count)s rows of %(table)s (%(column)s)") % {
        "count": f"{count:,}",
        "table": table,
        "column": column,
    }
