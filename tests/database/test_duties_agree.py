"""The duty rule stands in the ORM, in the policy and in Python: all three say the same."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers.access import Duty, Viewer, acting_as
from layers.models import Area
from reports.intake import submit_many
from reports.models import Category, ExactLocation, Report
from reports.queries import within_duties
from reports.submission import NewReport
from tests.database.conftest import EAST_POINT, WEST_POINT

CODES = ("pothole", "water-leak", "neighbour-noise", "theft", "domestic-violence")


@pytest.fixture
def reports(small_city) -> list[Report]:
    batch = [NewReport(code, point) for code, point in product(CODES, (WEST_POINT, EAST_POINT))]
    submit_many(batch)
    return list(Report.objects.prefetch_related("areas").order_by("pk"))


def some(keys: list[int]) -> st.SearchStrategy[frozenset[int] | None]:
    return st.none() | st.frozensets(st.sampled_from(keys))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_list_policy_and_python_see_the_same_reports(reports, data):
    areas = list(Area.objects.order_by("pk").values_list("pk", flat=True))
    categories = list(Category.objects.filter(code__in=CODES).values_list("pk", flat=True))
    duty = st.builds(
        Duty,
        areas=some(areas),
        categories=some(categories),
        clearance=st.integers(0, 3),
        crew=st.just(1),
    )
    duties = data.draw(st.lists(duty, max_size=3))
    viewer = replace(Viewer(user_id=1), duties=tuple(duties))
    listed = set(Report.objects.filter(within_duties(viewer)).values_list("pk", flat=True))
    with acting_as(viewer):
        permitted = set(ExactLocation.objects.values_list("pk", flat=True))
    covered = {
        report.pk
        for report in reports
        if any(
            one.covers(report.category_id, report.sensitivity, [a.pk for a in report.areas.all()])
            for one in duties
        )
    }
    assert listed == permitted == covered
