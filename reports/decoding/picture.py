"""Decodes a photo and encodes it anew: two JPEGs of pixels alone."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from pi_heif import options
from pi_heif.as_plugin import HeifImageFile
from PIL import Image, ImageCms, ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from reports.decoding import formats
from reports.decoding.notes import Notes, notes_of
from reports.decoding.refusal import Refusal

MOST_PIXELS = 50_000_000
LARGE_PX, LARGE_QUALITY = 1600, 82
SMALL_PX, SMALL_QUALITY = 320, 76
# Before it scales finely, Pillow may average to this many times the size that is wanted.
REDUCING_GAP = 2.0
WHITE = (255, 255, 255)
SIXTEEN_BIT = frozenset({"I", "I;16", "I;16B", "I;16L"})
SRGB = ImageCms.createProfile("sRGB")

# What Pillow would import when a photo asks for it, and no file can be opened any more.
Image.preinit()
for late in ("PIL.ImagePalette", "PIL.TiffImagePlugin", "encodings.latin_1", "encodings.ascii"):
    import_module(late)
# One photo is wanted, of all that a file may hold.
options.DECODE_THREADS = 1
options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False

OPENERS: Mapping[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "jpeg": JpegImageFile,
    "png": PngImageFile,
    "webp": WebPImageFile,
    "heic": HeifImageFile,
}
# What turns a picture upright, by Exif's orientation.
TURNS: Mapping[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Picture:
    """A photo as the site keeps it, and what its camera knew of place and time."""

    large: bytes
    small: bytes
    width: int
    height: int
    place: tuple[float, float] | None
    """Longitude and latitude (EPSG:4326): for whoever sent it, kept by nobody."""
    taken: str | None
    """ISO 8601; with an offset only where the camera knew it."""


def develop(data: bytes) -> Picture:
    """Return the picture in a file's bytes: upright, in sRGB, without metadata.

    Raises
    ------
    Refusal
        When it is no photo that we take; says why.
    """
    name = formats.format_of(data)
    layout = formats.walk(data, name)
    formats.refuse_second_file(layout.beside)
    if layout.size:
        _refuse_large(layout.size)
    image = OPENERS[name](io.BytesIO(data))
    _refuse_large(image.size)
    notes = notes_of(image)
    large = _pixels(image, notes)
    small = large.resize(_within(large.size, SMALL_PX), Image.Resampling.LANCZOS)
    return Picture(
        _encoded(large, LARGE_QUALITY),
        _encoded(small, SMALL_QUALITY),
        *large.size,
        notes.place,
        notes.taken,
    )


def _refuse_large(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        raise Refusal("too_many_pixels", width=width, height=height)


def _within(size: tuple[int, int], most: int) -> tuple[int, int]:
    """Return a size of the same shape whose long edge is at most `most`."""
    scale = min(1.0, most / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _pixels(image: Image.Image, notes: Notes) -> Image.Image:
    """Return a new image in RGB that carries nothing but pixels."""
    target = _within(image.size, LARGE_PX)
    image.draft(None, target)
    image.load()
    scaled = _scalable(image).resize(target, Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP)
    alpha = scaled.getchannel("A") if "A" in scaled.getbands() else None
    plain = Image.new("RGB", target, WHITE)
    plain.paste(_in_srgb(scaled, image.info.get("icc_profile")), mask=alpha)
    turn = TURNS.get(notes.orientation)
    return plain if turn is None else plain.transpose(turn)


def _scalable(image: Image.Image) -> Image.Image:
    """Return the image in a mode whose values can be averaged."""
    if image.mode in SIXTEEN_BIT:
        return image.point(lambda value: value / 256).convert("L")
    if "transparency" in image.info or image.mode == "PA":
        return image.convert("RGBA")
    if image.mode == "P":
        return image.convert("RGB")
    return image.convert("L") if image.mode == "1" else image


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the colours in sRGB; as they are where the file's own profile cannot be applied."""
    opaque = {"RGBA": "RGB", "LA": "L"}.get(image.mode, image.mode)
    image = image.convert(opaque)
    if profile:
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(image, given, SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            turned = None
        if turned:
            return turned
    return image.convert("RGB")


def _encoded(image: Image.Image, quality: int) -> bytes:
    written = io.BytesIO()
    image.save(written, "JPEG", quality=quality, progressive=True)
    return written.getvalue()
