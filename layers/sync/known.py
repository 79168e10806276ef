"""Tells what changed in a source by what is known of its features from the last time."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Max
from psycopg import sql

from layers import copying
from layers.statements import statement
from layers.sync.models import SyncedFeature

TABLE = sql.Identifier("layers_syncedfeature")
COLUMNS = ("source", "generation", "key", "digest")


@dataclass(frozen=True)
class Known:
    """A feature: what tells it apart, and a digest of its content."""

    key: str
    digest: bytes


@dataclass(frozen=True)
class Change:
    """How the features of now differ from those of the last time."""

    added: int
    changed: int
    unchanged: int
    vanished: int

    def __bool__(self) -> bool:
        """Tell whether they differ."""
        return bool(self.added or self.changed or self.vanished)


def compare(source: str, features: Iterable[Known]) -> Change:
    """Compare features, each key once, with those of the last time, and remember them instead.

    Runs in the caller's transaction: what it undoes is forgotten.
    """
    rows = SyncedFeature.objects.filter(source=source)
    last = rows.aggregate(last=Max("generation"))["last"] or 0
    copying.write(TABLE, COLUMNS, ((source, last + 1, each.key, each.digest) for each in features))
    with connection.cursor() as cursor:
        cursor.execute(statement(__file__, "changes"), {"source": source, "last": last})
        change = Change(*cursor.fetchone())
    rows.filter(generation__lte=last).delete()
    return change
