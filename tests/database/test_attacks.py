"""The attacks on location privacy, carried out through every door that is open to everybody.

A public address that has no row here fails a test: whoever adds one says what it is asked, or why
it tells nothing of reports. `TRIED` says which attack is carried out on which doors.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
from django.db import connection, transaction
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from planning import runs
from planning.models import Run
from planning.sources import read_events
from reports import mask_versions, paging, queries
from reports.filters import ReportFilter
from reports.intake import Submitted, submit, submit_many
from reports.lifecycle import transition
from reports.models import PublicReport
from reports.quarters import LEAST_TOLD, count_quarters, told
from reports.submission import Contact, NewReport
from reports.workflow import State
from tests.database.conftest import LONG_AGO, next_batch
from tests.database.doors import (
    CONTACT,
    DOORS,
    FINEST,
    HIDDEN,
    K_OF,
    LISTS,
    MASKED,
    RUNNING,
    TELLS_NOTHING,
    WORDS,
    About,
    Door,
    ask,
    box,
    doors,
    list_doors,
    number_from,
    secret,
    tile,
    told_of,
)
from tests.database.lived_in_city import HOME, LANE, homes, lived_in, load_homes
from tests.database.studied_city import execute
from tests.database.test_tiles import tile_of

__all__ = ["lived_in"]

TRIED: Mapping[str, tuple[str, ...]] = {
    "A1 averaging": (*LISTS, "public_report", "api_report"),
    "A2 filters as an oracle": LISTS,
    "A3 side fields": tuple(DOORS),
    "A4 time": tuple(DOORS),
    "A5 differencing": (*LISTS, "api_privacy", "privacy"),
    "A6 fine maps": ("tile", "tile_json"),
    "A7 duplicates near me": ("similar", "home", "report"),
    "A8 being told of changes": ("me_too", "verdict", "follow_report", "follow", "follow_stop"),
}


def _names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns)
        else:
            yield str(pattern.name)


def test_every_address_is_attacked_or_says_why_it_tells_nothing():
    silent = {name for names in TELLS_NOTHING for name in names.split()}
    assert set(DOORS) | silent == set(_names(get_resolver().url_patterns))
    assert not set(DOORS) & silent


# ---- A1: many reports from one home ----


def features(client, door: Door, folder: Path) -> gpd.GeoDataFrame | None:
    content = client.get(door.address).content
    if not content:
        return None
    path = folder / "tile.mvt"
    path.write_bytes(content)
    z, x, y = (int(n) for n in re.findall(r"/(\d+)/(\d+)/(\d+)\.mvt", door.address)[0])
    return pyogrio.read_dataframe(path, X=x, Y=y, Z=z).to_crs(4326)


@pytest.mark.parametrize("category", K_OF)
def test_a1_two_hundred_reports_of_one_home_have_one_public_point(
    client, lived_in, category, tmp_path
):
    snap = lived_in.shown(K_OF[category])
    sent = submit_many([secret(category, reported_at=LONG_AGO)] * 200)
    about = About(category, sent[0], snap)
    listed: list[tuple[float, float]] = []
    following = "/api/v1/reports/?limit=100"
    while following:
        page = client.get(following).json()
        listed += [tuple(feature["geometry"]["coordinates"]) for feature in page["features"]]
        following = next((link["href"] for link in page["links"]), "")
    assert len(listed) == 200
    assert set(listed) == {snap}
    drawn = features(client, tile(snap, FINEST), tmp_path)
    assert len(drawn) == 200
    spread = np.abs(np.column_stack([drawn.geometry.x, drawn.geometry.y]) - snap)
    assert spread.max() < 1e-7
    for name in ("home", "public_report", "api_report"):
        for door in DOORS[name](about):
            assert "near=" in door.address or str(HOME[0]) not in ask(client, door), door
    assert set(zip(*_studied(), strict=True)) == {snap}


def _studied() -> tuple[list[float], list[float]]:
    """Return the places that studies work on, in degrees."""
    rows = queries.public_reports(ReportFilter(), b"", limit=500)
    assert read_events({}).taken == len(rows)
    return [row.lon for row in rows], [row.lat for row in rows]


# ---- A2: filters as an oracle ----


@pytest.mark.parametrize("category", MASKED)
def test_a2_no_filter_finds_a_report_by_what_is_hidden(client, lived_in, category):
    """A box around the place, its street, the words, the number, the hour: as for no report."""
    oracles = [
        f"bbox={box(HOME)}",
        f"bbox={box(HOME, 1e-4)}",
        f"q={LANE}",
        f"q={WORDS}",
        f"q={CONTACT.name}",
        "q=12:30",
    ]
    submit(NewReport("pothole", (0.005, 0.005), reported_at=LONG_AGO))  # so that time has begun
    questions = [door for oracle in oracles for door in list_doors(oracle)]
    before = [ask(client, door) for door in questions]
    about = told_of(lived_in, category, reported_at=LONG_AGO)
    if category != "illegal-parking":
        questions += list_doors(f"q={about.sent.public_id}")
        before += [ask(client, door) for door in list_doors("q=0000000000")]
    changed = [d for d, was in zip(questions, before, strict=True) if _content(client, d, was)]
    assert changed == []
    if about.shown:
        found = client.get(f"/api/v1/reports/?bbox={box(about.shown)}").json()
        assert found["numberMatched"] == 1


def test_a2_no_period_finds_the_day_of_a_crime_within_its_month(client, lived_in):
    told_of(lived_in, "theft", reported_at=LONG_AGO)
    answers = set()
    for day in ("01", "15", "31"):
        period = f"since=2025-01-{day}&until=2025-01-{day}"
        answers.add(client.get(f"/api/v1/reports/?{period}").content)
        answers.add(client.get(f"/api/v1/reports/?{period}&category=theft").content)
    assert len(answers) == 1
    assert json.loads(answers.pop())["numberMatched"] in {0, 1}


def _content(client, door: Door, before: str) -> bool:
    """Tell whether a door answers otherwise than before, apart from repeating what was asked."""
    now = ask(client, door)
    number = re.findall(r"q=(\w{10})$", door.address)
    for text in number:
        now = now.replace(text, "0000000000")
    return now != before


# ---- A3: side fields ----


def degrees(most: int):
    """Return numbers of seven decimals that none of ours can be mistaken for."""
    return st.integers(5_000, most).filter(lambda n: n % 10).map(lambda n: n / 1e7)


PLACES = st.tuples(degrees(195_000), degrees(95_000))
# Framed, so that it is no word that a page has anyhow.
SECRETS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=8, max_size=16).map("zq{}qz".format)


@settings(
    max_examples=5,
    phases=(Phase.generate,),  # a failing place needs no simpler one
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.sampled_from(MASKED), PLACES, SECRETS, SECRETS, SECRETS)
def test_a3_no_door_tells_words_contact_place_or_keys(
    client, lived_in, category, place, words, name, mail
):
    with transaction.atomic():
        contact = Contact(name.title(), f"{mail}@example.org", "555-0199")
        new = NewReport(category, place, words, contact, reported_at=LONG_AGO)
        sent = submit(new)
        public = PublicReport.objects.filter(report=sent.report_id).first()
        point = public.point.coords if public and public.point else None
        about = About(category, sent, point)
        secrets = [words, name.title(), mail, "555-0199", sent.receipt, "12:30"]
        secrets += [repr(number) for number in place]
        secrets += [public.key] if public else []
        if category != "illegal-parking":
            secrets += ["2025-01-15", "15 January 2025"]
        leaks = [
            (door, told)
            for door in doors(about)
            for text in [ask(client, door)]
            for told in secrets
            if told in text
        ]
        if category != "illegal-parking":
            leaks += [
                (door, sent.public_id)
                for door in doors(about)
                if sent.public_id not in door.address and sent.public_id in ask(client, door)
            ]
        transaction.set_rollback(True)
    assert leaks == []


@pytest.mark.parametrize("category", MASKED)
def test_a3_the_street_of_a_home_is_told_by_no_door(client, lived_in, category):
    """But as what was asked: who asks what is near a place is told the name of the street there."""
    about = told_of(lived_in, category, reported_at=LONG_AGO)
    told_lane = [door.address for door in doors(about) if LANE in ask(client, door)]
    assert all("near=" in address or LANE in address for address in told_lane)


# ---- A4: time ----


@pytest.mark.parametrize("category", MASKED)
def test_a4_nobody_who_watches_learns_when_a_report_came_or_was_worked_on(
    client, people, lived_in, category
):
    earlier = told_of(lived_in, category, reported_at=LONG_AGO)
    about = About(category, earlier.sent, earlier.shown)
    who = people.viewer("roads_east" if category == "illegal-parking" else "crime_desk")
    before = {door: ask(client, door) for door in doors(about)}
    now = submit(secret(category))
    for answer in (now, earlier.sent):
        transition(answer.public_id, State.ACCEPTED, who)
    watched = [door for door, was in before.items() if ask(client, door) != was]
    assert watched == []
    next_batch()
    listed = client.get("/api/v1/reports/").json()["features"]
    assert [feature["properties"]["state"] for feature in listed] == (
        [] if category == HIDDEN else ["accepted", "accepted"]
    )


@pytest.mark.parametrize("category", ["pothole", *MASKED])
def test_a4_no_door_tells_a_running_number(client, lived_in, category):
    """Two of them would tell how much came in between, of what nobody may know as well."""
    number_from(RUNNING)
    about = told_of(lived_in, category, reported_at=LONG_AGO)
    assert about.sent.report_id >= RUNNING
    assert [door for door in doors(about) if str(RUNNING)[:7] in ask(client, door)] == []


def test_a4_an_open_report_and_its_steps_are_shown_at_once(client, people, lived_in):
    sent = submit(secret("pothole"))
    transition(sent.public_id, State.ACCEPTED, people.viewer("roads_east"))
    body = client.get(f"/api/v1/reports/{sent.public_id}/").json()
    assert [entry["state"] for entry in body["properties"]["history"]] == ["new", "accepted"]


def test_a4_neither_name_nor_place_in_the_list_lasts_till_the_next_batch(
    client, lived_in, monkeypatch
):
    for _ in range(8):
        submit(secret("theft", reported_at=LONG_AGO))
    next_batch()
    wanted = ReportFilter()

    def order() -> list[str]:
        return [row.key for row in paging.public_page(wanted, "").rows]

    def following() -> str:
        told = client.get("/api/v1/reports/?limit=3").json()["links"]
        return next(link["href"] for link in told if link["rel"] == "next")

    before, name = order(), following()
    assert [key for key in before if key in name] == []
    rest = [
        row.key for row in paging.public_page(wanted, unquote(name.partition("after=")[2])).rows
    ]
    assert rest == before[3:]
    with monkeypatch.context() as patch:
        soon = timezone.now() + timedelta(days=32)
        patch.setattr("reports.paging.timezone.now", lambda: soon)
        after, later = order(), following()
        assert later != name
        assert after != before
        assert sorted(after) == sorted(before)
        kept = [
            row.key for row in paging.public_page(wanted, unquote(name.partition("after=")[2])).rows
        ]
        assert kept == after


def test_a4_the_order_in_a_tile_does_not_tell_which_report_was_worked_on(
    client, lived_in, tmp_path
):
    submit_many([secret("theft", reported_at=LONG_AGO)] * 6)
    next_batch()
    about = tile(lived_in.shown(K_OF["theft"]), FINEST)
    for key in PublicReport.objects.values_list("key", flat=True):
        PublicReport.objects.update(state="new")
        PublicReport.objects.filter(key=key).update(state="done")
        assert list(features(client, about, tmp_path).state) == ["done"] + ["new"] * 5


def test_a4_what_waited_is_shown_when_its_batch_has_begun_and_the_next_change_waits(
    people, lived_in
):
    sent = submit(secret("illegal-parking", reported_at=LONG_AGO))
    viewer = people.viewer("roads_east")
    transition(sent.public_id, State.ACCEPTED, viewer)
    assert _state_of(sent) == "new"
    next_batch()
    assert _state_of(sent) == "accepted"
    transition(sent.public_id, State.ASSIGNED, viewer)
    assert _state_of(sent) == "accepted"
    next_batch()
    assert _state_of(sent) == "assigned"


def _state_of(sent: Submitted) -> str:
    return queries.public_report(sent.public_id).state


def test_a4_a_closing_of_this_month_that_is_brought_in_waits_too(lived_in):
    now = timezone.now()
    submit(secret("theft", reported_at=LONG_AGO, closed_at=now, state=State.DONE))
    (row,) = queries.public_reports(ReportFilter(), b"")
    assert (row.state, row.closed_at) == ("new", None)
    next_batch()
    (row,) = queries.public_reports(ReportFilter(), b"")
    assert row.state == "done"
    assert row.closed_at.day in {1, 28, 29, 30, 31}


# ---- A5: differencing ----


def test_a5_a_report_keeps_its_mask_whatever_is_made_later(client, lived_in):
    about = told_of(lived_in, "theft", reported_at=LONG_AGO)
    asked = [
        door
        for name in LISTS
        for door in DOORS[name](about)
        # The catchments are new, and a place is told with the address that is nearest now.
        if "catchments" not in door.address and "near=" not in door.address
    ]
    before = [ask(client, door) for door in asked]
    load_homes(np.concatenate([homes(), np.tile(HOME, (40, 1))]))
    assert mask_versions.make_version().is_new
    assert [ask(client, door) for door in asked] == before


def test_a5_cells_say_nothing_of_fewer_than_five_crimes(client, lived_in, tmp_path):
    submit_many([secret("theft", reported_at=LONG_AGO)] * 4)
    snap = lived_in.shown(20)
    for zoom in (8, 10, 13):
        assert features(client, tile(snap, zoom), tmp_path) is None
    submit(NewReport("pothole", snap))
    for zoom in (8, 10, 13):
        assert features(client, tile(snap, zoom), tmp_path).n.tolist() == [1]


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.text("abcdefg", min_size=1, max_size=2), st.integers(0, 40), max_size=8))
def test_a5_no_hidden_count_can_be_worked_out_from_the_total(counts):
    answer = told(counts)
    hidden = [counts[place] for place, count in answer.by_place.items() if count is None]
    shown = {place: count for place, count in answer.by_place.items() if count is not None}
    assert all(count == counts[place] >= LEAST_TOLD for place, count in shown.items())
    if answer.total is not None and hidden:
        assert len(hidden) >= 2
        assert answer.total - sum(shown.values()) == sum(hidden) >= LEAST_TOLD
    if answer.total is None:
        assert not shown
        assert sum(counts.values()) < LEAST_TOLD


def test_a5_a_quarter_is_counted_once_after_its_end(client, lived_in):
    submit_many([secret(HIDDEN, reported_at=LONG_AGO)] * 12)
    submit_many([NewReport(HIDDEN, (0.005, 0.005), reported_at=LONG_AGO)] * 3)
    submit_many([secret(HIDDEN)] * 30)
    now = timezone.now()
    assert count_quarters(now) > 3
    first = client.get("/api/v1/privacy/").json()["quarters"]
    oldest = [quarter for quarter in first if quarter["year"] == 2025][-1]
    assert (oldest["quarter"], oldest["total"], oldest["wards"]) == (1, 15, [])
    submit_many([secret(HIDDEN, reported_at=LONG_AGO)] * 20)
    assert count_quarters(now) == 0
    assert client.get("/api/v1/privacy/").json()["quarters"] == first
    assert "30" not in json.dumps(first)


# ---- A6: fine maps ----


@pytest.mark.parametrize("category", K_OF)
def test_a6_the_finest_tiles_show_the_shared_place_and_nothing_at_the_home(
    client, lived_in, category, tmp_path
):
    about = told_of(lived_in, category, reported_at=LONG_AGO)
    for zoom in (14, 18, 20, FINEST):
        drawn = features(client, tile(about.shown, zoom), tmp_path)
        size = 360 / 2**zoom / 4096
        assert np.allclose([drawn.geometry.x[0], drawn.geometry.y[0]], about.shown, atol=2 * size)
        at_home = features(client, tile(HOME, zoom), tmp_path)
        if at_home is not None:
            away = np.hypot(at_home.geometry.x - HOME[0], at_home.geometry.y - HOME[1])
            assert away.min() > 0.0001


def test_a6_a_study_of_masked_reports_takes_no_finer_cells_than_the_masks(people, lived_in):
    chance = np.random.default_rng(5)
    places = chance.uniform((0.001, 0.001), (0.019, 0.009), (60, 2)).tolist()
    submit_many([NewReport("theft", tuple(p), reported_at=LONG_AGO) for p in places])
    events = read_events({})
    level = mask_versions.audit(lived_in.version)[1]
    assert events.finest_m == pytest.approx(2 * level.displacement_m, abs=0.2)
    fine = execute("hot-spots", people.viewer("planner"), parameters={"cell_m": 20})
    assert fine.state == Run.State.FAILED
    assert "kinds of report that are shown exactly" in fine.error
    assert f"{np.ceil(events.finest_m):.0f} m" in fine.error
    enough = np.ceil(events.finest_m)
    coarse = execute("hot-spots", people.viewer("planner"), parameters={"cell_m": enough})
    assert coarse.state == Run.State.SUCCEEDED, coarse.error


def test_a6_a_study_of_open_reports_may_be_as_fine_as_it_likes(lived_in):
    submit(secret("pothole"))
    assert read_events({}).finest_m == 0


def test_a6_a_published_study_holds_no_home(client, people, lived_in):
    planner = people.viewer("planner")
    submit_many([secret("theft", reported_at=LONG_AGO)] * 30)
    run = execute("hot-spots", planner, parameters={"cell_m": 400})
    layer = runs.publish(run, planner).slug
    for zoom in (10, 14, 18):
        content = client.get("/tiles/{}/{}/{}/{}.mvt".format(layer, *tile_of(*HOME, zoom))).content
        assert WORDS.encode() not in content
        assert LANE.encode() not in content
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count, ST_Covers(geometry, ST_SetSRID(ST_MakePoint(%s, %s), 4326)) "
            f'FROM results."{run.result.table_name}" WHERE count > 0',
            lived_in.shown(20),
        )
        assert cursor.fetchall() == [(30, True)]


# ---- A7, A8: what tells of one report ----


@pytest.mark.parametrize("category", MASKED)
def test_a7_nobody_who_stands_there_is_told_of_a_report_like_theirs(client, lived_in, category):
    empty = About(category, Submitted(0, "0000000000", "", None), None)
    asked = [door for name in ("similar", "report") for door in DOORS[name](empty)]
    asked += [Door("/?near={},{}".format(*HOME), "chosen")]
    before = [ask(client, door) for door in asked]
    submit_many([secret(category, reported_at=LONG_AGO)] * 3)
    after = [ask(client, door) for door in asked]
    # The form offers the kinds that came of late, wherever they came.
    assert after[:2] + after[3:] == before[:2] + before[3:]
    assert LANE not in after[2]


@pytest.mark.parametrize("category", MASKED)
def test_a8_nobody_else_can_be_told_of_changes_or_change_what_is_shown(client, lived_in, category):
    about = told_of(lived_in, category, reported_at=LONG_AGO)
    before = {door: ask(client, door) for door in doors(about)}
    number = about.sent.public_id
    for verb, form in (
        ("follow", {"email": "watcher@example.org"}),
        ("me-too", {}),
        ("verdict", {"answer": "fixed"}),
    ):
        asked, absent = (
            client.post(f"/reports/{one}/{verb}/", form) for one in (number, "0123456789")
        )
        assert asked.status_code == absent.status_code, verb
    client.cookies.clear()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reports_follower")
        assert cursor.fetchone() == (0,)
    assert {door: ask(client, door) for door in doors(about)} == before


# ---- the one relation that is public ----

READS_THE_TABLE = {
    "reports/sql/batches.sql": "the view itself",
    "reports/sql/insert.sql": "writes",
    "reports/sql/bulk_update.sql": "writes",
    "reports/sql/bulk_changes.sql": "compares before it writes",
    "reports/sql/attach.sql": "writes",
    "reports/sql/show_state.sql": "writes",
    "reports/sql/mask_audit.sql": "for the administrator's audit",
    "reports/sql/photos.sql": "made before the view; photos are counted for the open class alone",
}


def test_nothing_public_reads_another_table_than_the_view():
    root = Path(__file__).parents[2]
    sources = [
        path
        for floor in ("reports", "planning", "layers", "geo")
        for path in (root / floor).rglob("*")
        if path.suffix in {".py", ".sql"} and "migrations" not in path.parts
    ]
    names = {str(p.relative_to(root)) for p in sources if "reports_publicreport" in p.read_text()}
    assert names == set(READS_THE_TABLE)
    reads = re.compile(
        r"(?:PublicReport\.objects(?!\.filter\([^()]*(?:\([^()]*\))?[^()]*\)\.update\()|__public__)"
    )
    assert [str(p.relative_to(root)) for p in sources if reads.search(p.read_text())] == []


def test_an_attack_that_is_tried_names_doors_that_there_are():
    known = set(DOORS) | {name for names in TELLS_NOTHING for name in names.split()}
    assert all(set(names) <= known for names in TRIED.values())
