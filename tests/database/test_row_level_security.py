"""What the database itself refuses: connected as the role of pages and jobs."""

import json

import psycopg
import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.test import Client

from geo.viewer import viewer_of
from layers.access import ANONYMOUS, SETTING, Duty, Viewer, acting_as
from reports import incidents
from reports.intake import submit
from reports.models import Category, ExactLocation, ExactRead, HistoryEntry, Report
from reports.models import Contact as StoredContact
from reports.submission import Contact, NewReport
from tests.conftest import owner_connection
from tests.database.conftest import EAST_POINT, WEST_POINT, make_crew, make_member

ME = Contact("Ada", "ada@example.org", "")
PROTECTED = (ExactLocation, StoredContact)


@pytest.fixture
def reports(small_city) -> dict[str, int]:
    """One report of each kind that the rules tell apart, by name."""
    kinds = {
        "west pothole": NewReport("pothole", WEST_POINT, contact=ME),
        "east pothole": NewReport("pothole", EAST_POINT, contact=ME),
        "west water": NewReport("water-leak", WEST_POINT, contact=ME),
        "west noise": NewReport("neighbour-noise", WEST_POINT, contact=ME),
        "west theft": NewReport("theft", WEST_POINT, contact=ME),
        "east violence": NewReport("domestic-violence", EAST_POINT, contact=ME),
    }
    return {name: submit(report).report_id for name, report in kinds.items()}


def seen_by(viewer: Viewer, reports: dict[str, int]) -> set[str]:
    names = {key: name for name, key in reports.items()}
    with acting_as(viewer):
        of_each = [
            {names[key] for key in model.objects.values_list("report_id", flat=True)}
            for model in PROTECTED
        ]
    assert of_each[0] == of_each[1]
    return of_each[0]


def scalar(statement: str, *values: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


# ---- the role ----


def test_pages_connect_as_a_role_that_cannot_pass_row_level_security(db):
    assert scalar("SELECT current_user") == "civicgrid_web"
    assert scalar(
        "SELECT NOT (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication) "
        "FROM pg_roles WHERE rolname = current_user"
    )
    assert (
        scalar("SELECT count(*) FROM pg_auth_members WHERE member = %s::regrole", "civicgrid_web")
        == 0
    )


def test_the_role_owns_nothing_in_the_public_schema(db):
    owned = (
        "SELECT count(*) FROM pg_class WHERE relowner = 'civicgrid_web'::regrole "
        "AND relnamespace = 'public'::regnamespace"
    )
    assert scalar(owned) == 0


def test_the_role_makes_tables_in_two_schemas_only(db):
    with (
        pytest.raises(ProgrammingError, match="permission denied for schema public"),
        transaction.atomic(),
    ):
        scalar("CREATE TABLE public.mine (id int)")
    for schema in ("imported", "results"):
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {schema}.mine (id int)")
            cursor.execute(f"DROP TABLE {schema}.mine")


@pytest.mark.parametrize(
    "table",
    ["reports_report", "reports_exactlocation", "reports_historyentry", "reports_exactread"],
)
def test_the_role_cannot_empty_a_table(db, table):
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("table", ["reports_exactlocation", "reports_contact"])
def test_the_role_cannot_switch_the_policies_off(db, table):
    with pytest.raises(ProgrammingError, match="must be owner"), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


# ---- who sees which row ----


def test_without_a_viewer_no_exact_place_and_no_contact_shows(reports):
    for model in PROTECTED:
        assert model.objects.count() == 0


def test_an_anonymous_viewer_sees_none_either(reports):
    assert seen_by(ANONYMOUS, reports) == set()


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("citizen", set()),
        ("planner", set()),
        ("administrator", set()),
        ("roads_west", {"west pothole"}),
        ("roads_east", {"east pothole"}),
        ("dispatcher", {"west pothole", "east pothole"}),
        ("crime_desk", {"west theft", "east violence"}),
    ],
)
def test_each_sees_the_places_of_their_own_duties_alone(people, reports, who, expected):
    assert seen_by(people.viewer(who), reports) == expected


def test_clearance_bounds_the_class_within_one_category(small_city, reports):
    theft = Category.objects.get(code="theft").pk
    for clearance, expected in ((1, set()), (2, {"west theft"})):
        duty = Duty(areas=None, categories=frozenset({theft}), clearance=clearance, crew=1)
        assert seen_by(Viewer(1, duties=(duty,)), reports) == expected


def test_two_memberships_do_not_lend_each_other_area_or_clearance(small_city, reports):
    field = make_crew("Crime west, uncleared", small_city.zone_west, "crime", clearance=0)
    desk = make_crew("Crime east, cleared", small_city.zone_east, "crime", desk=True, clearance=3)
    both = viewer_of(make_member("both@example.org", field, desk))
    assert seen_by(both, reports) == {"east violence"}


def test_an_inactive_account_has_no_duties(people, reports):
    people.roads_west.is_active = False
    people.roads_west.save()
    assert seen_by(people.viewer("roads_west"), reports) == set()


def test_a_receipt_opens_the_one_report_that_it_was_given_for(reports):
    assert seen_by(ANONYMOUS.holding(reports["west theft"]), reports) == {"west theft"}


def test_a_broken_setting_shows_nothing(reports):
    for value in (
        "",
        "{}",
        "null",
        '{"duties": []}',
        '{"duties": [{"clearance": 9, "areas": []}]}',
    ):
        with transaction.atomic():
            scalar("SELECT set_config(%s, %s, true)", SETTING, value)
            assert ExactLocation.objects.count() == 0


def test_the_role_can_neither_change_nor_remove_what_it_may_read(people, reports):
    with acting_as(people.viewer("roads_west")):
        mine = ExactLocation.objects.filter(report_id=reports["west pothole"])
        assert mine.count() == 1
        assert mine.update(point="SRID=4326;POINT(0 0)") == 0
        assert mine.delete()[0] == 0
        assert mine.get().point.coords == WEST_POINT


# ---- the viewer's span ----


def test_a_nested_viewer_gives_way_to_the_outer_one(people, reports):
    with acting_as(people.viewer("roads_west")):
        with acting_as(people.viewer("crime_desk")):
            assert ExactLocation.objects.count() == 2
        assert ExactLocation.objects.count() == 1
        with acting_as(ANONYMOUS):
            assert ExactLocation.objects.count() == 0
        assert ExactLocation.objects.count() == 1


def test_a_nested_viewer_gives_way_after_a_fault_too(people, reports):
    with acting_as(people.viewer("roads_west")):
        with pytest.raises(DatabaseError), acting_as(people.viewer("crime_desk")):
            scalar("SELECT 1 / 0")
        assert ExactLocation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_viewer_does_not_outlive_the_outermost_use_of_a_connection(people, reports):
    with acting_as(people.viewer("crime_desk")):
        backend = scalar("SELECT pg_backend_pid()")
        assert ExactLocation.objects.count() == 2
    assert scalar("SELECT pg_backend_pid()") == backend
    assert not scalar("SELECT current_setting(%s, true)", SETTING)
    assert ExactLocation.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_viewer_does_not_survive_into_the_next_request_of_the_same_connection(people, reports):
    desk, stranger = Client(), Client()
    desk.force_login(people.crime_desk)
    backend = scalar("SELECT pg_backend_pid()")
    violence = Report.objects.get(pk=reports["east violence"]).public_id
    assert desk.get(f"/crew/{violence}/").context["point"] == EAST_POINT
    assert stranger.get("/").status_code == 200
    assert scalar("SELECT pg_backend_pid()") == backend
    assert not scalar("SELECT current_setting(%s, true)", SETTING)
    assert ExactLocation.objects.count() == 0


# ---- append-only ----


@pytest.fixture
def written(people, reports) -> None:
    """A history and a log of reads with something in them."""
    incidents.queue_of(people.viewer("roads_west"), ["new"])
    assert HistoryEntry.objects.exists()
    assert ExactRead.objects.exists()


LOGS = ("reports_historyentry", "reports_exactread")


@pytest.mark.parametrize("table", LOGS)
@pytest.mark.parametrize("change", ["UPDATE {} SET at = now()", "DELETE FROM {}"])
def test_the_role_cannot_rewrite_a_log(written, table, change):
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(change.format(table))


def test_the_role_cannot_rewrite_the_words_of_the_history(written):
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("UPDATE reports_historytext SET note = 'other'")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", LOGS)
def test_a_trigger_stops_even_the_owner_from_rewriting_a_log(written, table):
    with (
        owner_connection() as owner,
        pytest.raises(psycopg.errors.RaiseException, match=f"{table} is append-only"),
    ):
        owner.execute(f"UPDATE {table} SET at = now()")


# ---- the one function that may search exact points ----

EVERYWHERE = "ST_TileEnvelope(0, 0, 0)"


def found_by_the_map(viewer: Viewer) -> set[tuple[str, str]]:
    with acting_as(viewer), connection.cursor() as cursor:
        cursor.execute(f"SELECT id, category FROM reports_incidents_in({EVERYWHERE})")
        return set(cursor.fetchall())


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("citizen", []),
        ("planner", []),
        ("roads_west", ["pothole"]),
        ("crime_desk", ["domestic-violence", "theft"]),
    ],
)
def test_the_search_of_exact_points_applies_the_duties(people, reports, who, expected):
    assert sorted(category for _, category in found_by_the_map(people.viewer(who))) == expected


def test_the_search_without_a_viewer_finds_and_logs_nothing(reports):
    assert scalar(f"SELECT count(*) FROM reports_incidents_in({EVERYWHERE})") == 0
    assert not ExactRead.objects.exists()


def test_a_function_that_runs_as_the_owner_has_a_fixed_search_path(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, proconfig FROM pg_proc "
            "WHERE prosecdef AND pronamespace = 'public'::regnamespace "
            "AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"
        )
        ours = dict(cursor.fetchall())
    assert "reports_incidents_in" in ours
    assert all(config == ["search_path=public, pg_temp"] for config in ours.values())


def test_only_the_role_of_pages_may_call_it(db):
    acl = scalar("SELECT proacl::text FROM pg_proc WHERE proname = 'reports_incidents_in'")
    assert "civicgrid_web=X" in acl
    assert "{=X" not in acl
    assert ",=X" not in acl


MANY = """
INSERT INTO reports_report (id, public_id, category_id, sensitivity, state, description,
    street_name, is_located, precision, channel, reported_at, received_at, changed_at, version,
    answers, language)
SELECT n, lpad(n::text, 10, '0'), %(category)s, 0, 'new', '', '', true, 'exact', 'test',
    now(), now(), now(), 1, '{}', ''
FROM generate_series(100001, 120000) AS n
"""
MANY_POINTS = """
INSERT INTO reports_exactlocation (report_id, point)
SELECT n, ST_SetSRID(ST_MakePoint(0.02 * random(), 0.01 * random()), 4326)
FROM generate_series(100001, 120000) AS n
"""


SCANS = """
SELECT pg_stat_get_xact_numscans('reports_exact_3857'::regclass),
       pg_stat_get_xact_numscans('reports_exactlocation'::regclass)
"""
SMALL_BOX = "ST_Transform(ST_MakeEnvelope(0.005, 0.005, 0.006, 0.006, 4326), 3857)"


@pytest.mark.django_db(transaction=True)
def test_the_search_of_exact_points_uses_the_spatial_index(people):
    """A plan inside a function cannot be read; the server's own counts of scans can."""
    category = Category.objects.get(code="pothole").pk
    with owner_connection() as owner:
        owner.execute(MANY, {"category": category})
        owner.execute(MANY_POINTS)
        owner.execute("ANALYZE reports_report; ANALYZE reports_exactlocation")
    with acting_as(people.viewer("dispatcher")), connection.cursor() as cursor:
        cursor.execute(SCANS)
        index_scans, table_scans = cursor.fetchone()
        cursor.execute(f"SELECT count(*) FROM reports_incidents_in({SMALL_BOX})")
        (found,) = cursor.fetchone()
        cursor.execute(SCANS)
        assert cursor.fetchone() == (index_scans + 1, table_scans)
    assert 0 < found < 1000


# ---- every exact read is written down ----


def test_list_page_contact_and_map_are_each_written_down(client, people, reports):
    client.force_login(people.roads_west)
    public_id = Report.objects.get(pk=reports["west pothole"]).public_id
    client.get("/crew/")
    client.get(f"/crew/{public_id}/")
    client.get("/tiles/incidents/0/0/0.mvt")
    log = ExactRead.objects.order_by("pk").values_list("purpose", "reports", "user_id", "address")
    mine = [reports["west pothole"]]
    assert list(log) == [
        (purpose, mine, people.roads_west.pk, "127.0.0.1")
        for purpose in ("list", "page", "contact", "map")
    ]


def test_looking_where_nothing_is_leaves_no_trace(client, people):
    client.force_login(people.roads_west)
    client.get("/crew/")
    client.get("/tiles/incidents/0/0/0.mvt")
    assert not ExactRead.objects.exists()


def test_the_setting_holds_no_name_and_no_mail(people):
    setting = json.loads(people.viewer("roads_west").setting())
    assert set(setting) == {"user", "receipts", "drafts", "address", "duties"}
