"""The pages of crews and desks."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports import lifecycle
from reports.identifiers import in_halves
from reports.intake import submit, submit_many
from reports.models import HistoryEntry, Membership, Precision, Report
from reports.submission import Contact, NewReport
from reports.web import crew as pages
from reports.workflow import State
from tests.database.conftest import EAST_POINT, WEST_POINT, make_crew, make_member

ME = Contact("Ada", "ada@example.org", "+353 1 234")
DAY = timezone.timedelta(days=1)


@pytest.fixture
def west(client, people):
    """A signed-in member of the roads crew of the western zone."""
    client.force_login(people.roads_west)
    return client


def pothole(point=WEST_POINT, **values):
    return submit(NewReport("pothole", point, **values))


def ids(response) -> list[str]:
    return [card.incident.report.public_id for card in response.context["cards"]]


def address(answer, *, step: bool = False) -> str:
    return reverse("crew_step" if step else "crew_incident", args=[answer.public_id])


# ---- the list ----


def test_a_stranger_is_led_to_the_sign_in_and_back(client, small_city):
    response = client.get("/crew/?show=done")
    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=/crew/%3Fshow%3Ddone"


@pytest.mark.parametrize("who", ["citizen", "planner", "administrator"])
def test_somebody_without_a_crew_learns_whom_to_ask(client, people, who):
    client.force_login(getattr(people, who))
    response = client.get("/crew/")
    assert response.status_code == 403
    assert "Ask a dispatcher or an administrator to add you" in response.content.decode()


def test_a_crew_sees_its_zone_and_categories_alone(west):
    mine = pothole()
    pothole(EAST_POINT)
    submit(NewReport("water-leak", WEST_POINT))
    submit(NewReport("theft", WEST_POINT))
    response = west.get("/crew/")
    assert ids(response) == [mine.public_id]
    assert "1 incident to do" in response.content.decode()


def test_crime_reaches_a_cleared_desk_alone(client, people, small_city):
    uncleared = make_member(
        "patrol@example.org", make_crew("Patrol", small_city.zone_west, "crime", clearance=1)
    )
    theft = submit(NewReport("theft", WEST_POINT))
    violence = submit(NewReport("domestic-violence", WEST_POINT))
    client.force_login(uncleared)
    assert ids(client.get("/crew/")) == []
    assert client.get(address(theft)).status_code == 404
    client.force_login(people.crime_desk)
    assert set(ids(client.get("/crew/"))) == {theft.public_id, violence.public_id}
    assert client.get(address(violence)).status_code == 200


def test_the_oldest_comes_first_and_what_is_done_last_comes_first(west, people):
    now = timezone.now()
    young = pothole(reported_at=now - DAY)
    old = pothole(reported_at=now - 9 * DAY)
    first, second = (pothole(state=State.PROGRESS) for _ in range(2))
    for answer in (first, second):
        viewer = people.viewer("roads_west")
        lifecycle.transition(answer.public_id, State.DONE, viewer, note="Filled")
    response = west.get("/crew/")
    assert ids(response) == [old.public_id, young.public_id]
    assert "1\xa0week old" in response.content.decode()
    assert [n for _, n in response.context["queues"]] == [2, 2]
    assert ids(west.get("/crew/?show=done")) == [second.public_id, first.public_id]


def test_a_member_of_two_crews_sees_each_report_once(west, people, small_city):
    again = make_crew("Roads everywhere", None, "roads")
    Membership.objects.create(user=people.roads_west, crew=again)
    answer = pothole()
    response = west.get("/crew/")
    assert ids(response) == [answer.public_id]
    assert [n for _, n in response.context["queues"]] == [1, 0]


def test_a_place_on_the_border_of_two_zones_of_one_crew_counts_once(west, people, small_city):
    small_city.zone_west.areas.add(*small_city.zone_east.areas.all())
    answer = pothole((0.01, 0.005))
    assert ids(west.get("/crew/")) == [answer.public_id]


def test_a_zone_that_grows_shows_its_new_ground_at_the_next_look(west, small_city):
    answer = pothole(EAST_POINT)
    assert ids(west.get("/crew/")) == []
    small_city.zone_west.areas.add(*small_city.zone_east.areas.all())
    assert ids(west.get("/crew/")) == [answer.public_id]


@pytest.mark.parametrize("query", ["show=all", "view=globe"])
def test_an_unknown_choice_is_named_with_what_is_allowed(west, query):
    response = west.get(f"/crew/?{query}")
    assert response.status_code == 422
    assert "choose among" in response.content.decode()


@pytest.mark.parametrize("view", ["list", "map"])
def test_phones_show_the_list_or_the_map(west, view):
    text = west.get(f"/crew/?view={view}").content.decode()
    assert f'data-view="{view}"' in text


@pytest.mark.parametrize(
    ("query", "words"), [("", "Nothing to do"), ("?show=done", "Nothing is done yet")]
)
def test_an_empty_queue_says_so(west, query, words):
    assert words in west.get(f"/crew/{query}").content.decode()


def test_pages_follow_each_other_without_gap_or_repeat(west, monkeypatch):
    monkeypatch.setattr(pages, "PAGE_SIZE", 3)
    moment = timezone.now() - DAY
    answers = submit_many([NewReport("pothole", WEST_POINT, reported_at=moment) for _ in range(7)])
    seen: list[str] = []
    address = "/crew/"
    while address:
        response = west.get(address)
        seen += ids(response)
        last = response.context["next"]
        address = f"/crew/?after={last}" if last else ""
    assert seen == [answer.public_id for answer in answers]


def test_a_zero_byte_in_a_number_is_no_fault(west):
    assert west.get("/crew/%00/").status_code == 404
    assert west.get("/crew/?after=%00").status_code == 200


def test_a_report_outside_the_duties_begins_no_page(west):
    mine, other = pothole(), pothole(EAST_POINT)
    assert ids(west.get(f"/crew/?after={other.public_id}")) == [mine.public_id]


def test_a_list_of_one_hundred_takes_no_more_statements_than_a_list_of_one(
    west, django_assert_max_num_queries
):
    """Of the page's statements at most ten are the list's; the rest is map, frame, savepoints."""
    pothole()
    with django_assert_max_num_queries(22) as one:
        assert len(ids(west.get("/crew/"))) == 1
    submit_many([NewReport("pothole", WEST_POINT, contact=ME) for _ in range(99)])
    with django_assert_max_num_queries(22) as hundred:
        assert len(ids(west.get("/crew/"))) == 100
    assert len(hundred) == len(one)
    of_the_list = [q for q in hundred if "reports_" in q["sql"] or "accounts_" in q["sql"]]
    assert len(of_the_list) <= 10


def test_what_a_crew_sees_is_kept_in_no_cache(west):
    for url in ("/crew/", address(pothole())):
        assert "no-store" in west.get(url)["Cache-Control"]


# ---- one incident ----


def test_an_incident_shows_its_place_its_reporter_and_its_steps(west):
    answer = pothole(description="Deep <b>hole</b>", contact=ME)
    response = west.get(address(answer))
    text = response.content.decode()
    assert response.context["point"] == WEST_POINT
    assert "Deep &lt;b&gt;hole&lt;/b&gt;" in text
    for shown in ("Long Street", "ada@example.org", "+353 1 234", 'value="accepted"'):
        assert shown in text
    assert 'value="done"' not in text
    assert f'href="geo:{WEST_POINT[1]},{WEST_POINT[0]}"' in text


def test_a_number_is_read_as_people_write_it(west):
    answer = pothole()
    halves = f"{answer.public_id[:5]}-{answer.public_id[5:]}".upper()
    assert west.get(f"/crew/{halves}/").context["report"].pk == answer.report_id


def test_what_is_out_of_reach_and_what_is_not_there_answer_alike(west):
    hidden = submit(NewReport("theft", WEST_POINT))
    elsewhere = pothole(EAST_POINT)
    answers = [west.get(f"/crew/{n}/") for n in (hidden.public_id, elsewhere.public_id, "0" * 10)]
    assert [a.status_code for a in answers] == [404] * 3
    assert len({a.content.decode().split("<h1>")[1].split("“")[0] for a in answers}) == 1


def test_a_report_masked_by_its_source_has_an_approximate_place(west):
    answer = pothole(precision=Precision.MASKED_BY_SOURCE)
    response = west.get(address(answer))
    assert response.context["point"] is None
    assert "approximate place" in response.content.decode()


def test_a_report_without_a_place_can_be_worked_on(west, small_city):
    areas = tuple(small_city.zone_west.areas.values_list("pk", flat=True))
    answer = submit(NewReport("pothole", None, source_areas=areas))
    assert "came without a place" in west.get(address(answer)).content.decode()


# ---- the steps ----


def post(client, answer, target, *, version=1, note=""):
    values = {"target": target, "version": version, "note": note}
    return client.post(address(answer, step=True), values)


def test_a_step_is_taken_said_and_seen_by_everybody(west, client):
    answer = pothole(state=State.PROGRESS)
    response = post(west, answer, "done", note="Filled with asphalt")
    assert response.status_code == 302
    text = west.get(response["Location"]).content.decode()
    assert "Pothole: now “Done”. To take it back, choose “Reopen” below." in text
    client.logout()
    public = client.get(f"/reports/{answer.public_id}/").content.decode()
    assert "Filled with asphalt" in public


def test_the_whole_walk_works_with_forms_alone(west):
    answer = pothole()
    for version, target in enumerate(("accepted", "assigned", "progress", "done"), start=1):
        assert post(west, answer, target, version=version, note="So").status_code == 302
    assert Report.objects.get(pk=answer.report_id).state == "done"


def test_a_missing_note_is_asked_for_where_it_belongs(west):
    answer = pothole(state=State.PROGRESS)
    response = post(west, answer, "done")
    assert response.status_code == 422
    assert response.context["form"].errors["note"]
    assert "Say in a few words" in response.content.decode()
    assert Report.objects.get(pk=answer.report_id).state == "progress"


def test_a_colleague_was_faster_and_nothing_typed_is_lost(west, people):
    answer = pothole()
    lifecycle.transition(answer.public_id, State.ACCEPTED, people.viewer("dispatcher"))
    response = post(west, answer, "rejected", note="This is the county’s road")
    text = response.content.decode()
    assert response.status_code == 409
    assert "This report is now “Accepted”" in text
    assert "This is the county’s road" in text
    assert 'name="version" value="2"' in text
    assert 'value="assigned"' in text


def test_a_second_click_moves_nothing_twice(west):
    answer = pothole()
    assert post(west, answer, "accepted").status_code == 302
    assert post(west, answer, "accepted").status_code == 409
    assert HistoryEntry.objects.filter(report=answer.report_id).count() == 2


@pytest.mark.parametrize(
    "values",
    [
        {"target": "flying", "version": 1},
        {"target": "accepted"},
        {"target": "accepted", "version": "one"},
        {},
    ],
)
def test_a_form_that_is_not_ours_is_refused(west, values):
    answer = pothole()
    assert west.post(address(answer, step=True), values).status_code == 422
    assert Report.objects.get(pk=answer.report_id).version == 1


def test_a_step_outside_the_duties_finds_nothing(west):
    answer = pothole(EAST_POINT)
    assert post(west, answer, "accepted").status_code == 404
    assert Report.objects.get(pk=answer.report_id).state == "new"


def test_coming_back_to_a_step_by_signing_in_leads_to_the_incident(west):
    answer = pothole()
    response = west.get(address(answer, step=True))
    assert response.status_code == 302
    assert response["Location"] == address(answer)


def test_a_step_without_the_forms_token_is_refused(people):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.roads_west)
    answer = pothole()
    assert post(strict, answer, "accepted").status_code == 403
    assert Report.objects.get(pk=answer.report_id).state == "new"


# ---- joining ----


def test_a_crew_joins_a_report_with_one_that_lies_near(west):
    stays, goes = pothole(), pothole()
    html = west.get(address(goes)).content.decode()
    assert f'<option value="{in_halves(stays.public_id)}">' in html
    assert f'<option value="{in_halves(goes.public_id)}">' not in html
    step = {"target": "merged", "version": 1, "other": in_halves(stays.public_id)}
    response = west.post(address(goes, step=True), step, follow=True)
    assert "To take it back, choose “Take apart” below." in response.content.decode()
    assert f'href="{address(stays)}"' in response.content.decode()
    assert f'href="{address(goes)}"' in west.get(address(stays)).content.decode()


def test_joining_without_a_number_is_refused_at_its_field(west):
    goes = pothole()
    response = west.post(address(goes, step=True), {"target": "merged", "version": 1})
    assert response.status_code == 422
    assert "Give the number of the report that this one is joined with" in response.content.decode()
    assert Report.objects.get(pk=goes.report_id).state == "new"
