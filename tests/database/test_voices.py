"""What people say of a report without signing in: it affects me too, it is (not) fixed."""

import threading

import pytest
from django.db import connection
from django.test import Client

from layers.errors import Conflict, InvalidInput, NotFound
from reports import nearby, voices
from reports.identifiers import in_halves
from reports.intake import submit
from reports.models import MeToo, PublicReport
from reports.submission import NewReport
from reports.web import public
from reports.workflow import State
from tests.database.conftest import EAST_POINT, WEST_POINT

NEAR = (WEST_POINT[0] + 0.0004, WEST_POINT[1])  # 44 m east
FAR = (WEST_POINT[0] + 0.0008, WEST_POINT[1])  # 89 m east


def me_toos(answer) -> int:
    return PublicReport.objects.get(report=answer.report_id).me_too


# ---- similar reports nearby ----


def found_near(category="pothole", point=WEST_POINT):
    return [one.row.public_id for one in nearby.similar(category, *point)]


def test_open_reports_of_the_kind_within_reach_are_similar_the_nearest_first(small_city):
    near = submit(NewReport("pothole", NEAR))
    here = submit(NewReport("pothole", WEST_POINT))
    submit(NewReport("pothole", FAR))
    submit(NewReport("sidewalk", WEST_POINT))
    submit(NewReport("pothole", WEST_POINT, state=State.DONE))
    assert found_near() == [here.public_id, near.public_id]
    distances = [one.distance_m for one in nearby.similar("pothole", *WEST_POINT)]
    assert distances == pytest.approx([0, 44.5], abs=0.5)


def test_what_people_take_for_the_same_kind_comes_after_the_kind_itself(small_city):
    drain = submit(NewReport("blocked-drain", WEST_POINT))
    flooded = submit(NewReport("flooding", NEAR))
    assert found_near("flooding") == [flooded.public_id, drain.public_id]


def test_no_more_than_the_nearest_few_are_offered(small_city):
    for step in range(nearby.MOST_SIMILAR + 1):
        submit(NewReport("pothole", (WEST_POINT[0] + step * 1e-5, WEST_POINT[1])))
    assert len(found_near()) == nearby.MOST_SIMILAR


@pytest.mark.parametrize("category", ["illegal-parking", "theft", "domestic-violence"])
def test_what_is_not_shown_exactly_is_never_found_by_its_place(client, small_city, category):
    submit(NewReport(category, WEST_POINT))
    assert found_near(category) == []
    lon, lat = WEST_POINT
    answer = client.get("/report/similar/", {"category": category, "lon": lon, "lat": lat})
    assert answer.content.decode().strip() == ""


def test_the_piece_of_a_page_offers_each_with_a_button(client, small_city):
    answer = submit(NewReport("pothole", NEAR, "Deep hole"))
    lon, lat = WEST_POINT
    html = client.get("/report/similar/", {"category": "pothole", "lon": lon, "lat": lat})
    html = html.content.decode()
    assert f'action="/reports/{answer.public_id}/me-too/"' in html
    assert "45 m away" in html
    assert "Deep hole" in html
    assert "<html" not in html


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"category": "pothole", "lon": "here", "lat": "1"}, "lon and lat in degrees"),
        ({"category": "pothole", "lon": "nan", "lat": "1"}, "longitude (-180 to 180)"),
        ({"category": "pothole", "lon": "1", "lat": "88"}, "latitude (-85 to 85)"),
        ({"category": "nothing", "lon": "1", "lat": "1"}, "no category “nothing”"),
    ],
)
def test_a_question_that_is_not_understood_says_why(client, small_city, query, words):
    response = client.get("/report/similar/", query)
    assert response.status_code == InvalidInput.status
    assert words in response.content.decode()


# ---- it affects me too ----


def test_a_device_is_counted_once_and_can_take_it_back(small_city):
    answer = submit(NewReport("pothole", WEST_POINT))
    for device in ("mine", "mine", "yours"):
        voices.say_me_too(answer.public_id, device)
    assert me_toos(answer) == 2
    for device in ("mine", "mine", "nobodys"):
        voices.take_me_too_back(answer.public_id, device)
    assert me_toos(answer) == 1


def test_what_one_device_says_of_two_reports_cannot_be_joined(small_city):
    for point in (WEST_POINT, EAST_POINT):
        voices.say_me_too(submit(NewReport("pothole", point)).public_id, "mine")
    digests = {bytes(digest) for digest in MeToo.objects.values_list("device_digest", flat=True)}
    assert len(digests) == 2


@pytest.mark.parametrize("category", ["illegal-parking", "theft", "domestic-violence"])
def test_only_a_report_that_everybody_sees_exactly_counts_others(small_city, category):
    answer = submit(NewReport(category, WEST_POINT))
    with pytest.raises(NotFound):
        voices.say_me_too(answer.public_id, "mine")
    with pytest.raises(NotFound):
        voices.take_me_too_back(answer.public_id, "mine")


def test_a_closed_report_counts_nobody_any_more(small_city):
    answer = submit(NewReport("pothole", WEST_POINT, state=State.DONE))
    with pytest.raises(Conflict, match="closed"):
        voices.say_me_too(answer.public_id, "mine")


def test_the_page_counts_a_browser_without_signing_in(small_city):
    client = Client(enforce_csrf_checks=True)
    answer = submit(NewReport("pothole", WEST_POINT))
    page = f"/reports/{answer.public_id}/"
    client.get(page)
    token = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    response = client.post(f"/reports/{in_halves(answer.public_id)}/me-too/", token)
    assert response["Location"] == page
    kept = response.cookies["device"]
    assert (kept["httponly"], kept["samesite"]) == (True, "Lax")
    assert me_toos(answer) == 1
    client.post(f"{page}me-too/", token)
    assert me_toos(answer) == 1
    client.post(f"{page}me-too/", {"undo": "1", **token})
    assert me_toos(answer) == 0
    assert client.post(f"{page}me-too/").status_code == 403


def test_a_name_that_we_did_not_give_is_replaced(client, small_city):
    answer = submit(NewReport("pothole", WEST_POINT))
    client.cookies["device"] = "x" * 5000
    response = client.post(f"/reports/{answer.public_id}/me-too/")
    assert len(response.cookies["device"].value) == 24


def test_a_crowd_from_one_address_is_held_back(client, small_city):
    answer = submit(NewReport("pothole", WEST_POINT))
    statuses = []
    for _try in range(public.ME_TOO_TRIES + 1):
        client.cookies.clear()
        statuses.append(client.post(f"/reports/{answer.public_id}/me-too/").status_code)
    assert statuses == [302] * public.ME_TOO_TRIES + [429]


def at_once(*said) -> None:
    """Let several people say something at the same moment."""
    start = threading.Barrier(len(said))

    def say(what):
        try:
            start.wait()
            what()
        finally:
            connection.close()

    threads = [threading.Thread(target=say, args=[what]) for what in said]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_once_count_one_device_once_and_two_devices_twice(small_city):
    answer = submit(NewReport("pothole", WEST_POINT))
    at_once(*[lambda: voices.say_me_too(answer.public_id, "mine")] * 2)
    assert (me_toos(answer), MeToo.objects.count()) == (1, 1)
    at_once(
        *[lambda name=name: voices.say_me_too(answer.public_id, name) for name in ("yours", "ours")]
    )
    assert (me_toos(answer), MeToo.objects.count()) == (3, 3)
