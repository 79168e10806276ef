"""The sources: a file each, in the folder that ``CIVICGRID_SYNC`` names, and when each is due."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from layers import toml
from layers.errors import CivicError, InvalidInput, NotFound
from layers.sync import kinds
from layers.sync.kinds import Bringer
from layers.sync.models import SyncRun

EVERY = re.compile(r"(\d{1,4}) (minute|hour|day)s?")
SHORTEST = timedelta(minutes=5)
AGAIN = timedelta(minutes=15)
"""After a run that failed, the next one is not put off for longer than this."""
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")


@dataclass(frozen=True)
class Source:
    """One source: what it is called (its file's name), how often it is asked, and how."""

    name: str
    title: str
    kind: str
    every: timedelta | None
    """None: only by hand."""
    every_text: str
    """As the file says it, such as ``6 hours``."""
    bringer: Bringer


@dataclass(frozen=True)
class Broken:
    """A file of a source that cannot be understood, and why."""

    name: str
    error: str


def folder() -> Path | None:
    """Return the folder of the sources, or None where the city has none."""
    return Path(settings.SYNC_FOLDER) if settings.SYNC_FOLDER else None


def names() -> list[str]:
    """Return the names of the sources that have a file.

    Raises
    ------
    InvalidInput
        When the folder that is named is none.
    """
    where = folder()
    if where is None:
        return []
    if not where.is_dir():
        message = f"CIVICGRID_SYNC names {where}, which is no folder. Make it, or name another."
        raise InvalidInput(message, field="CIVICGRID_SYNC")
    return sorted(path.stem for path in where.glob("*.toml"))


def source(name: str) -> Source:
    """Return a source.

    Raises
    ------
    NotFound
        When it has no file; names those that have.
    InvalidInput
        When its file is not understood.
    """
    where = folder()
    if where is None:
        message = (
            "No folder of sources is named. Set CIVICGRID_SYNC to one with a file for each "
            "source; docs/staying-fresh.md shows some."
        )
        raise NotFound(message)
    if name not in (known := names()):
        message = f"There is no source {name!r}. There are: {', '.join(known) or 'none'}."
        raise NotFound(message)
    return _read(where / f"{name}.toml")


def sources() -> list[Source | Broken]:
    """Return every source, and the files that are not understood."""
    found: list[Source | Broken] = []
    for name in names():
        try:
            found.append(source(name))
        except CivicError as error:
            found.append(Broken(name, error.message))
    return found


def _read(path: Path) -> Source:
    table = toml.read(path, "the source")
    if not NAME.fullmatch(path.stem):
        raise table.wrong("needs a file name of small letters, digits, - and _ alone")
    kind = table.choice("kind", kinds.names())
    title = table.text("title", path.stem)
    every_text = table.text("every", "1 day")
    every = _every(table, every_text)
    bringer = kinds.reader_of(kind)(table, path.parent)
    table.end()
    return Source(path.stem, title, kind, every, every_text, bringer)


def _every(table: toml.Table, text: str) -> timedelta | None:
    if text == "never":
        return None
    match = EVERY.fullmatch(text)
    every = timedelta(**{f"{match[2]}s": int(match[1])}) if match else timedelta()
    if every < SHORTEST:
        raise table.wrong(
            f"has every = {text!r}; give 5 minutes or more, such as 15 minutes, 6 hours or 1 day, "
            "or never"
        )
    return every


def due(at: datetime, among: Iterable[Source]) -> list[Source]:
    """Return the sources whose last run began long enough before `at`."""
    return [each for each in among if (when := next_run(each)) is not None and when <= at]


def next_run(source: Source) -> datetime | None:
    """Return when a source is due next: long ago if it never ran; None if only by hand.

    What waits or is under way is due when it has ended.
    """
    if source.every is None:
        return None
    last = last_run(source.name)
    if last is None:
        return datetime.min.replace(tzinfo=UTC)
    if last.is_under_way():
        return None
    began = last.started_at or last.asked_at
    wait = source.every if last.state == SyncRun.State.SUCCEEDED else min(source.every, AGAIN)
    return began + wait


def last_run(name: str) -> SyncRun | None:
    """Return the newest run of a source."""
    return SyncRun.objects.filter(source=name).order_by("-id").first()
