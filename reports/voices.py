"""What people say of a report without signing in: it affects me too, it is (not) fixed.

A device says each thing once. It is known by a random name that it keeps; stored is a digest of
the name and the report, so that what one device says of two reports cannot be joined.
"""

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from layers.errors import Conflict, NotFound
from reports.identifiers import device_digest, normalise
from reports.models import MeToo, PublicReport, Report, Sensitivity
from reports.workflow import UNFINISHED


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
