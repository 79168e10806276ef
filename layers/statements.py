"""Long SQL statements, kept in files beside the code that runs them, and cursors for them."""

from functools import cache
from pathlib import Path

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper


@cache
def statement(package_file: str, name: str, **parts: str) -> str:
    """Return the text of ``sql/<name>.sql`` next to the module whose ``__file__`` is given.

    A part, itself a text of ours, takes the place of its name in braces: the same statement works
    on the parameters of one caller and on the table of another.
    """
    text = (Path(package_file).parent / "sql" / f"{name}.sql").read_text()
    for part, its_text in parts.items():
        text = text.replace(f"{{{part}}}", its_text)
    return text


def cursor_for(rows: int) -> CursorWrapper:
    """Return a cursor for a set-based statement over so many rows.

    To plan such a statement for one row takes longer than to run it: it is prepared, so that a
    connection plans it once. For a batch it is planned each time, for as many rows as there are.
    """
    wrapped = connection.cursor()
    if rows == 1:
        wrapped.cursor = psycopg.Cursor(connection.connection)
    return wrapped
