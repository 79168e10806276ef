"""The read side of places: the city, its bounds, the terms of its data."""

from collections.abc import Callable

from django.contrib.gis.db.models import Extent
from django.db.models import Model

from layers.models import Area, City, Source, StreetSegment

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
            return extent
    return WORLD


def attribution_of(model: type[Model], **conditions: str) -> Callable[[], str]:
    """Return a function that names the sources of a model's rows, as their licences ask."""

    def attribution() -> str:
        used = model._default_manager.filter(**conditions).values("source_id").distinct()
        named = Source.objects.filter(id__in=used).exclude(attribution="")
        return " · ".join(named.order_by("attribution").values_list("attribution", flat=True))

    return attribution
