"""What people say of a report without signing in: it affects me too, it is (not) fixed.

A device says each thing once. It is known by a random name that it keeps; stored is a digest of
the name and the report, so that what one device says of two reports cannot be joined.
"""

from enum import Enum

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from layers.errors import Conflict, InvalidInput, NotFound
from reports import lifecycle
from reports.identifiers import device_digest, normalise, receipt_digest
from reports.models import MeToo, PublicReport, Report, Sensitivity, Verdict
from reports.tracking import (
    MOST_PUBLIC_REOPENINGS,
    REPORTER,
    closing_of,
    is_as_said,
    public_reopenings,
)
from reports.workflow import UNFINISHED, Event, State

NOTE_LIMIT = 500


def say_me_too(public_id: str, device: str) -> None:
    """Count a device among those that an open report affects; a second time changes nothing.

    Raises
    ------
    NotFound
        When there is no such report whose place everybody may see.
    Conflict
        When nothing is left to be done about it.
    """
    with transaction.atomic():
        report = _locked(public_id)
        if report.phase not in UNFINISHED:
            raise Conflict(_("This report is closed, so nobody is counted any more."))
        _said, is_new = MeToo.objects.get_or_create(
            report=report,
            device_digest=device_digest(device, report.pk),
            defaults={"at": timezone.now()},
        )
        if is_new:
            PublicReport.objects.filter(report=report).update(me_too=F("me_too") + 1)


def take_me_too_back(public_id: str, device: str) -> None:
    """Count a device no longer; one that never was counted changes nothing.

    Raises
    ------
    NotFound
        When there is no such report whose place everybody may see.
    """
    with transaction.atomic():
        report = _locked(public_id)
        digest = device_digest(device, report.pk)
        gone, _rows = MeToo.objects.filter(report=report, device_digest=digest).delete()
        if gone:
            PublicReport.objects.filter(report=report).update(me_too=F("me_too") - 1)


class Outcome(Enum):
    """What became of a verdict."""

    RECORDED = "recorded"
    REOPENED = "reopened"
    ALREADY_OPEN = "already open"
    NOT_REOPENED = "not reopened"
    """Others have reopened it as often as they may."""
    OUTDATED = "outdated"
    """It was closed anew since the page was read, or too long ago."""


def judge(public_id: str, device: str, answer: str, closing: int, note: str = "") -> Outcome:
    """Take what a device says of a closing of an open report; the last word of each device counts.

    `closing` is the number of the history entry that the person saw; "not fixed" reopens it, twice
    at most.

    Raises
    ------
    NotFound
        When there is no such report whose place everybody may see.
    InvalidInput
        When the answer is none of the three, or the note too long.
    """
    with transaction.atomic():
        return _judge(_locked(public_id), device, answer, closing, note)


def judge_own(receipt: str, answer: str, closing: int, note: str = "") -> Outcome:
    """Take what the holder of a receipt says of a closing; see `judge`. It always reopens.

    Raises
    ------
    NotFound
        When no report has this receipt.
    InvalidInput
        When the answer is none of the three, or the note too long.
    """
    with transaction.atomic():
        return _judge(_own_locked(receipt), REPORTER, answer, closing, note)


def _judge(report: Report, device: str, answer: str, number: int, note: str) -> Outcome:
    if answer not in Verdict.Answer.values:
        message = _("Say whether it is fixed, partly fixed or not fixed.")
        raise InvalidInput(message, field="answer")
    if len(note) > NOTE_LIMIT:
        message = _("The note has %(length)s characters; shorten it to %(limit)s.")
        raise InvalidInput(message % {"length": len(note), "limit": NOTE_LIMIT}, field="note")
    closing = closing_of(report.pk)
    if closing is None or closing.number != number or not closing.may_be_judged:
        return Outcome.OUTDATED
    said = {"answer": answer, "is_reporter": device == REPORTER, "at": timezone.now()}
    Verdict.objects.update_or_create(
        report=report,
        closing=number,
        device_digest=device_digest(device, report.pk),
        defaults=said | ({"note": note.strip()} if note.strip() else {}),
    )
    return _follow_up(report, answer, device)


def _follow_up(report: Report, answer: str, device: str) -> Outcome:
    """Reopen what is said not to be fixed, where this may be."""
    if answer != Verdict.Answer.NOT_FIXED:
        return Outcome.RECORDED
    if report.state != State.DONE:
        return Outcome.ALREADY_OPEN
    if device == REPORTER:
        lifecycle.reopen(report, Event.REOPENED_BY_REPORTER)
    elif public_reopenings(report.pk) < MOST_PUBLIC_REOPENINGS:
        lifecycle.reopen(report, Event.REOPENED_BY_PUBLIC)
    else:
        return Outcome.NOT_REOPENED
    return Outcome.REOPENED


def take_verdict_back(public_id: str, device: str) -> None:
    """Forget what a device said of the last closing; what it reopened is closed again.

    Not when somebody else says so too, or somebody has gone to work on it: then it stays open.

    Raises
    ------
    NotFound
        When there is no such report whose place everybody may see.
    """
    with transaction.atomic():
        _take_back(_locked(public_id), device)


def take_own_verdict_back(receipt: str) -> None:
    """Forget what the holder of a receipt said of the last closing; see `take_verdict_back`.

    Raises
    ------
    NotFound
        When no report has this receipt.
    """
    with transaction.atomic():
        _take_back(_own_locked(receipt), REPORTER)


def _take_back(report: Report, device: str) -> None:
    closing = closing_of(report.pk)
    if closing is None:
        return
    verdicts = Verdict.objects.filter(report=report, closing=closing.number)
    own = verdicts.filter(device_digest=device_digest(device, report.pk)).first()
    if own is None:
        return
    own.delete()
    others_say_so = verdicts.filter(answer=Verdict.Answer.NOT_FIXED).exists()
    if report.state != State.DONE and is_as_said(report, own) and not others_say_so:
        lifecycle.close_again(report, closing.at)


def _locked(public_id: str) -> Report:
    """Return an open report, locked until the transaction ends: one voice after the other."""
    report = (
        Report.objects.select_for_update()
        .filter(public_id=normalise(public_id), sensitivity=Sensitivity.OPEN)
        .first()
    )
    if report is None:
        message = _("There is no public report “%(number)s”. Check the number.")
        raise NotFound(message % {"number": public_id})
    return report


def _own_locked(receipt: str) -> Report:
    """Return the report that a receipt opens, locked until the transaction ends."""
    digest = receipt_digest(receipt)
    report = Report.objects.select_for_update().filter(receipt_digest=digest).first()
    if report is None:
        raise NotFound(_("No report has this receipt. Check that the whole address was copied."))
    return report
