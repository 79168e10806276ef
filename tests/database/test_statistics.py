"""The planner knows of rows that came in the same transaction."""

import pytest
from django.db import connection

from reports.intake import submit_many
from reports.statistics import refresh_statistics
from reports.submission import NewReport
from tests.database.conftest import WEST_POINT

pytestmark = pytest.mark.django_db


def rows_as_planned(table: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [table])
        return cursor.fetchone()[0]


def test_the_planner_counts_reports_that_came_just_now(small_city):
    submit_many([NewReport("pothole", WEST_POINT) for _ in range(150)])
    refresh_statistics()
    assert rows_as_planned("reports_report") == 150
    assert rows_as_planned("reports_publicreport") == 150
    assert rows_as_planned("layers_area") == 4
