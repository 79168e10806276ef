"""What becomes of a photo: pixels alone, upright, in sRGB; what its camera knew is told apart."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.TiffImagePlugin import IFDRational

from reports.decoding import jpeg
from reports.decoding.notes import notes_of
from reports.decoding.picture import develop
from tests import pictures

RED, BLUE, WHITE = (220, 20, 30), (20, 40, 200), (255, 255, 255)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def is_like(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= 12 for a, b in zip(pixel, colour, strict=True))


def markers(data: bytes) -> list[int]:
    """Return the markers of a JPEG, read by the book and without the code that is tested."""
    found, at = [], 2
    assert data[:2] == b"\xff\xd8"
    while True:
        assert data[at] == 0xFF
        marker = data[at + 1]
        found.append(marker)
        if marker == 0xD9:
            assert at + 2 == len(data)
            return found
        at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
        if marker == 0xDA:
            while data[at] != 0xFF or data[at + 1] == 0 or 0xD0 <= data[at + 1] <= 0xD7:
                at += 1


# ---- no metadata ----


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_not_a_byte_of_metadata_is_left(kind):
    sent = pictures.photo(kind)
    assert b"SecretCamera" in sent
    made = develop(sent)
    for answer in (made.large, made.small):
        assert set(markers(answer)) <= {0xE0, 0xDB, 0xC0, 0xC2, 0xC4, 0xDD, 0xDA, 0xD9}
        assert answer[2:4] == b"\xff\xe0"
        assert answer[4:11] == b"\0\x10JFIF\0"
        assert answer[18:20] == b"\0\0", "the header has a thumbnail"
        assert [trace for trace in pictures.TRACES if trace in answer] == []
        assert opened(answer).info.keys() <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
        } | {
            "progressive",
            "progression",
        }


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_what_the_camera_knew_is_told(kind):
    made = develop(pictures.photo(kind))
    assert made.place == pictures.PLACE
    assert made.taken == pictures.TAKEN


def test_the_check_of_what_comes_back_knows_metadata_when_it_sees_it():
    bare = develop(pictures.photo()).large
    assert jpeg.is_bare(bare)
    comment = b"\xff\xfe\0\x08secret"
    for spoilt in (
        pictures.photo(),
        bare + b"\0",
        bare[:-2],
        bare[:2] + comment + bare[2:],
        bare[:-2] + comment + b"\xff\xd9",
        pictures.photo("png"),
        b"",
    ):
        assert not jpeg.is_bare(spoilt)


# ---- pixels ----


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_the_picture_is_the_same(kind):
    image = opened(develop(pictures.photo(kind)).large)
    assert image.size == (128, 96)
    corners = [image.getpixel(at) for at in ((5, 5), (120, 90), (40, 60))]
    assert all(map(is_like, corners, (RED, BLUE, WHITE)))


@pytest.mark.parametrize(
    ("orientation", "red"),
    list(enumerate([(0, 0), (1, 0), (1, 1), (0, 1)] * 2, start=1)),
)
def test_a_photo_is_upright_whichever_way_the_camera_was_held(orientation, red):
    image = opened(develop(pictures.photo(exif=pictures.exif(orientation))).large)
    assert (image.width > image.height) == (orientation < 5)
    x, y = red[0] * (image.width - 11) + 5, red[1] * (image.height - 11) + 5
    assert is_like(image.getpixel((x, y)), RED)


def test_long_edges_are_cut_to_size_and_small_ones_are_not_stretched():
    made = develop(pictures.photo(image=pictures.scene(2000, 500)))
    assert (made.width, made.height) == opened(made.large).size == (1600, 400)
    assert opened(made.small).size == (320, 80)
    tiny = develop(pictures.photo(image=pictures.scene(20, 10)))
    assert opened(tiny.large).size == opened(tiny.small).size == (20, 10)
    thread = develop(pictures.photo("png", Image.new("L", (4000, 1))))
    assert opened(thread.small).size == (320, 1)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image.new("RGBA", (40, 40), (0, 0, 0, 0)), WHITE),
        (Image.new("RGBA", (40, 40), (220, 20, 30, 255)), RED),
        (Image.new("LA", (40, 40), (0, 0)), WHITE),
        (Image.new("1", (40, 40), 1), WHITE),
        (Image.new("L", (40, 40), 100), (100, 100, 100)),
        (Image.new("I;16", (40, 40), 100 << 8), (100, 100, 100)),
        (Image.new("RGB", (40, 40), RED).quantize(4), RED),
    ],
    ids=lambda given: given.mode if isinstance(given, Image.Image) else "",
)
def test_every_kind_of_pixel_becomes_the_colour_that_is_seen(image, expected):
    made = develop(pictures.photo("png", image, icc_profile=None))
    assert is_like(opened(made.large).getpixel((20, 20)), expected)


def test_a_see_through_palette_lies_on_white():
    image = Image.new("P", (40, 40), 1)
    image.putpalette([0, 0, 0, 220, 20, 30])
    made = develop(pictures.photo("png", image, transparency=1, icc_profile=None))
    assert is_like(opened(made.large).getpixel((20, 20)), WHITE)


def test_a_print_shops_colours_are_read():
    made = develop(
        pictures.photo(image=Image.new("CMYK", (40, 40), (0, 255, 255, 0)), icc_profile=None)
    )
    assert is_like(opened(made.large).getpixel((20, 20)), (255, 0, 0))


def test_of_an_animation_the_first_frame_is_kept():
    frames = [Image.new("RGB", (40, 40), colour) for colour in (RED, BLUE)]
    sent = pictures.photo("webp", frames[0], save_all=True, append_images=frames[1:])
    assert is_like(opened(develop(sent).large).getpixel((20, 20)), RED)


def exchanged_primaries() -> bytes:
    """Return the profile of a device whose red is blue: sRGB with two columns exchanged."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_the_profile_is_applied_before_it_is_dropped(kind):
    image = Image.new("RGB", (40, 40), (220, 20, 30))
    made = develop(pictures.photo(kind, image, icc_profile=exchanged_primaries()))
    assert is_like(opened(made.large).getpixel((20, 20)), (30, 20, 220))


def test_a_broken_profile_spoils_no_photo():
    made = develop(pictures.photo(icc_profile=b"no profile at all"))
    assert is_like(opened(made.large).getpixel((5, 5)), RED)


# ---- place and time ----

NORTH, WEST = {1: "N", 2: (42.0, 21.0, 30.5)}, {3: "W", 4: (71.0, 3.0, 12.25)}


@pytest.mark.parametrize(
    ("gps", "expected"),
    [
        (NORTH | WEST, pictures.PLACE),
        ({1: "S", 2: (42.5, 0, 0), 3: "E", 4: (71.0, 30.0, 0)}, (71.5, -42.5)),
        ({1: "n", 2: (42.5,), 3: "e ", 4: (71.0, 30.0)}, (71.5, 42.5)),
        (NORTH | {3: "W", 4: (71.0, 3.0, IFDRational(1, 0))}, None),
        (NORTH | {3: "W", 4: (IFDRational(0, 0), 3.0, 1.0)}, None),
        (NORTH, None),
        (NORTH | {4: (71.0, 3.0, 12.25)}, None),
        (NORTH | {3: "Q", 4: (71.0, 3.0, 12.25)}, None),
        (NORTH | {3: "W", 4: (271.0, 3.0, 12.25)}, None),
        ({1: "N", 2: (91.0, 0, 0)} | WEST, None),
        ({1: "N", 2: (0, 0, 0), 3: "E", 4: (0, 0, 0)}, None),
        ({}, None),
    ],
)
def test_a_place_is_told_where_the_camera_had_one(gps, expected):
    assert develop(pictures.photo(exif=pictures.exif(gps=gps))).place == expected


@pytest.mark.parametrize(
    ("clock", "offset", "expected"),
    [
        ("2026:05:04 03:02:01", "-04:00", pictures.TAKEN),
        ("2026:05:04 03:02:01", "", "2026-05-04T03:02:01"),
        ("2026:05:04 03:02:01", "local", "2026-05-04T03:02:01"),
        ("0000:00:00 00:00:00", "", None),
        ("    :  :     :  :  ", "", None),
        ("yesterday", "", None),
    ],
)
def test_a_time_is_told_where_the_clock_was_set(clock, offset, expected):
    made = pictures.exif()
    made.get_ifd(0x8769).update({0x9003: clock, 0x9011: offset})
    assert develop(pictures.photo(exif=made)).taken == expected


anything = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.text(max_size=4),
    st.binary(max_size=4),
    st.builds(IFDRational, st.integers(-9, 999), st.integers(0, 9)),
)
parts = st.one_of(anything, st.lists(anything, max_size=4).map(tuple))


@given(st.dictionaries(st.integers(0, 6), parts))
def test_whatever_a_camera_writes_a_place_lies_on_earth(gps):
    image = Image.new("RGB", (1, 1))
    image.getexif().get_ifd(0x8825).update(gps)
    place = notes_of(image).place
    if place is not None:
        lon, lat = place
        assert -180 <= lon <= 180
        assert -90 <= lat <= 90


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_broken_notes_spoil_no_photo():
    sent = pictures.photo(exif=b"Exif\0\0MM\0*\0\0\xff\xff garbage")
    made = develop(sent)
    assert (made.place, made.taken) == (None, None)
    assert is_like(opened(made.large).getpixel((5, 5)), RED)


def test_text_that_unpacks_to_gigabytes_is_not_unpacked():
    packed = zlib.compress(bytes(50_000_000))
    sent = pictures.photo("png", icc_profile=None)
    bomb = pictures.chunk(b"zTXt", b"Comment\0\0" + packed)
    with pytest.raises(ValueError, match="too large"):
        develop(sent[:33] + bomb + sent[33:])
