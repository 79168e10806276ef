"""The layers of the ground: areas by kind, their names, streets, assets by kind, addresses."""

from collections.abc import Callable, Iterator, Mapping

from django.db.models import Exists, OuterRef
from psycopg import sql

from layers.models import Address, Area, AreaKind, Asset, AssetKind, StreetSegment
from layers.queries import attribution_of
from layers.registry import STAFF, Field, Layer, register, register_family, table

NAMES_TO_ZOOM = 16
MAIN_STREETS = ("motorway", "trunk", "primary", "secondary", "tertiary")


def _of_kind(slug: str) -> Callable[[Mapping[str, str]], sql.Composable]:
    condition = sql.SQL("t.kind_id = {}").format(slug)
    return lambda _filters: condition


def _areas() -> Iterator[Layer]:
    """Declare a layer for each kind that has areas: an empty one would only cost requests."""
    has_areas = Exists(Area.objects.filter(kind=OuterRef("pk")))
    for kind in AreaKind.objects.filter(has_areas).order_by("slug"):
        yield Layer(
            slug=f"areas-{kind.slug}",
            title=kind.title_plural,
            geometry_type="polygon",
            relation=table("layers_area"),
            fields=(Field.column("code", "Code"), Field.column("name", "Name")),
            style={"kind": "outline"},
            attribution=attribution_of(Area.objects.filter(kind=kind)),
            condition=_of_kind(kind.slug),
        )


def _assets() -> Iterator[Layer]:
    has_assets = Exists(Asset.objects.filter(kind=OuterRef("pk")))
    for kind in AssetKind.objects.filter(has_assets).order_by("slug"):
        yield Layer(
            slug=f"assets-{kind.slug}",
            title=kind.title_plural,
            geometry_type="point",
            relation=table("layers_asset"),
            fields=(Field.column("code", "Code"), Field.column("name", "Name")),
            style={"kind": "point"},
            attribution=attribution_of(Asset.objects.filter(kind=kind)),
            min_zoom=13,
            condition=_of_kind(kind.slug),
        )


def _main_streets_from_afar(zoom: int) -> sql.Composable | None:
    """Below zoom 13 minor streets are noise and most of a tile's weight.

    Streets whose source gives no class stay: a city may have no others.
    """
    if zoom >= 13:
        return None
    return sql.SQL("t.street_class = ANY({})").format([*MAIN_STREETS, ""])


def _area_names(_envelope: sql.Composable) -> sql.Composable:
    return sql.SQL(
        """(
            SELECT name.*, area.kind_id
            FROM layers_placename AS name JOIN layers_area AS area ON area.id = name.area_id
        ) AS t"""
    )


def _names_with_room(zoom: int) -> sql.Composable | None:
    """Leave out names whose area is too small to read before the next tile comes."""
    return None if zoom >= NAMES_TO_ZOOM else sql.SQL("t.rank <= {}").format(zoom + 1)


register_family(_areas)
register_family(_assets)
register(
    Layer(
        slug="place-names",
        title="Names of places",
        description="One point an area; rank is the zoom from which it has room for its name.",
        geometry_type="point",
        relation=_area_names,
        fields=(
            Field.column("name", "Name"),
            Field("kind", "Kind", "string", sql.Identifier("t", "kind_id")),
            Field.column("rank", "Rank", "integer"),
        ),
        style={"kind": "names"},
        attribution=attribution_of(Area.objects.all()),
        max_zoom=NAMES_TO_ZOOM,
        by_zoom=_names_with_room,
        order=sql.SQL("t.rank, t.size_m DESC, t.id"),
        geometry_column="point",
        mercator_column="point_3857",
    )
)
register(
    Layer(
        slug="streets",
        title="Streets",
        geometry_type="line",
        relation=table("layers_streetsegment"),
        fields=(
            Field.column("name", "Name"),
            Field("class", "Class", "string", sql.Identifier("t", "street_class")),
            Field("bridge", "On a bridge", "boolean", sql.Identifier("t", "is_bridge")),
            Field("oneway", "One way", "boolean", sql.Identifier("t", "is_oneway")),
            Field.column("speed_kmh", "Speed limit, km/h", "integer"),
            Field.column("surface", "Surface"),
        ),
        style={"kind": "streets"},
        attribution=attribution_of(StreetSegment.objects.all()),
        by_zoom=_main_streets_from_afar,
    )
)
register(
    Layer(
        slug="addresses",
        title="Addresses",
        geometry_type="point",
        relation=table("layers_address"),
        fields=(
            Field.column("street_name", "Street"),
            Field.column("number", "Number"),
        ),
        audience=STAFF,
        style={"kind": "point"},
        attribution=attribution_of(Address.objects.all()),
        min_zoom=15,
    )
)
