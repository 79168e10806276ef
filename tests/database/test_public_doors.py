"""What nobody may learn of P1 to P3 reports, through any door that is open to everybody."""

import math
import re

import pytest

from reports.intake import Contact, NewReport, submit, submit_many
from reports.models import Precision, PublicReport
from tests.database.conftest import WEST_POINT

PLACE = (0.0151234, 0.0052345)
CONTACT = Contact("Ada Lovelace", "ada@example.org", "555-0199")
SECRETS = ("blue door", "Ada Lovelace", "ada@example.org", "555-0199", "Long Street", "0.0151")


def tile_of(z: int) -> str:
    lon, lat = PLACE
    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    return f"/tiles/reports/{z}/{x}/{y}.mvt"


def doors(public_id: str) -> list[tuple[str, dict[str, str]]]:
    return [
        ("/", {}),
        ("/", {"X-Fragment": "list"}),
        (f"/?q={public_id}", {"X-Fragment": "list"}),
        ("/?bbox=0.01,0,0.02,0.01", {"X-Fragment": "list"}),
        (f"/reports/{public_id}/", {}),
        ("/api/v1/reports/?limit=100", {}),
        (f"/api/v1/reports/{public_id}/", {}),
        (tile_of(13), {}),
        (tile_of(16), {}),
        ("/tiles/reports.json", {}),
    ]


@pytest.mark.parametrize("category", ["neighbour-noise", "theft", "domestic-violence"])
def test_no_door_tells_words_contact_street_point_or_receipt(client, small_city, category):
    answer = submit(NewReport(category, PLACE, "At the blue door", CONTACT))
    for address, headers in doors(answer.public_id):
        content = client.get(address, headers=headers).content
        for secret in (*SECRETS, answer.receipt):
            assert secret.encode() not in content, (address, secret)


@pytest.mark.parametrize("category", ["theft", "domestic-violence"])
def test_no_door_tells_the_number_of_a_crime_unasked(client, small_city, category):
    answer = submit(NewReport(category, PLACE))
    for address, headers in doors(answer.public_id):
        if answer.public_id not in address:
            assert answer.public_id.encode() not in client.get(address, headers=headers).content


def test_searching_for_the_number_of_a_crime_finds_nothing(client, small_city):
    answer = submit(NewReport("theft", PLACE))
    listed = client.get(f"/?q={answer.public_id}", headers={"X-Fragment": "list"})
    assert "Theft" not in listed.content.decode()


def test_a_victims_report_is_in_no_list_by_its_kind(client, small_city):
    answer = submit(NewReport("domestic-violence", PLACE))
    for address, headers in doors(answer.public_id)[1:]:
        assert b"Violence at home" not in client.get(address, headers=headers).content


@pytest.mark.parametrize("z", [13, 16])
@pytest.mark.parametrize("category", ["neighbour-noise", "theft", "domestic-violence"])
def test_a_tile_holds_nothing_of_a_report_that_shows_its_area_alone(
    client, small_city, category, z
):
    submit_many([NewReport(category, PLACE)] * 20)
    assert client.get(tile_of(z)).content == b""


@pytest.mark.parametrize("z", [13, 16])
def test_the_same_tile_holds_an_open_report(client, small_city, z):
    answer = submit(NewReport("pothole", PLACE))
    content = client.get(tile_of(z)).content
    assert (answer.public_id.encode() in content) is (z == 16)
    assert b"roads" in content


def masked_thefts(count: int) -> list[str]:
    new = NewReport("theft", PLACE, "At the blue door", precision=Precision.MASKED_BY_SOURCE)
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


def test_a_filter_cannot_find_a_masked_point_by_its_exact_place(client, small_city):
    submit(NewReport("theft", PLACE))
    near = "0.0151,0.0052,0.0152,0.0053"
    far = "0.0101,0.0001,0.0102,0.0002"
    answers = [client.get(f"/api/v1/reports/?bbox={box}").json() for box in (near, far)]
    assert answers[0]["features"] == answers[1]["features"] != []


def test_the_pages_of_a_report_name_no_account(client, people):
    answer = submit(NewReport("pothole", WEST_POINT), people.viewer("citizen"))
    html = client.get(f"/reports/{answer.public_id}/").content.decode()
    assert not re.search(r"citizen@|citizen", html)
