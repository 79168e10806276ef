"""Brings a file in: one verb for each target. Commands, the page's job and the schedule call them.

What they all do around storing is `course`'s.
"""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from layers import datasets
from layers.datasets import SQL_GEOMETRIES, Column, NewDataset, Watch, unwatched
from layers.errors import InvalidInput
from layers.importing import load, undo
from layers.importing.course import Imported, Work, bring_in
from layers.importing.findings import Code
from layers.importing.inspection import Inspection, families_of
from layers.importing.load import Loaded, Provenance
from layers.importing.naming import columns_of
from layers.importing.reading import Options, check_columns
from layers.importing.targets import (
    AddressesTarget,
    AreasTarget,
    AssetsTarget,
    LayerTarget,
    StreetsTarget,
)
from layers.models import AssetKind, Dataset
from layers.queries import area_kind


def import_layer(
    path: Path,
    target: LayerTarget,
    options: Options,
    provenance: Provenance,
    *,
    owner_id: int | None = None,
    watch: Watch = unwatched,
) -> Imported:
    """Make any file a layer, in the place of the one of the same slug.

    All columns come along with their types. Rows of another geometry than most, or than the
    target says, stay out; those without one are kept and on no map.

    Raises
    ------
    InvalidInput
        When the file cannot be read or placed, or holds no geometry.
    Conflict
        When the slug is another layer's.
    """

    def store(work: Work) -> Loaded:
        families = families_of(work.seen.geometry_types)
        family = target.geometry_type or next(iter(families), "")
        if not families.get(family):
            raise _no_places(path, work.seen, family)
        columns, names = _columns(work, target)
        left_out: list[tuple[int, str]] = []
        new = NewDataset(
            slug=target.slug,
            title=target.title,
            description=target.description,
            origin=Dataset.Origin.IMPORTED,
            columns=columns,
            geometry_type=family,
            audience=target.audience,
            licence=provenance.licence,
            attribution=provenance.attribution,
            owner_id=owner_id,
            expected=work.seen.rows or 0,
            is_multi=None if family != "point" else "MultiPoint" in work.seen.geometry_types,
        )
        frames = (
            _of_family(frame.rename(columns=names), family, left_out) for frame in work.frames()
        )
        work.imported.before = undo.row_of(target.slug)
        row = datasets.replace(new, frames)
        return Loaded(row.feature_count, left_out=tuple(left_out))

    return bring_in(path, target, options, provenance, owner_id, watch, store)


def import_areas(
    path: Path,
    target: AreasTarget,
    options: Options,
    provenance: Provenance,
    *,
    owner_id: int | None = None,
    watch: Watch = unwatched,
) -> Imported:
    """Bring in areas of a kind; those whose code does not come again go.

    Without a column for the name, areas are numbered in the file's order.

    Raises
    ------
    InvalidInput
        When the file cannot be read or placed, the kind is unknown, or no area can be used.
    """

    def store(work: Work) -> Loaded:
        kind = area_kind(target.kind)
        columns = {"name": target.name or target.code, "code": target.code or target.name}
        frame = work.whole(columns)
        if not columns["name"]:
            numbers = [str(row + 1) for row in frame.index]
            titles = [kind.title] if len(frame) == 1 else [f"{kind.title} {n}" for n in numbers]
            frame = frame.assign(name=titles, code=numbers)
        return load.load_areas(frame, kind, provenance, work.record)

    return bring_in(path, target, options, provenance, owner_id, watch, store)


def import_streets(
    path: Path,
    target: StreetsTarget,
    options: Options,
    provenance: Provenance,
    *,
    owner_id: int | None = None,
    watch: Watch = unwatched,
) -> Imported:
    """Bring in street segments; those of the same source that do not come again go.

    Raises
    ------
    InvalidInput
        When the file cannot be read or placed, or no line can be used.
    """

    def store(work: Work) -> Loaded:
        frame = work.whole(target.columns)
        return load.load_streets(_ruled(frame), provenance, record=work.record)

    return bring_in(path, target, options, provenance, owner_id, watch, store)


def import_addresses(
    path: Path,
    target: AddressesTarget,
    options: Options,
    provenance: Provenance,
    *,
    owner_id: int | None = None,
    watch: Watch = unwatched,
) -> Imported:
    """Bring in addresses, in the place of those of the same source.

    Raises
    ------
    InvalidInput
        When the file cannot be read or placed, or a text is too long.
    """

    def store(work: Work) -> Loaded:
        return load.load_addresses(work.whole(target.columns), provenance, work.record)

    return bring_in(path, target, options, provenance, owner_id, watch, store)


def import_assets(
    path: Path,
    target: AssetsTarget,
    options: Options,
    provenance: Provenance,
    *,
    owner_id: int | None = None,
    watch: Watch = unwatched,
) -> Imported:
    """Bring in things of a kind, made where it is new; those of the source that are gone go.

    Raises
    ------
    InvalidInput
        When the file cannot be read or placed, a code comes twice, or no point can be used.
    """

    def store(work: Work) -> Loaded:
        title = target.title or target.kind.replace("-", " ").capitalize()
        kind = AssetKind.objects.filter(slug=target.kind).first() or AssetKind(
            slug=target.kind, title=title, title_plural=target.title_plural or f"{title}s"
        )
        frame = work.whole({"code": target.code, "name": target.name})
        return load.load_assets(frame, kind, provenance, work.record)

    return bring_in(path, target, options, provenance, owner_id, watch, store)


def _no_places(path: Path, seen: Inspection, family: str) -> InvalidInput:
    """Return the error that says what a file holds instead of places of a family."""
    families = families_of(seen.geometry_types)
    if families:
        message = f"{path.name} holds no {family}s. It holds {' and '.join(families)}s."
    elif seen.geometry_types:
        types = " and ".join(f"{n:,} {name}" for name, n in seen.geometry_types.items())
        message = f"{path.name} holds {types}; a layer takes points, lines or polygons. Split them."
    else:
        message = f"{path.name} holds no places: none of its {seen.rows:,} rows has a geometry."
    why = [f.message for f in seen.findings if f.code in {Code.BAD_COORDINATE, Code.OFF_EARTH}]
    return InvalidInput(" ".join([message, *(f"{text}." for text in why)]), field="file")


BITS = 8
MOST_ROW_BYTES = 8_000
"""A row of PostgreSQL lies in a page of 8 kB, where a text takes at least a pointer to it."""
TEXT_BYTES, OTHER_BYTES = 20, 8


def _check_width(work: Work, columns: list[Column]) -> None:
    texts = sum(column.type == "string" for column in columns)
    others = len(columns) - texts
    if texts * TEXT_BYTES + others * OTHER_BYTES + len(columns) // BITS > MOST_ROW_BYTES:
        message = (
            f"{work.source.name} has {len(columns):,} columns, more than a table can hold (about "
            f"{MOST_ROW_BYTES // TEXT_BYTES} texts, or {MOST_ROW_BYTES // OTHER_BYTES:,} numbers). "
            "Leave out those that are not needed."
        )
        raise InvalidInput(message, field="columns")


def _columns(work: Work, target: LayerTarget) -> tuple[list[Column], dict[str, str]]:
    """Return the columns of a layer, and how the file's names become theirs."""
    check_columns(work.source, [f.name for f in work.seen.fields], list(target.columns.values()))
    called = {theirs: ours for ours, theirs in target.columns.items()}
    fields = [(called.get(f.name, f.name), f.stored_type) for f in work.seen.fields]
    columns = columns_of(fields)
    _check_width(work, columns)
    names = {f.name: column.name for f, column in zip(work.seen.fields, columns, strict=True)}
    return columns, names


def _of_family(
    frame: gpd.GeoDataFrame, family: str, left_out: list[tuple[int, str]]
) -> gpd.GeoDataFrame:
    """Return the rows that a layer of one type takes; note the others."""
    types = frame.geom_type
    fits = types.isna() | types.isin(SQL_GEOMETRIES[family])
    if fits.all():
        return frame
    left_out += [
        (int(row), f"it is a {type_}, and this is a layer of {family}s")
        for row, type_ in types[~fits].items()
    ]
    return frame[fits]


TRUE_WORDS = frozenset({"1", "true", "t", "yes", "y", "j", "ja", "si", "-1"})
ONEWAY: Mapping[str, int] = {
    **dict.fromkeys(TRUE_WORDS, 1),
    "ft": 1,
    **dict.fromkeys(("-1", "reverse", "reversed", "tf"), -1),
}
"""Along the line (``ft``: from its first point to its last) or against it; other words: both."""


def _ruled(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return streets whose yes and no, which files write in many ways, are truth values.

    A line that vehicles go against is turned round: a one-way street goes along its line.
    """
    flags: dict[str, list[bool]] = {
        column: [text.casefold() in TRUE_WORDS for text in load.column_texts(frame, column)]
        for column in ("is_bridge", "is_tunnel")
        if column in frame
    }
    lines = frame.geometry.to_numpy(copy=True)
    if "is_oneway" in frame:
        words = load.column_texts(frame, "is_oneway")
        directions = np.array([ONEWAY.get(word.casefold(), 0) for word in words])
        flags["is_oneway"] = (directions != 0).tolist()
        lines[directions < 0] = shapely.reverse(lines[directions < 0])
    return frame.assign(**flags).set_geometry(lines, crs=frame.crs)
