"""Names of columns as a table can have them, from whatever a file calls them."""

import re
import unicodedata
from collections.abc import Iterable

from layers.datasets import OWN_COLUMNS, Column

MOST_CHARACTERS = 60
"""PostgreSQL cuts a name after 63 bytes; three are kept for a number that tells equals apart."""
NOT_A_NAME = re.compile(r"[^a-z0-9]+")


def columns_of(fields: Iterable[tuple[str, str]]) -> list[Column]:
    """Return a column for each field (name in the file, type), with names that differ.

    >>> [c.name for c in columns_of([("Straße 7", "string"), ("2020", "integer"), ("", "string")])]
    ['strasse_7', 'c_2020', 'column']
    >>> [c.name for c in columns_of([("ID", "integer"), ("id", "integer"), ("fid", "integer")])]
    ['id', 'id_2', 'fid_2']
    """
    taken = set(OWN_COLUMNS)
    made = []
    for title, type_ in fields:
        name = base = column_name(title)
        number = 1
        while name in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name)
        made.append(Column(name, title.strip() or name, type_))
    return made


def column_name(title: str) -> str:
    """Return a name of small letters, digits and underscores.

    >>> column_name("  % of Households (2010) ")
    'of_households_2010'
    """
    folded = unicodedata.normalize("NFKD", title.replace("ß", "ss").casefold())
    name = NOT_A_NAME.sub("_", "".join(c for c in folded if not unicodedata.combining(c)))
    name = name.strip("_")[:MOST_CHARACTERS].strip("_")
    if not name:
        return "column"
    return f"c_{name}"[:MOST_CHARACTERS] if name[0].isdigit() else name
