"""Photos of a report: attached when it is sent, shown by class, hidden by staff, or forgotten."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from layers.access import ANONYMOUS, Viewer, acting_as
from layers.errors import Conflict, InvalidInput, NotFound
from reports import gallery, history, incidents, lifecycle, photos, queries, tasks
from reports.intake import Outcome, submit, submit_many
from reports.models import ExactRead, HistoryEntry, Photo, PhotoContent, PublicReport, Report
from reports.submission import NewReport
from reports.workflow import State
from tests.database.conftest import EAST_POINT, WEST_POINT
from tests.database.photo_rows import make_photo

pytestmark = pytest.mark.django_db


def new(category: str = "pothole", count: int = 1, *, point=WEST_POINT) -> NewReport:
    """Return a report with photos that came before it; their keys are a to e and its kind."""
    draft = uuid.uuid4()
    keys = tuple(f"{letter}-{category}" for letter in "abcde"[:count])
    for place, key in enumerate(keys, start=1):
        make_photo(key, draft, place=place)
    return NewReport(category, point, "Words", client_uuid=draft, photos=keys)


def seen(viewer: Viewer) -> set[str]:
    """Return the keys of all photos whose bytes show."""
    with acting_as(viewer):
        return set(PhotoContent.objects.values_list("photo", flat=True))


# ---- attached ----


def test_photos_come_to_their_report_in_the_order_that_it_names(small_city):
    report = new(count=3)
    mixed = replace(report, photos=("c-pothole", "a-pothole", "b-pothole"))
    stored = Report.objects.get(pk=submit(mixed).report_id)
    assert [photo.key for photo in gallery.of_own(stored.pk)] == list(mixed.photos)
    assert stored.public.photo_count == 3


def test_a_batch_attaches_in_one_statement(small_city):
    batch = [new("pothole", 2), new("illegal-parking", 1), new("theft", 0)]
    with CaptureQueriesContext(connection) as captured:
        answers = submit_many(batch)
    counts = [Photo.objects.filter(report=answer.report_id).count() for answer in answers]
    assert counts == [2, 1, 0]
    attaching = [q for q in captured if "UPDATE reports_photo" in q["sql"]]
    assert len(attaching) == 1


def test_only_classes_that_show_photos_count_them_in_public(small_city):
    for category, shown in (("pothole", 1), ("illegal-parking", 0), ("theft", 0)):
        answer = submit(new(category))
        assert PublicReport.objects.get(report=answer.report_id).photo_count == shown


def test_a_retry_with_the_same_photos_is_the_same_report(small_city):
    report = new(count=2)
    first = submit(report)
    assert photos.keys_of(report.client_uuid) == report.photos
    again = submit(replace(report, photos=photos.keys_of(report.client_uuid)))
    assert (again.outcome, again.receipt) == (Outcome.REPEATED, first.receipt)
    with pytest.raises(Conflict):
        submit(replace(report, photos=report.photos[:1]))


def test_a_photo_that_comes_too_late_changes_no_retry(small_city):
    report = new()
    submit(report)
    make_photo("late", report.client_uuid)
    assert photos.keys_of(report.client_uuid) == report.photos


@pytest.mark.parametrize("key", ["unknown", "a-theft", "", "a-pothole' OR 1=1 --"])
def test_a_photo_of_somebody_else_cannot_be_claimed(small_city, key):
    new("theft")
    report = replace(new(), photos=("a-pothole", key))
    with pytest.raises(InvalidInput, match="no photo") as refused:
        submit(report)
    assert refused.value.field == "photos"
    assert not Report.objects.exists()
    assert Photo.objects.filter(report=None).count() == 2


def test_a_photo_of_a_sent_report_cannot_be_claimed_again(small_city):
    report = new()
    submit(report)
    with pytest.raises(InvalidInput, match="no photo"):
        submit(replace(report, client_uuid=uuid.uuid4()))


def test_photos_need_the_name_of_their_draft(small_city):
    with pytest.raises(InvalidInput, match="client_uuid"):
        submit(replace(new(), client_uuid=None))


def test_more_photos_than_a_report_may_have_are_refused(small_city):
    report = new(count=5)
    make_photo("f-pothole", report.client_uuid, place=6)
    with pytest.raises(InvalidInput, match="has 6 photos; a report may have 5"):
        submit(replace(report, photos=(*report.photos, "f-pothole")))


def test_programs_send_photos_with_a_report_and_read_their_addresses(client, small_city):
    report = new(count=2)
    body = {
        "category": "pothole",
        "lon": WEST_POINT[0],
        "lat": WEST_POINT[1],
        "client_uuid": str(report.client_uuid),
        "photos": list(report.photos),
    }
    sent = client.post("/api/v1/reports/", body, content_type="application/json")
    assert sent.status_code == 201
    feature = client.get(f"/api/v1/reports/{sent.json()['public_id']}/").json()
    shown = feature["properties"]["photos"]
    assert [client.get(photo["url"]).content for photo in shown] == [b"a-pothole", b"b-pothole"]


@pytest.mark.parametrize(
    "change",
    [{"photos": ["unknown"]}, {"photos": ["\0"]}, {"photos": "a"}, {"photos": ["a-pothole"] * 6}],
)
def test_photos_that_a_program_cannot_have_are_named(client, small_city, change):
    report = new()
    body = {"category": "pothole", "lon": WEST_POINT[0], "lat": WEST_POINT[1]}
    body |= {"client_uuid": str(report.client_uuid)} | change
    refused = client.post("/api/v1/reports/", body, content_type="application/json")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"].startswith("photos")
    assert not Report.objects.exists()


# ---- who sees them ----


def test_the_database_shows_photos_by_class_duty_receipt_and_draft(people):
    answers = {category: submit(new(category)) for category in ("pothole", "illegal-parking")}
    answers["theft"] = submit(new("theft", point=EAST_POINT))
    unsent = uuid.uuid4()
    make_photo("unsent", unsent)
    public = {"a-pothole"}
    assert seen(ANONYMOUS) == public
    assert seen(people.viewer("citizen")) == public
    assert seen(people.viewer("administrator")) == public
    assert seen(people.viewer("roads_west")) == public | {"a-illegal-parking"}
    assert seen(people.viewer("roads_east")) == public
    assert seen(people.viewer("crime_desk")) == public | {"a-theft"}
    assert seen(ANONYMOUS.holding(answers["theft"].report_id)) == public | {"a-theft"}
    assert seen(ANONYMOUS.drafting(unsent)) == public | {"unsent"}


def test_without_a_viewer_the_public_ones_show_alone(small_city):
    submit(new("pothole"))
    submit(new("theft"))
    assert list(PhotoContent.objects.values_list("photo", flat=True)) == ["a-pothole"]


def test_the_role_of_pages_cannot_change_a_photo_nor_remove_one_that_was_sent(small_city):
    submit(new())
    public = PhotoContent.objects.filter(photo="a-pothole")
    assert public.update(large=b"other") == 0
    assert public.delete()[0] == 0
    assert bytes(public.get().large) == b"a-pothole"
    with pytest.raises(ProgrammingError, match="must be owner"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE reports_photocontent DISABLE ROW LEVEL SECURITY")


def test_a_public_photo_is_served_as_a_picture_and_nothing_else(client, small_city):
    submit(new())
    answer = client.get("/photos/a-pothole/")
    assert answer.content == b"a-pothole"
    assert client.get("/photos/a-pothole/small/").content == b"small a-pothole"
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Content-Disposition"] == 'inline; filename="photo.jpg"'
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "public, max-age=300"
    assert "Cookie" not in answer.get("Vary", "")


def test_a_public_photo_that_the_browser_has_is_not_sent_again(client, small_city):
    submit(new())
    tag = client.get("/photos/a-pothole/")["ETag"]
    again = client.get("/photos/a-pothole/", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Content-Security-Policy"] == "default-src 'none'; sandbox"
    other = client.get("/photos/a-pothole/small/", headers={"If-None-Match": tag})
    assert other.status_code == 200


def test_what_is_not_public_is_kept_by_no_cache(client, people):
    theft = submit(new("theft"))
    client.force_login(people.crime_desk)
    for address in ("/photos/a-theft/", f"/r/{theft.receipt}/photos/a-theft/"):
        answer = client.get(address)
        assert answer.content == b"a-theft"
        assert answer["Cache-Control"] == "private, no-store"
        assert "ETag" not in answer


def test_a_receipt_opens_its_own_photos_alone(client, small_city):
    mine, other = submit(new("theft")), submit(new("illegal-parking"))
    assert client.get(f"/r/{mine.receipt}/photos/a-theft/small/").content == b"small a-theft"
    assert client.get(f"/r/{mine.receipt}/photos/a-illegal-parking/").status_code == 404
    assert client.get(f"/r/{other.receipt}/photos/a-theft/").status_code == 404


def test_the_key_of_a_photo_opens_it_only_until_it_is_sent(client, small_city):
    report = new("theft")
    assert client.get("/report/photos/a-theft/").content == b"small a-theft"
    submit(report)
    assert client.get("/report/photos/a-theft/").status_code == 404


def test_unknown_and_forbidden_look_alike(client, small_city):
    submit(new("theft"))
    unknown, forbidden = (
        client.get(f"/photos/{key}/", headers={"Accept": "application/json"})
        for key in ("nothing", "a-theft")
    )
    assert (unknown.status_code, unknown.content) == (forbidden.status_code, forbidden.content)
    assert client.get("/photos/%00/").status_code == 404


def test_pages_show_photos_by_class(client, people):
    answers = {kind: submit(new(kind, 2)) for kind in ("pothole", "illegal-parking")}
    page = client.get(f"/reports/{answers['pothole'].public_id}/").content.decode()
    assert 'src="/photos/a-pothole/small/"' in page
    assert 'alt="Photo 2 of 2"' in page
    hidden = answers["illegal-parking"]
    assert "a-illegal-parking" not in client.get(f"/reports/{hidden.public_id}/").content.decode()
    own = client.get(f"/r/{hidden.receipt}/").content.decode()
    assert f'src="/r/{hidden.receipt}/photos/a-illegal-parking/small/"' in own
    client.force_login(people.roads_west)
    crew = client.get(f"/crew/{hidden.public_id}/").content.decode()
    assert 'src="/photos/a-illegal-parking/small/"' in crew
    assert 'value="hide"' not in crew


def test_staff_who_open_a_photo_that_is_not_public_are_written_down(client, people):
    report = submit(new("theft"))
    submit(new("pothole"))
    client.force_login(people.crime_desk)
    for key in ("a-theft", "a-pothole"):
        client.get(f"/photos/{key}/small/")
        client.get(f"/photos/{key}/")
    (read,) = ExactRead.objects.filter(purpose="photo")
    assert (read.user_id, read.reports) == (people.crime_desk.pk, [report.report_id])


# ---- hidden ----


def test_a_hidden_photo_vanishes_for_everybody_and_can_be_shown_again(client, people):
    answer = submit(new(count=2))
    page, crew = f"/reports/{answer.public_id}/", people.viewer("roads_west")
    photos.hide(answer.public_id, "a-pothole", crew)
    assert client.get("/photos/a-pothole/").status_code == 404
    assert client.get("/photos/a-pothole/small/").status_code == 404
    assert "a-pothole" not in client.get(page).content.decode()
    assert "b-pothole" in client.get(page).content.decode()
    assert PublicReport.objects.get().photo_count == 1
    own = client.get(f"/r/{answer.receipt}/").content.decode()
    assert "a-pothole" in own
    assert "Hidden: only its reporter" in own
    assert seen(crew) == {"a-pothole", "b-pothole"}
    photos.show(answer.public_id, "a-pothole", crew)
    assert client.get("/photos/a-pothole/").status_code == 200
    assert PublicReport.objects.get().photo_count == 2


def test_the_last_photo_hidden_leaves_none(client, people):
    answer = submit(new())
    photos.hide(answer.public_id, "a-pothole", people.viewer("roads_west"))
    assert PublicReport.objects.get().photo_count == 0
    assert seen(ANONYMOUS) == set()


def test_showing_again_makes_nothing_public_that_its_class_keeps(people):
    answer, crew = submit(new("illegal-parking")), people.viewer("roads_west")
    photos.hide(answer.public_id, "a-illegal-parking", crew)
    photos.show(answer.public_id, "a-illegal-parking", crew)
    assert PublicReport.objects.get().photo_count == 0
    assert seen(ANONYMOUS) == set()


@pytest.mark.parametrize("who", ["citizen", "roads_east", "crime_desk", "administrator"])
def test_only_who_works_on_the_report_may_hide(people, who):
    answer = submit(new())
    with pytest.raises(NotFound):
        photos.hide(answer.public_id, "a-pothole", people.viewer(who))
    assert Photo.objects.get().hidden_at is None


def test_a_photo_is_hidden_through_its_own_report_alone(people):
    answer, other = submit(new()), submit(new("illegal-parking"))
    with pytest.raises(NotFound):
        photos.hide(other.public_id, "a-pothole", people.viewer("roads_west"))
    assert Photo.objects.filter(report=answer.report_id, hidden_at=None).exists()


def test_hiding_is_written_to_the_history_and_is_no_step(people):
    answer, crew = submit(new(count=2)), people.viewer("roads_west")
    lifecycle.transition(answer.public_id, State.ACCEPTED, crew)
    photos.hide(answer.public_id, "b-pothole", crew)
    photos.hide(answer.public_id, "b-pothole", crew)
    photos.show(answer.public_id, "b-pothole", crew)
    entries = list(queries.whole_history(answer.report_id))
    assert [entry.event for entry in entries[-2:]] == ["photo_hidden", "photo_shown"]
    assert [(e.actor_id, e.text.note) for e in entries[-2:]] == [(people.roads_west.pk, "2")] * 2
    assert len(entries) == 4
    assert history.first_broken(entries) is None
    row = queries.public_report(answer.public_id)
    told = [queries.public_timeline(row), queries.own_timeline(answer.report_id)]
    assert [[happening.state for happening in line] for line in told] == [["accepted", "new"]] * 2
    assert incidents.of_public_id(answer.public_id, crew).report.version == 2


def test_a_crew_hides_on_the_page_of_the_incident_and_takes_it_back(client, people):
    answer = submit(new())
    client.force_login(people.roads_west)
    incident = f"/crew/{answer.public_id}/"
    address = f"{incident}photos/a-pothole/"
    page = client.post(address, {"turn": "hide"}, follow=True).content.decode()
    assert "The photo is hidden. To take it back, choose “Show it again”" in page
    assert "A photo was hidden" in page
    assert 'value="show"' in page
    page = client.post(address, {"turn": "show"}, follow=True).content.decode()
    assert "The photo is shown again." in page
    assert 'value="hide"' in page
    assert HistoryEntry.objects.count() == 3
    assert client.get(address)["Location"] == incident


# ---- forgotten ----


def test_photos_that_nobody_sends_go_after_a_week(small_city):
    old, young, sent = uuid.uuid4(), uuid.uuid4(), new()
    for key, draft in (("old", old), ("young", young)):
        make_photo(key, draft)
    submit(sent)
    week = timezone.now() - photos.KEPT_UNSENT
    Photo.objects.filter(key__in=["old", *sent.photos]).update(uploaded_at=week)
    Photo.objects.filter(key="young").update(uploaded_at=week + timedelta(minutes=1))
    tasks.forget_photos(timestamp=0)
    assert set(Photo.objects.values_list("key", flat=True)) == {"young", *sent.photos}
    assert seen(ANONYMOUS.drafting(old, young)) == {"young", *sent.photos}
