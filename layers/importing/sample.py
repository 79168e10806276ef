"""Some features of a file, for the map that shows where they would lie before they are stored."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from layers.importing import coordinates
from layers.importing.cleaning import cleaned
from layers.importing.findings import Findings
from layers.importing.opening import opened
from layers.importing.reading import Options, layers_of, streaming
from layers.queries import Bounds

MOST_FEATURES = 500
MOST_VERTICES = 100_000
DETAIL = 2000
"""Shapes keep what can be told apart on a map this many pixels wide."""


def layers_in(path: Path, options: Options) -> list[str]:
    """Return the names of a file's layers.

    Raises
    ------
    InvalidInput
        When it is none that is read.
    """
    with opened(path, options.encoding) as source:
        return layers_of(source)


def sample(path: Path, options: Options) -> dict[str, Any]:
    """Return the first features of a file as GeoJSON (EPSG:4326), without attributes.

    Raises
    ------
    InvalidInput
        When the file cannot be read.
    """
    with opened(path, options.encoding) as source, streaming(source, options, []) as stream:
        piece = next(stream.pieces, None)
        if piece is None:
            return _collection([])
        plan = coordinates.plan(
            source.name, stream.said, options.srid, piece.geometry, swapped=options.is_swapped
        )
        if plan.system is None:
            return _collection([])
        shapes = cleaned(source.name, piece.start, piece.geometry, plan, Findings())
    return _collection(_simplified(shapes[~shapely.is_missing(shapes)][:MOST_FEATURES]))


def outline(bounds: Bounds) -> dict[str, Any]:
    """Return the outline of what has no features, as GeoJSON."""
    return _collection([shapely.to_geojson(shapely.box(*bounds))])


def _simplified(shapes: coordinates.Geometries) -> list[str]:
    """Return shapes as GeoJSON, cut down to what a small map shows."""
    if not len(shapes):
        return []
    west, south, east, north = shapely.total_bounds(shapes)
    size = max(east - west, north - south)
    drawn = shapely.simplify(shapes, size / DETAIL)
    within = np.cumsum(shapely.get_num_coordinates(drawn)) <= MOST_VERTICES
    return [str(text) for text in shapely.to_geojson(drawn[within & ~shapely.is_empty(drawn)])]


def _collection(geometries: list[str]) -> dict[str, Any]:
    features = [
        {"type": "Feature", "properties": {}, "geometry": json.loads(text)} for text in geometries
    ]
    return {"type": "FeatureCollection", "features": features}
