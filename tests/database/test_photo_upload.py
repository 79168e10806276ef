"""A photo on its way in: by script, by form and by program; what is refused, and how it is said."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from geo import body_limit
from layers import uploads as limits
from layers.models import RateCount
from reports import photos
from reports.decoding.jpeg import is_bare
from reports.models import Photo, Report
from tests import pictures
from tests.database.conftest import WEST_POINT

pytestmark = pytest.mark.django_db
DRAFT = uuid.UUID("00000000-0000-4000-8000-000000000001")
DOORS = ("/report/photos/", "/api/v1/photos/")


def file_of(content: bytes, name: str = "IMG_1.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def send(
    client, content: bytes, draft: object = DRAFT, *, name: str = "IMG_1.jpg", to: str = DOORS[0]
):
    return client.post(to, {"photo": file_of(content, name), "draft": str(draft)})


def a_photo(number: int = 0) -> bytes:
    """Return one of several photos that differ."""
    return pictures.photo(image=pictures.scene(64 + 4 * number, 48))


def form(draft: uuid.UUID, **changes: object) -> dict[str, object]:
    lon, lat = WEST_POINT
    place = {"lon": lon, "lat": lat}
    return place | {"family": "roads", "category": "pothole", "client_uuid": str(draft)} | changes


# ---- taken ----


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_a_photo_goes_in_by_every_door_and_leaves_no_metadata_behind(client, door, kind):
    answer = send(client, pictures.photo(kind), to=door)
    assert answer.status_code == 201
    body = answer.json()
    assert (body["width"], body["height"]) == (128, 96)
    assert body["place"] == dict(zip(("lon", "lat"), pictures.PLACE, strict=True))
    assert body["taken"] == pictures.TAKEN
    assert answer["Cache-Control"] == "no-store"
    preview = client.get(body["url"])
    assert is_bare(preview.content)
    _no_trace_is_stored()


def test_a_form_without_a_script_leaves_no_metadata_behind(client, small_city):
    files = [file_of(pictures.photo(kind)) for kind in pictures.FORMATS]
    sent = client.post("/report/", form(DRAFT, photos=files))
    assert sent.status_code == 302
    (report,) = Report.objects.all()
    assert report.photos.count() == len(files)
    assert report.public.photo_count == len(files)
    _no_trace_is_stored()


def _no_trace_is_stored() -> None:
    """Read every column of both tables, as the one who has the draft."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('civicgrid.viewer', %s, true)", [f'{{"drafts": ["{DRAFT}"]}}']
        )
        cursor.execute("SELECT to_jsonb(photo)::text FROM reports_photo AS photo")
        rows = "".join(row for (row,) in cursor.fetchall())
        cursor.execute("SELECT large, small FROM reports_photocontent")
        contents = [bytes(content) for row in cursor.fetchall() for content in row]
    assert contents
    assert all(map(is_bare, contents))
    stored = rows.encode() + b"".join(contents)
    assert [trace for trace in (*pictures.TRACES, b"71.05", b"42.35") if trace in stored] == []


def test_what_is_not_known_is_not_told(client):
    body = send(client, pictures.photo("png", exif=None)).json()
    assert (body["place"], body["taken"]) == (None, None)


def test_the_bytes_decide_what_it_is_and_not_its_name(client):
    assert send(client, pictures.photo("png"), name="scan.pdf").status_code == 201
    refused = send(client, b"<html><script>alert(1)</script></html>", name="photo.jpg")
    assert "“photo.jpg” is a web page" in refused.json()["detail"]


def test_the_same_photo_twice_is_one_photo(client):
    first, again = (send(client, a_photo()) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Photo.objects.count() == 1


def test_a_sixth_photo_is_refused_and_says_so(client):
    for number in range(photos.MOST_PHOTOS):
        assert send(client, a_photo(number)).status_code == 201
    refused = send(client, a_photo(9), name="six.jpg")
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {
            "field": "photo",
            "detail": "A report may have 5 photos. Remove one before you add “six.jpg”.",
        }
    ]
    assert send(client, a_photo(4)).status_code == 200
    assert send(client, a_photo(9), uuid.uuid4()).status_code == 201


def test_a_photo_can_be_removed_by_who_has_the_draft_and_nobody_else(client):
    key = send(client, a_photo()).json()["key"]
    address = f"/report/photos/{key}/remove/"
    assert client.post(address, {"draft": str(uuid.uuid4())}).status_code == 404
    assert client.post(address, {"draft": str(DRAFT)}).status_code == 204
    assert client.post(address, {"draft": str(DRAFT)}).status_code == 404
    assert not Photo.objects.exists()
    assert client.get(f"/report/photos/{key}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_six_photos_at_the_same_moment_five_are_taken(monkeypatch):
    files = [a_photo(number) for number in range(6)]
    together = threading.Barrier(6)
    decoded = {content: photos.decode(content) for content in files}

    def decode(content: bytes):
        together.wait(30)
        return decoded[content]

    def one(content: bytes) -> int:
        try:
            return send(Client(), content).status_code
        finally:
            connection.close()

    monkeypatch.setattr(photos, "decode", decode)
    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(one, files))
    assert answers == [201] * 5 + [422]
    assert sorted(Photo.objects.values_list("place", flat=True)) == [1, 2, 3, 4, 5]


# ---- refused ----


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pictures.huge("png"), "“IMG_1.jpg” measures 30,000 × 30,000 pixels"),
        (b"<svg onload='alert(1)'><script/></svg>", "“IMG_1.jpg” is an SVG drawing"),
        (
            pictures.photo() + b"<script>alert(1)</script>",
            "“IMG_1.jpg” carries a web page beside its picture",
        ),
        (pictures.photo()[:-900], "“IMG_1.jpg” breaks off before its picture ends"),
        (b"", "“IMG_1.jpg” is empty"),
    ],
    ids=["30000x30000", "svg", "polyglot", "truncated", "empty"],
)
def test_what_is_no_photo_is_refused_by_name_at_every_door(client, door, content, said):
    refused = send(client, content, to=door)
    assert refused.status_code == 422
    assert refused["Content-Type"] == "application/problem+json"
    assert said in refused.json()["detail"]
    assert refused.json()["errors"][0]["field"] == "photo"
    assert not Photo.objects.exists()


@pytest.mark.parametrize("door", DOORS)
def test_too_many_bytes_are_refused_and_not_kept(client, door):
    refused = send(client, bytes(limits.MOST_BYTES + 1_000_000), name="huge.jpg", to=door)
    assert refused.status_code == 413
    assert refused.json()["detail"] == (
        "“huge.jpg” has 16 MB; a photo may have 15. Send a smaller copy."
    )


def test_of_a_file_beyond_the_limit_only_its_size_is_kept(rf):
    request = rf.post("/", {"photo": file_of(bytes(limits.MOST_BYTES + 1))})
    file = request.FILES["photo"]
    assert file.size == limits.MOST_BYTES + 1
    assert file.read() == b""
    assert not hasattr(file, "temporary_file_path")


def test_more_than_any_form_sends_is_refused_before_it_is_read(client, monkeypatch):
    monkeypatch.setattr(body_limit, "MOST_BODY_BYTES", 1000)
    for door in (*DOORS, "/report/", "/sign-in/"):
        answer = client.post(door, {"photo": file_of(bytes(2000))})
        assert answer.status_code == 413
    assert "at once" in client.post(DOORS[0], {"photo": file_of(bytes(2000))}).json()["detail"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"draft": str(DRAFT)}, "photo"),
        ({"draft": "mine"}, "draft"),
        ({}, "draft"),
    ],
)
def test_what_is_missing_is_named(client, door, values, field):
    refused = client.post(door, values)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == field


def test_names_are_shown_as_words_and_never_as_markup(client, small_city):
    file = file_of(b"GIF89a", "<img src=x onerror=alert(1)>.gif")
    page = client.post("/report/", form(DRAFT, photos=[file], check="1"))
    assert page.status_code == 422
    assert b"<img src=x" not in page.content
    assert b"is a GIF picture" in page.content


def test_without_a_script_the_good_photos_stay_when_one_is_refused(client, small_city):
    files = [file_of(a_photo(1)), file_of(b"GIF89a", "dance.gif"), file_of(a_photo(2))]
    page = client.post("/report/", form(DRAFT, photos=files))
    assert page.status_code == 422
    assert "“dance.gif” is a GIF picture" in page.content.decode()
    assert [photo.key in page.content.decode() for photo in Photo.objects.all()] == [True, True]
    assert client.post("/report/", form(DRAFT)).status_code == 302
    assert Report.objects.get().photos.count() == 2


def test_forms_of_other_sites_send_no_photo():
    careful = Client(enforce_csrf_checks=True)
    assert send(careful, a_photo()).status_code == 403
    assert send(careful, a_photo(), to=DOORS[1]).status_code == 201


@pytest.mark.parametrize("door", DOORS)
def test_one_address_can_send_so_many_and_no_more(client, settings, door):
    settings.REPORT_TRIES = 1
    RateCount.objects.all().delete()
    for _ in range(photos.MOST_PHOTOS):
        assert send(client, b"GIF89a", to=door).status_code == 422
    assert send(client, b"GIF89a", to=door).status_code == 429


def test_other_methods_are_refused(client):
    for door in DOORS:
        assert client.get(door).status_code == 405
