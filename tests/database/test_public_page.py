"""A report's public page: what everybody may read of it."""

import re

import pytest

from reports.identifiers import in_halves
from reports.intake import submit
from reports.lifecycle import transition
from reports.submission import NewReport
from reports.workflow import State
from tests.database.conftest import EAST_POINT, LONG_AGO, WEST_POINT, next_batch

TO_DONE = (
    (State.ACCEPTED, ""),
    (State.ASSIGNED, ""),
    (State.PROGRESS, ""),
    (State.DONE, "We filled it with asphalt."),
)


def without_token(response) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value=)"\w+"', r"\1", response.content.decode())


def bring_to_done(public_id, viewer) -> None:
    for target, note in TO_DONE:
        transition(public_id, target, viewer, note=note)


def test_it_shows_place_words_and_history_with_the_crews_name_alone(client, people):
    answer = submit(NewReport("pothole", WEST_POINT, "Deep hole"))
    bring_to_done(answer.public_id, people.viewer("roads_west"))
    html = client.get(f"/reports/{answer.public_id}/").content.decode()
    assert in_halves(answer.public_id) in html
    assert "Long Street, West ward" in html
    assert "Deep hole" in html
    assert "We filled it with asphalt." in html
    assert "Roads west" in html
    assert people.roads_west.email not in html
    assert html.index("We filled it") < html.index("<strong>Sent</strong>")


def test_it_shows_the_point_to_the_small_map(client, small_city):
    answer = submit(NewReport("pothole", WEST_POINT))
    html = client.get(f"/reports/{answer.public_id}/").content.decode()
    assert f'data-point="[{WEST_POINT[0]}, {WEST_POINT[1]}]"' in html


def test_a_number_as_people_write_it_leads_to_the_one_address(client, small_city):
    answer = submit(NewReport("pothole", WEST_POINT))
    response = client.get(f"/reports/{in_halves(answer.public_id)}/")
    assert response.status_code == 301
    assert response["Location"] == f"/reports/{answer.public_id}/"


def test_a_personal_report_shows_its_area_and_its_day_but_no_words(client, small_city, people):
    new = NewReport("illegal-parking", EAST_POINT, "In front of number 7", reported_at=LONG_AGO)
    answer = submit(new)
    bring_to_done(answer.public_id, people.viewer("roads_east"))
    next_batch()
    html = client.get(f"/reports/{answer.public_id}/").content.decode()
    assert "In East ward, shown by area" in html
    assert "number 7" not in html
    assert "We filled it" not in html
    assert "Long Street" not in html
    assert "Roads east" not in html  # whose zone may be smaller than the ward
    assert "data-point" not in html
    assert "[0.01, 0.0, 0.02, 0.01]" in html  # the ward, which the map frames
    assert not re.search(r"\d\d:\d\d", html)


@pytest.mark.parametrize("category", ["theft", "domestic-violence"])
def test_a_crime_or_a_victims_report_is_as_if_it_did_not_exist(client, small_city, category):
    answer = submit(NewReport(category, EAST_POINT))
    hidden = client.get(f"/reports/{answer.public_id}/")
    absent = client.get("/reports/0123456789/")
    assert hidden.status_code == absent.status_code == 404
    assert without_token(hidden).replace(answer.public_id, "0123456789") == without_token(absent)


@pytest.mark.parametrize(
    "path", [f"/reports/{text}/" for text in ("nothing", "%00", "%20", "-", "%E2%98%83")]
)
def test_an_unknown_number_answers_404_and_helps(client, small_city, path):
    response = client.get(path, follow=True)
    assert response.status_code == 404
    assert "Check the number on your receipt." in response.content.decode()


def test_it_tells_who_has_it_by_when_and_what_was_answered(client, people):
    answer = submit(NewReport("pothole", WEST_POINT, answers={"size": "door"}))
    html = client.get(f"/reports/{answer.public_id}/").content.decode()
    for words in (
        "Who looks at it",
        "Works",
        "We mean to be done by",
        "How large is it?",
        "Larger",
    ):
        assert words in html
    assert html.index("comes next") < html.index("<strong>Sent</strong>")


def test_what_is_not_the_citys_says_who_decided_and_where_to_go(client, people):
    answer = submit(NewReport("pothole", WEST_POINT))
    viewer = people.viewer("roads_west")
    transition(answer.public_id, State.REJECTED, viewer, note="Ask the county: roads@county.org")
    html = client.get(f"/reports/{answer.public_id}/").content.decode()
    for words in ("Who decided", "The city cannot do this itself.", "roads@county.org"):
        assert words in html
    assert "It affects me too" not in html


def test_private_answers_stay_private(client, small_city):
    answers = {"kind": "car", "plate": "AB 12 CD"}
    answer = submit(NewReport("abandoned-vehicle", WEST_POINT, answers=answers))
    html = client.get(f"/reports/{answer.public_id}/").content.decode()
    assert "A car" in html
    assert "AB 12 CD" not in html
    assert "AB 12 CD" in client.get(f"/r/{answer.receipt}/").content.decode()


def test_a_joined_report_leads_to_the_one_that_stays(client, people):
    first, second = (submit(NewReport("pothole", WEST_POINT)) for _ in range(2))
    transition(second.public_id, State.MERGED, people.viewer("roads_west"), other=first.public_id)
    for address in (f"/reports/{second.public_id}/", f"/r/{second.receipt}/"):
        html = client.get(address).content.decode()
        assert f'Joined with <a href="/reports/{first.public_id}/">' in html
    for public_id, told in ((second.public_id, first.public_id), (first.public_id, None)):
        body = client.get(f"/api/v1/reports/{public_id}/").json()
        assert body["properties"]["joined_with"] == told


@pytest.mark.parametrize(
    "kinds", [("theft", "theft"), ("theft", "graffiti"), ("graffiti", "theft")]
)
def test_no_page_names_a_report_that_is_not_open_as_joined(client, people, kinds):
    """It would tell that two people saw the same, or that there is such a report."""
    desk = people.viewer("crime_desk")
    second, first = (submit(NewReport(kind, WEST_POINT)) for kind in kinds)
    transition(second.public_id, State.MERGED, desk, other=first.public_id)
    html = client.get(f"/r/{second.receipt}/").content.decode()
    for address in (f"/reports/{second.public_id}/", f"/api/v1/reports/{second.public_id}/"):
        html += client.get(address).content.decode()
    assert first.public_id not in html
    assert in_halves(first.public_id) not in html
