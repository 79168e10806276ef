"""Brings a file in: read, judged, stored, recorded; all of it or nothing.

Commands, the page's job and the schedule call these verbs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from layers import datasets
from layers.datasets import NewDataset, Watch, unwatched
from layers.errors import InvalidInput
from layers.importing.findings import Finding
from layers.importing.inspection import survey
from layers.importing.load import Provenance
from layers.importing.naming import columns_of
from layers.importing.opening import opened
from layers.importing.reading import Options, batches
from layers.models import Dataset

FAMILIES = {
    "point": ("Point", "Multipoint"),
    "line": ("Linestring", "Multilinestring"),
    "polygon": ("Polygon", "Multipolygon"),
}


@dataclass(frozen=True)
class LayerTarget:
    """A layer of its own, which any file can become."""

    slug: str
    title: str
    description: str = ""
    audience: str = Dataset.Audience.PLANNERS
    geometry_type: str = ""
    """point, line or polygon; empty: what most rows are."""

    @property
    def subject(self) -> str:
        """Return the name under which the import is recorded and undone."""
        return f"layer:{self.slug}"


@dataclass(frozen=True)
class Imported:
    """What became of a file: its rows add up to those in and those left out."""

    subject: str
    rows: int
    accepted: int
    findings: tuple[Finding, ...] = ()
    left_out: tuple[tuple[int, str], ...] = ()
    """Row number (from 0) and the reason; the first of each."""
    is_changed: bool = True
    """False: the same file was brought in the same way before, so nothing was done."""


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

    Raises
    ------
    InvalidInput
        When the file cannot be read or placed, or holds no geometry.
    Conflict
        When the slug is another layer's.
    """
    with opened(path, options.encoding) as source:
        watch(0.0, "Looking it over")
        seen = survey(source, options)
        seen.require_usable()
        counts = {
            family: sum(seen.geometry_types.get(type_, 0) for type_ in types)
            for family, types in FAMILIES.items()
        }
        family = target.geometry_type or max(counts, key=counts.__getitem__)
        if not counts[family]:
            message = f"{path.name} holds no places: none of its {seen.rows} rows has a geometry."
            raise InvalidInput(message, field="file")
        columns = columns_of((f.name, f.type) for f in seen.fields)
        names = dict(zip((f.name for f in seen.fields), (c.name for c in columns), strict=True))
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
            expected=seen.rows or 0,
            is_multi=None if family != "point" else "Multipoint" in seen.geometry_types,
        )

        def frames() -> Iterator[gpd.GeoDataFrame]:
            for frame in batches(source, options, seen.plan):
                yield frame.rename(columns=names)

        row = datasets.replace(new, frames(), watch)
    return Imported(target.subject, seen.rows or 0, row.feature_count, seen.findings)
