"""Looks a file over before anything is stored: what it is, what it holds, what is wrong with it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from layers.datasets import SQL_GEOMETRIES
from layers.errors import InvalidInput
from layers.importing import coordinates
from layers.importing.attributes import Guesses
from layers.importing.cleaning import cleaned
from layers.importing.coordinates import Plan
from layers.importing.findings import Code, Finding, Findings
from layers.importing.formats import Format
from layers.importing.opening import Source, opened
from layers.importing.reading import Options, Piece, layers_of, streaming
from layers.queries import Bounds, city_bounds

FIRST_ROWS = 5
SHOWN_CHARACTERS = 80


@dataclass(frozen=True)
class FileField:
    """A column of a file, and the type of its values.

    A type of `layers.datasets.SQL_TYPES`, or ``datetime zoned`` for texts that say their zone.
    """

    name: str
    type: str

    @property
    def stored_type(self) -> str:
        """Return the type under which a data set keeps it."""
        return self.type.removesuffix(" zoned")


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


def ignored(_rows: int) -> None:
    """Count for nobody."""


def inspect(path: Path, options: Options, watch: Callable[[int], None] = ignored) -> Inspection:
    """Look a file over from its first row to its last.

    Raises
    ------
    InvalidInput
        When the file cannot be read; one whose coordinates cannot be placed can, and its
        findings say so.
    """
    with opened(path, options.encoding) as source:
        return survey(source, options, watch)


def survey(source: Source, options: Options, watch: Callable[[int], None] = ignored) -> Inspection:
    """Look an opened file over, see `inspect`; `watch` is told the number of rows so far."""
    findings, seen, guesses = Findings(), _Seen(), Guesses()
    plan = Plan(None)
    with streaming(source, options, findings=findings) as stream:
        for piece in stream.pieces:
            if not seen.rows:
                plan = coordinates.plan(
                    source.name,
                    stream.said,
                    options.srid,
                    piece.geometry,
                    swapped=options.is_swapped,
                )
            if stream.is_text:
                guesses.add(piece.attributes, findings)
            seen.add(
                piece,
                cleaned(source.name, piece.start, piece.geometry, plan, findings),
                is_placed=plan.system is not None,
            )
            watch(seen.rows)
        guessed = guesses.types()
        fields = tuple(
            FileField(f.name, guessed.get(f.name, "string") if stream.is_text else type_of(f.type))
            for f in stream.schema
        )
    _check_lines(source, seen.rows)
    seen.tell(source.name, findings)
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


def _check_lines(source: Source, rows: int) -> None:
    """Refuse lines of features that were passed over, and name the first."""
    if source.lines is None or source.lines == rows:
        return
    with source.place.open("rb") as file:
        for number, line in enumerate(file, start=1):
            text = line.strip(b"\x1e \t\r\n")
            if text and not _is_feature(text):
                message = (
                    f"Line {number} of {source.name} is no feature: "
                    f"{text[:80].decode('utf-8', 'replace')!r}. Mend it, or fetch the file again."
                )
                raise InvalidInput(message, field="file")
    message = (
        f"{source.name} has {source.lines:,} lines, of which {rows:,} could be read as features. "
        "Fetch it again."
    )
    raise InvalidInput(message, field="file")


def _is_feature(text: bytes) -> bool:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.get("type") == "Feature"


def type_of(arrow: pa.DataType) -> str:
    """Return the type under which a column is stored."""
    if pa.types.is_boolean(arrow):
        return "boolean"
    if pa.types.is_integer(arrow):
        return "integer"
    if pa.types.is_floating(arrow) or pa.types.is_decimal(arrow):
        return "number"
    if pa.types.is_timestamp(arrow):
        return "datetime"
    if pa.types.is_date(arrow):
        return "date"
    return "string"


class _Seen:
    """What the rows so far add up to."""

    def __init__(self) -> None:
        self.rows = 0
        self.types: dict[str, int] = {}
        self.first: list[dict[str, Any]] = []
        self._bounds = np.array([np.inf, np.inf, -np.inf, -np.inf])
        self._hashes: list[NDArray[np.int64]] = []
        self._ground = city_bounds()
        self._far = 0
        self._first_far = ""

    def add(self, piece: Piece, geometry: coordinates.Geometries, *, is_placed: bool) -> None:
        self.rows += len(geometry)
        ids, counts = np.unique(shapely.get_type_id(geometry), return_counts=True)
        for type_, count in zip(ids, counts, strict=True):
            if type_ >= 0:
                name = TYPE_NAMES[type_]
                self.types[name] = self.types.get(name, 0) + int(count)
        there = ~shapely.is_missing(geometry)
        if there.any():
            west, south, east, north = shapely.total_bounds(geometry[there])
            self._bounds[:2] = np.minimum(self._bounds[:2], [west, south])
            self._bounds[2:] = np.maximum(self._bounds[2:], [east, north])
        self._hashes.append(_hashes(piece, geometry))
        if is_placed:
            self._measure(piece.start, geometry)
        if len(self.first) < FIRST_ROWS:
            rows = piece.attributes.slice(0, FIRST_ROWS).to_pylist() or [{}] * FIRST_ROWS
            for row, shape in zip(rows, geometry[:FIRST_ROWS], strict=False):
                text = "" if shape is None else shape.wkt
                self.first.append({**row, "geometry": text[:SHOWN_CHARACTERS]})

    def _measure(self, start: int, geometry: coordinates.Geometries) -> None:
        far = is_far(geometry, self._ground)
        if far.any() and not self._first_far:
            row = int(np.flatnonzero(far)[0])
            x, y = shapely.get_coordinates(geometry[row])[0]
            self._first_far = f"row {start + row + 1} at {x:.5f}, {y:.5f}"
        self._far += int(far.sum())

    def tell(self, name: str, findings: Findings) -> None:
        """Note what only the whole shows."""
        all_ = np.concatenate(self._hashes) if self._hashes else np.empty(0, np.int64)
        findings.add(
            Code.DUPLICATE,
            _repeats(all_),
            "{count} repeat another row exactly, place and attributes",
        )
        message = f"{{count}} rows lie far outside the city, such as {self._first_far}"
        findings.add(Code.FAR_AWAY, self._far, message)
        if len(families := families_of(self.types)) > 1:
            said = " and ".join(f"{count:,} {family}s" for family, count in families.items())
            message = f"{name} mixes {said}"
            findings.add(Code.MIXED, sum(families.values()), message)

    @property
    def extent(self) -> Bounds | None:
        west, south, east, north = map(float, self._bounds)
        return (west, south, east, north) if west <= east else None


TYPE_NAMES = (
    "Point",
    "LineString",
    "LinearRing",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
)
"""By shapely's numbers."""


def families_of(types: Mapping[str, int]) -> dict[str, int]:
    """Return how many rows are points, lines and polygons, those with most first."""
    counts = {
        family: sum(types.get(name, 0) for name in names)
        for family, names in SQL_GEOMETRIES.items()
    }
    return {f: c for f, c in sorted(counts.items(), key=lambda item: -item[1]) if c}


def is_far(geometry: coordinates.Geometries, ground: Bounds) -> NDArray[np.bool_]:
    """Tell which geometries lie further off a city than it is wide and high."""
    west, south, east, north = ground
    wide, high = max(east - west, LEAST_DEGREES), max(north - south, LEAST_DEGREES)
    x0, y0, x1, y1 = shapely.bounds(geometry).T
    far = (x1 < west - wide) | (x0 > east + wide) | (y1 < south - high) | (y0 > north + high)
    return np.asarray(far, dtype=bool)


LEAST_DEGREES = 0.1


def _repeats(numbers: NDArray[np.int64]) -> int:
    """Return how many numbers stand there already (sorting beats hashing them again)."""
    ordered = np.sort(numbers)
    return int((ordered[1:] == ordered[:-1]).sum())


def _hashes(piece: Piece, geometry: coordinates.Geometries) -> NDArray[np.int64]:
    """Return a number for each row by which equal rows are known."""
    shapes = shapely.to_wkb(geometry)
    columns = [column.to_pylist() for column in piece.attributes.columns]
    rows = zip(shapes, *columns, strict=True) if columns else shapes
    return np.fromiter(map(hash, rows), np.int64, len(shapes))
