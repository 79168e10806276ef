"""Brings a source's files in through the one door, all or nothing, and accounts for every row."""

from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from django.db import IntegrityError, connection
from django.utils import timezone

from layers import jobs
from layers.access import ANONYMOUS, Viewer, acting_as
from layers.errors import Conflict, InvalidInput
from layers.models import Area
from layers.queries import area_kind
from reports import bulk
from reports.columns import Columns
from reports.importing.beside import Prepare, preparing
from reports.importing.keys import Seen, contents_of, with_ordinals
from reports.importing.mapping import AreaNames, ReportMapping
from reports.importing.rows import AreaKeys, Converted, converted, joined, taken
from reports.importing.source import BATCH, Reading, batches
from reports.intake import Outcome
from reports.models import Category
from reports.statistics import refresh_statistics

OTHERWISE = "its key came before in these files with other content"
AHEAD = 2
"""Batches that are read, and batches that are prepared, while an earlier one is stored."""
STEP = "Reading reports"


@dataclass(frozen=True)
class Rejected:
    """A row that is no report. `row` counts as a spreadsheet does: the header is row 1."""

    file: str
    row: int
    key: str
    reason: str


@dataclass
class Summary:
    """What became of the rows.

    Accepted, repeated, updated, rejected and not mapped add up to those read.
    """

    read: int = 0
    accepted: int = 0
    not_located: int = 0
    """Of those accepted: without a place."""
    repeated: int = 0
    updated: int = 0
    """Came before with other content; their reports were brought into step."""
    rejected: list[Rejected] = field(default_factory=list)
    not_mapped: Counter[str] = field(default_factory=Counter)
    """Values of the category column that the mapping leaves out, with their rows."""
    defaulted: Counter[str] = field(default_factory=Counter)
    """Values of the category column that came under the mapping's default, with their rows."""
    unknown_areas: Counter[str] = field(default_factory=Counter)
    """Names of areas, at accepted rows without a place, that no area has."""

    def reasons(self) -> Counter[str]:
        """Return how many rows were rejected for each reason."""
        return Counter(row.reason for row in self.rejected)


def import_reports(
    files: Sequence[Path],
    mapping: ReportMapping,
    watch: jobs.Progress = jobs.ignore,
    viewer: Viewer = ANONYMOUS,
) -> Summary:
    """Bring in files of one source; what came before is brought into step with them.

    All of it is one transaction: an import that fails, is cancelled or killed leaves nothing, and
    the same files again give what they would have given.

    Parameters
    ----------
    files
        As `source.batches` reads them; one after another.
    mapping
        What their columns and values mean.
    watch
        Is told the share of the bytes that were read, and what is done; cancels by raising.
    viewer
        On whose behalf.

    Raises
    ------
    InvalidInput
        When a file cannot be read or does not fit the mapping, or the mapping names a category
        or an area that there is not; then nothing is stored.
    """
    _check_categories(mapping)
    areas = _area_keys(mapping.areas) if mapping.areas else AreaKeys({})
    summary = Summary()
    sorting = _Sorting(mapping, summary)
    reading = _sorted(_converted(files, mapping, areas), sorting)
    with acting_as(viewer), preparing(viewer) as prepare, _ahead(reading) as ready:
        keeping = _Keeping(summary, prepare)
        for share, part in ready:
            watch(share, STEP)
            keeping.take(part)
        keeping.finish()
        refresh_statistics()
    summary.repeated += sorting.repeats
    return summary


def _check_categories(mapping: ReportMapping) -> None:
    known = set(Category.objects.values_list("code", flat=True))
    for code, value in mapping.category.codes().items():
        if code not in known:
            message = f"The mapping puts {value!r} into the category {code!r}, which there is not."
            raise InvalidInput(message, field="mapping")


def _area_keys(names: AreaNames) -> AreaKeys:
    kind = area_kind(names.kind)
    keys: dict[str, tuple[int, ...]] = {}
    for key, name in Area.objects.filter(kind=kind).order_by("id").values_list("id", "name"):
        keys[name] = (*keys.get(name, ()), key)
    aliases = {}
    for alias, targets in names.aliases.items():
        for target in targets:
            if target not in keys:
                message = (
                    f"The mapping says that {alias!r} is {target!r}, but there is no "
                    f"{kind.title.lower()} of that name. Import the {kind.title_plural.lower()} "
                    "first, or change the mapping."
                )
                raise InvalidInput(message, field="mapping")
        aliases[alias] = tuple(key for target in targets for key in keys[target])
    return AreaKeys(keys | aliases)


# ---- reading, ahead of the database ----

Ready = tuple[float, Converted]


def _converted(files: Sequence[Path], mapping: ReportMapping, areas: AreaKeys) -> Generator[Ready]:
    """Yield batches of rows as reports, with the share of all bytes that were read before."""
    now = timezone.now()
    reading = Reading(mapping.encoding, mapping.delimiter, mapping.has_header)
    size = sum(path.stat().st_size for path in files if path.is_file()) or 1
    done = 0

    def advance(read: int) -> None:
        nonlocal done
        done += read

    for path in files:
        for batch in batches(path, mapping.columns(), reading, advance):
            yield min(done / size, 1.0), converted(batch, mapping, areas, now)


@dataclass(frozen=True)
class _Part:
    """The reports of one batch of rows."""

    columns: Columns
    unknown_area: npt.NDArray[np.object_]
    defaulted: npt.NDArray[np.object_]


def _together(parts: Sequence[_Part]) -> _Part:
    return _Part(
        joined([part.columns for part in parts]),
        np.concatenate([part.unknown_area for part in parts]),
        np.concatenate([part.defaulted for part in parts]),
    )


class _Sorting:
    """Tells reports from rows that are none. It works where files are read, in a thread beside."""

    def __init__(self, mapping: ReportMapping, summary: Summary) -> None:
        self.repeats = 0
        """Rows that came before in this run, as they were."""
        self._mapping, self._summary = mapping, summary
        self._seen = Seen()

    def reports(self, read: Converted) -> _Part:
        """Account for the rows that are no reports; return the others."""
        summary = self._summary
        summary.read += len(read.batch.rows)
        is_mapped = pd.isna(read.not_mapped)
        summary.not_mapped.update(read.not_mapped[~is_mapped])
        is_fit = pd.isna(read.reasons)
        for i in np.flatnonzero(~is_fit):
            self._reject(read, int(i), read.reasons[i])
        at = np.flatnonzero(is_fit & is_mapped)
        if not read.has_own_key:
            columns = taken(read.columns, at)
            columns = replace(columns, key=with_ordinals(columns.key, self._seen))
        else:
            at = self._first_ones(read, at)
            columns = taken(read.columns, at)
        return _Part(columns, read.unknown_area[at], read.defaulted[at])

    def _reject(self, read: Converted, i: int, reason: str) -> None:
        key = read.key[i].as_py() if read.has_own_key else ""
        row = Rejected(read.batch.file, int(read.batch.rows[i]), key, reason)
        self._summary.rejected.append(row)

    def _first_ones(self, read: Converted, at: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Leave out rows whose key came before in this run: the first of them counts."""
        contents = contents_of(read.batch, self._mapping.columns())[at]
        is_repeat, is_otherwise = self._seen.repeats(read.key.take(pa.array(at)), contents)
        self.repeats += int((is_repeat & ~is_otherwise).sum())
        for i in at[is_otherwise]:
            self._reject(read, i, OTHERWISE)
        return at[~is_repeat]


Sorted = tuple[float, _Part]


def _sorted(source: Generator[Ready], sorting: _Sorting) -> Generator[Sorted]:
    with closing(source):
        for share, read in source:
            yield share, sorting.reports(read)


@contextmanager
def _ahead(source: Generator[Sorted]) -> Iterator[Iterator[Sorted]]:
    """Read in a thread of its own, which uses no connection, while the database works."""
    with closing(source), ThreadPoolExecutor(1, "reading reports") as reader:

        def ready() -> Iterator[Sorted]:
            waiting = deque(reader.submit(next, source, None) for _ in range(AHEAD))
            while (item := waiting.popleft().result()) is not None:
                waiting.append(reader.submit(next, source, None))
                yield item

        yield ready()


# ---- keeping ----


class _Keeping:
    """Brings reports in, in batches across files, and accounts for what becomes of them."""

    def __init__(self, summary: Summary, prepare: Prepare) -> None:
        self._summary, self._prepare = summary, prepare
        self._waiting: list[_Part] = []
        self._prepared: deque[tuple[_Part, Future[bulk.Prepared]]] = deque()

    def take(self, part: _Part) -> None:
        """Keep reports until there are enough to be brought in."""
        self._waiting.append(part)
        if sum(len(waiting.columns) for waiting in self._waiting) >= BATCH:
            self._submit()

    def finish(self) -> None:
        """Bring in what waits."""
        self._submit()
        while self._prepared:
            self._store()

    def _submit(self) -> None:
        """Have what waits prepared, and store what was prepared before."""
        waiting, self._waiting = self._waiting, []
        if waiting and len((part := _together(waiting)).columns):
            self._prepared.append((part, self._prepare(part.columns)))
        if len(self._prepared) > AHEAD:
            self._store()

    def _store(self) -> None:
        part, prepared = self._prepared.popleft()
        outcomes = np.array(bulk.store(prepared.result()), object)
        check_constraints()
        is_accepted = outcomes == Outcome.ACCEPTED
        summary = self._summary
        summary.accepted += int(is_accepted.sum())
        summary.repeated += int((outcomes == Outcome.REPEATED).sum())
        summary.updated += int((outcomes == Outcome.UPDATED).sum())
        summary.not_located += int((is_accepted & np.isnan(part.columns.lon)).sum())
        _count(summary.unknown_areas, part.unknown_area[is_accepted])
        _count(summary.defaulted, part.defaulted[is_accepted])


def _count(counter: Counter[str], values: npt.NDArray[np.object_]) -> None:
    counter.update(values[~pd.isna(values)])


def check_constraints() -> None:
    """Check what is deferred now: a list of a million checks would fill the memory.

    Raises
    ------
    Conflict
        When something that a batch was prepared by has gone.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError as error:
        message = "Streets, areas or masks were changed meanwhile. Bring the reports in again."
        raise Conflict(message) from error
