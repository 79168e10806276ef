"""Where a place lies: the areas that cover it, its ward among them, the nearest street."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from layers.statements import cursor_for, statement

STREET_REACH_M = 250.0
GIVEN = "unnest(%(ord)s::int[], %(lon)s::float8[], %(lat)s::float8[])"


@dataclass(frozen=True)
class Place:
    """Keys of the areas, the ward and the street; None and empty where there is none."""

    areas: tuple[int, ...] = ()
    ward: int | None = None
    street: int | None = None
    street_name: str = ""


def places_of(points: Mapping[int, tuple[float, float]]) -> dict[int, Place]:
    """Return where points (longitude and latitude, EPSG:4326) lie, under the keys given."""
    values: dict[str, Any] = {
        "ord": list(points),
        "lon": [lon for lon, _ in points.values()],
        "lat": [lat for _, lat in points.values()],
        "reach_m": STREET_REACH_M,
    }
    with cursor_for(len(points)) as cursor:
        cursor.execute(statement(__file__, "place", points=GIVEN), values)
        return {
            key: Place(tuple(areas), ward, street, street_name)
            for key, areas, ward, street, street_name in cursor.fetchall()
        }
