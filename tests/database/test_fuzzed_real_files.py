"""Real cities' files, mutated at random and given to the documented commands.

Each is refused in one sentence, and nothing of it stays, or it comes in whole: the figures that
the command says add up and are those of the tables. Nothing may crash the process, in which GDAL,
osmium and pyarrow read these bytes.
"""

import gzip
import io
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import rasterio
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import override_settings
from hypothesis import event, given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from layers.models import Address, Area, Asset, Dataset, Raster, StreetSegment
from layers.rasters.storing import path_of
from reports.models import Report
from tests.database.real_pieces import MAPPINGS, PIECES, Piece
from tests.database.test_broken_files import everything_stored
from tests.database.test_fuzzed_files import CELLS, checked

pytestmark = [pytest.mark.django_db, pytest.mark.real_data]
QUICK, LONG = 5, 300
"""Examples of each piece in the run of every day, and in the long one."""
HEAD_BYTES = 600
GZIP = b"\x1f\x8b"
TOLD = re.compile(r"([\d,]+) [\w -]+ read: ([\d,]+)(?: [\w -]+)? in, ([\d,]+) left out")
REPORTS_TOLD = re.compile(
    r"([\d,]+) (rows read|accepted|were here already|were brought into step|rejected|not mapped)"
    r"(?=,|$)"
)
HAS_AREAS = re.compile(r"^\[area\]$.*", re.MULTILINE | re.DOTALL)


# ---- mutations ----


Mutation = Callable[[DataObject, bytes, bytes], bytes]
FEW_BYTES = st.binary(min_size=1, max_size=16)


def place(draw: DataObject, content: bytes) -> int:
    return draw.draw(st.integers(0, max(len(content) - 1, 0)))


def span(draw: DataObject, content: bytes) -> tuple[int, int]:
    begin = place(draw, content)
    return begin, begin + draw.draw(st.integers(1, 400))


def written(content: bytes, at: int, new: bytes) -> bytes:
    return content[:at] + new + content[at + len(new) :]


def flipped(draw: DataObject, content: bytes, _other: bytes) -> bytes:
    at, bit = place(draw, content), 1 << draw.draw(st.integers(0, 7))
    return written(content, at, bytes(byte ^ bit for byte in content[at : at + 1]))


def cut(draw: DataObject, content: bytes, _other: bytes) -> bytes:
    return content[: place(draw, content)]


def with_another_head(draw: DataObject, content: bytes, _other: bytes) -> bytes:
    return written(content, draw.draw(st.integers(0, HEAD_BYTES)), draw.draw(FEW_BYTES))


def with_another_tail(draw: DataObject, content: bytes, _other: bytes) -> bytes:
    at = max(len(content) - draw.draw(st.integers(1, HEAD_BYTES)), 0)
    return written(content, at, draw.draw(FEW_BYTES))


def emptied(draw: DataObject, content: bytes, _other: bytes) -> bytes:
    begin, end = span(draw, content)
    return written(content, begin, bytes(len(content[begin:end])))


def dropped(draw: DataObject, content: bytes, _other: bytes) -> bytes:
    begin, end = span(draw, content)
    return content[:begin] + content[end:]


def repeated(draw: DataObject, content: bytes, _other: bytes) -> bytes:
    begin, end = span(draw, content)
    return content[:end] + content[begin:end] * draw.draw(st.integers(1, 20)) + content[end:]


def turned(draw: DataObject, content: bytes, _other: bytes) -> bytes:
    """Return the end first, then the beginning."""
    at = place(draw, content)
    return content[at:] + content[:at]


def spliced(draw: DataObject, content: bytes, other: bytes) -> bytes:
    return content[: place(draw, content)] + other[place(draw, other) :]


def with_lines_moved(draw: DataObject, content: bytes, _other: bytes) -> bytes:
    """Return a text in which one line stands in another's place, or twice, or not at all."""
    lines = content.split(b"\n")
    number = st.integers(0, len(lines) - 1)
    taken, at = lines[draw.draw(number)], draw.draw(number)
    lines[at : at + draw.draw(st.integers(0, 1))] = [taken] * draw.draw(st.integers(0, 2))
    return b"\n".join(lines)


def with_an_odd_cell(draw: DataObject, content: bytes, _other: bytes) -> bytes:
    """Return a text in which one cell, or member of an object, says something odd."""
    cells = re.split(rb"([,:\n])", content)
    at = draw.draw(st.integers(0, len(cells) - 1))
    cells[at] = draw.draw(CELLS).encode("utf-8", "surrogatepass")
    return b"".join(cells)


def with_other_figures(draw: DataObject, content: bytes, _other: bytes) -> bytes:
    """Return a text that can still be read, and says something else."""
    places = [found.start() for found in re.finditer(rb"\d", content)]
    for _ in range(draw.draw(st.integers(1, 5)) if places else 0):
        at = draw.draw(st.sampled_from(places))
        content = written(content, at, draw.draw(st.sampled_from([b"0", b"9", b"-", b"."])))
    return content


def with_other_letters(draw: DataObject, content: bytes, _other: bytes) -> bytes:
    """Return a text in which a word is another wherever it stands, such as a column's name."""
    words = sorted(set(re.findall(rb"[A-Za-z]{3,12}", content[:20_000])))
    if not words:
        return content
    old, new = (draw.draw(st.sampled_from(words)) for _ in range(2))
    return content.replace(old, new)


MUTATIONS: tuple[Mutation, ...] = (
    flipped, cut, with_another_head, with_another_tail, emptied, dropped, repeated, turned,
    spliced, with_lines_moved, with_an_odd_cell, with_other_figures, with_other_letters,
)  # fmt: skip


def battered(draw: DataObject, content: bytes, other: bytes) -> bytes:
    """Return the bytes mutated once or twice; `other` is what may be spliced onto them."""
    for mutation in draw.draw(st.lists(st.sampled_from(MUTATIONS), min_size=1, max_size=2)):
        content = mutation(draw, content, other)
    return content


def mutate(draw: DataObject, path: Path, other: bytes) -> None:
    """Mutate a file; of a packed one, what is packed or what is inside."""
    content = path.read_bytes()
    if content.startswith(GZIP) and draw.draw(st.booleans()):
        unpacked = gzip.decompress(other) if other.startswith(GZIP) else other
        path.write_bytes(gzip.compress(battered(draw, gzip.decompress(content), unpacked)))
    else:
        path.write_bytes(battered(draw, content, other))


# ---- what must hold ----


@contextmanager
def example() -> Iterator[Path]:
    """Yield a folder; what is stored and written meanwhile goes again, and all else has gone."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        files, temporary = Path(name, "files"), Path(name, "temporary")
        files.mkdir()
        temporary.mkdir()
        patch.setattr(tempfile, "tempdir", str(temporary))
        with override_settings(STATE_DIR=Path(name, "state")), transaction.atomic():
            yield files
            transaction.set_rollback(True)
        assert list(temporary.iterdir()) == []


def options_of(piece: Piece, folder: Path) -> dict[str, Any]:
    if not piece.mapping:
        return dict(piece.options)
    mapping = folder / "mapping.toml"
    # Without the areas of the city, which are not there.
    mapping.write_text(HAS_AREAS.sub("", (MAPPINGS / piece.mapping).read_text()))
    return {"mapping": mapping}


def offer(piece: Piece, given: Path) -> str | None:
    """Give a file to its door: it is refused and leaves nothing, or comes in whole; why refused."""
    options = options_of(piece, given.parent)
    before, out = everything_stored(), io.StringIO()
    refusal = None
    try:
        call_command(piece.door, given, stdout=out, **options)
    except CommandError as error:
        refusal = str(error)
    if refusal is None:
        connection.check_constraints()
        CAME_IN[piece.door](out.getvalue())
        return None
    assert refusal.endswith(".")
    assert everything_stored() == before
    assert not [each for each in settings.STATE_DIR.rglob("*") if each.is_file()]
    return refusal


def number(text: str) -> int:
    return int(text.replace(",", ""))


def told(said: str) -> list[int]:
    """Return how many came in of each sort, after the figures of each were added up."""
    found = [tuple(map(number, figures)) for figures in TOLD.findall(said)]
    assert found
    assert all(read == accepted + left_out for read, accepted, left_out in found), said
    return [accepted for _, accepted, _ in found]


def layer_came_in(said: str) -> None:
    row = Dataset.objects.get(slug="it")
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM imported."{row.table_name}"')
        assert [row.feature_count] == told(said) == list(cursor.fetchone())


def areas_came_in(said: str) -> None:
    assert told(said) == [Area.objects.filter(kind="ward").count()]


def assets_came_in(said: str) -> None:
    assert told(said) == [Asset.objects.filter(kind="hydrant").count()]


def streets_came_in(said: str) -> None:
    # A street of several parts is as many stretches.
    assert told(said) <= [StreetSegment.objects.count()]


def addresses_came_in(said: str) -> None:
    assert told(said) == [Address.objects.count()]


def extract_came_in(said: str) -> None:
    points = Dataset.objects.filter(slug="osm-points").values_list("feature_count", flat=True)
    stored = [
        StreetSegment.objects.values("code").distinct().count(),
        Area.objects.count(),
        Address.objects.count(),
        *points,
        Asset.objects.count(),
    ]
    assert sorted(filter(None, told(said))) == sorted(filter(None, stored))


def raster_came_in(_said: str) -> None:
    raster = Raster.objects.get()
    with rasterio.open(path_of(raster)) as file:
        assert file.read().shape == (len(raster.bands), raster.height, raster.width)


def reports_came_in(said: str) -> None:
    lines = [REPORTS_TOLD.match(line) for line in said.splitlines()]
    figures = {found[2]: number(found[1]) for found in lines if found}
    read, accepted = figures.pop("rows read"), figures["accepted"]
    assert read == sum(figures.values())
    assert accepted == Report.objects.count()


def mapping_came_in(said: str) -> None:
    assert said.startswith("#")


CAME_IN = {
    "import_layer": layer_came_in,
    "import_areas": areas_came_in,
    "import_assets": assets_came_in,
    "import_streets": streets_came_in,
    "import_addresses": addresses_came_in,
    "import_osm": extract_came_in,
    "import_raster": raster_came_in,
    "import_reports": reports_came_in,
    "draft_mapping": mapping_came_in,
}


# ---- the tests ----


def fuzz(draw: DataObject, name: str, data: Path) -> None:
    piece = PIECES[name]
    other = PIECES[draw.draw(st.sampled_from(sorted(PIECES)))]
    with example() as folder:
        made = piece.write(data, folder)
        mutate(draw, draw.draw(st.sampled_from(made)), other.content(data))
        event("came in" if offer(piece, made[0]) is None else "refused")


@pytest.mark.parametrize("name", PIECES)
def test_the_piece_itself_comes_in(real_data, name):
    with example() as folder:
        assert offer(PIECES[name], PIECES[name].write(real_data, folder)[0]) is None


every = pytest.mark.parametrize("name", PIECES)


@every
@checked(QUICK, derandomize=True)
@given(draw=st.data())
def test_a_mutated_file_is_refused_or_comes_in_whole(real_data, name, draw):
    fuzz(draw, name, real_data)


@every
@pytest.mark.slow
@checked(LONG, derandomize=False)
@given(draw=st.data())
def test_many_mutated_files_are_refused_or_come_in_whole(real_data, name, draw):
    fuzz(draw, name, real_data)
