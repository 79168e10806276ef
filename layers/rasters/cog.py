"""Writes a Cloud-Optimised GeoTIFF: cells in tiles, coarser copies beside them, heads first."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rasterio.enums import ColorInterp
from rasterio.errors import RasterioError
from rio_cogeo.cogeo import cog_translate, cog_validate

from layers.datasets import Watch
from layers.errors import Fault, InvalidInput
from layers.rasters.inspecting import ENVIRONMENT, Seen, opened

TILE_CELLS = 512
BLOCKS_WATCHED = 16


@dataclass(frozen=True)
class Band:
    """A band: what it is called, its unit, its least and greatest value (None: no data at all)."""

    name: str
    unit: str
    least: float | None
    greatest: float | None


def write(source: Path, target: Path, seen: Seen, watch: Watch) -> list[Band]:
    """Write the cells of a GeoTIFF as a Cloud-Optimised one; return what its bands hold.

    Values stay exactly as they are. Coarser copies take the mean of measurements and pictures, and
    one of the values where each value means a class.

    Raises
    ------
    InvalidInput
        When the source cannot be read to its end.
    Fault
        When what was written is no Cloud-Optimised GeoTIFF.
    """
    watch(0.0, "Writing tiles and overviews")
    try:
        with opened(source) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cog_translate(
                file,
                target,
                _profile(seen),
                nodata=seen.nodata,
                overview_resampling="nearest" if _has_classes(file, seen) else "average",
                in_memory=False,
                allow_intermediate_compression=True,
                forward_band_tags=True,
                config=ENVIRONMENT,
                quiet=True,
            )
    except (RasterioError, OSError) as error:
        message = f"{source.name} could not be read to its end ({error}). Fetch it again."
        raise InvalidInput(message, field="file") from error
    is_valid, errors, _warnings = cog_validate(target, strict=False, config=ENVIRONMENT, quiet=True)
    if not is_valid:
        message = f"What was written of {source.name} is no good: {'; '.join(errors)}"
        raise Fault(message)
    return _bands(source, target, watch)


def _profile(seen: Seen) -> dict[str, Any]:
    return {
        "driver": "GTiff",
        "interleave": "pixel",
        "tiled": True,
        "blockxsize": TILE_CELLS,
        "blockysize": TILE_CELLS,
        "compress": "DEFLATE",
        "predictor": 3 if np.dtype(seen.dtype).kind == "f" else 2,
        "bigtiff": "IF_SAFER",
    }


def _has_classes(file: Any, seen: Seen) -> bool:
    """Tell whether values are names rather than amounts: a palette, or one band of bytes."""
    is_palette = file.colorinterp[0] is ColorInterp.palette
    return is_palette or (seen.bands == 1 and seen.dtype in {"uint8", "int8"})


def _bands(source: Path, target: Path, watch: Watch) -> list[Band]:
    least: list[float | None] = []
    greatest: list[float | None] = []
    with opened(source) as file:
        names = [name or "" for name in file.descriptions]
        units = [unit or "" for unit in file.units]
    with opened(target) as file:
        for band in file.indexes:
            windows = [window for _, window in file.block_windows(band)]
            ends: list[tuple[float, float]] = []
            for place, window in enumerate(windows):
                if place % BLOCKS_WATCHED == 0:
                    done = (band - 1 + place / len(windows)) / file.count
                    watch(0.7 + 0.3 * done, "Looking for the least and greatest values")
                values = file.read(band, window=window, masked=True).compressed()
                values = values[np.isfinite(values)]
                if values.size:
                    ends.append((float(values.min()), float(values.max())))
            least.append(min((low for low, _ in ends), default=None))
            greatest.append(max((high for _, high in ends), default=None))
    return [Band(*row) for row in zip(names, units, least, greatest, strict=False)]
