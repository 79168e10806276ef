"""What would make a reader open other files, other servers or a database."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import shapely

from tests.database.broken_files.case import refused
from tests.database.broken_files.sound import POINT, collection, saved, written

VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>"
)


@refused("a.vrt is a virtual file, which leads to other files. Give those.")
def a_virtual_file(folder: Path) -> Path:
    return written(folder, VRT, "a.vrt")


@refused("a.geojson is a virtual file, which leads to other files. Give those.")
def a_virtual_file_called_geojson(folder: Path) -> Path:
    return written(folder, "\ufeff  <?xml version='1.0'?><!-- map -->" + VRT)


@refused("a.gml is a virtual file, which leads to other files. Give those.")
def a_virtual_raster(folder: Path) -> Path:
    return written(folder, "<VRTDataset rasterXSize='1' rasterYSize='1'/>", "a.gml")


@refused(
    "a.geojson is JSON, but not a GeoJSON FeatureCollection (its type is "
    "'gdal_streamed_alg'). Open it to see what came instead of the places, and fetch it "
    "again."
)
def a_pipeline_of_gdal(folder: Path) -> Path:
    step = {"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read /etc/passwd"}
    return written(folder, json.dumps(step))


@refused(
    "a.xml is XML (<GDAL_WMS>), but neither KML, GML nor GPX. Open it to see what came "
    "instead of the places."
)
def a_description_of_a_tile_server(folder: Path) -> Path:
    return written(folder, "<GDAL_WMS><Service name='TMS'/></GDAL_WMS>", "a.xml")


@refused(
    "a.xml is XML (<OGRWFSDataSource>), but neither KML, GML nor GPX. Open it to see "
    "what came instead of the places."
)
def a_description_of_a_feature_server(folder: Path) -> Path:
    return written(folder, "<OGRWFSDataSource><URL>http://h/wfs</URL></OGRWFSDataSource>", "a.xml")


@refused(
    "a.qgs is XML with a document type, which could lead to other files. Remove the "
    "DOCTYPE, or save it as GeoPackage."
)
def a_project_of_qgis(folder: Path) -> Path:
    return written(
        folder, "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'><qgis/>", "a.qgs"
    )


@refused(
    "/vsizip{folder}/a.zip/a.geojson is an address, not a file of this computer. Fetch it first."
)
def a_path_into_an_archive(folder: Path) -> str:
    return f"/vsizip/{folder}/a.zip/a.geojson"


@refused(
    "/vsicurl/http:/127.0.0.1/a.geojson is an address, not a file of this computer. Fetch it first."
)
def a_path_to_a_server(folder: Path) -> str:
    return "/vsicurl/http://127.0.0.1/a.geojson"


@refused(
    "/vsisubfile/0_100,/etc/passwd is an address, not a file of this computer. Fetch it first."
)
def a_path_into_a_path(folder: Path) -> str:
    return "/vsisubfile/0_100,/etc/passwd"


@refused("https:/example.org/a.geojson is an address, not a file of this computer. Fetch it first.")
def an_address(folder: Path) -> str:
    return "https://example.org/a.geojson"


@refused("s3:/bucket/a.geojson is an address, not a file of this computer. Fetch it first.")
def an_address_of_a_store(folder: Path) -> str:
    return "s3://bucket/a.geojson"


@refused("PG:dbname=civicgrid is an address, not a file of this computer. Fetch it first.")
def a_connection_to_postgresql(folder: Path) -> str:
    return "PG:dbname=civicgrid"


@refused("MySQL:city,user=root is an address, not a file of this computer. Fetch it first.")
def a_connection_to_mysql(folder: Path) -> str:
    return "MySQL:city,user=root"


@refused("WFS:http:/127.0.0.1/wfs is an address, not a file of this computer. Fetch it first.")
def a_connection_to_a_feature_server(folder: Path) -> str:
    return "WFS:http://127.0.0.1/wfs"


@refused("GeoJSON:{folder}/a.geojson is an address, not a file of this computer. Fetch it first.")
def a_prefix_of_gdal(folder: Path) -> str:
    return f"GeoJSON:{folder}/a.geojson"


def _crs(folder: Path, crs: Any) -> Path:
    return written(folder, collection(shapely.Point(1, 2), crs=crs))


def _named(folder: Path, name: Any) -> Path:
    return _crs(folder, {"type": "name", "properties": {"name": name}})


@refused(
    'a.geojson names its coordinate system by {"type": "link", "properties": {"href": '
    '"http://h/4326", "type": "proj4"}}. Only a plain name of a system that there is, '
    "such as EPSG:2249, is followed; remove the crs member and give --crs."
)
def a_system_that_is_a_link(folder: Path) -> Path:
    return _crs(folder, {"type": "link", "properties": {"href": "http://h/4326", "type": "proj4"}})


@refused(
    'a.geojson names its coordinate system by {"type": "link", "properties": {"href": '
    '"/etc/passwd", "type": "ogcwkt"}}. Only a plain name of a system that there is, '
    "such as EPSG:2249, is followed; remove the crs member and give --crs."
)
def a_system_that_is_a_link_to_a_file(folder: Path) -> Path:
    return _crs(folder, {"type": "link", "properties": {"href": "/etc/passwd", "type": "ogcwkt"}})


@refused(
    'a.geojson names its coordinate system by {"type": "name", "properties": {"name": '
    '"http://www.opengis.net/def/crs/EPSG/0/2249"}}. Only a plain name of a system that '
    "there is, such as EPSG:2249, is followed; remove the crs member and give --crs."
)
def a_system_that_is_an_address(folder: Path) -> Path:
    return _named(folder, "http://www.opengis.net/def/crs/EPSG/0/2249")


@refused(
    'a.geojson names its coordinate system by {"type": "name", "properties": {"name": '
    '"+proj=longlat +nadgrids=/etc/passwd +type=crs"}}. Only a plain name of a system '
    "that there is, such as EPSG:2249, is followed; remove the crs member and give --crs."
)
def a_system_that_is_a_proj_string(folder: Path) -> Path:
    return _named(folder, "+proj=longlat +nadgrids=/etc/passwd +type=crs")


@refused(
    'a.geojson names its coordinate system by {"type": "name", "properties": {"name": '
    '"GEOGCS[\\"x\\",DATUM[\\"x\\",SPHEROID[\\"x\\",6378137,298.257223563]]]"}}. Only a plain '
    "name of a system that there is, such as EPSG:2249, is followed; remove the crs "
    "member and give --crs."
)
def a_system_that_is_a_well_known_text(folder: Path) -> Path:
    return _named(folder, 'GEOGCS["x",DATUM["x",SPHEROID["x",6378137,298.257223563]]]')


@refused(
    'a.geojson names its coordinate system by {"type": "name", "properties": {"name": '
    '"urn:ogc:def:crs,crs:EPSG::4326,cs:AXISMODE:/etc/passwd"}}. Only a plain name of a '
    "system that there is, such as EPSG:2249, is followed; remove the crs member and "
    "give --crs."
)
def a_system_of_an_odd_name(folder: Path) -> Path:
    return _named(folder, "urn:ogc:def:crs,crs:EPSG::4326,cs:AXISMODE:/etc/passwd")


@refused(
    'a.geojson names its coordinate system by "EPSG:2249". Only a plain name of a system '
    "that there is, such as EPSG:2249, is followed; remove the crs member and give --crs."
)
def a_system_that_is_a_word(folder: Path) -> Path:
    return _crs(folder, "EPSG:2249")


@refused(
    'a.geojson names its coordinate system by {"type": "link", "properties": {"href": '
    '"/etc/passwd"}}. Only a plain name of a system that there is, such as EPSG:2249, is '
    "followed; remove the crs member and give --crs."
)
def a_system_in_a_feature(folder: Path) -> Path:
    document = json.loads(POINT)
    document["features"][0]["crs"] = {"type": "link", "properties": {"href": "/etc/passwd"}}
    return written(folder, json.dumps(document))


@refused(
    'a.geojson names its coordinate system by {"type": "name", "properties": {"name": '
    '"EPSG:99999"}}. Only a plain name of a system that there is, such as EPSG:2249, is '
    "followed; remove the crs member and give --crs."
)
def a_system_that_there_is_not(folder: Path) -> Path:
    return _named(folder, "EPSG:99999")


@refused(
    "a.kml is XML with a document type, which could lead to other files. Remove the "
    "DOCTYPE, or save it as GeoPackage."
)
def a_document_type_that_includes_a_file(folder: Path) -> Path:
    return written(
        folder,
        '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>&x;</name></Placemark></kml>',
        "a.kml",
    )


@refused(
    "a.gpx is XML with a document type, which could lead to other files. Remove the "
    "DOCTYPE, or save it as GeoPackage."
)
def a_document_type_that_grows(folder: Path) -> Path:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return written(
        folder,
        f'<!DOCTYPE gpx [<!ENTITY l0 "lol">{levels}]><gpx version="1.1"><wpt lat="1" lon="2">'
        "<name>&l9;</name></wpt></gpx>",
        "a.gpx",
    )


def _database(folder: Path, statement: str) -> Path:
    path = saved(folder / "a.gpkg")
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("PRAGMA writable_schema = ON")
        base.execute(
            "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) "
            "VALUES ('table', 'evil', 'evil', 0, ?)",
            [statement],
        )
    return path


@refused(
    'a.gpkg has a table or view that leads to other files: "CREATE VIRTUAL TABLE evil '
    "USING VirtualShape('/etc/x', 'utf-8', 4326)\". Save the layer alone as GeoPackage."
)
def a_database_with_a_table_of_another_file(folder: Path) -> Path:
    return _database(
        folder, "CREATE VIRTUAL TABLE evil USING VirtualShape('/etc/x', 'utf-8', 4326)"
    )


@refused(
    'a.gpkg has a table or view that leads to other files: "CREATE VIEW evil AS SELECT '
    "ogr_geocode('x') AS g\". Save the layer alone as GeoPackage."
)
def a_database_with_a_view_that_calls_out(folder: Path) -> Path:
    path = saved(folder / "a.gpkg")
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("CREATE VIEW evil AS SELECT ogr_geocode('x') AS g")
    return path


@refused(
    "a.gpkg is open in another program, which has not written all of it (a.gpkg-wal lies "
    "beside it). Close it there."
)
def a_database_that_is_open_elsewhere(folder: Path) -> Path:
    path = saved(folder / "a.gpkg")
    written(folder, b"x" * 32, "a.gpkg-wal")
    return path


@refused("a.tab is a MapInfo table that leads to other tables. Give those.")
def a_table_that_leads_to_other_tables(folder: Path) -> Path:
    return written(
        folder,
        '!table\n!version 300\nDefinition Table\n  Type NATIVE\n"\\IsSeamless" = "TRUE"\n',
        "a.tab",
    )
