"""Photos as they come with a request: each is counted against the limit of whoever sends it."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from layers import throttle
from layers.errors import InvalidInput
from reports import photos
from reports.models import Photo
from reports.photos import Accepted

WINDOW_S = 600


def receive(request: HttpRequest, draft: str, file: "UploadedFile[Any] | None") -> Accepted:
    """Take the one photo of a request for the report that will carry the client's UUID `draft`.

    Raises
    ------
    InvalidInput, TooLarge, Conflict, Busy
        As `photos.accept` does; and where there is no file.
    TooMany
        When so many came from there that no more are taken for a while.
    """
    key = draft_of(draft)
    if file is None:
        message = _("No file came with the name “photo”. Choose a photo.")
        raise InvalidInput(message, field="photo")
    _count(request)
    return photos.accept(file, key)


def draft_of(text: str) -> UUID:
    """Return the client's UUID of a draft.

    Raises
    ------
    InvalidInput
        When the text is none.
    """
    try:
        return UUID(text)
    except ValueError:
        message = _("draft is “%(value)s”; give the client’s UUID that the report will carry.")
        raise InvalidInput(message % {"value": text[:60]}, field="draft") from None


def told(accepted: Accepted) -> dict[str, Any]:
    """Return what whoever sent a photo is told of it; its place is told to nobody else."""
    place = accepted.place and dict(zip(("lon", "lat"), accepted.place, strict=True))
    return {
        "key": accepted.photo.key,
        "url": reverse("report_photo", args=[accepted.photo.key]),
        "width": accepted.photo.width,
        "height": accepted.photo.height,
        "place": place,
        "taken": accepted.taken,
    }


def take(request: HttpRequest, draft: UUID) -> list[Photo]:
    """Take the files `photos` of a form; remove the photo that its button `remove_photo` names.

    Raises
    ------
    InvalidInput
        When some were refused; the others are taken.
    NotFound
        When the photo to be removed is not there any more.
    TooMany
        When so many came from there that no more are taken for a while.
    """
    if key := request.POST.get("remove_photo"):
        photos.remove(key.replace("\0", ""), draft)
    files = request.FILES.getlist("photos")
    for _file in files:
        _count(request)
    return photos.take(files, draft)


def _count(request: HttpRequest) -> None:
    tries = settings.REPORT_TRIES * photos.MOST_PHOTOS
    throttle.enter(request, "photo", tries=tries, seconds=WINDOW_S)
