"""Why a photo is not taken, in words: what it is, and what would help."""

from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from layers.errors import Busy, InvalidInput, TooLarge
from layers.uploads import MOST_BYTES
from reports.decoding.refusal import Refusal

NAME_LIMIT = 60
FIELD = "photo"

FORMATS: Mapping[str, Promise] = {
    "gif": gettext_lazy("a GIF picture"),
    "tiff": gettext_lazy("a TIFF picture"),
    "bmp": gettext_lazy("a BMP picture"),
    "avif": gettext_lazy("an AVIF picture"),
    "jpeg_2000": gettext_lazy("a JPEG 2000 picture"),
    "jpeg_xl": gettext_lazy("a JPEG XL picture"),
    "photoshop": gettext_lazy("a Photoshop document"),
    "icon": gettext_lazy("an icon"),
    "svg": gettext_lazy("an SVG drawing"),
    "pdf": gettext_lazy("a PDF document"),
    "video": gettext_lazy("a video"),
    "archive": gettext_lazy("an archive of files"),
    "web_page": gettext_lazy("a web page"),
    "program": gettext_lazy("a program"),
    "unknown": gettext_lazy("no picture that we know"),
}
REFUSALS: Mapping[str, Promise] = {
    "empty": gettext_lazy("“%(name)s” is empty. Choose the photo once more."),
    "wrong_format": gettext_lazy(
        "“%(name)s” is %(format)s. Send the photo as JPEG, PNG, WebP or HEIC."
    ),
    "too_many_pixels": gettext_lazy(
        "“%(name)s” measures %(width)s × %(height)s pixels; a photo may have 50 million. "
        "Send a smaller copy."
    ),
    "truncated": gettext_lazy(
        "“%(name)s” breaks off before its picture ends. Choose the photo once more, or take a "
        "new one."
    ),
    "second_file": gettext_lazy(
        "“%(name)s” carries %(format)s beside its picture. Send a photo as your camera made it."
    ),
    "damaged": gettext_lazy(
        "“%(name)s” cannot be read as a picture. Take a new photo, or save it anew on your device."
    ),
    "too_costly": gettext_lazy("“%(name)s” takes too much work to open. Send a smaller copy."),
}


def in_words(file: "UploadedFile[Any]", refusal: Refusal) -> InvalidInput:
    """Return what the decoder found wrong with a file."""
    facts = refusal.facts
    values = {
        "name": _name(file),
        "format": FORMATS.get(str(facts.get("format")), FORMATS["unknown"]),
        "width": _count(facts.get("width", 0)),
        "height": _count(facts.get("height", 0)),
    }
    message = REFUSALS.get(refusal.reason, REFUSALS["damaged"])
    return InvalidInput(str(message) % values, field=FIELD)


def too_many_bytes(file: "UploadedFile[Any]") -> TooLarge:
    """Return the refusal of a file with more bytes than are taken."""
    message = _("“%(name)s” has %(size)s MB; a photo may have %(most)s. Send a smaller copy.")
    values = {
        "name": _name(file),
        "size": _megabytes(file.size or 0),
        "most": _megabytes(MOST_BYTES),
    }
    return TooLarge(message % values, field=FIELD)


def too_many(file: "UploadedFile[Any]", most: int) -> InvalidInput:
    """Return the refusal of one photo more than a report may have."""
    message = ngettext(
        "A report may have %(n)s photo. Remove it before you add “%(name)s”.",
        "A report may have %(n)s photos. Remove one before you add “%(name)s”.",
        most,
    )
    return InvalidInput(message % {"n": most, "name": _name(file)}, field=FIELD)


def busy(file: "UploadedFile[Any]") -> Busy:
    """Return the refusal while others' photos keep us busy."""
    message = _("We are opening many photos just now. Send “%(name)s” again in a minute.")
    return Busy(message % {"name": _name(file)}, field=FIELD)


def _name(file: "UploadedFile[Any]") -> str:
    return (file.name or "")[-NAME_LIMIT:] or _("The photo")


def _count(number: str | int) -> str:
    return number_format(int(number), force_grouping=True)


def _megabytes(size: int) -> str:
    return number_format(size / 1e6, 0 if size % 10**6 == 0 else 1)
