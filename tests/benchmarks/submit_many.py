"""`submit_many` against a look-up per row and `bulk_create`, doing the same work in one database.

The database is made for this and dropped at the end: the ground of the demo city, and random
places on it. Both write reports, exact places, areas, the public projection, keys and the history,
in one transaction, as the database's owner: the role of the pages may not read an exact place back,
which `bulk_create` does.
"""

# ruff: noqa: E402 - models can be imported once Django is set up

import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from math import cos, radians
from typing import Any
from zoneinfo import ZoneInfo

import django

from tests.benchmarks.comparison import Benchmark, Row, best_of

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geo.settings")
django.setup()

from django.contrib.gis.db.models.functions import GeometryDistance
from django.contrib.gis.geos import Point
from django.db import connection, transaction
from django.utils import timezone

from fixtures.city import make_city
from geo.base_data import load_base
from geo.demo_places import load_places
from layers.models import Area, StreetSegment
from layers.queries import city, city_bounds
from reports import history, identifiers, masking
from reports.intake import submit_many
from reports.mask_versions import make_version
from reports.models import (
    Category,
    ExactLocation,
    HistoryEntry,
    PublicReport,
    Report,
    ReportArea,
    SnapPoint,
    SubmissionKey,
)
from reports.placing import STREET_REACH_M
from reports.submission import NewReport
from reports.workflow import State
from tests.conftest import become, owner_connection

REPORTS = 6000
BATCH = 2000
ROUNDS = 3
GOAL = 5.0
NOTES = (
    f"{REPORTS:,} reports in batches of {BATCH:,}, one transaction; best of {ROUNDS} in turn.",
    "The peer asks for areas, street and snap point by indexed queries, a row at a time, and",
    "writes each table by bulk_create; what both stored was compared and is equal.",
)


def measure() -> Benchmark:
    with _scratch_database():
        reports = _reports()
        stored: dict[str, Counter[tuple[Any, ...]]] = {}

        def ours() -> None:
            _emptied(lambda: _in_batches(reports, submit_many))
            stored["ours"] = _stored()

        def peer() -> None:
            _emptied(lambda: _in_batches(reports, _row_by_row))
            stored["peer"] = _stored()

        ours()
        peer()
        if stored["ours"] != stored["peer"]:
            message = "The two did not store the same; the comparison would mean nothing."
            raise RuntimeError(message)
        ours_s, peer_s = _seconds(reports)
        notes = [*NOTES, *_stages(reports)]
    rows = [Row(f"submit {REPORTS:,} reports", ours_s, "look-ups and bulk_create", peer_s, GOAL)]
    return Benchmark("The one door for a report", rows, notes)


@contextmanager
def _scratch_database() -> Iterator[None]:
    name = connection.settings_dict["NAME"]
    become("owner")
    connection.settings_dict["TEST"]["NAME"] = f"civicgrid_benchmark_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        load_base()
        load_places(make_city(reports=100))
        make_version()
        with owner_connection() as owner:
            owner.execute("ANALYZE")
        yield
    finally:
        become("owner")
        connection.creation.destroy_test_db(name, verbosity=0)


def _reports() -> list[NewReport]:
    chance = random.Random(1)  # noqa: S311 - a repeatable sample
    west, south, east, north = city_bounds()
    start = datetime(2026, 1, 1, tzinfo=UTC)
    categories = ("pothole", "street-light", "overflowing-bin", "neighbour-noise", "theft")
    return [
        NewReport(
            category=chance.choice(categories),
            point=(chance.uniform(west, east), chance.uniform(south, north)),
            description="A deep hole by the bus stop",
            reported_at=start + timedelta(minutes=i),
            source="benchmark",
            source_key=str(i),
        )
        for i in range(REPORTS)
    ]


def _seconds(reports: Sequence[NewReport]) -> tuple[float, float]:
    """Time both in turn; emptying the tables is in neither time."""
    best = {}
    for _ in range(ROUNDS):
        for name, verb in (("ours", submit_many), ("peer", _row_by_row)):
            seconds = _emptied(
                lambda verb=verb: best_of(1, [lambda: _in_batches(reports, verb)])[0]
            )
            best[name] = min(seconds, best.get(name, seconds))
    return best["ours"], best["peer"]


def _emptied(work: Callable[[], Any]) -> Any:
    with owner_connection() as owner:
        owner.execute("TRUNCATE reports_report CASCADE")
    return work()


def _in_batches(reports: Sequence[NewReport], verb: Callable[[list[NewReport]], object]) -> None:
    with transaction.atomic():
        for start in range(0, len(reports), BATCH):
            verb(list(reports[start : start + BATCH]))


def _stored() -> Counter[tuple[Any, ...]]:
    """Return what stands in every table, without the keys that are random."""
    rows: Counter[tuple[Any, ...]] = Counter(
        PublicReport.objects.values_list(
            "report__submissionkey__key",
            "report__street_name",
            "report__sensitivity",
            "place_name",
            "ward_id",
            "mask_version",
            "shown_at",
            "description",
            "title",
            "point",
        )
    )
    rows.update(ReportArea.objects.values_list("report__submissionkey__key", "area_id"))
    rows.update(HistoryEntry.objects.values_list("report__submissionkey__key", "number", "at"))
    with owner_connection() as owner:
        rows.update(owner.execute("SELECT count(*), sum(ST_X(point)) FROM reports_exactlocation"))
    return rows


# ---- the peer ----


def _row_by_row(batch: list[NewReport]) -> None:
    now = timezone.now()
    here = city()
    kinds = {category.code: category for category in Category.objects.all()}
    reports, public, exact, held, keys, entries = [], [], [], [], [], []
    for new in batch:
        place, areas, street = _look_up(new)
        category = kinds[new.category]
        report = Report(
            public_id=identifiers.new_public_id(),
            category=category,
            sensitivity=category.sensitivity,
            state=State.NEW,
            description=new.description,
            street=street,
            street_name=street.name if street else "",
            is_located=True,
            precision=new.precision,
            channel=new.channel,
            reported_at=new.reported_at,
            received_at=now,
            changed_at=new.reported_at,
        )
        reports.append(report)
        public.append(_projection(report, place, areas, here))
        exact.append(ExactLocation(report=report, point=place))
        held += [ReportArea(report=report, area=area) for area in areas]
        keys.append(SubmissionKey(scope=new.source, key=new.source_key, digest=new.digest()))
    Report.objects.bulk_create(reports)
    for report, key in zip(reports, keys, strict=True):
        key.report = report
        entries.append(_first_entry(report))
    for rows in (public, exact, held):
        for row in rows:
            row.report_id = row.report.pk
    ExactLocation.objects.bulk_create(exact)
    ReportArea.objects.bulk_create(held)
    PublicReport.objects.bulk_create(public)
    SubmissionKey.objects.bulk_create(keys)
    HistoryEntry.objects.bulk_create(entries)


def _look_up(new: NewReport) -> tuple[Point, list[Area], StreetSegment | None]:
    place = Point(*new.point, srid=4326)
    areas = list(Area.objects.filter(geometry__covers=place).defer("geometry", "geometry_3857"))
    drawn = place.transform(3857, clone=True)
    street = (
        StreetSegment.objects.annotate(distance=GeometryDistance("geometry_3857", drawn))
        .defer("geometry", "geometry_3857")
        .order_by("distance")
        .first()
    )
    in_reach = street and street.distance * _scale(place) <= STREET_REACH_M
    return place, areas, street if in_reach else None


def _scale(place: Point) -> float:
    return cos(radians(place.y))


def _projection(report: Report, place: Point, areas: list[Area], here: Any) -> PublicReport:
    rule = masking.rule_of(report.sensitivity)
    wards = [area.pk for area in areas if area.kind_id == here.ward_kind_id]
    snap = _snap_point(rule, place, min(wards, default=None))
    street_name = report.street_name if rule.shows_exact_point else ""
    return PublicReport(
        key=identifiers.new_public_id(),
        report=report,
        public_id=report.public_id if rule.has_public_id else None,
        category=report.category,
        family=report.category.family,
        sensitivity=report.sensitivity,
        state=report.state,
        title=report.category.title,
        description=report.description if rule.shows_text else "",
        place_name=snap.name if snap else street_name,
        ward_id=min(wards, default=None),
        point=snap.point if snap else place if rule.shows_exact_point else None,
        snap_point=snap,
        mask_version=_mask_version(rule, snap),
        answers={},
        is_located=True,
        shown_at=_cut(report.reported_at, rule.time_unit, here.time_zone),
    )


def _snap_point(rule: masking.Rule, place: Point, ward: int | None) -> SnapPoint | None:
    covering = SnapPoint.objects.filter(
        version__is_current=True, k=rule.k, ward=ward, catchment__covers=place
    )
    found = covering.select_related("version").defer("catchment", "catchment_3857")
    return found.order_by("id").first() if rule.k else None


def _mask_version(rule: masking.Rule, snap: SnapPoint | None) -> str:
    if snap:
        return snap.version.name
    return masking.EXACT if rule.shows_exact_point else masking.AREA_ONLY


def _cut(moment: datetime, unit: str, zone: str) -> datetime:
    local = moment.astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0)
    if unit != "minute":
        local = local.replace(hour=0, minute=0)
    return local.replace(day=1) if unit == "month" else local


def _first_entry(report: Report) -> HistoryEntry:
    entry = history.next_entry(
        history.START, report.pk, 1, at=report.reported_at, event="submitted", state=report.state
    )
    return HistoryEntry(
        report=report,
        number=entry.number,
        at=entry.at,
        event=entry.event,
        state=entry.state,
        text_digest=entry.text_digest,
        digest=entry.digest,
    )


# ---- where the time goes ----

STAGES = {
    "-- Where each point": "areas, ward and street (place.sql)",
    "-- What everybody may see": "masks, and what is public from when (shown.sql)",
    "-- One batch": "all tables (insert.sql)",
}


def _stages(reports: Sequence[NewReport]) -> list[str]:
    spent: dict[str, float] = defaultdict(float)

    def clock(execute: Callable[..., Any], statement: Any, *rest: Any) -> Any:
        begin = time.perf_counter()
        try:
            return execute(statement, *rest)
        finally:
            known = [name for start, name in STAGES.items() if str(statement).startswith(start)]
            spent[known[0] if known else "keys and other statements"] += time.perf_counter() - begin

    def work() -> None:
        with connection.execute_wrapper(clock):
            with transaction.atomic():
                _in_batches(reports, submit_many)
                begin = time.perf_counter()
            spent["commit, with the checks of foreign keys"] = time.perf_counter() - begin

    total = _emptied(lambda: best_of(1, [work])[0])
    spent["Python: digests, history, arrays"] = total - sum(spent.values())
    order = sorted(spent.items(), key=lambda item: -item[1])
    lines = [f"{seconds:6.2f} s {seconds / total:4.0%}  {name}" for name, seconds in order]
    rate = len(reports) / total
    return [f"By stage, at {rate:,.0f} reports a second; limiting: {order[0][0]}", *lines]
