"""What was planted in the demo city is what studies find there."""

import geopandas as gpd
import pytest
import shapely

from fixtures.city import make_city
from geo.demo import load_demo
from layers import features, registry
from layers.access import Viewer
from planning.models import Run
from tests.database.studied_city import execute

pytestmark = pytest.mark.django_db

PLANNER = Viewer(roles=frozenset({"planner"}))
CELL_M = 300


@pytest.fixture
def city(db, settings, tmp_path):
    settings.STATE_DIR = tmp_path
    city = make_city(reports=2000)
    load_demo(city)
    return city


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
