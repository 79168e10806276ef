"""What pages say about a report: who sees what of it, where it stands, and when it came."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

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


def at(moment: datetime, sensitivity: int) -> str:
    """Say a time as exactly as a report's class lets everybody know it, in the active zone."""
    local = timezone.localtime(moment)
    match sensitivity:
        case Sensitivity.OPEN:
            return date_format(local, "j F Y, H:i")
        case Sensitivity.PERSONAL:
            return date_format(local, "j F Y")
        case _:
            return date_format(local, "F Y")


def machine_time(moment: datetime, sensitivity: int) -> str:
    """Return a time in ISO 8601, cut as `at` cuts it, in the active zone."""
    local = timezone.localtime(moment)
    match sensitivity:
        case Sensitivity.OPEN:
            return local.isoformat(timespec="minutes")
        case Sensitivity.PERSONAL:
            return local.strftime("%Y-%m-%d")
        case _:
            return local.strftime("%Y-%m")
