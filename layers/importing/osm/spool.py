"""Rows of one subject on their way from a file to the database: columns on the disk, in batches.

A file is read once and holds every subject; memory holds one batch of each.
"""

from binascii import unhexlify
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from layers.crs import GEOGRAPHIC

BATCH = 4_000

Row = Sequence[Any]
Geometries = npt.NDArray[np.object_]
Keep = Callable[[Sequence[Row], Geometries], Sequence[bool]]
"""Tells of each row of a batch whether it goes on."""


class Spool:
    """An Arrow file of rows, the last column of each a geometry in EPSG:4326.

    Parameters
    ----------
    path
        The file; it is made.
    columns
        Name and type of each column but the geometry.
    as_points
        Whether areas become points inside them.
    keep
        Which rows of a batch go on; None keeps all.
    """

    def __init__(
        self,
        path: Path,
        columns: dict[str, pa.DataType],
        *,
        as_points: bool = False,
        keep: Keep | None = None,
    ) -> None:
        self._path = path
        self._schema = pa.schema([*columns.items(), ("geometry", pa.binary())])
        self._as_points = as_points
        self._keep = keep
        self._waiting: list[Row] = []
        self._file = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_file(self._file, self._schema)
        self.rows = 0
        """How many rows went on."""
        self.bounds: tuple[float, float, float, float] | None = None
        """West, south, east, north of those rows."""

    def add(self, row: Row) -> None:
        """Take a row; its geometry is hexadecimal WKB."""
        self._waiting.append(row)
        if len(self._waiting) >= BATCH:
            self._write()

    def close(self) -> None:
        """Write what still waits; from now on the rows can be read."""
        self._write()
        self._writer.close()
        self._file.close()

    def frames(self, kind: str = "") -> Iterator[gpd.GeoDataFrame]:
        """Read the rows back, a batch at a time: all, or those of a kind."""
        with pa.OSFile(str(self._path)) as file:
            batches = pa.ipc.open_file(file)
            for place in range(batches.num_record_batches):
                batch = batches.get_batch(place)
                if kind:
                    batch = batch.filter(pc.equal(batch["kind"], kind))
                rows = batch.to_pandas()
                geometry = shapely.from_wkb(rows.pop("geometry").to_numpy())
                yield gpd.GeoDataFrame(rows, geometry=geometry, crs=GEOGRAPHIC)

    def _write(self) -> None:
        if not self._waiting:
            return
        # Bytes are read several times faster than the hexadecimal text.
        geometry = shapely.from_wkb([unhexlify(row[-1]) for row in self._waiting])
        if self._as_points:
            geometry = inner_points(geometry)
        rows = self._waiting
        if self._keep:
            keep = np.asarray(self._keep(rows, geometry), dtype=np.bool_)
            rows = [row for row, kept in zip(rows, keep, strict=True) if kept]
            geometry = geometry[keep]
        if rows:
            columns: list[Any] = [list(column) for column in zip(*rows, strict=True)]
            columns[-1] = shapely.to_wkb(geometry)
            arrays = [
                pa.array(values, column.type)
                for values, column in zip(columns, self._schema, strict=True)
            ]
            self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))
            self._widen(shapely.total_bounds(geometry).tolist())
        self.rows += len(rows)
        self._waiting = []

    def _widen(self, bounds: list[float]) -> None:
        west, south, east, north = self.bounds or bounds
        self.bounds = (
            min(west, bounds[0]),
            min(south, bounds[1]),
            max(east, bounds[2]),
            max(north, bounds[3]),
        )


def inner_points(geometries: Geometries) -> Geometries:
    """Return the centroid of each geometry; where that lies outside, another point inside.

    >>> horseshoe = shapely.from_wkt("POLYGON ((0 0, 9 0, 9 9, 8 9, 8 1, 1 1, 1 9, 0 9, 0 0))")
    >>> bool(shapely.intersects(inner_points(np.array([horseshoe])), horseshoe)[0])
    True
    """
    points = shapely.centroid(geometries)
    outside = ~shapely.intersects(geometries, points)
    points[outside] = shapely.point_on_surface(geometries[outside])
    return np.asarray(points, dtype=object)
