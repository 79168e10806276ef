"""Open311 servers: every shape of answer, every way of paging, every request accounted for."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.errors import InvalidInput
from layers.sync import runs
from layers.sync.client import Patience
from layers.sync.models import SyncRun
from reports.models import Category, ExactLocation, PublicReport, Report
from reports.sync.answers import Unparsable, errors_of, is_true, listed, parse
from reports.sync.client import LONGEST, windows
from reports.sync.mapping import Unfit, moment
from tests.database.conftest import EAST_POINT, WEST_POINT
from tests.database.served import REACH, Asked, Reply, Server, served

# ---- answers ----

XML = (
    "<{1}service_requests{0}><{1}request><{1}service_request_id>{2}</{1}service_request_id>"
    "<{3}> open </{3}></{1}request></{1}service_requests>"
)
ONE = [{"service_request_id": "7", "status": "open"}]


@pytest.mark.parametrize(
    "body",
    [
        '[{"service_request_id": "7", "status": "open"}]',
        '{"service_request_id": "7", "status": "open"}',
        '{"service_requests": [{"service_request_id": "7", "status": "open"}]}',
        '{"service_requests": {"request": {"service_request_id": "7", "status": "open"}}}',
        '{"service_requests": {"request": [{"service_request_id": "7", "status": "open"}]}}',
        '[{"request": {"service_request_id": "7", "status": "open"}}]',
        "\ufeff" + '[{"service_request_id": "7", "status": "open"}]',
        XML.format("", "", "7", "status"),
        XML.format(' xmlns="http://x.example/v2"', "", "<![CDATA[7]]>", "status"),
        XML.format(' xmlns:o="urn:o" type="array"', "o:", "7", "o:status"),
        "<r>" + XML.format("", "", "7", "status") + "</r>",
        XML.format("", "", "7", "status").replace("request>", "service_request>"),
    ],
    ids=lambda body: body[:40],
)
def test_an_answer_of_any_age_is_the_same_list(body):
    assert listed(parse(body.encode()), "service_requests", "request") == ONE


@pytest.mark.parametrize(
    "body", ["[]", "null", "{}", "<service_requests/>", "<service_requests></service_requests>"]
)
def test_an_empty_answer_is_an_empty_list(body):
    assert listed(parse(body.encode()), "service_requests", "request") == []


def test_an_encoding_that_the_xml_names_is_believed():
    body = '<?xml version="1.0" encoding="iso-8859-1"?><r><address>Müllerstr.</address></r>'
    assert parse(body.encode("latin-1")) == {"address": "Müllerstr."}
    assert parse(body.replace("iso-8859-1", "utf-16").encode("utf-16")) == {"address": "Müllerstr."}


def test_an_empty_element_is_none_and_a_container_keeps_its_single_child():
    body = b"<services><service><service_code>001</service_code><keywords/></service></services>"
    assert parse(body) == [{"service_code": "001", "keywords": None}]


def test_attributes_straight_under_a_definition_are_a_list_too():
    inside = "<attribute><code>a</code></attribute><attribute><code>b</code></attribute>"
    body = f"<service_definition>{inside}</service_definition>"
    assert listed(parse(body.encode()), "attributes", "attribute") == [{"code": "a"}, {"code": "b"}]


@pytest.mark.parametrize(("value", "expected"), [("true", True), (True, True), ("True", True)])
def test_a_truth_may_be_a_word(value, expected):
    assert is_true(value) is expected
    assert not is_true("false")
    assert not is_true(None)


BOMB = (
    b'<!DOCTYPE a [<!ENTITY x "ha">'
    + b"".join(b'<!ENTITY x%d "&x;&x;&x;">' % i for i in range(9))
    + b"]><a>&x8;</a>"
)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (BOMB, "with a document type"),
        (b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>', "with a document type"),
        (
            b'<!DOCTYPE r [<!ENTITY e SYSTEM "http://127.0.0.1/">]><r>&e;</r>',
            "with a document type",
        ),
        (b"<r>&e;</r>", "cannot be read"),
        (b"<a>" * 40 + b"</a>" * 40, "nested more than 32 deep"),
        (b"<a><b></a>", "cannot be read"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"\n<HTML><body>busy", "a web page"),
        (b'[{"half": ', "neither XML nor JSON"),
        (b"", "neither XML nor JSON"),
        (b"[" * 100_000, "neither XML nor JSON"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_answer_is_refused(body, reason):
    with pytest.raises(Unparsable, match=reason):
        parse(body)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(body):
    try:
        value = parse(body)
    except Unparsable:
        return
    listed(value, "service_requests", "request")
    errors_of(value)


@given(st.binary(max_size=100))
def test_no_bytes_after_an_opening_tag_break_the_reading(body):
    try:
        parse(b"<service_requests>" + body)
    except Unparsable:
        return


def test_errors_are_told_from_requests():
    said = parse(
        b"<errors><error><code>400</code><description>no date</description></error></errors>"
    )
    assert errors_of(said) == ["400: no date"]
    assert errors_of([{"code": 404, "description": None}]) == ["404: None"]
    assert errors_of(ONE) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018-07-30T00:01:00-04:00", "2018-07-30T04:01:00"),
        ("2018-07-30T00:01:00Z", "2018-07-30T00:01:00"),
        ("2018-07-30T00:01:00.123Z", "2018-07-30T00:01:00"),
        ("2018-07-30 00:01:00 -0400", "2018-07-30T04:01:00"),
        ("2018-07-30T00:01:00", "2018-07-30T04:01:00"),
        ("2018-07-30 00:01", "2018-07-30T04:01:00"),
        ("2018-07-30", "2018-07-30T04:00:00"),
        ("2018-11-04T01:30:00", "2018-11-04T05:30:00"),
    ],
)
def test_times_with_and_without_a_zone(text, expected):
    found = moment(text, ZoneInfo("America/Toronto"))
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["yesterday", "30/07/2018", "2018-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"]
)
def test_a_time_that_is_none_is_said(text):
    with pytest.raises(Unfit, match="a time is no date and time"):
        moment(text, UTC)


@given(st.integers(0, 9_000), st.integers(0, 4_000))
def test_windows_cover_the_span_and_are_never_too_long(first, days):
    start = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=first)
    end = start + timedelta(days=days)
    cut = windows(start, end)
    assert (cut[0][0], cut[-1][1]) == (start, end)
    assert all(until == after for (_, until), (after, _) in pairwise(cut))
    assert all(until - begin <= LONGEST for begin, until in cut)


# ---- a server ----


class City311:
    """An Open311 server: its requests, and how it pages, answers and fails."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.paging: str = "none"
        self.cap = 1_000
        self.page_size = 50
        self.dies_after: int | None = None
        self.empty_status = 200

    def add(self, *, at: datetime, key: str = "", **changes: Any) -> dict[str, Any]:
        record = {
            "service_request_id": key or f"R-{len(self.requests) + 1}",
            "status": "open",
            "service_code": "001",
            "service_name": "Hole",
            "description": "Deep",
            "requested_datetime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "updated_datetime": None,
            "lat": WEST_POINT[1],
            "long": WEST_POINT[0],
        } | changes
        self.requests.append(record)
        return record

    def __call__(self, asked: Asked) -> Reply:
        if asked.path.endswith("/services.json"):
            return Reply([{"service_code": "001", "service_name": "Hole", "metadata": "false"}])
        if self.dies_after is not None:
            self.dies_after -= 1
            if self.dies_after < 0:
                return Reply(status=500)
        found = self.paged(self.within(asked.query), asked.query)
        return Reply(found, status=200 if found else self.empty_status)

    def within(self, query: dict[str, str]) -> list[dict[str, Any]]:
        start, end = (datetime.fromisoformat(query[n]) for n in ("start_date", "end_date"))
        assert end - start <= timedelta(days=90)
        times = ((datetime.fromisoformat(r["requested_datetime"]), r) for r in self.requests)
        return [
            r
            for at, r in sorted(times, key=lambda each: each[0], reverse=True)
            if start <= at <= end
        ]

    def paged(self, found: list[dict[str, Any]], query: dict[str, str]) -> list[dict[str, Any]]:
        if self.paging == "none" or "page" not in query:
            return found[: self.cap]
        page = int(query["page"])
        first = page if self.paging == "from-0" else max(page - 1, 0)
        size = min(int(query["page_size"]), self.page_size)
        return found[first * size :][:size]


NOW = datetime.now(UTC).replace(microsecond=0)
LATELY = NOW - timedelta(days=3)


@pytest.fixture
def folder(tmp_path: Path, settings, monkeypatch) -> Path:
    settings.SYNC_FOLDER = str(tmp_path)
    settings.SYNC_PRIVATE = REACH
    settings.STATE_DIR = tmp_path / "state"
    made = Patience.__init__
    monkeypatch.setattr(
        Patience,
        "__init__",
        lambda self, **changes: made(self, **({"tries": 2, "first_wait_s": 0.0} | changes)),
    )
    return tmp_path


@pytest.fixture
def town(small_city, folder: Path) -> Iterator[tuple[City311, Server]]:
    city = City311()
    with served(city) as server:
        write(folder, server)
        yield city, server


def write(folder: Path, server: Server, more: str = "", path: str = "/open311/v2") -> None:
    text = f'kind = "open311"\naddress = "{server.url}{path}"\nprecision = "exact"\n{more}\n'
    categories = '[categories]\n"001" = "pothole"\n'
    (folder / "town.toml").write_text(text if "[categories]" in more else text + categories)


def run(**options: Any) -> SyncRun:
    return runs.run("town", **options)


def told(row: SyncRun) -> tuple[str, int, int, int, int, int, int]:
    counts = (row.came, row.added, row.changed, row.unchanged, row.left_out, row.vanished)
    return row.state, *counts


def test_requests_come_in_as_reports(town):
    city, _ = town
    city.add(at=LATELY)
    done = LATELY + timedelta(hours=5)
    city.add(at=LATELY, status="closed", updated_datetime=f"{done:%Y-%m-%dT%H:%M:%SZ}")
    row = run()
    assert told(row) == ("succeeded", 2, 2, 0, 0, 0, 0), row.error
    open_one, closed = Report.objects.order_by("closed_at")[::-1]
    assert (open_one.state, open_one.channel, open_one.reported_at) == (
        "accepted",
        "open311",
        LATELY,
    )
    assert (closed.state, closed.closed_at) == ("done", done)
    assert PublicReport.objects.filter(category__code="pothole").count() == 2
    assert told(run()) == ("succeeded", 2, 0, 0, 2, 0, 0)


def test_what_is_expected_is_what_is_promised(town):
    city, _ = town
    due = (LATELY + timedelta(days=4)).replace(tzinfo=None)
    early = LATELY - timedelta(days=4)
    city.add(at=LATELY, expected_datetime=f"{due:%Y-%m-%dT%H:%M:%S}Z")
    city.add(at=LATELY, expected_datetime=f"{early:%Y-%m-%dT%H:%M:%SZ}")
    city.add(at=LATELY, expected_datetime="soon")
    row = run()
    assert (row.added, row.left_out) == (2, 1)
    category = Category.objects.get(code="pothole")
    usual = LATELY + timedelta(days=category.promise_days)
    kept = Report.objects.order_by("pk").values_list("promised_at", flat=True)
    assert list(kept) == [due.replace(tzinfo=UTC), usual]
    shown = PublicReport.objects.order_by("report_id").values_list("promised_at", flat=True)
    assert list(shown) == list(kept)
    later = due + timedelta(days=1)
    city.requests[0]["expected_datetime"] = f"{later:%Y-%m-%dT%H:%M:%S}Z"
    assert told(run())[3] == 1
    assert Report.objects.order_by("pk").first().promised_at == later.replace(tzinfo=UTC)


def test_a_changed_request_updates_its_report(town):
    city, _ = town
    record = city.add(at=LATELY)
    run()
    record |= {"status": "closed", "updated_datetime": f"{NOW:%Y-%m-%dT%H:%M:%SZ}"}
    record |= {"description": "Filled", "long": EAST_POINT[0]}
    assert told(run()) == ("succeeded", 1, 0, 1, 0, 0, 0)
    report = Report.objects.get()
    assert (report.state, report.closed_at, report.description) == ("done", NOW, "Filled")
    assert PublicReport.objects.get().ward.code == "east"
    assert told(run()) == ("succeeded", 1, 0, 0, 1, 0, 0)


def test_a_vanished_request_is_told_and_its_report_stays(town):
    city, _ = town
    city.add(at=LATELY)
    city.add(at=LATELY)
    city.add(at=NOW - timedelta(days=200))
    run()
    del city.requests[0]
    row = run()
    assert told(row) == ("succeeded", 1, 0, 0, 1, 0, 1)
    assert row.notes == ["No more in the source, and kept here: R-1"]
    assert Report.objects.count() == 2


def test_the_first_run_goes_back_and_later_ones_look_at_what_is_recent(town, folder):
    city, server = town
    long_ago = NOW - timedelta(days=400)
    city.add(at=long_ago)
    city.add(at=LATELY)
    write(folder, server, f"days = 30\nsince = {long_ago - timedelta(days=10):%Y-%m-%d}")
    assert told(run())[:3] == ("succeeded", 2, 2)
    server.asked.clear()
    assert told(run()) == ("succeeded", 1, 0, 0, 1, 0, 0)
    starts = [q["start_date"] for q in server.queries("/open311/v2/requests.json")]
    assert {start[:10] for start in starts} == {
        f"{datetime.now(UTC) - timedelta(days=30):%Y-%m-%d}"
    }
    assert told(run(from_the_start=True)) == ("succeeded", 2, 0, 0, 2, 0, 0)


@pytest.mark.parametrize("paging", ["none", "from-0", "from-1"])
def test_every_request_comes_however_the_server_pages(town, paging):
    city, server = town
    city.paging, city.cap = paging, 100
    for i in range(320):
        city.add(at=LATELY + timedelta(minutes=i))
    row = run()
    assert told(row) == ("succeeded", 320, 320, 0, 0, 0, 0), row.error
    assert len(server.asked) < 60


@pytest.mark.parametrize("paging", ["none", "from-0", "from-1"])
@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 100])
def test_the_ends_of_pages_lose_nothing(town, paging, count):
    city, _ = town
    city.paging, city.cap, city.empty_status = paging, 100, 404
    for i in range(count):
        city.add(at=LATELY + timedelta(minutes=i))
    assert told(run())[:3] == ("succeeded", count, count)


def test_more_at_one_time_than_the_server_gives_is_told(town):
    city, _ = town
    city.cap = 100
    for _i in range(130):
        city.add(at=LATELY)
    row = run()
    assert (row.state, row.came) == ("succeeded", 100)
    assert any("than the server gives; some are missing" in note for note in row.notes)


def test_a_run_that_broke_off_goes_on_with_the_same_span(town):
    city, server = town
    city.paging = "from-1"
    for i in range(180):
        city.add(at=LATELY + timedelta(minutes=i))
    city.dies_after = 5
    row = run()
    assert row.state == "failed"
    assert Report.objects.count() == 0
    ends = {q["end_date"] for q in server.queries("/open311/v2/requests.json")}
    city.dies_after = None
    server.asked.clear()
    row = run()
    assert told(row) == ("succeeded", 180, 180, 0, 0, 0, 0)
    again = server.queries("/open311/v2/requests.json")
    assert {q["end_date"] for q in again} == ends
    assert [q["page"] for q in again] == ["4", "5"]


def test_codes_that_are_not_mapped_are_listed_with_their_counts(town, folder):
    city, server = town
    for code in ("002", "002", "003", None):
        city.add(at=LATELY, service_code=code, service_name="Lamp")
    write(folder, server, '[categories]\n"001" = "pothole"\n"009" = "graffiti"')
    row = run()
    assert told(row) == ("succeeded", 4, 0, 0, 0, 4, 0)
    assert row.notes == [
        "Services that the mapping leaves out:",
        "  2 002 Lamp",
        "  1 003 Lamp",
        "  1 Lamp",
        "Mapped, but no service of the server: 009",
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"service_request_id": None}, "it has no id yet"),
        ({"service_request_id": "x" * 200}, "its id is no text of at most 120 characters"),
        ({"status": "lost"}, "its status 'lost' is not in the mapping"),
        ({"requested_datetime": f"{NOW:%Y-%m-%d} noon"}, "a time is no date and time"),
        ({"lat": "north"}, "its coordinates are not numbers"),
        ({"lat": 95, "long": 200}, "its coordinates are no longitude and latitude"),
        ({"lat": "nan"}, "its coordinates are no longitude and latitude"),
        (
            {"status": "closed", "updated_datetime": "2001-01-01T00:00:00Z"},
            "it was closed before it was requested",
        ),
    ],
)
def test_a_request_that_is_no_report_is_left_out_with_its_reason(town, changes, reason):
    city, server = town
    record = city.add(at=LATELY) | changes
    server.answer = lambda asked: (
        Reply([record]) if asked.path.endswith("/requests.json") else city(asked)
    )
    row = run()
    assert told(row) == ("succeeded", 1, 0, 0, 0, 1, 0)
    assert row.notes == ["Left out because:", f"  1 {reason}"]


@pytest.mark.parametrize(
    "changes",
    [
        {"lat": None, "long": None},
        {"lat": "", "long": ""},
        {"lat": 0, "long": 0},
        {"lat": "5.5", "long": "6.5"},
    ],
)
def test_a_request_without_a_place_is_a_report_without_one(town, folder, changes):
    city, server = town
    write(folder, server, "default_points = [[6.5, 5.5]]")
    city.add(at=LATELY, **changes)
    assert told(run())[:3] == ("succeeded", 1, 1)
    assert not PublicReport.objects.get().is_located


def test_a_point_that_the_source_masked_has_no_exact_twin(town, folder):
    city, _ = town
    city.add(at=LATELY)
    path = folder / "town.toml"
    path.write_text(path.read_text().replace('"exact"', '"masked_by_source"'))
    assert run().added == 1
    assert PublicReport.objects.get().mask_version == "source"
    assert not ExactLocation.objects.exists()


def test_a_long_description_is_shortened_and_its_control_characters_go(town):
    city, _ = town
    city.add(at=LATELY, description="a\0b" + "x" * 4_000)
    assert run().added == 1
    text = Report.objects.get().description
    assert (len(text), text[:3], text[-1]) == (2_000, "abx", "…")


def test_ids_stay_texts(town):
    city, _ = town
    city.add(at=LATELY, key="007")
    record = city.add(at=LATELY)
    record["service_request_id"] = 7
    assert run().added == 2


def test_a_request_known_by_its_token_alone_is_asked_for_its_id(town):
    city, server = town
    record = city.add(at=LATELY)
    record |= {"service_request_id": None, "token": "t/1"}

    def answer(asked: Asked) -> Reply:
        if "/tokens/" in asked.path:
            assert asked.path.endswith("/tokens/t%2F1.json")
            return Reply([{"service_request_id": "R-9", "token": "t/1"}])
        return city(asked)

    server.answer = answer
    assert told(run())[:3] == ("succeeded", 1, 1)


def test_the_key_and_the_jurisdiction_are_sent_and_the_key_is_never_told(town, folder, monkeypatch):
    _, server = town
    monkeypatch.setenv("TOWN_KEY", "s3cret")
    write(folder, server, 'api_key_from = "TOWN_KEY"\njurisdiction = "town.example"')
    run()
    asked = server.queries("/open311/v2/requests.json")[0]
    assert (asked["api_key"], asked["jurisdiction_id"]) == ("s3cret", "town.example")
    error = [{"code": 400, "description": "jurisdiction_id is unknown"}]
    server.answer = lambda _: Reply(error, status=400)
    row = run()
    assert row.error.endswith(
        "services.xml answers 400 Bad Request. 400: jurisdiction_id is unknown"
    )
    assert "s3cret" not in row.error
    assert "s3cret" not in "".join(p.read_text() for p in folder.rglob("recipe.json"))


@pytest.mark.parametrize("suffix", ["json", "xml"])
def test_a_discovery_document_leads_to_the_server(town, folder, suffix):
    city, server = town
    city.add(at=LATELY)
    write(folder, server, path=f"/discovery.{suffix}")
    endpoints = [
        ("http://wiki.open311.org/Inquiry_v1", "/inquiry", "production"),
        ("http://wiki.open311.org/GeoReport_v2", "/try", "test"),
        ("http://wiki.open311.org/GeoReport_V2", "/open311/v2", "production"),
    ]
    as_json = json.dumps(
        {
            "changeset": "1",
            "endpoints": [
                {
                    "specification": s,
                    "url": f"{server.url}{u}/",
                    "type": t,
                    "formats": ["text/xml", "application/json"],
                }
                for s, u, t in endpoints
            ],
        }
    )
    as_xml = "".join(
        f"<endpoint><specification>{s}</specification><url>{server.url}{u}</url><type>{t}</type>"
        "<formats><format>text/xml</format><format>application/json</format></formats></endpoint>"
        for s, u, t in endpoints
    )
    document = (
        as_json if suffix == "json" else f"<discovery><endpoints>{as_xml}</endpoints></discovery>"
    )
    server.answer = lambda asked: Reply(document) if "discovery" in asked.path else city(asked)
    assert told(run())[:3] == ("succeeded", 1, 1)
    write(folder, server, 'use = "test"', path=f"/discovery.{suffix}")
    run()
    assert server.asked[-1].path.startswith("/try/")


def test_a_category_that_there_is_not_is_refused(town, folder):
    _, server = town
    write(folder, server, '[categories]\n"001" = "potholes"')
    assert "puts '001' into the category 'potholes', which there is not" in run().error


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("source = 'client'", "give another name of at most 60 characters"),
        ("zone = 'Mars'", "has zone = 'Mars'"),
        ("paging = 'odd'", "choose one of auto, from-0, from-1, none"),
        ("since = 'lately'", "since that is no date"),
        ("days = 0", "give a whole number from 1"),
        ("dayz = 3", "has dayz, which means nothing here"),
        ("default_points = [1]", "not pairs"),
        ("[states]\nopen = 'begun'", "has open = 'begun'"),
        ("[categories]", r"needs \[categories\]"),
    ],
)
def test_a_slip_in_the_file_is_named(town, folder, more, message):
    _, server = town
    write(folder, server, more)
    with pytest.raises(InvalidInput, match=message):
        run()


# ---- recorded answers of a real server ----


def recorded(real_data: Path) -> Callable[[Asked], Reply]:
    requests = (real_data / "open311/recorded/requests_many.xml").read_bytes()
    services = (
        b"<services><service><service_code>CSROWR-12</service_code><service_name>Road - Pot hole"
        b"</service_name><metadata>false</metadata><type>realtime</type></service></services>"
    )

    def answer(asked: Asked) -> Reply:
        if asked.path.endswith(".json"):
            return Reply("<html>not found</html>", status=404)
        if asked.path.endswith("/services.xml"):
            return Reply(services, headers={"Content-Type": "text/plain"})
        is_then = asked.query["start_date"] <= "2018-07-30" <= asked.query["end_date"]
        return Reply(requests if is_then else b"", status=200 if is_then else 404)

    return answer


@pytest.mark.real_data
def test_torontos_recorded_answers_come_in(small_city, folder, real_data):
    with served(recorded(real_data)) as server:
        more = "since = 2018-07-01\nzone = 'America/Toronto'\n"
        write(folder, server, more + "[categories]\n'CSROWR-12' = 'pothole'", path="/webapi")
        row = run()
        assert told(row) == ("succeeded", 2, 2, 0, 0, 0, 0), row.error
        report = Report.objects.order_by("id")[0]
        assert report.reported_at == datetime(2018, 7, 30, 4, 1, tzinfo=UTC)
        assert report.state == "accepted"
        shown = PublicReport.objects.get(report=report)
        assert shown.point.coords == pytest.approx((-79.272306875, 43.691104288))
        assert told(run(from_the_start=True)) == ("succeeded", 2, 0, 0, 2, 0, 0)
