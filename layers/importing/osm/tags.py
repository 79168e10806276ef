"""What the tags of OpenStreetMap mean to a city: pure functions and tables, no file, no database.

Keys and values are those of the project's wiki (https://wiki.openstreetmap.org/wiki/Map_features).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

Tags = Mapping[str, str]
"""What a thing is tagged with; asking for a key is cheap, walking through all is not."""

POINT_KEYS = (
    "amenity",
    "shop",
    "tourism",
    "leisure",
    "office",
    "craft",
    "healthcare",
    "historic",
)
"""A thing with one of these is a point of interest; of several the first tells its class."""

WAY_KEYS = ("highway", "addr:interpolation")
PLACE_KEYS = ("addr:housenumber", "highway", "emergency", *POINT_KEYS)
AREA_KEYS = ("addr:housenumber", *POINT_KEYS, "boundary", "place", "landuse", "natural", "waterway")
"""What has none of its keys, as a way, a node, an area, is nothing that is asked for."""

NO_STREETS: Mapping[str, str] = {
    "abandoned": "no street any more",
    "construction": "not built yet",
    "demolished": "no street any more",
    "no": "no street any more",
    "planned": "not built yet",
    "platform": "a platform",
    "proposed": "not built yet",
    "raceway": "a race track",
    "razed": "no street any more",
    "rest_area": "a rest area",
    "services": "a rest area",
}
"""Values of ``highway`` that nobody goes along, and what they are."""

ONEWAY: Mapping[str, int] = {"yes": 1, "true": 1, "1": 1, "-1": -1, "reverse": -1}
KMH_PER_UNIT: Mapping[str, float] = {"": 1, "km/h": 1, "kmh": 1, "mph": 1.609344, "knots": 1.852}
NO_NUMBER = {"", "none", "signals", "variable", "unposted"}
"""Limits that are understood, and are no number."""
FASTEST_KMH = 300
SPEED = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*([a-z/]*)")
LEVEL = re.compile(r"[+-]?\d{1,2}")

NEIGHBOURHOODS = {"borough", "suburb", "quarter", "neighbourhood"}
GROUNDS: Mapping[tuple[str, str], str] = {
    ("leisure", "park"): "park",
    ("leisure", "nature_reserve"): "park",
    ("landuse", "recreation_ground"): "park",
    ("landuse", "village_green"): "park",
    ("natural", "water"): "water",
    ("waterway", "riverbank"): "water",
    ("landuse", "reservoir"): "water",
    ("landuse", "basin"): "water",
}
"""Tags of areas that the base map draws, and their kind."""
GROUND_KEYS = tuple(dict.fromkeys(key for key, _value in GROUNDS))
CLOSED = {"private", "no"}
"""Values of ``access`` that keep the public out: such a park is no public open space."""
HOUSE_KEYS = (
    "addr:housenumber",
    "building",
    "addr:street",
    "addr:city",
    "addr:postcode",
    "addr:country",
    "building:levels",
    "source",
)
"""Keys of houses that make nothing else of them."""


@dataclass(frozen=True)
class KindOfThing:
    """A kind of asset: its key here, its names, and the tag of OpenStreetMap."""

    slug: str
    title: str
    title_plural: str
    tag: tuple[str, str]


ASSETS = (
    KindOfThing("street-light", _("Street light"), _("Street lights"), ("highway", "street_lamp")),
    KindOfThing("hydrant", _("Hydrant"), _("Hydrants"), ("emergency", "fire_hydrant")),
    KindOfThing("bench", _("Bench"), _("Benches"), ("amenity", "bench")),
    KindOfThing("bin", _("Litter bin"), _("Litter bins"), ("amenity", "waste_basket")),
    KindOfThing(
        "traffic-signal",
        _("Traffic signal"),
        _("Traffic signals"),
        ("highway", "traffic_signals"),
    ),
)
KIND_OF_ASSET = {kind.tag: kind.slug for kind in ASSETS}
ASSET_KEYS = tuple(dict.fromkeys(kind.tag[0] for kind in ASSETS))


def why_no_street(tags: Tags) -> str:
    """Say why a way with ``highway`` is no street; nothing when it is one."""
    if tags.get("area") == "yes":
        return "a square or another surface, not a line"
    return NO_STREETS.get(tags["highway"], "")


def oneway(tags: Tags) -> int:
    """Return 1 for vehicles along the line alone, -1 for against it alone, 0 for both.

    Roundabouts and motorways are one-way unless they say otherwise; a lane whose direction changes
    (``reversible``, ``alternating``) is not.

    >>> oneway({"highway": "residential", "oneway": "-1"}), oneway({"junction": "roundabout"})
    (-1, 1)
    """
    if said := tags.get("oneway"):
        return ONEWAY.get(said, 0)
    is_round = tags.get("junction") in {"roundabout", "circular"}
    return int(is_round or tags.get("highway") == "motorway")


def speed_kmh(said: str) -> int | None:
    """Return a ``maxspeed`` in whole km/h; None where it is understood and sets no number.

    >>> speed_kmh("50"), speed_kmh("30 mph"), speed_kmh("none")
    (50, 48, None)

    Raises
    ------
    ValueError
        When it is not understood: several limits, a rule's name (``DE:urban``), a word.
    """
    said = said.strip().lower()
    if said in NO_NUMBER:
        return None
    found = SPEED.fullmatch(said)
    if found is None or found[2] not in KMH_PER_UNIT:
        message = f"maxspeed {said!r} is no speed"
        raise ValueError(message)
    speed = round(float(found[1]) * KMH_PER_UNIT[found[2]])
    if not 0 < speed <= FASTEST_KMH:
        message = f"maxspeed {said!r} is no speed of a street"
        raise ValueError(message)
    return speed


def level(tags: Tags) -> int:
    """Return ``layer`` as a whole number, of a list the first, 0 where it says nothing of use.

    >>> level({"layer": "-1"}), level({"layer": "1;2"}), level({})
    (-1, 1, 0)
    """
    found = LEVEL.match(tags.get("layer", ""))
    return int(found[0]) if found else 0


def is_set(tags: Tags, key: str) -> bool:
    """Tell whether a tag is there and does not deny itself."""
    return tags.get(key, "no") != "no"


def kinds_of_area(tags: Tags, levels: Mapping[str, str]) -> list[str]:
    """Return the kinds of area that something is; `levels` names those of ``admin_level``.

    >>> kinds_of_area({"leisure": "park"}, {})
    ['park']
    >>> kinds_of_area({"boundary": "administrative", "admin_level": "9"}, {"9": "ward"})
    ['ward']
    """
    kinds = []
    if "boundary" in tags and tags["boundary"] == "administrative":
        rank = tags.get("admin_level", "")
        if rank.isdecimal() and len(rank) <= 2:
            kinds.append(levels.get(rank, f"admin-{rank}"))
    if "place" in tags and tags["place"] in NEIGHBOURHOODS and "name" in tags:
        kinds.append("neighbourhood")
    for key in GROUND_KEYS:
        kind = GROUNDS.get((key, tags[key])) if key in tags else None
        if kind and not (kind == "park" and tags.get("access") in CLOSED):
            kinds.append(kind)
    return list(dict.fromkeys(kinds))


def kind_of_asset(tags: Tags) -> str:
    """Return the kind of asset that something is; nothing for none."""
    for key in ASSET_KEYS:
        if key in tags and (slug := KIND_OF_ASSET.get((key, tags[key]))):
            return slug
    return ""


def class_of_point(tags: Tags) -> tuple[str, str] | None:
    """Return key and value that make something a point of interest; None for what is none.

    >>> class_of_point({"shop": "bakery", "name": "Crumb"})
    ('shop', 'bakery')
    >>> class_of_point({"building": "yes"}) is None
    True
    """
    for key in POINT_KEYS:
        if key in tags and (value := tags[key]) != "no":
            return key, value
    return None


def is_house_alone(tags: Tags) -> bool:
    """Tell whether something has an address, and only keys of `HOUSE_KEYS` beside it.

    >>> is_house_alone({"addr:housenumber": "7", "building": "yes"})
    True
    >>> is_house_alone({"addr:housenumber": "7", "shop": "bakery"})
    False
    """
    others = len(tags)
    if others > len(HOUSE_KEYS) or "addr:housenumber" not in tags:
        return False
    for key in HOUSE_KEYS:
        others -= key in tags
        if not others:
            return True
    return False
