"""The read side of places: the city, its bounds, the terms of its data."""

from collections.abc import Callable
from typing import Any

from django.contrib.gis.db.models import Extent
from django.db.models import QuerySet

from layers.errors import InvalidInput
from layers.models import Area, AreaKind, City, Source, StreetSegment

Bounds = tuple[float, float, float, float]
"""West, south, east, north in EPSG:4326."""

WORLD: Bounds = (-180.0, -85.0, 180.0, 85.0)


def city() -> City:
    """Return the city of this installation; an unsaved one with defaults before set-up."""
    return City.objects.select_related("ward_kind").first() or City(id=1, name="CivicGrid")


def city_bounds() -> Bounds:
    """Return the bounds of the areas, else of the streets, else of the world."""
    for model in (Area, StreetSegment):
        if extent := model.objects.aggregate(extent=Extent("geometry"))["extent"]:
            west, south, east, north = extent
            return west, south, east, north
    return WORLD


def area_kind(slug: str) -> AreaKind:
    """Return a kind of area.

    Raises
    ------
    InvalidInput
        When there is none of this name; lists those that there are.
    """
    if kind := AreaKind.objects.filter(slug=slug).first():
        return kind
    known = ", ".join(AreaKind.objects.order_by("slug").values_list("slug", flat=True))
    message = f"There is no kind of area {slug!r}. Choose one of: {known}."
    raise InvalidInput(message, field="kind")


def attribution_of(rows: QuerySet[Any]) -> Callable[[], str]:
    """Return a function that names the sources of some rows, as their licences ask."""

    def attribution() -> str:
        used = rows.values("source_id").distinct()
        named = Source.objects.filter(id__in=used).exclude(attribution="")
        return " · ".join(named.order_by("attribution").values_list("attribution", flat=True))

    return attribution
