"""Open reports near a place that may be about the same problem."""

from dataclasses import dataclass
from math import cos, hypot, inf, radians

from django.utils.translation import gettext as _
from psycopg import sql

from layers.errors import InvalidInput
from reports.models import Category, Sensitivity
from reports.queries import PublicRow, public_rows
from reports.workflow import UNFINISHED

REACH_M = 75.0
MOST_SIMILAR = 5
EARTH_RADIUS_M = 6_371_008.8
# Far more open reports of one kind than ever stand within reach; the nearest are chosen among them.
MOST_NEARBY = 100
NEARBY = """
t.sensitivity = {open} AND t.phase = ANY({phases})
AND t.category_id IN (SELECT id FROM reports_category WHERE code = ANY({codes}))
AND ST_DWithin(t.point_3857, ST_Transform(ST_Point({lon}, {lat}, 4326), 3857), {reach})
"""


@dataclass(frozen=True)
class Similar:
    """An open report that may be about the same problem, and how far it lies from the place."""

    row: PublicRow
    distance_m: float


def similar(category_code: str, lon: float, lat: float) -> list[Similar]:
    """Return open reports of a kind, or of its kin, near a place (EPSG:4326): the nearest first.

    Only where everybody sees the exact place: a list of what lies near would find any other.

    Raises
    ------
    InvalidInput
        When there is no such category, or no such place.
    """
    category = Category.objects.filter(code=category_code, is_active=True).first()
    if category is None:
        message = _("There is no category “%(code)s”. Choose one of the list of categories.")
        raise InvalidInput(message % {"code": category_code}, field="category")
    if not (-180 <= lon <= 180 and -85 <= lat <= 85):
        message = _("Give the place as longitude (-180 to 180) and latitude (-85 to 85).")
        raise InvalidInput(message, field="lon")
    if category.sensitivity != Sensitivity.OPEN:
        return []
    condition = sql.SQL(NEARBY).format(
        open=int(Sensitivity.OPEN),
        phases=[phase.value for phase in UNFINISHED],
        codes=[category.code, *category.kin.split()],
        lon=lon,
        lat=lat,
        reach=REACH_M / cos(radians(lat)),
    )
    found = [
        Similar(row, _distance_m(row, lon, lat))
        for row in public_rows(condition, limit=MOST_NEARBY)
    ]
    found.sort(key=lambda one: (one.row.category != category.code, one.distance_m))
    return found[:MOST_SIMILAR]


def _distance_m(row: PublicRow, lon: float, lat: float) -> float:
    """Return how far a row's point lies from a place near it, in metres."""
    if row.lon is None or row.lat is None:
        return inf
    metres = radians(1) * EARTH_RADIUS_M
    return hypot((row.lon - lon) * cos(radians(lat)) * metres, (row.lat - lat) * metres)
