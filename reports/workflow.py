"""The life of a report as data: states, their phases, and which may follow which."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Phase(TextChoices):
    """What a citizen needs to know of a state."""

    NEW = "new", _("New")
    OPEN = "open", _("Open")
    WORKING = "working", _("In progress")
    DONE = "done", _("Done")
    CLOSED = "closed", _("Closed")


class State(TextChoices):
    """Where a report stands."""

    NEW = "new", _("New")
    ACCEPTED = "accepted", _("Accepted")
    ASSIGNED = "assigned", _("Assigned")
    PROGRESS = "progress", _("In progress")
    HOLD = "hold", _("Waiting")
    DONE = "done", _("Done")
    REJECTED = "rejected", _("Not ours")
    MERGED = "merged", _("Joined")


class Event(TextChoices):
    """What wrote an entry of the history."""

    SUBMITTED = "submitted"
    TRANSITION = "transition"
    REOPENED_BY_REPORTER = "reopened_reporter"
    REOPENED_BY_PUBLIC = "reopened_public"
    TAKEN_BACK = "taken_back"
    PHOTO_HIDDEN = "photo_hidden"
    PHOTO_SHOWN = "photo_shown"
    UPDATED = "updated"


ASIDE = (Event.PHOTO_HIDDEN, Event.PHOTO_SHOWN, Event.UPDATED)
"""Events that are no step of a report; its public history leaves them out."""
REOPENINGS = (Event.REOPENED_BY_REPORTER, Event.REOPENED_BY_PUBLIC)
"""Events by which somebody who does not work on a report says that it is not fixed."""

PHASE_OF: Mapping[State, Phase] = {
    State.NEW: Phase.NEW,
    State.ACCEPTED: Phase.OPEN,
    State.ASSIGNED: Phase.OPEN,
    State.HOLD: Phase.OPEN,
    State.PROGRESS: Phase.WORKING,
    State.DONE: Phase.DONE,
    State.REJECTED: Phase.CLOSED,
    State.MERGED: Phase.CLOSED,
}


UNFINISHED = (Phase.NEW, Phase.OPEN, Phase.WORKING)
"""Phases in which something is still to be done."""


@dataclass(frozen=True)
class Transition:
    """One allowed step: what its button says, and what must be told with it.

    A note that explains it, or the number of another report.
    """

    source: State
    target: State
    label: str | Promise
    needs_note: bool = False
    needs_other: bool = False


TRANSITIONS: tuple[Transition, ...] = (
    Transition(State.NEW, State.ACCEPTED, _("Accept")),
    Transition(State.NEW, State.REJECTED, _("Not ours"), needs_note=True),
    Transition(State.NEW, State.MERGED, _("Join with another"), needs_other=True),
    Transition(State.ACCEPTED, State.ASSIGNED, _("Take it on")),
    Transition(State.ACCEPTED, State.HOLD, _("Put on hold"), needs_note=True),
    Transition(State.ASSIGNED, State.PROGRESS, _("Start")),
    Transition(State.ASSIGNED, State.HOLD, _("Put on hold"), needs_note=True),
    Transition(State.PROGRESS, State.DONE, _("Done"), needs_note=True),
    Transition(State.PROGRESS, State.HOLD, _("Put on hold"), needs_note=True),
    Transition(State.HOLD, State.PROGRESS, _("Go on")),
    Transition(State.DONE, State.ACCEPTED, _("Reopen"), needs_note=True),
    Transition(State.REJECTED, State.ACCEPTED, _("Take back"), needs_note=True),
    Transition(State.MERGED, State.ACCEPTED, _("Take apart"), needs_note=True),
)
WAY = (State.NEW, State.ACCEPTED, State.ASSIGNED, State.PROGRESS, State.DONE)
"""The way that a report goes when nothing gets in between."""

_BY_STEP = {(t.source, t.target): t for t in TRANSITIONS}

ENDED = frozenset({State.DONE, State.REJECTED, State.MERGED})
"""States that have a closing time."""


def step(source: str, target: str) -> Transition | None:
    """Return the transition between two states, or None when it is not allowed."""
    return _BY_STEP.get((State(source), State(target)))


def steps_from(state: str) -> list[Transition]:
    """Return what may follow a state, in the order of the buttons."""
    return [t for t in TRANSITIONS if t.source == state]


def upcoming(state: str) -> list[State]:
    """Return what comes next on an unfinished report's way, and its end: the last one first."""
    if state == State.HOLD:
        return [State.DONE, State.PROGRESS]
    ahead = WAY[WAY.index(State(state)) + 1 :] if state in WAY else ()
    return list(dict.fromkeys([*ahead[-1:], *ahead[:1]]))


def is_reopened(steps: Iterable[tuple[str, str]]) -> bool:
    """Tell from events and states, newest first, whether somebody's word opened a report again.

    What has ended since, or was taken back, is not.
    """
    deciding = (
        event in REOPENINGS for event, state in steps if event in REOPENINGS or state in ENDED
    )
    return next(deciding, False)


def way_back(before: str, after: str) -> Transition | None:
    """Return the step that takes the last one back: straight, or a closed report's reopening."""
    if straight := step(after, before):
        return straight
    return next(iter(steps_from(after)), None) if after in ENDED else None
