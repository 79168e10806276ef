"""What this city knows that the draft of a mapping leans on."""

from collections import defaultdict

from layers.models import Area
from layers.queries import WORLD, city, city_bounds
from reports.importing.draft import Kind, Surroundings
from reports.models import Category


def surroundings() -> Surroundings:
    """Return the city's zone, its categories, its bounds and the names of its areas."""
    names: dict[str, set[str]] = defaultdict(set)
    for kind, name in Area.objects.exclude(name="").values_list("kind_id", "name"):
        names[kind].add(name)
    bounds = city_bounds()
    return Surroundings(
        zone=city().time_zone,
        kinds=tuple(
            Kind(*row) for row in Category.objects.values_list("code", "title", "keywords")
        ),
        bounds=None if bounds == WORLD else bounds,
        areas=names,
    )
