"""Writes areas, streets, addresses and assets: all of a set or nothing.

Frames come in EPSG:4326. Loading a set again replaces what the same source brought before; areas
and assets keep their keys by code, because crews and reports refer to them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import shapely
from django.db import connection, transaction
from psycopg import sql

from layers.errors import InvalidInput
from layers.models import AreaKind, AssetKind, Source


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


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows by COPY with a column list; generated columns fill themselves."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _ewkb(geometry: Any) -> list[str]:
    """Return geometries as hexadecimal EWKB in EPSG:4326, which COPY understands."""
    placed = shapely.set_srid(shapely.force_2d(geometry), 4326)
    return [str(text) for text in shapely.to_wkb(placed, hex=True, include_srid=True)]


def _texts(frame: gpd.GeoDataFrame, column: str, default: str = "") -> list[str]:
    if column not in frame:
        return [default] * len(frame)
    return [default if value is None or value != value else str(value) for value in frame[column]]  # noqa: PLR0124 - NaN


def _usable(
    frame: gpd.GeoDataFrame, kinds: set[str]
) -> tuple[gpd.GeoDataFrame, list[tuple[int, str]]]:
    """Split off rows without a geometry of the right kind, each with its reason."""
    keep, left_out = [], []
    for row, geometry in enumerate(frame.geometry):
        if geometry is None or geometry.is_empty:
            left_out.append((row, "it has no geometry"))
        elif geometry.geom_type not in kinds:
            left_out.append((row, f"it is a {geometry.geom_type}, not a {min(kinds)}"))
        else:
            keep.append(row)
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


def load_areas(frame: gpd.GeoDataFrame, kind: AreaKind, provenance: Provenance) -> Loaded:
    """Store areas of one kind from the columns ``code`` and ``name``.

    Areas of the kind whose code does not come again are removed.

    Raises
    ------
    InvalidInput
        When two areas have the same code, or none can be used.
    """
    usable, left_out = _usable(frame, {"Polygon", "MultiPolygon"})
    codes = _texts(usable, "code")
    if repeated := sorted({code for code in codes if codes.count(code) > 1}):
        message = f"The code {repeated[0]!r} stands at more than one area; each needs its own."
        raise InvalidInput(message, field="code")
    if not codes:
        message = "There is no area in this file."
        raise InvalidInput(message, field="file")
    valid = usable.geometry.is_valid
    mended = [_polygonal(g) for g in shapely.make_valid(usable.geometry.array)]
    with transaction.atomic(), connection.cursor() as cursor:
        kind.save()
        cursor.execute(
            UPSERT_AREAS,
            {
                "kind": kind.slug,
                "source": provenance.store().pk,
                "code": codes,
                "name": _texts(usable, "name"),
                "geometry": _ewkb(mended),
            },
        )
        kind.areas.exclude(code__in=codes).delete()
    return Loaded(len(codes), int((~valid).sum()), tuple(left_out))


def load_streets(frame: gpd.GeoDataFrame, provenance: Provenance) -> Loaded:
    """Store street segments; all columns but the geometry may be missing.

    They are ``name``, ``street_class``, ``code``, ``is_bridge``, ``is_tunnel`` and ``level``. A
    line of several parts becomes as many segments with the same attributes.
    """
    usable, left_out = _usable(frame, {"LineString", "MultiLineString"})
    segments = usable.explode(index_parts=False)
    flags = {
        column: [bool(v) for v in segments[column]]
        if column in segments
        else [False] * len(segments)
        for column in ("is_bridge", "is_tunnel")
    }
    levels = [int(v) for v in segments["level"]] if "level" in segments else [0] * len(segments)
    with transaction.atomic():
        source = provenance.store()
        source.streetsegment_set.all().delete()
        _copy(
            "layers_streetsegment",
            [
                "code",
                "name",
                "street_class",
                "is_bridge",
                "is_tunnel",
                "level",
                "source_id",
                "geometry",
            ],
            zip(
                _texts(segments, "code"),
                _texts(segments, "name"),
                _texts(segments, "street_class"),
                flags["is_bridge"],
                flags["is_tunnel"],
                levels,
                [source.pk] * len(segments),
                _ewkb(segments.geometry.array),
                strict=True,
            ),
        )
    return Loaded(len(usable), 0, tuple(left_out))


def load_addresses(frame: gpd.GeoDataFrame, provenance: Provenance) -> Loaded:
    """Store addresses from the columns ``street_name`` and ``number``."""
    usable, left_out = _usable(frame, {"Point"})
    with transaction.atomic():
        source = provenance.store()
        source.address_set.all().delete()
        _copy(
            "layers_address",
            ["street_name", "number", "source_id", "geometry"],
            zip(
                _texts(usable, "street_name"),
                _texts(usable, "number"),
                [source.pk] * len(usable),
                _ewkb(usable.geometry.array),
                strict=True,
            ),
        )
    return Loaded(len(usable), 0, tuple(left_out))


def load_assets(frame: gpd.GeoDataFrame, kind: AssetKind, provenance: Provenance) -> Loaded:
    """Store assets of one kind from the columns ``code`` and ``name``."""
    usable, left_out = _usable(frame, {"Point"})
    with transaction.atomic():
        kind.save()
        source = provenance.store()
        kind.assets.filter(source=source).delete()
        _copy(
            "layers_asset",
            ["kind_id", "code", "name", "source_id", "geometry"],
            zip(
                [kind.slug] * len(usable),
                _texts(usable, "code"),
                _texts(usable, "name"),
                [source.pk] * len(usable),
                _ewkb(usable.geometry.array),
                strict=True,
            ),
        )
    return Loaded(len(usable), 0, tuple(left_out))
