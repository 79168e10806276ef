"""What moves a report through its states: one verb, under a lock, written to the history."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from layers.access import Viewer, acting_as
from layers.errors import Conflict, InvalidInput, NotFound
from layers.queries import city
from layers.statements import statement
from reports import followers, history, masking
from reports.models import HistoryEntry, Report
from reports.queries import within_duties
from reports.workflow import ENDED, State, step

NOTE_LIMIT = 2000


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
        _show(report, now)
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
        followers.tell(report.pk, last.number + 1)
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
        cursor.execute(statement(__file__, "show_state"), values)
