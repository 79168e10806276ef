"""What the reporter is shown before sending is what everybody sees afterwards."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from layers.errors import InvalidInput
from reports.intake import submit
from reports.models import PublicReport, Report
from reports.preview import preview
from reports.submission import NewReport
from reports.wording import where
from tests.database.conftest import WEST_POINT


@pytest.mark.parametrize("category", ["pothole", "illegal-parking", "theft"])
def test_it_is_what_is_stored_when_the_report_is_sent(small_city, category):
    seen = preview(category, WEST_POINT, "By the blue door")
    stored = PublicReport.objects.get(
        report=submit(NewReport(category, WEST_POINT, "By the blue door")).report_id
    )
    assert seen.description == stored.description
    assert seen.point == (stored.point.coords if stored.point else None)
    assert seen.place == where(stored.sensitivity, stored.place_name, stored.ward.name)
    assert seen.has_page == (stored.public_id is not None)
    assert seen.public_from == stored.public_from


def test_an_open_report_is_shown_whole_and_at_once(small_city):
    seen = preview("pothole", WEST_POINT, "Deep hole")
    assert (seen.point, seen.description) == (WEST_POINT, "Deep hole")
    assert seen.place == "Long Street, West ward"
    assert seen.public_from is None


def test_a_victims_report_is_not_shown_at_all(small_city):
    seen = preview("domestic-violence", WEST_POINT, "By the blue door")
    assert not seen.is_listed
    assert (seen.point, seen.place, seen.description, seen.time) == (None, "", "", "")


def test_a_report_without_a_place_can_be_looked_at(small_city):
    assert preview("pothole", None).place == "Without a place"


def test_it_writes_nothing(small_city):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        preview("theft", WEST_POINT, "By the blue door")
    assert not Report.objects.exists()
    assert not any("INSERT" in query["sql"] or "nextval" in query["sql"] for query in captured)


def test_an_unknown_category_is_named(small_city):
    with pytest.raises(InvalidInput, match="no category “ghost”"):
        preview("ghost", WEST_POINT)
