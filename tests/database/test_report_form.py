"""The form of a new report, as somebody without a script uses it and as the script does."""

import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from layers.models import Address, Asset, AssetKind, City
from reports import kinds
from reports.models import Contact, Follower, Photo, PublicReport, Report, Sensitivity
from reports.queries import categories
from reports.wording import SEEN_BY_ALL
from tests.database.conftest import WEST_POINT
from tests.pictures import photo

LON, LAT = map(str, WEST_POINT)


@pytest.fixture
def addresses(small_city):
    Address.objects.create(street_name="Long Street", number="12", geometry="POINT(0.004 0.0051)")
    Address.objects.create(street_name="Long Street", number="14", geometry="POINT(0.0045 0.0051)")


@pytest.fixture
def lamp(small_city) -> Asset:
    kind = AssetKind.objects.create(slug="lamp", title="Street lamp", title_plural="Street lamps")
    return Asset.objects.create(kind=kind, code="L-0123", geometry="POINT(0.004 0.0051)")


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


def test_too_many_reports_from_one_address_are_held_back_and_keep_their_words(
    client, small_city, settings
):
    settings.REPORT_TRIES = 2
    answers = [send(client) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "Deep hole" in answers[-1].content.decode()
    assert Report.objects.count() == 2


# ---- a token that is too old ----


@pytest.mark.parametrize(("origin", "is_kept"), [("http://testserver", True), ("null", False)])
def test_a_form_without_its_token_comes_back_as_it_was_filled(small_city, origin, is_kept):
    strict, key = Client(enforce_csrf_checks=True), str(uuid.uuid4())
    response = strict.post("/report/", filled(client_uuid=key), headers={"Origin": origin})
    html = response.content.decode()
    assert response.status_code == 403
    assert "Everything that you typed is still here" in html
    assert "Deep hole" in html
    # A form of another site must not choose the key: its maker could come by the receipt.
    assert (key in html) is is_kept
    assert not Report.objects.exists()


# ---- the last look ----


def check(client, **changes: str):
    return client.post("/report/", filled(check="1", **changes))


def hidden_fields(html: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))


def test_the_last_look_shows_what_everybody_will_see_and_sends_what_was_typed(client, small_city):
    html = check(client, email="ada@example.org", asked="pothole").content.decode()
    seen, private = html.split("What stays private")
    assert "Deep hole" in seen
    assert "Long Street, West ward" in seen
    assert "ada@example.org" in private
    assert not Report.objects.exists()
    response = client.post("/report/", hidden_fields(html) | {"send": "1"})
    assert response.status_code == 302
    assert Report.objects.get().description == "Deep hole"


def test_the_last_look_names_what_a_masked_kind_hides(client, small_city):
    typed = {"family": "other", "category": "neighbour-noise", "asked": "neighbour-noise"}
    html = check(client, **typed).content.decode()
    seen, private = html.split("What stays private")
    assert "Deep hole" not in seen.split("<main")[1]
    assert "The exact place: " in private
    assert "What you wrote" in private


def test_change_brings_the_form_back_with_everything(client, small_city):
    html = client.post("/report/", filled(change="1", category="theft", family="")).content.decode()
    assert "Deep hole" in html
    assert re.search(r'value="theft"[^>]*\bchecked', html)
    assert "What was stolen?" in html


def test_similar_reports_are_offered_before_another_is_sent(client, small_city):
    send(client)
    html = check(client, asked="pothole").content.decode()
    assert "Is it one of these?" in html
    assert f"/reports/{Report.objects.get().public_id}/me-too/" in html


def test_what_is_typed_is_kept_by_no_cache(client, small_city):
    assert "no-store" in check(client, asked="pothole")["Cache-Control"]


# ---- somebody in danger ----


def test_a_crime_stops_first_and_goes_on_when_nobody_is_in_danger(client, small_city):
    City.objects.update(emergency_number="999")
    theft = {"family": "crime", "category": "theft", "asked": "theft"}
    html = check(client, **theft).content.decode()
    assert "Is somebody in danger now?" in html
    assert 'href="tel:999"' in html
    assert "What stays private" not in html
    again = client.post("/report/", hidden_fields(html) | {"check": "1"})
    assert "What stays private" in again.content.decode()


def test_another_dangerous_kind_is_asked_for_anew(client, small_city):
    typed = {"family": "crime", "category": "assault", "asked": "assault", "safe": "theft"}
    assert "Is somebody in danger now?" in check(client, **typed).content.decode()


def test_a_victim_is_told_who_reads_it_and_can_leave_quickly(client, small_city):
    code = "sexual-assault"
    html = check(client, family="crime", category=code, asked=code, safe=code).content.decode()
    assert "Leave quickly" in html
    assert str(SEEN_BY_ALL[Sensitivity.VICTIM]) in html


# ---- questions of the kind ----


def test_the_questions_of_a_kind_are_asked_once_and_their_answers_kept(client, small_city):
    html = check(client, category="street-light").content.decode()
    assert "This kind of report has questions of its own." in html
    assert 'name="asked" value="street-light"' in html
    assert "Deep hole" in html
    typed = {"category": "street-light", "asked": "street-light", "answers-trouble": "flickers"}
    assert "It flickers" in check(client, **typed).content.decode()
    send(client, **typed)
    assert Report.objects.get().answers == {"trouble": "flickers"}


def test_the_script_asks_for_the_questions_of_a_kind_alone(client, small_city):
    address = "/report/?category=street-light"
    html = client.get(address, headers={"X-Fragment": "questions"}).content.decode()
    assert 'name="answers-trouble"' in html
    assert "<html" not in html


# ---- the place ----


def test_streets_and_things_near_a_chosen_place_are_offered(client, addresses, lamp):
    html = client.post("/report/", filled(find="1", search="12 Long Street")).content.decode()
    assert re.search(r'value="0.003,0.005">\s*<span>West Lane', html)
    assert f'name="asset" value="{lamp.pk}"' in html


def test_a_thing_of_the_city_is_kept_with_its_report(client, small_city, lamp):
    typed = {"asset": str(lamp.pk), "lon": "0.004", "lat": "0.005", "asked": "pothole"}
    assert "Street lamp L-0123" in check(client, **typed).content.decode()
    send(client, **typed)
    assert Report.objects.get().asset_id == lamp.pk


@pytest.mark.parametrize(
    ("asset", "words"),
    [
        ("lamp", "more than 100 m from the place"),
        ("4711", "is not on our list, or"),
        ("x", "This thing is not on our list."),
        (str(2**63), "This thing is not on our list."),
    ],
)
def test_a_thing_far_away_or_unknown_is_refused(client, small_city, lamp, asset, words):
    typed = {"asset": str(lamp.pk) if asset == "lamp" else asset, "asked": "pothole"}
    for response in (check(client, **typed), send(client, **typed)):
        assert response.status_code == 422
        assert words in response.content.decode()
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("side", "words"),
    [
        ("", "Say on which side of the border it is."),
        ("no", "Then the neighbouring town looks after it."),
        ("yes", "What stays private"),
    ],
)
def test_on_the_border_the_side_is_asked_for_and_never_guessed(client, small_city, side, words):
    html = check(client, lon="0.0001", asked="pothole", is_here=side).content.decode()
    assert words in html


def test_a_place_outside_is_said_before_the_last_look(client, small_city):
    response = check(client, lon="1", lat="1", asked="pothole")
    assert response.status_code == 422
    assert "This is outside Testville." in response.content.decode()


# ---- in plain words ----


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("my lamp is dark", "street-light"),
        ("lamb", "street-light"),
        ("pothloe", "pothole"),
        ("hole in the road", "pothole"),
        ("mattress", "illegal-dumping"),
        ("barking", "neighbour-noise"),
    ],
)
def test_a_kind_is_found_by_what_people_call_it(db, typed, code):
    assert kinds.find(categories(), typed)[0].code == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("bache", "pothole"),
        ("socavón", "pothole"),
        ("lampara apagada", "street-light"),
        ("colchon", "illegal-dumping"),
        ("ladridos", "neighbour-noise"),
        ("arbol", "fallen-tree"),
    ],
)
def test_a_kind_is_found_in_the_readers_language_with_or_without_accents(db, typed, code):
    with translation.override("es"):
        assert kinds.find(categories(), typed)[0].code == code


@pytest.mark.parametrize("typed", ["", "x", "xyzzy", "\0", "...", "☃"])
def test_words_that_mean_no_kind_find_none(db, typed):
    assert kinds.find(categories(), typed) == []


def test_found_kinds_are_shown_without_a_script(client, small_city):
    typed = filled(find_kind="1", kind_search="my lamb is dark", family="", category="")
    html = client.post("/report/", typed).content.decode()
    assert re.findall(r'class="tile found"[^>]*>\s*<input[^>]*value="([^"]+)"', html) == [
        "street-light"
    ]
    assert "Deep hole" in html


# ---- mail, language ----


def test_mail_is_wanted_only_with_an_address(client, small_city):
    assert "Give the address to write to" in send(client, wants_mail="on").content.decode()
    send(client, wants_mail="on", email="ada@example.org")
    assert Follower.objects.get().is_reporter


def test_a_report_keeps_the_language_it_was_sent_in(client, small_city):
    client.post("/report/", filled(), headers={"Accept-Language": "es"})
    assert Report.objects.get().language == "es"


# ---- photos without a script ----


def jpeg() -> SimpleUploadedFile:
    return SimpleUploadedFile("hole.jpg", photo("jpeg"), content_type="image/jpeg")


def test_photos_come_with_the_form_and_stay_with_the_report(client, small_city):
    typed = filled(check="1", asked="pothole")
    html = client.post("/report/", typed | {"photos": jpeg()}).content.decode()
    assert "/report/photos/" in html
    client.post("/report/", hidden_fields(html) | {"send": "1"})
    assert Photo.objects.get().report == Report.objects.get()


def test_a_refused_photo_is_named_and_the_others_stay(client, small_city):
    broken = SimpleUploadedFile("note.txt", b"no picture", content_type="image/jpeg")
    typed = filled(check="1", asked="pothole") | {"photos": [jpeg(), broken]}
    response = client.post("/report/", typed)
    html = response.content.decode()
    assert response.status_code == 422
    assert "note.txt" in html
    assert f'name="remove_photo" value="{Photo.objects.get().key}"' in html
    assert "Deep hole" in html
    client.post("/report/", typed | {"photos": [], "remove_photo": Photo.objects.get().key})
    assert not Photo.objects.exists()


def test_a_second_click_with_photos_gets_the_first_answer(client, small_city):
    typed = filled()
    first = client.post("/report/", typed | {"photos": jpeg()})
    assert client.post("/report/", typed | {"photos": jpeg()})["Location"] == first["Location"]
    assert Photo.objects.get().report == Report.objects.get()


# ---- as the script sends it ----


def by_script(client, fragment: str, **changes: str):
    button = {"check": "1"} if fragment == "check" else {"send": "1"}
    return client.post("/report/", filled(**changes) | button, headers={"X-Fragment": fragment})


def test_the_script_gets_the_last_look_alone(client, small_city):
    html = by_script(client, "check").content.decode()
    assert "What stays private" in html
    assert "<html" not in html


def test_the_script_gets_errors_by_field(client, small_city):
    response = by_script(client, "check", email="x", category="")
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert {error["field"] for error in response.json()["errors"]} == {"category", "email"}


def test_the_script_gets_the_receipts_address_also_when_the_answer_was_lost(client, small_city):
    key = str(uuid.uuid4())
    answers = [by_script(client, "sent", client_uuid=key).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert re.fullmatch(r"/r/\w{24}/\?sent=1", answers[0]["url"])
    assert Report.objects.count() == 1


def test_the_script_gets_another_key_after_a_conflict(client, small_city):
    key = str(uuid.uuid4())
    by_script(client, "sent", client_uuid=key)
    response = by_script(client, "sent", client_uuid=key, description="Other words")
    assert response.status_code == 409
    fresh = response.json()["client_uuid"]
    assert fresh != key
    again = by_script(client, "sent", client_uuid=fresh, description="Other words")
    assert again.status_code == 200


def test_the_script_gets_a_fresh_token(small_city):
    strict = Client(enforce_csrf_checks=True)
    token = strict.get("/report/", headers={"X-Fragment": "token"}).json()["token"]
    headers = {"X-Fragment": "sent", "X-CSRFToken": token}
    assert strict.post("/report/", filled(), headers=headers).status_code == 200
