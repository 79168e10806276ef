"""What a file is, by its bytes alone, and what it carries beside its pixels."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reports.decoding import jpeg
from reports.decoding.refusal import Refusal

PNG = b"\x89PNG\r\n\x1a\n"
HEVC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis"})
AVIF_BRANDS = frozenset({b"avif", b"avis"})
PICTURE_BRANDS = frozenset({b"mif1", b"mif2"})
# The parts that hold pixels; all other bytes are looked through.
PNG_PIXELS = frozenset({b"IDAT", b"fdAT"})
WEBP_PIXELS = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ANMF"})
HEIC_BOXES = frozenset({b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip", b"idat", b"uuid"})

# First match wins.
OTHERS: tuple[tuple[str, re.Pattern[bytes]], ...] = tuple(
    (name, re.compile(pattern, re.DOTALL))
    for name, pattern in (
        ("gif", rb"GIF8[79]a"),
        ("tiff", rb"II[*+]\x00|MM\x00[*+]"),
        ("bmp", rb"BM.{4}\x00\x00\x00\x00"),
        ("pdf", rb".{0,1024}?%PDF-"),
        ("jpeg_2000", rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51"),
        ("jpeg_xl", rb"\xff\x0a|\x00\x00\x00\x0cJXL "),
        ("photoshop", rb"8BPS"),
        ("icon", rb"\x00\x00[\x01\x02]\x00.\x00"),
        ("archive", rb"PK\x03\x04|PK\x05\x06|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|\x1f\x8b"),
        ("video", rb".{4}ftyp|\x1a\x45\xdf\xa3|RIFF.{4}AVI "),
        ("svg", rb"(?i:(?:\xef\xbb\xbf)?\s*<(?:[?!].{0,4096}?<)?svg[\s>])"),
        ("web_page", rb"(?i:(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|script|head|body))"),
    )
)

# What makes a file a second file for another reader. `<?xpacket` and `<x:xmpmeta` are not among
# them: they are a photo's own metadata. Four bytes alone would be met by chance in the short
# film that some phones append to a photo.
SECOND_FILE: Mapping[str, re.Pattern[bytes]] = {
    "svg": re.compile(rb"(?i:<svg[\s>])"),
    "web_page": re.compile(rb"(?i:<script[\s>/]|<html[\s>]|<!doctype html|<iframe[\s>])"),
    "program": re.compile(rb"(?i:<\?php\s)"),
    "pdf": re.compile(rb"%PDF-\d\.\d"),
    "archive": re.compile(rb"PK\x03\x04[\x00-\x3f]\x00|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c"),
}


@dataclass(frozen=True)
class Layout:
    """What a walk through a file's parts finds."""

    beside: bytes
    """All that is no pixels: metadata, and what follows the picture's end."""
    size: tuple[int, int] | None = None
    """Width and height, where the walk meets them."""


def format_of(data: bytes) -> str:
    """Return ``jpeg``, ``png``, ``webp`` or ``heic``.

    Raises
    ------
    Refusal
        ``empty``, or ``wrong_format`` with the name of what it is.
    """
    if not data:
        raise Refusal("empty")
    if data.startswith(jpeg.START):
        return "jpeg"
    if data.startswith(PNG):
        return "png"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    if brands := _brands(data):
        if brands & HEVC_BRANDS or (brands & PICTURE_BRANDS and not brands & AVIF_BRANDS):
            return "heic"
        if brands & AVIF_BRANDS:
            raise Refusal("wrong_format", format="avif")
    for name, pattern in OTHERS:
        if pattern.match(data):
            raise Refusal("wrong_format", format=name)
    raise Refusal("wrong_format", format="unknown")


def _brands(data: bytes) -> set[bytes]:
    """Return the brands of an ISO media file (ISO/IEC 14496-12), the major one among them."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(data[:4]), len(data), 256)
    return {data[8:12], *(data[at : at + 4] for at in range(16, end - 3, 4))}


def walk(data: bytes, name: str) -> Layout:
    """Walk through the parts of a file of the format `name`.

    Raises
    ------
    Refusal
        ``truncated`` when the file ends before its picture.
    """
    return WALKS[name](data)


def refuse_second_file(beside: bytes) -> None:
    """Refuse a file that another reader would take for something else.

    Raises
    ------
    Refusal
        ``second_file`` with the name of what it carries.
    """
    for name, pattern in SECOND_FILE.items():
        if pattern.search(beside):
            raise Refusal("second_file", format=name)


def _jpeg(data: bytes) -> Layout:
    beside, end = [], 0
    for segment in jpeg.segments(data):
        beside.append(data[segment.start : segment.end])
        end = segment.end
    return Layout(b"\0".join([*beside, data[end:]]))


def _png(data: bytes) -> Layout:
    beside, position, name = [], len(PNG), b""
    while name != b"IEND":
        name = data[position + 4 : position + 8]
        end = position + 12 + int.from_bytes(data[position : position + 4])
        if len(name) < 4 or end > len(data):
            raise Refusal("truncated")
        if name not in PNG_PIXELS:
            beside.append(data[position + 8 : end])
        position = end
    return Layout(b"\0".join([*beside, data[position:]]))


def _webp(data: bytes) -> Layout:
    whole = 8 + int.from_bytes(data[4:8], "little")
    if whole > len(data):
        raise Refusal("truncated")
    beside, position = [], 12
    while position + 8 <= whole:
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        end = position + 8 + length + length % 2
        if data[position : position + 4] not in WEBP_PIXELS:
            beside.append(data[position + 8 : end])
        position = end
    return Layout(b"\0".join([*beside, data[whole:]]), _webp_size(data))


def _webp_size(data: bytes) -> tuple[int, int] | None:
    """Return the canvas of the first chunk (RFC 9649): its decoder allocates it on opening."""
    match data[12:16]:
        case b"VP8X":
            first, second = data[24:27], data[27:30]
            return int.from_bytes(first, "little") + 1, int.from_bytes(second, "little") + 1
        case b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            first, second = data[26:28], data[28:30]
            return (
                int.from_bytes(first, "little") & 0x3FFF,
                int.from_bytes(second, "little") & 0x3FFF,
            )
    return None


def _heic(data: bytes) -> Layout:
    """Walk through the boxes; metadata inside `mdat` stands between the pixels and is not seen."""
    beside, position = [], 0
    while position + 8 <= len(data):
        length, name = (
            int.from_bytes(data[position : position + 4]),
            data[position + 4 : position + 8],
        )
        if name not in HEIC_BOXES:
            break
        if length == 1:
            length = int.from_bytes(data[position + 8 : position + 16])
        end = position + length if length else len(data)
        if end > len(data) or length in range(1, 8):
            raise Refusal("truncated")
        if name != b"mdat":
            beside.append(data[position:end])
        position = end
    return Layout(b"\0".join([*beside, data[position:]]))


WALKS: Mapping[str, Callable[[bytes], Layout]] = {
    "jpeg": _jpeg,
    "png": _png,
    "webp": _webp,
    "heic": _heic,
}
