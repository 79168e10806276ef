"""Features of another server as a data set of ours: replaced as a whole when anything changed."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from django.db import transaction
from psycopg import sql

from layers import datasets
from layers.crs import GEOGRAPHIC
from layers.datasets import NewDataset
from layers.errors import InvalidInput
from layers.models import Dataset
from layers.sync import known
from layers.sync.columns import Named, cell
from layers.sync.kinds import Outcome, Work
from layers.sync.spool import Record, Spool
from layers.toml import Table

BATCH = 20_000
FAMILIES = {
    "Point": "point",
    "MultiPoint": "point",
    "LineString": "line",
    "MultiLineString": "line",
    "LinearRing": "line",
    "Polygon": "polygon",
    "MultiPolygon": "polygon",
}


@dataclass(frozen=True)
class Wanted:
    """How the data set is to be called and who may see it, as the file of the source says."""

    slug: str
    title: str
    description: str
    audience: str
    licence: str
    attribution: str
    may_be_empty: bool


def read_wanted(table: Table) -> Wanted:
    """Read the table ``[layer]``."""
    layer = table.table("layer")
    slug = layer.text("slug", table.path.stem)
    wanted = Wanted(
        slug=slug,
        title=layer.text("title", ""),
        description=layer.text("description", ""),
        audience=layer.choice("audience", Dataset.Audience.values, Dataset.Audience.PLANNERS),
        licence=layer.text("licence", ""),
        attribution=layer.text("attribution", ""),
        may_be_empty=layer.flag("may_be_empty", default=False),
    )
    layer.end()
    return wanted


@dataclass
class _Found:
    """What a first pass over the pages finds."""

    came: int = 0
    twice: int = 0
    types: set[str] = field(default_factory=set)


def keep(work: Work, wanted: Wanted, columns: Named) -> Outcome:
    """Store the features of the spool as the data set, if they differ from those of the last run.

    Raises
    ------
    InvalidInput
        When none came where some are here, when points, lines and polygons are mixed, or when
        coordinates are no longitudes and latitudes. Then nothing is stored.
    """
    found = _Found()
    with transaction.atomic():
        change = known.compare(work.name, _known(work.spool, found))
        outcome = Outcome(
            came=found.came,
            added=change.added,
            changed=change.changed,
            unchanged=change.unchanged,
            left_out=found.twice,
            vanished=change.vanished,
        )
        _check_not_emptied(work, wanted, outcome)
        if found.twice:
            outcome.notes.append(f"{found.twice:,} features came twice; the first is kept")
        described = json.loads(json.dumps([asdict(wanted), [asdict(c) for _, c in columns]]))
        outcome.memory = {"described": described}
        row = Dataset.objects.filter(slug=wanted.slug, origin=Dataset.Origin.IMPORTED).first()
        if row and not change and work.memory.get("described") == described:
            work.still_wanted()
            return outcome
        _replace(work, wanted, columns, found, outcome)
        if row:
            # Whoever reads the old table now may do so in peace; the next run removes it.
            outcome.memory["replaced"] = row.table_name
        work.still_wanted()
    return outcome


def drop_replaced(work: Work) -> None:
    """Remove the table that the last run put another one in the place of."""
    if name := work.memory.get("replaced"):
        datasets.drop_table(sql.Identifier(Dataset.Origin.IMPORTED.value, name))


def _check_not_emptied(work: Work, wanted: Wanted, outcome: Outcome) -> None:
    if outcome.vanished and not outcome.came and not wanted.may_be_empty:
        message = (
            f"{work.name} brings nothing, and {outcome.vanished:,} features are here: they stay. "
            "If it is right that there are none, say may_be_empty = true."
        )
        raise InvalidInput(message, field="address")


def _unique(spool: Spool, found: _Found) -> Iterator[list[tuple[str, Record]]]:
    """Yield pages of keys and features, each key once; what has no key is known by its content."""
    seen: set[str] = set()
    for page in spool.pages():
        fresh = []
        for record in page:
            key = record["key"] or _digest(record).hex()
            if key in seen:
                found.twice += 1
                continue
            seen.add(key)
            fresh.append((key, record))
        found.came += len(page)
        yield fresh


def _known(spool: Spool, found: _Found) -> Iterator[known.Known]:
    for page in _unique(spool, found):
        for key, record in page:
            if geometry := record["geometry"]:
                found.types.add(str(geometry.get("type")))
            yield known.Known(key, _digest(record))


def _digest(record: Record) -> bytes:
    text = json.dumps([record["properties"], record["geometry"]], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _replace(work: Work, wanted: Wanted, columns: Named, found: _Found, outcome: Outcome) -> None:
    family = _family(work, found.types)
    new = NewDataset(
        slug=wanted.slug,
        title=wanted.title or wanted.slug,
        description=wanted.description,
        origin=Dataset.Origin.IMPORTED,
        columns=[column for _, column in columns],
        geometry_type=family,
        audience=wanted.audience,
        licence=wanted.licence,
        attribution=wanted.attribution,
        expected=found.came - found.twice,
        is_multi="MultiPoint" in found.types if family == "point" else None,
    )
    datasets.replace(new, _frames(work, columns, outcome), work.progress)


def _family(work: Work, types: set[str]) -> str:
    families = {FAMILIES.get(type_, type_) for type_ in types}
    if len(families) > 1 or not families <= set(FAMILIES.values()):
        message = (
            f"{work.name} holds {' and '.join(sorted(types))}; a layer takes points, lines or "
            "polygons, not several of them."
        )
        raise InvalidInput(message, field="geometry")
    return families.pop() if families else "point"


def _frames(work: Work, columns: Named, outcome: Outcome) -> Iterator[gpd.GeoDataFrame]:
    """Yield the features as frames of at most `BATCH` rows, in EPSG:4326."""
    repaired = lost = 0
    for page in _unique(work.spool, _Found()):
        records = [record for _, record in page]
        for start in range(0, len(records), BATCH):
            batch = records[start : start + BATCH]
            shapes, unread = _shapes(batch)
            repaired += _repair(shapes)
            lost += unread
            _check_degrees(work, shapes)
            values = {column.name: _column(batch, name, column.type) for name, column in columns}
            yield gpd.GeoDataFrame(values, geometry=shapes, crs=GEOGRAPHIC)
    if repaired:
        outcome.notes.append(f"{repaired:,} features had invalid rings, which were mended")
    if lost:
        outcome.notes.append(
            f"{lost:,} features had a geometry that cannot be read; they have none"
        )


def _column(records: Sequence[Record], name: str, type_: str) -> npt.NDArray[np.object_]:
    values = np.empty(len(records), dtype=object)
    values[:] = [cell(record["properties"].get(name), type_) for record in records]
    return values


def _shapes(records: Sequence[Record]) -> tuple[npt.NDArray[np.object_], int]:
    """Return geometries (shapely, None where there is none), and how many could not be read."""
    texts = np.array(
        [json.dumps(r["geometry"]) if r["geometry"] else None for r in records], dtype=object
    )
    shapes = shapely.from_geojson(texts, on_invalid="ignore")
    came = sum(text is not None for text in texts)
    unread = came - int(np.count_nonzero(~shapely.is_missing(shapes)))
    shapes[shapely.is_empty(shapes)] = None
    return shapes, unread


def _repair(shapes: npt.NDArray[np.object_]) -> int:
    """Mend invalid rings in place; return how many had some."""
    bad = np.flatnonzero((shapely.get_dimensions(shapes) == 2) & ~shapely.is_valid(shapes))
    for position in bad:
        parts = shapely.get_parts(shapely.make_valid(shapes[position], method="structure"))
        areal: list[Any] = [
            q for p in parts for q in shapely.get_parts(p) if q.geom_type == "Polygon"
        ]
        shapes[position] = shapely.MultiPolygon(areal) if areal else None
    return len(bad)


def _check_degrees(work: Work, shapes: npt.NDArray[np.object_]) -> None:
    west, south, east, north = shapely.total_bounds(shapes)
    if np.isnan(west) or (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return
    message = (
        f"{work.name} has coordinates such as {west:.6g}, {south:.6g}, which are no longitude and "
        "latitude. The server does not transform them."
    )
    raise InvalidInput(message, field="geometry")
