"""What pages say about a report: who sees what of it, where it stands, and when it came."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from reports.masking import TimeUnit, time_unit_of
from reports.models import Sensitivity, Verdict
from reports.workflow import PHASE_OF, UNFINISHED, Event, State

SEEN_BY_ALL: Mapping[int, Promise] = {
    Sensitivity.OPEN: _(
        "Everybody sees the place, your description, your photos and the time. Write no names and "
        "no number plates, and show no faces."
    ),
    Sensitivity.PERSONAL: _(
        "Everybody sees a public place nearby that many addresses share, and the day, from the "
        "next day on. The place, your words and photos stay with the people who work on it."
    ),
    Sensitivity.CRIME: _(
        "Everybody sees a public place nearby that many addresses share, and the month, from the "
        "next month on; nothing more. It has no page of its own; only your receipt opens it."
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
    return date_format(timezone.localtime(moment), gettext("j F Y"))


# ---- when it will be done ----

HOURS_UP_TO = 48


@dataclass(frozen=True)
class Outlook:
    """When a report will be done, or how long it took: the tone and the icon of a note, its words.

    `tone` is a class of the note: empty, ``info``, ``success`` or ``danger``.
    """

    tone: str
    icon: str
    title: str
    text: str = ""


def day(moment: datetime) -> str:
    """Say a day with its weekday, in the active zone; with its year where it is not this one."""
    local = timezone.localtime(moment)
    this_year = local.year == timezone.localdate().year
    # Translators: the format of a day, as Django's template filter "date" takes it.
    return date_format(local, gettext("l, j F") if this_year else gettext("l, j F Y"))


def duration(length: timedelta) -> str:
    """Say how long something took: in hours up to two days, then in days."""
    hours = length // timedelta(hours=1)
    if hours < 1:
        return gettext("less than an hour")
    if hours < HOURS_UP_TO:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return _days(length.days)


def _days(count: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", count) % {"n": count}


def late(state: str, promised_at: datetime | None, now: datetime) -> str:
    """Say by how much an unfinished report is late; nothing when it is not."""
    if promised_at is None or now <= promised_at or PHASE_OF[State(state)] not in UNFINISHED:
        return ""
    hours = (now - promised_at) // timedelta(hours=1)
    if hours < HOURS_UP_TO:
        return ngettext("%(n)s h late", "%(n)s h late", hours) % {"n": hours}
    days = hours // 24
    return ngettext("%(n)s day late", "%(n)s days late", days) % {"n": days}


def outlook(
    state: str,
    *,
    reported_at: datetime,
    closed_at: datetime | None,
    promised_at: datetime | None,
    unit: TimeUnit,
    now: datetime,
) -> Outlook | None:
    """Say when a report will be done, or how long it took; None where nothing can be said.

    `unit` is what the times were cut to.
    """
    if state == State.DONE and closed_at:
        return _took(reported_at, closed_at, promised_at, unit)
    if promised_at is None or PHASE_OF[State(state)] not in UNFINISHED:
        return None
    meant = gettext("We meant to be done by %(day)s.") % {"day": day(promised_at)}
    if state == State.HOLD:
        return Outlook("", "circle-pause", gettext("The work waits for something."), meant)
    if late(state, promised_at, now):
        return Outlook("danger", "clock-alert", meant)
    title = gettext("We mean to be done by %(day)s.") % {"day": day(promised_at)}
    return Outlook("info", "calendar", title)


def _took(
    reported_at: datetime, closed_at: datetime, promised_at: datetime | None, unit: TimeUnit
) -> Outlook | None:
    if unit == "month":
        return None
    if unit == "day":
        days = (timezone.localdate(closed_at) - timezone.localdate(reported_at)).days
        title = (
            gettext("It took about %(time)s.") % {"time": _days(days)}
            if days
            else gettext("It was done on the day it came.")
        )
        return Outlook("success", "circle-check", title)
    text = ""
    if promised_at:
        over = closed_at - promised_at
        text = (
            gettext("That is %(time)s later than we meant.") % {"time": duration(over)}
            if over > timedelta(0)
            else gettext("That is within the time that we meant.")
        )
    title = gettext("It took %(time)s.") % {"time": duration(closed_at - reported_at)}
    return Outlook("success", "circle-check", title, text)


# ---- what people say ----

REOPENED: Mapping[str, Promise] = {
    Event.REOPENED_BY_REPORTER: _("Whoever reported it says that it is not fixed."),
    Event.REOPENED_BY_PUBLIC: _("Somebody says that it is not fixed."),
}


PHOTO_EVENTS: Mapping[str, Promise] = {
    Event.PHOTO_HIDDEN: _("A photo was hidden"),
    Event.PHOTO_SHOWN: _("A photo is shown again"),
}


def step_title(event: str, state: str) -> str:
    """Return what the history calls a step."""
    if event == Event.SUBMITTED:
        return gettext("Sent")
    if event in REOPENED:
        return gettext("Opened again")
    if event in PHOTO_EVENTS:
        return str(PHOTO_EVENTS[event])
    return str(State(state).label)


def step_reason(event: str) -> str:
    """Say why a step was taken, where the event alone tells; else nothing."""
    if event == Event.TAKEN_BACK:
        return gettext("Who had it opened again took that back.")
    return str(REOPENED.get(event, ""))


def verdicts(counts: Mapping[str, int]) -> str:
    """Say how many find it fixed, partly fixed and not fixed; nothing when nobody said so."""
    words = {
        Verdict.Answer.FIXED: ngettext_lazy("%(n)s says fixed", "%(n)s say fixed", "n"),
        Verdict.Answer.PARTLY: ngettext_lazy("%(n)s says partly", "%(n)s say partly", "n"),
        Verdict.Answer.NOT_FIXED: ngettext_lazy("%(n)s says not fixed", "%(n)s say not fixed", "n"),
    }
    return " · ".join(
        str(said % {"n": counts[answer]}) for answer, said in words.items() if counts.get(answer)
    )


SAME_PLACE_M = 10


def away(distance_m: float) -> str:
    """Say how far something lies from a place, to five metres."""
    if distance_m < SAME_PLACE_M:
        return gettext("At this place")
    return gettext("%(n)s m away") % {"n": 5 * round(distance_m / 5)}


def me_too(count: int) -> str:
    """Say how many a report affects besides whoever sent it."""
    words = ngettext("%(n)s person says: me too", "%(n)s people say: me too", count)
    return words % {"n": number_format(count, use_l10n=True, force_grouping=True)}


# How a time is written that was cut to a unit: for people, and how much of ISO 8601 for machines.
# Translators: formats of times, as Django's template filter "date" takes them.
FORMATS: Mapping[TimeUnit, Promise] = {
    "minute": _("j F Y, H:i"),
    "day": _("j F Y"),
    "month": _("F Y"),
}
ISO_LENGTHS: Mapping[TimeUnit, int | None] = {"minute": None, "day": 10, "month": 7}


def at(moment: datetime, sensitivity: int) -> str:
    """Say a time as exactly as a report's class lets everybody know it, in the active zone."""
    return date_format(timezone.localtime(moment), str(FORMATS[time_unit_of(sensitivity)]))


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
