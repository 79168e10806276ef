"""The reporter's own page, which the receipt opens."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from reports.intake import submit
from reports.lifecycle import transition
from reports.models import ExactLocation
from reports.submission import Contact, NewReport
from reports.web import own
from reports.workflow import State
from tests.database.conftest import EAST_POINT, WEST_POINT


def own_page(client, answer, query=""):
    return client.get(f"/r/{answer.receipt}/{query}")


def test_it_shows_the_exact_place_and_the_reporters_words(client, small_city):
    answer = submit(NewReport("theft", EAST_POINT, "At the blue door", Contact(email="a@b.org")))
    html = own_page(client, answer).content.decode()
    assert "At the blue door" in html
    assert "0.005200" in html
    assert "0.015100" in html
    assert "We have your report. Somebody looks at it next." in html


def test_reading_it_leaves_nothing_open_behind(client, small_city):
    answer = submit(NewReport("theft", EAST_POINT))
    own_page(client, answer)
    assert not ExactLocation.objects.exists()


def test_it_tells_the_note_of_the_crew(client, people):
    answer = submit(NewReport("pothole", WEST_POINT))
    viewer = people.viewer("roads_west")
    transition(answer.public_id, State.REJECTED, viewer, note="The state owns this road.")
    html = own_page(client, answer).content.decode()
    assert "The state owns this road." in html
    assert "The city cannot do this itself." in html


def test_its_address_stays_with_its_holder(client, small_city):
    response = own_page(client, submit(NewReport("pothole", WEST_POINT)))
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Cache-Control"] == "no-store"


FORM = re.compile(r'<form[^>]* action="([^"]*)"')


def test_its_forms_go_to_addresses_that_prove_by_themselves_who_asks(client, people):
    """A page without a referrer sends no origin, so the check against forgery would refuse them."""
    answer = submit(NewReport("pothole", WEST_POINT, state=State.DONE))
    client.force_login(people.citizen)
    html = own_page(client, answer).content.decode()
    assert "Signed in as citizen@example.org" in html
    assert "csrfmiddlewaretoken" not in html
    assert {action.split("/")[1:3] == ["r", answer.receipt] for action in FORM.findall(html)} == {
        True
    }


def test_right_after_sending_it_says_thanks_and_what_to_keep(client, small_city):
    answer = submit(NewReport("pothole", WEST_POINT))
    html = own_page(client, answer, "?sent=1").content.decode()
    assert "Thank you. We have your report." in html
    assert f'value="http://testserver/r/{answer.receipt}/"' in html
    assert "Thank you" not in own_page(client, answer).content.decode()


YESTERDAY = timezone.now() - timedelta(days=1)


@pytest.mark.parametrize(
    ("category", "reported_at", "has_page"),
    [
        ("pothole", None, True),
        ("neighbour-noise", YESTERDAY, True),
        ("neighbour-noise", None, False),
        ("theft", YESTERDAY, False),
    ],
)
def test_it_leads_to_the_public_page_where_there_is_one(
    client, small_city, category, reported_at, has_page
):
    answer = submit(NewReport(category, EAST_POINT, reported_at=reported_at))
    html = own_page(client, answer).content.decode()
    assert (f"/reports/{answer.public_id}/" in html) is has_page


def test_it_says_when_the_public_page_of_a_personal_report_comes(client, small_city):
    answer = submit(NewReport("neighbour-noise", EAST_POINT))
    assert "Its public page is there from tomorrow on" in own_page(client, answer).content.decode()


def test_a_receipt_may_be_typed_in_capitals(client, small_city):
    answer = submit(NewReport("pothole", WEST_POINT))
    assert client.get(f"/r/{answer.receipt.upper()}/").status_code == 200


@pytest.mark.parametrize("receipt", ["nothing", "%00", "0" * 24])
def test_an_unknown_receipt_answers_404_and_helps(client, small_city, receipt):
    submit(NewReport("pothole", WEST_POINT))
    response = client.get(f"/r/{receipt}/")
    assert response.status_code == 404
    assert "Check that the whole address was copied." in response.content.decode()


def test_a_public_number_is_no_receipt(client, small_city):
    answer = submit(NewReport("pothole", WEST_POINT))
    assert client.get(f"/r/{answer.public_id}/").status_code == 404


def test_guessing_receipts_is_held_back(client, small_city):
    tried = [client.get("/r/guess/").status_code for _ in range(own.RECEIPT_TRIES + 1)]
    assert tried == [404] * own.RECEIPT_TRIES + [429]
