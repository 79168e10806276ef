"""The kinds of sources that there are; each app declares its own in ``sync_kinds.py``."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from layers.jobs import Progress
from layers.sync.client import Client
from layers.sync.spool import Spool
from layers.toml import Table

MOST_NOTES = 50


@dataclass(frozen=True)
class Work:
    """What one run of a source is given."""

    name: str
    client: Client
    spool: Spool
    memory: Mapping[str, Any]
    """What the last run that succeeded kept for this one; empty at the first."""
    progress: Progress
    still_wanted: Callable[[], None]
    """Called in the transaction that keeps what came; raises where it shall not be kept."""
    from_the_start: bool = False
    """Whether to bring all that the source has, not only what is recent."""


@dataclass
class Outcome:
    """What a run brought. Of what came, each is added, changed, unchanged or left out."""

    came: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    left_out: int = 0
    vanished: int = 0
    """Here before and no more in the source; nothing is removed of reports and files."""
    notes: list[str] = field(default_factory=list)
    """What a person should know, a sentence each."""
    memory: dict[str, Any] = field(default_factory=dict)

    def count(self, counts: Counter[str], heading: str) -> None:
        """Note how often each of some values came, the most frequent first."""
        if counts:
            self.notes.append(f"{heading}:")
            self.notes += [
                f"  {n:,} {value or '(empty)'}" for value, n in counts.most_common(MOST_NOTES)
            ]
            if (more := len(counts) - MOST_NOTES) > 0:
                self.notes.append(f"  and {more:,} more")


class Bringer(Protocol):
    """A source, understood: it brings what is new."""

    def bring(self, work: Work) -> Outcome:
        """Bring it, all or nothing."""


Reader = Callable[[Table, Path], Bringer]
"""Makes a source of the tables that its kind has in the file, in this folder."""

_kinds: dict[str, Reader] = {}


def register(name: str, reader: Reader) -> None:
    """Add a kind of source."""
    _kinds[name] = reader


def names() -> list[str]:
    """Return the kinds that there are."""
    return sorted(_kinds)


def reader_of(name: str) -> Reader:
    """Return what reads sources of a kind that there is."""
    return _kinds[name]
