"""How many statements a report takes, and which of them a connection plans once."""

import json
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from layers.statements import cursor_for
from reports.intake import submit, submit_many
from reports.models import Report
from reports.submission import Contact, NewReport
from tests.database.conftest import EAST_POINT, WEST_POINT

PREPARED = "SELECT statement FROM pg_prepared_statements"
IN_ORDER = (
    "INSERT INTO layers_ratecount",
    "BEGIN",
    "set_config",
    'FROM "reports_category"',
    "INSERT INTO reports_submissionkey",
    "FROM layers_streetsegment",
    "JOIN reports_snappoint",
    "INSERT INTO reports_report",
    "COMMIT",
)


def prepared() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(PREPARED)
        return [sql for (sql,) in cursor.fetchall()]


@pytest.mark.django_db(transaction=True)
def test_a_report_through_the_api_takes_nine_statements_commit_and_all(client, small_city):
    body = {"category": "pothole", "lon": WEST_POINT[0], "lat": WEST_POINT[1]}
    body |= {"description": "Deep hole", "client_uuid": str(uuid.uuid4())}
    with CaptureQueriesContext(connection) as seen:
        response = client.post("/api/v1/reports/", json.dumps(body), "application/json")
    assert response.status_code == 201
    statements = [query["sql"] for query in seen.captured_queries]
    assert len(statements) == len(IN_ORDER), statements
    assert all(part in sql for part, sql in zip(IN_ORDER, statements, strict=True))


def test_a_hundred_reports_take_as_many_statements_as_one(small_city):
    counts = []
    for size in (2, 100):
        batch = [NewReport("theft", WEST_POINT, client_uuid=uuid.uuid4()) for _ in range(size)]
        with CaptureQueriesContext(connection) as seen:
            submit_many(batch)
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_reports_that_come_one_by_one_are_planned_once_for_each_connection(small_city):
    connection.close()
    for point in [WEST_POINT, EAST_POINT] * 4:
        submit(NewReport("pothole", point, "Deep hole", Contact("Ada", "ada@example.org")))
    planned = prepared()
    for table in ("reports_submissionkey", "layers_streetsegment", "reports_report"):
        assert any(table in sql for sql in planned), table
    assert Report.objects.count() == 8


def test_a_batch_is_planned_for_its_size_each_time(small_city):
    for _ in range(5):
        with cursor_for(2) as cursor:
            cursor.execute("SELECT 'planned anew' FROM generate_series(1, %s)", [2])
    assert not any("planned anew" in sql for sql in prepared())
