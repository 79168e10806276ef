"""Places that are nowhere, elsewhere, doubled, crossed or far too fine."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from tests.database.broken_files.case import found, refused
from tests.database.broken_files.sound import POINT, collection, saved, shapefile, written

FEET = shapely.Point(774_000, 2_955_000)
"""Boston in feet of the State Plane."""
HOME = shapely.Point(-71.06, 42.36)
BOW_TIE = shapely.Polygon([(0, 0), (0.01, 0.01), (0.01, 0), (0, 0.01)])
SQUARE = shapely.box(0, 0, 0.01, 0.01)


def _without_system(folder: Path) -> Path:
    path = shapefile(folder)
    path.with_suffix(".prj").unlink()
    return path


@refused(
    "a.shp does not say its coordinate system. Its coordinates look like longitude and "
    "latitude: if they are, give --crs 4326."
)
def degrees_without_a_system(folder: Path) -> Path:
    return _without_system(folder)


@refused(
    "a.shp does not say its coordinate system. Its coordinates are such as 774000, "
    "2955000. They are probably in EPSG:2249 (NAD83 / Massachusetts Mainland (ftUS)): if "
    "they are, give --crs 2249.",
    in_boston=True,
)
def feet_without_a_system(folder: Path) -> Path:
    gpd.GeoDataFrame(geometry=[FEET], crs=2249).to_file(folder / "a.shp")
    (folder / "a.prj").unlink()
    return folder / "a.shp"


@refused(
    "a.geojson has coordinates such as 774000, 2955000, which are not in EPSG:4326. They "
    "are probably in EPSG:2249 (NAD83 / Massachusetts Mainland (ftUS)): if they are, "
    "give --crs 2249.",
    in_boston=True,
)
def feet_that_are_called_degrees(folder: Path) -> Path:
    return written(folder, collection(FEET))


@refused(
    "a.geojson has coordinates such as 774000, 2955000, which are not in EPSG:4326. They "
    "are probably metres or feet of a projected system (State Plane, UTM). Ask the "
    "file's source which, and give its code as --crs. Once this installation knows where "
    "the city is (by set_city --metric-epsg, or by its areas), the likely system is "
    "named here."
)
def feet_before_a_city_is_known(folder: Path) -> Path:
    return written(folder, collection(FEET))


@refused(
    "a.geojson has coordinates such as 9e+12, -9e+12, which are not in EPSG:4326. No "
    "system that is used around this city would place them in it. Ask the file's source "
    "which they are in, and give its code as --crs.",
    in_boston=True,
)
def metres_of_no_system_around_here(folder: Path) -> Path:
    return written(folder, collection(shapely.Point(9e12, -9e12)))


@refused(
    "a.geojson has coordinates such as 42.36, -71.06, far from the city. Latitude and "
    "longitude seem to be swapped: longitude comes first. If they are, give --swapped.",
    in_boston=True,
)
def latitude_before_longitude(folder: Path) -> Path:
    return written(folder, collection(shapely.Point(42.36, -71.06)))


@refused(
    "a.geojson has coordinates such as 42.36, -171.06, which are not in EPSG:4326. "
    "Latitude and longitude seem to be swapped: longitude comes first. If they are, give "
    "--swapped."
)
def latitude_before_longitude_beyond_the_pole(folder: Path) -> Path:
    return written(folder, collection(shapely.Point(42.36, -171.06)))


@refused("There is no coordinate system EPSG:999999. Look the code up.", crs=999_999)
def a_code_that_there_is_not(folder: Path) -> Path:
    return written(folder, POINT)


@found(
    "1 rows lie far outside the city, such as row 1 at -73.48938, 0.00038",
    1,
    in_boston=True,
    crs=26919,
)
def a_code_that_does_not_fit(folder: Path) -> Path:
    return written(folder, collection(HOME))


@refused(
    "a.shp does not say its coordinate system. Its coordinates look like longitude and "
    "latitude: if they are, give --crs 4326."
)
def a_prj_of_noise(folder: Path) -> Path:
    path = shapefile(folder)
    path.with_suffix(".prj").write_text("WGS eighty-four, I think")
    return path


@refused(
    "a.shp has coordinates such as 774000, 2955000, which are not in EPSG:4326. They are "
    "probably in EPSG:2249 (NAD83 / Massachusetts Mainland (ftUS)): if they are, give "
    "--crs 2249.",
    in_boston=True,
)
def a_prj_of_another_system(folder: Path) -> Path:
    gpd.GeoDataFrame(geometry=[FEET], crs=4326).to_file(folder / "a.shp")
    return folder / "a.shp"


@found(
    "1 rows have coordinates that are nowhere on earth and count as without geometry, "
    "such as 1, 90.5 in row 2",
    2,
)
def one_latitude_beyond_the_pole(folder: Path) -> Path:
    return written(folder, collection(shapely.Point(1, 2), shapely.Point(1, 90.5)))


@found("1 rows lie far outside the city, such as row 1 at 0.00000, 0.00000", 1, in_boston=True)
def a_pin_at_null_island(folder: Path) -> Path:
    return written(folder, collection(shapely.Point(0, 0)))


@found(
    "1 rows lie far outside the city, such as row 2 at 0.00000, 0.00000",
    1,
    in_boston=True,
    inside=True,
)
def a_pin_far_outside_left_out(folder: Path) -> Path:
    return written(folder, collection(HOME, shapely.Point(0, 0)))


@found("1 rows read: 1 features in, 0 left out", 1)
def a_pole(folder: Path) -> Path:
    return written(folder, collection(shapely.Point(0, 90)))


@found("1 had invalid rings, which were mended, such as row 1", 2)
def rings_that_cross(folder: Path) -> Path:
    return written(folder, collection(BOW_TIE, SQUARE))


@found("1 have rings that enclose no ground and count as without geometry", 2)
def a_ring_without_ground(folder: Path) -> Path:
    flat = shapely.Polygon([(0, 0), (0.01, 0.01), (0, 0)])
    return written(folder, collection(flat, SQUARE))


@found("1 have rings that enclose no ground and count as without geometry", 2)
def a_ring_of_two_corners(folder: Path) -> Path:
    document = json.loads(collection(SQUARE, SQUARE))
    document["features"][0]["geometry"]["coordinates"] = [[[0, 0], [1, 1]]]
    return written(folder, json.dumps(document))


@found("2 rows read: 2 features in, 0 left out", 2)
def a_ring_that_does_not_close(folder: Path) -> Path:
    document = json.loads(collection(SQUARE, SQUARE))
    document["features"][0]["geometry"]["coordinates"][0].pop()
    return written(folder, json.dumps(document))


@found("1 geometries cannot be read, such as in row 2", 2)
def a_line_of_one_point(folder: Path) -> Path:
    document = json.loads(collection(shapely.LineString([(0, 0), (1, 1)])))
    one = json.loads(json.dumps(document["features"][0]))
    one["geometry"]["coordinates"] = [[0, 0]]
    document["features"].append(one)
    return written(folder, json.dumps(document))


@found("2 rows have no geometry", 3)
def rows_without_a_place(folder: Path) -> Path:
    return written(folder, collection(HOME, None, shapely.Point()))


@refused("a.geojson holds no places: none of its 2 rows has a geometry.")
def nothing_but_rows_without_a_place(folder: Path) -> Path:
    return written(folder, collection(None, None))


@found("a.geojson mixes 2 lines and 1 points", 2)
def points_among_lines(folder: Path) -> Path:
    line = shapely.LineString([(0, 0), (0.01, 0.01)])
    return written(folder, collection(line, line, shapely.Point(0, 0)))


@refused("a.geojson holds no polygons. It holds lines.", geometry="polygon")
def lines_where_areas_are_asked_for(folder: Path) -> Path:
    return written(folder, collection(shapely.LineString([(0, 0), (0.01, 0.01)])))


@refused(
    "a.geojson holds 1 GeometryCollection; a layer takes points, lines or polygons. Split them."
)
def nothing_but_collections(folder: Path) -> Path:
    return written(folder, collection(shapely.GeometryCollection([shapely.Point(0, 0), SQUARE])))


@found("1 geometries had heights or measures, left out", 1)
def heights(folder: Path) -> Path:
    return written(folder, collection(shapely.Point(1, 2, 3)))


@found("1 geometries had heights or measures, left out", 1)
def measures(folder: Path) -> Path:
    return written(folder, "wkt\nSRID=4326;POINT M (1 2 3)\n", "a.csv")


@found("2 repeat another row exactly, place and attributes", 3)
def rows_that_come_twice(folder: Path) -> Path:
    one = json.loads(POINT)["features"][0]
    return written(folder, json.dumps({"type": "FeatureCollection", "features": [one] * 3}))


@refused(
    "Row 2 of a.parquet has a geometry of 1,000,001 vertices; at most 1,000,000 are "
    "taken. Simplify it, or cut it into parts."
)
def a_line_of_a_million_and_one_corners(folder: Path) -> Path:
    along = np.linspace(0, 1, 1_000_001)
    line = shapely.LineString(np.column_stack([along, along]))
    gpd.GeoDataFrame(geometry=[HOME, line], crs=4326).to_parquet(folder / "a.parquet")
    return folder / "a.parquet"


@refused("a.gpkg holds 2 layers (trees, bins). Choose one, for example --layer 'trees'.")
def two_layers(folder: Path) -> Path:
    saved(folder / "a.gpkg", layer="trees")
    return saved(folder / "a.gpkg", layer="bins")


@refused("a.gpkg has no layer 'lamps'. Its layers are: trees, bins.", layer="lamps")
def a_layer_that_is_not_there(folder: Path) -> Path:
    saved(folder / "a.gpkg", layer="trees")
    return saved(folder / "a.gpkg", layer="bins")


@refused("a.gpkg holds no rows. Check what was sent, or choose another layer.")
def a_layer_without_rows(folder: Path) -> Path:
    frame = gpd.GeoDataFrame({"name": []}, geometry=[], crs=4326)
    pyogrio.write_dataframe(frame, folder / "a.gpkg", geometry_type="Point")
    return folder / "a.gpkg"


@refused(
    "a.shp does not say its coordinate system. Its coordinates look like longitude and "
    "latitude: if they are, give --crs 4326."
)
def a_system_with_a_grid_in_a_file(folder: Path) -> Path:
    path = shapefile(folder)
    path.with_suffix(".prj").write_text("+proj=longlat +nadgrids=/etc/passwd")
    return path
