"""Small files for imports, as people send them."""

import gzip
import json
from pathlib import Path
from typing import Any

import shapely


def feature(geometry: shapely.Geometry | None, **properties: Any) -> dict[str, Any]:
    shape = None if geometry is None else shapely.geometry.mapping(geometry)
    return {"type": "Feature", "properties": properties, "geometry": shape}


def geojson(path: Path, *features: dict[str, Any], **members: Any) -> Path:
    document = {"type": "FeatureCollection", **members, "features": list(features)}
    text = json.dumps(document).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path
