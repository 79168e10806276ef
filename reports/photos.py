"""Photos of a report: taken before it is sent, attached when it is, hidden where they must be.

What comes in is decoded and encoded anew (`reports.decoding`); nothing but pixels is stored. The
place that a camera wrote down is given back to whoever sent the photo, and kept by nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import connection
from django.db.models import Exists, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from layers.access import ANONYMOUS, Viewer, acting_as
from layers.errors import CivicError, Conflict, InvalidInput, NotFound
from layers.statements import statement
from layers.uploads import MOST_BYTES
from reports import history, identifiers, photo_refusals
from reports.decoding.process import BusyError, Developed, decode
from reports.decoding.refusal import Refusal
from reports.masking import SHOW_PHOTOS
from reports.models import HistoryEntry, Photo, PhotoContent, PublicReport, Report, SubmissionKey
from reports.queries import within_duties
from reports.workflow import Event

MOST_PHOTOS = 5
KEPT_UNSENT = timedelta(days=7)


@dataclass(frozen=True)
class Accepted:
    """A photo that was taken, with what its camera knew."""

    photo: Photo
    place: tuple[float, float] | None
    """Longitude and latitude (EPSG:4326): an offer to whoever sent it, not stored."""
    taken: str | None
    is_new: bool
    """False when the same photo had come before."""


# ---- before the report is sent ----


def accept(file: "UploadedFile[Any]", draft: UUID) -> Accepted:
    """Take one photo for the report that will be sent with the client's UUID `draft`.

    The same photo once more, as a phone on a bad line or a second click sends it, is the first one
    again.

    Raises
    ------
    InvalidInput
        When it is no photo that we take, or the report has as many as it may; says why.
    TooLarge
        When it has too many bytes.
    Conflict
        When the report has been sent.
    Busy
        When the decoders have too much to do.
    """
    developed = _developed(file)
    with acting_as(ANONYMOUS.drafting(draft)):
        _lock(draft)
        same = Photo.objects.filter(draft=draft, content__large=developed.large).first()
        photo = same or _stored(developed, draft, file)
    return Accepted(photo, developed.place, developed.taken, is_new=same is None)


def take(files: "Iterable[UploadedFile[Any]]", draft: UUID) -> list[Photo]:
    """Take several photos, each by itself: what can be taken stays, whatever becomes of the rest.

    Raises
    ------
    InvalidInput
        When some were refused; says of each why.
    Conflict
        When the report has been sent.
    """
    taken, refused = [], []
    for file in files:
        try:
            taken.append(accept(file, draft).photo)
        except Conflict:
            raise
        except CivicError as error:
            refused.append(error.message)
    if refused:
        raise InvalidInput(" ".join(refused), field="photos")
    return taken


def _developed(file: "UploadedFile[Any]") -> Developed:
    if (file.size or 0) > MOST_BYTES:
        raise photo_refusals.too_many_bytes(file)
    try:
        return decode(file.read())
    except Refusal as refusal:
        raise photo_refusals.in_words(file, refusal) from None
    except BusyError:
        raise photo_refusals.busy(file) from None


def _lock(draft: UUID) -> None:
    """Let one at a time count the photos of a report, or attach them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"photos:{draft}"])


def _stored(developed: Developed, draft: UUID, file: "UploadedFile[Any]") -> Photo:
    if SubmissionKey.objects.filter(scope="client", key=str(draft)).exists():
        message = _("This report was sent already. Photos can be added only before.")
        raise Conflict(message, field="photo")
    there = Photo.objects.filter(draft=draft)
    if there.count() >= MOST_PHOTOS:
        raise photo_refusals.too_many(file, MOST_PHOTOS)
    photo = Photo.objects.create(
        key=identifiers.new_photo_key(),
        draft=draft,
        place=(there.aggregate(last=Max("place"))["last"] or 0) + 1,
        width=developed.width,
        height=developed.height,
        uploaded_at=timezone.now(),
    )
    PhotoContent.objects.create(photo=photo, large=developed.large, small=developed.small)
    return photo


def remove(key: str, draft: UUID) -> None:
    """Remove a photo from a report that is not sent yet.

    Raises
    ------
    NotFound
        When the draft has no such photo, or was sent.
    """
    with acting_as(ANONYMOUS.drafting(draft)):
        gone = _drop(Photo.objects.filter(key=key, draft=draft, report=None))
    if not gone:
        raise NotFound(_("This photo is not there any more, or its report was sent."))


def of_draft(draft: UUID) -> list[Photo]:
    """Return the photos that a report will be sent with, or was sent with, in their order."""
    sent = SubmissionKey.objects.filter(scope="client", key=str(draft))
    mine = Photo.objects.filter(~Exists(sent) | Q(report__isnull=False), draft=draft)
    return list(mine.order_by("place"))


def keys_of(draft: UUID | None) -> tuple[str, ...]:
    """Return the keys of `of_draft`; the same ones before and after the report was sent."""
    return tuple(photo.key for photo in of_draft(draft)) if draft else ()


def forget_unsent() -> None:
    """Remove the photos of reports that nobody has sent for a week."""
    old = Photo.objects.filter(report=None, uploaded_at__lt=timezone.now() - KEPT_UNSENT)
    with acting_as(ANONYMOUS.drafting(*old.values_list("draft", flat=True))):
        _drop(old)


def _drop(photos: QuerySet[Photo]) -> int:
    """Remove photos that are attached to nothing, and keep them from being attached meanwhile."""
    keys = list(photos.select_for_update().values_list("key", flat=True))
    Photo.objects.filter(key__in=keys).delete()
    return len(keys)


# ---- when it is sent ----


def check(keys: Sequence[str], draft: UUID | None, where: str) -> None:
    """Check what a report says of its photos; `where` names the report in a batch.

    Raises
    ------
    InvalidInput
        When they have no draft, or are more than a report may have.
    """
    values = {"where": where, "n": len(keys), "most": MOST_PHOTOS}
    if keys and draft is None:
        message = _("%(where)sphotos need the client_uuid that they were sent with.")
        raise InvalidInput(message % values, field="photos")
    if len(keys) > MOST_PHOTOS:
        message = _("%(where)sit has %(n)s photos; a report may have %(most)s.")
        raise InvalidInput(message % values, field="photos")


def attach(sent: Sequence[tuple[int, UUID | None, tuple[str, ...]]]) -> None:
    """Attach photos to reports that are being accepted: keys, drafts and photos of a batch.

    Runs in the transaction of the intake.

    Raises
    ------
    InvalidInput
        When a photo is not there, or belongs to another draft.
    """
    wanted = [
        (key, draft, report, place)
        for report, draft, keys in sent
        for place, key in enumerate(dict.fromkeys(keys), start=1)
    ]
    if not wanted:
        return
    names, columns = ("key", "draft", "report", "place"), zip(*wanted, strict=True)
    values = dict(zip(names, map(list, columns), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(statement(__file__, "attach"), values | {"shown": list(SHOW_PHOTOS)})
        attached = {key for (key,) in cursor.fetchall()}
    for key, *_rest in wanted:
        if key not in attached:
            message = _(
                "There is no photo %(key)s for this report: it was removed, or was sent with "
                "another client_uuid. Send the photo again."
            )
            raise InvalidInput(message % {"key": key}, field="photos")


# ---- where one must not be seen ----


def hide(public_id: str, key: str, viewer: Viewer) -> None:
    """Hide a photo from everybody but its reporter and those who work on the report.

    Raises
    ------
    NotFound
        When there is no such photo of a report among the viewer's duties.
    """
    _turn(public_id, key, viewer, is_hidden=True)


def show(public_id: str, key: str, viewer: Viewer) -> None:
    """Show a hidden photo again, where the report's class shows photos.

    Raises
    ------
    NotFound
        When there is no such photo of a report among the viewer's duties.
    """
    _turn(public_id, key, viewer, is_hidden=False)


def _turn(public_id: str, key: str, viewer: Viewer, *, is_hidden: bool) -> None:
    with acting_as(viewer):
        report = (
            Report.objects.select_for_update(of=("self",))
            .filter(within_duties(viewer), public_id=public_id)
            .first()
        )
        photo = Photo.objects.filter(report=report, key=key).first() if report else None
        if report is None or photo is None:
            message = _("There is no such photo among the reports that you work on.")
            raise NotFound(message)
        if (photo.hidden_at is not None) == is_hidden:
            return
        photo.hidden_at = timezone.now() if is_hidden else None
        photo.save(update_fields=["hidden_at"])
        seen = Photo.objects.filter(report=report, hidden_at=None).count()
        PublicReport.objects.filter(report=report, sensitivity__in=SHOW_PHOTOS).update(
            photo_count=seen
        )
        _write_down(report, photo, viewer)


def _write_down(report: Report, photo: Photo, viewer: Viewer) -> None:
    last = HistoryEntry.objects.filter(report=report).order_by("-number")[0]
    history.append(
        history.next_entry(
            bytes(last.digest),
            report.pk,
            last.number + 1,
            at=timezone.now(),
            event=(Event.PHOTO_HIDDEN if photo.hidden_at else Event.PHOTO_SHOWN).value,
            state=report.state,
            note=str(photo.place),
            actor_id=viewer.user_id,
            crew_id=report.crew_id,
        )
    )
