"""Vector tiles of any layer, cut by PostGIS."""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.utils.translation import gettext
from psycopg import sql

from layers.access import Viewer, acting_as
from layers.errors import NotFound
from layers.queries import city_bounds
from layers.registry import MAX_ZOOM, TILE_BUFFER, TILE_EXTENT, Layer

MERCATOR_CIRCUMFERENCE_M = 40_075_016.685578488
TRUE = sql.SQL("TRUE")


def _envelope(z: int, x: int, y: int, margin: float = 0.0) -> sql.Composable:
    return sql.SQL("ST_TileEnvelope({}, {}, {}, margin => {})").format(z, x, y, margin)


def _condition(layer: Layer, z: int, filters: Mapping[str, str]) -> sql.Composable:
    parts = [layer.condition(filters)] if layer.condition else []
    if layer.by_zoom and (by_zoom := layer.by_zoom(z)):
        parts.append(by_zoom)
    return sql.SQL(" AND ").join(parts) if parts else TRUE


def _rows(layer: Layer, z: int, x: int, y: int, condition: sql.Composable) -> sql.Composable:
    """Select the features of a tile, lines and areas simplified to a quarter of a pixel."""
    geometry: sql.Composable = sql.Identifier("t", layer.mercator_column)
    wide = _envelope(z, x, y, TILE_BUFFER / TILE_EXTENT)
    if layer.geometry_type.casefold() != "point" and z < layer.max_zoom:
        quarter_pixel = MERCATOR_CIRCUMFERENCE_M / 2**z / 512 / 4
        geometry = sql.SQL("ST_Simplify({}, {}, true)").format(geometry, quarter_pixel)
    columns = [
        sql.SQL("ST_AsMVTGeom({}, {}, {}, {}, true) AS geom").format(
            geometry, _envelope(z, x, y), TILE_EXTENT, TILE_BUFFER
        ),
        *(sql.SQL("{} AS {}").format(f.expression, sql.Identifier(f.name)) for f in layer.fields),
    ]
    rows = sql.SQL("SELECT {} FROM {} WHERE {} && {} AND {}").format(
        sql.SQL(", ").join(columns),
        layer.relation(wide),
        sql.Identifier("t", layer.mercator_column),
        wide,
        condition,
    )
    return rows + sql.SQL(" ORDER BY {}").format(layer.order) if layer.order else rows


def tile(
    layer: Layer, viewer: Viewer, zoom_x_y: tuple[int, int, int], filters: Mapping[str, str]
) -> bytes:
    """Return one Mapbox Vector Tile (may be empty); its source layer is the slug.

    Raises
    ------
    NotFound
        When there is no such tile in the EPSG:3857 pyramid.
    InvalidInput
        When a filter is not understood.
    """
    z, x, y = zoom_x_y
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        message = f"There is no tile {z}/{x}/{y}; x and y run from 0 to 2^z - 1, z to {MAX_ZOOM}."
        raise NotFound(message)
    condition = _condition(layer, z, filters)
    if layer.overview and z < layer.overview_below:
        rows = layer.overview(_envelope(z, x, y), z, condition)
    else:
        rows = _rows(layer, z, x, y, condition)
    statement = sql.SQL(
        "SELECT ST_AsMVT(rows, {}, {}, 'geom') FROM ({}) AS rows WHERE geom IS NOT NULL"
    ).format(layer.slug, TILE_EXTENT, rows)
    with acting_as(viewer), connection.cursor() as cursor:
        cursor.execute(statement)
        return bytes(cursor.fetchone()[0])


def _said(words: str) -> str:
    return gettext(words) if words else ""


def _in_words(style: Mapping[str, Any]) -> dict[str, Any]:
    """Return a style with its title and the labels of its classes in the reader's language."""
    said = dict(style)
    if "title" in said:
        said["title"] = _said(said["title"])
    if "classes" in said:
        said["classes"] = [{**one, "label": _said(one["label"])} for one in said["classes"]]
    return said


def tile_json(layer: Layer, tiles_url: str) -> dict[str, Any]:
    """Return the TileJSON 3.0.0 document of a layer; `civicgrid` carries style and licence."""
    west, south, east, north = city_bounds()
    return {
        "tilejson": "3.0.0",
        "name": layer.title,
        "description": layer.description,
        "attribution": layer.attribution(),
        "tiles": [tiles_url],
        "minzoom": layer.min_zoom,
        "maxzoom": layer.max_zoom,
        "bounds": [west, south, east, north],
        "vector_layers": [
            {
                "id": layer.slug,
                "description": layer.description,
                "fields": {f.name: _said(f.title) for f in layer.fields},
            }
        ],
        "civicgrid": {
            "geometry_type": layer.geometry_type,
            "licence": layer.licence,
            "style": _in_words(layer.style),
        },
    }
