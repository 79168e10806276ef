"""Finds a place by what people call it: a street with a number, or a street alone."""

import re
from dataclasses import dataclass

from django.db import connection

from layers.models import Address

MOST_PLACES = 10
HOUSE_NUMBER = re.compile(r"^\d+[a-z]?$", re.IGNORECASE)

STREETS = """
SELECT name, ST_X(middle), ST_Y(middle)
FROM (
    SELECT DISTINCT ON (name) name, ST_LineInterpolatePoint(geometry, 0.5) AS middle
    FROM layers_streetsegment
    WHERE name ILIKE %(like)s
    ORDER BY name, ST_Length(geometry) DESC
) AS street
ORDER BY NOT starts_with(lower(name), lower(%(text)s)), name
LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Place:
    """A place that somebody may mean, in EPSG:4326."""

    label: str
    lon: float
    lat: float


def split(text: str) -> tuple[str, str]:
    """Part a typed address into street and house number, whichever comes first.

    >>> split("Long Street, 12a"), split("12 Long Street"), split("5th Avenue")
    (('Long Street', '12a'), ('Long Street', '12'), ('5th Avenue', ''))
    """
    words = text.replace(",", " ").replace("\0", "").split()
    for end in (-1, 0):
        if len(words) > 1 and HOUSE_NUMBER.match(words[end]):
            number = words.pop(end)
            return " ".join(words), number
    return " ".join(words), ""


def find(text: str, *, limit: int = MOST_PLACES) -> list[Place]:
    """Return places whose street contains the text, best first; none for an empty text.

    With a house number that is known, the address; else the middle of each street's longest
    piece.
    """
    street, number = split(text)
    if not street:
        return []
    if number:
        known = Address.objects.filter(street_name__icontains=street, number__iexact=number)
        rows = known.order_by("street_name", "pk")[:limit]
        if rows:
            return [Place(f"{a.street_name} {a.number}", *a.geometry.coords) for a in rows]
    escaped = re.sub(r"([\\%_])", r"\\\1", street)
    with connection.cursor() as cursor:
        cursor.execute(STREETS, {"like": f"%{escaped}%", "text": street, "limit": limit})
        return [Place(*row) for row in cursor.fetchall()]
