"""Writes areas, streets, addresses and assets: all of a set or nothing.

Frames come in EPSG:4326. Loading a set again replaces what the same source brought before; areas
and assets keep their keys by code and unchanged street segments theirs, because crews and reports
refer to them.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import geopandas as gpd
import pandas as pd
import shapely
from django.db import connection, transaction
from django.db.models import CharField, Model
from psycopg import sql

from layers import copying, gazetteer
from layers.errors import InvalidInput
from layers.importing.recording import UNRECORDED, Record
from layers.models import Address, Area, AreaKind, Asset, AssetKind, Source, StreetSegment
from layers.statements import statement

Rows: TypeAlias = gpd.GeoDataFrame | Iterable[gpd.GeoDataFrame]
"""All rows as one frame, or as frames that stream by: then memory holds one at a time."""


def _frames(rows: Rows) -> Iterable[gpd.GeoDataFrame]:
    return [rows] if isinstance(rows, gpd.GeoDataFrame) else rows


@dataclass(frozen=True)
class Provenance:
    """Where a set comes from and under which terms."""

    name: str
    licence: str = ""
    attribution: str = ""

    def store(self) -> Source:
        """Return the row of this source, with its terms brought up to date."""
        source, _ = Source.objects.update_or_create(
            name=self.name, defaults={"licence": self.licence, "attribution": self.attribution}
        )
        return source


@dataclass(frozen=True)
class Loaded:
    """What became of the rows of a set: they add up to the rows that came in."""

    accepted: int
    repaired: int = 0
    """Of those accepted: invalid rings that were mended."""
    left_out: tuple[tuple[int, str], ...] = ()
    """Row number (from 0) and the reason."""


def _text(value: object) -> str:
    """Return a cell as text; a whole number that a gap in its column made a float stays whole."""
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def column_texts(frame: gpd.GeoDataFrame, column: str) -> list[str]:
    """Return a column as texts without space around them; empty where there is none."""
    if column not in frame:
        return [""] * len(frame)
    values = frame[column]
    if isinstance(values.dtype, pd.StringDtype):
        return [text.strip() for text in values.to_numpy(dtype=object, na_value="")]
    return [_text(value).strip() for value in values]


SMALL, LARGE = 2**15, 2**31
"""What whole numbers are below that PostgreSQL keeps in two bytes, and in four."""


def _whole_numbers(frame: gpd.GeoDataFrame, column: str, below: int) -> list[int | None]:
    """Return a column as whole numbers, None where it says nothing."""
    if column not in frame:
        return [None] * len(frame)
    return [
        None if pd.isna(value) or value == "" else _whole_number(column, row, value, below)
        for row, value in frame[column].items()
    ]


def _whole_number(column: str, row: Any, value: object, below: int) -> int:
    try:
        number = int(cast("str | float", value))
    except (ValueError, OverflowError):
        number = below
    if abs(number) >= below:
        message = (
            f"The {column} {str(value)[:40]!r} in row {row + 1} is no whole number from "
            f"{1 - below:,} to {below - 1:,}. Choose another column, or mend it."
        )
        raise InvalidInput(message, field=column)
    return number


def _check_lengths(model: type[Model], column: str, texts: list[str]) -> None:
    field = model._meta.get_field(column)  # noqa: SLF001 - a public interface
    limit = cast("CharField[str, str]", field).max_length or 0
    text = next((text for text in texts if len(text) > limit), "")
    if text:
        message = (
            f"The {column} {text[:40]!r}… has {len(text)} characters; at most {limit} can be "
            "kept. Choose another column, or shorten it."
        )
        raise InvalidInput(message, field=column)


def _usable(
    frame: gpd.GeoDataFrame, kinds: set[str]
) -> tuple[gpd.GeoDataFrame, list[tuple[int, str]]]:
    """Split off rows without a geometry of the right kind, each with its reason."""
    types = frame.geom_type
    is_nothing = types.isna() | frame.geometry.is_empty
    fits = types.isin(kinds) & ~is_nothing
    if fits.all():
        return frame, []
    wanted = min(kinds, key=len)
    left_out = [
        (int(row), "it has no usable geometry" if nothing else f"it is a {type_}, not a {wanted}")
        for row, type_, nothing in zip(
            frame.index[~fits], types[~fits], is_nothing[~fits], strict=True
        )
    ]
    return frame[fits], left_out


def _nothing_usable(what: str, left_out: Sequence[tuple[int, str]]) -> InvalidInput:
    """Return the error that says why no row can be used, by the first."""
    message = f"There is no {what} in this file: it has no rows. Check that it is the right one."
    if left_out:
        row, why = left_out[0]
        message = (
            f"There is no {what} in this file. Its row {row + 1}, for example: {why}. Check that "
            "it is the right one."
        )
    return InvalidInput(message, field="file")


def _each_once(
    frame: gpd.GeoDataFrame, columns: Sequence[str]
) -> tuple[gpd.GeoDataFrame, list[tuple[int, str]]]:
    """Split off rows that repeat an earlier one exactly, in these columns and in their place."""
    seen: dict[tuple[Any, ...], int] = {}
    keep: list[int] = []
    left_out: list[tuple[int, str]] = []
    texts = [column_texts(frame, column) for column in columns]
    rows = zip(frame.index, shapely.to_wkb(frame.geometry.array), *texts, strict=True)
    for place, (row, *values) in enumerate(rows):
        first = seen.setdefault(tuple(values), int(row))
        if first == row:
            keep.append(place)
        else:
            left_out.append((int(row), f"it repeats row {first + 1}"))
    return frame.iloc[keep], left_out


def _polygonal(geometry: shapely.Geometry) -> shapely.MultiPolygon:
    """Return the areal part of a geometry as one multipolygon."""
    parts = [p for p in shapely.get_parts(geometry) if p.geom_type in {"Polygon", "MultiPolygon"}]
    return shapely.MultiPolygon([q for p in parts for q in shapely.get_parts(p)])


UPSERT_AREAS = """
INSERT INTO layers_area (kind_id, code, name, source_id, geometry)
SELECT %(kind)s, code, name, %(source)s, geometry::geometry
FROM unnest(%(code)s::text[], %(name)s::text[], %(geometry)s::text[]) AS a (code, name, geometry)
ON CONFLICT (kind_id, code) DO UPDATE
SET name = EXCLUDED.name, source_id = EXCLUDED.source_id, geometry = EXCLUDED.geometry
"""


def _mended(
    polygons: gpd.GeoDataFrame,
) -> tuple[gpd.GeoDataFrame, int, list[tuple[int, str]]]:
    """Mend invalid rings; return what is usable, how many were mended, and what is not."""
    was_valid = polygons.geometry.is_valid
    mended = [_polygonal(g) for g in shapely.make_valid(polygons.geometry.array)]
    reasons = [
        "its rings enclose no ground" if shape.is_empty else "it has no code" if not code else ""
        for shape, code in zip(mended, column_texts(polygons, "code"), strict=True)
    ]
    keep = [not reason for reason in reasons]
    left_out = [(int(row), why) for row, why in zip(polygons.index, reasons, strict=True) if why]
    usable = polygons.set_geometry(mended, crs=polygons.crs)[keep]
    return usable, int((~was_valid[keep]).sum()), left_out


def load_areas(
    frame: gpd.GeoDataFrame,
    kind: AreaKind,
    provenance: Provenance,
    record: Record = UNRECORDED,
) -> Loaded:
    """Store areas of one kind from the columns ``code`` and ``name``.

    Areas of the kind whose code does not come again are removed; `record` keeps what changes.

    Raises
    ------
    InvalidInput
        When two areas have the same code, a code or a name is too long, or none can be used.
    """
    polygons, left_out = _usable(frame, {"Polygon", "MultiPolygon"})
    polygons, repeats = _each_once(polygons, ["code", "name"])
    usable, repaired, useless = _mended(polygons)
    codes, names = column_texts(usable, "code"), column_texts(usable, "name")
    if repeated := sorted({code for code in codes if codes.count(code) > 1}):
        rows = [str(r + 1) for r, c in zip(usable.index, codes, strict=True) if c == repeated[0]]
        message = (
            f"The code {repeated[0]!r} stands at more than one area (rows {', '.join(rows[:5])}); "
            "each needs its own. Choose another column as --code."
        )
        raise InvalidInput(message, field="code")
    if not codes:
        raise _nothing_usable("area", sorted(left_out + useless))
    _check_lengths(Area, "code", codes)
    _check_lengths(Area, "name", names)
    with (
        transaction.atomic(),
        record.changes(Area, kind_id=kind.pk),
        connection.cursor() as cursor,
    ):
        kind.save()
        cursor.execute(
            UPSERT_AREAS,
            {
                "kind": kind.slug,
                "source": provenance.store().pk,
                "code": codes,
                "name": names,
                "geometry": copying.ewkb(usable.geometry.array),
            },
        )
        gone = kind.areas.exclude(code__in=codes).values_list("pk", flat=True)
        record.remove(Area, list(gone))
        gazetteer.refresh_areas()
    return Loaded(len(codes), repaired, tuple(sorted(left_out + repeats + useless)))


STREET_COLUMNS: Mapping[str, str] = {
    "code": "string",
    "name": "string",
    "street_class": "string",
    "is_bridge": "boolean",
    "is_tunnel": "boolean",
    "level": "integer",
    "is_oneway": "boolean",
    "speed_kmh": "integer",
    "surface": "string",
    "source_id": "integer",
}
"""The columns of a segment and their types (of `layers.copying.ARROW_TYPES`)."""
STREET_TEXTS = ("code", "name", "street_class", "surface")


def load_streets(rows: Rows, provenance: Provenance, record: Record = UNRECORDED) -> Loaded:
    """Store street segments; the attributes are those of `STREET_COLUMNS`, each may be missing.

    A line of several parts becomes as many segments with the same attributes. Segments of the
    source that come again unchanged keep their keys, and so does one that changed but has the
    same code, where both have that code alone; others of it go.

    Raises
    ------
    InvalidInput
        When a text is too long, a number is none, or no line can be used.
    """
    accepted, left_out = 0, list[tuple[int, str]]()
    with transaction.atomic(), ExitStack() as stack:
        source = provenance.store()
        stack.enter_context(record.changes(StreetSegment, source_id=source.pk))
        cursor = stack.enter_context(connection.cursor())
        cursor.execute(statement(__file__, "streets_begin"))
        for frame in _frames(rows):
            usable, useless = _usable(frame, {"LineString", "MultiLineString"})
            accepted, left_out = accepted + len(usable), left_out + useless
            segments = _segments(usable.explode(index_parts=False), source)
            copying.write_frame(sql.Identifier("new_street"), STREET_COLUMNS, segments)
        if not accepted:
            raise _nothing_usable("street", left_out)
        cursor.execute("ANALYZE new_street")
        cursor.execute(statement(__file__, "streets_changed"), {"source": source.pk})
        cursor.execute(statement(__file__, "streets_gone"), {"source": source.pk})
        gone = [key for (key,) in cursor.fetchall()]
        record.remove(StreetSegment, gone)
        cursor.execute(statement(__file__, "streets_insert"))
        gazetteer.refresh_streets()
    return Loaded(accepted, 0, tuple(left_out))


def _segments(lines: gpd.GeoDataFrame, source: Source) -> gpd.GeoDataFrame:
    """Return lines with the columns of a street segment."""
    columns: dict[str, Any] = {column: column_texts(lines, column) for column in STREET_TEXTS}
    for column, values in columns.items():
        _check_lengths(StreetSegment, column, values)
    for column in ("is_bridge", "is_tunnel", "is_oneway"):
        columns[column] = [bool(v) for v in lines[column]] if column in lines else False
    columns["level"] = [level or 0 for level in _whole_numbers(lines, "level", SMALL)]
    columns["speed_kmh"] = pd.array(_whole_numbers(lines, "speed_kmh", SMALL), dtype="Int64")
    columns["source_id"] = source.pk
    return gpd.GeoDataFrame(columns, geometry=lines.geometry.array)


ADDRESS_COLUMNS: Mapping[str, str] = {
    "row": "integer",
    "code": "string",
    "street_name": "string",
    "number": "string",
    "residents": "integer",
    "source_id": "integer",
}


def load_addresses(rows: Rows, provenance: Provenance, record: Record = UNRECORDED) -> Loaded:
    """Store addresses from the columns ``street_name`` and ``number``.

    ``code`` and ``residents`` are kept where the frame has them.

    Raises
    ------
    InvalidInput
        When a text is too long, a number is none, or no point can be used.
    """
    left_out: list[tuple[int, str]] = []
    with transaction.atomic(), ExitStack() as stack:
        source = provenance.store()
        stack.enter_context(record.changes(Address, source_id=source.pk))
        cursor = stack.enter_context(connection.cursor())
        cursor.execute(statement(__file__, "addresses_begin"))
        for frame in _frames(rows):
            usable, useless = _usable(frame, {"Point"})
            left_out += useless
            addresses = _addresses(usable, source)
            copying.write_frame(sql.Identifier("new_address"), ADDRESS_COLUMNS, addresses)
        cursor.execute(statement(__file__, "addresses_repeated"))
        left_out += [(row, f"it repeats row {first + 1}") for row, first in cursor.fetchall()]
        source.address_set.all().delete()
        cursor.execute(statement(__file__, "addresses_insert"))
        accepted = cursor.rowcount
        if not accepted:
            raise _nothing_usable("address", left_out)
        cursor.execute("DROP TABLE new_address")
        gazetteer.refresh_streets()
    return Loaded(accepted, 0, tuple(sorted(left_out)))


def _addresses(points: gpd.GeoDataFrame, source: Source) -> gpd.GeoDataFrame:
    """Return points with the columns of an address."""
    columns: dict[str, Any] = {
        column: column_texts(points, column) for column in ("code", "street_name", "number")
    }
    for column, values in columns.items():
        _check_lengths(Address, column, values)
    columns["row"] = points.index
    columns["residents"] = pd.array(_whole_numbers(points, "residents", LARGE), dtype="Int64")
    columns["source_id"] = source.pk
    return gpd.GeoDataFrame(columns, geometry=points.geometry.array)


ASSET_COLUMNS: Mapping[str, str] = {"code": "string", "name": "string"}
PLACE_DIGITS = 6


def load_assets(
    frame: gpd.GeoDataFrame,
    kind: AssetKind,
    provenance: Provenance,
    record: Record = UNRECORDED,
) -> Loaded:
    """Store assets of one kind from the columns ``code`` and ``name``; each may be missing.

    An asset without a code has its place for one. Those of the source whose code does not come
    again are removed, others keep their keys.

    Raises
    ------
    InvalidInput
        When a code stands at several places, a text is too long, or no point can be used.
    """
    usable, left_out = _usable(frame, {"Point"})
    usable, repeats = _each_once(usable, ["code", "name"])
    if usable.empty:
        raise _nothing_usable(kind.title.lower(), left_out)
    codes = [
        code or f"{x:.{PLACE_DIGITS}f},{y:.{PLACE_DIGITS}f}"
        for code, (x, y) in zip(
            column_texts(usable, "code"),
            shapely.get_coordinates(usable.geometry.array),
            strict=True,
        )
    ]
    again = _repeated(codes)
    if any(column_texts(usable, "code")) and again:
        rows = [r + 1 for r, c in zip(usable.index, codes, strict=True) if c == codes[again[0]]]
        message = (
            f"The code {codes[again[0]]!r} stands at more than one {kind.title.lower()} (rows "
            f"{rows[0]} and {rows[1]}); each needs its own. Choose another column as --code."
        )
        raise InvalidInput(message, field="code")
    left_out += [(int(usable.index[i]), "another stands at its place") for i in again]
    keep = sorted(set(range(len(codes))) - set(again))
    usable, codes = usable.iloc[keep], [codes[i] for i in keep]
    names = column_texts(usable, "name")
    _check_lengths(Asset, "code", codes)
    _check_lengths(Asset, "name", names)
    assets = gpd.GeoDataFrame({"code": codes, "name": names}, geometry=usable.geometry.array)
    with (
        transaction.atomic(),
        record.changes(Asset, kind_id=kind.pk),
        connection.cursor() as cursor,
    ):
        kind.save()
        target: dict[str, Any] = {"kind": kind.slug, "source": provenance.store().pk}
        cursor.execute(statement(__file__, "assets_begin"))
        copying.write_frame(sql.Identifier("new_asset"), ASSET_COLUMNS, assets)
        cursor.execute("ANALYZE new_asset")
        cursor.execute(statement(__file__, "assets_gone"), target)
        record.remove(Asset, [key for (key,) in cursor.fetchall()])
        cursor.execute(statement(__file__, "assets_upsert"), target)
        cursor.execute("DROP TABLE new_asset")
    return Loaded(len(usable), 0, tuple(sorted(left_out + repeats)))


def _repeated(codes: Sequence[str]) -> list[int]:
    """Return where a code stands that stood before."""
    first: dict[str, int] = {}
    return [place for place, code in enumerate(codes) if first.setdefault(code, place) != place]
