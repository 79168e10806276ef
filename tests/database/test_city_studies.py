"""The demo city in the database: its places, and what was planted in it for studies to find."""

from collections import Counter

import geopandas as gpd
import pytest
import rasterio
import shapely
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Sum

from fixtures.city import make_city
from geo.demo import RASTERS_FOLDER, load_demo
from layers import features, registry
from layers.access import Viewer
from layers.models import Address, AssetKind, Raster
from layers.rasters.storing import path_of
from planning.models import Run
from tests.database.studied_city import execute

pytestmark = pytest.mark.django_db

PLANNER = Viewer(roles=frozenset({"planner"}))
CELL_M = 300


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo city with a tenth of its reports, loaded once for all studies."""
    made = make_city(reports=2000)
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patch,
        transaction.atomic(),
    ):
        patch.setattr(settings, "STATE_DIR", tmp_path_factory.mktemp("state"))
        load_demo(made)
        connection.check_constraints()
        yield made
        transaction.set_rollback(True)


def rows_of(run: Run) -> gpd.GeoDataFrame:
    return features.read(registry.resolve(run.result.slug, PLANNER), PLANNER)


def test_hot_spots_finds_the_planted_one_by_hexagons_and_by_squares(city):
    spot = city.truth.hot_spots[0]
    middle = gpd.GeoSeries([shapely.Point(spot.lon, spot.lat)], crs=4326).to_crs(city.metric_epsg)
    for shape in ("hexagon", "square"):
        run = execute(
            "hot-spots",
            PLANNER,
            filters={"category": spot.category},
            parameters={"shape": shape, "cell_m": CELL_M},
        )
        rows = rows_of(run).to_crs(city.metric_epsg)
        distance_m = rows.centroid.distance(middle.iloc[0])
        hot, inside = rows["class"] >= 2, distance_m <= spot.radius_m
        assert inside.any()
        assert hot[inside].all()
        assert inside[rows.z.idxmax()]
        # Gi* shares out what the neighbours hold: hot ground reaches a cell or two further.
        assert (distance_m[hot] < spot.radius_m + 2 * CELL_M).mean() > 0.5


def test_street_grid_finds_its_pieces_and_trend_24_months(city):
    streets = execute("street-grid", PLANNER)
    # The mainland, the island whose bridge is left out, and what a gap cuts off.
    pieces = 2 + sum(gap.cuts_off for gap in city.street_truth.gaps)
    assert streets.summary["components"] == pieces
    assert streets.summary["segments"] == len(city.streets)
    assert sorted(rows_of(streets).component.unique()) == list(range(1, pieces + 1))
    trend = execute("trend", PLANNER, parameters={"cell_m": 400})
    assert trend.summary["months"] == 24
    assert sum(trend.summary["reports_by_month"]) == trend.summary["reports"]


def test_places_come_with_what_is_known_of_them(city):
    lived = Address.objects.aggregate(homes=Count("pk"), residents=Sum("residents"))
    assert lived["homes"] == len(city.addresses)
    assert lived["residents"] == sum(address.residents for address in city.addresses)
    kinds = AssetKind.objects.annotate(count=Count("assets")).values_list("slug", "count")
    assert dict(kinds) == Counter(asset.kind for asset in city.assets)


def test_anybody_may_see_the_railways(city):
    everybody = Viewer()
    rows = features.read(registry.resolve("railways", everybody), everybody)
    assert sorted(rows.code) == sorted(rail.code for rail in city.railways)
    assert rows.is_bridge.sum() == 1


def test_the_rasters_stand_in_the_state_folder(city):
    folder = settings.STATE_DIR / RASTERS_FOLDER
    assert sorted(path.name for path in folder.iterdir()) == ["elevation.tif", "population.tif"]


def test_anybody_may_read_the_rasters(city):
    rows = {raster.slug: raster for raster in Raster.objects.all()}
    assert set(rows) == {"elevation", "population"}
    for slug, row in rows.items():
        with rasterio.open(path_of(row)) as file:
            assert (file.read(1) == getattr(city, slug).values).all()
        assert (row.audience, row.srid) == ("public", city.metric_epsg)
