"""What the doors that are open to everybody show of a report; the attacks on them stand apart."""

import math
import re

import pytest

from reports.intake import submit, submit_many
from reports.models import Precision, PublicReport
from reports.submission import NewReport
from tests.database.conftest import LONG_AGO, WEST_POINT

PLACE = (0.0151234, 0.0052345)


def tile_of(z: int) -> str:
    lon, lat = PLACE
    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    return f"/tiles/reports/{z}/{x}/{y}.mvt"


@pytest.mark.parametrize("z", [13, 16])
def test_a_tile_holds_an_open_report_and_far_out_its_count_alone(client, small_city, z):
    answer = submit(NewReport("pothole", PLACE))
    content = client.get(tile_of(z)).content
    assert (answer.public_id.encode() in content) is (z == 16)
    assert b"roads" in content


def masked_thefts(count: int) -> list[str]:
    new = NewReport(
        "theft",
        PLACE,
        "At the blue door",
        precision=Precision.MASKED_BY_SOURCE,
        reported_at=LONG_AGO,
    )
    return [answer.public_id for answer in submit_many([new] * count)]


def test_a_crime_that_its_source_masked_is_a_point_without_a_number(client, small_city):
    (number,) = masked_thefts(1)
    content = client.get(tile_of(16)).content
    assert b"theft" in content
    assert number.encode() not in content
    assert PublicReport.objects.get().key.encode() not in content


def test_a_cell_counts_crimes_from_five_on(client, small_city):
    masked_thefts(4)
    assert client.get(tile_of(13)).content == b""
    masked_thefts(1)
    assert b"crime" in client.get(tile_of(13)).content


def test_where_no_point_is_known_a_crime_is_found_by_its_ward_wherever_it_was(client, small_city):
    submit(NewReport("theft", PLACE, reported_at=LONG_AGO))
    near = "0.0151,0.0052,0.0152,0.0053"
    far = "0.0101,0.0001,0.0102,0.0002"
    answers = [client.get(f"/api/v1/reports/?bbox={box}").json() for box in (near, far)]
    assert answers[0]["features"] == answers[1]["features"] != []


def test_the_pages_of_a_report_name_no_account(client, people):
    answer = submit(NewReport("pothole", WEST_POINT), people.viewer("citizen"))
    html = client.get(f"/reports/{answer.public_id}/").content.decode()
    assert not re.search(r"citizen@|citizen", html)
