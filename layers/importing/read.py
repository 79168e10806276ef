"""Reads a file of places into a frame in EPSG:4326: what a file is, its first bytes say.

GeoJSON (plain or gzipped), GeoPackage and Shapefile are read, nothing else: GDAL would follow a
virtual file to another path or a network address, so it only sees what passed here.
"""

import gzip
import json
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj.exceptions import CRSError

from layers.crs import GEOGRAPHIC
from layers.errors import InvalidInput

MOST_BYTES = 1_000_000_000
"""The most that one file may hold, unpacked: it is read in one piece."""
GZIP = b"\x1f\x8b"
SHAPEFILE = b"\x00\x00\x27\x0a"
SQLITE = b"SQLite format 3\x00"
GEOPACKAGE_AT = slice(68, 72)
GEOPACKAGE = b"GPKG"
PLAIN_CRS = re.compile(
    r"EPSG:\d{4,6}|urn:ogc:def:crs:(EPSG:[\d.]*:\d{4,6}|OGC:[\d.]*:CRS84)", re.IGNORECASE
)
FORMATS = "GeoJSON (.geojson, also .geojson.gz), GeoPackage (.gpkg) or Shapefile (.shp)"


def read_features(
    path: Path, columns: Mapping[str, str], *, srid: int | None = None
) -> gpd.GeoDataFrame:
    """Read a file's features in their order.

    Parameters
    ----------
    path
        The file.
    columns
        Our name of each wanted column, and the file's name for it.
    srid
        EPSG code of the file's coordinates; None believes what the file says.

    Returns
    -------
    geopandas.GeoDataFrame
        The wanted columns under our names, and the geometry in EPSG:4326; one row a feature,
        indexed from 0.

    Raises
    ------
    InvalidInput
        When the file cannot be opened or is of another format, lacks a column, does not say its
        coordinate system, or has coordinates that are no longitudes and latitudes.
    """
    source = _source(path)
    try:
        _check_columns(path, columns, source)
        frame = pyogrio.read_dataframe(source, columns=sorted(set(columns.values())))
    except (DataSourceError, DataLayerError) as error:
        message = f"{path.name} could not be read: {error}. Open and save it again, as {FORMATS}."
        raise InvalidInput(message, field="file") from error
    if not isinstance(frame, gpd.GeoDataFrame) or frame.geometry.isna().all():
        message = f"{path.name} holds no places: none of its {len(frame)} rows has a geometry."
        raise InvalidInput(message, field="file")
    places = _in_degrees(path, frame, srid)
    named = {ours: frame[theirs] for ours, theirs in columns.items()}
    return gpd.GeoDataFrame(named, geometry=places, crs=GEOGRAPHIC)


def _source(path: Path) -> bytes | Path:
    """Return what GDAL may open: the checked text of a GeoJSON, or the path of a binary file."""
    try:
        with path.open("rb") as file:
            start = file.read(100)
    except OSError as error:
        message = f"{path} could not be opened: {error.strerror}. Check the path."
        raise InvalidInput(message, field="file") from error
    if start.startswith(SHAPEFILE):
        return path
    if start.startswith(SQLITE) and start[GEOPACKAGE_AT] == GEOPACKAGE:
        return path
    content = _content(path, packed=start.startswith(GZIP))
    _check_geojson(path, content)
    return content


def _content(path: Path, *, packed: bool) -> bytes:
    try:
        with gzip.open(path) if packed else path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        message = f"{path.name} is a damaged gzip file ({error}). Fetch it again."
        raise InvalidInput(message, field="file") from error
    if len(content) > MOST_BYTES:
        message = (
            f"{path.name} holds more than {MOST_BYTES:,} bytes. Cut it into parts, or save it as "
            "a GeoPackage."
        )
        raise InvalidInput(message, field="file")
    return content.removeprefix(b"\xef\xbb\xbf")


def _check_geojson(path: Path, content: bytes) -> None:
    """Refuse what is no collection of features, or names its coordinate system by a link."""
    if content.lstrip()[:1] == b"<":
        message = (
            f"{path.name} is a web page or XML, not a file of places. Open it in a browser to see "
            f"what came instead; wanted is {FORMATS}."
        )
        raise InvalidInput(message, field="file")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        message = f"{path.name} is none of the formats that can be read: {FORMATS}."
        if content.lstrip()[:1] == b"{":
            message = f"{path.name} is no whole GeoJSON: {error}. Fetch it again."
        raise InvalidInput(message, field="file") from error
    kind = document.get("type") if isinstance(document, dict) else None
    if kind != "FeatureCollection" or not isinstance(document.get("features"), list):
        message = (
            f"{path.name} is JSON, but not a GeoJSON FeatureCollection (its type is {kind!r})."
        )
        raise InvalidInput(message, field="file")
    if document.get("crs") is not None and not _is_plain(document["crs"]):
        message = (
            f"{path.name} names its coordinate system by {json.dumps(document['crs'])[:120]}. Only "
            "a plain name such as EPSG:2249 is followed; remove the crs member and give --crs."
        )
        raise InvalidInput(message, field="file")


def _is_plain(crs: Any) -> bool:
    if not isinstance(crs, dict) or crs.get("type") != "name":
        return False
    properties = crs.get("properties")
    name = properties.get("name") if isinstance(properties, dict) else None
    return isinstance(name, str) and PLAIN_CRS.fullmatch(name) is not None


def _check_columns(path: Path, columns: Mapping[str, str], source: bytes | Path) -> None:
    layers = [str(name) for name, _ in pyogrio.list_layers(source)]
    if len(layers) > 1:
        message = f"{path.name} holds {len(layers)} layers ({', '.join(layers)}); give one alone."
        raise InvalidInput(message, field="file")
    present = [str(name) for name in pyogrio.read_info(source)["fields"]]
    for ours, theirs in columns.items():
        if theirs not in present:
            message = (
                f"{path.name} has no column {theirs!r}. Its columns are: "
                f"{', '.join(present) or 'none'}."
            )
            raise InvalidInput(message, field=ours)


def _in_degrees(path: Path, frame: gpd.GeoDataFrame, srid: int | None) -> gpd.GeoSeries:
    """Return the geometries in EPSG:4326, when that is what comes out."""
    places = frame.geometry
    if srid is not None:
        try:
            places = places.set_crs(srid, allow_override=True)
        except CRSError as error:
            message = f"There is no coordinate system EPSG:{srid}. Look the code up."
            raise InvalidInput(message, field="crs") from error
    if places.crs is None:
        message = (
            f"{path.name} does not say its coordinate system. Give it, for example --crs 4326 for "
            "longitude and latitude."
        )
        raise InvalidInput(message, field="crs")
    said = places.crs.to_string()
    west, south, east, north = places.to_crs(GEOGRAPHIC).total_bounds
    if not (
        np.isfinite([west, south, east, north]).all()
        and -180 <= west <= east <= 180
        and -90 <= south <= north <= 90
    ):
        message = (
            f"{path.name} has coordinates such as {_sample(places)}, which are not in {said}. "
            f"{_likely_cause(places)}"
        )
        raise InvalidInput(message, field="crs")
    return places.to_crs(GEOGRAPHIC)


def _sample(places: gpd.GeoSeries) -> str:
    west, south, _, _ = places.total_bounds
    return f"{west:.6g}, {south:.6g}"


def _likely_cause(places: gpd.GeoSeries) -> str:
    west, south, east, north = places.total_bounds
    if -90 <= west <= east <= 90 and -180 <= south <= north <= 180:
        return "Latitude and longitude seem to be swapped: longitude comes first."
    return (
        "They are probably metres or feet of a projected system (State Plane, UTM) that the file "
        "does not name. Ask its source which, and give the code, for example --crs 2249."
    )
