"""Makes geometries fit to be stored: flat, in EPSG:4326, on earth, with rings that are rings."""

import numpy as np
import shapely

from layers.errors import InvalidInput
from layers.importing.coordinates import Geometries, Plan, is_on_earth
from layers.importing.findings import Code, Findings

MOST_VERTICES = 1_000_000
"""Of one geometry. The coast of a country has fewer; more would stop every map that draws it."""


def cleaned(
    name: str, start: int, geometry: Geometries, plan: Plan, findings: Findings
) -> Geometries:
    """Return the geometries of some rows as they are stored, counting what had to be done.

    Parameters
    ----------
    name
        Of the file, for messages.
    start
        How many rows of the file come before.
    geometry : array of shapely geometries
        As they were read, in the system of the file.
    plan
        How they are placed.

    Raises
    ------
    InvalidInput
        When a geometry has more than `MOST_VERTICES`.
    """
    vertices = shapely.get_num_coordinates(geometry)
    if len(vertices) and vertices.max() > MOST_VERTICES:
        row = int(vertices.argmax())
        message = (
            f"Row {start + row + 1} of {name} has a geometry of {vertices[row]:,} "
            f"vertices; at most {MOST_VERTICES:,} are taken. Simplify it, or cut it into parts."
        )
        raise InvalidInput(message, field="geometry")
    there = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    findings.add(Code.NO_GEOMETRY, int((~there).sum()), "{count} rows have no geometry")
    lifted = shapely.has_z(geometry) | shapely.has_m(geometry)
    message = "{count} geometries had heights or measures, left out"
    findings.add(Code.Z_OR_M, int(lifted.sum()), message)
    shapes = np.array(geometry, dtype=object)
    shapes[~there] = None
    if lifted.any():
        shapes[lifted] = shapely.force_2d(shapes[lifted])
    if plan.system is None:
        return shapes
    shapes = plan.placed(shapes)
    lost = there & ~is_on_earth(shapes)
    if lost.any():
        row = int(np.flatnonzero(lost)[0])
        x, y = shapely.get_coordinates(geometry[row])[0]
        message = (
            "{count} rows have coordinates that are nowhere on earth and count as without "
            f"geometry, such as {x:.6g}, {y:.6g} in row {start + row + 1}"
        )
        findings.add(Code.OFF_EARTH, int(lost.sum()), message)
        shapes[lost] = None
    return _mended(start, shapes, findings)


def _mended(start: int, shapes: Geometries, findings: Findings) -> Geometries:
    """Mend invalid rings; of a polygon, keep what has an area."""
    broken = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_valid(shapes))
    if not len(broken):
        return shapes
    mended = shapely.make_valid(shapes[broken])
    for place, (old, new) in enumerate(zip(shapes[broken], mended, strict=True)):
        if old.geom_type.endswith("Polygon") and not new.geom_type.endswith("Polygon"):
            mended[place] = _areal(new)
    useless = shapely.is_missing(mended) | shapely.is_empty(mended)
    row = start + int(broken[0]) + 1
    message = f"{{count}} had invalid rings, which were mended, such as row {row}"
    findings.add(Code.INVALID, int((~useless).sum()), message)
    message = "{count} have rings that enclose no ground and count as without geometry"
    findings.add(Code.USELESS, int(useless.sum()), message)
    mended[useless] = None
    shapes[broken] = mended
    return shapes


def _areal(geometry: shapely.Geometry) -> shapely.Geometry | None:
    """Return the polygons of a collection as one geometry; None when it has none."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    polygons = [part for part in parts if part.geom_type == "Polygon"]
    if not polygons:
        return None
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
