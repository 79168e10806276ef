"""Looks a file over before anything is stored: what it is, what it holds, what is wrong with it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from layers.errors import InvalidInput
from layers.importing import coordinates
from layers.importing.coordinates import Plan
from layers.importing.findings import Finding, Findings
from layers.importing.formats import Format
from layers.importing.opening import Source, opened
from layers.importing.reading import Options, Piece, cleaned, layers_of, streaming
from layers.queries import Bounds

FIRST_ROWS = 5
SHOWN_CHARACTERS = 80


@dataclass(frozen=True)
class FileField:
    """A column of a file and the type of its values: those of `layers.datasets.SQL_TYPES`."""

    name: str
    type: str


@dataclass(frozen=True)
class Inspection:
    """What a file is and holds."""

    format: Format
    layers: tuple[str, ...]
    fields: tuple[FileField, ...]
    rows: int | None
    first_rows: tuple[dict[str, Any], ...]
    """Values as they stand; ``geometry`` is WKT, cut short."""
    extent: Bounds | None
    """West, south, east, north in EPSG:4326; None while the coordinates cannot be placed."""
    srid_said: int | None
    srid_used: int | None
    geometry_types: dict[str, int]
    """How many rows have each type."""
    findings: tuple[Finding, ...]
    plan: Plan

    def require_usable(self) -> None:
        """Raise `InvalidInput` when the file's coordinates cannot be placed on a map."""
        if self.plan.problem:
            raise InvalidInput(self.plan.problem.message, field="crs")


def inspect(path: Path, options: Options) -> Inspection:
    """Look a file over from its first row to its last.

    Raises
    ------
    InvalidInput
        When the file cannot be read; one whose coordinates cannot be placed can, and its
        findings say so.
    """
    with opened(path, options.encoding) as source:
        return survey(source, options)


def survey(source: Source, options: Options) -> Inspection:
    """Look an opened file over, see `inspect`."""
    findings, seen = Findings(), _Seen()
    plan: Plan | None = None
    with streaming(source, options) as stream:
        for piece in stream.pieces:
            if plan is None:
                plan = coordinates.plan(
                    source.name,
                    stream.said,
                    options.srid,
                    piece.geometry,
                    swapped=options.is_swapped,
                )
            seen.add(piece, cleaned(source, piece, plan, findings))
        fields = tuple(FileField(f.name, type_of(f.type)) for f in stream.schema)
    plan = plan or coordinates.plan(source.name, None, options.srid, np.array([], dtype=object))
    if seen.rows == 0:
        plan = Plan(None)
    problem = (plan.problem,) if plan.problem else ()
    return Inspection(
        format=source.format,
        layers=tuple(layers_of(source)),
        fields=fields,
        rows=seen.rows,
        first_rows=tuple(seen.first),
        extent=seen.extent if plan.system is not None else None,
        srid_said=plan.said,
        srid_used=plan.used,
        geometry_types=seen.types,
        findings=(*problem, *source.findings, *findings),
        plan=plan,
    )


def type_of(arrow: pa.DataType) -> str:
    """Return the type under which a column is stored."""
    if pa.types.is_boolean(arrow):
        return "boolean"
    if pa.types.is_integer(arrow):
        return "integer"
    if pa.types.is_floating(arrow) or pa.types.is_decimal(arrow):
        return "number"
    if pa.types.is_timestamp(arrow) or pa.types.is_date(arrow):
        return "datetime"
    return "string"


class _Seen:
    """What the rows so far add up to."""

    def __init__(self) -> None:
        self.rows = 0
        self.types: dict[str, int] = {}
        self.first: list[dict[str, Any]] = []
        self._bounds = np.array([np.inf, np.inf, -np.inf, -np.inf])

    def add(self, piece: Piece, geometry: coordinates.Geometries) -> None:
        self.rows += len(geometry)
        ids, counts = np.unique(shapely.get_type_id(geometry), return_counts=True)
        for type_, count in zip(ids, counts, strict=True):
            if type_ >= 0:
                name = shapely.GeometryType(type_).name.title()
                self.types[name] = self.types.get(name, 0) + int(count)
        there = ~shapely.is_missing(geometry)
        if there.any():
            west, south, east, north = shapely.total_bounds(geometry[there])
            self._bounds[:2] = np.minimum(self._bounds[:2], [west, south])
            self._bounds[2:] = np.maximum(self._bounds[2:], [east, north])
        if len(self.first) < FIRST_ROWS:
            rows = piece.attributes.slice(0, FIRST_ROWS).to_pylist()
            for row, shape in zip(rows, geometry[:FIRST_ROWS], strict=True):
                text = "" if shape is None else shape.wkt
                self.first.append({**row, "geometry": text[:SHOWN_CHARACTERS]})

    @property
    def extent(self) -> Bounds | None:
        west, south, east, north = map(float, self._bounds)
        return (west, south, east, north) if west <= east else None
