"""Says what a point is called: the reverse of the search."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from layers.gazetteer.places import is_on_map, storable
from layers.gazetteer.search import address_label, crossing_label
from layers.queries import city
from layers.statements import statement

PIECES = 200
STREET_REACH_M = 250
MOST_STREETS = 6
ON_STREET_M = 15
AT_CROSSING_M = 12
CROSSING_REACH_M = 25
HOUSE_REACH_M = 25
ASSET_REACH_M = 40
MOST_ASSETS = 20
BORDER_REACH_M = 60
SHOWN_STEP_M = 5
OPEN_SPACES = ("park", "water")


@dataclass(frozen=True)
class NearbyStreet:
    """A street by its name, and its point that lies nearest (EPSG:4326)."""

    name: str
    distance_m: int
    lon: float
    lat: float


@dataclass(frozen=True)
class NearbyAsset:
    """A thing that the city looks after, close by (EPSG:4326)."""

    id: int
    kind: str
    kind_title: str
    code: str
    name: str
    lon: float
    lat: float
    distance_m: int


@dataclass(frozen=True)
class Whereabouts:
    """What a point is called and what lies around it; a text is empty where there is none."""

    label: str
    street: str
    crossing: str
    """The street that crosses there."""
    ward: str
    neighbourhood: str
    is_inside: bool
    """As intake sees it: some area covers the point, or there are no areas at all."""
    border_m: float | None
    """Metres to the city's border, where it is near."""
    message: str
    """What to say of a point outside or on the border; a question, never a guess."""
    nearby: list[NearbyStreet]
    assets: list[NearbyAsset]


NOWHERE = Whereabouts(
    label="",
    street="",
    crossing="",
    ward="",
    neighbourhood="",
    is_inside=False,
    border_m=None,
    message="",
    nearby=[],
    assets=[],
)


def at(lon: float, lat: float) -> Whereabouts:
    """Return what the point (EPSG:4326) is called and what lies around it.

    A point that is on no map is outside.
    """
    town = city()
    if not is_on_map(lon, lat):
        return replace(NOWHERE, message=outside(town.name))
    lon, lat = storable(lon, lat)
    with connection.cursor() as cursor:
        cursor.execute(
            statement(__file__, "around"),
            {
                "lon": lon,
                "lat": lat,
                "ward_kind": town.ward_kind_id,
                "pieces": PIECES,
                "street_reach_m": STREET_REACH_M,
                "streets": MOST_STREETS,
                "crossing_reach_m": CROSSING_REACH_M,
                "house_reach_m": HOUSE_REACH_M,
                "asset_reach_m": ASSET_REACH_M,
                "assets": MOST_ASSETS,
                "border_reach_m": BORDER_REACH_M,
            },
        )
        areas, is_inside, border_m, streets, crossing, house, assets = cursor.fetchone()
    nearby = [NearbyStreet(**_whole_metres(street)) for street in streets]
    return Whereabouts(
        label=_label(nearby, crossing, house, _open_space(areas)),
        street=nearby[0].name if nearby else "",
        crossing=crossing["other"] if crossing else "",
        ward=areas.get(town.ward_kind_id, ""),
        neighbourhood=areas.get("neighbourhood", ""),
        is_inside=is_inside,
        border_m=None if border_m is None else round(border_m, 1),
        message=_message(town.name, border_m, is_inside=is_inside),
        nearby=nearby,
        assets=[_asset(asset) for asset in assets],
    )


def _asset(found: dict[str, Any]) -> NearbyAsset:
    asset = NearbyAsset(**_whole_metres(found))
    return replace(asset, kind_title=_(asset.kind_title))


def nearby_streets(lon: float, lat: float) -> list[NearbyStreet]:
    """Return the streets around a point (EPSG:4326), the nearest first, each name once."""
    return at(lon, lat).nearby


def _whole_metres(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"distance_m": round(row["distance_m"])}


def _open_space(areas: Mapping[str, str]) -> str:
    return next((areas[kind] for kind in OPEN_SPACES if kind in areas), "")


def _label(
    nearby: list[NearbyStreet],
    crossing: dict[str, Any] | None,
    house: dict[str, Any] | None,
    open_space: str,
) -> str:
    """Name the crossing right under the point, else the house, else the street or the park."""
    if crossing and (not house or crossing["distance_m"] <= AT_CROSSING_M):
        return crossing_label(crossing["street"], crossing["other"])
    if house:
        return address_label(house["street_name"], house["number"])
    if nearby and nearby[0].distance_m <= ON_STREET_M:
        return nearby[0].name
    near = _("near %(street)s") % {"street": nearby[0].name} if nearby else ""
    return ", ".join(part for part in (open_space, near) if part)


def outside(name: str) -> str:
    """Say that a place lies outside the city of this name."""
    return _("This is outside %(city)s. Move the pin, or report to the town that it lies in.") % {
        "city": name
    }


def _message(name: str, border_m: float | None, *, is_inside: bool) -> str:
    if not is_inside:
        return outside(name)
    if border_m is None:
        return ""
    metres = max(SHOWN_STEP_M, SHOWN_STEP_M * round(border_m / SHOWN_STEP_M))
    return _(
        "This is close to the border (%(metres)s m). If it lies on the other side, the "
        "neighbouring town looks after it."
    ) % {"metres": metres}
