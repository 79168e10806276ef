"""What pages say about a report: who sees what of it, where it stands, and when it came."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from reports.masking import TimeUnit, time_unit_of
from reports.models import Sensitivity
from reports.workflow import State

SEEN_BY_ALL: Mapping[int, Promise] = {
    Sensitivity.OPEN: _(
        "Everybody sees the place, your description and the time. Write no names and no "
        "number plates."
    ),
    Sensitivity.PERSONAL: _(
        "Everybody sees the part of the city and the day. The place and your words stay with "
        "the people who work on it."
    ),
    Sensitivity.CRIME: _(
        "Everybody sees the part of the city and the month, nothing more. It has no page of its "
        "own; only your receipt opens it."
    ),
    Sensitivity.VICTIM: _(
        "Nobody sees it on the map or in a list. Only a desk that is trained for this reads it, "
        "and only your receipt opens it."
    ),
}

STANDS: Mapping[str, Promise] = {
    State.NEW: _("We have your report. Somebody looks at it next."),
    State.ACCEPTED: _("It is ours to do. A crew takes it on next."),
    State.ASSIGNED: _("A crew has it on its list."),
    State.PROGRESS: _("A crew is working on it."),
    State.HOLD: _("The work waits for something. The last note says for what."),
    State.DONE: _("The work is done."),
    State.REJECTED: _("The city cannot do this itself. The last note says why, and who can."),
    State.MERGED: _("Somebody reported the same before you. We do both together."),
}


def ago(moment: datetime, now: datetime) -> str:
    """Say how long ago something was, or its date once that says more (after a week)."""
    past = now - moment
    if past < timedelta(minutes=1):
        return gettext("just now")
    if past < timedelta(hours=1):
        minutes = past // timedelta(minutes=1)
        return gettext("%(n)s min ago") % {"n": minutes}
    if past < timedelta(days=1):
        return gettext("%(n)s h ago") % {"n": past // timedelta(hours=1)}
    if past < timedelta(days=7):
        days = past.days
        return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}
    return date_format(timezone.localtime(moment), "j F Y")


SAME_PLACE_M = 10


def away(distance_m: float) -> str:
    """Say how far something lies from a place, to five metres."""
    if distance_m < SAME_PLACE_M:
        return gettext("At this place")
    return gettext("%(n)s m away") % {"n": 5 * round(distance_m / 5)}


def me_too(count: int) -> str:
    """Say how many a report affects besides whoever sent it."""
    words = ngettext("It affects %(n)s more person", "It affects %(n)s more people", count)
    return words % {"n": number_format(count, use_l10n=True, force_grouping=True)}


# How a time is written that was cut to a unit: for people, and how much of ISO 8601 for machines.
FORMATS: Mapping[TimeUnit, str] = {"minute": "j F Y, H:i", "day": "j F Y", "month": "F Y"}
ISO_LENGTHS: Mapping[TimeUnit, int | None] = {"minute": None, "day": 10, "month": 7}


def at(moment: datetime, sensitivity: int) -> str:
    """Say a time as exactly as a report's class lets everybody know it, in the active zone."""
    return date_format(timezone.localtime(moment), FORMATS[time_unit_of(sensitivity)])


def machine_time(moment: datetime, sensitivity: int) -> str:
    """Return a time in ISO 8601, cut as `at` cuts it, in the active zone."""
    written = timezone.localtime(moment).isoformat(timespec="minutes")
    return written[: ISO_LENGTHS[time_unit_of(sensitivity)]]


def where(sensitivity: int, place_name: str, ward: str) -> str:
    """Say where a report is, as far as everybody may know it.

    `place_name` is its street, or for a class that shows no exact place the name of the point
    that stands for it.
    """
    if sensitivity == Sensitivity.OPEN and (place_name or ward):
        return ", ".join(filter(None, (place_name, ward)))
    if place_name:
        return gettext("Near %(place)s, %(area)s") % {"place": place_name, "area": ward}
    if ward:
        return gettext("In %(area)s, shown by area") % {"area": ward}
    return gettext("Without a place")
