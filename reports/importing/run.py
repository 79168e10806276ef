"""Brings a source's files in through the one door, all or nothing, and accounts for every row."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from layers.errors import InvalidInput
from layers.models import Area
from layers.queries import area_kind
from reports.importing.mapping import AreaNames, ReportMapping
from reports.importing.rows import AreaKeys, Row, Unfit, as_report
from reports.importing.source import rows_of
from reports.intake import Outcome, submit_many
from reports.models import Category
from reports.statistics import refresh_statistics
from reports.submission import NewReport

BATCH = 2000
CHANGED = "its key came before with other content"


@dataclass(frozen=True)
class Rejected:
    """A row that is no report. `row` counts as a spreadsheet does: the header is row 1."""

    file: str
    row: int
    key: str
    reason: str


@dataclass
class Summary:
    """What became of the rows; accepted, repeated, rejected and not mapped add up to those read."""

    read: int = 0
    accepted: int = 0
    not_located: int = 0
    """Of those accepted: without a place."""
    repeated: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    not_mapped: Counter[str] = field(default_factory=Counter)
    """Values of the category column that the mapping leaves out, with their rows."""
    unknown_areas: Counter[str] = field(default_factory=Counter)
    """Names of areas, at accepted rows without a place, that no area has."""

    def reasons(self) -> Counter[str]:
        """Return how many rows were rejected for each reason."""
        return Counter(row.reason for row in self.rejected)


@dataclass(frozen=True)
class _Candidate:
    file: str
    row: int
    report: NewReport
    unknown_area: str


def import_reports(
    files: Sequence[Path],
    mapping: ReportMapping,
    advance: Callable[[int], object] = lambda _read: None,
) -> Summary:
    """Bring in files of one source; a row that came before changes nothing.

    Parameters
    ----------
    files
        CSV files, plain or gzipped, each with a header.
    mapping
        What their columns and values mean.
    advance
        Is told how many bytes of the files were read since it was last called.

    Raises
    ------
    InvalidInput
        When a file cannot be read or does not fit the mapping, or the mapping names a category
        or an area that there is not; then nothing is stored.
    """
    _check_categories(mapping)
    areas = _area_keys(mapping.areas) if mapping.areas else AreaKeys({})
    summary = Summary()
    waiting: list[_Candidate] = []
    with transaction.atomic():
        for candidate in _candidates(files, mapping, areas, summary, advance):
            waiting.append(candidate)
            if len(waiting) == BATCH:
                _submit(waiting, summary)
                waiting.clear()
        _submit(waiting, summary)
        refresh_statistics()
    return summary


def _check_categories(mapping: ReportMapping) -> None:
    known = set(Category.objects.values_list("code", flat=True))
    for value, code in mapping.categories.items():
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


def _candidates(
    files: Sequence[Path],
    mapping: ReportMapping,
    areas: AreaKeys,
    summary: Summary,
    advance: Callable[[int], object],
) -> Iterator[_Candidate]:
    """Yield the rows that are reports; account for the others."""
    now = timezone.now()
    for path in files:
        for number, row in rows_of(path, mapping.columns(), mapping.encoding, advance):
            summary.read += 1
            if row and (value := row[mapping.category_column]) not in mapping.categories:
                summary.not_mapped[value] += 1
                continue
            try:
                report = as_report(row, mapping, areas, now)
            except Unfit as unfit:
                key = row[mapping.key] if row else ""
                summary.rejected.append(Rejected(path.name, number, key, str(unfit)))
            else:
                unknown = _unknown_area(row or {}, report, mapping.areas, areas)
                yield _Candidate(path.name, number, report, unknown)


def _unknown_area(row: Row, report: NewReport, names: AreaNames | None, areas: AreaKeys) -> str:
    """Return the name of an area that a row without a place counts on in vain."""
    if names is None or report.point:
        return ""
    name = row[names.column]
    return "" if name in areas.by_name else name


def _submit(waiting: Sequence[_Candidate], summary: Summary) -> None:
    answers = submit_many([candidate.report for candidate in waiting])
    for candidate, answer in zip(waiting, answers, strict=True):
        report = candidate.report
        match answer.outcome:
            case Outcome.ACCEPTED:
                summary.accepted += 1
                summary.not_located += report.point is None
                if candidate.unknown_area:
                    summary.unknown_areas[candidate.unknown_area] += 1
            case Outcome.REPEATED:
                summary.repeated += 1
            case Outcome.CONFLICT:
                summary.rejected.append(
                    Rejected(candidate.file, candidate.row, report.source_key, CHANGED)
                )
