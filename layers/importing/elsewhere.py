"""Databases and tables that may lead to other files or addresses."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from layers.errors import InvalidInput
from layers.importing.formats import refused

INDEXES = {
    "rtree",
    "rtree_i32",
    "fts3",
    "fts4",
    "fts5",
    "virtualspatialindex",
    "virtualelementary",
    "virtualknn",
    "virtualknn2",
}
VIRTUAL = re.compile(
    r"create\s+virtual\s+table.*?\busing\s+[\"'`\[]?(\w+)", re.IGNORECASE | re.DOTALL
)
REACHING = re.compile(r"\b(ogr_|gdal_|load_extension|readfile|writefile|http_)\w*", re.IGNORECASE)


def check_database(path: Path, inner: Path, place: Path) -> None:
    """Refuse a database with tables or views that would open other files or addresses."""
    journal = inner.with_name(f"{inner.name}-wal")
    if journal.exists() and journal.stat().st_size:
        message = (
            f"{path.name} is open in another program, which has not written all of it "
            f"({journal.name} lies beside it). Close it there."
        )
        raise InvalidInput(message, field="file")
    try:
        with closing(sqlite3.connect(f"{place.as_uri()}?mode=ro&immutable=1", uri=True)) as base:
            texts = [text for (text,) in base.execute("SELECT sql FROM sqlite_master") if text]
    except sqlite3.DatabaseError as error:
        message = f"{path.name} is a damaged database ({error}). Fetch it again."
        raise InvalidInput(message, field="file") from error
    for text in texts:
        virtual = VIRTUAL.match(text)
        if (virtual and virtual[1].lower() not in INDEXES) or REACHING.search(text):
            message = (
                f"{path.name} has a table or view that leads to other files: {text[:120]!r}. "
                "Save the layer alone as GeoPackage."
            )
            raise InvalidInput(message, field="file")


LEADING = re.compile(rb"IsSeamless\"?\s*=\s*\"?TRUE|create\s+view|open\s+table", re.IGNORECASE)


def check_tab(path: Path, head: bytes) -> None:
    """Refuse a table of MapInfo that is none of its own, by its beginning."""
    if LEADING.search(head):
        raise refused(path, "a MapInfo table that leads to other tables. Give those")
