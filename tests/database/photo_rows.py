"""Photos that are no pictures: for tests of who may see them, which need no decoder."""

import uuid

from django.utils import timezone

from reports.models import Photo, PhotoContent


def make_photo(key: str, draft: uuid.UUID, *, place: int = 1) -> Photo:
    """Store a photo of a draft; its bytes are its key."""
    photo = Photo.objects.create(
        key=key, draft=draft, place=place, width=4, height=3, uploaded_at=timezone.now()
    )
    PhotoContent.objects.create(photo=photo, large=key.encode(), small=f"small {key}".encode())
    return photo
