"""Stores what an ``.osm.pbf`` holds: all of it or nothing."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
from django.db import transaction
from django.db.models import QuerySet

from layers import datasets, gazetteer
from layers.datasets import Column, NewDataset, Watch
from layers.errors import InvalidInput
from layers.importing import load, undo
from layers.importing.load import Provenance
from layers.importing.models import Import
from layers.importing.osm import tags as meaning
from layers.importing.osm.extract import COLUMNS, READING_SHARE, Extract, Tally
from layers.importing.osm.spool import Spool
from layers.importing.recording import Record
from layers.models import Address, Area, AreaKind, Asset, AssetKind, Dataset, Source, StreetSegment
from layers.queries import area_kind

SUBJECTS = tuple(COLUMNS)
POINTS_SLUG = "osm-points"
EDITION = 1
"""Raised when what an import makes of the same file changes, so that it is brought in again."""
LeftAlone = dict[str, tuple[int, str]]


@dataclass(frozen=True)
class Stored:
    """What became of one subject."""

    subject: str
    tally: Tally
    left_alone: LeftAlone
    """What another source has brought and keeps: how many are left out for it, and that source."""
    is_changed: bool = True
    """False: the same file brought it before, so nothing was done."""

    @property
    def accepted(self) -> int:
        """Return how many came in."""
        return self.tally.accepted - sum(count for count, _ in self.left_alone.values())


def kinds_by_level(pairs: Collection[str]) -> dict[str, str]:
    """Read which kind of area each ``admin_level`` is; a pair is ``LEVEL=KIND``.

    Raises
    ------
    InvalidInput
        When one is of another form, or names no kind that there is.
    """
    levels = {}
    for pair in pairs:
        level, equals, kind = pair.partition("=")
        if not equals or not level.isdecimal():
            message = f"{pair!r} is no level with its kind. Give for example 9=ward."
            raise InvalidInput(message, field="level")
        levels[level] = area_kind(kind).slug
    return levels


def store(
    found: Extract,
    provenance: Provenance,
    *,
    only: Collection[str] = (),
    audience: str = Dataset.Audience.PLANNERS,
    watch: Watch = datasets.unwatched,
) -> list[Stored]:
    """Store what was extracted, each subject in its own table; points as a layer of their own.

    What another source has brought already is left alone, so that two street networks do not lie
    on each other; unless `only` names the subject. Areas, streets and assets that come again keep
    their keys; what this source brought before and does not bring now goes. Each subject, and each
    kind of area and asset, is recorded as an import of its own, which `undo.undo` takes back.

    Parameters
    ----------
    found
        See `extract.extracted`.
    provenance
        Where it comes from.
    only
        Subjects (of `SUBJECTS`) to store; empty: all, beside what is there.
    audience
        Who may see the points of interest.
    watch
        Called between batches; what it raises undoes everything.
    """
    verbs = {
        "streets": _streets,
        "areas": _areas,
        "addresses": _addresses,
        "points": _points,
        "assets": _assets,
    }
    wanted = [subject for subject in SUBJECTS if not only or subject in only]
    stored = []
    with transaction.atomic(), gazetteer.refreshed_once():
        work = _Work(found, provenance, is_named=bool(only), audience=audience)
        for place, subject in enumerate(wanted):
            share = READING_SHARE + (1 - READING_SHARE) * place / len(wanted)
            watch(share, f"Storing {subject}")
            before = work.changed
            left_alone = verbs[subject](work)
            is_changed = work.changed > before
            stored.append(Stored(subject, found.tallies[subject], left_alone, is_changed))
    watch(1.0, "Done")
    return stored


@dataclass
class _Work:
    """What every subject is stored from."""

    found: Extract
    provenance: Provenance
    is_named: bool
    audience: str
    changed: int = 0
    """How many imports were recorded."""

    def other_source(self, rows: "QuerySet[Any]") -> str:
        """Return the name of another source that has brought rows and keeps them."""
        if self.is_named:
            return ""
        others = rows.exclude(source__name=self.provenance.name).exclude(source=None)
        return others.values_list("source__name", flat=True).first() or ""

    @contextmanager
    def recorded(self, subject: str, rows: int) -> Iterator[Import | None]:
        """Yield what an import is recorded as; None when the last of this file was the same."""
        undo.lock(subject)
        recipe = {
            "edition": EDITION,
            "provenance": asdict(self.provenance),
            "audience": self.audience,
        }
        last = undo.last_of(subject)
        said = (self.found.digest, recipe)
        if last and not last.undone_at and (last.digest, last.recipe) == said:
            yield None
            return
        imported = Import.objects.create(
            subject=subject,
            file_name=self.found.file_name,
            digest=self.found.digest,
            recipe=recipe,
            source=self.provenance.name,
            licence=self.provenance.licence,
            attribution=self.provenance.attribution,
            counts={"rows": rows, "accepted": rows, "left_out": 0},
        )
        yield imported
        imported.save()
        undo.forget_older(subject, imported)
        self.changed += 1


def _remove(rows: "QuerySet[Any]", source: Source, imported: Import) -> None:
    """Remove what this source brought before and does not bring now."""
    record = Record(imported)
    with record.changes(rows.model, source_id=source.pk):
        keys = rows.filter(source=source).values_list("pk", flat=True)
        record.remove(rows.model, list(keys))


def _streets(work: _Work) -> LeftAlone:
    spool = work.found.spools["streets"]
    if other := work.other_source(StreetSegment.objects.all()):
        return {"streets": (spool.rows, other)}
    with work.recorded(f"streets:{work.provenance.name}", spool.rows) as imported:
        if imported and spool.rows:
            load.load_streets(spool.frames(), work.provenance, Record(imported))
        elif imported:
            _remove(StreetSegment.objects.all(), work.provenance.store(), imported)
    return {}


def _areas(work: _Work) -> LeftAlone:
    left_alone: LeftAlone = {}
    counts = work.found.kinds["areas"]
    for slug in sorted({*counts, *_kinds_of(work, Area)}):
        rows = Area.objects.filter(kind=slug)
        if other := work.other_source(rows):
            left_alone[slug] = counts[slug], other
            continue
        with work.recorded(f"areas:{slug}", counts[slug]) as imported:
            if imported and counts[slug]:
                kind = AreaKind.objects.filter(slug=slug).first() or _new_kind(slug)
                frame = _of_kind(work.found.spools["areas"], slug)
                load.load_areas(frame, kind, work.provenance, Record(imported))
            elif imported:
                _remove(rows, work.provenance.store(), imported)
    return left_alone


def _new_kind(slug: str) -> AreaKind:
    """Return the kind of an administrative level that the city has given no name."""
    level = slug.removeprefix("admin-")
    return AreaKind(
        slug=slug,
        title=f"Administrative area, level {level}",
        title_plural=f"Administrative areas, level {level}",
    )


def _addresses(work: _Work) -> LeftAlone:
    spool = work.found.spools["addresses"]
    if other := work.other_source(Address.objects.all()):
        return {"addresses": (spool.rows, other)}
    with work.recorded(f"addresses:{work.provenance.name}", spool.rows) as imported:
        if imported and spool.rows:
            load.load_addresses(spool.frames(), work.provenance, Record(imported))
        elif imported:
            _remove(Address.objects.all(), work.provenance.store(), imported)
    return {}


def _points(work: _Work) -> LeftAlone:
    spool = work.found.spools["points"]
    new = NewDataset(
        slug=POINTS_SLUG,
        title="Points of interest",
        origin=Dataset.Origin.IMPORTED,
        columns=(
            Column("code", "Code", "string"),
            Column("class", "Class", "string"),
            Column("kind", "Kind", "string"),
            Column("name", "Name", "string"),
        ),
        geometry_type="point",
        style={"kind": "point"},
        audience=work.audience,
        licence=work.provenance.licence,
        attribution=work.provenance.attribution,
        expected=spool.rows,
    )
    with work.recorded(f"layer:{POINTS_SLUG}", spool.rows) as imported:
        if imported:
            imported.before = undo.row_of(POINTS_SLUG)
            datasets.replace(new, spool.frames())
    return {}


def _assets(work: _Work) -> LeftAlone:
    left_alone: LeftAlone = {}
    counts = work.found.kinds["assets"]
    kinds = {kind.slug: kind for kind in meaning.ASSETS}
    for slug in sorted({*counts, *_kinds_of(work, Asset)}):
        rows = Asset.objects.filter(kind=slug)
        if other := work.other_source(rows):
            left_alone[slug] = counts[slug], other
            continue
        with work.recorded(f"assets:{slug}", counts[slug]) as imported:
            if imported and counts[slug]:
                kind = AssetKind.objects.filter(slug=slug).first() or AssetKind(
                    slug=slug, title=kinds[slug].title, title_plural=kinds[slug].title_plural
                )
                frame = _of_kind(work.found.spools["assets"], slug)
                load.load_assets(frame, kind, work.provenance, Record(imported))
            elif imported:
                _remove(rows, work.provenance.store(), imported)
    return left_alone


def _kinds_of(work: _Work, model: type[Area] | type[Asset]) -> list[str]:
    """Return the kinds that this source has brought before."""
    brought = model.objects.filter(source__name=work.provenance.name)
    return list(brought.order_by().values_list("kind", flat=True).distinct())


def _of_kind(spool: Spool, kind: str) -> gpd.GeoDataFrame:
    """Return the rows of one kind."""
    return pd.concat(list(spool.frames(kind)), ignore_index=True)
