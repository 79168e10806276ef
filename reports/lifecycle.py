"""What moves a report through its states: each verb under a lock, written to the history."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from layers.access import Viewer, acting_as
from layers.errors import Conflict, InvalidInput, NotFound
from layers.queries import city
from layers.statements import statement
from reports import followers, history, identifiers, masking
from reports.models import HistoryEntry, PublicReport, Report
from reports.queries import within_duties
from reports.workflow import ENDED, REOPENINGS, Event, State, Transition, step

NOTE_LIMIT = 2000
MOVED = [
    "state",
    "version",
    "changed_at",
    "closed_at",
    "reopened_at",
    "promised_at",
    "crew",
    "joined_with",
]

MOVED_ONE = "(VALUES (%(report_id)s::bigint, %(state)s, %(closed_at)s::timestamptz, %(unit)s))"
"""The report of ``show_state.sql``."""


def transition(
    public_id: str,
    target: State,
    viewer: Viewer,
    *,
    note: str = "",
    other: str = "",
    version: int | None = None,
) -> Report:
    """Move a report to the state `target` and append that to its history.

    `other` is the number of the report that this one is joined with, for the step that asks for
    it. `version` is the one that the person saw; None skips the comparison.

    Raises
    ------
    NotFound
        When there is no such report among the viewer's duties.
    Conflict
        When somebody changed the report meanwhile, or its state does not lead to `target`.
    InvalidInput
        When this step asks for a note or another report, and there is none.
    """
    with acting_as(viewer):
        report = (
            Report.objects.select_for_update(of=("self",))
            .filter(within_duties(viewer), public_id=public_id)
            .first()
        )
        if report is None:
            message = _("There is no report “%(number)s” among those that you work on.")
            raise NotFound(message % {"number": public_id})
        taken = _check(report, target, note, version)
        report.joined_with = _other(report, other, viewer) if taken.needs_other else None
        report.crew_id = report.crew_id or _crew_of(viewer, report)
        _move(report, target, Event.TRANSITION, note=note.strip(), actor_id=viewer.user_id)
        return report


JOIN = """
UPDATE reports_report AS report SET joined_with_id = other.report_id
FROM unnest(%(key)s::text[], %(other)s::text[]) AS pair (key, other)
JOIN reports_submissionkey AS own ON own.scope = %(scope)s AND own.key = pair.key
JOIN reports_submissionkey AS other ON other.scope = %(scope)s AND other.key = pair.other
WHERE report.id = own.report_id AND report.state = %(state)s
"""


def join_of_source(source: str, others: Mapping[str, str]) -> None:
    """Say with which report each one is joined that came joined: by a source's keys of both."""
    values: dict[str, Any] = {
        "scope": source,
        "key": list(others),
        "other": list(others.values()),
        "state": State.MERGED.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(JOIN, values)


def reopen(report: Report, event: Event) -> None:
    """Open a closed report again because somebody who does not work on it says it is not fixed.

    It is accepted again, stays with its crew and has a new promise. The caller holds the lock on
    the report and has made sure that this may be said; no duty is asked for.

    Raises
    ------
    Conflict
        When the report is not done.
    """
    if report.state != State.DONE:
        raise Conflict(_("This report is not closed, so it cannot be opened again."))
    now = timezone.now()
    report.reopened_at = now
    _promise(report, since=now)
    _move(report, State.ACCEPTED, event, at=now)


def close_again(report: Report, closed_at: datetime) -> None:
    """Take back a reopening that nobody has acted on; the report was closed at `closed_at`.

    The caller holds the lock on the report.

    Raises
    ------
    Conflict
        When somebody has moved the report on since.
    """
    entries = HistoryEntry.steps.filter(report=report).order_by("-number")
    if entries[0].event not in REOPENINGS:
        raise Conflict(_("Somebody works on it again, so this cannot be taken back any more."))
    earlier = entries.filter(event__in=REOPENINGS)[1:2]
    _promise(report, since=earlier[0].at if earlier else report.reported_at)
    _move(report, State.DONE, Event.TAKEN_BACK, closed_at=closed_at)


def _promise(report: Report, since: datetime) -> None:
    """Promise anew by when the city means to be done; who sees the place sees it as well."""
    days = report.category.promise_days
    report.promised_at = since + timedelta(days=days) if days else None
    rule = masking.rule_of(report.sensitivity)
    if rule and rule.shows_exact_point:
        PublicReport.objects.filter(report=report).update(promised_at=report.promised_at)


def _move(
    report: Report,
    target: State,
    event: Event,
    *,
    at: datetime | None = None,
    closed_at: datetime | None = None,
    note: str = "",
    actor_id: int | None = None,
) -> None:
    """Store a report's new state, show it, append it to the history and tell the followers."""
    now = at or timezone.now()
    report.state = target
    report.version += 1
    report.changed_at = now
    report.closed_at = None
    if target in ENDED:
        report.closed_at = max(closed_at or now, report.reported_at)
        report.reopened_at = None
    report.save(update_fields=MOVED)
    _show(report, now)
    last = HistoryEntry.objects.filter(report=report).order_by("-number")[0]
    history.append(
        history.next_entry(
            bytes(last.digest),
            report.pk,
            last.number + 1,
            at=now,
            event=event.value,
            state=target,
            note=note,
            actor_id=actor_id,
            crew_id=report.crew_id,
        )
    )
    followers.tell(report.pk, last.number + 1)


def _other(report: Report, number: str, viewer: Viewer) -> Report:
    """Return the report that one is joined with, among those that the viewer works on."""
    if not number.strip():
        message = _("Give the number of the report that this one is joined with.")
        raise InvalidInput(message, field="other")
    other = Report.objects.filter(
        within_duties(viewer), public_id=identifiers.normalise(number)
    ).first()
    if other is None:
        message = _("There is no report “%(number)s” among those that you work on.")
        raise InvalidInput(message % {"number": number}, field="other")
    if other.pk == report.pk:
        raise InvalidInput(_("This is its own number; give that of the other."), field="other")
    if other.state == State.MERGED:
        message = _("Report %(number)s is itself joined with another; give the number of that one.")
        number = identifiers.in_halves(other.public_id)
        raise InvalidInput(message % {"number": number}, field="other")
    return other


def _check(report: Report, target: State, note: str, version: int | None) -> Transition:
    """Return the step that leads to the target."""
    allowed = step(report.state, target)
    if (version is not None and version != report.version) or allowed is None:
        message = _(
            "This report is now “%(state)s”: somebody changed it after you opened it. Look at it "
            "again, then choose."
        )
        raise Conflict(message % {"state": State(report.state).label})
    if allowed.needs_note and not note.strip():
        message = _("Say in a few words what was done or why. Whoever reported it reads this.")
        raise InvalidInput(message, field="note")
    if len(note) > NOTE_LIMIT:
        message = _("The note has %(length)s characters; shorten it to %(limit)s.")
        values = {"length": len(note), "limit": NOTE_LIMIT}
        raise InvalidInput(message % values, field="note")
    return allowed


def _crew_of(viewer: Viewer, report: Report) -> int | None:
    """Return the crew on whose behalf the viewer acts on this report."""
    areas = set(report.areas.values_list("id", flat=True))
    for duty in viewer.duties:
        if duty.covers(report.category_id, report.sensitivity, areas):
            return duty.crew
    return None


def _show(report: Report, now: datetime) -> None:
    """Bring the public projection into step, as exactly and as soon as its class lets it be."""
    values: dict[str, Any] = {
        "report_id": report.pk,
        "state": report.state,
        "closed_at": report.closed_at,
        "unit": masking.time_unit_of(report.sensitivity),
        "now": now,
        "time_zone": city().time_zone,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement(__file__, "show_state", moved=MOVED_ONE), values)
