"""What a report's page tells of its progress: who has it, what people say, whether they still may.

Whoever looks sees no more than a report's class allows: `queries` has decided before which report
may be looked at.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from layers.statements import statement
from reports.identifiers import device_digest
from reports.masking import rule_of
from reports.models import HistoryEntry, MeToo, Report, Sensitivity, ShownReport, Verdict
from reports.queries import PublicRow
from reports.workflow import REOPENINGS, UNFINISHED, Event, State

JUDGED_FOR = timedelta(days=60)
"""How long after a closing people may say whether it is fixed."""
MOST_PUBLIC_REOPENINGS = 2
REPORTER = "reporter"
"""Stands for the device of whoever holds the receipt, whatever they hold it with."""


# ---- who has it ----


def departments(rows: Sequence[PublicRow]) -> dict[str, str]:
    """Return the departments that have public reports, by the rows' keys, as far as they may show.

    Where the place is not shown, a department is told only if it would be the same everywhere.
    """
    reports = ShownReport.objects.filter(key__in=[row.key for row in rows])
    keys = dict(reports.values_list("report_id", "key"))
    sensitivities = {row.key: row.sensitivity for row in rows}
    shown = {
        report: (rule := rule_of(sensitivities[key])) is not None and rule.shows_exact_point
        for report, key in keys.items()
    }
    return {keys[report]: name for report, name in _departments(shown).items()}


def of_public(row: PublicRow) -> tuple[Report, Mapping[str, Any]]:
    """Return the report behind a public row, with its category, and its public answers."""
    shown = ShownReport.objects.select_related("report__category").get(key=row.key)
    return shown.report, shown.answers


def joined_with(report: Report) -> str:
    """Return the number of the report that one is joined with, where both are open; else nothing.

    Of any other class a number would tell that two people reported the same.
    """
    if report.sensitivity != Sensitivity.OPEN or report.joined_with_id is None:
        return ""
    shown = ShownReport.objects.filter(report=report.joined_with_id, sensitivity=Sensitivity.OPEN)
    return shown.values_list("public_id", flat=True).first() or ""


def department_of(report_id: int) -> str:
    """Return the department that has a report, for those who may know its place; may be empty."""
    return _departments({report_id: True}).get(report_id, "")


def _departments(by_place: Mapping[int, bool]) -> dict[int, str]:
    values: dict[str, Any] = {"report": list(by_place), "by_place": list(by_place.values())}
    with connection.cursor() as cursor:
        cursor.execute(statement(__file__, "departments"), values)
        return {report: name for report, name in cursor.fetchall() if name}


# ---- what people say ----


@dataclass(frozen=True)
class Closing:
    """The last time that a report was done: the number of its history entry, and when."""

    number: int
    at: datetime

    @property
    def may_be_judged(self) -> bool:
        """Whether people may still say how well it was done."""
        return timezone.now() <= self.at + JUDGED_FOR


def closing_of(report_id: int) -> Closing | None:
    """Return a report's last closing; a reopening that was taken back does not make a new one."""
    entries = HistoryEntry.steps.filter(report_id=report_id, state=State.DONE)
    last = entries.exclude(event=Event.TAKEN_BACK).order_by("-number").first()
    return Closing(last.number, last.at) if last else None


def public_reopenings(report_id: int) -> int:
    """Return how often people other than its reporter have reopened a report."""
    entries = HistoryEntry.objects.filter(report_id=report_id)
    return entries.filter(event=Event.REOPENED_BY_PUBLIC).count()


@dataclass(frozen=True)
class Voices:
    """What people have said of a report, and what one device may say of it now."""

    counts_me_too: bool
    """Whether others may be counted as affected."""
    said_me_too: bool
    closing: Closing | None
    """The last one; None while it never was done."""
    can_judge: bool
    verdict: Verdict | None
    """The device's own, on the last closing."""
    can_take_back: bool
    reopens: bool
    """Whether "not fixed" would open it again, rather than be written down alone."""
    counts: Mapping[str, int]
    """How many say `fixed`, `partly` and `not_fixed` of the last closing."""


def voices_of(report: Report, device: str, *, is_reporter: bool = False) -> Voices:
    """Return what people have said of a report, and what a device (may be empty) may say now."""
    closing = closing_of(report.pk)
    verdicts = _verdicts(report.pk, closing)
    digest = device_digest(REPORTER if is_reporter else device, report.pk)
    own = next((v for v in verdicts if bytes(v.device_digest) == digest), None)
    is_open = report.sensitivity == Sensitivity.OPEN
    return Voices(
        counts_me_too=is_open and not is_reporter and report.phase in UNFINISHED,
        said_me_too=MeToo.objects.filter(report=report, device_digest=digest).exists(),
        closing=closing,
        can_judge=(
            (is_open or is_reporter)
            and report.state == State.DONE
            and closing is not None
            and closing.may_be_judged
        ),
        verdict=own,
        can_take_back=(
            own is not None
            and closing is not None
            and closing.may_be_judged
            and is_as_said(report, own)
        ),
        reopens=is_reporter or public_reopenings(report.pk) < MOST_PUBLIC_REOPENINGS,
        counts=Counter(verdict.answer for verdict in verdicts),
    )


def verdicts_of(report_id: int) -> list[Verdict]:
    """Return what people said of the last closing, with their words: for those who work on it."""
    return _verdicts(report_id, closing_of(report_id))


def _verdicts(report_id: int, closing: Closing | None) -> list[Verdict]:
    if closing is None:
        return []
    return list(Verdict.objects.filter(report=report_id, closing=closing.number).order_by("at"))


def is_as_said(report: Report, verdict: Verdict) -> bool:
    """Tell whether nobody has acted on a verdict yet."""
    if report.state == State.DONE:
        return True
    last = HistoryEntry.steps.filter(report=report).order_by("-number")[0]
    return verdict.answer == Verdict.Answer.NOT_FIXED and last.event in REOPENINGS
