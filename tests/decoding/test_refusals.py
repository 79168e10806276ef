"""Files that are no photo, or more than one thing: each is refused by its name."""

import io
import zipfile

import pytest
from PIL import Image

from reports.decoding.picture import develop
from reports.decoding.refusal import Refusal
from tests import pictures
from tests.heic import box

SCRIPT = b"<html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def saved(kind: str) -> bytes:
    written = io.BytesIO()
    pictures.scene().save(written, kind)
    return written.getvalue()


def archive() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        made.writestr("program.js", "alert(1)")
    return written.getvalue()


def refusal(data: bytes) -> tuple[str, dict[str, str | int]]:
    with pytest.raises(Refusal) as refused:
        develop(data)
    return refused.value.reason, refused.value.facts


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_a_picture_of_30000_by_30000_is_refused_before_it_is_decoded(kind):
    edge = 16_000 if kind == "webp" else 30_000
    assert refusal(pictures.huge(kind)) == ("too_many_pixels", {"width": edge, "height": edge})


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (SVG, "svg"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- drawn -->\n" + SVG, "svg"),
        (SCRIPT, "web_page"),
        (b"  <!DOCTYPE html>" + SCRIPT, "web_page"),
        (saved("GIF"), "gif"),
        (saved("TIFF"), "tiff"),
        (saved("BMP"), "bmp"),
        (saved("ICO"), "icon"),
        (saved("AVIF"), "avif"),
        (saved("JPEG2000"), "jpeg_2000"),
        (b"\xff\x0a" + bytes(40), "jpeg_xl"),
        (saved("PDF"), "pdf"),
        (b"8BPS\0\1", "photoshop"),
        (archive(), "archive"),
        (box("ftyp", b"isom", bytes(4), b"isommp42") + box("moov", bytes(9)), "video"),
        (b"\x7fELF\x02\x01\x01", "unknown"),
        (b"words and nothing else", "unknown"),
        (b"\xff\xd8", "unknown"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_is_no_photo_is_refused_by_its_name(data, name):
    assert refusal(data) == ("wrong_format", {"format": name})


def test_an_empty_file_is_refused():
    assert refusal(b"") == ("empty", {})


@pytest.mark.parametrize("kind", pictures.FORMATS)
@pytest.mark.parametrize("share", [0.3, 0.7, 0.999])
def test_a_photo_that_breaks_off_is_refused(kind, share):
    sent = pictures.photo(kind)
    assert refusal(sent[: int(len(sent) * share)]) == ("truncated", {})


@pytest.mark.parametrize("kind", pictures.FORMATS)
@pytest.mark.parametrize(
    ("second", "name"),
    [(SCRIPT, "web_page"), (SVG, "svg"), (archive(), "archive"), (saved("PDF"), "pdf")],
    ids=["web_page", "svg", "archive", "pdf"],
)
def test_a_second_file_behind_the_picture_is_refused(kind, second, name):
    assert refusal(pictures.photo(kind) + second) == ("second_file", {"format": name})


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (pictures.photo(comment=b"<?php system($_GET['c']); ?>"), "program"),
        (pictures.photo(comment=SCRIPT), "web_page"),
        (
            pictures.photo("png")[:33]
            + pictures.chunk(b"tEXt", b"Comment\0" + SCRIPT)
            + pictures.photo("png")[33:],
            "web_page",
        ),
        (pictures.photo("webp", xmp=SVG), "svg"),
    ],
)
def test_a_second_file_within_the_metadata_is_refused(sent, name):
    assert refusal(sent) == ("second_file", {"format": name})


@pytest.mark.parametrize(
    "behind",
    [
        bytes(4096),
        pictures.photo(image=Image.new("L", (32, 32))),
        box("ftyp", b"mp42", bytes(4), b"isommp42") + box("mdat", bytes(range(256)) * 40),
        b"SEFHe\0\0\0SEFT",
    ],
    ids=["padding", "second exposure", "moving picture", "a maker's notes"],
)
def test_what_cameras_append_is_taken_and_dropped(behind):
    made = develop(pictures.photo() + behind)
    assert made.place == pictures.PLACE
    assert made.large == develop(pictures.photo()).large
