"""Places brought in on pages: sent, looked over, asked for, stored by a job, stopped."""

import io
import json
import re
import uuid
from datetime import timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import osmium.osm.mutable
import pytest
import rasterio
import shapely
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from layers import jobs
from layers.errors import NotAllowed
from layers.importing import asked as importing
from layers.importing import uploads
from layers.models import Area, Asset, Dataset, ImportJob, Raster, StreetSegment, Upload
from reports.intake import submit
from reports.models import Report
from reports.submission import NewReport

pytestmark = pytest.mark.django_db

TERMS = {"source": "Town survey", "licence": "CC0-1.0", "attribution": "The town"}


@pytest.fixture(autouse=True)
def state_folder(settings, tmp_path) -> Path:
    settings.STATE_DIR = tmp_path
    return tmp_path


@pytest.fixture
def client(people) -> Client:
    client = Client()
    client.force_login(people.administrator)
    return client


def collection(*points: tuple[float, float]) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"Lamp {number}", "height": number},
            "geometry": {"type": "Point", "coordinates": point},
        }
        for number, point in enumerate(points, 1)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


LAMPS = collection((0.004, 0.005), (0.006, 0.005), (0.014, 0.005))


def send(client: Client, content: bytes = LAMPS, name: str = "lamps.geojson", target="layer"):
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("layers_import"), {"file": file, "target": target})


def upload_of(client: Client, **sent) -> Upload:
    response = send(client, **sent)
    assert response.status_code == 302, response.context["form"].errors
    return Upload.objects.latest("uploaded_at")


def ask(client: Client, upload: Upload, **typed):
    values = {
        "target": "layer",
        "shown": "layer",
        "title": "Lamps",
        "audience": "public",
        **TERMS,
        **typed,
    }
    return client.post(reverse("layers_import_file", args=[upload.key]), values)


def asked_job(client: Client, upload: Upload, **typed) -> ImportJob:
    response = ask(client, upload, **typed)
    assert response.status_code == 302, response.context["form"].errors
    return ImportJob.objects.latest("pk")


# ---- sending ----


def test_a_file_is_written_where_nobody_else_may_read_it(client, state_folder):
    upload = upload_of(client)
    (path,) = uploads.paths_of(upload)
    assert path.read_bytes() == LAMPS
    assert path.is_relative_to(state_folder)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.parent.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600
    assert upload.files == [{"name": "lamps.geojson", "size": len(LAMPS)}]


def test_a_name_cannot_leave_the_folder(client):
    upload = upload_of(client, name="..\\..\\etc pass;wd.geojson")
    (path,) = uploads.paths_of(upload)
    assert path.parent == uploads.folder_of(upload.key)
    assert path.is_file()


def test_two_files_of_one_name_are_both_kept(client):
    files = [SimpleUploadedFile("lamps.geojson", LAMPS) for _ in range(2)]
    client.post(reverse("layers_import"), {"file": files, "target": "layer"})
    paths = uploads.paths_of(Upload.objects.get())
    assert len({path.name for path in paths}) == 2
    assert all(path.read_bytes() == LAMPS for path in paths)


def test_a_file_that_is_none_of_places_is_refused_and_removed(client, state_folder):
    response = send(client, b"\x7fELF nothing of the kind", "lamps.bin")
    assert response.status_code == 422
    assert "lamps.bin is none of the formats" in response.context["form"].errors["file"][0]
    assert not Upload.objects.exists()
    assert list((state_folder / "uploads").iterdir()) == []


def test_an_empty_file_is_refused_by_its_name(client):
    response = send(client, b"")
    assert response.context["form"].errors == {"file": ["lamps.geojson is empty. Fetch it again."]}


def test_a_form_without_a_file_says_so(client):
    response = client.post(reverse("layers_import"), {"target": "osm"})
    assert response.context["form"].errors == {"file": ["Choose a file."]}
    assert response.context["form"]["target"].value() == "osm"


def test_a_full_disk_is_said_before_anything_is_kept(client, monkeypatch):
    monkeypatch.setattr(uploads, "RESERVE_BYTES", 10**18)
    response = send(client)
    assert "no room for 1 MB" in response.context["form"].errors["file"][0]
    assert not Upload.objects.exists()


def test_more_than_the_limit_is_refused_before_it_is_read(client):
    response = client.post(
        reverse("layers_import"),
        data=io.BytesIO(b"x"),
        content_type="multipart/form-data; boundary=b",
        CONTENT_LENGTH=str(settings.UPLOAD_MOST_BYTES + 2 * uploads.FORM_BYTES),
    )
    assert response.status_code == 413
    assert "1001 MB" in response.content.decode()


def test_other_addresses_keep_their_limit(client):
    response = client.post(
        reverse("report"), data={}, CONTENT_LENGTH=str(settings.UPLOAD_MOST_BYTES)
    )
    assert response.status_code == 413


def test_a_form_without_its_token_is_refused(people):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(people.administrator)
    assert send(careful).status_code == 403
    assert not Upload.objects.exists()


def test_what_nobody_imported_goes_after_a_day(client, state_folder):
    old, wanted = upload_of(client), None
    send(client)
    wanted = Upload.objects.exclude(pk=old.pk).get()
    asked_job(client, wanted)
    Upload.objects.update(uploaded_at=timezone.now() - timedelta(days=2))
    send(client)
    fresh = Upload.objects.latest("uploaded_at")
    assert uploads.sweep() == 1
    assert {upload.pk for upload in Upload.objects.all()} == {wanted.pk, fresh.pk}
    assert not uploads.folder_of(old.key).exists()
    assert uploads.folder_of(wanted.key).exists()


def test_a_folder_that_no_upload_has_goes_as_well(state_folder):
    import os

    left = uploads.folder_of(uuid.uuid4())
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"half")
    assert uploads.sweep() == 0
    long_ago = (timezone.now() - timedelta(days=2)).timestamp()
    os.utime(left, (long_ago, long_ago))
    assert uploads.sweep() == 1
    assert not left.exists()


# ---- looking it over ----


def test_the_preview_says_what_a_file_holds(client):
    upload = upload_of(client)
    page = client.get(reverse("layers_import_file", args=[upload.key]))
    seen = page.context["seen"]
    assert (seen.rows, seen.geometry_types, seen.srid_used) == (3, {"Point": 3}, 4326)
    assert page.context["head"] == ["name", "height", "geometry"]
    assert page.context["rows"][0][:2] == ["Lamp 1", 1]
    assert page.context["form"].initial["title"] == "Lamps"
    assert page.context["bounds"] == (0.004, 0.005, 0.014, 0.005)


def test_the_map_gets_features_read_as_the_form_says(client):
    upload = upload_of(client, content=collection((6.7, 51.2)))
    address = reverse("layers_import_sample", args=[upload.key])
    points = [
        client.get(address + query).json()["features"][0]["geometry"]["coordinates"]
        for query in ("", "?is_swapped=True")
    ]
    assert points == [[6.7, 51.2], [51.2, 6.7]]


def test_a_wrong_system_is_said_and_another_can_be_chosen(client):
    feet = collection((771_000.0, 2_960_000.0))
    upload = upload_of(client, content=feet)
    address = reverse("layers_import_file", args=[upload.key])
    page = client.get(address)
    assert page.context["seen"].extent is None
    assert "coordinates such as 771000, 2960000" in page.content.decode()
    refused = ask(client, upload)
    assert refused.status_code == 422
    assert "srid" in refused.context["form"].errors
    looked = client.post(address, {"target": "layer", "srid": "2249", "look": "1", "title": "Mine"})
    assert looked.status_code == 200
    west, south, _, _ = looked.context["seen"].extent
    assert (round(west, 1), round(south, 1)) == (-71.1, 42.4)
    assert looked.context["form"]["title"].value() == "Mine"
    assert "srid=2249" in looked.context["sample_url"]


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (
            collection((166_580.0, 553.0)),
            "lamps.geojson",
            "if they are, give “Coordinate system (EPSG code)” ",
        ),
        (
            collection((51.2, 100.0)),
            "lamps.geojson",
            "If they are, give “The file has latitude before longitude”.",
        ),
        (b"name,height\nLamp,1\n", "lamps.csv", "for example “Column of the longitude” COLUMN"),
    ],
)
def test_a_remedy_is_told_by_the_fields_of_the_form(client, content, name, words):
    upload = upload_of(client, content=content, name=name)
    page = client.get(reverse("layers_import_file", args=[upload.key])).content.decode()
    refused = ask(client, upload).content.decode()
    spanish = client.get(
        reverse("layers_import_file", args=[upload.key]), headers={"Accept-Language": "es"}
    ).content.decode()
    for html in (page, refused, spanish):
        assert not re.search(r"(?<![-<!])--[a-z]{2}", html)
    assert words in page
    assert words in refused


def test_the_likely_system_is_a_button(client):
    metres = collection((166_580.0, 553.0))  # UTM 31N
    upload = upload_of(client, content=metres)
    address = reverse("layers_import_file", args=[upload.key])
    page = client.get(address)
    code, _title = page.context["proposed"][0]
    read = client.post(
        address, {"target": "layer", "shown": "layer", "read_as": str(code), "title": "Mine"}
    )
    west, south, _, _ = read.context["seen"].extent
    assert (round(west, 2), round(south, 3)) == (0.01, 0.005)
    assert (read.context["form"]["srid"].value(), read.context["form"]["title"].value()) == (
        str(code),
        "Mine",
    )


def test_turned_axes_are_a_button(client):
    upload = upload_of(client, content=collection((51.2, 100.0)))
    address = reverse("layers_import_file", args=[upload.key])
    assert client.get(address).context["is_turned"]
    read = client.post(address, {"target": "layer", "shown": "layer", "read_as": "swapped"})
    assert read.context["seen"].extent == (100.0, 51.2, 100.0, 51.2)
    assert "is_swapped=True" in read.context["sample_url"]


def test_another_target_asks_for_its_columns_and_keeps_what_was_typed(client):
    upload = upload_of(client)
    turned = ask(client, upload, target="assets", attribution="The town of lamps")
    assert turned.status_code == 200
    form = turned.context["form"]
    assert form["attribution"].value() == "The town of lamps"
    assert [field.name for field in form.columns()] == ["column-code", "column-name"]
    assert form["column-name"].value() == "name"


def test_a_target_that_a_file_cannot_become_keeps_what_was_typed(client):
    upload = upload_of(client)
    turned = ask(client, upload, target="osm", attribution="The town of lamps")
    assert turned.status_code == 200
    assert turned.context["form"]["attribution"].value() == "The town of lamps"
    assert "is no .osm.pbf file" in turned.content.decode()


def test_a_system_that_there_is_not_is_an_error_of_its_field(client):
    upload = upload_of(client)
    refused = ask(client, upload, srid="9999")
    assert refused.context["form"].errors["srid"] == [
        "There is no coordinate system EPSG:9999. Look the code up."
    ]


def test_terms_are_asked_for_and_nothing_typed_is_lost(client):
    upload = upload_of(client)
    refused = ask(client, upload, licence="", attribution="", title="Street lamps")
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"licence", "attribution"}
    assert refused.context["form"]["title"].value() == "Street lamps"
    assert not ImportJob.objects.exists()


def test_a_file_that_is_gone_is_not_found(client):
    upload = upload_of(client)
    address = reverse("layers_import_file", args=[upload.key])
    uploads.remove(upload)
    page = client.get(address)
    assert page.status_code == 404
    assert "Send it again" in page.content.decode()


def test_a_file_becomes_only_what_there_is(client):
    upload = upload_of(client)
    page = client.get(reverse("layers_import_file", args=[upload.key]) + "?target=soup")
    assert page.status_code == 404


# ---- storing ----


def tables() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'imported'")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_a_job_makes_the_layer_and_its_file_goes(client):
    upload = upload_of(client)
    job = importing.execute(asked_job(client, upload).pk)
    assert (job.state, job.error) == (ImportJob.State.SUCCEEDED, "")
    row = Dataset.objects.get()
    assert (row.slug, row.feature_count, row.audience) == ("lamps", 3, "public")
    assert (row.licence, row.attribution) == ("CC0-1.0", "The town")
    assert (job.outcome["rows"], job.outcome["accepted"]) == (3, 3)
    assert not Upload.objects.exists()
    assert not uploads.folder_of(upload.key).exists()
    page = client.get(reverse("layers_import_job", args=[job.pk])).content.decode()
    assert "3 of 3 rows came in" in page
    assert "CC0-1.0" in page


@pytest.mark.django_db(transaction=True)
def test_an_import_stopped_half_way_leaves_nothing(client):
    job = asked_job(client, upload_of(client))

    def stop_it(_share: float, what: str) -> None:
        if what == "Storing":
            raise jobs.StopAskedError

    ended = importing.execute(job.pk, stop_it)
    assert ended.state == ImportJob.State.CANCELLED
    assert (tables(), Dataset.objects.count()) == (0, 0)
    page = client.get(reverse("layers_import_job", args=[job.pk])).content.decode()
    assert "Stopped. Nothing was saved." in page
    assert f"again={job.pk}" in page


@pytest.mark.django_db(transaction=True)
def test_others_see_how_far_it_is_while_its_transaction_is_open(client, monkeypatch):
    monkeypatch.setattr(jobs, "INTERVAL_S", 0)
    job = asked_job(client, upload_of(client))
    other = connection.copy()
    told = []

    def look(_share: float, what: str) -> None:
        with other.cursor() as cursor:
            cursor.execute("SELECT step FROM layers_importjob WHERE id = %s", [job.pk])
            told.append((cursor.fetchone()[0], what))

    importing.execute(job.pk, look)
    other.close()
    assert ("Looking it over", "Storing") in told


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_killed_worker_starts_anew_and_ends_the_same(client):
    job = asked_job(client, upload_of(client))
    ImportJob.objects.filter(pk=job.pk).update(state=ImportJob.State.RUNNING, attempts=1)
    ended = importing.execute(job.pk)
    assert (ended.state, ended.attempts) == (ImportJob.State.SUCCEEDED, 2)
    assert (tables(), Dataset.objects.get().feature_count) == (1, 3)


@pytest.mark.django_db(transaction=True)
def test_a_failed_import_can_be_changed_and_tried_again(client):
    upload = upload_of(client)
    job = asked_job(client, upload)
    (path,) = uploads.paths_of(upload)
    path.write_bytes(b"damaged since")
    failed = importing.execute(job.pk)
    assert failed.state == ImportJob.State.FAILED
    assert "lamps.geojson" in failed.error
    path.write_bytes(LAMPS)
    again = client.get(reverse("layers_import_file", args=[upload.key]) + f"?again={job.pk}")
    form = again.context["form"]
    assert form["licence"].value() == "CC0-1.0"
    assert form["title"].value() == "Lamps"
    response = client.post(reverse("layers_import_again", args=[job.pk]))
    second = ImportJob.objects.latest("pk")
    assert response.url == reverse("layers_import_job", args=[second.pk])
    assert importing.execute(second.pk).state == ImportJob.State.SUCCEEDED


def test_only_administrators_ask_and_stop(client, people):
    job = asked_job(client, upload_of(client))
    planner = people.viewer("planner")
    for act in (
        lambda: importing.ask(job.upload, importing.Asked.of(job), planner),
        lambda: importing.cancel(job, planner),
        lambda: importing.latest(planner, 5),
    ):
        with pytest.raises(NotAllowed, match="administrators"):
            act()


def test_progress_is_told_to_the_page_that_waits(client):
    job = asked_job(client, upload_of(client))
    told = client.get(reverse("layers_import_progress", args=[job.pk])).json()
    assert (told["state"], told["url"]) == ("queued", None)
    client.post(reverse("layers_import_cancel", args=[job.pk]))
    told = client.get(reverse("layers_import_progress", args=[job.pk])).json()
    assert (told["state"], told["url"]) == (
        "cancelled",
        reverse("layers_import_job", args=[job.pk]),
    )


def test_the_list_names_what_was_imported_by_whom(client, people):
    job = asked_job(client, upload_of(client))
    page = client.get(reverse("layers_import")).content.decode()
    assert reverse("layers_import_job", args=[job.pk]) in page
    assert people.administrator.email in page


def test_the_demo_city_takes_no_real_places(client):
    from layers.models import City

    City.objects.filter(id=1).update(is_demo=True)
    refused = ask(client, upload_of(client))
    assert refused.status_code == 422
    assert "demo city" in refused.content.decode()


@pytest.mark.django_db(transaction=True)
def test_things_of_a_new_kind_come_in_and_can_be_undone(client):
    upload = upload_of(client)
    typed = {"target": "assets", "shown": "assets", "column-name": "name"}
    missing = ask(client, upload, **typed)
    assert missing.context["form"].errors == {"kind": ["Choose the kind, or name a new one."]}
    job = importing.execute(asked_job(client, upload, **typed, new_kind="Street lamp").pk)
    assert (job.state, job.error) == (ImportJob.State.SUCCEEDED, "")
    assert set(Asset.objects.values_list("kind__title", "name")) == {
        ("Street lamp", f"Lamp {n}") for n in (1, 2, 3)
    }
    page = client.get(reverse("layers_import_job", args=[job.pk]))
    assert page.context["can_undo"]
    west, south, east, north = page.context["bounds"]
    assert west < 0.006 < east
    assert south < 0.005 < north
    assert east - west < 0.02
    client.post(reverse("layers_import_undo", args=[job.pk]))
    assert not Asset.objects.exists()
    again = client.post(reverse("layers_import_undo", args=[job.pk]), follow=True)
    assert "Only the last import" in again.content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_an_undo_loses_is_said_and_agreed_to(client):
    upload = upload_of(client)
    typed = {"target": "assets", "shown": "assets", "column-name": "name", "new_kind": "Lamp"}
    job = importing.execute(asked_job(client, upload, **typed).pk)
    submit(NewReport("street-light", (0.0051, 0.0052)))
    Report.objects.update(asset=Asset.objects.first())
    page = client.get(reverse("layers_import_job", args=[job.pk])).content.decode()
    assert "1 report no longer names the thing that it is about" in page
    address = reverse("layers_import_undo", args=[job.pk])
    refused = client.post(address, follow=True).content.decode()
    assert "Others refer to what this import brought" in refused
    assert Asset.objects.count() == 3
    client.post(address, {"agreed": "yes"})
    assert not Asset.objects.exists()
    assert Report.objects.get().asset is None


@pytest.mark.django_db(transaction=True)
def test_areas_come_in_under_their_columns(client, small_city):
    boxes = gpd.GeoDataFrame(
        {"label": ["North", "South"], "gid": [1, 2]},
        geometry=[shapely.box(0, 0.005, 0.02, 0.01), shapely.box(0, 0, 0.02, 0.005)],
        crs=4326,
    )
    upload = upload_of(client, content=boxes.to_json(drop_id=True).encode(), name="wards.geojson")
    address = reverse("layers_import_file", args=[upload.key]) + "?target=areas"
    form = client.get(address).context["form"]
    assert (form["column-name"].value(), form["column-code"].value()) == ("label", "gid")
    typed = {"target": "areas", "shown": "areas", "kind": "neighbourhood"}
    columns = {"column-name": "label", "column-code": "gid"}
    job = importing.execute(asked_job(client, upload, **typed, **columns).pk)
    assert (job.state, job.error) == (ImportJob.State.SUCCEEDED, "")
    named = Area.objects.filter(kind="neighbourhood").values_list("code", "name")
    assert set(named) == {("1", "North"), ("2", "South")}
    assert job.outcome["layer"] == "areas-neighbourhood"


# ---- OpenStreetMap ----


def extract_of(path: Path) -> bytes:
    """Return an extract with one street."""
    with osmium.SimpleWriter(str(path)) as writer:
        for key, lon in enumerate((0.002, 0.008), 1):
            writer.add_node(osmium.osm.mutable.Node(id=key, location=(lon, 0.004), version=1))
        tags = {"highway": "residential", "name": "New Lane"}
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2], tags=tags, version=1))
    return path.read_bytes()


def test_only_an_extract_is_taken_as_one(client):
    response = send(client, target="osm")
    assert "is no .osm.pbf file" in response.context["form"].errors["file"][0]


@pytest.mark.django_db(transaction=True)
def test_an_extract_comes_in_beside_what_is_there(client, tmp_path):
    upload = upload_of(
        client, content=extract_of(tmp_path / "town.osm.pbf"), name="town.osm.pbf", target="osm"
    )
    page = client.get(reverse("layers_import_file", args=[upload.key]) + "?target=osm")
    form = page.context["form"]
    assert form["attribution"].value() == "© OpenStreetMap contributors"
    typed = {"target": "osm", "shown": "osm", "subjects": ["streets"]}
    job = asked_job(client, upload, **typed, source="OpenStreetMap")
    ended = importing.execute(job.pk)
    assert (ended.state, ended.error) == (ImportJob.State.SUCCEEDED, "")
    assert StreetSegment.objects.filter(name="New Lane").count() == 1
    assert ended.outcome["findings"][0] == "1 streets read: 1 in, 0 left out"


# ---- rasters ----


@pytest.mark.django_db(transaction=True)
def test_a_raster_is_looked_over_and_comes_in(client, tmp_path):
    path = tmp_path / "heights.tif"
    cells = np.arange(64 * 64, dtype="float32").reshape(1, 64, 64)
    place = rasterio.Affine(0.02 / 64, 0, 0, 0, -0.01 / 64, 0.01)
    profile = {"driver": "GTiff", "width": 64, "height": 64, "count": 1, "dtype": "float32"}
    with rasterio.open(path, "w", crs=4326, transform=place, **profile) as file:
        file.write(cells)
    upload = upload_of(client, content=path.read_bytes(), name="heights.tif", target="raster")
    page = client.get(reverse("layers_import_file", args=[upload.key]) + "?target=raster")
    assert (page.context["look"].raster.width, page.context["bounds"]) == (64, (0, 0, 0.02, 0.01))
    drawn = client.get(page.context["sample_url"]).json()["features"]
    assert [feature["geometry"]["type"] for feature in drawn] == ["Polygon"]
    typed = {"target": "raster", "shown": "raster", "title": "Heights", "nodata": "-1"}
    job = importing.execute(asked_job(client, upload, **typed).pk)
    assert (job.state, job.error) == (ImportJob.State.SUCCEEDED, "")
    row = Raster.objects.get()
    assert (row.slug, float(row.nodata), row.licence) == ("heights", -1.0, "CC0-1.0")
    client.post(reverse("layers_import_undo", args=[job.pk]))
    assert not Raster.objects.exists()
