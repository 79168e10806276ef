"""Coordinates as sources write them, as longitude and latitude: many at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyproj import Transformer

from layers.crs import GEOGRAPHIC
from reports.importing.mapping import Places
from reports.importing.source import Batch

NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$"
NOT_A_NUMBER = r"^(?i:[+-]?(?:nan|inf|infinity))$"
ONE = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
PAIR = rf"^\(?\s*(?P<a>{ONE})\s*(?:,|;|\s)\s*(?P<b>{ONE})\s*\)?$"
WKT = (
    r"^(?i:SRID=\d+;)?\s*(?i:POINT)\s*(?i:Z|M|ZM)?\s*"
    rf"\(\s*(?P<a>{ONE})\s+(?P<b>{ONE})(?:\s+{ONE})*\s*\)$"
)
EMPTY_WKT = r"^(?i:POINT\s+EMPTY)$"
MOST_NORTH = 85.06

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Located:
    """Longitude and latitude (EPSG:4326) of each row, NaN without a place; and what is wrong."""

    lon: Numbers
    lat: Numbers
    reasons: npt.NDArray[np.object_]


def located(batch: Batch, places: Places) -> Located:
    """Return where the rows of a batch lie, as the mapping reads their coordinates."""
    count = len(batch.rows)
    x, y, is_nowhere, is_wrong = _written(batch, places)
    for column, nulls in places.null_values.items():
        cells = batch.text((column,))
        is_nowhere |= np.asarray(pc.is_in(cells, pa.array(sorted(nulls), pa.string())))
    reasons = np.full(count, None, object)
    reasons[is_wrong & ~is_nowhere] = "its coordinates are not numbers"
    for default_x, default_y in places.default_points:
        is_nowhere |= (x == default_x) & (y == default_y)
    lon, lat = _geographic(x, y, places.epsg)
    is_off = ~((np.abs(lon) <= 180) & (np.abs(lat) <= MOST_NORTH))
    told = ~is_nowhere & ~is_wrong
    reasons[told & is_off] = "its coordinates are no longitude and latitude"
    if places.bounds:
        west, south, east, north = places.bounds
        beyond = ~((west <= lon) & (lon <= east) & (south <= lat) & (lat <= north))
        if places.outside == "reject":
            reasons[told & beyond & ~is_off] = "its place lies outside the bounds of the mapping"
        else:
            reasons[told & beyond] = None
            is_nowhere |= told & beyond
    lon[is_nowhere], lat[is_nowhere] = np.nan, np.nan
    return Located(lon, lat, reasons)


def _written(
    batch: Batch, places: Places
) -> tuple[Numbers, Numbers, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return x and y, which rows say nothing, and which say no numbers."""
    if not places.text:
        x_text, y_text = batch.text(places.longitude), batch.text(places.latitude)
        is_empty = np.asarray(pc.and_(pc.equal(x_text, ""), pc.equal(y_text, "")))
        x, x_is_wrong = _numbers(x_text)
        y, y_is_wrong = _numbers(y_text)
        return x, y, is_empty, (x_is_wrong | y_is_wrong) & ~is_empty
    text = batch.text(places.text)
    is_empty = np.asarray(pc.or_(pc.equal(text, ""), pc.match_substring_regex(text, EMPTY_WKT)))
    first, second, is_known = _pair(text, PAIR)
    x, y = (second, first) if places.order == "lat_lon" else (first, second)
    wkt_x, wkt_y, is_wkt = _pair(text, WKT)
    x, y = np.where(is_wkt, wkt_x, x), np.where(is_wkt, wkt_y, y)
    return x, y, is_empty, ~is_known & ~is_wkt & ~is_empty


def _pair(text: Any, pattern: str) -> tuple[Numbers, Numbers, npt.NDArray[np.bool_]]:
    found = pc.extract_regex(text, pattern)
    is_known = np.asarray(pc.is_valid(found))
    first, _ = _numbers(pc.struct_field(found, "a"))
    second, _ = _numbers(pc.struct_field(found, "b"))
    return first, second, is_known


def _numbers(texts: Any) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """Return numbers, NaN where there is none; and which texts are not even meant as one."""
    is_number = pc.match_substring_regex(texts, NUMBER)
    numbers = pc.cast(pc.if_else(is_number, texts, None), pa.float64())
    is_none = pc.or_(is_number, pc.match_substring_regex(texts, NOT_A_NUMBER))
    read = numbers.to_numpy(zero_copy_only=False).astype(np.float64, copy=True)
    return read, ~np.asarray(pc.fill_null(is_none, False))


def _geographic(x: Numbers, y: Numbers, epsg: int) -> tuple[Numbers, Numbers]:
    if epsg == GEOGRAPHIC:
        return x.copy(), y.copy()
    transformer = Transformer.from_crs(epsg, GEOGRAPHIC, always_xy=True)
    lon, lat = transformer.transform(x, y)
    return np.asarray(lon, np.float64), np.asarray(lat, np.float64)
