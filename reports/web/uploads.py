"""Photos that come with a form, each counted against the limit of whoever sends it."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from layers import throttle
from reports import photos
from reports.models import Photo

WINDOW_S = 600


def count(request: HttpRequest) -> None:
    """Count one photo of the caller.

    Raises
    ------
    TooMany
        When so many came from there that no more are taken for a while.
    """
    tries = settings.REPORT_TRIES * photos.MOST_PHOTOS
    throttle.enter(request, "photo", tries=tries, seconds=WINDOW_S)


def take(request: HttpRequest, draft: UUID) -> list[Photo]:
    """Take the files `photos` of a form, and remove the photo that its button `remove_photo` names.

    Raises
    ------
    InvalidInput
        When some were refused; the others are taken.
    TooMany
        When so many came from there that no more are taken for a while.
    """
    if key := request.POST.get("remove_photo"):
        photos.remove(key, draft)
    files = request.FILES.getlist("photos")
    for _file in files:
        count(request)
    return photos.take(files, draft)
