"""Vector tiles: what stands in them, for whom, and how they are fetched."""

from datetime import datetime
from zoneinfo import ZoneInfo

import geopandas as gpd
import pyogrio
import pytest
from django.db import connection
from psycopg import sql

from layers import registry, tiles
from layers.access import ANONYMOUS, acting_as
from reports.filters import ReportFilter
from reports.intake import submit, submit_many
from reports.models import Category, PublicReport
from reports.submission import NewReport
from reports.workflow import State
from tests.conftest import owner_connection
from tests.database.conftest import EAST_POINT, LONG_AGO, WEST_POINT
from tests.database.test_row_level_security import MANY

HALF_CIRCUMFERENCE_M = 20_037_508.342789244


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(p), ST_Y(p) FROM "
            "ST_Transform(ST_SetSRID(ST_MakePoint(%s, %s), 4326), 3857) AS p",
            [lon, lat],
        )
        x, y = cursor.fetchone()
    side = 2 * HALF_CIRCUMFERENCE_M / 2**z
    return z, int((x + HALF_CIRCUMFERENCE_M) / side), int((HALF_CIRCUMFERENCE_M - y) / side)


def url_of(slug: str, tile: tuple[int, int, int], query: str = "") -> str:
    return "/tiles/{}/{}/{}/{}.mvt{}".format(slug, *tile, query)


@pytest.fixture
def fetch(client, tmp_path):
    """Fetch a tile and read it with GDAL, a client that this project did not write."""

    def fetched(slug: str, tile: tuple[int, int, int], query: str = "") -> gpd.GeoDataFrame | None:
        response = client.get(url_of(slug, tile, query))
        assert response.status_code == 200, response.content
        assert response["Content-Type"] == "application/vnd.mapbox-vector-tile"
        if not response.content:
            return None
        path = tmp_path / "tile.mvt"
        path.write_bytes(response.content)
        z, x, y = tile
        assert pyogrio.list_layers(path)[0][0] == slug
        return pyogrio.read_dataframe(path, X=x, Y=y, Z=z).to_crs(4326)

    return fetched


# ---- content ----


def test_from_zoom_14_a_tile_has_one_point_a_report(small_city, fetch):
    answer = submit(NewReport("pothole", WEST_POINT))
    rows = fetch("reports", tile_of(*WEST_POINT, 14))
    assert len(rows) == 1
    row = rows.iloc[0]
    assert (row.id, row.family, row.category, row.state, row.phase, row.title) == (
        answer.public_id,
        "roads",
        "pothole",
        "new",
        "new",
        "Pothole",
    )
    assert (row.geometry.x, row.geometry.y) == pytest.approx(WEST_POINT, abs=1e-5)


def test_below_zoom_14_a_tile_counts_by_cell_and_names_nobody(small_city, fetch):
    near = [NewReport("pothole", WEST_POINT), NewReport("pothole", WEST_POINT, state=State.DONE)]
    submit_many([*near, NewReport("water-leak", WEST_POINT)])
    rows = fetch("reports", tile_of(*WEST_POINT, 13))
    assert len(rows) == 1
    counted = rows.iloc[0]
    assert (counted.n, counted.roads, counted.water, counted.open) == (3, 2, 1, 2)
    assert not {"id", "title", "category", "state"} & set(rows.columns)


def test_cells_of_neighbouring_tiles_count_every_report_once(small_city, fetch):
    z, x, y = tile_of(0.0, 0.0, 13)
    submit_many([NewReport("pothole", (0.002 * i, 0.002)) for i in range(1, 10)])
    total = 0
    for neighbour in ((z, x - 1, y), (z, x, y), (z, x, y - 1), (z, x + 1, y), (z, x + 1, y - 1)):
        rows = fetch("reports", neighbour)
        total += 0 if rows is None else int(rows.n.sum())
    assert total == 9


@pytest.mark.parametrize(("count", "shown"), [(4, None), (5, 5)])
def test_crime_is_counted_only_where_a_cell_has_five(small_city, fetch, count, shown):
    answers = submit_many([NewReport("theft", WEST_POINT, reported_at=LONG_AGO)] * count)
    # A point of class P2 is public only where its mask allows one; here every one is given one.
    PublicReport.objects.filter(report_id__in=[a.report_id for a in answers]).update(
        point=f"SRID=4326;POINT({WEST_POINT[0]} {WEST_POINT[1]})"
    )
    rows = fetch("reports", tile_of(*WEST_POINT, 13))
    assert (None if rows is None else int(rows.n.sum())) == shown


def test_few_crimes_do_not_hide_the_other_reports_of_their_cell(small_city, fetch):
    answer = submit(NewReport("theft", WEST_POINT, reported_at=LONG_AGO))
    PublicReport.objects.filter(report_id=answer.report_id).update(
        point=f"SRID=4326;POINT({WEST_POINT[0]} {WEST_POINT[1]})"
    )
    submit(NewReport("pothole", WEST_POINT))
    rows = fetch("reports", tile_of(*WEST_POINT, 13))
    assert (int(rows.n.sum()), int(rows.crime.sum())) == (1, 0)


@pytest.mark.parametrize("category", ["neighbour-noise", "theft", "domestic-violence"])
@pytest.mark.parametrize("zoom", [10, 16])
def test_no_tile_shows_the_place_of_what_is_not_open(small_city, fetch, category, zoom):
    submit(NewReport(category, WEST_POINT, reported_at=LONG_AGO))
    assert fetch("reports", tile_of(*WEST_POINT, zoom)) is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"pothole", "water-leak"}),
        ("?cat=roads", {"pothole"}),
        ("?cat=roads,water", {"pothole", "water-leak"}),
        ("?phase=working", {"water-leak"}),
        ("?category=pothole", {"pothole"}),
        ("?since=2026-03-02", {"water-leak"}),
        ("?until=2026-03-01", {"pothole"}),
        ("?since=2026-03-01&until=2026-03-02", {"pothole", "water-leak"}),
        ("?since=2026-03-03", set()),
        ("?until=2026-02-28", set()),
    ],
)
def test_filters_narrow_a_tile_and_both_days_are_included(small_city, fetch, query, expected):
    zone = ZoneInfo("Europe/Dublin")
    submit(NewReport("pothole", WEST_POINT, reported_at=datetime(2026, 3, 1, 0, 0, tzinfo=zone)))
    submit(
        NewReport(
            "water-leak",
            WEST_POINT,
            state=State.PROGRESS,
            reported_at=datetime(2026, 3, 2, 23, 59, tzinfo=zone),
        )
    )
    rows = fetch("reports", tile_of(*WEST_POINT, 16), query)
    assert (set() if rows is None else set(rows.category)) == expected


def test_streets_show_their_class_and_from_afar_the_main_ones_alone(small_city, fetch):
    near = fetch("streets", tile_of(*WEST_POINT, 14))
    assert set(near.name) >= {"Long Street", "West Lane"}
    afar = fetch("streets", tile_of(*WEST_POINT, 12))
    assert set(afar.name) == {"Long Street"}


# ---- refusals ----


@pytest.mark.parametrize(
    "path",
    ["14/0/16384.mvt", "14/16384/0.mvt", "23/0/0.mvt", "0/1/0.mvt", "-1/0/0.mvt", "a/b/c.mvt"],
)
def test_a_tile_outside_the_pyramid_is_not_found(small_city, client, path):
    response = client.get(f"/tiles/reports/{path}")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("cat=dragons", "cat"),
        ("phase=old", "phase"),
        ("since=yesterday", "since"),
        ("until=2026-02-30", "until"),
        ("bbox=1,2,3", "bbox"),
    ],
)
def test_a_filter_that_is_not_understood_is_named(small_city, client, query, field):
    response = client.get(url_of("reports", (14, 0, 0), f"?{query}"))
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == field


def test_a_filter_is_a_value_and_never_sql(small_city, client):
    submit(NewReport("pothole", WEST_POINT))
    for text in ("'", "x') OR TRUE --", "%", "dragon\0"):
        response = client.get(url_of("reports", tile_of(*WEST_POINT, 14)), {"category": text})
        assert response.status_code == 200
        assert response.content == b""


def test_a_tile_is_only_fetched(small_city, client):
    assert client.post(url_of("reports", (0, 0, 0))).status_code == 405


def test_the_order_in_a_tile_does_not_tell_when_a_report_came(small_city, fetch):
    answers = submit_many([NewReport("pothole", WEST_POINT)] * 20)
    shown = list(fetch("reports", tile_of(*WEST_POINT, 16)).id)
    assert shown == sorted(shown)
    assert shown != [answer.public_id for answer in answers]


# ---- caching ----


def test_an_unchanged_tile_is_not_sent_twice(small_city, client):
    submit(NewReport("pothole", WEST_POINT))
    url = url_of("reports", tile_of(*WEST_POINT, 14))
    first = client.get(url)
    again = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    submit(NewReport("pothole", WEST_POINT))
    changed = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_what_everybody_sees_is_shared_and_depends_on_no_cookie(client, people):
    client.force_login(people.crime_desk)
    response = client.get(url_of("reports", (0, 0, 0)))
    assert response["Cache-Control"] == "public, max-age=30"
    assert "Cookie" not in response.get("Vary", "")


def test_exact_places_are_stored_in_no_cache(client, people):
    client.force_login(people.roads_west)
    submit(NewReport("pothole", WEST_POINT))
    response = client.get(url_of("incidents", tile_of(*WEST_POINT, 14)))
    assert response.content
    assert response["Cache-Control"] == "private, no-store"


# ---- incidents ----


def test_a_crew_s_tile_shows_its_incidents_at_every_zoom(client, people, fetch):
    client.force_login(people.roads_west)
    mine = submit(NewReport("pothole", WEST_POINT))
    submit(NewReport("pothole", EAST_POINT))
    submit(NewReport("theft", WEST_POINT))
    for zoom in (10, 14):
        rows = fetch("incidents", tile_of(*WEST_POINT, zoom))
        assert list(rows.id) == [mine.public_id]


def test_what_is_done_leaves_the_crew_s_map(client, people, fetch):
    client.force_login(people.roads_west)
    submit(NewReport("pothole", WEST_POINT, state=State.DONE))
    assert fetch("incidents", tile_of(*WEST_POINT, 14)) is None


@pytest.mark.parametrize("who", [None, "citizen", "planner"])
def test_nobody_else_learns_that_there_is_such_a_layer(client, people, who):
    if who:
        client.force_login(getattr(people, who))
    unknown = client.get("/tiles/nothing/0/0/0.mvt")
    hidden = client.get("/tiles/incidents/0/0/0.mvt")
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.json()["detail"] == "There is no layer called “incidents”."
    assert unknown.json()["detail"] == "There is no layer called “nothing”."


# ---- TileJSON ----


def test_the_description_of_a_layer_leads_to_its_tiles(small_city, client):
    body = client.get("/tiles/reports.json?cat=roads").json()
    assert body["tilejson"] == "3.0.0"
    assert body["tiles"] == ["http://testserver/tiles/reports/{z}/{x}/{y}.mvt?cat=roads"]
    assert body["bounds"] == pytest.approx([0, 0, 0.02, 0.01])
    assert body["vector_layers"][0]["id"] == "reports"
    assert set(body["vector_layers"][0]["fields"]) == {
        "id",
        "family",
        "category",
        "state",
        "phase",
        "title",
        "masked",
        "late",
    }


def test_the_description_names_whose_data_it_is(small_city, client):
    assert client.get("/tiles/streets.json").json()["attribution"] == "Test city makers"


# ---- the plan ----

MANY_PUBLIC = """
INSERT INTO reports_publicreport (key, report_id, public_id, category_id, family, sensitivity,
    state, title, description, place_name, point, mask_version, is_located, shown_at,
    me_too, photo_count, answers)
SELECT public_id, id, public_id, category_id, 'roads', 0, 'new', 'Pothole', '', '',
    ST_SetSRID(ST_MakePoint(0.02 * random(), 0.01 * random()), 4326), 'exact-1', true,
    now(), 0, 0, '{}'
FROM reports_report WHERE id > 100000
"""


@pytest.mark.django_db(transaction=True)
def test_the_search_by_words_reads_no_whole_table(small_city):
    with connection.cursor() as cursor:
        cursor.execute(MANY, {"category": Category.objects.get(code="pothole").pk})
        cursor.execute(MANY_PUBLIC)
    with owner_connection() as owner:
        owner.execute("ANALYZE reports_publicreport")
    with acting_as(ANONYMOUS), connection.cursor() as cursor:
        condition = ReportFilter(text="quay").condition()
        rows = sql.SQL("SELECT count(*) FROM reports_shown AS t WHERE {}").format(condition)
        cursor.execute(sql.SQL("EXPLAIN {}").format(rows))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "reports_public_place" in plan
    assert "Seq Scan on reports_publicreport" not in plan


@pytest.mark.django_db(transaction=True)
def test_a_tile_at_zoom_16_reads_the_spatial_index(small_city):
    layer = registry.resolve("reports", ANONYMOUS)
    z, x, y = tile_of(*WEST_POINT, 16)
    with connection.cursor() as cursor:
        cursor.execute(MANY, {"category": Category.objects.get(code="pothole").pk})
        cursor.execute(MANY_PUBLIC)
    with owner_connection() as owner:
        owner.execute("ANALYZE reports_publicreport")
    with acting_as(ANONYMOUS), connection.cursor() as cursor:
        condition = tiles._condition(layer, z, {})
        rows = tiles._rows(layer, z, x, y, condition)
        cursor.execute(sql.SQL("EXPLAIN {}").format(rows))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "reports_public_3857" in plan
    assert "Seq Scan on reports_publicreport" not in plan
