"""When a report will be done, or how long it took, in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from reports import wording, workflow
from reports.workflow import Event, State

CAME = datetime(2026, 9, 18, 10, tzinfo=UTC)
MEANT = datetime(2026, 9, 25, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def in_dublin():
    with timezone.override(ZoneInfo("Europe/Dublin")):
        yield


def said(state, now=CAME + DAY, *, closed_at=None, promised_at=MEANT, unit="minute"):
    return wording.outlook(
        state,
        reported_at=CAME,
        closed_at=closed_at,
        promised_at=promised_at,
        unit=unit,
        now=now,
    )


@pytest.mark.parametrize(
    ("state", "now", "tone", "title"),
    [
        (State.NEW, CAME, "info", "We mean to be done by Friday, 25 September"),
        (State.PROGRESS, MEANT, "info", "We mean to be done by Friday, 25 September"),
        (State.PROGRESS, MEANT + HOUR, "danger", "We meant to be done by Friday, 25 September"),
        (State.HOLD, CAME, "", "The work waits for something."),
    ],
)
def test_a_promise_is_said_by_its_weekday(state, now, tone, title):
    outlook = said(state, now)
    assert outlook is not None
    assert outlook.tone == tone
    assert outlook.title.startswith(title)


def test_waiting_says_what_was_meant():
    outlook = said(State.HOLD)
    assert outlook is not None
    assert outlook.text.startswith("We meant to be done by Friday, 25 September")


@pytest.mark.parametrize("state", [State.REJECTED, State.MERGED])
def test_what_ended_without_being_done_has_no_outlook(state):
    assert said(state, closed_at=CAME) is None


def test_without_a_promise_nothing_is_said():
    assert said(State.NEW, promised_at=None) is None


@pytest.mark.parametrize(
    ("length", "title", "text"),
    [
        (timedelta(minutes=5), "It took less than an hour.", "within the time"),
        (5 * HOUR, "It took 5 hours.", "within the time"),
        (7 * DAY, "It took 7 days.", "within the time"),
        (7 * DAY + HOUR, "It took 7 days.", "1 hour later than we meant"),
        (10 * DAY, "It took 10 days.", "3 days later than we meant"),
    ],
)
def test_what_is_done_says_how_long_it_took(length, title, text):
    outlook = said(State.DONE, closed_at=CAME + length)
    assert outlook is not None
    assert outlook.title == title
    assert text in outlook.text


@pytest.mark.parametrize(
    ("closed_at", "title"),
    [
        (CAME, "It was done on the day it came."),
        (CAME + DAY, "It took about 1 day."),
        (CAME + 40 * DAY, "It took about 40 days."),
    ],
)
def test_where_days_are_told_the_length_is_told_in_days(closed_at, title):
    outlook = said(State.DONE, closed_at=closed_at, promised_at=None, unit="day")
    assert outlook is not None
    assert (outlook.title, outlook.text) == (title, "")


def test_where_months_are_told_no_length_is():
    assert said(State.DONE, closed_at=CAME, unit="month") is None


@pytest.mark.parametrize(
    ("late", "words"),
    [(HOUR, "1 h late"), (26 * HOUR, "26 h late"), (2 * DAY, "2 days late")],
)
def test_how_late_it_is(late, words):
    assert wording.late(State.NEW, MEANT, MEANT + late) == words


@pytest.mark.parametrize(("state", "promised_at"), [(State.DONE, MEANT), (State.NEW, None)])
def test_what_is_not_late_says_nothing(state, promised_at):
    assert wording.late(state, promised_at, MEANT + DAY) == ""


def test_a_day_of_another_year_has_its_year():
    assert wording.day(datetime(2019, 9, 25, 10, tzinfo=UTC)) == "Wednesday, 25 September 2019"


def test_verdicts_are_counted_in_words():
    assert wording.verdicts({"fixed": 2, "not_fixed": 1}) == "2 say fixed · 1 says not fixed"
    assert wording.verdicts({}) == ""


@pytest.mark.parametrize(
    ("state", "coming"),
    [
        (State.NEW, [State.DONE, State.ACCEPTED]),
        (State.PROGRESS, [State.DONE]),
        (State.HOLD, [State.DONE, State.PROGRESS]),
        (State.DONE, []),
        (State.REJECTED, []),
    ],
)
def test_what_comes_is_the_next_step_and_the_end(state, coming):
    assert workflow.upcoming(state) == coming


@pytest.mark.parametrize(
    ("steps", "is_reopened"),
    [
        ([], False),
        ([(Event.SUBMITTED, State.NEW)], False),
        ([(Event.REOPENED_BY_PUBLIC, State.ACCEPTED), (Event.TRANSITION, State.DONE)], True),
        ([(Event.TRANSITION, State.ASSIGNED), (Event.REOPENED_BY_REPORTER, State.ACCEPTED)], True),
        ([(Event.TAKEN_BACK, State.DONE), (Event.REOPENED_BY_PUBLIC, State.ACCEPTED)], False),
    ],
)
def test_a_report_is_opened_again_until_it_ends_anew(steps, is_reopened):
    assert workflow.is_reopened(steps) is is_reopened
