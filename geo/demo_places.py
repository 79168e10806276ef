"""The demo city's places: areas, streets, railways, addresses and assets."""

import geopandas as gpd
import shapely
from django.utils.translation import gettext_noop as _

from fixtures.city import Area, Asset, DemoCity, Ground
from layers import datasets
from layers.importing import load
from layers.models import AreaKind, AssetKind, Dataset

SOURCE = load.Provenance("Demo city", "CC0-1.0", "Invented demo data")
ASSET_KINDS = (
    AssetKind(slug="street-light", title=_("Street light"), title_plural=_("Street lights")),
    AssetKind(slug="hydrant", title=_("Hydrant"), title_plural=_("Hydrants")),
    AssetKind(slug="bin", title=_("Litter bin"), title_plural=_("Litter bins")),
    AssetKind(slug="school", title=_("School"), title_plural=_("Schools")),
    AssetKind(slug="station", title=_("Railway station"), title_plural=_("Railway stations")),
)
RAILWAYS = datasets.NewDataset(
    slug="railways",
    title="Railways",
    origin=Dataset.Origin.IMPORTED,
    columns=(
        datasets.Column("code", "Code", "string"),
        datasets.Column("name", "Name", "string"),
        datasets.Column("is_bridge", "Bridge", "boolean"),
    ),
    geometry_type="line",
    audience=Dataset.Audience.PUBLIC,
    licence=SOURCE.licence,
    attribution=SOURCE.attribution,
)


def load_places(city: DemoCity) -> None:
    """Store all places of a city."""
    _load_areas(city)
    load.load_streets(
        _frame(
            code=[s.code for s in city.streets],
            name=[s.name for s in city.streets],
            street_class=[s.highway for s in city.streets],
            is_bridge=[s.bridge for s in city.streets],
            level=[s.level for s in city.streets],
            geometry=[s.line for s in city.streets],
        ),
        SOURCE,
    )
    load.load_addresses(
        _frame(
            street_name=[a.street for a in city.addresses],
            number=[a.number for a in city.addresses],
            residents=[a.residents for a in city.addresses],
            geometry=list(shapely.points([(a.lon, a.lat) for a in city.addresses])),
        ),
        SOURCE,
    )
    for kind in ASSET_KINDS:
        _load_assets([asset for asset in city.assets if asset.kind == kind.slug], kind)
    railways = _frame(
        code=[r.code for r in city.railways],
        name=[r.name for r in city.railways],
        is_bridge=[r.bridge for r in city.railways],
        geometry=[r.line for r in city.railways],
    )
    datasets.create(RAILWAYS, railways)


def _load_areas(city: DemoCity) -> None:
    stored = {kind.slug: kind for kind in AreaKind.objects.all()}
    load.load_areas(_areas((city.boundary,)), stored["city"], SOURCE)
    load.load_areas(_areas(city.wards), stored["ward"], SOURCE)
    load.load_areas(_areas(city.neighbourhoods), stored["neighbourhood"], SOURCE)
    load.load_areas(_areas(city.zones), stored["zone"], SOURCE)
    load.load_areas(_areas(city.water), stored["water"], SOURCE)
    load.load_areas(_areas(city.parks), stored["park"], SOURCE)


def _areas(areas: tuple[Area, ...] | tuple[Ground, ...]) -> gpd.GeoDataFrame:
    return _frame(
        code=[a.code for a in areas],
        name=[a.name for a in areas],
        geometry=[a.polygon for a in areas],
    )


def _load_assets(assets: list[Asset], kind: AssetKind) -> None:
    load.load_assets(
        _frame(
            code=[a.code for a in assets],
            name=[a.name for a in assets],
            geometry=list(shapely.points([(a.lon, a.lat) for a in assets])),
        ),
        kind,
        SOURCE,
    )


def _frame(**columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry="geometry", crs=4326)
