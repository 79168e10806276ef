"""Pages that came, kept on disk until all are here: what broke off goes on where it stopped.

A page is stored together with the cursor of the next one, by one rename.
"""

import gzip
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from layers.errors import CivicError

Record = dict[str, Any]
Cursor = dict[str, Any]
"""Where the next page begins, as its client understands it; `DONE` after the last."""

KEPT = timedelta(days=2)
"""What was begun longer ago is read anew: its pages tell of another day than those to come."""
MOST_PAGES = 20_000
RECIPE = "recipe.json"


class Incomplete(CivicError):
    """The pages that came do not make a whole; they are forgotten and read anew."""


@dataclass(frozen=True)
class Page:
    """Records that came in one answer, and where the next ones begin (None: nowhere)."""

    records: list[Record]
    then: Cursor | None


@dataclass(frozen=True)
class Spool:
    """The pages of one source, in a folder of its own."""

    folder: Path

    def begin(self, recipe: Mapping[str, Any]) -> datetime:
        """Keep the pages that the same recipe brought lately, else start with none.

        Returns when the first of them was asked for.
        """
        kept = self._recipe()
        begun = datetime.fromisoformat(kept.pop("begun")) if kept else datetime.now(UTC)
        if kept != dict(recipe) or datetime.now(UTC) - begun > KEPT:
            self.clear()
            begun = datetime.now(UTC)
            self.folder.mkdir(parents=True)
            text = json.dumps({**recipe, "begun": begun.isoformat()})
            (self.folder / RECIPE).write_text(text, encoding="utf-8")
        return begun

    def _recipe(self) -> Record:
        try:
            recipe = json.loads((self.folder / RECIPE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return recipe if isinstance(recipe, dict) and "begun" in recipe else {}

    def append(self, page: Page) -> None:
        """Store one more page.

        Raises
        ------
        Incomplete
            When there seems to be no end of them.
        """
        if (count := len(self)) >= MOST_PAGES:
            message = f"{self.folder.name} has no end after {count:,} pages."
            raise Incomplete(message, field="address")
        path = self.folder / f"{count:06}.json.gz"
        part = path.with_suffix(".part")
        with gzip.open(part, "wt", compresslevel=1, encoding="utf-8") as file:
            json.dump({"then": page.then, "records": page.records}, file)
        part.rename(path)

    def __len__(self) -> int:
        return len(self._paths())

    def last(self) -> Page | None:
        """Return the page that came last, or None before the first."""
        paths = self._paths()
        return _read(paths[-1]) if paths else None

    def pages(self) -> Iterator[list[Record]]:
        """Yield the records of every page, in the order in which they came."""
        for path in self._paths():
            yield _read(path).records

    def clear(self) -> None:
        """Forget every page."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("*.json.gz"))


def _read(path: Path) -> Page:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        stored = json.load(file)
    return Page(stored["records"], stored["then"])
