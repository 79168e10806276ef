"""Writes HEIC files for tests: pi-heif reads them only, and a found one would be somebody's photo.

A picture is one HEVC intra frame (ITU-T H.265) whose blocks are all sent as plain samples (PCM),
in a HEIF container (ISO/IEC 23008-12) beside its Exif. Nothing is predicted or transformed, so
that the one arithmetically coded decision of a block is always its likelier value.
"""

import struct
from collections.abc import Iterable

from PIL import Image

BLOCK = 32
CHROMA = BLOCK // 2
# H.265, table 9-52, last column: what the less likely value takes of the range, by state.
LESS_LIKELY = (240, 227, 216, 205, 195, 185, 175, 166, 158, 150, 142, 135)
MOST_BLOCKS = len(LESS_LIKELY)
VPS, SPS, PPS, PICTURE = 32, 33, 34, 19
INTRA = 2


class Bits:
    """Writes bits, most significant first."""

    def __init__(self) -> None:
        self.bits: list[int] = []

    def u(self, count: int, value: int = 0) -> "Bits":
        self.bits += [value >> place & 1 for place in reversed(range(count))]
        return self

    def ue(self, *values: int) -> "Bits":
        """Exponential Golomb codes."""
        for value in values:
            length = (value + 1).bit_length()
            self.u(2 * length - 1, value + 1)
        return self

    def align(self) -> "Bits":
        return self.u(-len(self.bits) % 8)

    def end(self) -> bytes:
        """Close with the stop bit."""
        self.u(1, 1).align()
        return self.bytes()

    def bytes(self) -> bytes:
        text = "".join(map(str, self.bits))
        return int(text, 2).to_bytes(len(text) // 8)


class Arithmetic:
    """The arithmetic coder (H.265, 9.3.4), as far as likely values and ends need it."""

    def __init__(self, bits: Bits) -> None:
        self.bits = bits
        self.begin()

    def begin(self) -> None:
        self.low, self.range, self.waiting, self.is_first = 0, 510, 0, True

    def likely(self, state: int) -> None:
        self.range -= LESS_LIKELY[state]
        self._renormalise()

    def last(self, *, is_last: bool) -> None:
        """Code a decision that may end the coder's work, and flush where it does."""
        self.range -= 2
        if not is_last:
            self._renormalise()
            return
        self.low += self.range
        self.range = 2
        self._renormalise()
        self._put(self.low >> 9 & 1)
        self.bits.u(2, self.low >> 7 & 3 | 1)

    def _renormalise(self) -> None:
        while self.range < 256:
            if self.low < 256:
                self._put(0)
            elif self.low >= 512:
                self.low -= 512
                self._put(1)
            else:
                self.low -= 256
                self.waiting += 1
            self.range <<= 1
            self.low <<= 1

    def _put(self, bit: int) -> None:
        if not self.is_first:
            self.bits.u(1, bit)
        self.is_first = False
        for _ in range(self.waiting):
            self.bits.u(1, 1 - bit)
        self.waiting = 0


def _unit(kind: int, payload: bytes) -> bytes:
    """Return a unit with its header; no three bytes in it look like a start code."""
    kept = bytearray()
    for byte in payload:
        if byte <= 3 and kept[-2:] == b"\0\0":
            kept.append(3)
        kept.append(byte)
    return bytes([kind << 1, 1]) + bytes(kept)


def _profile(bits: Bits) -> None:
    # Main profile, compatible with itself and the next; progressive frames; level 3.
    bits.u(8, 1).u(32, 0x60000000).u(4, 0b1001).u(44).u(8, 90)


def _parameters(width: int, height: int) -> dict[int, bytes]:
    video = Bits().u(4).u(2, 3).u(6).u(3).u(1, 1).u(16, 0xFFFF)
    _profile(video)
    video.u(1, 1).ue(0, 0, 0).u(6).ue(0).u(2)
    sequence = Bits().u(4).u(3).u(1, 1)
    _profile(sequence)
    # 4:2:0, eight bits, blocks of 32, and samples sent as they are in every one.
    sequence.ue(0, 1, width, height).u(1).ue(0, 0, 0).u(1, 1).ue(0, 0, 0)
    sequence.ue(2, 0, 0, 3, 0, 0).u(3).u(1, 1).u(4, 7).u(4, 7).ue(2, 0).u(1, 1)
    sequence.ue(0).u(5)
    # No filter over the edges of blocks.
    picture = Bits().ue(0, 0).u(7).ue(0, 0, 0).u(3).ue(0, 0).u(7).u(1, 1).u(1).u(1, 1)
    picture.u(2).ue(0).u(2)
    return {VPS: video.end(), SPS: sequence.end(), PPS: picture.end()}


def _slice(image: Image.Image) -> bytes:
    bits = Bits().u(1, 1).u(1).ue(0, INTRA, 0).u(1, 1).align()
    coder = Arithmetic(bits)
    luma, *chroma = image.convert("YCbCr").split()
    small = [plane.resize((image.width // 2, image.height // 2)) for plane in chroma]
    corners = [(x, y) for y in range(0, image.height, BLOCK) for x in range(0, image.width, BLOCK)]
    assert len(corners) <= MOST_BLOCKS
    for number, (x, y) in enumerate(corners):
        coder.likely(number)
        coder.last(is_last=True)
        bits.align()
        for sample in luma.crop((x, y, x + BLOCK, y + BLOCK)).tobytes():
            bits.u(8, sample)
        for plane in small:
            box = (x // 2, y // 2, x // 2 + CHROMA, y // 2 + CHROMA)
            for sample in plane.crop(box).tobytes():
                bits.u(8, sample)
        coder.begin()
        coder.last(is_last=number + 1 == len(corners))
    return bits.align().bytes()


def box(name: str, *parts: bytes, version: int | None = None) -> bytes:
    """Return a box of an ISO media file; with a version, a full one."""
    head = b"" if version is None else struct.pack(">I", version << 24)
    content = head + b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), name.encode()) + content


def _configuration(units: dict[int, bytes]) -> bytes:
    head = struct.pack(">BBI", 1, 1, 0x60000000) + b"\x90" + bytes(5) + bytes([90])
    head += b"\xf0\0\xfc\xfd\xf8\xf8\0\0\x0f" + bytes([len(units)])
    for kind, unit in units.items():
        head += struct.pack(">BHH", 0x80 | kind, 1, len(unit)) + unit
    return box("hvcC", head)


def _meta(properties: Iterable[bytes], lengths: tuple[int, int], offset: int) -> bytes:
    properties = list(properties)
    picture, exif = lengths
    items = [
        box("infe", struct.pack(">HH4s", number, 0, kind), b"\0", version=2)
        for number, kind in ((1, b"hvc1"), (2, b"Exif"))
    ]
    places = b"".join(
        struct.pack(">HHHII", number, 0, 1, start, length)
        for number, start, length in ((1, offset, picture), (2, offset + picture, exif))
    )
    used = struct.pack(">IHB", 1, 1, len(properties)) + bytes(range(1, len(properties) + 1))
    return box(
        "meta",
        box("hdlr", struct.pack(">I4s13x", 0, b"pict"), version=0),
        box("pitm", struct.pack(">H", 1), version=0),
        box("iloc", struct.pack(">BBH", 0x44, 0, 2), places, version=0),
        box("iinf", struct.pack(">H", 2), *items, version=0),
        box("iref", box("cdsc", struct.pack(">HHH", 2, 1, 1)), version=0),
        box("iprp", box("ipco", *properties), box("ipma", used, version=0)),
        version=0,
    )


def heic(image: Image.Image, exif: bytes, *, size: tuple[int, int] | None = None) -> bytes:
    """Return a HEIC file of an image whose edges are multiples of 32, at most twelve blocks.

    `exif` is the TIFF part alone; `size` is what the container claims.
    """
    units = {kind: _unit(kind, unit) for kind, unit in _parameters(*image.size).items()}
    coded = _unit(PICTURE, _slice(image))
    picture = struct.pack(">I", len(coded)) + coded
    notes = struct.pack(">I", 0) + exif
    properties = [
        _configuration(units),
        box("ispe", struct.pack(">II", *(size or image.size)), version=0),
        box("colr", b"nclx", struct.pack(">HHHB", 1, 13, 6, 0x80)),
    ]
    kind = box("ftyp", b"heic", bytes(4), b"mif1heic")
    lengths = (len(picture), len(notes))
    offset = len(kind) + len(_meta(properties, lengths, 0)) + 8
    return kind + _meta(properties, lengths, offset) + box("mdat", picture, notes)
