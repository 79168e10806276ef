"""Words about reports in templates."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.functional import Promise

from reports import wording
from reports.identifiers import in_halves
from reports.models import HistoryEntry, Report, Sensitivity, Verdict
from reports.queries import Happening, PublicRow
from reports.workflow import REOPENINGS, State

register = template.Library()
register.filter("in_halves", in_halves)
register.filter("away", wording.away)
register.filter("me_too_words", wording.me_too)
register.filter("verdict_words", wording.verdicts)


@register.filter
def came(row: PublicRow) -> str:
    """Say when a report came, as exactly as everybody may know it."""
    if row.sensitivity == Sensitivity.OPEN:
        return wording.ago(row.shown_at, timezone.now())
    return wording.at(row.shown_at, row.sensitivity)


@register.filter
def at(moment: datetime, sensitivity: int) -> str:
    """Say a time as exactly as the class lets everybody know it."""
    return wording.at(moment, sensitivity)


@register.filter
def machine_time(moment: datetime, sensitivity: int) -> str:
    """Return the same for machines; it must not say more than the words beside it."""
    return wording.machine_time(moment, sensitivity)


@register.filter
def state_word(state: str) -> str:
    """Return the word of a state."""
    return str(State(state).label)


@register.filter
def late(report: PublicRow | Report) -> str:
    """Say by how much a report is late; nothing when it is not."""
    return wording.late(report.state, report.promised_at, timezone.now())


@register.filter
def step_title(entry: Happening | HistoryEntry) -> str:
    """Return what the history calls a step."""
    return wording.step_title(entry.event, entry.state)


@register.filter
def step_reason(entry: Happening | HistoryEntry) -> str:
    """Say why a step was taken, where the event alone tells."""
    return wording.step_reason(entry.event)


@register.filter
def is_reopening(entry: Happening | HistoryEntry) -> bool:
    """Tell whether a step opened a report again on somebody's word."""
    return entry.event in REOPENINGS


@register.filter
def counted(verdicts: Iterable[Verdict]) -> Counter[str]:
    """Count verdicts by their answer."""
    return Counter(verdict.answer for verdict in verdicts)


@register.filter
def public_place(row: PublicRow) -> str:
    """Say where it is, as far as everybody may know it."""
    return wording.where(row.sensitivity, row.place_name, row.ward)


@register.filter
def seen_by_all(sensitivity: int) -> Promise:
    """Say what everybody sees of a report of this class."""
    return wording.SEEN_BY_ALL[sensitivity]


@register.filter
def stands(state: str) -> Promise:
    """Say in plain words where a report of this state stands."""
    return wording.STANDS[state]
