"""The map's page: its list, its filters, its pages and what it says when there is nothing."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from reports.identifiers import in_halves
from reports.intake import NewReport, submit, submit_many
from reports.workflow import State
from tests.database.conftest import EAST_POINT, LONG_AGO, WEST_POINT

FRAGMENT = {"X-Fragment": "list"}


def page_of(client, address="/", **headers) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def numbers_in(html: str) -> list[str]:
    return re.findall(r'data-id="(\w{10})"', html)


@pytest.fixture
def three(small_city):
    """Return the public identifiers of a pothole, a leak and a done bin, oldest first."""
    now = timezone.now()
    new = [
        NewReport("pothole", WEST_POINT, reported_at=now - timedelta(days=40)),
        NewReport("water-leak", EAST_POINT, reported_at=now - timedelta(days=3)),
        NewReport(
            "overflowing-bin",
            EAST_POINT,
            reported_at=now - timedelta(hours=5),
            state=State.DONE,
            closed_at=now,
        ),
    ]
    return [answer.public_id for answer in submit_many(new)]


def test_it_lists_the_newest_first_with_place_and_age(client, three):
    html = page_of(client)
    assert numbers_in(html) == three[::-1]
    assert "Long Street, East ward" in html
    assert "5 h ago" in html
    assert "3 days ago" in html
    assert '<h1 id="count" aria-live="polite">3 reports</h1>' in html


@pytest.mark.parametrize(
    ("query", "positions"),
    [
        ("cat=water", [1]),
        ("cat=water&cat=roads", [1, 0]),
        ("cat=water,roads", [1, 0]),
        ("phase=done", [2]),
        ("phase=new,open,working", [1, 0]),
        ("category=pothole", [0]),
        ("q=leak", [1]),
        ("q=Long+Street", [2, 1, 0]),
        ("q=Long%25Street", []),
        ("bbox=0,0,0.01,0.01", [0]),
        ("cat=&phase=&q=&since=", [2, 1, 0]),
    ],
)
def test_the_address_filters_the_list(client, three, query, positions):
    assert numbers_in(page_of(client, f"/?{query}")) == [three[i] for i in positions]


def test_a_first_day_filters_the_list_and_is_kept_in_the_form(client, three):
    since = (timezone.now() - timedelta(days=10)).date().isoformat()
    html = page_of(client, f"/?since={since}")
    assert numbers_in(html) == [three[2], three[1]]
    assert f'<option value="{since}" selected>Since ' in html


def test_a_number_as_people_write_it_finds_its_report(client, three):
    assert numbers_in(page_of(client, f"/?q={in_halves(three[0])}")) == [three[0]]


def test_without_a_script_the_chosen_filters_stay_checked(client, three):
    html = page_of(client, "/?cat=water&phase=done")
    assert 'name="cat" value="water" checked' in html
    assert 'name="cat" value="roads" >' in html
    assert 'name="phase" value="done" checked' in html
    assert "<noscript>" in html


@pytest.mark.parametrize(
    "query",
    [
        "phase=bad",
        "cat=x",
        "bbox=1,2",
        "since=soon",
        "until=9999-12-31",
        "after=x",
        "after=2026-01-01T00:00:00%2B23:59~abc",
    ],
)
def test_a_filter_that_is_not_understood_is_named(client, three, query):
    response = client.get(f"/?{query}")
    assert response.status_code == 422
    assert query.partition("=")[0] in response.content.decode()


def test_a_zero_byte_in_the_search_is_no_fault(client, three):
    assert numbers_in(page_of(client, "/?q=le%00ak")) == [three[1]]


def test_a_zero_byte_in_the_name_of_a_finding_is_no_fault(client, three):
    assert client.get("/?layer=%00").status_code == 200


def test_nothing_found_says_what_for_and_offers_one_way_out(client, three):
    since = (timezone.now() - timedelta(days=7)).date().isoformat()
    html = page_of(client, f"/?q=dragon&since={since}")
    assert "No reports here: last 7 days" in html
    assert "Show all reports" in html


def test_the_fragment_is_the_list_alone_with_its_count(client, three):
    html = page_of(client, "/?bbox=0,0,0.02,0.01", **FRAGMENT)
    assert "<html" not in html
    assert 'data-count="3 reports in view"' in html
    assert numbers_in(html) == three[::-1]


def test_a_cache_tells_the_fragment_from_the_page(client, three):
    assert "X-Fragment" in client.get("/")["Vary"]


def test_a_crime_has_no_link_and_says_area_and_month(client, small_city):
    submit(NewReport("theft", EAST_POINT, reported_at=datetime(2026, 3, 17, 14, 5, tzinfo=UTC)))
    html = page_of(client, "/", **FRAGMENT)
    assert "<strong>Theft</strong>" in html
    assert "In East ward, shown by area" in html
    assert "March 2026" in html
    assert "/reports/" not in html
    assert "17" not in html


def test_a_personal_report_shows_its_day_in_the_citys_time(client, small_city):
    late = datetime(2026, 6, 17, 23, 30, tzinfo=UTC)  # half past midnight in Dublin
    submit(NewReport("neighbour-noise", EAST_POINT, reported_at=late))
    html = page_of(client, "/", **FRAGMENT)
    assert "18 June 2026" in html
    assert ":30" not in html


def test_a_report_shown_by_area_is_in_view_where_its_area_is(client, small_city):
    submit(NewReport("theft", EAST_POINT, reported_at=LONG_AGO))
    assert "Theft" in page_of(client, "/?bbox=0.012,0.001,0.013,0.002", **FRAGMENT)
    assert "Theft" not in page_of(client, "/?bbox=0.001,0.001,0.002,0.002", **FRAGMENT)


def test_older_reports_follow_page_by_page_without_gaps_or_repeats(client, small_city):
    start = timezone.now() - timedelta(days=2)
    potholes = [
        NewReport("pothole", WEST_POINT, reported_at=start + timedelta(minutes=i // 7))
        for i in range(120)
    ]
    sent = {answer.public_id for answer in submit_many(potholes)}
    seen: list[str] = []
    address = "/?cat=roads"
    while address:
        html = page_of(client, address)
        seen += numbers_in(html)
        submit(NewReport("pothole", WEST_POINT))  # comes in between and belongs to the first page
        following = re.search(r'rel="next" href="([^"]+)"', html)
        address = following and following[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen))
    assert set(seen) == sent


def test_a_list_of_fifty_takes_at_most_ten_statements(
    client, small_city, django_assert_max_num_queries
):
    submit_many([NewReport("pothole", WEST_POINT)] * 60)
    with django_assert_max_num_queries(10):
        html = page_of(client, "/?phase=new&cat=roads")
    assert len(numbers_in(html)) == 50


def test_it_rejects_a_post(client, small_city):
    assert client.post("/").status_code == 405
