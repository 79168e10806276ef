"""What moves a report on: allowed steps, notes, locks, history, the public projection."""

import threading
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from layers.access import ANONYMOUS
from layers.errors import Conflict, InvalidInput, NotFound
from reports import history, identifiers, workflow
from reports.intake import submit
from reports.lifecycle import NOTE_LIMIT, transition
from reports.models import HistoryEntry, PublicReport, Report
from reports.submission import NewReport
from reports.workflow import State
from tests.database.conftest import EAST_POINT, WEST_POINT

CITY_TIME = ZoneInfo("Europe/Dublin")


def entries_of(report: Report) -> list[HistoryEntry]:
    return list(HistoryEntry.objects.filter(report=report).order_by("number"))


def walk(public_id, viewer, *states: State, note: str = "Seen to") -> Report:
    for state in states:
        report = transition(public_id, state, viewer, note=note)
    return report


TO_DONE = (State.ACCEPTED, State.ASSIGNED, State.PROGRESS, State.DONE)


def test_a_pothole_walks_from_new_to_done_and_everybody_sees_it(people):
    answer = submit(NewReport("pothole", WEST_POINT))
    report = walk(answer.public_id, people.viewer("roads_west"), *TO_DONE)
    shown = PublicReport.objects.get(report=report)
    assert (report.state, report.version) == (State.DONE, 5)
    assert (shown.state, shown.phase) == ("done", "done")
    assert report.crew.name == "Roads west"


def test_each_step_joins_the_chain_with_its_actor_crew_and_note(people):
    answer = submit(NewReport("pothole", WEST_POINT))
    report = walk(answer.public_id, people.viewer("roads_west"), *TO_DONE, note="  Filled  ")
    entries = entries_of(report)
    assert [e.state for e in entries] == ["new", *TO_DONE]
    assert history.first_broken(entries) is None
    assert entries[-1].text.note == "Filled"
    assert entries[-1].actor == people.roads_west
    assert entries[-1].crew == report.crew


def test_an_altered_note_breaks_the_chain_and_an_erased_one_does_not(people):
    answer = submit(NewReport("pothole", WEST_POINT))
    report = walk(answer.public_id, people.viewer("roads_west"), *TO_DONE)
    entries = entries_of(report)
    entries[-1].text.note = "Somebody else's words"
    assert history.first_broken(entries) == 5
    entries[-1].text.delete()
    assert history.first_broken(entries_of(report)) is None


@pytest.mark.parametrize("source", list(State))
@pytest.mark.parametrize("target", list(State))
def test_only_the_steps_of_the_table_are_taken(people, source, target):
    answer = submit(NewReport("pothole", WEST_POINT, state=source))
    viewer = people.viewer("roads_west")
    if workflow.step(source, target):
        other = submit(NewReport("pothole", WEST_POINT)).public_id
        moved = transition(answer.public_id, target, viewer, note="Because", other=other)
        assert moved.state == target
    else:
        with pytest.raises(Conflict, match="Look at it again"):
            transition(answer.public_id, target, viewer, note="Because")
        assert Report.objects.get(pk=answer.report_id).state == source


@pytest.mark.parametrize(
    "step",
    [t for t in workflow.TRANSITIONS if t.needs_note],
    ids=lambda t: f"{t.source}-{t.target}",
)
def test_a_step_that_must_be_explained_is_refused_without_a_note(people, step):
    answer = submit(NewReport("pothole", WEST_POINT, state=step.source))
    with pytest.raises(InvalidInput, match="Say in a few words") as refused:
        transition(answer.public_id, step.target, people.viewer("roads_west"), note="  ")
    assert refused.value.field == "note"
    assert HistoryEntry.objects.filter(report=answer.report_id).count() == 1


def test_a_note_beyond_the_limit_says_how_long_it_is(people):
    answer = submit(NewReport("pothole", WEST_POINT))
    with pytest.raises(InvalidInput, match=f"{NOTE_LIMIT + 1} characters"):
        transition(
            answer.public_id,
            State.ACCEPTED,
            people.viewer("roads_west"),
            note="x" * (NOTE_LIMIT + 1),
        )


def test_an_outdated_version_is_a_conflict(people):
    answer = submit(NewReport("pothole", WEST_POINT))
    viewer = people.viewer("roads_west")
    transition(answer.public_id, State.ACCEPTED, viewer, version=1)
    with pytest.raises(Conflict, match="now “Accepted”"):
        transition(answer.public_id, State.ASSIGNED, viewer, version=1)


@pytest.mark.parametrize("who", ["citizen", "roads_east", "crime_desk", "planner", "administrator"])
def test_nobody_moves_a_report_outside_their_duties(people, who):
    answer = submit(NewReport("pothole", WEST_POINT))
    with pytest.raises(NotFound):
        transition(answer.public_id, State.ACCEPTED, people.viewer(who))
    with pytest.raises(NotFound):
        transition(answer.public_id, State.ACCEPTED, ANONYMOUS)
    assert Report.objects.get(pk=answer.report_id).state == State.NEW


@pytest.mark.parametrize(
    ("category", "who", "cleared"),
    [
        ("pothole", "roads_west", {"second": 0, "microsecond": 0}),
        ("theft", "crime_desk", {"day": 1, "hour": 0, "minute": 0, "second": 0, "microsecond": 0}),
    ],
    ids=["P0 to the minute", "P2 to the month"],
)
def test_the_public_closing_time_is_cut_as_the_class_asks(people, category, who, cleared):
    answer = submit(NewReport(category, WEST_POINT))
    report = walk(answer.public_id, people.viewer(who), *TO_DONE)
    stored = PublicReport.objects.get(report=report)
    shown = stored.later_closed_at or stored.closed_at
    assert shown == report.closed_at.astimezone(CITY_TIME).replace(**cleared)
    assert shown != report.closed_at


def test_reopening_takes_the_closing_time_away(people):
    answer = submit(NewReport("pothole", WEST_POINT))
    report = walk(answer.public_id, people.viewer("roads_west"), *TO_DONE, State.ACCEPTED)
    assert report.closed_at is None
    assert PublicReport.objects.get(report=report).closed_at is None


def test_a_victim_critical_report_is_closed_without_becoming_public(people):
    answer = submit(NewReport("domestic-violence", EAST_POINT))
    report = walk(answer.public_id, people.viewer("crime_desk"), *TO_DONE)
    assert report.state == State.DONE
    assert not PublicReport.objects.exists()


@pytest.mark.parametrize("before_and_after", [("progress", "hold"), ("progress", "done")])
def test_a_step_back_is_offered_where_the_workflow_has_one(before_and_after):
    back = workflow.way_back(*before_and_after)
    assert back is not None
    assert back.source == before_and_after[1]


def test_no_step_back_is_offered_where_the_workflow_has_none():
    assert workflow.way_back("new", "accepted") is None


def test_a_report_is_joined_with_another_and_taken_apart_again(people):
    first, second = (submit(NewReport("pothole", WEST_POINT)) for _ in range(2))
    crew = people.viewer("roads_west")
    joined = transition(
        second.public_id, State.MERGED, crew, other=identifiers.in_halves(first.public_id)
    )
    assert joined.joined_with_id == first.report_id
    assert joined.closed_at is not None
    apart = transition(second.public_id, State.ACCEPTED, crew, note="It is another hole")
    assert Report.objects.get(pk=apart.pk).joined_with is None


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ("", "Give the number of the report that this one is joined with"),
        ("itself", "This is its own number"),
        ("joined", "is itself joined with another"),
        ("0000000000", "There is no report"),
        ("east", "There is no report"),
    ],
)
def test_what_cannot_be_joined_with_is_named(people, other, words):
    crew = people.viewer("roads_west")
    reports = {
        name: submit(NewReport("pothole", point)).public_id
        for name, point in [
            ("itself", WEST_POINT),
            ("first", WEST_POINT),
            ("joined", WEST_POINT),
            ("east", EAST_POINT),
        ]
    }
    transition(reports["joined"], State.MERGED, crew, other=reports["first"])
    with pytest.raises(InvalidInput, match=words) as refused:
        transition(reports["itself"], State.MERGED, crew, other=reports.get(other, other))
    assert refused.value.field == "other"
    assert Report.objects.get(public_id=reports["itself"]).state == State.NEW


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_is_told_that_the_report_changed(people):
    answer = submit(NewReport("pothole", WEST_POINT))
    viewers = [people.viewer("roads_west"), people.viewer("dispatcher")]
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def accept(viewer):
        try:
            start.wait()
            transition(answer.public_id, State.ACCEPTED, viewer, version=1)
            outcomes.append("moved")
        except Conflict:
            outcomes.append("conflict")
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=[viewer]) for viewer in viewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = Report.objects.get(pk=answer.report_id)
    assert sorted(outcomes) == ["conflict", "moved"]
    assert report.version == 2
    assert len(entries_of(report)) == 2
    assert history.first_broken(entries_of(report)) is None
