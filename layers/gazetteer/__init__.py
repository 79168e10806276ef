"""Finds places by what people call them, and says what a point is called."""

from layers.gazetteer.around import (
    NearbyAsset,
    NearbyStreet,
    Whereabouts,
    at,
    nearby_streets,
    outside,
)
from layers.gazetteer.names import refresh_areas, refresh_streets, refreshed_once
from layers.gazetteer.places import Place, Point, is_on_map, register
from layers.gazetteer.search import find

__all__ = [
    "NearbyAsset",
    "NearbyStreet",
    "Place",
    "Point",
    "Whereabouts",
    "at",
    "find",
    "is_on_map",
    "nearby_streets",
    "outside",
    "refresh_areas",
    "refresh_streets",
    "refreshed_once",
    "register",
]
