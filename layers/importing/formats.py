"""What a file is, by its bytes: the formats that are read, and what opens each.

GDAL would follow a virtual file to another path or to the network, so it opens only what stands
here. Its drivers are an allow-list too (`DRIVERS`); every other one is switched off before it is
loaded, see `geo.drivers`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from layers.errors import InvalidInput


class Format(StrEnum):
    """A kind of file that is read."""

    GEOPACKAGE = "GeoPackage"
    GEOJSON = "GeoJSON"
    GEOJSON_LINES = "GeoJSON, one feature a line"
    FLATGEOBUF = "FlatGeobuf"
    SHAPEFILE = "Shapefile"
    FILE_GEODATABASE = "File Geodatabase"
    KML = "KML"
    CSV = "CSV"
    GEOPARQUET = "GeoParquet"
    GML = "GML"
    GPX = "GPX"
    TOPOJSON = "TopoJSON"
    ESRI_JSON = "Esri JSON"
    SQLITE = "SQLite or SpatiaLite"
    MAPINFO_TAB = "MapInfo TAB"
    MAPINFO_MIF = "MapInfo MIF"
    DXF = "DXF"


@dataclass(frozen=True)
class Kind:
    """How a format is opened: its usual suffix, and the GDAL driver (none: read by pyarrow)."""

    suffix: str
    driver: str = ""
    is_text: bool = False
    prefix: str = ""


KINDS: Mapping[Format, Kind] = {
    Format.GEOPACKAGE: Kind(".gpkg", "GPKG"),
    Format.GEOJSON: Kind(".geojson", "GeoJSON", is_text=True),
    Format.GEOJSON_LINES: Kind(".geojsonl", "GeoJSONSeq", is_text=True, prefix="GeoJSONSeq:"),
    Format.FLATGEOBUF: Kind(".fgb", "FlatGeobuf"),
    Format.SHAPEFILE: Kind(".shp", "ESRI Shapefile"),
    Format.FILE_GEODATABASE: Kind(".gdb", "OpenFileGDB"),
    Format.KML: Kind(".kml", "LIBKML", is_text=True),
    Format.CSV: Kind(".csv", is_text=True),
    Format.GEOPARQUET: Kind(".parquet"),
    Format.GML: Kind(".gml", "GML", is_text=True),
    Format.GPX: Kind(".gpx", "GPX", is_text=True),
    Format.TOPOJSON: Kind(".topojson", "TopoJSON", is_text=True),
    Format.ESRI_JSON: Kind(".json", "ESRIJSON", is_text=True),
    Format.SQLITE: Kind(".sqlite", "SQLite"),
    Format.MAPINFO_TAB: Kind(".tab", "MapInfo File"),
    Format.MAPINFO_MIF: Kind(".mif", "MapInfo File"),
    Format.DXF: Kind(".dxf", "DXF"),
}
DRIVERS = frozenset(kind.driver for kind in KINDS.values() if kind.driver)

SHAPEFILE_MAGIC = b"\x00\x00\x27\x0a"
SQLITE_MAGIC = b"SQLite format 3\x00"
GEOPACKAGE_AT = slice(68, 72)


def detect(head: bytes, path: Path) -> Format:
    """Return what a file is.

    Parameters
    ----------
    head
        Its first bytes, unpacked.
    path
        For messages.

    Raises
    ------
    InvalidInput
        When it is none of the formats that are read.
    """
    if head.startswith(SQLITE_MAGIC):
        return Format.GEOPACKAGE if head[GEOPACKAGE_AT] == b"GPKG" else Format.SQLITE
    if head.startswith(SHAPEFILE_MAGIC):
        return Format.SHAPEFILE
    if head.startswith(b"fgb"):
        return Format.FLATGEOBUF
    if head.startswith(b"PAR1"):
        return Format.GEOPARQUET
    if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in b"{[":
        return Format.GEOJSON
    if path.name.lower().removesuffix(".gz").endswith(".csv"):
        return Format.CSV
    message = f"{path.name} is none of the formats that can be read: {', '.join(Format)}."
    raise InvalidInput(message, field="file")
