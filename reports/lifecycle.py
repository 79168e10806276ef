"""What moves a report through its states: one verb, under a lock, written to the history."""

from django.db import connection
from django.utils import timezone

from layers.access import Viewer, acting_as
from layers.errors import Conflict, InvalidInput, NotFound
from layers.queries import city
from reports import history, masking
from reports.models import HistoryEntry, PublicReport, Report
from reports.queries import within_duties
from reports.workflow import ENDED, State, step

NOTE_LIMIT = 2000
TRUNCATED = "SELECT date_trunc(%s, %s::timestamptz, %s)"


def transition(
    public_id: str,
    target: State,
    viewer: Viewer,
    *,
    note: str = "",
    version: int | None = None,
) -> Report:
    """Move a report to the state `target` and append that to its history.

    `version` is the one that the person saw; None skips the comparison.

    Raises
    ------
    NotFound
        When there is no such report among the viewer's duties.
    Conflict
        When somebody changed the report meanwhile, or its state does not lead to `target`.
    InvalidInput
        When this step asks for a note and there is none.
    """
    with acting_as(viewer):
        report = (
            Report.objects.select_for_update(of=("self",))
            .filter(within_duties(viewer), public_id=public_id)
            .first()
        )
        if report is None:
            message = f"There is no report {public_id!r} among those that you work on."
            raise NotFound(message)
        _check(report, target, note, version)
        now = timezone.now()
        report.state = target
        report.version += 1
        report.changed_at = now
        report.closed_at = max(now, report.reported_at) if target in ENDED else None
        report.crew_id = report.crew_id or _crew_of(viewer, report)
        report.save(update_fields=["state", "version", "changed_at", "closed_at", "crew"])
        _show(report)
        last = HistoryEntry.objects.filter(report=report).order_by("-number")[0]
        history.append(
            history.next_entry(
                bytes(last.digest),
                report.pk,
                last.number + 1,
                at=now,
                event="transition",
                state=target,
                note=note.strip(),
                actor_id=viewer.user_id,
                crew_id=report.crew_id,
            )
        )
        return report


def _check(report: Report, target: State, note: str, version: int | None) -> None:
    allowed = step(report.state, target)
    if (version is not None and version != report.version) or allowed is None:
        message = (
            f"This report is {State(report.state).label.lower()} now; somebody changed it after "
            "you opened it. Look at it again, then choose."
        )
        raise Conflict(message)
    if allowed.needs_note and not note.strip():
        message = "Say in a few words what was done or why. Whoever reported it reads this."
        raise InvalidInput(message, field="note")
    if len(note) > NOTE_LIMIT:
        message = f"The note has {len(note)} characters; shorten it to {NOTE_LIMIT}."
        raise InvalidInput(message, field="note")


def _crew_of(viewer: Viewer, report: Report) -> int | None:
    """Return the crew on whose behalf the viewer acts on this report."""
    areas = set(report.areas.values_list("id", flat=True))
    for duty in viewer.duties:
        if duty.covers(report.category_id, report.sensitivity, areas):
            return duty.crew
    return None


def _show(report: Report) -> None:
    """Bring the public projection into step; its closing time is cut as its class asks."""
    closed_at = None
    if report.closed_at and (rule := masking.rule_of(report.sensitivity)):
        with connection.cursor() as cursor:
            cursor.execute(TRUNCATED, [rule.time_unit, report.closed_at, city().time_zone])
            (closed_at,) = cursor.fetchone()
    PublicReport.objects.filter(report=report).update(state=report.state, closed_at=closed_at)
