"""Who is looking: built from account and memberships, once a request."""

import pytest
from django.db import connection
from django.test import RequestFactory

from geo.viewer import ViewerMiddleware, viewer_of
from layers.access import ANONYMOUS, Duty, Viewer
from reports.models import Category, Zone
from tests.database.conftest import make_crew, make_member

ROADS = Duty(frozenset({1, 2}), frozenset({7}), clearance=1, crew=1)
CRIME_CITYWIDE = Duty(None, frozenset({9}), clearance=3, crew=2)


@pytest.mark.parametrize(
    ("duty", "category", "sensitivity", "areas", "covered"),
    [
        (ROADS, 7, 0, {2, 5}, True),
        (ROADS, 7, 1, {1}, True),
        (ROADS, 7, 2, {1}, False),
        (ROADS, 8, 0, {1}, False),
        (ROADS, 7, 0, {3}, False),
        (ROADS, 7, 0, set(), False),
        (CRIME_CITYWIDE, 9, 3, set(), True),
        (CRIME_CITYWIDE, 7, 0, {1}, False),
    ],
)
def test_a_duty_covers_its_categories_in_its_areas_up_to_its_class(
    duty, category, sensitivity, areas, covered
):
    assert duty.covers(category, sensitivity, areas) is covered


def test_a_receipt_is_held_by_a_copy_of_the_viewer():
    assert ANONYMOUS.holding(7).receipts == {7}
    assert ANONYMOUS.receipts == frozenset()


def test_a_viewer_is_a_value_that_nobody_changes():
    with pytest.raises(AttributeError):
        Viewer(1).user_id = 2  # type: ignore[misc]


def test_a_membership_becomes_a_duty(people, small_city):
    viewer = people.viewer("roads_west")
    (duty,) = viewer.duties
    assert duty.areas == set(small_city.zone_west.areas.values_list("pk", flat=True))
    assert duty.categories == set(
        Category.objects.filter(family="roads").values_list("pk", flat=True)
    )
    assert duty.clearance == 1


def test_a_crew_without_a_zone_works_in_the_whole_city(people):
    (duty,) = people.viewer("crime_desk").duties
    assert duty.areas is None


def test_a_zone_without_areas_and_a_crew_without_categories_see_nothing(small_city):
    nowhere = make_crew("Nowhere", Zone.objects.create(name="Empty"), "roads")
    nothing = make_crew("Nothing", None, "roads")
    nothing.categories.clear()
    duties = viewer_of(make_member("empty@example.org", nowhere, nothing)).duties
    assert [(d.areas is not None and not d.areas, not d.categories) for d in duties] == [
        (True, False),
        (False, True),
    ]
    assert not any(d.covers(1, 0, {1, 2, 3}) for d in duties)


def test_all_duties_are_read_in_one_statement(people, small_city, django_assert_num_queries):
    user = make_member("many@example.org", *(make_crew(f"C{i}", None, "roads") for i in range(5)))
    with django_assert_num_queries(1):
        assert len(viewer_of(user).duties) == 5


def test_a_viewer_is_built_when_first_asked_for_and_then_kept(people, django_assert_num_queries):
    request = RequestFactory(REMOTE_ADDR="192.0.2.7").get("/")
    request.user = people.roads_west
    ViewerMiddleware(lambda _request: None)(request)  # type: ignore[arg-type,return-value]
    with django_assert_num_queries(1):
        assert request.viewer.user_id == people.roads_west.pk
        assert request.viewer.address == "192.0.2.7"
        assert len(request.viewer.duties) == 1


def test_the_database_reads_the_viewer_as_it_is_written(people):
    with connection.cursor() as cursor:
        cursor.execute("SELECT (%s::jsonb) ->> 'user'", [people.viewer("planner").setting()])
        assert cursor.fetchone() == (str(people.planner.pk),)
