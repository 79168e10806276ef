"""Small GeoTIFF files, as tests write them."""

from pathlib import Path

import numpy as np
import rasterio

NORTH_UP = rasterio.Affine(10, 0, 300_000, 0, -10, 4_700_000)


def numbers(rows=700, columns=900, dtype="float32"):
    return np.arange(rows * columns, dtype=dtype).reshape(1, rows, columns)


def geotiff(path: Path, cells=None, **profile) -> Path:
    cells = numbers() if cells is None else cells
    count, height, width = cells.shape
    profile = {"driver": "GTiff", "crs": "EPSG:32619", "transform": NORTH_UP} | profile
    size = {"count": count, "height": height, "width": width, "dtype": cells.dtype}
    with rasterio.open(path, "w", **size, **profile) as file:
        file.write(cells)
        file.set_band_description(1, "Height")
        file.set_band_unit(1, "m")
    return path
