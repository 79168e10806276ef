"""The map's page: its list, its filters, its pages and what it says when there is nothing."""

import doctest
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from reports import periods
from reports.identifiers import in_halves
from reports.intake import submit, submit_many
from reports.models import Category, PublicReport
from reports.submission import NewReport
from reports.workflow import State
from tests.database.conftest import EAST_POINT, LONG_AGO, WEST_POINT

FRAGMENT = {"X-Fragment": "list"}
CHOSEN = {"X-Fragment": "chosen"}


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
        ("q=asphalt", [0]),
        ("q=Long+Street", [2, 1, 0]),
        ("q=Long%25Street", []),
        ("bbox=0,0,0.01,0.01", [0]),
        ("cat=&phase=&q=&since=", [2, 1, 0]),
    ],
)
def test_the_address_filters_the_list(client, three, query, positions):
    assert numbers_in(page_of(client, f"/?{query}")) == [three[i] for i in positions]


@pytest.mark.parametrize(("words", "positions"), [("fuga", [1]), ("SOCAVON", [0]), ("leak", [])])
def test_the_search_knows_kinds_in_the_readers_language(client, three, words, positions):
    html = page_of(client, f"/?q={words}", **{"Accept-Language": "es"})
    assert numbers_in(html) == [three[i] for i in positions]


def test_a_first_day_filters_the_list_and_is_kept_in_the_form(client, three):
    since = (timezone.now() - timedelta(days=10)).date().isoformat()
    html = page_of(client, f"/?since={since}")
    assert numbers_in(html) == [three[2], three[1]]
    assert f'name="since" value="{since}"' in html
    assert "data-filters>Since " in html


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
    assert "No reports here: “dragon”, last 7 days" in html
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
    assert "17 March" not in html


def test_a_personal_report_shows_its_day_in_the_citys_time(client, small_city):
    late = datetime(2026, 6, 17, 23, 30, tzinfo=UTC)  # half past midnight in Dublin
    submit(NewReport("neighbour-noise", EAST_POINT, reported_at=late))
    html = page_of(client, "/", **FRAGMENT)
    assert "18 June 2026" in html
    assert ":30" not in html


def test_a_crime_is_in_every_period_that_touches_its_month(client, small_city):
    submit(NewReport("theft", EAST_POINT, reported_at=datetime(2025, 3, 17, 14, 5, tzinfo=UTC)))
    for period in ("since=2025-03-20", "since=2025-03-01&until=2025-03-02", "until=2025-03-31"):
        assert "Theft" in page_of(client, f"/?{period}", **FRAGMENT)
    for period in ("since=2025-04-01", "until=2025-02-28"):
        assert "Theft" not in page_of(client, f"/?{period}", **FRAGMENT)


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


def test_no_report_is_lost_when_the_last_one_of_a_page_is_gone_before_the_next(client, small_city):
    moment = timezone.now() - timedelta(days=2)
    kept = {
        submit(NewReport("pothole", WEST_POINT, reported_at=moment)).public_id for _ in range(3)
    }
    page = client.get("/api/v1/reports/?limit=2").json()
    (told,) = (link["href"] for link in page["links"] if link["rel"] == "next")
    first, last = (feature["id"] for feature in page["features"])
    PublicReport.objects.filter(public_id=last).delete()
    following = client.get(told).json()["features"]
    assert {first, last, *(feature["id"] for feature in following)} == kept


def test_what_is_later_than_promised_says_so(client, small_city):
    Category.objects.filter(code="pothole").update(promise_days=3)
    late = timezone.now() - timedelta(days=5, minutes=1)
    pothole = submit(NewReport("pothole", WEST_POINT, reported_at=late)).public_id
    assert "2 days late" in page_of(client, "/", **FRAGMENT)
    chosen = page_of(client, f"/?selected={pothole}", **CHOSEN)
    assert "2 days late" in chosen
    assert "data-late" in chosen


# ---- filters ----


def test_kinds_are_offered_by_family_and_what_is_never_listed_is_not(client, three):
    html = page_of(client, "/?cat=water&category=water-leak")
    assert '<option value="water-leak" selected>' in html
    assert '<optgroup label="Water" data-family="water" >' in html
    assert '<optgroup label="Roads and lights" data-family="roads" hidden disabled>' in html
    assert "domestic-violence" not in html


@pytest.mark.parametrize(
    ("phase", "checked"),
    [("", "All"), ("open,working,new", "Open"), ("done", "Done"), ("new,done", "New, Done")],
)
def test_the_phases_of_the_address_are_chosen_in_words(client, three, phase, checked):
    html = page_of(client, f"/?phase={phase}")
    assert re.findall(r'name="phase" value="[^"]*" checked>([^<]*)<', html) == [checked]


def test_a_preset_keeps_the_other_filters_and_says_whether_it_is_chosen(client, three):
    html = page_of(client, "/?cat=water&until=2026-01-01&bbox=0,0,1,1")
    since = (timezone.localdate() - timedelta(days=7)).isoformat()
    assert f'href="/?cat=water&amp;bbox=0,0,1,1&amp;since={since}">Last 7 days' in html
    assert 'aria-current="true" href="/?cat=water' not in html
    assert "Until 1 January 2026" in html
    chosen = page_of(client, f"/?since={since}")
    assert f'data-since="{since}" aria-current="true"' in chosen
    assert "data-filters>Last 7 days" in chosen


def test_a_period_between_two_days_is_said_by_both(client, three):
    html = page_of(client, "/?since=2026-01-01&until=2026-03-31")
    assert "data-filters>1 January 2026 to 31 March 2026" in html


# ---- when they came ----


def bars_in(html: str) -> list[tuple[str, bool]]:
    """Return height and mark of each bar."""
    found = re.findall(r'<rect [^>]*height="([\d.]+)%" (class="in")?', html)
    return [(height, bool(mark)) for height, mark in found]


def test_bars_count_all_periods_under_the_other_filters(client, three):
    since = (timezone.localdate() - timedelta(days=10)).isoformat()
    bars = bars_in(page_of(client, f"/?cat=roads,water&since={since}"))
    assert [height for height, _ in bars if float(height)] == ["100.000", "100.000"]
    assert [bars[0][1], bars[-1][1]] == [False, True]


def test_bars_of_weeks_leave_out_what_is_told_by_the_month(client, small_city):
    month_ago = timezone.now() - timedelta(days=70)
    submit_many(
        [NewReport(kind, EAST_POINT, reported_at=month_ago) for kind in ("theft", "pothole")]
    )
    html = page_of(client, "/?cat=crime")
    assert "None in this view." in html
    assert "in none of these bars" in html
    assert "Reports by week, from " in page_of(client)


def test_bars_of_months_hold_what_is_told_by_the_month(client, small_city):
    submit(NewReport("theft", EAST_POINT, reported_at=datetime(2024, 3, 17, 14, 5, tzinfo=UTC)))
    html = page_of(client)
    assert "Reports by month, from 1 March 2024 to " in html
    assert "Most from 1 March 2024 to 31 March 2024: 1." in html
    assert "in none of these bars" not in html


def test_without_reports_there_are_no_bars(client, small_city):
    assert bars_in(page_of(client)) == []


def test_the_fragment_brings_the_bars_and_the_period_in_words(client, three):
    html = page_of(client, "/?cat=water", **FRAGMENT)
    assert "<template data-histogram>" in html
    assert 'data-period="Any time"' in html
    assert len([1 for height, _ in bars_in(html) if float(height)]) == 1


@pytest.mark.parametrize(
    ("first", "last", "unit"),
    [
        ((2026, 1, 1), (2026, 1, 1), "week"),
        ((2025, 11, 1), (2026, 11, 1), "week"),
        ((2024, 11, 1), (2026, 11, 1), "month"),
        ((2018, 1, 1), (2026, 11, 1), "quarter"),
        ((1950, 1, 1), (2026, 11, 1), "year"),
    ],
)
def test_bars_are_as_fine_as_sixty_of_them_can_be(first, last, unit):
    assert periods.unit_for(date(*first), date(*last)) == unit


def test_the_units_of_time_say_what_their_examples_say():
    assert doctest.testmod(periods).failed == 0


# ---- what is chosen ----


def test_the_address_chooses_a_report(client, three):
    html = page_of(client, f"/?selected={three[0]}")
    assert f'class="choice"\n           tabindex="-1"\n           data-id="{three[0]}"' in html
    assert (
        f'data-id="{three[0]}"\n    data-lon="0.0051" data-lat="0.0052"\n    aria-current="true"'
        in html
    )
    assert 'data-bounds="[0.0024' in html


def test_the_chosen_report_comes_alone_and_can_be_closed(client, three):
    html = page_of(client, f"/?cat=roads&selected={three[0]}", **CHOSEN)
    assert "<html" not in html
    assert f'href="/reports/{three[0]}/"' in html
    assert f"No. {in_halves(three[0])}" in html
    assert 'data-close href="/?cat=roads"' in html


def test_what_is_gone_or_has_no_page_is_not_chosen(client, small_city):
    theft = submit(NewReport("theft", EAST_POINT, reported_at=LONG_AGO)).public_id
    for public_id in (theft, "0000000000", "x%00y"):
        assert not page_of(client, f"/?selected={public_id}", **CHOSEN).strip()
        assert '<section class="dock"' in page_of(client, f"/?selected={public_id}")


def test_a_place_is_named_and_offers_to_report_there(client, small_city):
    html = page_of(client, "/?near=0.005,0.005", **CHOSEN)
    assert ">Long Street</h2>" in html
    assert 'href="/report/?lon=0.005&amp;lat=0.005"' in html
    assert "West Lane" in html  # streets nearby, without a script


def test_a_place_outside_says_so_and_offers_nothing(client, small_city):
    html = page_of(client, "/?near=0.5,0.5", **CHOSEN)
    assert "This is outside Testville." in html
    assert "/report/" not in html


def test_a_place_alone_shows_what_lies_around_it(client, three):
    assert numbers_in(page_of(client, "/?near=0.005,0.005", **FRAGMENT)) == [three[0]]


@pytest.mark.parametrize("near", ["1", "a,b", "181,0", "0,86", "nan,0"])
def test_a_place_that_is_not_understood_is_named(client, small_city, near):
    response = client.get(f"/?near={near}")
    assert response.status_code == 422
    assert "near is" in response.content.decode()


# ---- the search ----


def test_a_search_lists_the_places_of_this_name_as_links(client, three):
    html = page_of(client, "/?q=long+stret&cat=roads")
    assert "Places of this name" in html
    assert 'data-place="0.01' in html
    assert 'href="?cat=roads&amp;near=0.01' in html


def test_places_are_on_the_first_page_alone(client, small_city):
    submit_many([NewReport("pothole", WEST_POINT)] * 51)
    html = page_of(client, "/?q=Long+Street")
    following = re.search(r'rel="next" href="([^"]+)"', html)[1].replace("&amp;", "&")
    assert "Places of this name" in html
    assert "Places of this name" not in page_of(client, following)


def test_a_list_of_fifty_takes_at_most_twelve_statements(
    client, small_city, django_assert_max_num_queries
):
    submit_many([NewReport("pothole", WEST_POINT)] * 60)
    with django_assert_max_num_queries(12):
        html = page_of(client, "/?phase=new&cat=roads")
    assert len(numbers_in(html)) == 50


def test_it_rejects_a_post(client, small_city):
    assert client.post("/").status_code == 405
