"""Sound files, from which broken ones are made."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from tests.database.files import feature


def collection(*geometries: shapely.Geometry | None, **members: Any) -> bytes:
    """Return a GeoJSON of some geometries, each with a number."""
    features = [feature(g, number=n) for n, g in enumerate(geometries)]
    return json.dumps({"type": "FeatureCollection", **members, "features": features}).encode()


def points(count: int) -> bytes:
    """Return a GeoJSON of points."""
    return collection(*(shapely.Point(n / 1000, n / 1000) for n in range(count)))


POINT = points(1)


def written(folder: Path, content: bytes | str, name: str = "a.geojson") -> Path:
    """Write a file into the folder."""
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / name


def frame(count: int = 3) -> gpd.GeoDataFrame:
    """Return points with a name and a number, one without a name."""
    names = [None if n == 1 else f"Ä{n}" for n in range(count)]
    places = [shapely.Point(n / 1000, n / 1000) for n in range(count)]
    return gpd.GeoDataFrame(
        {"name": names, "floors": np.arange(count, dtype="int32")}, geometry=places, crs=4326
    )


def saved(path: Path, count: int = 3, **options: Any) -> Path:
    """Write points in the format that the name says."""
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".parquet":
        frame(count).to_parquet(path)
    else:
        frame(count).to_file(path, **options)
    return path


def shapefile(folder: Path) -> Path:
    """Write a Shapefile with all that belongs to it."""
    return saved(folder / "a.shp", encoding="utf-8")
