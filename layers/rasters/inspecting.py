"""Looks a GeoTIFF over before a cell of it is kept: by its bytes, its system, its size.

GDAL is let into this one file: by one driver, and without a look at the files beside it, which
could lead it elsewhere.
"""

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite, isnan
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.errors import CRSError, NotGeoreferencedWarning, RasterioError
from rasterio.warp import transform_bounds

from layers.crs import GEOGRAPHIC
from layers.errors import InvalidInput, TooLarge
from layers.importing.limits import limits
from layers.importing.opening import check_file
from layers.queries import Bounds

MAGIC = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
"""TIFF and BigTIFF, in either order of bytes."""
MOST_VALUES = 2_000_000_000
"""Cells times bands: a small file can unpack to any number of them."""
MOST_BANDS = 64
ENVIRONMENT = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_CACHEMAX": 128}
"""No look at other files; 128 MB for blocks."""
MOST_FAR = 1e11
"""In the units of a system: the earth is 4e10 mm around. GDAL goes around it once for each round
that a coordinate has, and would not come back from 1e20."""
PIECE_BYTES = 1_000_000


@dataclass(frozen=True)
class Seen:
    """What a GeoTIFF is."""

    digest: str
    srid: int | None
    """EPSG code; None where its system has none."""
    bounds: Bounds
    width: int
    height: int
    dtype: str
    bands: int
    nodata: float | None
    notes: tuple[str, ...]
    """What its owner should know, a sentence each."""


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Yield a GeoTIFF, opened by rasterio.

    Raises
    ------
    InvalidInput
        When it is none, or cannot be read.
    """
    try:
        with rasterio.Env(**ENVIRONMENT), _dataset(path) as file:
            yield file
    except (RasterioError, CPLE_BaseError) as error:
        # Of a failed read, the error that came before says why.
        reason = str(error.__cause__ or error).rstrip(".")
        message = f"{path.name} could not be read ({reason}). Save it again as a GeoTIFF."
        raise InvalidInput(message, field="file") from error


def _dataset(path: Path) -> Any:
    with warnings.catch_warnings():
        # A file that does not say where it lies is refused in our words.
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        return rasterio.open(path, driver="GTiff")


def inspect(path: Path, nodata: float | None = None) -> Seen:
    """Look a file over.

    Parameters
    ----------
    path
        The file.
    nodata
        The value of cells without data, where the file does not say or lies.

    Raises
    ------
    InvalidInput
        When it is no GeoTIFF, does not say where it lies, is turned, or holds no plain numbers.
    TooLarge
        When it has more bytes, cells or bands than are taken.
    """
    digest = _checked_bytes(path)
    with opened(path) as file:
        _check_size(path, file)
        _check_place(path, file)
        dtype = _dtype(path, file)
        used = file.nodata if nodata is None else nodata
        _check_nodata(used, dtype)
        notes = []
        if used is None and not _has_mask(file):
            notes.append(
                "No value stands for cells without data: each counts. If one does, say --nodata."
            )
        system, srid = _system(path, file.crs)
        if srid is None:
            notes.append("Its coordinate system has no EPSG code.")
        return Seen(
            digest=digest,
            srid=srid,
            bounds=_bounds(path, system, file),
            width=file.width,
            height=file.height,
            dtype=dtype,
            bands=file.count,
            nodata=used,
            notes=tuple(notes),
        )


def _checked_bytes(path: Path) -> str:
    """Return the SHA-256 of a file that begins as a TIFF does and is not too large."""
    digest = hashlib.sha256()
    check_file(path)
    try:
        size, most = path.stat().st_size, limits().file_bytes
        if size > most:
            message = f"{path.name} has {size:,} bytes; at most {most:,} are taken. Cut it."
            raise TooLarge(message, field="file")
        with path.open("rb") as file:
            if not file.read(4).startswith(MAGIC):
                message = (
                    f"{path.name} is no GeoTIFF: it does not begin as one. Save it as a GeoTIFF, "
                    "or check the download."
                )
                raise InvalidInput(message, field="file")
            file.seek(0)
            while piece := file.read(PIECE_BYTES):
                digest.update(piece)
    except OSError as error:
        message = f"{path} could not be opened: {error.strerror}. Check the path."
        raise InvalidInput(message, field="file") from error
    return digest.hexdigest()


def _check_size(path: Path, file: Any) -> None:
    values = file.width * file.height * file.count
    if values > MOST_VALUES or file.count > MOST_BANDS:
        message = (
            f"{path.name} has {file.width:,} x {file.height:,} cells in {file.count} bands; at "
            f"most {MOST_VALUES:,} values in {MOST_BANDS} bands are taken. Cut it, or make its "
            "cells larger."
        )
        raise TooLarge(message, field="file")


def _check_place(path: Path, file: Any) -> None:
    if file.crs is None:
        message = (
            f"{path.name} does not say its coordinate system. Write it into the file, for example "
            "gdal_edit.py -a_srs EPSG:32619."
        )
        raise InvalidInput(message, field="crs")
    transform = file.transform
    if transform.is_identity or not all(map(isfinite, transform)):
        message = (
            f"{path.name} does not say where its cells lie. Georeference it, for example in QGIS "
            "or by gdalwarp."
        )
        raise InvalidInput(message, field="file")
    if transform.b or transform.d or transform.a <= 0 or transform.e >= 0:
        message = (
            f"{path.name} is turned: its rows do not run from west to east, the northernmost "
            "first. Straighten it by gdalwarp."
        )
        raise InvalidInput(message, field="file")
    if (far := max(map(abs, file.bounds))) > MOST_FAR:
        message = (
            f"{path.name} lies nowhere on a map: a side of it is at {far:g}. Check its place, for "
            "example by gdalinfo."
        )
        raise InvalidInput(message, field="file")


def _dtype(path: Path, file: Any) -> str:
    types = sorted(set(file.dtypes))
    if len(types) > 1 or types[0].startswith("complex"):
        message = (
            f"{path.name} holds {' and '.join(types)}; all bands must hold plain numbers of one "
            "type. Save it so, for example by gdal_translate -ot Float32."
        )
        raise InvalidInput(message, field="file")
    return str(types[0])


def _check_nodata(nodata: float | None, dtype: str) -> None:
    if nodata is None:
        return
    kind = np.dtype(dtype)
    if kind.kind == "f":
        fits = isnan(nodata) or abs(nodata) <= np.finfo(kind).max
    else:
        limit = np.iinfo(kind)
        fits = float(nodata).is_integer() and limit.min <= nodata <= limit.max
    if not fits:
        message = f"The value {nodata:g} for cells without data is no {dtype}. Give another."
        raise InvalidInput(message, field="nodata")


def _has_mask(file: Any) -> bool:
    flags = rasterio.enums.MaskFlags
    return any(flags.per_dataset in each or flags.alpha in each for each in file.mask_flag_enums)


def _system(path: Path, system: CRS) -> tuple[CRS, int | None]:
    try:
        return system, system.to_epsg()
    except CRSError as error:
        message = f"The coordinate system of {path.name} is not understood ({error})."
        raise InvalidInput(message, field="crs") from error


def _bounds(path: Path, system: CRS, file: Any) -> Bounds:
    try:
        west, south, east, north = transform_bounds(system, CRS.from_epsg(GEOGRAPHIC), *file.bounds)
    except (CRSError, RasterioError, CPLE_BaseError) as error:
        reason = str(error).partition(" from '{")[0]  # What follows is pages of its system.
        message = f"{path.name} lies nowhere on a map ({reason}). Check its coordinate system."
        raise InvalidInput(message, field="crs") from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        message = (
            f"{path.name} would lie between longitude {west:.4g} and {east:.4g}, latitude "
            f"{south:.4g} and {north:.4g}. Check its coordinate system."
        )
        raise InvalidInput(message, field="crs")
    return west, south, east, north
