"""What a file is, by its bytes: the formats that are read, and what opens each.

GDAL would follow a virtual file to another path or to the network, so it opens only what stands
in `KINDS`. Its drivers are an allow-list (`DRIVERS`); `geo.drivers` switches every other one off
before GDAL is loaded.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from layers.errors import InvalidInput
from layers.importing import documents


class Format(StrEnum):
    """A kind of file that is read."""

    GEOPACKAGE = "GeoPackage"
    GEOJSON = "GeoJSON"
    GEOJSON_LINES = "newline-delimited GeoJSON"
    FLATGEOBUF = "FlatGeobuf"
    SHAPEFILE = "Shapefile"
    FILE_GEODATABASE = "File Geodatabase"
    KML = "KML"
    CSV = "CSV"
    PARQUET = "GeoParquet"
    GML = "GML"
    GPX = "GPX"
    TOPOJSON = "TopoJSON"
    ESRI_JSON = "Esri JSON"
    SQLITE = "SpatiaLite"
    MAPINFO_TAB = "MapInfo TAB"
    MAPINFO_MIF = "MapInfo MIF"
    DXF = "DXF"


@dataclass(frozen=True)
class Kind:
    """How a format is opened."""

    suffix: str
    driver: str = ""
    """Of GDAL; empty: pyarrow reads it."""
    is_text: bool = False
    """Its text may be in another encoding than it should, and is brought to UTF-8."""
    prefix: str = ""
    """What GDAL wants before the path, to take no other format for it."""
    siblings: tuple[str, ...] = ()
    """Suffixes of the files that belong to it."""


KINDS: Mapping[Format, Kind] = {
    Format.GEOPACKAGE: Kind(".gpkg", "GPKG"),
    Format.GEOJSON: Kind(".geojson", "GeoJSON", is_text=True),
    Format.GEOJSON_LINES: Kind(".geojsonl", "GeoJSONSeq", is_text=True, prefix="GeoJSONSeq:"),
    Format.FLATGEOBUF: Kind(".fgb", "FlatGeobuf"),
    Format.SHAPEFILE: Kind(".shp", "ESRI Shapefile", siblings=(".shx", ".dbf", ".prj", ".cpg")),
    Format.FILE_GEODATABASE: Kind(".gdb", "OpenFileGDB"),
    Format.KML: Kind(".kml", "LIBKML"),
    Format.CSV: Kind(".csv", is_text=True),
    Format.PARQUET: Kind(".parquet"),
    Format.GML: Kind(".gml", "GML"),
    Format.GPX: Kind(".gpx", "GPX"),
    Format.TOPOJSON: Kind(".topojson", "TopoJSON", is_text=True),
    Format.ESRI_JSON: Kind(".json", "ESRIJSON", is_text=True),
    Format.SQLITE: Kind(".sqlite", "SQLite"),
    Format.MAPINFO_TAB: Kind(".tab", "MapInfo File", siblings=(".dat", ".map", ".id", ".ind")),
    Format.MAPINFO_MIF: Kind(".mif", "MapInfo File", siblings=(".mid",)),
    Format.DXF: Kind(".dxf", "DXF"),
}
DRIVERS = frozenset(kind.driver for kind in KINDS.values() if kind.driver)
NAMES = ", ".join(Format)

SQLITE = b"SQLite format 3\x00"
GEOPACKAGE_AT = slice(68, 72)
GEOPACKAGES = {b"GPKG", b"GP10", b"GP11"}
MAGIC: tuple[tuple[bytes, Format], ...] = (
    (b"\x00\x00\x27\x0a", Format.SHAPEFILE),
    (b"fgb\x03", Format.FLATGEOBUF),
    (b"PAR1", Format.PARQUET),
)
OPENINGS: tuple[tuple[re.Pattern[bytes], Format], ...] = (
    (re.compile(rb"\s*!table\b", re.IGNORECASE), Format.MAPINFO_TAB),
    (re.compile(rb"\s*Version\s+\d+\s*[\r\n]+\s*(Charset|Delimiter|Unique|Index|CoordSys|Columns)",
                re.IGNORECASE), Format.MAPINFO_MIF),
    (re.compile(rb"(\s*999\r?\n[^\n]*\n)*\s*0\r?\nSECTION\b"), Format.DXF),
)  # fmt: skip
"""How texts begin that have no other mark."""
OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document. Ask for the data that it was made from"),
    (b"Rar!", "a RAR archive. Unpack it, and pack it as .zip"),
    (b"7z\xbc\xaf", "a 7-Zip archive. Unpack it, and pack it as .zip"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Access file. Save it as CSV"),
    (b"II*\x00", "a TIFF picture. Import it with import_raster"),
    (b"MM\x00*", "a TIFF picture. Import it with import_raster"),
    (b"\x89PNG", "a picture, not a file of places. Ask for the data that it shows"),
    (b"\xff\xd8\xff", "a picture, not a file of places. Ask for the data that it shows"),
    (b"BZh", "packed with bzip2. Unpack it, and pack it with gzip"),
    (b"\xfd7zXZ", "packed with xz. Unpack it, and pack it with gzip"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd. Unpack it, and pack it with gzip"),
    (b"ARROW1", "an Arrow file. Save it as GeoParquet"),
    (b"PMTiles", "a set of tiles, which has lost what it was made from. Ask for that"),
)
PARTS = {
    ".dbf": "the attributes of a Shapefile. Give its .shp, with the others beside it",
    ".shx": "the index of a Shapefile. Give its .shp, with the others beside it",
    ".prj": "the coordinate system of a Shapefile. Give its .shp, with the others beside it",
    ".mid": "the attributes of a MapInfo file. Give its .mif, with the others beside it",
    ".pbf": "OpenStreetMap data, which import_osm brings in",
}
"""What is given by mistake, by its name: their bytes tell little."""
CSV_SUFFIXES = (".csv", ".tsv", ".txt")
OSM_PBF = b"OSMHeader"


def detect(head: bytes, path: Path) -> Format:
    """Return what a file is.

    Parameters
    ----------
    head
        Its first bytes (some thousand at least), unpacked.
    path
        For messages; only a CSV is known by its name.

    Raises
    ------
    InvalidInput
        When it is none of the formats that are read; says what it seems to be, and what to do.
    """
    if head.startswith(SQLITE):
        return Format.GEOPACKAGE if head[GEOPACKAGE_AT] in GEOPACKAGES else Format.SQLITE
    for magic, format_ in MAGIC:
        if head.startswith(magic):
            return format_
    if OSM_PBF in head[:64]:
        raise refused(path, PARTS[".pbf"])
    for magic, what in OTHERS:
        if head.startswith(magic):
            raise refused(path, what)
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    if suffix in PARTS:
        raise refused(path, PARTS[suffix])
    return _of_text(head, path, suffix)


def _of_text(head: bytes, path: Path, suffix: str) -> Format:
    if not head.strip():
        message = f"{path.name} is empty. Fetch it again."
        raise InvalidInput(message, field="file")
    text = documents.as_utf8(head)
    begin = text.lstrip()[:1]
    if begin == b"<":
        return Format[documents.judge_xml(text, path.name)]
    if begin in (b"{", b"[", b"\x1e"):
        return Format[documents.judge_json(text, path.name)]
    for opening, format_ in OPENINGS:
        if opening.match(text):
            return format_
    if b"\x00" not in text and (suffix in CSV_SUFFIXES):
        return Format.CSV
    message = f"{path.name} is none of the formats that can be read: {NAMES}."
    raise InvalidInput(message, field="file")


def refused(path: Path, what: str) -> InvalidInput:
    """Return the error that says what a file is instead of places."""
    return InvalidInput(f"{path.name} is {what}.", field="file")
