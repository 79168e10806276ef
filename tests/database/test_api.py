"""The reports API: GeoJSON of what everybody may see, and a door for new reports."""

import json
import uuid
from datetime import UTC, datetime

import pytest
from django.test import Client

from reports import voices
from reports.intake import submit, submit_many
from reports.models import Category, Report
from reports.submission import NewReport
from tests.database.conftest import EAST_POINT, WEST_POINT

NEW = {"category": "pothole", "lon": WEST_POINT[0], "lat": WEST_POINT[1], "description": "Deep"}
AT = datetime(2026, 3, 17, 14, 5, tzinfo=UTC)


def post(client, body):
    return client.post("/api/v1/reports/", json.dumps(body), content_type="application/json")


def get(client, query=""):
    response = client.get(f"/api/v1/reports/{query}")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/geo+json"
    return response.json()


def test_an_open_report_is_a_feature_with_its_point_and_link(client, small_city):
    answer = submit(NewReport("pothole", WEST_POINT, "Deep", reported_at=AT))
    (feature,) = get(client)["features"]
    assert feature["id"] == answer.public_id
    assert feature["geometry"] == {"type": "Point", "coordinates": list(WEST_POINT)}
    assert feature["properties"] == {
        "family": "roads",
        "category": "pothole",
        "title": "Pothole",
        "state": "new",
        "phase": "new",
        "area": "West ward",
        "reported": "2026-03-17T14:05+00:00",
        "closed": None,
        "department": None,
        "promised": "2026-03-31T15:05+01:00",
        "me_too": 0,
        "street": "Long Street",
        "description": "Deep",
        "url": f"http://testserver/reports/{answer.public_id}/",
    }


def test_a_crime_is_a_feature_without_number_link_text_place_or_day(client, small_city):
    submit(NewReport("theft", EAST_POINT, "At the blue door", reported_at=AT))
    (feature,) = get(client)["features"]
    assert set(feature) == {"type", "geometry", "properties"}
    assert feature["geometry"] is None
    assert feature["properties"] == {
        "family": "crime",
        "category": "theft",
        "title": "Theft",
        "state": "new",
        "phase": "new",
        "area": "East ward",
        "reported": "2026-03",
        "closed": None,
        "department": None,
        "near": None,
    }


def test_a_personal_report_has_its_day_and_no_words(client, small_city):
    submit(NewReport("neighbour-noise", EAST_POINT, "At the blue door", reported_at=AT))
    (feature,) = get(client)["features"]
    assert feature["properties"]["reported"] == "2026-03-17"
    assert feature["properties"]["description"] == ""
    assert feature["geometry"] is None


def test_a_victims_report_is_no_feature_and_not_counted(client, small_city):
    submit(NewReport("domestic-violence", EAST_POINT))
    found = get(client)
    assert (found["features"], found["numberMatched"]) == ([], 0)


def test_filters_are_those_of_the_list(client, small_city):
    submit_many([NewReport("pothole", WEST_POINT), NewReport("water-leak", EAST_POINT)])
    (feature,) = get(client, "?cat=water&bbox=0.01,0,0.02,0.01")["features"]
    assert feature["properties"]["category"] == "water-leak"
    assert get(client, "?phase=done")["numberMatched"] == 0


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "limit=²", "cat=x", "bbox=nan,0,1,1", "after=x"]
)
def test_a_bad_filter_is_a_problem_that_names_it(client, small_city, query):
    response = client.get(f"/api/v1/reports/?{query}")
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"][0]["field"] == query.partition("=")[0]


def test_the_next_link_walks_every_report_once(client, small_city):
    categories = ["pothole", "theft", "neighbour-noise"] * 15
    submit_many([NewReport(c, WEST_POINT, reported_at=AT) for c in categories])
    address, seen = "/api/v1/reports/?limit=7&cat=roads,crime,other", []
    while address:
        found = client.get(address).json()
        seen += found["features"]
        address = next((link["href"] for link in found["links"] if link["rel"] == "next"), None)
    assert len(seen) == 45
    numbers = [feature["id"] for feature in seen if "id" in feature]
    assert len(numbers) == len(set(numbers)) == 30


def test_a_hundred_features_take_at_most_ten_statements(
    client, small_city, django_assert_max_num_queries
):
    submit_many([NewReport("pothole", WEST_POINT)] * 101)
    with django_assert_max_num_queries(10):
        assert len(get(client, "?limit=100")["features"]) == 100


def test_one_report_comes_with_its_history(client, small_city):
    answer = submit(NewReport("pothole", WEST_POINT, "Deep", reported_at=AT))
    found = client.get(f"/api/v1/reports/{answer.public_id}/").json()
    assert found["properties"]["history"] == [
        {
            "event": "submitted",
            "state": "new",
            "at": "2026-03-17T14:05+00:00",
            "note": "",
            "crew": None,
        }
    ]


def test_an_open_report_tells_who_has_it_by_when_and_how_many_it_affects(client, people):
    answers = {"size": "door", "lane": "edge"}
    answer = submit(NewReport("pothole", WEST_POINT, reported_at=AT, answers=answers))
    voices.say_me_too(answer.public_id, "mine")
    (listed,) = get(client)["features"]
    told = {name: listed["properties"][name] for name in ("department", "promised", "me_too")}
    assert told == {"department": "Works", "promised": "2026-03-31T15:05+01:00", "me_too": 1}
    found = client.get(f"/api/v1/reports/{answer.public_id}/").json()
    assert found["properties"]["answers"] == answers


def test_a_category_says_what_else_it_asks(client, small_city):
    listed = client.get("/api/v1/categories/").json()["categories"]
    (light,) = [category for category in listed if category["code"] == "street-light"]
    assert list(light["questions"]["properties"]) == ["lamps", "trouble", "pole_number"]
    assert (light["asset_kind"], light["promise_days"]) == ("street-light", 5)
    assert light["warns_of_emergency"] is False


def test_answers_are_stored_and_a_wrong_one_is_named(small_city):
    sent = post(Client(), NEW | {"answers": {"size": "door"}})
    assert Report.objects.get(public_id=sent.json()["public_id"]).answers == {"size": "door"}
    refused = post(Client(), NEW | {"answers": {"size": "huge"}})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "answers.size"
    assert post(Client(), NEW | {"answers": "huge"}).status_code == 422


@pytest.mark.parametrize("category", ["theft", "domestic-violence"])
def test_a_crime_or_a_victims_report_has_no_address_here(client, small_city, category):
    answer = submit(NewReport(category, EAST_POINT))
    response = client.get(f"/api/v1/reports/{answer.public_id}/")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_anybody_may_send_a_report_and_gets_number_receipt_and_address(small_city):
    response = post(Client(enforce_csrf_checks=True), NEW)
    assert response.status_code == 201
    body = response.json()
    report = Report.objects.get()
    assert body["public_id"] == report.public_id
    assert body["url"] == f"http://testserver/r/{body['receipt']}/"
    assert (report.channel, report.description) == ("api", "Deep")
    assert response["Cache-Control"] == "no-store"


def test_the_address_of_the_answer_opens_the_reporters_page(client, small_city):
    body = post(client, NEW | {"category": "domestic-violence"}).json()
    assert client.get(body["url"]).status_code == 200


def test_a_repeat_answers_200_with_the_same_and_other_content_409(client, small_city):
    new = NEW | {"client_uuid": str(uuid.uuid4())}
    first, again = post(client, new), post(client, new)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    conflict = post(client, new | {"description": "Shallow"})
    assert conflict.status_code == 409
    assert conflict["Content-Type"] == "application/problem+json"
    assert Report.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"crs": {"type": "name"}}, "crs", "EPSG:4326"),
        ({"colour": "red"}, "colour", "Unknown members: colour"),
        ({"contact": {"fax": "1"}}, "fax", "Unknown in contact: fax"),
        ({"contact": "Ada"}, "contact", "not a JSON object"),
        ({"contact": {"email": "ada"}}, "contact.email", "valid email"),
        ({"category": "dragon"}, "category", "no category “dragon”"),
        ({"category": None}, "category", "null"),
        ({"lon": "east"}, "lon", "valid number"),
        ({"lon": "nan"}, "lon", "valid number"),
        ({"lon": 999}, "point", "not on the map"),
        ({"lon": 1, "lat": 1}, "point", "outside Testville"),
        ({"description": "x" * 2001}, "description", "2000"),
        ({"description": "a\0b"}, "description", "Null"),
        ({"client_uuid": "x"}, "client_uuid", "UUID"),
    ],
)
def test_a_mistake_is_a_problem_that_names_the_field(client, small_city, change, field, words):
    response = post(client, NEW | change)
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"][0]["field"] == field
    assert words in response.json()["detail"]
    assert not Report.objects.exists()


def test_a_missing_member_is_named(client, small_city):
    response = post(client, {"category": "pothole", "lon": 0.001})
    assert response.json()["errors"][0]["field"] == "lat"


@pytest.mark.parametrize("body", ["{", "[]", "3", '{"lon": NaN}'])
def test_a_body_that_is_no_object_is_refused(client, small_city, body):
    response = client.post("/api/v1/reports/", body, content_type="application/json")
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"


def test_other_methods_and_types_are_refused_as_problems(client, small_city):
    assert client.put("/api/v1/reports/").status_code == 405
    response = client.post("/api/v1/reports/", {"category": "pothole"})
    assert response.status_code == 415
    assert response["Content-Type"] == "application/problem+json"


def test_too_many_reports_from_one_address_are_held_back(client, small_city, settings):
    settings.REPORT_TRIES = 1
    assert [post(client, NEW).status_code for _ in range(2)] == [201, 429]


def test_a_signed_in_page_needs_its_token(people):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.citizen)
    assert post(strict, NEW).status_code == 403


def test_the_kinds_say_their_class_and_code(client, small_city):
    kinds = client.get("/api/v1/categories/").json()["categories"]
    assert len(kinds) == Category.objects.filter(is_active=True).count()
    pothole = next(kind for kind in kinds if kind["code"] == "pothole")
    assert pothole["open311_code"] == "201"
    assert pothole["sensitivity"] == "P0 open"
    assert {kind["is_listed"] for kind in kinds} == {True, False}
