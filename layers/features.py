"""A layer's features as a GeoDataFrame, read in one pass."""

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd
import shapely
from django.db import connection
from psycopg import sql

from layers.access import Viewer, acting_as
from layers.registry import Layer
from layers.tiles import TRUE

EVERYWHERE = sql.SQL("ST_TileEnvelope(0, 0, 0)")


def read(
    layer: Layer, viewer: Viewer, filters: Mapping[str, str] | None = None
) -> gpd.GeoDataFrame:
    """Return every feature of a layer that passes the filters, in EPSG:4326.

    The frame has one column a field of the layer, and ``geometry``.

    Raises
    ------
    InvalidInput
        When a filter is not understood.
    """
    condition = layer.condition(filters or {}) if layer.condition else TRUE
    columns = [
        sql.SQL("{} AS {}").format(f.expression, sql.Identifier(f.name)) for f in layer.fields
    ]
    geometry = sql.SQL("ST_AsBinary({}) AS geometry").format(
        sql.Identifier("t", layer.geometry_column)
    )
    statement = sql.SQL("SELECT {} FROM {} WHERE {}").format(
        sql.SQL(", ").join([geometry, *columns]),
        layer.relation(EVERYWHERE),
        condition,
    )
    with acting_as(viewer), connection.cursor() as cursor:
        cursor.execute(statement)
        names = [column.name for column in cursor.description]
        rows = pd.DataFrame(cursor.fetchall(), columns=names)
    geometry = shapely.from_wkb([bytes(g) if g is not None else None for g in rows.geometry])
    return gpd.GeoDataFrame(rows.drop(columns="geometry"), geometry=geometry, crs=4326)
