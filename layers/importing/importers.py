"""Brings a file in: read, judged, stored, recorded; all of it or nothing.

Commands, the page's job and the schedule call these verbs. The same file brought in the same way
again changes nothing, and says so.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast

import geopandas as gpd
import pandas as pd
from django.db import transaction
from django.db.models import CharField, Model

from layers import datasets
from layers.datasets import SQL_GEOMETRIES, Column, NewDataset, Watch, unwatched
from layers.errors import InvalidInput
from layers.importing import load, undo
from layers.importing.findings import Code, Finding
from layers.importing.inspection import Inspection, families_of, is_far, survey
from layers.importing.load import Loaded, Provenance
from layers.importing.models import Import
from layers.importing.naming import columns_of
from layers.importing.opening import Source, opened, parts_of
from layers.importing.reading import Options, batches, check_columns
from layers.importing.undo import Record
from layers.models import AssetKind, Dataset
from layers.queries import area_kind, city, city_bounds

EDITION = 1
"""Raised when what an import makes of the same file changes, so that it is brought in again."""
SURVEY_SHARE = 0.3
LEFT_OUT_KEPT = 1_000


@dataclass(frozen=True)
class AreasTarget:
    """Areas of one kind, by the file's columns `name` and `code`; both may be missing."""

    kind: str
    name: str = ""
    code: str = ""

    @property
    def subject(self) -> str:
        """Return the name under which the import is recorded and undone."""
        return f"areas:{self.kind}"


@dataclass(frozen=True)
class StreetsTarget:
    """Street segments of a source; `columns` has our names (`load.STREET_COLUMNS`), and theirs."""

    source: str
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """Return the name under which the import is recorded and undone."""
        return f"streets:{self.source}"


@dataclass(frozen=True)
class AddressesTarget:
    """Addresses of a source; `columns` has ``street_name``, ``number``, ``residents``, ``code``."""

    source: str
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """Return the name under which the import is recorded and undone."""
        return f"addresses:{self.source}"


@dataclass(frozen=True)
class AssetsTarget:
    """Things of one kind that the city looks after; `title` and plural name a kind that is new."""

    kind: str
    name: str = ""
    code: str = ""
    title: str = ""
    title_plural: str = ""

    @property
    def subject(self) -> str:
        """Return the name under which the import is recorded and undone."""
        return f"assets:{self.kind}"


@dataclass(frozen=True)
class LayerTarget:
    """A layer of its own, which any file can become."""

    slug: str
    title: str
    description: str = ""
    audience: str = Dataset.Audience.PLANNERS
    geometry_type: str = ""
    """point, line or polygon; empty: what most rows are."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Names for some of the file's columns: ours, and theirs."""

    @property
    def subject(self) -> str:
        """Return the name under which the import is recorded and undone."""
        return f"layer:{self.slug}"


Target = AreasTarget | StreetsTarget | AddressesTarget | AssetsTarget | LayerTarget


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
class _Work:
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

    def store(work: _Work) -> Loaded:
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

    return _bring_in(path, target, options, provenance, owner_id, watch, store)


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

    def store(work: _Work) -> Loaded:
        kind = area_kind(target.kind)
        columns = {"name": target.name or target.code, "code": target.code or target.name}
        frame = work.whole(columns)
        if not columns["name"]:
            numbers = [str(row + 1) for row in frame.index]
            titles = [kind.title] if len(frame) == 1 else [f"{kind.title} {n}" for n in numbers]
            frame = frame.assign(name=titles, code=numbers)
        return load.load_areas(frame, kind, provenance, work.record)

    return _bring_in(path, target, options, provenance, owner_id, watch, store)


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

    def store(work: _Work) -> Loaded:
        frame = work.whole(target.columns)
        return load.load_streets(_flagged(frame), provenance, record=work.record)

    return _bring_in(path, target, options, provenance, owner_id, watch, store)


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

    def store(work: _Work) -> Loaded:
        return load.load_addresses(work.whole(target.columns), provenance, work.record)

    return _bring_in(path, target, options, provenance, owner_id, watch, store)


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

    def store(work: _Work) -> Loaded:
        title = target.title or target.kind.replace("-", " ").capitalize()
        kind = AssetKind.objects.filter(slug=target.kind).first() or AssetKind(
            slug=target.kind, title=title, title_plural=target.title_plural or f"{title}s"
        )
        frame = work.whole({"code": target.code, "name": target.name})
        return load.load_assets(frame, kind, provenance, work.record)

    return _bring_in(path, target, options, provenance, owner_id, watch, store)


def _bring_in(
    path: Path,
    target: Target,
    options: Options,
    provenance: Provenance,
    owner_id: int | None,
    watch: Watch,
    store: Callable[[_Work], Loaded],
) -> Imported:
    """Do what all imports do around storing: open, compare with the last, look over, record."""
    subject = target.subject
    _check(target, provenance)
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
        loaded = store(_Work(source, options, seen, provenance, imported, watch))
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


def _check(target: Target, provenance: Provenance) -> None:
    """Refuse names and terms that cannot be kept."""
    if isinstance(target, LayerTarget):
        _check_name("slug", target.slug, Dataset)
        _check_text("title", target.title, Dataset)
    if isinstance(target, AssetsTarget):
        _check_name("kind", target.kind, AssetKind)
        _check_text("title", target.title, AssetKind)
        _check_text("title_plural", target.title_plural, AssetKind)
    _check_text("source", provenance.name, Import)
    _check_text("subject", target.subject, Import)
    _check_text("licence", provenance.licence, Import)
    _check_text("attribution", provenance.attribution, Import)


A_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


def _check_name(field: str, name: str, model: type[Model]) -> None:
    if not A_NAME.fullmatch(name):
        message = (
            f"The {field} {name[:40]!r} is no name: give small letters, digits and hyphens, such "
            "as flood-plain."
        )
        raise InvalidInput(message, field=field)
    _check_text("slug", name, model, field)


def _check_text(column: str, text: str, model: type[Model], field: str = "") -> None:
    found = model._meta.get_field(column)  # noqa: SLF001 - a public interface
    most = cast("CharField[str, str]", found).max_length or 0
    if len(text) > most:
        message = (
            f"The {field or column} {text[:40]!r}… has {len(text):,} characters; at most {most} "
            "can be kept. Shorten it."
        )
        raise InvalidInput(message, field=field or column)


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


def _check_width(work: _Work, columns: list[Column]) -> None:
    texts = sum(column.type == "string" for column in columns)
    others = len(columns) - texts
    if texts * TEXT_BYTES + others * OTHER_BYTES + len(columns) // BITS > MOST_ROW_BYTES:
        message = (
            f"{work.source.name} has {len(columns):,} columns, more than a table can hold (about "
            f"{MOST_ROW_BYTES // TEXT_BYTES} texts, or {MOST_ROW_BYTES // OTHER_BYTES:,} numbers). "
            "Leave out those that are not needed."
        )
        raise InvalidInput(message, field="columns")


def _columns(work: _Work, target: LayerTarget) -> tuple[list[Column], dict[str, str]]:
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


TRUE_WORDS = frozenset({"1", "true", "t", "yes", "y", "j", "ja", "si", "-1", "reversible"})


def _flagged(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return streets whose yes and no are truth values, as files write them in many ways."""
    flags = {
        column: [str(value).strip().casefold() in TRUE_WORDS for value in frame[column]]
        for column in ("is_bridge", "is_tunnel", "is_oneway")
        if column in frame
    }
    return frame.assign(**flags) if flags else frame
