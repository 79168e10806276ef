"""Files of several parts or of bytes: cut short, without a part, or with one that lies."""

import json
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import shapely
from pyarrow import parquet
from pyproj import CRS

from tests.database.broken_files.case import found, refused
from tests.database.broken_files.sound import frame, saved, shapefile, written


def _cut(path: Path, share: float = 0.6) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def _altered(path: Path, at: int, content: bytes) -> Path:
    whole = bytearray(path.read_bytes())
    whole[at : at + len(content)] = content
    path.write_bytes(whole)
    return path


@refused(
    "a.shp is no whole Shapefile: Error parsing .shp to restore .shx. Cannot read first "
    "bytes of record starting at offset 156. Fetch it again, or save it anew."
)
def a_shapefile_cut_short(folder: Path) -> Path:
    return _cut(shapefile(folder), 0.8)


@refused(
    "a.shp is no whole Shapefile: .shp file is unreadable, or corrupt. Fetch it again, "
    "or save it anew."
)
def a_shapefile_of_its_head_alone(folder: Path) -> Path:
    path = shapefile(folder)
    path.write_bytes(path.read_bytes()[:60])
    return path


@found("a.shp came without its index (.shx), which was made anew", 3)
def a_shapefile_without_its_index(folder: Path) -> Path:
    path = shapefile(folder)
    path.with_suffix(".shx").unlink()
    return path


@found("a.shp came without its attributes (.dbf): it has places alone", 3)
def a_shapefile_without_its_table(folder: Path) -> Path:
    path = shapefile(folder)
    path.with_suffix(".dbf").unlink()
    return path


@refused(
    "The attributes of a.shp (.dbf) are cut short: 73 bytes of 367 are there. Fetch them "
    "again, or give the .shp alone."
)
def a_shapefile_whose_table_is_cut_short(folder: Path) -> Path:
    path = shapefile(folder)
    _cut(path.with_suffix(".dbf"), 0.2)
    return path


@refused(
    "a.shp has 3 places, but its attributes (.dbf) have 1 rows, so they belong to "
    "another file. Fetch both again, or give the .shp alone."
)
def a_shapefile_whose_table_lacks_rows(folder: Path) -> Path:
    path = shapefile(folder)
    _altered(path.with_suffix(".dbf"), 4, struct.pack("<I", 1))
    return path


@found("3 rows read: 3 features in, 0 left out", 3)
def a_shapefile_whose_index_is_another(folder: Path) -> Path:
    path = shapefile(folder)
    _altered(path.with_suffix(".shx"), 100, struct.pack(">ii", 2**30, 10))
    return path


@refused("a.dbf is the attributes of a Shapefile. Give its .shp, with the others beside it.")
def the_table_of_a_shapefile_alone(folder: Path) -> Path:
    return shapefile(folder).with_suffix(".dbf")


@refused("a.prj is the coordinate system of a Shapefile. Give its .shp, with the others beside it.")
def the_system_of_a_shapefile_alone(folder: Path) -> Path:
    return shapefile(folder).with_suffix(".prj")


def _system(folder: Path, old: bytes, new: bytes) -> Path:
    path = shapefile(folder)
    system = path.with_suffix(".prj")
    assert old in system.read_bytes()
    system.write_bytes(system.read_bytes().replace(old, new))
    return path


@found("3 rows read: 3 features in, 0 left out", 3)
def a_shapefile_whose_system_has_a_name_in_other_letters(folder: Path) -> Path:
    return _system(folder, b"GCS_WGS_1984", "Größe".encode("cp1252"))


@refused(
    "a.shp is in a system (WGS 84) from which nothing leads to longitude and latitude. Ask its "
    "source for the right one, and give its code as --crs."
)
def a_shapefile_on_another_planet(folder: Path) -> Path:
    return _system(folder, b"6378137", b"3396190")


@refused(
    "a.gpkg is no whole GeoPackage: the name of its coordinate system is no UTF-8. Fetch it "
    "again, or save it anew."
)
def a_geopackage_whose_system_has_a_name_in_other_letters(folder: Path) -> Path:
    system = CRS("+proj=tmerc +lon_0=1 +datum=WGS84").to_wkt().replace("unknown", "Large", 1)
    path = folder / "a.gpkg"
    frame().to_crs(CRS(system)).to_file(path)
    path.write_bytes(path.read_bytes().replace(b"Large", "Größe".encode("cp1252")))
    return path


@found("1 columns of a.shp have no name of their own; column 2 is called 'name 2'", 3)
def a_shapefile_whose_columns_were_cut_to_one_name(folder: Path) -> Path:
    path = shapefile(folder)
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace(b"floors", b"name\0\0", 1))
    return path


@refused("a.gpkg is a damaged database (database disk image is malformed). Fetch it again.")
def a_geopackage_cut_short(folder: Path) -> Path:
    return _cut(saved(folder / "a.gpkg"), 0.3)


@refused("a.gpkg is a damaged database (database disk image is malformed). Fetch it again.")
def a_geopackage_of_its_head_alone(folder: Path) -> Path:
    path = saved(folder / "a.gpkg")
    path.write_bytes(path.read_bytes()[:100])
    return path


@refused(
    "a.gpkg does not say its coordinate system. Its coordinates look like longitude and "
    "latitude: if they are, give --crs 4326."
)
def a_geopackage_with_a_page_of_noise(folder: Path) -> Path:
    return _altered(saved(folder / "a.gpkg"), 4096, b"\xff" * 4096)


@refused(
    "a.gpkg is no whole GeoPackage: nothing in it can be read. Fetch it again, or save it anew."
)
def a_geopackage_of_tiles_alone(folder: Path) -> Path:
    path = saved(folder / "a.gpkg")
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("UPDATE gpkg_contents SET data_type = 'tiles'")
        base.execute("DELETE FROM gpkg_geometry_columns")
    return path


@refused("a.fgb has no layer that can be read. It is damaged: fetch it again.")
def a_flatgeobuf_cut_short(folder: Path) -> Path:
    return _cut(saved(folder / "a.fgb"))


@refused("a.fgb has no layer that can be read. It is damaged: fetch it again.")
def a_flatgeobuf_whose_head_has_no_end(folder: Path) -> Path:
    return _altered(saved(folder / "a.fgb"), 8, struct.pack("<I", 2**31 - 1))


@refused(
    "a.parquet is no whole GeoParquet: Parquet magic bytes not found in footer. Either "
    "the file is corrupted or this is not a parquet file. Fetch it again, or save it "
    "anew."
)
def a_parquet_cut_short(folder: Path) -> Path:
    return _cut(saved(folder / "a.parquet"))


@refused(
    "a.parquet is no whole GeoParquet: Invalid base64 input: character is not valid "
    "base64 character. Fetch it again, or save it anew."
)
def a_parquet_whose_foot_is_noise(folder: Path) -> Path:
    path = saved(folder / "a.parquet")
    return _altered(path, path.stat().st_size - 200, b"\xff" * 100)


def _parquet(folder: Path, geo: object = None, **columns: list[object]) -> Path:
    table = pa.table(columns)
    if geo is not None:
        table = table.replace_schema_metadata(
            {"geo": geo if isinstance(geo, bytes) else json.dumps(geo)}
        )
    parquet.write_table(table, folder / "a.parquet")
    return folder / "a.parquet"


@refused(
    "a.parquet does not say which columns hold the places. Name them, for example "
    "--longitude COLUMN --latitude COLUMN, or --wkt COLUMN. Its columns are: street, "
    "number."
)
def a_parquet_without_places(folder: Path) -> Path:
    return _parquet(folder, street=["Elm"], number=[7])


@refused(
    "a.parquet describes its places (its metadata 'geo') in a way that is no GeoParquet. "
    "Save it again as GeoParquet."
)
def a_parquet_that_describes_nothing(folder: Path) -> Path:
    return _parquet(folder, [1, 2], geometry=[b"x"])


@refused(
    "a.parquet describes its places (its metadata 'geo') in a way that is no GeoParquet. "
    "Save it again as GeoParquet."
)
def a_parquet_that_describes_itself_in_noise(folder: Path) -> Path:
    return _parquet(folder, b"{", geometry=[b"x"])


@refused(
    "a.parquet says that 'geom' is its geometry, and has no such column. Its columns "
    "are: geometry. Save it again as GeoParquet."
)
def a_parquet_of_another_column_than_it_says(folder: Path) -> Path:
    return _parquet(folder, {"primary_column": "geom", "columns": {}}, geometry=[b"x"])


@refused(
    "a.parquet keeps its geometry as WKB of type int64 in 'geometry'; only WKB is read. "
    "Save it again with the encoding WKB."
)
def a_parquet_whose_places_are_numbers(folder: Path) -> Path:
    return _parquet(folder, {"primary_column": "geometry", "columns": {}}, geometry=[1, 2])


@refused(
    "a.parquet holds no places: none of its 1 rows has a geometry. 1 geometries cannot "
    "be read, such as in row 1."
)
def a_parquet_whose_places_are_noise(folder: Path) -> Path:
    return _parquet(folder, {"primary_column": "geometry", "columns": {}}, geometry=[b"noise"])


@refused(
    "a.parquet does not say its coordinate system. Its coordinates look like longitude "
    "and latitude: if they are, give --crs 4326."
)
def a_parquet_with_a_system_of_noise(folder: Path) -> Path:
    geo = {
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "crs": {"a": 1}}},
    }
    return _parquet(folder, geo, geometry=[shapely.Point(1, 2).wkb])


@refused(
    "a.parquet would unpack to 1,600,755 bytes; at most 100,000 are taken. Cut it into parts.",
    settings={"IMPORT_MOST_BYTES": 100_000},
)
def a_parquet_that_grows(folder: Path) -> Path:
    parquet.write_table(
        pa.table({"lon": [1.0] * 100_000, "lat": [2.0] * 100_000}),
        folder / "a.parquet",
        use_dictionary=False,
        compression="zstd",
    )
    return folder / "a.parquet"


@refused(
    "a.gdb is no whole File Geodatabase: nothing in it can be read. Fetch it again, or "
    "save it anew."
)
def a_geodatabase_without_its_tables(folder: Path) -> Path:
    path = saved(folder / "a.gdb", driver="OpenFileGDB")
    for each in path.glob("*.gdbtable"):
        each.write_bytes(b"")
    return path


@refused(
    "a.gdb is no whole File Geodatabase: nothing in it can be read. Fetch it again, or "
    "save it anew."
)
def a_geodatabase_whose_catalogue_is_cut(folder: Path) -> Path:
    path = saved(folder / "a.gdb", driver="OpenFileGDB")
    _cut(path / "a00000001.gdbtable", 0.3)
    return path


@refused("a.kml is no whole XML: unclosed token: line 27, column 8. Fetch it again.")
def a_kml_cut_short(folder: Path) -> Path:
    return _cut(saved(folder / "a.kml", driver="LIBKML"))


@refused("a.gml is no whole XML: unclosed token: line 20, column 118. Fetch it again.")
def a_gml_cut_short(folder: Path) -> Path:
    return _cut(saved(folder / "a.gml"))


@refused("a.gpx is no whole XML: unclosed token: line 1, column 47. Fetch it again.")
def a_gpx_cut_short(folder: Path) -> Path:
    return written(folder, '<gpx version="1.1"><wpt lat="1" lon="2"><name>a</na', "a.gpx")


@refused("a.dxf is cut short: a drawing (DXF) ends with EOF. Fetch it again.")
def a_drawing_of_a_machine_cut_short(folder: Path) -> Path:
    return written(folder, "  0\nSECTION\n  2\nENTITIES\n  0\nPOI", "a.dxf")


@refused("a.geojson holds no places: none of its 1 rows has a geometry.")
def a_topology_without_arcs(folder: Path) -> Path:
    return written(
        folder,
        '{"type": "Topology", "objects": {"a": {"type": "LineString", "arcs": [7]}}, "arcs": []}',
    )


@refused("a.json holds no rows. Check what was sent, or choose another layer.")
def an_esri_answer_without_features(folder: Path) -> Path:
    return written(folder, '{"geometryType": "esriGeometryPoint", "features": {}}', "a.json")


@refused(
    "a.tab is no whole MapInfo TAB: nothing in it can be read. Fetch it again, or save it anew."
)
def a_mapinfo_table_without_its_data(folder: Path) -> Path:
    return written(
        folder, "!table\n!version 300\n!charset WindowsLatin1\nDefinition Table\n", "a.tab"
    )
