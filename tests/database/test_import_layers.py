"""Any file as a layer: formats, traps and what is said of them."""

import csv
import gzip
import json
import sqlite3
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import ClassVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from django.core.management import CommandError, call_command

from geo.drivers import KEPT
from layers import features, registry
from layers.access import Viewer
from layers.importing import cleaning, formats, opening, reading
from layers.importing.inspection import inspect
from layers.importing.reading import Options
from layers.models import Area, AreaKind, Dataset
from tests.database.conftest import frame
from tests.database.files import feature, geojson

pytestmark = pytest.mark.django_db
PLANNER = Viewer(roles=frozenset({"planner"}))
POINTS = gpd.GeoDataFrame(
    {
        "name": ["Äpfel", None],
        "floors": np.array([3, 4], dtype=np.int32),
        "share": [0.5, np.nan],
    },
    geometry=[shapely.Point(-71.06, 42.36), shapely.Point(-71.05, 42.35)],
    crs=4326,
)


def bring(path, **options):
    call_command("import_layer", path, slug="it", title="It", **options)
    return features.read(registry.resolve("it", PLANNER), PLANNER)


def found(path, **options):
    return {f.code: f.message for f in inspect(path, Options(**options)).findings}


def lines(path, prefix=""):
    texts = [prefix + json.dumps(f) for f in json.loads(POINTS.to_json())["features"]]
    path.write_text("\n".join(texts) + "\n")
    return path


def zipped(path, *files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
    return path


def write(path):  # noqa: C901 - a table
    """Write the points in the format that the name says."""
    folder = path.parent
    match path.name:
        case "a.parquet":
            POINTS.to_parquet(path)
        case "a.geojsonl":
            lines(path)
        case "a.geojsons":
            lines(path, "\x1e")
        case "a.geojson.gz":
            path.write_bytes(gzip.compress(POINTS.to_json().encode()))
        case "a.csv" | "a.csv.gz":
            table = POINTS.drop(columns="geometry").assign(
                lon=POINTS.geometry.x, lat=POINTS.geometry.y
            )
            table.to_csv(path, index=False)
        case "wkt.csv":
            POINTS.drop(columns="geometry").assign(wkt=POINTS.to_wkt().geometry).to_csv(path)
        case "shp.zip":
            POINTS.to_file(folder / "b.shp", encoding="utf-8")
            zipped(path, *folder.glob("b.*"))
        case "gdb.zip":
            POINTS.to_file(folder / "b.gdb", driver="OpenFileGDB")
            with zipfile.ZipFile(path, "w") as archive:
                for file in (folder / "b.gdb").iterdir():
                    archive.write(file, f"b.gdb/{file.name}")
        case "kml.kmz":
            POINTS.to_file(folder / "doc.kml", driver="LIBKML")
            zipped(path, folder / "doc.kml")
        case _:
            driver = {".kml": "LIBKML", ".tab": "MapInfo File", ".gdb": "OpenFileGDB"}
            POINTS.to_file(path, driver=driver.get(path.suffix))
    return path


FORMATS = [
    "a.gpkg", "a.geojson", "a.geojson.gz", "a.geojsonl", "a.geojsons", "a.fgb", "a.shp", "shp.zip",
    "a.gdb", "gdb.zip", "a.csv", "a.csv.gz", "a.parquet", "a.gml", "a.tab",
]  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_brings_the_same_features(tmp_path, name):
    read = bring(write(tmp_path / name)).sort_values("floors", ignore_index=True)
    assert read.geometry.x.tolist() == pytest.approx([-71.06, -71.05], abs=1e-6)
    assert read.geometry.y.tolist() == pytest.approx([42.36, 42.35], abs=1e-6)
    assert read.name[0] == "Äpfel"
    assert pd.isna(read.name[1]) or read.name[1] == ""
    assert read.floors.tolist() == [3, 4]
    assert read.share[0] == 0.5


@pytest.mark.parametrize("name", ["a.kml", "kml.kmz", "wkt.csv"])
def test_formats_that_name_their_columns_otherwise_bring_the_places(tmp_path, name):
    read = bring(write(tmp_path / name), **({"crs": 4326} if name == "wkt.csv" else {}))
    assert [g.coords[0][:2] for g in read.geometry] == [(-71.06, 42.36), (-71.05, 42.35)]


def test_a_detailed_shape_comes_in_from_a_table(tmp_path):
    ring = shapely.Point(-71.06, 42.36).buffer(0.001, quad_segs=3_000)
    path = tmp_path / "parks.csv"
    path.write_text(f'name,wkt\nNorth,"{ring.wkt}"\n')
    assert path.stat().st_size > 2 * csv.field_size_limit()
    (kept,) = bring(path, wkt="wkt", crs=4326).geometry
    assert shapely.get_num_coordinates(kept) == shapely.get_num_coordinates(ring)


def test_the_drivers_that_are_left_are_exactly_those_that_are_kept():
    assert set(pyogrio.list_drivers()) == set(KEPT)
    assert formats.DRIVERS <= KEPT
    assert {"MEM", "MVT"} == KEPT - formats.DRIVERS


def test_a_shapefile_alone_is_read_and_nothing_written_beside_it(tmp_path):
    POINTS.to_file(tmp_path / "a.shp")
    for suffix in (".shx", ".dbf", ".prj", ".cpg"):
        (tmp_path / f"a{suffix}").unlink()
    assert found(tmp_path / "a.shp") == {
        "no_crs": "a.shp does not say its coordinate system. Its coordinates look like longitude "
        "and latitude: if they are, give --crs 4326.",
        "index_restored": "a.shp came without its index (.shx), which was made anew",
        "sibling_missing": "a.shp came without its attributes (.dbf): it has places alone",
    }
    assert len(bring(tmp_path / "a.shp", crs=4326)) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["a.shp"]


# ---- coordinates ----


def boston():
    ground = shapely.box(-71.19, 42.22, -70.92, 42.40)
    kind = AreaKind.objects.get(slug="city")
    Area.objects.create(kind=kind, code="b", name="B", geometry=shapely.MultiPolygon([ground]).wkt)


@pytest.mark.parametrize(
    ("srid", "named"),
    [
        (2249, "EPSG:2249 (NAD83 / Massachusetts Mainland (ftUS))"),
        (26986, "EPSG:26986 (NAD83 / Massachusetts Mainland)"),
        (26919, "EPSG:26919 (NAD83 / UTM zone 19N)"),
        (3857, "EPSG:3857 (WGS 84 / Pseudo-Mercator)"),
    ],
)
def test_the_likely_system_is_named(tmp_path, srid, named):
    boston()
    moved = POINTS.to_crs(srid).geometry
    path = geojson(tmp_path / "a.geojson", *(feature(g) for g in moved))
    with pytest.raises(CommandError) as refused:
        bring(path)
    assert f"They are probably in {named}" in str(refused.value)
    assert f"give --crs {srid}" in str(refused.value)
    assert bring(path, crs=srid).geometry[0].x == pytest.approx(-71.06, abs=1e-5)


def test_without_a_city_the_way_to_a_name_is_told(tmp_path):
    path = geojson(tmp_path / "a.geojson", feature(shapely.Point(739594, 2908187)))
    with pytest.raises(CommandError, match="Once this installation knows where the city is"):
        bring(path)


def test_swapped_axes_are_told_where_the_city_shows_it_and_read_when_asked(tmp_path):
    boston()
    path = geojson(tmp_path / "a.geojson", feature(shapely.Point(42.36, -71.06)))
    with pytest.raises(CommandError, match=r"far from the city\. Latitude and longitude seem"):
        bring(path)
    assert bring(path, swapped=True).geometry[0].coords[0] == (-71.06, 42.36)


def test_rows_far_outside_are_counted_and_left_out_when_asked(tmp_path, capsys):
    boston()
    path = geojson(
        tmp_path / "a.geojson", feature(shapely.Point(-71.06, 42.36)), feature(shapely.Point(0, 0))
    )
    assert len(bring(path)) == 2
    assert "1 rows lie far outside the city, such as row 2 at 0.00000" in capsys.readouterr().out
    assert len(bring(path, inside=True)) == 1


def test_a_coordinate_nowhere_on_earth_is_counted(tmp_path):
    path = geojson(
        tmp_path / "a.geojson",
        feature(shapely.Point(1, 2)),
        feature(shapely.Point(1, 2)),
        feature(shapely.Point(500, 2)),
    )
    read = found(path)
    assert read["off_earth"].endswith("such as 500, 2 in row 3")
    assert read["duplicate"] == "1 repeat another row exactly, place and attributes"


# ---- attributes ----


def test_types_of_a_table_are_those_that_every_value_has(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "lon;lat;zip;n;share;open;day;at;zoned;big;bad date;n\n"
        "1,5;2;02115;1;1.5;true;2020-01-02;2020-07-02 10:00;2020-01-02T10:00:00Z;1;2020-02-31;a\n"
        "2,5;3;;2;2;FALSE;;2020-01-02 11:00:30;2020-01-02T10:00:00+0100;98765432109876543210;;b\n"
    )
    seen = inspect(path, Options())
    assert {f.name: f.stored_type for f in seen.fields} == {
        "lon": "string", "lat": "integer", "zip": "string", "n": "integer", "share": "number",
        "open": "boolean", "day": "date", "at": "datetime", "zoned": "datetime", "big": "string",
        "bad date": "string", "n 2": "string",
    }  # fmt: skip
    codes = {f.code: f.message for f in seen.findings}
    assert "1 numbers, such as in 'big', of over 18 digits stay text" in codes["big_number"]
    assert "column 12 is called 'n 2'" in codes["column_renamed"]
    read = bring(path)
    assert read.geometry[0].coords[0] == (1.5, 2)
    assert read.bad_date[0] == "2020-02-31"
    assert read.zoned[1].isoformat() == "2020-01-02T09:00:00+00:00"


def test_windows_text_and_byte_order_marks_are_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("lon,lat,name\n1,2,Café\n".encode("cp1252"))
    assert (
        found(path)["encoding"] == "The text of a.csv is no UTF-8; it was read as cp1252 (Windows)"
    )
    assert bring(path).name[0] == "Café"
    path.write_bytes("\ufefflon,lat,name\n1,2,Café\n".encode())
    assert bring(path).name[0] == "Café"
    path.write_bytes("lon,lat,name\n1,2,Café\n".encode("utf-16"))
    assert bring(path).name[0] == "Café"
    with pytest.raises(CommandError, match="no encoding 'klingon'"):
        bring(path, encoding="klingon")


def test_the_table_of_a_shapefile_may_be_windows_text(tmp_path):
    POINTS.to_file(tmp_path / "a.shp", encoding="cp1252")
    (tmp_path / "a.cpg").unlink()
    table = bytearray((tmp_path / "a.dbf").read_bytes())
    table[29] = 0
    (tmp_path / "a.dbf").write_bytes(table)
    assert bring(tmp_path / "a.shp").name[0] == "Äpfel"


def test_nested_values_heights_and_odd_names_are_kept_or_counted(tmp_path):
    path = geojson(
        tmp_path / "a.geojson",
        feature(
            shapely.Point(1, 2, 3), **{"tags": {"a": [1]}, "% of 2020": 1, "Fid": 9, "select": 1}
        ),
    )
    codes = found(path)
    assert codes["z_or_m"] == "1 geometries had heights or measures, left out"
    assert codes["nested"] == "1 columns hold lists or objects, such as 'tags': kept as JSON"
    read = bring(path)
    assert json.loads(read.tags[0]) == {"a": [1]}
    assert (read.of_2020[0], read.fid_2[0], read["select"][0]) == (1, 9, 1)


def test_our_names_of_columns_may_be_given(tmp_path):
    path = geojson(tmp_path / "a.geojson", feature(shapely.Point(1, 2), FLR_CNT=3))
    assert bring(path, field=["floors=FLR_CNT"]).floors[0] == 3
    with pytest.raises(CommandError, match=r"no column 'X'\. Its columns are: FLR_CNT"):
        bring(path, field=["floors=X"])
    with pytest.raises(CommandError, match=r"no pair\. Write it as ours=theirs"):
        bring(path, field=["floors"])


def test_a_mixed_file_becomes_a_layer_of_what_most_rows_are(tmp_path, capsys):
    line = shapely.LineString([(0, 0), (1, 1)])
    path = geojson(
        tmp_path / "a.geojson",
        feature(line), feature(shapely.MultiLineString([line])), feature(shapely.Point(0, 0)),
    )  # fmt: skip
    assert set(bring(path).geom_type) == {"MultiLineString"}
    said = capsys.readouterr().out
    assert "a.geojson mixes 2 lines and 1 points" in said
    assert "row 3: it is a Point, and this is a layer of lines" in said
    assert set(bring(path, geometry="point").geom_type) == {"Point"}


def test_a_file_of_several_layers_asks_which(tmp_path):
    POINTS.to_file(tmp_path / "a.gpkg", layer="trees")
    POINTS.to_file(tmp_path / "a.gpkg", layer="bins")
    with pytest.raises(
        CommandError, match=r"holds 2 layers \(trees, bins\). Choose one, for example"
    ):
        bring(tmp_path / "a.gpkg")
    assert len(bring(tmp_path / "a.gpkg", layer="bins")) == 2
    with pytest.raises(CommandError, match=r"no layer 'x'\. Its layers are: trees, bins"):
        bring(tmp_path / "a.gpkg", layer="x")


def test_a_dry_run_shows_rows_and_extent_and_stores_nothing(tmp_path, capsys):
    path = write(tmp_path / "a.geojson")
    call_command("import_layer", path, dry_run=True)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "GeoJSON, 2 rows. Nothing is stored."
    assert "Extent: west -71.06000, south 42.35000, east -71.05000, north 42.36000" in said
    assert "Row 1: name=Äpfel, floors=3, share=0.5, geometry=POINT (-71.06 42.36)" in said
    assert not Dataset.objects.exists()


# ---- refused ----


def test_a_line_that_is_no_feature_is_named(tmp_path):
    path = lines(tmp_path / "a.geojsonl")
    path.write_text(path.read_text() + '{"type": "Fea\n')
    with pytest.raises(
        CommandError, match=r"""Line 3 of a\.geojsonl is no feature: '{"type": "Fea'"""
    ):
        bring(path)


def test_a_row_of_another_length_is_named(tmp_path):
    (tmp_path / "a.csv").write_text("lon,lat\n1,2\n1,2,3\n")
    with pytest.raises(CommandError, match=r"Row 2 of a\.csv has 3 cells where the header names 2"):
        bring(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-71.1,42.3,x\n-71.2,42.3,y\n", "a.csv has no header: its first row is .-71.1, 42.3, x."),
        ("name,kind\na,b\n", "does not say which columns hold the places"),
        ("lon,lat\nwest,42\n", "holds no places: none of its 1 rows"),
    ],
    ids=["header", "columns", "numbers"],
)
def test_a_table_without_places_says_what_it_wants(tmp_path, text, message):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(CommandError, match=message):
        bring(tmp_path / "a.csv")


@pytest.mark.parametrize(
    "name", ["../evil.shp", "/etc/evil.shp", "a/../../evil.shp", "..\\evil.shp", "C:/evil.shp"]
)
def test_an_archive_whose_names_lead_out_is_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(CommandError, match=r"which leads out of it\. It is refused"):
        bring(tmp_path / "a.zip")


def test_links_bombs_and_nests_are_refused(tmp_path, monkeypatch):
    link = zipfile.ZipInfo("a.shp")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * 20_000_000)
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(b"0" * 20_000_000))
    zipped(tmp_path / "nest.zip", zipped(tmp_path / "inner.csv", tmp_path / "link.zip"))
    for name, message in {
        "link.zip": "a link or a device, not a file",
        "bomb.zip": "is a bomb: 'a.csv' would grow from",
        "bomb.csv.gz": "is a bomb: its",
        "nest.zip": "an archive in an archive",
    }.items():
        with pytest.raises(CommandError, match=message):
            bring(tmp_path / name)


def test_a_file_over_the_limit_is_refused(tmp_path, settings):
    settings.IMPORT_MOST_BYTES = 100
    with pytest.raises(CommandError, match=r"at most 100 are taken\. Cut it into parts, or raise"):
        bring(write(tmp_path / "a.geojson"))


@pytest.mark.parametrize("name", ["/vsicurl/http://127.0.0.1/a.geojson", "http://h/a.geojson"])
def test_an_address_is_no_file(name):
    with pytest.raises(CommandError, match="is an address, not a file of this computer"):
        call_command("import_layer", name)


def test_a_geometry_of_too_many_vertices_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(cleaning, "MOST_VERTICES", 4)
    path = geojson(tmp_path / "a.geojson", feature(shapely.box(0, 0, 1, 1)))
    with pytest.raises(CommandError, match=r"Row 1 of a\.geojson has a geometry of 5 vertices"):
        bring(path)


def test_a_database_that_leads_to_other_files_is_refused(tmp_path):
    POINTS.to_file(tmp_path / "a.gpkg")
    with sqlite3.connect(tmp_path / "a.gpkg") as base:
        base.execute("CREATE VIEW evil AS SELECT ogr_geocode('x') AS g")
    base.close()
    with pytest.raises(CommandError, match="a table or view that leads to other files"):
        bring(tmp_path / "a.gpkg")


GML = (
    '<x:c xmlns:x="urn:x" xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xsi:schemaLocation="urn:x {at}/x.xsd">'
    '<gml:featureMember><x:f><x:n xlink:href="{at}/h#1"/><x:g><gml:Point srsName="{at}/crs">'
    "<gml:coordinates>1,2</gml:coordinates></gml:Point></x:g></x:f></gml:featureMember></x:c>"
)


class Listener(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self):
        self.asked.append(self.path)
        self.send_error(404)

    do_HEAD = do_GET  # noqa: N815 - as the class behind it wants

    def log_message(self, *_args):
        pass


def test_nothing_in_a_file_is_fetched_from_anywhere(tmp_path):
    Listener.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), Listener)
    Thread(target=server.serve_forever, daemon=True).start()
    at = f"http://127.0.0.1:{server.server_port}"
    place = "<Placemark><name>a</name><Point><coordinates>1,2</coordinates></Point></Placemark>"
    texts = {
        "a.kml": f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><NetworkLink><Link><href>{at}/k'
        f"</href></Link></NetworkLink><Style id='s'><IconStyle><Icon><href>{at}/i</href></Icon>"
        f"</IconStyle></Style>{place}</Document></kml>",
        "a.gml": GML.format(at=at),
        "a.json": json.dumps(
            {"geometryType": "esriGeometryPoint", "spatialReference": {"wkid": 4326},
             "exceededTransferLimit": True, "fields": [],
             "features": [{"attributes": {"url": f"{at}/e"}, "geometry": {"x": 1, "y": 2}}]}
        ),
        "b.geojson": json.dumps(
            {"type": "FeatureCollection", "features": [feature(shapely.Point(1, 2))],
             "next": f"{at}/n"}
        ),
    }  # fmt: skip
    try:
        for name, text in texts.items():
            (tmp_path / name).write_text(text)
            assert inspect(tmp_path / name, Options()).rows == 1, name
    finally:
        server.shutdown()
        server.server_close()
    assert Listener.asked == []


def test_escaped_letters_do_not_hide_a_crs(tmp_path):
    path = geojson(tmp_path / "a.geojson", feature(shapely.Point(1, 2)))
    link = '{"type": "link", "properties": {"href": "/etc/passwd"}}'
    path.write_text(path.read_text().replace('"type"', '"\\u0063rs": ' + link + ', "type"', 1))
    with pytest.raises(CommandError, match="Only a plain name"):
        bring(path)


def test_an_attribute_called_crs_is_no_crs(tmp_path):
    path = geojson(tmp_path / "a.geojson", feature(shapely.Point(1, 2), crs="EPSG:2249"))
    assert bring(path)["crs"][0] == "EPSG:2249"


def test_the_folder_of_an_import_goes(tmp_path):
    with opening.opened(write(tmp_path / "a.gpkg")) as source:
        folder = source.place.parent
        assert folder.is_dir()
    assert not folder.exists()


def test_many_points_come_in_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "BATCH_ROWS", 7)
    many = frame(n=list(range(50)), geometry=list(shapely.points(np.arange(50) / 100, 1)))
    many.to_file(tmp_path / "a.gpkg")
    assert sorted(bring(tmp_path / "a.gpkg").n) == list(range(50))
