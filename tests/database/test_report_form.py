"""The form of a new report, as somebody without a script uses it."""

import re
import uuid

import pytest
from django.test import Client

from layers.models import Address, City
from reports.models import Contact, PublicReport, Report
from tests.database.conftest import WEST_POINT

LON, LAT = map(str, WEST_POINT)


@pytest.fixture
def addresses(small_city):
    Address.objects.create(street_name="Long Street", number="12", geometry="POINT(0.004 0.0051)")
    Address.objects.create(street_name="Long Street", number="14", geometry="POINT(0.0045 0.0051)")


def filled(**changes: str) -> dict[str, str]:
    form = {
        "family": "roads",
        "category": "pothole",
        "lon": LON,
        "lat": LAT,
        "description": "Deep hole",
        "client_uuid": str(uuid.uuid4()),
    }
    return form | changes


def send(client, **changes: str):
    return client.post("/report/", filled(**changes))


def test_a_report_is_taken_and_leads_to_its_receipt(client, small_city):
    response = send(client, name="Ada", email="ada@example.org", phone="123")
    assert response.status_code == 302
    assert re.fullmatch(r"/r/\w{24}/\?sent=1", response["Location"])
    report = Report.objects.get()
    assert (report.category.code, report.channel) == ("pothole", "web")
    assert PublicReport.objects.get().point.coords == WEST_POINT


def test_the_contact_is_kept_where_the_web_may_not_read_it(client, small_city):
    send(client, email="ada@example.org")
    assert not Contact.objects.exists()


def test_a_double_click_and_a_reload_make_one_report(client, small_city):
    key = str(uuid.uuid4())
    first = send(client, client_uuid=key)
    again = send(client, client_uuid=key)
    assert first["Location"] == again["Location"]
    assert Report.objects.count() == 1


def test_each_rendered_form_has_a_key_of_its_own(client, small_city):
    keys = {
        re.search(r'name="client_uuid" value="([^"]+)"', client.get("/report/").content.decode())[1]
        for _ in range(2)
    }
    assert len(keys) == 2


def test_a_link_may_begin_a_form_but_not_choose_its_key(client, small_city):
    known = str(uuid.uuid4())
    html = client.get(f"/report/?family=roads&category=pothole&client_uuid={known}")
    assert known not in html.content.decode()
    assert 'name="family" value="roads" checked' in html.content.decode()


def test_a_form_sent_again_with_other_words_says_so_and_can_be_sent_as_new(client, small_city):
    key = str(uuid.uuid4())
    send(client, client_uuid=key)
    response = send(client, client_uuid=key, description="Other words")
    html = response.content.decode()
    assert response.status_code == 409
    assert "sent before with other content" in html
    fresh = re.search(r'name="client_uuid" value="([^"]+)"', html)[1]
    assert fresh != key
    assert send(client, client_uuid=fresh, description="Other words").status_code == 302
    assert Report.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"category": ""}, "category", "Choose what is wrong."),
        ({"category": "dragon"}, "category", "Choose what is wrong."),
        ({"family": "water"}, "category", "Choose what is wrong under “Water”."),
        ({"lon": "", "lat": ""}, "search", "Say where it is"),
        ({"lon": "1", "lat": "1"}, "search", "outside Testville"),
        ({"lon": "nan", "lat": "1"}, "lon", "Enter a number"),
        ({"place": "999,0"}, "search", "not on the map"),
        ({"email": "ada@example"}, "email", "Write it as name@example.org"),
        ({"description": "x" * 2001}, "description", "2000"),
    ],
)
def test_a_mistake_is_named_at_its_field_and_nothing_typed_is_lost(
    client, small_city, changes, field, words
):
    typed = {"name": "Ada Lovelace"} | changes
    response = send(client, **typed)
    html = response.content.decode()
    assert response.status_code == 422
    assert words in html
    assert f'<a href="#id_{field}">' in html
    assert f'id="id_{field}_error"' in html
    assert 'value="Ada Lovelace"' in html
    assert not Report.objects.exists()


def test_a_chosen_kind_stays_chosen_after_a_mistake(client, small_city):
    html = send(client, email="x").content.decode()
    assert re.search(r'value="pothole"[^>]*\bchecked', html)
    assert 'name="family" value="roads" checked' in html


@pytest.mark.parametrize("typed", ["Long Street 12", "12, long street", "12 Long"])
def test_find_offers_the_address_and_keeps_what_was_typed(client, addresses, typed):
    response = client.post("/report/", filled(search=typed, find="1", lon="", lat=""))
    html = response.content.decode()
    assert response.status_code == 200
    assert 'name="place" value="0.004,0.0051" checked' in html
    assert "Long Street 14" not in html
    assert "Deep hole" in html
    assert not Report.objects.exists()


def test_find_offers_streets_by_part_of_their_name(client, small_city):
    html = client.post("/report/", filled(search="lane", find="1")).content.decode()
    offered = re.findall(r'name="place" value="([^"]+)"', html)
    assert offered[:2] == ["0.017,0.0075", "0.003,0.0025"]


def test_find_says_when_it_knows_no_such_street(client, small_city):
    html = client.post("/report/", filled(search="Dragon Road", find="1")).content.decode()
    assert "We know no street like “Dragon Road” here." in html


def test_a_street_typed_but_not_looked_up_is_offered_with_the_refusal(client, small_city):
    response = send(client, search="West Lane", lon="", lat="")
    html = response.content.decode()
    assert response.status_code == 422
    assert 'name="place" value="0.003,0.0025"' in html


def test_a_place_that_was_looked_up_is_where_the_report_lands(client, small_city):
    send(client, place="0.003,0.0025", lon="", lat="")
    assert PublicReport.objects.get().point.coords == (0.003, 0.0025)


def test_a_place_that_was_looked_up_outlives_another_mistake(client, small_city):
    typed = {"search": "West Lane", "place": "0.003,0.0025", "lon": "", "lat": ""}
    html = send(client, email="x", **typed).content.decode()
    assert 'name="place" value="0.003,0.0025" checked' in html


def test_the_form_says_whom_to_call_first(client, small_city):
    City.objects.update(emergency_number="999")
    html = client.get("/report/").content.decode()
    assert '<a href="tel:999">Call 999</a>' in html


def test_too_many_reports_from_one_address_are_held_back(client, small_city, settings):
    settings.REPORT_TRIES = 2
    assert [send(client).status_code for _ in range(3)] == [302, 302, 429]
    assert Report.objects.count() == 2


def test_a_form_without_its_token_is_refused(small_city):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/report/", filled()).status_code == 403
    assert not Report.objects.exists()
