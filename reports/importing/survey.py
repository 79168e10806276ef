"""What files of reports hold, before anybody says what it means: columns, values, points."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reports.importing.source import Reading, batches

FIRST_ROWS = 5
MOST_VALUES = 300
MOST_POINTS = 8
SUSPICIOUS_SHARE = 0.01
"""A point that as many of the rows stand at is probably no place, but the lack of one."""


@dataclass(frozen=True)
class Asked:
    """The columns whose values are to be counted; empty: none."""

    category: str = ""
    state: str = ""
    longitude: str = ""
    latitude: str = ""


@dataclass
class Survey:
    """What the files hold."""

    columns: list[str] = field(default_factory=list)
    rows: int = 0
    first: list[dict[str, str]] = field(default_factory=list)
    categories: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    points: Counter[tuple[str, str]] = field(default_factory=Counter)

    def repeated_points(self) -> list[tuple[tuple[str, str], int]]:
        """Return the points that most rows stand at, and how many."""
        return [(point, n) for point, n in self.points.most_common(MOST_POINTS) if n > 1]

    def is_suspicious(self, count: int) -> bool:
        """Tell whether so many rows at one point hint at a stand-in for “unknown”."""
        return count >= max(10, SUSPICIOUS_SHARE * self.rows)


def survey(files: Sequence[Path], reading: Reading, asked: Asked) -> Survey:
    """Read files from the first row to the last and count what was asked.

    Raises
    ------
    InvalidInput
        When one of them cannot be read.
    """
    found = Survey()
    for path in files:
        for batch in batches(path, None, reading, lambda _read: None):
            found.columns += [name for name in batch.cells if name not in found.columns]
            found.rows += len(batch.rows)
            cells = {name: values.to_pylist() for name, values in batch.cells.items()}
            if len(found.first) < FIRST_ROWS:
                rows = zip(*cells.values(), strict=True)
                found.first += [
                    dict(zip(cells, row, strict=True))
                    for row, _ in zip(rows, range(FIRST_ROWS), strict=False)
                ]
            found.categories.update(cells.get(asked.category, ()))
            found.states.update(cells.get(asked.state, ()))
            if asked.longitude in cells and asked.latitude in cells:
                pairs = zip(cells[asked.longitude], cells[asked.latitude], strict=True)
                found.points.update((lon, lat) for lon, lat in pairs if lon and lat)
    found.first = found.first[:FIRST_ROWS]
    return found
