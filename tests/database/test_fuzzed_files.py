"""Sound files, mutated at random: a door refuses in the family of errors, and then no row stays.

Nothing here may crash the process either: GDAL, osmium and pyarrow read these bytes in it.
"""

import gzip
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from layers.errors import CivicError
from layers.importing.importers import import_areas, import_layer
from layers.importing.inspection import inspect
from layers.importing.load import Provenance
from layers.importing.osm.extract import extracted
from layers.importing.reading import Options
from layers.importing.targets import AreasTarget, LayerTarget
from layers.rasters.inspecting import inspect as inspect_raster
from reports.importing.mapping import parse_mapping
from reports.importing.run import import_reports
from tests.database.broken_files.osm import extract
from tests.database.broken_files.rasters import raster
from tests.database.broken_files.reports import HEADER, MAPPING, ROW
from tests.database.broken_files.sound import points, saved, shapefile
from tests.database.test_broken_files import everything_stored

pytestmark = pytest.mark.django_db
FORMATS = (
    "a.geojson", "a.geojson.gz", "a.geojsonl", "a.gpkg", "a.fgb", "a.shp", "a.kml", "a.gml",
    "a.parquet", "a.csv", "a.tab",
)  # fmt: skip
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".tab", ".dat", ".map", ".id")
TERMS = Provenance("Fuzzer")
OPTIONS = Options(srid=4326)
QUICK, LONG = 8, 300
"""Examples of each format in the run of every day, and in the long one."""


def quick(test: Any) -> Any:
    return checked(QUICK, derandomize=True)(test)


def long(test: Any) -> Any:
    return pytest.mark.slow(checked(LONG, derandomize=False)(test))


def checked(examples: int, *, derandomize: bool) -> settings:
    """Return how a test is run on so many examples."""
    # The database is looked at before and after each example, so the fixture may stay.
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=derandomize,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],  # Making an example small takes minutes.
        report_multiple_bugs=False,
    )


def sound(folder: Path, name: str) -> Path:
    """Write a small file without a fault."""
    path = folder / name
    match name:
        case "a.geojson":
            path.write_bytes(points(4))
        case "a.geojson.gz":
            path.write_bytes(gzip.compress(points(4)))
        case "a.geojsonl":
            features = json.loads(points(4))["features"]
            path.write_text("\n".join(map(json.dumps, features)))
        case "a.csv":
            path.write_text("lon,lat,name,day\n1,2,a,2020-01-02\n1.5,2.5,b,2020-01-03\n")
        case "a.shp":
            shapefile(folder)
        case "a.kml":
            saved(path, driver="LIBKML")
        case "a.tab":
            saved(path, driver="MapInfo File")
        case _:
            saved(path)
    return path


BYTES = st.one_of(
    st.binary(min_size=1, max_size=8),
    st.sampled_from(
        [b"\x00" * 8, b"\xff" * 8, b"\x7f\xff\xff\xff", b'"', b"\n", b"[", b"]}", b","]
    ),
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["Point", "Feature", "EPSG:2249", "\x00", 1e308, 2**70, -1]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "inf", "nan", "1e999", "-", '"', "1,5", "0x10", "2020-02-31", "9" * 30]),
)


def mutated(draw: DataObject, content: bytes) -> bytes:
    """Return the bytes with a few of them flipped, cut, doubled or replaced."""
    made = bytearray(content)
    for _ in range(draw.draw(st.integers(1, 4))):
        at = draw.draw(st.integers(0, max(len(made) - 1, 0)))
        match draw.draw(st.sampled_from(["flip", "cut", "insert", "replace", "double"])):
            case "flip" if made:
                made[at] ^= 1 << draw.draw(st.integers(0, 7))
            case "cut":
                del made[at:]
            case "insert":
                made[at:at] = draw.draw(BYTES)
            case "double":
                made[at:at] = made[at : at + draw.draw(st.integers(1, 200))]
            case _:
                new = draw.draw(BYTES)
                made[at : at + len(new)] = new
    return bytes(made)


def grafted(draw: DataObject, value: Any) -> Any:
    """Return a JSON value in which one branch is another."""
    if draw.draw(st.integers(0, 3)) == 0 or not value or not isinstance(value, dict | list):
        return draw.draw(JSON)
    if isinstance(value, dict):
        name = draw.draw(st.sampled_from(sorted(value)))
        return value | {name: grafted(draw, value[name])}
    place = draw.draw(st.integers(0, len(value) - 1))
    return [*value[:place], grafted(draw, value[place]), *value[place + 1 :]]


def offer(path: Path) -> None:
    """Give a file to the doors of places; whatever is refused must leave no row."""
    for door in (
        lambda: inspect(path, OPTIONS),
        lambda: import_layer(path, LayerTarget("it", "It"), OPTIONS, TERMS),
        lambda: import_areas(path, AreasTarget("ward"), OPTIONS, TERMS),
    ):
        _offered(door)


def _offered(door: Any) -> None:
    before = everything_stored()
    refusal = None
    try:
        door()
    except CivicError as error:
        refusal = error.message
    assert refusal is None or (refusal.endswith(".") and everything_stored() == before)


def fuzz_bytes(draw: DataObject, name: str) -> None:
    with TemporaryDirectory() as folder:
        path = sound(Path(folder), name)
        parts = sorted(p for p in path.parent.iterdir() if p.suffix in PARTS) or [path]
        part = draw.draw(st.sampled_from(parts))
        part.write_bytes(mutated(draw, part.read_bytes()))
        offer(path)


def fuzz_json(draw: DataObject, _name: str = "") -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.geojson"
        path.write_text(json.dumps(grafted(draw, json.loads(points(3)))))
        offer(path)


def fuzz_cells(draw: DataObject, _name: str = "") -> None:
    rows = draw.draw(st.lists(st.lists(CELLS, min_size=3, max_size=4), min_size=1, max_size=4))
    text = "\n".join(["lon,lat,name", "1,2,a", *(",".join(row) for row in rows)])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        offer(path)


REPORTS = parse_mapping(MAPPING)


def fuzz_reports(draw: DataObject, _name: str = "") -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "r.csv"
        if draw.draw(st.booleans()):
            path.write_bytes(mutated(draw, (HEADER + ROW * 3).encode()))
        else:
            cells = ROW.strip().split(",")
            cells[draw.draw(st.integers(0, len(cells) - 1))] = draw.draw(CELLS)
            path.write_text(HEADER + ROW + ",".join(cells) + "\n", "utf-8", "surrogatepass")
        _offered(lambda: import_reports([path], REPORTS))


def fuzz_report_records(draw: DataObject, _name: str = "") -> None:
    record = dict(zip(HEADER.strip().split(","), ROW.strip().split(","), strict=True))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "r.json"
        path.write_text(json.dumps(grafted(draw, [record, record | {"id": "2"}])))
        _offered(lambda: import_reports([path], REPORTS))


def fuzz_extract(draw: DataObject, _name: str = "") -> None:
    def read() -> None:
        with extracted(path, {}, lambda _share, _what: None):
            pass

    with TemporaryDirectory() as folder:
        path = extract(Path(folder), ways=5)
        path.write_bytes(mutated(draw, path.read_bytes()))
        _offered(read)


def fuzz_raster(draw: DataObject, _name: str = "") -> None:
    with TemporaryDirectory() as folder:
        path = raster(Path(folder))
        path.write_bytes(mutated(draw, path.read_bytes()))
        _offered(lambda: inspect_raster(path))


KINDS = [(fuzz_bytes, name) for name in FORMATS] + [
    (fuzz, fuzz.__name__)
    for fuzz in (
        fuzz_json, fuzz_cells, fuzz_reports, fuzz_report_records, fuzz_extract, fuzz_raster,
    )
]  # fmt: skip
every = pytest.mark.parametrize(("fuzz", "name"), KINDS, ids=[name for _, name in KINDS])


@every
@quick
@given(draw=st.data())
def test_a_mutated_file_is_refused_or_read(fuzz, name, draw):
    fuzz(draw, name)


@every
@long
@given(draw=st.data())
def test_many_mutated_files_are_refused_or_read(fuzz, name, draw):
    fuzz(draw, name)
