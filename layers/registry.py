"""Every layer by its slug: those that code declares and those that are rows of `Dataset`.

A layer is a named query plus a face. Tiles, downloads, studies and pages are written once,
against what `resolve` returns.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from psycopg import sql

from layers.access import Viewer
from layers.errors import NotFound
from layers.models import Dataset

TILE_EXTENT = 4096
TILE_BUFFER = 64
MAX_ZOOM = 22

Relation = Callable[[sql.Composable], sql.Composable]
"""Takes an EPSG:3857 envelope, returns what stands after FROM."""


@dataclass(frozen=True)
class Field:
    """A column that a layer shows. `expression` is SQL over the relation's alias ``t``."""

    name: str
    title: str
    type: str
    expression: sql.Composable

    @classmethod
    def column(cls, name: str, title: str, type_: str = "string") -> "Field":
        """Declare a field that is a column of the same name."""
        return cls(name, title, type_, sql.Identifier("t", name))


@dataclass(frozen=True)
class Layer:
    """A named query plus a face.

    `audience` holds the roles that may see the layer; None is everybody. `condition` takes the
    request's filters (already strings) and returns a SQL condition over the alias ``t``; it
    raises `InvalidInput` for a value that it does not understand.
    """

    slug: str
    title: str
    geometry_type: str
    relation: Relation
    fields: tuple[Field, ...]
    audience: frozenset[str] | None = None
    description: str = ""
    style: Mapping[str, Any] = field(default_factory=dict)
    licence: str = ""
    attribution: Callable[[], str] = str
    min_zoom: int = 0
    max_zoom: int = 16
    condition: Callable[[Mapping[str, str]], sql.Composable] | None = None
    by_zoom: Callable[[int], sql.Composable | None] | None = None
    overview: Callable[[sql.Composable, int, sql.Composable], sql.Composable] | None = None
    """Takes envelope, zoom and condition; returns rows of the tile below `overview_below`."""
    overview_below: int = 0
    order: sql.Composable | None = None
    """In which order a tile holds its features, where the order of storing would tell something."""
    geometry_column: str = "geometry"
    mercator_column: str = "geometry_3857"

    def is_open_to(self, viewer: Viewer) -> bool:
        """Tell whether the viewer may see this layer at all."""
        return self.audience is None or viewer.has(*self.audience)


def table(*name: str) -> Relation:
    """Return the relation of a plain table or view."""
    identifier = sql.SQL("{} AS t").format(sql.Identifier(*name))
    return lambda _envelope: identifier


LayerFamily = Callable[[], Iterator[Layer]]
_declared: dict[str, Layer] = {}
_families: list[LayerFamily] = []


def register(layer: Layer) -> None:
    """Declare a layer in an app's ``catalog.py``."""
    if layer.slug in _declared:
        message = f"The layer {layer.slug!r} is declared twice."
        raise ValueError(message)
    _declared[layer.slug] = layer


def register_family(family: LayerFamily) -> None:
    """Declare layers that depend on rows, such as one for each kind of area."""
    _families.append(family)


STAFF = frozenset({"staff"})
PLANNERS = frozenset({"planner", "administrator"})
AUDIENCES: Mapping[str, frozenset[str] | None] = {
    Dataset.Audience.PUBLIC: None,
    Dataset.Audience.STAFF: STAFF,
    Dataset.Audience.PLANNERS: PLANNERS,
}


def _of_dataset(row: Dataset) -> Layer:
    return Layer(
        slug=row.slug,
        title=row.title,
        description=row.description,
        geometry_type=row.geometry_type,
        relation=table(row.origin, row.table_name),
        fields=tuple(Field.column(f["name"], f["title"], f["type"]) for f in row.fields),
        audience=AUDIENCES[row.audience],
        style=row.style,
        licence=row.licence,
        attribution=lambda: row.attribution,
    )


def _find(slug: str) -> Layer | None:
    if layer := _declared.get(slug):
        return layer
    for family in _families:
        for layer in family():
            if layer.slug == slug:
                return layer
    row = Dataset.objects.filter(slug=slug).first()
    return _of_dataset(row) if row else None


def resolve(slug: str, viewer: Viewer) -> Layer:
    """Return the layer of this slug.

    Raises
    ------
    NotFound
        When there is none, or none that the viewer may know of.
    """
    layer = _find(slug)
    if layer is None or not layer.is_open_to(viewer):
        message = _("There is no layer called “%(slug)s”.") % {"slug": slug}
        raise NotFound(message)
    return layer


def _all() -> Iterator[Layer]:
    yield from _declared.values()
    for family in _families:
        yield from family()
    yield from map(_of_dataset, Dataset.objects.order_by("-changed_at"))


def findings(viewer: Viewer) -> list[Layer]:
    """Return the data sets (imports and results of studies) that the viewer may lay on a map."""
    rows = map(_of_dataset, Dataset.objects.order_by("-changed_at"))
    return [layer for layer in rows if layer.is_open_to(viewer)]


def visible(viewer: Viewer) -> list[Layer]:
    """Return every layer that the viewer may see."""
    return [layer for layer in _all() if layer.is_open_to(viewer)]
