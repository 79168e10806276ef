"""What studies read: everybody's view, in metres, with a fingerprint and an account of the rest."""

from datetime import date, timedelta

import numpy as np
import pytest
import shapely
from django.db import transaction

from layers.errors import InvalidInput
from layers.importing.load import load_streets
from layers.models import Area, City
from planning import sources
from reports.intake import submit_many
from reports.models import Category, ExactLocation
from reports.submission import NewReport
from tests.database.conftest import SOURCE, WEST_POINT, frame
from tests.database.studied_city import LIGHT, START, light_reports, submit_lights

pytestmark = pytest.mark.django_db


def report(category: str, point, **more) -> NewReport:
    return NewReport(category, point, reported_at=START, **more)


def test_reports_come_in_metres_with_their_times_and_categories(small_city):
    submit_many([report(LIGHT, (0.004, 0.002)), report(LIGHT, (0.013, 0.002))])
    events = sources.read_events({})
    east, west = events.x.max(), events.x.min()
    assert events.taken == 2
    # 0.009 degrees on the equator of the WGS 84 ellipsoid, at a scale of 0.9996 to 1.001.
    assert east - west == pytest.approx(0.009 * 111_319.49, rel=2e-3)
    assert events.time.tolist() == [START.replace(tzinfo=None)] * 2
    assert events.category.tolist() == [LIGHT] * 2
    assert events.ground.place_names == ("East ward", "West ward")


def test_what_is_left_out_is_counted_by_its_reason(small_city):
    submit_many(
        [
            report(LIGHT, WEST_POINT),
            report(LIGHT, None, source_areas=(small_city.west.pk,)),
            report(LIGHT, (0.5, 0.5)),
            report("assault", WEST_POINT),
        ]
    )
    events = sources.read_events({})
    assert events.taken == 1
    assert dict(events.left_out) == {
        sources.NOT_LOCATED: 1,
        sources.AREA_ALONE: 1,
        sources.OUTSIDE: 1,
    }


def test_exact_places_are_not_read(small_city):
    submit_many([report("assault", WEST_POINT), report(LIGHT, (0.015, 0.002))])
    ExactLocation.objects.all().delete()
    events = sources.read_events({})
    assert events.category.tolist() == [LIGHT]


def test_filters_narrow_by_category_and_period(small_city):
    submit_lights()
    submit_many([report("pothole", WEST_POINT)])
    potholes = sources.read_events({"category": "pothole"})
    january = sources.read_events({"category": LIGHT, "until": "2025-01-31"})
    assert (potholes.taken, potholes.subject) == (1, "Pothole")
    assert 0 < january.taken < 100
    assert january.time.max() < np.datetime64("2025-02-01")


def test_the_fingerprint_is_of_the_content_and_not_of_keys_or_order(small_city):
    reports = light_reports()
    with transaction.atomic():
        submit_many(reports)
        first = sources.read_events({}).fingerprint
        transaction.set_rollback(True)
    submit_many(reports[::-1])
    assert sources.read_events({}).fingerprint == first
    submit_many([report(LIGHT, WEST_POINT)])
    assert sources.read_events({}).fingerprint != first


def test_the_fingerprint_does_not_hang_on_the_keys_of_categories(small_city):
    same_moment = [report("pothole", WEST_POINT), report(LIGHT, WEST_POINT)]
    submit_many(same_moment)
    first = sources.read_events({}).fingerprint
    pothole, light = (Category.objects.get(code=code) for code in ("pothole", LIGHT))
    in_between = f"{pothole.code}-"
    # The two change keys: what was one's is the other's.
    Category.objects.filter(pk=pothole.pk).update(code=in_between)
    Category.objects.filter(pk=light.pk).update(code="pothole")
    Category.objects.filter(pk=pothole.pk).update(code=LIGHT)
    assert sources.read_events({}).fingerprint == first


def test_the_period_asked_for_is_cut_to_the_time_that_reports_are_of(small_city):
    submit_lights()
    newest = (START + timedelta(days=1.8 * 99)).date()
    everything = sources.read_events({"since": "2015-06-15", "until": "2099-12-31"})
    assert (everything.since, everything.until) == (date(2025, 1, 1), newest)
    within = sources.read_events({"since": "2025-02-03", "until": "2025-04-05"})
    assert (within.since, within.until) == (date(2025, 2, 3), date(2025, 4, 5))
    assert (sources.read_events({}).since, sources.read_events({}).until) == (None, None)


def test_without_a_city_area_the_wards_together_are_studied(small_city):
    area = sources.read_ground().area
    wards = Area.objects.filter(kind="ward").count()
    assert wards == 2
    assert area.area == pytest.approx(0.02 * 0.01 * 111_319.49 * 110_574, rel=5e-3)


def test_without_areas_the_hull_of_the_reports_is_studied(small_city):
    Area.objects.all().delete()
    City.objects.update(ward_kind=None)
    corners = [(0.0, 0.0), (0.01, 0.0), (0.0, 0.01)]
    submit_many([report(LIGHT, point) for point in corners])
    events = sources.read_events({})
    assert events.taken == 3
    assert isinstance(events.ground.area, shapely.Polygon)


def test_it_says_why_nothing_is_left(small_city):
    submit_many([report(LIGHT, None, source_areas=(small_city.west.pk,))])
    with pytest.raises(InvalidInput, match=f"Left out: 1 {sources.NOT_LOCATED}"):
        sources.read_events({"category": LIGHT})


def test_streets_come_with_what_keeps_crossings_apart(small_city):
    load_streets(
        frame(
            name=["Ground", "Bridge"],
            level=[0, 1],
            is_bridge=[False, True],
            geometry=[
                shapely.LineString([(0, 0.001), (0.01, 0.001)]),
                shapely.LineString([(0.005, 0), (0.005, 0.002)]),
            ],
        ),
        SOURCE,
    )
    streets = sources.read_streets({})
    bridge = streets.name.tolist().index("Bridge")
    assert streets.taken == 2
    assert streets.level.tolist()[bridge] == 1
    assert streets.bridge.tolist()[bridge]
    assert shapely.length(streets.lines).max() == pytest.approx(1113.2, rel=2e-3)
