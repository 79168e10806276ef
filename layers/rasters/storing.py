"""Keeps rasters: a row and its file, which never disagree.

A file is written beside the others under a name that nothing knows yet, and brought to the disk,
before its row turns to it in one statement. A file that no row names any more goes when that is
committed; one that a crash has left, with a later import.
"""

import hashlib
import os
import secrets
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from django.conf import settings
from django.contrib.gis.geos import Polygon
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import connection, transaction
from django.db.models import QuerySet

from layers.datasets import Watch, unwatched
from layers.errors import InvalidInput, NotFound
from layers.importing import undo
from layers.importing.load import Provenance
from layers.importing.models import Import
from layers.models import Dataset, Raster
from layers.rasters import cog
from layers.rasters.inspecting import Seen, inspect

FOLDER = "rasters"
LEFT_AFTER_S = 24 * 3600
"""A file that no row names, and that is older, was left by a crash, not by an import at work."""
MOST_SLUG = 80
SUBJECT = "raster"
EDITION = 1
"""Raised when what an import makes of the same file changes, so that it is brought in again."""
KEPT = (
    "title",
    "file_name",
    "file_bytes",
    "digest",
    "srid",
    "width",
    "height",
    "dtype",
    "nodata",
    "bands",
    "licence",
    "attribution",
    "audience",
    "owner_id",
)


@dataclass(frozen=True)
class NewRaster:
    """What describes a raster before it is stored."""

    slug: str
    title: str
    audience: str = Dataset.Audience.PLANNERS
    nodata: float | None = None
    """The value of cells without data, where the file does not say or lies."""


@dataclass(frozen=True)
class Stored:
    """What became of a file."""

    raster: Raster
    notes: tuple[str, ...]
    is_changed: bool = True
    """False: the same file was brought in the same way before, so nothing was done."""


def path_of(raster: Raster) -> Path:
    """Return where the file of a raster lies."""
    return _folder() / raster.file_name


def import_raster(
    path: Path,
    new: NewRaster,
    provenance: Provenance,
    *,
    owner_id: int | None = None,
    watch: Watch = unwatched,
) -> Stored:
    """Bring in a GeoTIFF, in the place of the raster of the same slug, which can be brought back.

    Parameters
    ----------
    path
        Any GeoTIFF that says where it lies.
    new, provenance
        What it is called, who may see it, and its terms.
    watch
        Called between blocks; what it raises leaves everything as it was.

    Raises
    ------
    InvalidInput, TooLarge
        See `inspecting.inspect`.
    """
    _check_slug(new.slug)
    watch(0.0, "Looking it over")
    seen = inspect(path, new.nodata)
    imported = Import(
        subject=f"{SUBJECT}:{new.slug}",
        file_name=path.name,
        digest=seen.digest,
        recipe={"edition": EDITION, "target": asdict(new), "provenance": asdict(provenance)},
        source=provenance.name,
        licence=provenance.licence,
        attribution=provenance.attribution,
        counts={"rows": seen.bands, "accepted": seen.bands, "left_out": 0},
        by_id=owner_id,
    )
    if _is_there(imported):
        return Stored(raster_of(new.slug), seen.notes, is_changed=False)
    tidy()
    file, bands = _written(path, seen, watch)
    try:
        raster = _turn(new, seen, file, bands, imported)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return Stored(raster, seen.notes)


def bring_back(last: Import) -> None:
    """Bring back the raster that an import replaced; remove the one that was new.

    Raises
    ------
    NotFound
        When the raster is gone.
    """
    row = raster_of(last.subject.partition(":")[2])
    _unlink_later(row.file_name)
    if last.before is None:
        row.delete()
        return
    row.bounds = Polygon.from_bbox(last.before["bounds"])
    for name in KEPT:
        setattr(row, name, last.before[name])
    row.save()


def raster_of(slug: str) -> Raster:
    """Return a raster.

    Raises
    ------
    NotFound
        When there is none of this slug; lists those that there are.
    """
    if row := Raster.objects.filter(slug=slug).first():
        return row
    known = ", ".join(Raster.objects.order_by("slug").values_list("slug", flat=True))
    message = f"There is no raster {slug!r}. There are: {known or 'none yet'}."
    raise NotFound(message)


def tidy() -> None:
    """Remove files of this database that a crash has left: no row names them, and they are old."""
    named = set(Raster.objects.values_list("file_name", flat=True))
    named |= _kept_files(Import.objects.filter(subject__startswith=f"{SUBJECT}:"))
    for file in _folder().glob(f"{_mark()}-*"):
        if file.name not in named and time.time() - file.stat().st_mtime > LEFT_AFTER_S:
            file.unlink(missing_ok=True)


def _check_slug(slug: str) -> None:
    try:
        validate_slug(slug)
    except ValidationError as error:
        message = f"The name {slug!r} may hold letters, digits, - and _ alone. Choose another."
        raise InvalidInput(message, field="slug") from error
    if len(slug) > MOST_SLUG:
        message = f"The name {slug[:20]!r}… is longer than {MOST_SLUG} characters. Shorten it."
        raise InvalidInput(message, field="slug")


def _is_there(imported: Import) -> bool:
    """Tell whether the last import of the same subject was of the same file, in the same way."""
    last = undo.last_of(imported.subject)
    if last is None or last.undone_at:
        return False
    return (last.digest, last.recipe) == (imported.digest, imported.recipe)


def _kept_files(imports: QuerySet[Import]) -> set[str]:
    """Return the files that imports keep to bring them back."""
    kept = imports.filter(undone_at=None, before__isnull=False)
    return set(kept.values_list("before__file_name", flat=True))


def _text(nodata: float | None) -> str:
    """Return a value as text that reads back as the same value; nothing for none."""
    return "" if nodata is None else repr(nodata)


def _folder() -> Path:
    folder = Path(settings.STATE_DIR) / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _mark() -> str:
    """Return how the files of this database begin: others may share the folder."""
    own = connection.settings_dict
    told = f"{own['HOST']}:{own['PORT']}/{own['NAME']}"
    return hashlib.blake2b(told.encode(), digest_size=4).hexdigest()


def _written(path: Path, seen: Seen, watch: Watch) -> tuple[Path, list[cog.Band]]:
    """Write the file, down to the disk; what goes wrong leaves none."""
    target = _folder() / f"{_mark()}-{secrets.token_hex(8)}.tif"
    try:
        bands = cog.write(path, target, seen, watch)
        for place in (target, target.parent):
            handle = os.open(place, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return target, bands


def _turn(
    new: NewRaster, seen: Seen, file: Path, bands: list[cog.Band], imported: Import
) -> Raster:
    """Let the row of a raster name the new file; keep what it named before."""
    with transaction.atomic():
        undo.lock(imported.subject)
        row = Raster.objects.filter(slug=new.slug).first() or Raster(slug=new.slug)
        older = Import.objects.filter(subject=imported.subject)
        _unlink_later(*_kept_files(older))
        older.update(before=None)
        if row.pk:
            imported.before = {name: getattr(row, name) for name in KEPT}
            imported.before["bounds"] = row.bounds.extent
        imported.findings = [{"message": note} for note in seen.notes]
        imported.save()
        row.title, row.audience, row.owner_id = new.title, new.audience, imported.by_id
        row.licence, row.attribution = imported.licence, imported.attribution
        row.file_name, row.file_bytes = file.name, file.stat().st_size
        row.digest, row.srid, row.bounds = seen.digest, seen.srid, Polygon.from_bbox(seen.bounds)
        row.width, row.height, row.dtype = seen.width, seen.height, seen.dtype
        row.nodata, row.bands = _text(seen.nodata), [asdict(band) for band in bands]
        row.save()
    return row


def _unlink_later(*names: str) -> None:
    """Remove files once nothing can bring them back."""
    folder = _folder()
    for name in names:
        transaction.on_commit(partial((folder / name).unlink, missing_ok=True))
