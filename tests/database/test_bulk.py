"""Reports of another system follow their source: what changes, what stays, what is written down."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from layers.access import ANONYMOUS, Duty, acting_as
from layers.errors import Conflict
from reports import history, lifecycle
from reports.bulk import prepare, store, update_many
from reports.columns import in_columns
from reports.intake import Outcome, submit_many
from reports.models import (
    Category,
    ExactLocation,
    HistoryEntry,
    Precision,
    PublicReport,
    Report,
    ReportArea,
)
from reports.submission import NewReport
from reports.workflow import Event, State
from tests.database.conftest import EAST_POINT, WEST_POINT

LONG_AGO = datetime(2015, 7, 4, 12, 30, tzinfo=UTC)
HOLE = NewReport(
    category="pothole",
    point=WEST_POINT,
    description='A deep "hole", by the\nbus stop',
    channel="import",
    reported_at=LONG_AGO,
    state=State.ACCEPTED,
    source="old-system",
    source_key="1",
)
CLOSED = replace(HOLE, state=State.DONE, closed_at=LONG_AGO + timedelta(hours=5))


def kinds_of(*sensitivities):
    return {s: Category.objects.filter(sensitivity=s).first().code for s in sensitivities}


def exact_points():
    """Read as somebody whose duty is the whole city."""
    everywhere = replace(ANONYMOUS, duties=(Duty(None, None, 3, 0),))
    with acting_as(everywhere):
        return [point.coords for point in ExactLocation.objects.values_list("point", flat=True)]


def events():
    return list(HistoryEntry.objects.order_by("number").values_list("event", "state"))


def test_columns_and_rows_store_the_same(small_city):
    """The two ways through the door differ in nothing but what is random."""
    codes = kinds_of(0, 1, 2, 3)
    batch = [
        replace(
            report,
            category=code,
            precision=precision,
            source_key=f"{code}-{report.state}-{precision}-{where}",
            point=point,
            source_areas=areas,
        )
        for code in codes.values()
        for report in (HOLE, CLOSED)
        for precision in Precision
        for where, point, areas in (
            ("west", WEST_POINT, ()),
            ("far", (1.5, 1.5), ()),
            ("none", None, (small_city.west.pk,)),
            ("nowhere", None, ()),
        )
    ]

    def stored():
        reports = Report.objects.order_by("submissionkey__key").values(
            *(
                field.name
                for field in Report._meta.concrete_fields
                if field.name not in {"id", "public_id", "received_at"}
            ),
            "submissionkey__key",
        )
        public = PublicReport.objects.order_by("report__submissionkey__key").values(
            *(
                field.name
                for field in PublicReport._meta.concrete_fields
                if field.name not in {"key", "report", "public_id"}
            ),
            "report__submissionkey__key",
        )
        entries = HistoryEntry.objects.order_by("report__submissionkey__key", "number")
        return (
            list(reports),
            list(public),
            list(entries.values_list("number", "at", "event", "state", "actor", "crew")),
            list(
                ReportArea.objects.order_by("report__submissionkey__key", "area").values_list(
                    "report__submissionkey__key", "area"
                )
            ),
            sorted(exact_points()),
        )

    with transaction.atomic():
        for precision in Precision:
            part = [report for report in batch if report.precision == precision]
            assert set(update_many(part)) == {Outcome.ACCEPTED}
        by_columns = stored()
        for report in Report.objects.all():
            assert history.first_broken(report.history.order_by("number")) is None
        connection.check_constraints()
        transaction.set_rollback(True)
    submit_many(batch)
    assert by_columns == stored()
    assert len(by_columns[0]) == len(batch)


def test_the_same_again_changes_nothing(small_city):
    update_many([HOLE])
    before = Report.objects.values().get()
    assert update_many([HOLE]) == [Outcome.REPEATED]
    assert Report.objects.values().get() == before
    assert events() == [("submitted", "accepted")]


def test_a_report_that_came_row_by_row_is_known_by_its_content(small_city):
    """Digests of the two ways differ; what they stand for does not."""
    submit_many([CLOSED])
    assert update_many([CLOSED]) == [Outcome.REPEATED]
    assert Report.objects.get().version == 1


def test_a_source_that_closes_a_report_closes_it_here(small_city):
    update_many([HOLE])
    assert update_many([CLOSED]) == [Outcome.UPDATED]
    report, shown = Report.objects.get(), PublicReport.objects.get()
    assert (report.state, report.closed_at, report.version) == ("done", CLOSED.closed_at, 2)
    assert (shown.state, shown.closed_at) == ("done", CLOSED.closed_at)
    assert events() == [("submitted", "accepted"), ("transition", "done")]
    assert history.first_broken(report.history.order_by("number")) is None
    assert update_many([CLOSED]) == [Outcome.REPEATED]


def test_a_source_that_opens_a_report_again_opens_it_here(small_city):
    update_many([CLOSED])
    update_many([HOLE])
    assert Report.objects.values_list("state", "closed_at").get() == ("accepted", None)
    assert PublicReport.objects.values_list("state", "closed_at").get() == ("accepted", None)


def test_what_else_changes_is_followed_and_written_down_aside(small_city):
    update_many([HOLE])
    first = PublicReport.objects.get()
    changed = replace(
        HOLE,
        category="sidewalk",
        description="Mended",
        point=EAST_POINT,
        reported_at=LONG_AGO - timedelta(hours=1),
    )
    update_many([changed])
    report, shown = Report.objects.get(), PublicReport.objects.get()
    assert (report.category.code, report.description) == ("sidewalk", "Mended")
    assert exact_points() == [EAST_POINT]
    assert (shown.key, shown.title, shown.description) == (first.key, "Broken sidewalk", "Mended")
    assert (shown.point.coords, shown.ward) == (EAST_POINT, small_city.east)
    assert shown.shown_at == changed.reported_at
    assert {held.area for held in ReportArea.objects.filter(area__kind="ward")} == {small_city.east}
    entry = HistoryEntry.objects.order_by("number")[1]
    assert (entry.event, entry.is_aside) == (Event.UPDATED, True)
    assert entry.text.note == "category, description, place, time"
    assert history.first_broken(report.history.order_by("number")) is None


def test_both_entries_of_a_change_hold_together(small_city):
    update_many([HOLE])
    update_many([replace(CLOSED, description="Done")])
    report = Report.objects.get()
    assert [event for event, _ in events()] == ["submitted", "updated", "transition"]
    assert history.first_broken(report.history.order_by("number")) is None


def test_a_place_comes_and_goes(small_city):
    nowhere = replace(HOLE, point=None, source_areas=(small_city.east.pk,))
    update_many([HOLE])
    update_many([nowhere])
    assert exact_points() == []
    shown = PublicReport.objects.get()
    assert (shown.is_located, shown.point, shown.ward) == (False, None, small_city.east)
    update_many([HOLE])
    assert exact_points() == [WEST_POINT]
    assert PublicReport.objects.get().ward == small_city.west
    assert Report.objects.get().is_located


def test_a_step_that_somebody_took_here_stands(small_city, people):
    update_many([HOLE])
    report = Report.objects.get()
    lifecycle.transition(report.public_id, State.ASSIGNED, people.viewer("roads_west"))
    assert update_many([replace(CLOSED, description="Closed there")]) == [Outcome.UPDATED]
    report.refresh_from_db()
    assert (report.state, report.closed_at) == ("assigned", None)
    assert report.description == "Closed there"
    assert history.first_broken(report.history.order_by("number")) is None


@pytest.mark.parametrize(("was", "told"), [(2, 0), (3, 0), (3, 2), (1, 0)])
def test_a_class_never_opens(small_city, was, told):
    codes = kinds_of(was, told)
    update_many([replace(HOLE, category=codes[was])])
    before = list(PublicReport.objects.values())
    update_many([replace(HOLE, category=codes[told], description="Other words")])
    report = Report.objects.get()
    assert (report.sensitivity, report.category.code) == (was, codes[was])
    assert list(PublicReport.objects.values()) == before


@pytest.mark.parametrize("told", [1, 2, 3])
def test_a_class_that_closes_takes_the_place_away(small_city, told):
    update_many([HOLE])
    first = PublicReport.objects.get()
    update_many([replace(HOLE, category=kinds_of(told)[told])])
    assert Report.objects.get().sensitivity == told
    shown = PublicReport.objects.first()
    if told == 3:
        assert shown is None
        return
    assert (shown.point, shown.description, shown.place_name) == (None, "", "")
    assert shown.key != first.key
    assert shown.mask_version == "area-1"


def test_a_mask_stays_when_another_set_of_points_came(small_city):
    personal = replace(HOLE, category=kinds_of(1)[1])
    update_many([personal])
    PublicReport.objects.update(mask_version="of-then", point="SRID=4326;POINT(0.004 0.004)")
    update_many([replace(personal, state=State.PROGRESS)])
    shown = PublicReport.objects.get()
    assert (shown.mask_version, shown.point.coords) == ("of-then", (0.004, 0.004))
    update_many([replace(personal, point=EAST_POINT)])
    shown = PublicReport.objects.get()
    assert (shown.mask_version, shown.point, shown.ward) == ("area-1", None, small_city.east)


def test_what_a_source_masked_moves_with_it_and_is_nowhere_exact(small_city):
    masked = replace(HOLE, category=kinds_of(2)[2], precision=Precision.MASKED_BY_SOURCE)
    update_many([masked])
    update_many([replace(masked, point=EAST_POINT)])
    assert PublicReport.objects.get().point.coords == EAST_POINT
    assert exact_points() == []


def test_a_source_moves_no_report_but_its_own(small_city):
    update_many([HOLE])
    key = Report.objects.get().pk
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reports_move_exact('another', ARRAY[%s]::bigint[], ARRAY[0.0], ARRAY[0.0])",
            [key],
        )
        assert cursor.fetchall() == []
    assert exact_points() == [WEST_POINT]


def test_a_category_that_is_not_there_is_named(small_city):
    with pytest.raises(Exception, match="no category 'dragon'"):
        update_many([replace(HOLE, category="dragon")])


def test_what_was_masked_for_another_class_is_not_stored(small_city):
    changed = pytest.raises(Conflict, match="class of 'pothole' was changed")
    with changed, acting_as(ANONYMOUS):
        prepared = prepare(in_columns([HOLE]))
        Category.objects.filter(code=HOLE.category).update(sensitivity=1)
        store(prepared)
    assert not Report.objects.exists()


def test_an_update_is_dated_when_it_is_stored(small_city, people):
    update_many([HOLE])
    number = Report.objects.get().public_id
    with acting_as(ANONYMOUS):
        prepared = prepare(in_columns([replace(HOLE, description="Wider")]))
    lifecycle.transition(number, State.ASSIGNED, people.viewer("roads_west"))
    with acting_as(ANONYMOUS):
        assert store(prepared) == [Outcome.UPDATED]
    entries = HistoryEntry.objects.order_by("number")
    assert [entry.event for entry in entries][-2:] == ["transition", "updated"]
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)


def test_a_batch_of_two_sources_is_refused(small_city):
    with pytest.raises(ValueError, match="of one source"):
        update_many([HOLE, replace(HOLE, source="other")])


def test_a_batch_is_not_compared_with_itself_row_by_row(small_city):
    """The planner has no statistics of a table that was just filled, and takes it for small."""
    plans = []

    def explained(execute, statement, params, *rest):
        if str(statement).startswith("-- One batch of reports"):
            with connection.connection.cursor() as cursor:
                plans.append(str(cursor.execute(f"EXPLAIN {statement}", params).fetchall()))
        return execute(statement, params, *rest)

    with connection.execute_wrapper(explained):
        update_many([replace(HOLE, source_key=str(key)) for key in range(1000)])
    (plan,) = plans
    assert "Insert on reports_publicreport" in plan
    assert "Join Filter" not in plan
