"""The course of each import of a file: opened, compared, looked over, stored, recorded.

All of it or nothing; the same file brought in the same way again changes nothing.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
from django.db import transaction

from layers.datasets import Watch
from layers.errors import InvalidInput
from layers.importing import undo
from layers.importing.findings import Code, Finding
from layers.importing.inspection import Inspection, is_far, survey
from layers.importing.load import Loaded, Provenance
from layers.importing.models import Import
from layers.importing.opening import Source, opened, parts_of
from layers.importing.reading import Options, batches, check_columns
from layers.importing.recording import Record
from layers.importing.targets import AreasTarget, Target, check
from layers.queries import city, city_bounds

EDITION = 2
"""Raised when what an import makes of the same file changes, so that it is brought in again."""
SURVEY_SHARE = 0.3


@dataclass(frozen=True)
class Imported:
    """What became of a file: its rows add up to those in and those left out."""

    subject: str
    rows: int
    accepted: int
    findings: tuple[Finding, ...] = ()
    left_out: tuple[tuple[int, str], ...] = ()
    """Row number (from 0) and the reason."""
    is_changed: bool = True
    """False: the same file was brought in the same way before, so nothing was done."""


@dataclass(frozen=True)
class Work:
    """A file under way into the database."""

    source: Source
    options: Options
    seen: Inspection
    provenance: Provenance
    imported: Import
    watch: Watch

    @property
    def record(self) -> Record:
        """Return what keeps what changes."""
        return Record(self.imported)

    def frames(self, columns: list[str] | None = None) -> Iterator[gpd.GeoDataFrame]:
        """Yield the file's rows; those far outside the city stay out where that was asked."""
        types = {f.name: f.type for f in self.seen.fields}
        ground = city_bounds()
        done = 0
        for frame in batches(
            self.source, self.options, self.seen.plan, columns, types, city().time_zone
        ):
            done += len(frame)
            self.watch(SURVEY_SHARE + 0.6 * done / max(self.seen.rows or 1, done), "Storing")
            if self.options.is_inside_only:
                yield frame[~is_far(frame.geometry.array, ground)]
            else:
                yield frame

    def whole(self, columns: Mapping[str, str]) -> gpd.GeoDataFrame:
        """Return all rows as one frame with some columns under our names, as Python's values."""
        wanted = {ours: theirs for ours, theirs in columns.items() if theirs}
        check_columns(self.source, [f.name for f in self.seen.fields], list(wanted.values()))
        frames = list(self.frames(sorted(set(wanted.values()))))
        frame = pd.concat(frames)
        named = {
            ours: frame[theirs].astype(object).where(frame[theirs].notna(), None)
            for ours, theirs in wanted.items()
        }
        return gpd.GeoDataFrame(named, geometry=frame.geometry, crs=frame.crs)


def bring_in(
    path: Path,
    target: Target,
    options: Options,
    provenance: Provenance,
    owner_id: int | None,
    watch: Watch,
    store: Callable[[Work], Loaded],
) -> Imported:
    """Do what all imports do around storing: open, compare with the last, look over, record."""
    subject = target.subject
    check(target, provenance)
    watch(0.0, "Opening")
    with opened(path, options.encoding) as source, transaction.atomic():
        undo.lock(subject)
        digest = _digest(path)
        recipe = {
            "edition": EDITION,
            "options": asdict(options),
            "target": asdict(target),
            "provenance": asdict(provenance),
        }
        last = undo.last_of(subject)
        if last and not last.undone_at and (last.digest, last.recipe) == (digest, recipe):
            return Imported(subject, last.counts["rows"], last.counts["accepted"], is_changed=False)
        seen = survey(source, options, lambda _rows: watch(0.0, "Looking it over"))
        if not seen.rows:
            message = f"{path.name} holds no rows. Check what was sent, or choose another layer."
            raise InvalidInput(message, field="file")
        seen.require_usable()
        imported = Import.objects.create(
            subject=subject,
            file_name=path.name,
            digest=digest,
            recipe=recipe,
            source=provenance.name,
            licence=provenance.licence,
            attribution=provenance.attribution,
            by_id=owner_id,
        )
        watch(SURVEY_SHARE, "Storing")
        loaded = store(Work(source, options, seen, provenance, imported, watch))
        findings = (*seen.findings, *_of_targets(target, loaded))
        imported.counts = {
            "rows": seen.rows,
            "accepted": loaded.accepted,
            "left_out": len(loaded.left_out),
        }
        imported.findings = [asdict(finding) for finding in findings]
        imported.save()
        undo.forget_older(subject, imported)
        watch(1.0, "Done")
    return Imported(subject, seen.rows or 0, loaded.accepted, findings, loaded.left_out)


def _of_targets(target: Target, loaded: Loaded) -> tuple[Finding, ...]:
    if isinstance(target, AreasTarget) and not (target.name or target.code):
        message = f"No column for the name was given: {loaded.accepted:,} areas are numbered"
        return (Finding(Code.NO_CODE, loaded.accepted, message),)
    return ()


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file and of those that belong to it."""
    digest = hashlib.sha256()
    for part in parts_of(path):
        digest.update(part.name.encode())
        with part.open("rb") as file:
            while piece := file.read(1_000_000):
                digest.update(piece)
    return digest.hexdigest()
