"""Sources and their runs: what is due, what a folder brings, what is recorded, who waits."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from layers import jobs
from layers.errors import Conflict, InvalidInput, NotFound
from layers.models import Area, City, Dataset
from layers.sync import runs, schedule
from layers.sync.models import SyncRun
from layers.sync.schedule import Broken, Source
from tests.conftest import database_url
from tests.database.served import REACH, Asked, Reply, served

pytestmark = pytest.mark.django_db

WARDS = (
    'match = "wards*.geojson"\ncommand = "import_areas {file} --kind ward --code id --name name"'
)
FOLDER = f'kind = "folder"\nfolder = "drop"\n[[files]]\n{WARDS}\n'


@pytest.fixture
def sources(tmp_path: Path, settings) -> Path:
    settings.SYNC_FOLDER = str(tmp_path)
    settings.SYNC_PRIVATE = REACH
    settings.STATE_DIR = tmp_path / "state"
    (tmp_path / "drop").mkdir()
    return tmp_path


@pytest.fixture
def drop(sources: Path) -> Path:
    (sources / "wards.toml").write_text(FOLDER)
    return sources / "drop"


def areas(path: Path, *names: str) -> None:
    found = [
        {
            "type": "Feature",
            "properties": {"id": f"w{i}", "name": name},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[i, 0], [i + 1, 0], [i + 1, 1], [i, 1], [i, 0]]],
            },
        }
        for i, name in enumerate(names)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": found}))


def told(row: SyncRun) -> tuple[str, int, int, int, int, int, int]:
    counts = (row.came, row.added, row.changed, row.unchanged, row.left_out, row.vanished)
    return row.state, *counts


# ---- files in a folder ----


def test_a_new_file_is_imported_by_the_command_that_fits_its_name(drop):
    areas(drop / "wards-2026.geojson", "North", "South")
    (drop / "notes.txt").write_text("nothing for us")
    row = runs.run("wards")
    assert told(row) == ("succeeded", 1, 1, 0, 0, 0, 0), row.error
    assert set(Area.objects.values_list("name", flat=True)) == {"North", "South"}
    assert row.notes[0] == "wards-2026.geojson:"
    assert "2 rows read" in row.notes[1]


def test_a_file_that_did_not_change_is_left_alone_and_one_that_did_is_not(drop):
    file = drop / "wards.geojson"
    areas(file, "North")
    runs.run("wards")
    file.touch()
    assert told(runs.run("wards")) == ("succeeded", 1, 0, 0, 1, 0, 0)
    areas(file, "Northern")
    assert told(runs.run("wards")) == ("succeeded", 1, 0, 1, 0, 0, 0)
    assert Area.objects.get().name == "Northern"
    assert told(runs.run("wards", from_the_start=True)) == ("succeeded", 1, 0, 1, 0, 0, 0)


def test_a_file_that_fails_stores_nothing_and_is_tried_again_when_it_changes(drop):
    good, bad = drop / "wards-a.geojson", drop / "wards-b.geojson"
    areas(good, "North")
    bad.write_text('{"type": "FeatureCollection", "features": [')
    row = runs.run("wards")
    assert told(row) == ("succeeded", 2, 1, 0, 0, 1, 0)
    (why,) = [note for note in row.notes if "was not imported" in note]
    assert why.startswith("wards-b.geojson was not imported: wards-b.geojson")
    assert Area.objects.get().name == "North"
    row = runs.run("wards")
    assert told(row) == ("succeeded", 2, 0, 0, 1, 1, 0)
    assert row.notes[0].endswith("; it has not changed since")
    areas(bad, "South")
    assert told(runs.run("wards")) == ("succeeded", 2, 1, 0, 1, 0, 0)


def test_a_command_that_changed_tries_every_file_again(drop):
    areas(drop / "wards.geojson", "North")
    path = drop.parent / "wards.toml"
    path.write_text(FOLDER.replace("--name name", "--name nom"))
    assert runs.run("wards").left_out == 1
    path.write_text(FOLDER)
    assert told(runs.run("wards")) == ("succeeded", 1, 1, 0, 0, 0, 0)


def test_a_file_that_is_gone_is_told_and_what_it_brought_stays(drop):
    file = drop / "wards.geojson"
    areas(file, "North")
    runs.run("wards")
    file.unlink()
    row = runs.run("wards")
    assert told(row) == ("succeeded", 0, 0, 0, 0, 0, 1)
    assert row.notes == ["wards.geojson is no more in the folder; what it brought stays"]
    assert Area.objects.count() == 1


def test_a_link_out_of_the_folder_is_not_followed(drop):
    areas(drop.parent / "elsewhere.geojson", "Secret")
    (drop / "wards.geojson").symlink_to(drop.parent / "elsewhere.geojson")
    assert told(runs.run("wards"))[:2] == ("succeeded", 0)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("migrate {file}", "must begin with one of import_"),
        ("import_areas wards.geojson --kind ward", "put {file} where"),
        ("import_areas {file} --kind ward --codex id", "is not understood"),
        ("import_areas {file} --kind 'ward", "cannot be read"),
    ],
)
def test_a_command_that_would_never_run_is_refused_before_any_file_comes(sources, command, message):
    (sources / "x.toml").write_text(
        f'kind = "folder"\nfolder = "drop"\n[[files]]\nmatch = "*"\ncommand = "{command}"'
    )
    with pytest.raises(InvalidInput, match=message):
        runs.run("x")


# ---- the schedule ----


def test_a_source_is_due_when_its_time_has_come(drop):
    path = drop.parent / "wards.toml"
    path.write_text('every = "6 hours"\n' + FOLDER)
    now = timezone.now()
    assert names_due(now) == ["wards"]
    row = runs.run("wards")
    assert names_due(now) == []
    began = row.started_at
    assert names_due(began + timedelta(hours=5, minutes=59)) == []
    assert names_due(began + timedelta(hours=6)) == ["wards"]


def names_due(at) -> list[str]:
    known = [each for each in schedule.sources() if isinstance(each, Source)]
    return [each.name for each in schedule.due(at, known)]


def test_a_run_that_failed_is_tried_again_soon(drop):
    shutil.rmtree(drop)
    row = runs.run("wards")
    assert (row.state, "is no folder" in row.error) == ("failed", True)
    assert names_due(row.started_at + timedelta(minutes=14)) == []
    assert names_due(row.started_at + timedelta(minutes=15)) == ["wards"]


def test_what_is_asked_for_by_hand_alone_is_never_due(drop):
    (drop.parent / "wards.toml").write_text('every = "never"\n' + FOLDER)
    assert names_due(timezone.now()) == []
    assert runs.run("wards").state == "succeeded"


def test_due_sources_wait_for_a_worker_once(drop):
    (row,) = runs.queue_due()
    assert (row.source, row.state) == ("wards", "queued")
    assert ProcrastinateJob.objects.get(task_name=runs.TASK).args == {
        "syncrun_id": row.pk,
        "language": "en",
    }
    assert runs.queue_due() == []


@pytest.mark.parametrize("every", ["1 minute", "soon", "0 days", "1 fortnight"])
def test_an_interval_that_is_none_is_named(drop, every):
    (drop.parent / "wards.toml").write_text(f'every = "{every}"\n' + FOLDER)
    (broken,) = schedule.sources()
    assert isinstance(broken, Broken)
    assert f"has every = '{every}'" in broken.error


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a", "", "needs kind"),
        ("a", 'kind = "rss"', "choose one of featureserver, folder, ogc-features, open311"),
        ("a", "kind = ", "could not be read"),
        ("A b", FOLDER, "needs a file name of small letters"),
        ("a", FOLDER.replace("folder =", "foldr ="), "needs folder"),
        ("a", "x = 1\n" + FOLDER, "has x, which means nothing here"),
        ("a", 'kind = "ogc-features"\naddress = "ftp://x.example"', "no address that starts with"),
        ("a", 'kind = "ogc-features"\naddress = "https://a:b@x.example"', "name or password"),
    ],
)
def test_a_file_that_is_not_understood_keeps_none_of_the_others(drop, name, text, message):
    (drop.parent / f"{name}.toml").write_text(text)
    found = {each.name: each for each in schedule.sources()}
    assert isinstance(found["wards"], Source)
    broken = found[name]
    assert isinstance(broken, Broken)
    assert message in broken.error


def test_an_unknown_source_names_those_that_there_are(drop, settings):
    with pytest.raises(NotFound, match="There are: wards"):
        runs.run("parks")
    settings.SYNC_FOLDER = ""
    with pytest.raises(NotFound, match="Set CIVICGRID_SYNC"):
        runs.run("parks")
    settings.SYNC_FOLDER = "/no/such/folder"
    with pytest.raises(InvalidInput, match="which is no folder"):
        schedule.names()


def test_the_demo_city_is_left_alone(drop):
    City.objects.filter(id=1).update(is_demo=True)
    with pytest.raises(Conflict, match="demo city"):
        runs.run("wards")


# ---- the command ----


def sync(*arguments: str) -> str:
    out = StringIO()
    call_command("sync", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_runs_every_source_and_says_what_it_brought(drop):
    areas(drop / "wards.geojson", "North")
    said = sync()
    assert "wards\n  1 came: 1 new, 0 changed, 0 unchanged, 0 left out; 0 vanished\n" in said
    assert sync("--due") == "No source is due.\n"
    assert "wards (folder, every 1 day)\n  1 came: 1 new" in sync("--list")


def test_one_that_fails_keeps_none_of_the_others_and_the_command_says_so(drop):
    (drop.parent / "a-broken.toml").write_text("kind = 7")
    out = StringIO()
    with pytest.raises(CommandError, match=r"Failed: a-broken\."):
        call_command("sync", stdout=out)
    assert "a-broken\n  a-broken.toml: the source needs kind (a text).\n" in out.getvalue()
    assert "wards\n  0 came" in out.getvalue()


def test_an_empty_folder_says_so(sources):
    assert sync() == "There is no source.\n"


# ---- at the same time, and broken off ----


def ogc_reply(asked: Asked, count: int = 4) -> Reply:
    offset = int(asked.query.get("offset", 0))
    point = {"type": "Point", "coordinates": [offset / 10, 0.5]}
    body = {
        "features": [
            {"type": "Feature", "id": offset, "properties": {"n": offset}, "geometry": point}
        ],
        "links": [{"rel": "next", "href": f"items?offset={offset + 1}"}]
        if offset + 1 < count
        else [],
    }
    return Reply(body)


@pytest.mark.django_db(transaction=True)
def test_a_source_that_runs_already_is_not_run_beside_itself(sources):
    may_go_on, is_asked = threading.Event(), threading.Event()

    def answer(asked: Asked) -> Reply:
        is_asked.set()
        may_go_on.wait(20)
        return ogc_reply(asked)

    with served(answer) as server:
        points(sources, server.url)
        other = command(sources)
        try:
            assert is_asked.wait(60)
            with pytest.raises(Conflict, match="points runs already"):
                runs.run("points")
        finally:
            may_go_on.set()
            other.communicate(timeout=60)
    assert other.returncode == 0
    assert SyncRun.objects.get().state == "succeeded"


@pytest.mark.django_db(transaction=True)
def test_a_killed_run_is_told_and_gone_on_with(sources):
    is_half_way, goes_on = threading.Event(), threading.Event()

    def answer(asked: Asked) -> Reply:
        if asked.query.get("offset") == "2" and not goes_on.is_set():
            is_half_way.set()
            goes_on.wait(20)
        return ogc_reply(asked)

    with served(answer) as server:
        points(sources, server.url)
        other = command(sources)
        assert is_half_way.wait(60)
        os.kill(other.pid, signal.SIGKILL)
        other.communicate(timeout=60)
        assert SyncRun.objects.get().state == "running"
        assert not Dataset.objects.exists()
        goes_on.set()
        server.asked.clear()
        row = _when_free()
        assert told(row)[:3] == ("succeeded", 4, 4)
        assert server.asked[0].query["offset"] == "2"
    dead = SyncRun.objects.order_by("id")[0]
    assert (dead.state, dead.error) == ("failed", runs.BROKE_OFF)


@pytest.mark.django_db(transaction=True)
def test_a_worker_runs_what_is_due(sources):
    with served(ogc_reply) as server:
        points(sources, server.url)
        (row,) = runs.queue_due()
        worker = command(sources, "run_worker", jobs.QUEUE)
        try:
            for _ in range(600):
                row.refresh_from_db()
                if not row.is_under_way():
                    break
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.1)")
        finally:
            worker.terminate()
            worker.communicate(timeout=60)
    assert told(row)[:3] == ("succeeded", 4, 4), row.error


def _when_free() -> SyncRun:
    """Run once the database has noticed that the killed process is gone."""
    for _ in range(100):
        try:
            return runs.run("points")
        except Conflict:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.1)")
    return runs.run("points")


def points(sources: Path, url: str) -> None:
    address = f"{url}/collections/points/items"
    (sources / "points.toml").write_text(f'kind = "ogc-features"\naddress = "{address}"')


def command(sources: Path, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "manage.py", *(words or ("sync", "points"))],
        cwd=django_settings.BASE_DIR,
        env=os.environ
        | {
            "DATABASE_URL": database_url(),
            "CIVICGRID_SYNC": str(sources),
            "CIVICGRID_SYNC_PRIVATE": REACH,
            "CIVICGRID_STATE": str(sources / "state"),
            "CIVICGRID_WEB_PASSWORD": django_settings.DATABASES["default"]["PASSWORD"],
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_old_runs_are_forgotten_but_never_the_last_that_succeeded(drop, monkeypatch):
    monkeypatch.setattr(runs, "KEPT_RUNS", 2)
    first = runs.run("wards")
    shutil.rmtree(drop)
    failed = [runs.run("wards").pk for _ in range(4)]
    assert list(SyncRun.objects.order_by("id").values_list("pk", flat=True)) == [
        first.pk,
        *failed[2:],
    ]


# ---- the page ----


@pytest.fixture
def administrator(people) -> Client:
    client = Client()
    client.force_login(people.administrator)
    return client


def test_the_page_shows_each_source_and_what_its_last_run_brought(drop, administrator):
    areas(drop / "wards.geojson", "North")
    (drop.parent / "broken.toml").write_text("kind = 7")
    runs.run("wards")
    page = administrator.get(reverse("sources")).content.decode()
    assert "Came: 1. New: 1. Changed: 0." in page
    assert "wards: folder, every 1 day" in page
    assert "broken.toml: the source needs kind (a text)." in page
    assert reverse("source_run", args=["broken"]) not in page


def test_the_page_lets_a_worker_run_a_source_once(drop, administrator):
    address = reverse("source_run", args=["wards"])
    assert administrator.post(address).status_code == 302
    assert ProcrastinateJob.objects.filter(task_name=runs.TASK).count() == 1
    assert administrator.post(address).status_code == 409
    assert address not in administrator.get(reverse("sources")).content.decode()


def test_the_page_without_a_folder_says_how_to_name_one(sources, settings, administrator):
    settings.SYNC_FOLDER = ""
    assert "CIVICGRID_SYNC" in administrator.get(reverse("sources")).content.decode()
