"""Which department has a report, as far as its reader may know."""

import pytest

from reports import queries, tracking
from reports.filters import ReportFilter
from reports.intake import submit
from reports.lifecycle import transition
from reports.models import Crew, Department, PublicReport
from reports.submission import NewReport
from reports.workflow import State
from tests.database.conftest import EAST_POINT, WEST_POINT


def told_to_all(answer) -> str | None:
    """Return the department that everybody is told."""
    rows = queries.public_reports(ReportFilter(), b"")
    key = PublicReport.objects.get(report=answer.report_id).key
    return tracking.departments(rows).get(key)


def give(crew: str, department: str) -> None:
    crews = Crew.objects.filter(name=crew)
    crews.update(department=Department.objects.create(name=department))


@pytest.fixture
def two_departments(people):
    give("Roads west", "Roads of the west")
    give("Roads east", "Roads of the east")
    return people


def test_it_falls_to_the_crew_of_its_zone_and_kind(two_departments):
    west, east = (submit(NewReport("pothole", point)) for point in (WEST_POINT, EAST_POINT))
    assert told_to_all(west) == tracking.department_of(west.report_id) == "Roads of the west"
    assert told_to_all(east) == tracking.department_of(east.report_id) == "Roads of the east"


def test_once_a_crew_has_it_its_department_is_told(two_departments):
    answer = submit(NewReport("pothole", WEST_POINT))
    transition(answer.public_id, State.ACCEPTED, two_departments.viewer("dispatcher"))
    assert told_to_all(answer) == tracking.department_of(answer.report_id) == "Works"


def test_a_department_does_not_tell_in_which_zone_a_hidden_place_is(two_departments):
    answer = submit(NewReport("illegal-parking", WEST_POINT))
    PublicReport.objects.update(public_from=None)
    assert told_to_all(answer) is None
    transition(answer.public_id, State.ACCEPTED, two_departments.viewer("roads_west"))
    assert told_to_all(answer) is None
    assert tracking.department_of(answer.report_id) == "Roads of the west"


def test_the_one_department_of_a_kind_is_told_whatever_the_place(people):
    answer = submit(NewReport("illegal-parking", WEST_POINT))
    PublicReport.objects.update(public_from=None)
    assert told_to_all(answer) == "Works"


def test_a_kind_that_nobody_works_on_has_no_department(people):
    answer = submit(NewReport("fallen-tree", WEST_POINT))
    assert told_to_all(answer) is None
    assert tracking.department_of(answer.report_id) == ""


def test_a_crew_that_is_not_cleared_is_not_the_one(people):
    answer = submit(NewReport("theft", WEST_POINT))
    give("Crime desk", "Police")
    crew = Crew.objects.create(name="Night", department=Department.objects.get(name="Works"))
    crew.categories.set(Crew.objects.get(name="Crime desk").categories.all())
    assert tracking.department_of(answer.report_id) == "Police"


def test_a_page_of_rows_costs_two_statements(people, django_assert_num_queries):
    for _ in range(3):
        submit(NewReport("pothole", WEST_POINT))
    rows = queries.public_reports(ReportFilter(), b"")
    with django_assert_num_queries(2):
        assert len(tracking.departments(rows)) == 3
