"""Who may open what: every role on every address of the site, as one table.

An address that the table does not name fails a test: whoever adds a view adds its row.
"""

import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from layers.access import Viewer
from layers.importing.asked import Asked
from layers.importing.load import Provenance
from layers.importing.reading import Options
from layers.models import Asset, AssetKind, Dataset, ImportJob
from planning import runs, studies
from planning.models import Run
from reports import followers
from reports.identifiers import follow_token
from reports.intake import Submitted, submit
from reports.models import Follower, ReportImport
from reports.submission import Contact, NewReport
from tests.database.conftest import EAST_POINT, LONG_AGO, WEST_POINT, People
from tests.database.photo_rows import make_photo
from tests.database.rasters import make_raster
from tests.database.test_registry import make_dataset

ROLES = (
    "anonymous",
    "citizen",
    "roads_west",
    "roads_east",
    "crime_desk",
    "dispatcher",
    "planner",
    "administrator",
)

# Statuses in the order of ROLES.
EVERYBODY = "200 200 200 200 200 200 200 200"
NOT_FOUND = "404 404 404 404 404 404 404 404"
ONLY_POST = "405 405 405 405 405 405 405 405"
GOES_ON = "302 302 302 302 302 302 302 302"
STAFF = "404 404 200 200 200 200 200 200"
CREWS = "404 404 200 200 200 200 404 404"
MEMBERS = "302 403 200 200 200 200 403 403"
PLANNERS = "302 403 403 403 403 403 200 200"
ADMINISTRATORS = "302 403 403 403 403 403 403 200"
ADMINISTRATORS_GO_ON = "302 403 403 403 403 403 403 302"
ADMINISTRATORS_MISS = "302 403 403 403 403 403 403 404"
PLANNERS_GO_ON = "302 403 403 403 403 403 302 302"
PLANNERS_LAYER = "404 404 404 404 404 404 200 200"


@dataclass(frozen=True)
class Row:
    """One address, and the status that each role gets."""

    method: str
    name: str
    about: str
    statuses: str
    """As the three-digit codes of ROLES, a space between them."""


def _layer(slug: str, statuses: str) -> list[Row]:
    return [Row("GET", name, slug, statuses) for name in ("tile", "tile_json")]


def _photo(about: str, statuses: str) -> list[Row]:
    return [Row("GET", name, about, statuses) for name in ("photo", "photo_small")]


MATRIX = [
    # the site
    Row("GET", "login", "", "200 302 302 302 302 302 302 302"),
    Row("GET", "logout", "", ONLY_POST),
    Row("POST", "logout", "", GOES_ON),
    Row("POST", "theme", "", GOES_ON),
    Row("POST", "set_language", "", GOES_ON),
    Row("GET", "words", "", EVERYBODY),
    Row("GET", "health", "", EVERYBODY),
    # layers: of the code, and data sets by audience
    *_layer("reports", EVERYBODY),
    *_layer("streets", EVERYBODY),
    *_layer("place-names", EVERYBODY),
    *_layer("areas-ward", EVERYBODY),
    *_layer("areas-zone", EVERYBODY),
    *_layer("assets-hydrant", EVERYBODY),
    *_layer("addresses", STAFF),
    *_layer("incidents", CREWS),
    *_layer("catchments-8", EVERYBODY),
    *_layer("catchments-20", EVERYBODY),
    *_layer("public-set", EVERYBODY),
    *_layer("staff-set", STAFF),
    *_layer("planners-set", PLANNERS_LAYER),
    *_layer("no-such-set", NOT_FOUND),
    Row("GET", "raster", "public-raster", EVERYBODY),
    Row("GET", "raster", "staff-raster", STAFF),
    Row("GET", "raster", "planners-raster", PLANNERS_LAYER),
    Row("GET", "raster", "no-such-raster", NOT_FOUND),
    # places brought in
    Row("GET", "layers_import", "", ADMINISTRATORS),
    Row("POST", "layers_import", "", "302 403 403 403 403 403 403 422"),
    Row("GET", "layers_import_file", "no upload", ADMINISTRATORS_MISS),
    Row("POST", "layers_import_file", "no upload", ADMINISTRATORS_MISS),
    Row("GET", "layers_import_sample", "no upload", ADMINISTRATORS_MISS),
    Row("GET", "layers_import_job", "import", ADMINISTRATORS),
    Row("GET", "layers_import_progress", "import", "401 403 403 403 403 403 403 200"),
    Row("POST", "layers_import_cancel", "import", ADMINISTRATORS_GO_ON),
    Row("POST", "layers_import_again", "import", ADMINISTRATORS_MISS),
    Row("POST", "layers_import_undo", "import", ADMINISTRATORS_GO_ON),
    # data that comes in by itself
    Row("GET", "sources", "", ADMINISTRATORS),
    Row("POST", "source_run", "no source", ADMINISTRATORS_MISS),
    # reports brought in
    Row("GET", "reports_import", "", ADMINISTRATORS),
    Row("POST", "reports_import", "", "302 403 403 403 403 403 403 422"),
    Row("GET", "reports_import_file", "no upload", ADMINISTRATORS_MISS),
    Row("POST", "reports_import_file", "no upload", ADMINISTRATORS_MISS),
    Row("GET", "reports_import_job", "report import", ADMINISTRATORS),
    Row("GET", "reports_import_progress", "report import", "401 403 403 403 403 403 403 200"),
    Row("GET", "reports_import_mapping", "report import", ADMINISTRATORS),
    Row("GET", "reports_import_rejects", "report import", ADMINISTRATORS_MISS),
    Row("POST", "reports_import_cancel", "report import", ADMINISTRATORS_GO_ON),
    Row("POST", "reports_import_start", "report import", ADMINISTRATORS_MISS),
    # the search for places
    Row("GET", "places", "", EVERYBODY),
    Row("GET", "place_at", "", EVERYBODY),
    # what everybody may see of reports
    Row("GET", "home", "", EVERYBODY),
    Row("GET", "report", "", EVERYBODY),
    Row("POST", "report", "", "422 422 422 422 422 422 422 422"),
    Row("GET", "public_report", "west pothole", EVERYBODY),
    Row("GET", "public_report", "west parking", EVERYBODY),
    Row("GET", "public_report", "west theft", NOT_FOUND),
    Row("GET", "public_report", "east violence", NOT_FOUND),
    Row("GET", "similar", "", "422 422 422 422 422 422 422 422"),
    Row("POST", "me_too", "west pothole", GOES_ON),
    Row("POST", "me_too", "west parking", NOT_FOUND),
    Row("POST", "me_too", "east violence", NOT_FOUND),
    Row("POST", "verdict", "west pothole", GOES_ON),
    Row("POST", "verdict", "west parking", NOT_FOUND),
    Row("POST", "verdict", "west theft", NOT_FOUND),
    Row("POST", "own_verdict", "west theft", GOES_ON),
    Row("POST", "own_verdict", "guessed", NOT_FOUND),
    Row("GET", "receipt", "west theft", EVERYBODY),
    Row("GET", "receipt", "guessed", NOT_FOUND),
    Row("POST", "follow_report", "west pothole", GOES_ON),
    Row("POST", "follow_report", "west theft", NOT_FOUND),
    Row("POST", "follow_own", "west theft", GOES_ON),
    Row("POST", "follow_own", "guessed", NOT_FOUND),
    Row("GET", "follow", "a follower", EVERYBODY),
    Row("GET", "follow", "guessed", NOT_FOUND),
    Row("POST", "follow", "a follower", GOES_ON),
    Row("GET", "follow_stop", "a follower", EVERYBODY),
    Row("POST", "follow_stop", "a follower", EVERYBODY),
    Row("POST", "follow_stop", "guessed", NOT_FOUND),
    Row("GET", "privacy", "", EVERYBODY),
    Row("GET", "api_privacy", "", EVERYBODY),
    Row("GET", "api_reports", "", EVERYBODY),
    Row("GET", "api_report", "west pothole", EVERYBODY),
    Row("GET", "api_report", "west theft", NOT_FOUND),
    Row("GET", "api_report", "east violence", NOT_FOUND),
    Row("GET", "api_categories", "", EVERYBODY),
    # photos: before they are sent, by class, and by receipt
    Row("POST", "report_photos", "", "422 422 422 422 422 422 422 422"),
    Row("POST", "api_photos", "", "422 422 422 422 422 422 422 422"),
    Row("GET", "report_photo", "unsent", EVERYBODY),
    Row("GET", "report_photo", "west theft", NOT_FOUND),
    Row("POST", "report_photo_remove", "unsent", "204 204 204 204 204 204 204 204"),
    Row("POST", "report_photo_remove", "west pothole", NOT_FOUND),
    *_photo("west pothole", EVERYBODY),
    *_photo("west parking", "404 404 200 404 404 200 404 404"),
    *_photo("west theft", "404 404 404 404 200 404 404 404"),
    *_photo("east violence", "404 404 404 404 200 404 404 404"),
    *_photo("unsent", NOT_FOUND),
    *_photo("guessed", NOT_FOUND),
    Row("GET", "own_photo", "west theft", EVERYBODY),
    Row("GET", "own_photo", "guessed", NOT_FOUND),
    Row("GET", "own_photo_small", "east violence", EVERYBODY),
    Row("GET", "own_photo_small", "guessed", NOT_FOUND),
    # crews and desks
    Row("GET", "crew", "", MEMBERS),
    Row("GET", "crew_incident", "west pothole", "302 403 200 404 404 200 403 403"),
    Row("GET", "crew_incident", "east pothole", "302 403 404 200 404 200 403 403"),
    Row("GET", "crew_incident", "west parking", "302 403 200 404 404 200 403 403"),
    Row("GET", "crew_incident", "east parking", "302 403 404 200 404 200 403 403"),
    Row("GET", "crew_incident", "west theft", "302 403 404 404 200 404 403 403"),
    Row("GET", "crew_incident", "east violence", "302 403 404 404 200 404 403 403"),
    Row("POST", "crew_step", "west pothole", "302 403 302 404 404 302 403 403"),
    Row("POST", "crew_step", "west parking", "302 403 302 404 404 302 403 403"),
    Row("POST", "crew_step", "west theft", "302 403 404 404 302 404 403 403"),
    Row("POST", "crew_step", "east violence", "302 403 404 404 302 404 403 403"),
    Row("POST", "crew_photo", "west pothole", "302 403 302 404 404 302 403 403"),
    Row("POST", "crew_photo", "west theft", "302 403 404 404 302 404 403 403"),
    # planning
    Row("GET", "planning", "", PLANNERS),
    Row("GET", "question", "hot-spots", PLANNERS),
    Row("GET", "run", "run", PLANNERS),
    Row("GET", "run_progress", "run", "401 403 403 403 403 403 200 200"),
    Row("GET", "run_map", "run", PLANNERS),
    Row("GET", "run_geojson", "run", PLANNERS),
    Row("POST", "run_cancel", "run", PLANNERS_GO_ON),
    Row("POST", "run_again", "run", PLANNERS_GO_ON),
    Row("POST", "run_publish", "run", PLANNERS_GO_ON),
    Row("POST", "run_unpublish", "run", PLANNERS_GO_ON),
    Row("POST", "run_delete", "run", PLANNERS_GO_ON),
]

# Which reports' exact places each role sees, by list, by map and by code alike.
SEES = {
    "roads_west": {"west pothole", "west parking"},
    "roads_east": {"east pothole", "east parking"},
    "dispatcher": {"west pothole", "west parking", "east pothole", "east parking"},
    "crime_desk": {"west theft", "east violence"},
}
REPORTS = {
    "west pothole": ("pothole", WEST_POINT),
    "east pothole": ("pothole", EAST_POINT),
    "west parking": ("illegal-parking", WEST_POINT),
    "east parking": ("illegal-parking", EAST_POINT),
    "west theft": ("theft", WEST_POINT),
    "east violence": ("domestic-violence", EAST_POINT),
}
DRAFT = uuid.UUID(int=1)
FORMS = {
    "verdict": {"answer": "fixed", "closing": 1},
    "own_verdict": {"answer": "fixed", "closing": 1},
    "crew_step": {"target": "accepted", "version": 1},
    "follow_report": {"email": "bo@example.org"},
    "report_photo_remove": {"draft": str(DRAFT)},
}
OPEN = {"west pothole", "east pothole"}
PLANNER = Viewer(roles=frozenset({"planner"}))


def words_of(name: str) -> str:
    return f"Words about the {name}"


def photo_of(name: str) -> str:
    """Return the key of a report's photo; its bytes say the same."""
    return f"photo-of-{name.replace(' ', '-')}"


def mail_of(name: str) -> str:
    return f"{name.replace(' ', '.')}@private.example"


@dataclass(frozen=True)
class Town:
    """Everything that the addresses of the table are about."""

    people: People
    reports: dict[str, Submitted]
    keys: dict[str, str | int]
    """Of a run, an import, and an upload that there is not."""
    follower: uuid.UUID

    def client(self, role: str) -> Client:
        client = Client()
        if role != "anonymous":
            client.force_login(getattr(self.people, role))
        return client

    def receipt(self, name: str) -> str:
        found = self.reports.get(name)
        return found.receipt if found else "0" * 24

    def address(self, row: Row) -> str:
        query = "?lon={}&lat={}".format(*WEST_POINT) if row.name == "place_at" else ""
        return reverse(row.name, args=self._about(row)) + query

    def _about(self, row: Row) -> list[str | int]:
        """Return what stands in the address."""
        match row.name:
            case "tile":
                about: list[str | int] = [row.about, 10, 512, 511]
            case "tile_json" | "question" | "raster":
                about = [row.about]
            case "follow" | "follow_stop":
                about = [follow_token(self.follower) if row.about == "a follower" else "1-1"]
            case "receipt" | "follow_own" | "own_verdict":
                about = [self.receipt(row.about)]
            case "own_photo" | "own_photo_small":
                about = [
                    self.receipt(row.about),
                    photo_of("west theft" if row.about == "guessed" else row.about),
                ]
            case "crew_photo":
                about = [self.reports[row.about].public_id, photo_of(row.about)]
            case "photo" | "photo_small" | "report_photo" | "report_photo_remove":
                about = [photo_of(row.about)]
            case _ if row.about in self.keys:
                about = [self.keys[row.about]]
            case _ if row.about:
                about = [self.reports[row.about].public_id]
            case _:
                about = []
        return about

    def ask(self, client: Client, row: Row):
        """Send the request and undo whatever it changed."""
        with transaction.atomic():
            if row.method == "POST":
                response = client.post(self.address(row), FORMS.get(row.name, {}))
            else:
                response = client.get(self.address(row))
            transaction.set_rollback(True)
        return response


def _new_report(name: str, category: str, point: tuple[float, float]) -> NewReport:
    draft = uuid.uuid4()
    photo = make_photo(photo_of(name), draft)
    me = Contact("Ada", mail_of(name))
    return NewReport(
        category,
        point,
        words_of(name),
        me,
        client_uuid=draft,
        photos=(photo.key,),
        reported_at=LONG_AGO,
    )


@pytest.fixture
def town(people, settings, tmp_path) -> Town:
    settings.STATE_DIR = tmp_path
    reports = {
        name: submit(_new_report(name, category, point))
        for name, (category, point) in REPORTS.items()
    }
    make_photo(photo_of("unsent"), DRAFT)
    hydrant = AssetKind.objects.create(slug="hydrant", title="Hydrant", title_plural="Hydrants")
    Asset.objects.create(kind=hydrant, code="1", geometry="SRID=4326;POINT(0.005 0.005)")
    for audience in Dataset.Audience.values:
        make_dataset(f"{audience}-set", audience)
        make_raster(f"{audience}-raster", audience)
    run = runs.execute(runs.prepare(studies.create("street-grid", PLANNER), PLANNER).pk)
    assert run is not None
    assert run.state == Run.State.SUCCEEDED, run.error
    asked = Asked(ImportJob.Target.LAYER, Options(), Provenance("Survey"), title="Lamps")
    job = ImportJob.objects.create(target=asked.target, file_name="lamps.csv", asked=asdict(asked))
    calls = ReportImport.objects.create(source="town", files=["calls.csv"], mapping="")
    keys = {
        "run": run.pk,
        "import": job.pk,
        "report import": calls.pk,
        "no upload": str(uuid.UUID(int=7)),
    }
    keys["no source"] = "parks"
    followers.follow(reports["west pothole"].public_id, "cy@example.org")
    return Town(people, reports, keys, Follower.objects.get().key)


def _names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns)
        else:
            assert pattern.name, f"{pattern} has no name"
            yield pattern.name


def test_every_address_of_the_site_stands_in_the_table():
    assert {row.name for row in MATRIX} == set(_names(get_resolver().url_patterns))


def test_the_table_is_read_as_the_role_of_the_pages(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("civicgrid_web",)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_the_table_says(town, role):
    place = ROLES.index(role)
    expected = {row: int(row.statuses.split()[place]) for row in MATRIX}
    answered = {row: town.ask(town.client(role), row).status_code for row in MATRIX}
    assert [(row, answered[row]) for row in MATRIX if answered[row] != expected[row]] == []


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_its_own_incidents_by_list_by_map_and_by_code(town, role):
    client = town.client(role)
    numbers = {answer.public_id: name for name, answer in town.reports.items()}
    listed = client.get("/crew/").context or {}
    by_list = {numbers[card.incident.report.public_id] for card in listed.get("cards", ())}
    tile = client.get("/tiles/incidents/10/512/511.mvt")
    on_map = tile.content if tile.status_code == 200 else b""
    by_map = {name for number, name in numbers.items() if number.encode() in on_map}
    by_code = {
        name
        for number, name in numbers.items()
        if client.get(f"/crew/{number}/").status_code == 200
    }
    assert by_list == by_map == by_code == SEES.get(role, set())


@pytest.mark.parametrize("role", ROLES)
def test_no_answer_gives_away_what_its_reader_may_not_see(town, role):
    """Words and mail of a report stand in nothing that a role without duty for it can fetch."""
    seen = SEES.get(role, set())
    client = town.client(role)
    told: list[tuple[str, str, str]] = []
    for row in MATRIX:
        if row.method != "GET" or row.name in {"receipt", "own_photo", "own_photo_small"}:
            continue
        text = b"".join(town.ask(client, row)).decode(errors="replace")
        for name, answer in town.reports.items():
            secrets = [mail_of(name)] if name not in seen else []
            if name not in seen | OPEN:
                secrets += [words_of(name), photo_of(name)]
            if name in {"west theft", "east violence"} - seen and row.about != name:
                secrets.append(answer.public_id)
            told += [(row.name, row.about, secret) for secret in secrets if secret in text]
    assert told == []
