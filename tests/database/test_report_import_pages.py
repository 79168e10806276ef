"""Reports brought in on pages: sent, mapped, tried, imported, accounted for."""

import tomllib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from layers import jobs
from layers.errors import NotAllowed
from layers.importing import uploads
from layers.models import City, Upload
from reports.importing import asked as importing
from reports.importing.mapping import parse_mapping
from reports.models import Report, ReportImport

pytestmark = pytest.mark.django_db

HEADER = "ID,TYPE,STATUS,OPENED,CLOSED,LON,LAT,NOTE"
ROWS = (
    "1,Pothole,Open,2025-01-15 12:30:00,,0.0051,0.0052,Deep",
    "2,Pothole,Closed,2025-01-15 12:30:00,2025-01-16 08:00:00,0.0051,0.0052,",
    "3,Dark lamp,Open,2025-01-15 12:30:00,,0.009,0.009,",
    "4,Noise,Open,2025-01-15 12:30:00,,0.009,0.009,",
    "5,Pothole,Closed,2025-01-15 12:30:00,2025-01-14 08:00:00,0.0051,0.0052,",
)
TABLE = "\n".join((HEADER, *ROWS)).encode()
COLUMNS = {
    "key": "ID",
    "description": "NOTE",
    "opened": "OPENED",
    "closed": "CLOSED",
    "longitude": "LON",
    "latitude": "LAT",
    "category": "TYPE",
    "state": "STATUS",
}
SAID = {
    "source": "town-311",
    "precision": "exact",
    "encoding": "utf-8",
    "format": "%Y-%m-%d %H:%M:%S",
    "zone": "Europe/Dublin",
    "ambiguous": "first",
    "impossible": "reject",
}
MEANINGS = {
    "category-0": "pothole",
    "category-1": "street-light",
    "category-2": "",
    "state-0": "accepted",
    "state-1": "done",
    "points": ["0.009,0.009"],
}


@pytest.fixture(autouse=True)
def state_folder(settings, tmp_path) -> Path:
    settings.STATE_DIR = tmp_path
    return tmp_path


@pytest.fixture
def client(people) -> Client:
    client = Client()
    client.force_login(people.administrator)
    return client


def send(client: Client, **files: bytes):
    named = [SimpleUploadedFile(name.replace("_", "."), content) for name, content in files.items()]
    return client.post(reverse("reports_import"), {"file": named})


def upload_of(client: Client, **files: bytes) -> Upload:
    response = send(client, **(files or {"calls_csv": TABLE}))
    assert response.status_code == 302, response.context["form"].errors
    return Upload.objects.latest("uploaded_at")


def post(client: Client, upload: Upload, **typed):
    values = {"counted": "TYPE,STATUS", **COLUMNS, **SAID, **MEANINGS, **typed}
    return client.post(reverse("reports_import_file", args=[upload.key]), values)


def asked_job(client: Client, upload: Upload, **typed) -> ReportImport:
    response = post(client, upload, **typed)
    assert response.status_code == 302, response.context["form"].errors
    return ReportImport.objects.latest("pk")


# ---- mapping ----


def test_the_first_look_offers_the_columns(client):
    upload = upload_of(client)
    page = client.get(reverse("reports_import_file", args=[upload.key]))
    form = page.context["form"]
    assert ("TYPE", "TYPE") in form["category"].field.choices
    assert (form["zone"].value(), page.context["found"].rows) == ("Europe/Dublin", 5)
    assert page.context["rows"][0][:3] == ["1", "Pothole", "Open"]
    guessed = {name: form[name].value() for name in ("opened", "closed", "longitude", "category")}
    assert guessed == {
        "opened": "OPENED",
        "closed": "CLOSED",
        "longitude": "LON",
        "category": "TYPE",
    }
    assert (form["category-0"].value(), form["state-1"].value()) == ("pothole", "done")


def test_a_chosen_column_shows_its_values_and_keeps_what_was_typed(client):
    upload = upload_of(client)
    page = post(client, upload, counted=",", source="my-town")
    assert page.status_code == 200
    form = page.context["form"]
    assert form.categories == [("Pothole", 3), ("Dark lamp", 1), ("Noise", 1)]
    assert form.states == [("Open", 3), ("Closed", 2)]
    assert form["source"].value() == "my-town"
    assert "0.0051,0.0052" in dict(form["points"].field.choices)


def test_a_form_becomes_the_mapping_that_the_shell_takes(client):
    job = asked_job(client, upload_of(client))
    document = tomllib.loads(job.mapping)
    assert document["category"] == {
        "column": "TYPE",
        "values": {"Pothole": "pothole", "Dark lamp": "street-light"},
    }
    assert document["place"]["default_points"] == [[0.009, 0.009]]
    assert parse_mapping(job.mapping).source == "town-311"
    file = client.get(reverse("reports_import_mapping", args=[job.pk]))
    assert file.content.decode() == job.mapping
    assert 'filename="town-311.toml"' in file["Content-Disposition"]


def test_a_mapping_that_is_sent_along_fills_the_form_and_keeps_what_it_does_not_show(client):
    first = asked_job(client, upload_of(client))
    Upload.objects.all().delete()
    mapping = first.mapping.replace("[place]", '[place]\nnull_values = {NOTE = ["nowhere"]}')
    upload = upload_of(client, calls_csv=TABLE, town_toml=mapping.encode())
    page = client.get(reverse("reports_import_file", args=[upload.key]))
    form = page.context["form"]
    assert form["category"].value() == "TYPE"
    assert (form["category-0"].value(), form["state-1"].value()) == ("pothole", "done")
    job = asked_job(client, upload, base=form["base"].value())
    assert tomllib.loads(job.mapping)["place"]["null_values"] == {"NOTE": ["nowhere"]}


def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(client):
    upload = upload_of(client)
    refused = post(client, upload, source="", opened="", counted="TYPE,STATUS")
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"source", "opened"}
    assert refused.context["form"]["category-0"].value() == "pothole"
    assert not ReportImport.objects.exists()


def test_another_encoding_is_guessed_and_a_wrong_one_is_said(client):
    content = TABLE.replace(b"Deep", "Größe".encode("cp1252"))
    upload = upload_of(client, calls_csv=content)
    page = client.get(reverse("reports_import_file", args=[upload.key]))
    assert page.context["form"]["encoding"].value() == "cp1252"
    assert page.context["found"].first[0]["NOTE"] == "Größe"
    looked = post(client, upload, look="1", encoding="utf-8")
    assert "is not in utf-8" in looked.context["refused"].message
    assert looked.context["form"]["source"].value() == "town-311"


# ---- trying and importing ----


SUMS = {"read": 5, "accepted": 3, "not_located": 1, "repeated": 0, "rejected": 1, "not_mapped": 1}


def counts(job: ReportImport) -> dict[str, int]:
    return {name: job.summary[name] for name in SUMS}


@pytest.mark.django_db(transaction=True)
def test_a_trial_counts_all_and_keeps_nothing(client):
    upload = upload_of(client)
    trial = importing.execute(asked_job(client, upload, **{"try": "1"}).pk)
    assert (trial.state, trial.error) == ("succeeded", "")
    assert counts(trial) == SUMS
    assert not Report.objects.exists()
    assert [row["is_located"] for row in trial.first_rows] == [True, True, False]
    page = client.get(reverse("reports_import_job", args=[trial.pk])).content.decode()
    assert "A trial: nothing was stored" in page
    client.post(reverse("reports_import_start", args=[trial.pk]))
    job = importing.execute(ReportImport.objects.latest("pk").pk)
    assert counts(job) == SUMS
    assert Report.objects.count() == 3
    assert not uploads.folder_of(upload.key).exists()


@pytest.mark.django_db(transaction=True)
def test_rejected_rows_can_be_taken_along(client):
    job = importing.execute(asked_job(client, upload_of(client)).pk)
    file = client.get(reverse("reports_import_rejects", args=[job.pk]))
    assert file.content.decode().splitlines() == [
        "file,row,key,reason",
        "calls.csv,6,5,it was closed before it was opened",
    ]


@pytest.mark.django_db(transaction=True)
def test_a_second_import_of_the_same_adds_nothing(client):
    importing.execute(asked_job(client, upload_of(client)).pk)
    again = importing.execute(asked_job(client, upload_of(client)).pk)
    assert (again.summary["accepted"], again.summary["repeated"]) == (0, 3)
    assert Report.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_an_import_stopped_half_way_leaves_nothing_and_can_be_started_again(client):
    job = asked_job(client, upload_of(client))

    def stop_it(_share: float, _what: str) -> None:
        raise jobs.StopAskedError

    assert importing.execute(job.pk, stop_it).state == "cancelled"
    assert not Report.objects.exists()
    client.post(reverse("reports_import_start", args=[job.pk]))
    assert importing.execute(ReportImport.objects.latest("pk").pk).state == "succeeded"


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_killed_worker_starts_anew_and_ends_the_same(client):
    job = asked_job(client, upload_of(client))
    ReportImport.objects.filter(pk=job.pk).update(state="running", attempts=1)
    ended = importing.execute(job.pk)
    assert (ended.attempts, counts(ended)) == (2, SUMS)
    assert Report.objects.count() == 3


def test_only_administrators_ask_and_stop(client, people):
    job = asked_job(client, upload_of(client))
    for act in (
        lambda: importing.ask(job.upload, job.mapping, people.viewer("planner")),
        lambda: importing.cancel(job, people.viewer("planner")),
        lambda: importing.latest(people.viewer("planner"), 5),
    ):
        with pytest.raises(NotAllowed, match="administrators"):
            act()


def test_the_demo_city_takes_no_real_reports(client):
    City.objects.filter(id=1).update(is_demo=True)
    refused = post(client, upload_of(client))
    assert refused.status_code == 422
    assert "demo city" in refused.content.decode()


def test_a_job_that_waits_can_be_stopped_on_its_page(client):
    job = asked_job(client, upload_of(client))
    told = client.get(reverse("reports_import_progress", args=[job.pk])).json()
    assert (told["state"], told["url"]) == ("queued", None)
    client.post(reverse("reports_import_cancel", args=[job.pk]))
    page = client.get(reverse("reports_import_job", args=[job.pk])).content.decode()
    assert "Stopped. Nothing was saved." in page
