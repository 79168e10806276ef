"""Areas from a file: what a file is, which rows come in, and what is said of the others."""

import geopandas as gpd
import pytest
import shapely
from django.core.management import CommandError, call_command

from layers.importing.inspection import survey
from layers.importing.opening import opened
from layers.importing.reading import Options, batches
from layers.models import Area, AreaKind, City, Source
from tests.database.files import feature, geojson

NORTH = shapely.box(0, 0.01, 0.01, 0.02)
SOUTH = shapely.box(0, 0, 0.01, 0.01)
BOW_TIE = shapely.Polygon([(0, 0), (0.01, 0.01), (0.01, 0), (0, 0.01)])
EPSG_2249 = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2249"}}

pytestmark = pytest.mark.django_db


def import_areas(path, capsys, **options):
    call_command("import_areas", path, kind="neighbourhood", **{"name": "name", **options})
    return capsys.readouterr().out


def first_place(path, **options):
    with opened(path) as source:
        seen = survey(source, Options(**options))
        return next(batches(source, Options(**options), seen.plan)).geometry.iloc[0]


def stored():
    return {a.code: a for a in Area.objects.filter(kind="neighbourhood")}


def test_areas_come_in_with_the_terms_of_their_source(tmp_path, capsys):
    path = geojson(
        tmp_path / "a.geojson", feature(NORTH, name="North"), feature(SOUTH, name="South")
    )
    said = import_areas(path, capsys, source="Survey", licence="CC0-1.0", attribution="The survey")
    assert said.startswith("2 rows read: 2 neighbourhoods in, 0 left out")
    assert set(stored()) == {"North", "South"}
    assert Source.objects.get(name="Survey").attribution == "The survey"


def test_a_gzipped_file_reads_as_the_plain_one(tmp_path, capsys):
    import_areas(geojson(tmp_path / "a.geojson.gz", feature(NORTH, name="North")), capsys)
    assert stored()["North"].geometry.area == pytest.approx(NORTH.area)


def test_a_second_run_keeps_keys_and_brings_what_changed(tmp_path, capsys):
    path = tmp_path / "a.geojson"
    geojson(path, feature(NORTH, id="1", name="North"), feature(SOUTH, id="2", name="South"))
    import_areas(path, capsys, code="id")
    before = stored()
    geojson(path, feature(NORTH, id="1", name="Uptown"))
    import_areas(path, capsys, code="id")
    assert set(stored()) == {"1"}
    assert stored()["1"].pk == before["1"].pk
    assert stored()["1"].name == "Uptown"


def test_invalid_rings_are_mended_and_useless_rows_named(tmp_path, capsys):
    path = geojson(
        tmp_path / "a.geojson",
        feature(BOW_TIE, name="Bow"),
        feature(None, name="Nowhere"),
        feature(shapely.Point(0, 0), name="Dot"),
        feature(NORTH, name=None),
        feature(shapely.Polygon([(0, 0), (1, 1), (0, 0)]), name="Flat"),
    )
    said = import_areas(path, capsys).splitlines()
    assert said == [
        "5 rows read: 1 neighbourhoods in, 4 left out",
        "  found: 1 rows have no geometry",
        "  found: 1 had invalid rings, which were mended, such as row 1",
        "  found: 1 have rings that enclose no ground and count as without geometry",
        "  found: a.geojson mixes 2 polygons and 1 points",
        "  row 2: it has no usable geometry",
        "  row 3: it is a Point, not a Polygon",
        "  row 4: it has no code",
        "  row 5: it has no usable geometry",
        "To undo it: manage.py undo_import 'areas:neighbourhood'",
    ]
    assert stored()["Bow"].geometry.valid


def test_whole_numbers_stay_whole_where_a_gap_made_them_fractions(tmp_path, capsys):
    path = geojson(
        tmp_path / "a.geojson",
        feature(NORTH, id=509, name="North"),
        feature(SOUTH, id=None, name="South"),
    )
    import_areas(path, capsys, code="id")
    assert set(stored()) == {"509"}


def test_a_plain_crs_name_is_honoured(tmp_path):
    feet = gpd.GeoSeries([shapely.Point(-71.06, 42.36)], crs=4326).to_crs(2249)
    path = geojson(tmp_path / "a.geojson", feature(feet[0], name="Hub"), crs=EPSG_2249)
    assert first_place(path).coords[0] == pytest.approx((-71.06, 42.36), abs=1e-7)


def test_coordinates_that_the_file_does_not_name_are_read_by_the_given_code(tmp_path):
    feet = gpd.GeoSeries([shapely.Point(-71.06, 42.36)], crs=4326).to_crs(2249)
    path = geojson(tmp_path / "a.geojson", feature(feet[0], name="Hub"))
    assert first_place(path, srid=2249).coords[0] == pytest.approx((-71.06, 42.36), abs=1e-7)


def test_a_geopackage_and_a_shapefile_read_as_well(tmp_path, capsys):
    frame = gpd.GeoDataFrame({"name": ["North"]}, geometry=[NORTH], crs=4326).to_crs(3857)
    for name in ("a.gpkg", "a.shp"):
        Area.objects.filter(kind="neighbourhood").delete()
        frame.to_file(tmp_path / name)
        import_areas(tmp_path / name, capsys)
        assert stored()["North"].geometry.area == pytest.approx(NORTH.area, rel=1e-6)


VRT = b'<OGRVRTDataSource><OGRVRTLayer name="x"/></OGRVRTDataSource>'
REFUSED = {
    "web page": (
        b"<!doctype html><title>404 &amp; gone</title>",
        r"a\.geojson is a web page titled '404 & gone', not a file of places\. Open it",
    ),
    "refusal": (
        b"<ServiceExceptionReport><ServiceException>No such layer</ServiceException>",
        "a server's refusal: 'No such layer'",
    ),
    "virtual file": (VRT, "a virtual file, which leads to other files"),
    "drawing": (b'<?xml version="1.0"?><!-- x --><svg></svg>', r"a drawing \(SVG\)"),
    "document type": (
        b'<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml>&x;</kml>',
        "XML with a document type",
    ),
    "zip": (b"PK\x03\x04" + bytes(60), "a damaged zip archive"),
    "cut off": (b'{"type": "FeatureCollection", "features": [', "is no whole GeoJSON"),
    "damaged": (b"\x1f\x8b\x08\x00" + bytes(20), "is a damaged gzip file"),
    "deep": (b'{"a":' * 100_000, "is JSON, but not a GeoJSON FeatureCollection"),
    "other json": (b'{"error": {"code": 500}}', "not a GeoJSON FeatureCollection"),
    "no json": (b"{hello}", "it begins .{hello}."),
    "empty": (b"", "is empty. Fetch it again"),
    "no rows": (b'{"type": "FeatureCollection", "features": []}', "no column 'name'|holds no rows"),
    "other database": (b"SQLite format 3\x00" + bytes(84), "a damaged database"),
    "picture": (b"\x89PNG\r\n\x1a\n", "a picture, not a file of places"),
    "noise": (b"\x01\x02\x03 hello", "none of the formats that can be read: GeoPackage, Geo"),
}


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED)
def test_it_refuses_what_is_no_file_of_places(tmp_path, capsys, content, message):
    path = tmp_path / "a.geojson"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=message):
        import_areas(path, capsys)
    assert not stored()


LINKED = [
    {"type": "link", "properties": {"href": "/etc/passwd", "type": "proj4"}},
    {"type": "name", "properties": {"name": "+proj=longlat +nadgrids=/etc/passwd"}},
    {"type": "name", "properties": {"name": "EPSG:2249\n"}},
    {"type": "name"},
    "EPSG:2249",
]


@pytest.mark.parametrize("crs", LINKED, ids=range(len(LINKED)))
def test_it_refuses_a_crs_that_is_no_plain_name(tmp_path, capsys, crs):
    path = geojson(tmp_path / "a.geojson", feature(NORTH, name="North"), crs=crs)
    with pytest.raises(CommandError, match="Only a plain name"):
        import_areas(path, capsys)


def test_feet_taken_for_degrees_are_told_with_their_likely_cause(tmp_path, capsys):
    feet = shapely.box(739594, 2908187, 803687, 2970072)
    path = geojson(tmp_path / "a.geojson", feature(feet, name="Precinct"))
    with pytest.raises(
        CommandError,
        match=r"such as 739594, 2908187, which are not in EPSG:4326\. They are probably",
    ):
        import_areas(path, capsys)


def test_swapped_axes_are_told(tmp_path, capsys):
    swapped = shapely.box(42.3, -171.1, 42.4, -171.0)
    path = geojson(tmp_path / "a.geojson", feature(swapped, name="Swapped"))
    with pytest.raises(CommandError, match="seem to be swapped"):
        import_areas(path, capsys)


def test_a_file_that_does_not_say_its_crs_wants_it(tmp_path, capsys):
    frame = gpd.GeoDataFrame({"name": ["North"]}, geometry=[NORTH], crs=4326)
    frame.to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    with pytest.raises(CommandError, match="does not say its coordinate system"):
        import_areas(tmp_path / "a.shp", capsys)
    import_areas(tmp_path / "a.shp", capsys, crs=4326)
    assert set(stored()) == {"North"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "nom"}, "no column 'nom'. Its columns are: name, ward"),
        ({"code": "ward"}, "The code '1' stands at more than one area"),
        ({"kind": "parish"}, "no kind of area 'parish'. Choose one of: city"),
        ({"crs": 999999}, "no coordinate system EPSG:999999"),
    ],
    ids=["column", "code", "kind", "crs"],
)
def test_it_names_what_is_wrong_and_stores_nothing(tmp_path, options, message):
    path = geojson(
        tmp_path / "a.geojson",
        feature(NORTH, name="North", ward=1),
        feature(SOUTH, name="South", ward=1),
    )
    with pytest.raises(CommandError, match=message) as refused:
        call_command("import_areas", path, **{"kind": "neighbourhood", "name": "name", **options})
    assert refused.value.returncode == 2
    assert not stored()


def test_a_text_that_cannot_be_kept_is_named(tmp_path, capsys):
    path = geojson(tmp_path / "a.geojson", feature(NORTH, name="N" * 81))
    with pytest.raises(CommandError, match="has 81 characters; at most 80"):
        import_areas(path, capsys)


def test_a_city_is_named_from_the_shell(capsys):
    call_command(
        "set_city", "Boston", time_zone="America/New_York", metric_epsg=26986, ward_kind="zone"
    )
    assert "Boston, time of America/New_York" in capsys.readouterr().out
    city = City.objects.get()
    assert (city.name, city.metric_srid, city.ward_kind_id) == ("Boston", 26986, "zone")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"time_zone": "Boston"}, "no time zone 'Boston'"),
        ({"metric_epsg": 4326}, r"EPSG:4326 \(WGS 84\) does not measure in metres"),
        ({"metric_epsg": 1}, "no coordinate system EPSG:1"),
        ({"ward_kind": "parish"}, "no kind of area 'parish'"),
    ],
    ids=["zone", "degrees", "unknown", "kind"],
)
def test_a_city_cannot_have_unknown_ways(options, message):
    with pytest.raises(CommandError, match=message):
        call_command("set_city", "Boston", **{"time_zone": "UTC", **options})


def test_real_places_stay_out_of_the_demo_city(tmp_path, capsys):
    City.objects.filter(id=1).update(is_demo=True)
    path = geojson(tmp_path / "a.geojson", feature(NORTH, name="North"))
    with pytest.raises(CommandError, match="holds the demo city"):
        import_areas(path, capsys)
    with pytest.raises(CommandError, match="holds the demo city"):
        call_command("set_city", "Boston", time_zone="UTC")
    assert AreaKind.objects.get(slug="neighbourhood").areas.count() == 0
