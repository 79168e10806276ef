"""The read side of photos: which ones a page shows, and the bytes that a viewer may have."""

from dataclasses import dataclass
from typing import Literal

from django.db.models import BooleanField, F, Func
from django.utils.translation import gettext as _

from layers.access import ANONYMOUS, Viewer, acting_as
from layers.errors import NotFound
from reports.models import ExactRead, Photo, PhotoContent

Size = Literal["large", "small"]


@dataclass(frozen=True)
class Jpeg:
    """The bytes of a photo, and whether everybody may have them."""

    content: bytes
    is_public: bool


def of_public(key: str) -> list[Photo]:
    """Return the photos that everybody sees of the report with this key in the projection."""
    shown = Photo.objects.filter(report__shown__key=key, report__shown__photo_count__gt=0)
    return list(shown.filter(hidden_at=None).order_by("place"))


def of_own(report_id: int) -> list[Photo]:
    """Return the photos of a report as its reporter sees them: the hidden ones too."""
    return list(Photo.objects.filter(report=report_id).order_by("place"))


def jpeg(key: str, size: Size, viewer: Viewer) -> Jpeg:
    """Return a photo as far as the viewer may see it: one query, under its policy.

    That a crew or desk opened a large one which is not public is written down.

    Raises
    ------
    NotFound
        When there is no such photo, or none that the viewer may know of.
    """
    is_public = Func(F("photo"), function="reports_photo_is_public", output_field=BooleanField())
    with acting_as(viewer):
        found = (
            PhotoContent.objects.filter(photo=key)
            .annotate(is_public=is_public)
            .values_list(size, "is_public", "photo__report")
            .first()
        )
        if found is None:
            raise NotFound(_("There is no photo at this address."))
        content, everybody, report_id = found
        if viewer.duties and size == "large" and not everybody:
            ExactRead.objects.create(
                user_id=viewer.user_id, address=viewer.address, purpose="photo", reports=[report_id]
            )
    return Jpeg(bytes(content), everybody)


def sender_of(key: str) -> Viewer:
    """Return the viewer who knows the key of a photo that is not sent yet.

    Until then the key is known to its sender alone; then it becomes the photo's address, and
    gives no right.
    """
    drafts = Photo.objects.filter(key=key, report=None).values_list("draft", flat=True)
    return ANONYMOUS.drafting(*drafts)
