"""An import looks at batches by a second connection, which writes nothing and never stays."""

import time

import pytest
from django.db import OperationalError, connection, transaction

from geo.environment import WEB_ROLE
from layers.errors import Conflict
from layers.models import Area, StreetSegment
from reports import bulk
from reports.columns import in_columns
from reports.importing import beside, run
from reports.importing.mapping import parse_mapping
from reports.importing.run import import_reports
from reports.models import HistoryEntry, PublicReport, Report, ReportArea
from reports.submission import NewReport
from tests.conftest import owner_connection
from tests.database.conftest import LONG_AGO, WEST_POINT

pytestmark = pytest.mark.django_db(transaction=True)

MAPPING = parse_mapping("""
source = "beside"
key = "id"
precision = "exact"
description = "text"
[time]
opened = "opened"
closed = "closed"
zone = "UTC"
[place]
longitude = "lon"
latitude = "lat"
[category]
column = "kind"
values = {hole = "pothole", walk = "sidewalk", bin = "overflowing-bin"}
[state]
column = "state"
values = {open = "accepted", closed = "done"}
""")
ROWS = 50


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "BATCH", 7)
    monkeypatch.setattr("reports.importing.source.BATCH", 7)
    return written(tmp_path / "r.csv")


def written(path, text="", kinds=("hole", "walk", "bin")):
    lines = [
        f"{i},2015-07-0{i % 9 + 1},{'2015-08-01' if i % 2 else ''},0.00{i % 10},0.00{i % 7},"
        f"{kinds[i % len(kinds)]},{'closed' if i % 2 else 'open'},{text}"
        for i in range(ROWS)
    ]
    path.write_text("\n".join(["id,opened,closed,lon,lat,kind,state,text", *lines]))
    return path


def stored():
    by_key = "report__submissionkey__key"
    return (
        list(
            Report.objects.order_by("submissionkey__key").values(
                *(
                    field.name
                    for field in Report._meta.concrete_fields
                    if field.name not in {"id", "public_id", "received_at", "changed_at"}
                )
            )
        ),
        list(
            PublicReport.objects.order_by(by_key).values(
                *(
                    field.name
                    for field in PublicReport._meta.concrete_fields
                    if field.name not in {"key", "report", "public_id"}
                )
            )
        ),
        list(
            HistoryEntry.objects.order_by(by_key, "number").values_list(
                by_key, "number", "event", "state"
            )
        ),
        list(ReportArea.objects.order_by(by_key, "area").values_list(by_key, "area")),
    )


def backends() -> int:
    with owner_connection() as owner:
        (count,) = owner.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND usename = %s",
            [WEB_ROLE],
        ).fetchone()
        return count


def no_backends() -> bool:
    """Tell whether all have ended: a server's process outlives its connection by a moment."""
    end = time.monotonic() + 10
    while backends() and time.monotonic() < end:
        time.sleep(0.05)
    return backends() == 0


def test_one_connection_and_two_store_the_same(small_city, file, tmp_path):
    watched = []
    after = written(tmp_path / "after.csv", text="Mended", kinds=("hole",))

    def both_runs():
        import_reports([file], MAPPING, lambda *_: watched.append(backends()))
        first = stored()
        summary = import_reports([file, after], MAPPING)
        assert (summary.repeated, len(summary.rejected)) == (ROWS, ROWS)
        assert import_reports([after], MAPPING).updated == ROWS
        return first, stored()

    with transaction.atomic():
        Area.objects.filter(pk=small_city.east.pk).update(name="East ward")  # something is written
        alone = both_runs()
        transaction.set_rollback(True)
    assert set(watched) == {1}
    assert both_runs() == alone
    assert len(alone[0][0]) == ROWS
    assert set(watched[-ROWS // 7 :]) == {2}


def test_areas_that_came_in_the_same_transaction_hold_its_reports(small_city, file):
    with transaction.atomic():
        fresh = Area.objects.create(
            name="Whole",
            code="whole",
            kind=small_city.east.kind,
            geometry="SRID=4326;MULTIPOLYGON(((-1 -1, 2 -1, 2 2, -1 2, -1 -1)))",
        )
        import_reports([file], MAPPING)
        assert ReportArea.objects.filter(area=fresh).count() == ROWS
        transaction.set_rollback(True)


def test_what_went_meanwhile_is_said(small_city, file):
    hole = NewReport("pothole", WEST_POINT, source="b", source_key="1", reported_at=LONG_AGO)
    changed = pytest.raises(Conflict, match=r"changed meanwhile\. Bring the reports in again")
    with changed, transaction.atomic():
        prepared = bulk.prepare(in_columns([hole]))
        StreetSegment.objects.all().delete()
        bulk.store(prepared)
        run.check_constraints()
    assert not Report.objects.exists()


class StopError(Exception):
    pass


def test_cancelled_it_leaves_neither_reports_nor_a_connection(small_city, file):
    calls = []

    def stop(*_):
        calls.append(1)
        if len(calls) == 5:
            raise StopError

    with pytest.raises(StopError):
        import_reports([file], MAPPING, stop)
    assert not Report.objects.exists()
    connection.close()
    assert no_backends()


def test_who_waits_for_the_import_does_not_make_it_wait_for_ever(small_city, file, monkeypatch):
    monkeypatch.setattr(beside, "PATIENCE", "SET LOCAL lock_timeout = '100ms'")
    with owner_connection() as owner, owner.transaction():
        owner.execute("LOCK TABLE layers_streetsegment")
        with pytest.raises(OperationalError, match="lock timeout"):
            import_reports([file], MAPPING)
    assert not Report.objects.exists()
    connection.close()
    assert no_backends()


def test_a_second_connection_that_died_does_not_hide_why_an_import_stopped(small_city, file):
    calls = []

    def stop(*_):
        calls.append(1)
        if len(calls) == 5:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                    "datname = current_database() AND usename = %s AND pid <> pg_backend_pid()",
                    [WEB_ROLE],
                )
                assert cursor.fetchall() == [(True,)]
            raise StopError

    with pytest.raises(StopError):
        import_reports([file], MAPPING, stop)
    assert not Report.objects.exists()
