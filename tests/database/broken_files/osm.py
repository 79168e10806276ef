"""Extracts of OpenStreetMap that are none, or half of one."""

from pathlib import Path

from tests.database.broken_files.case import refused
from tests.database.broken_files.sound import POINT, written
from tests.database.osm_files import OsmFile


def extract(folder: Path, ways: int = 200) -> Path:
    """Write a sound extract."""
    made = OsmFile()
    for number in range(ways):
        made.way((0.0001 * number, 0.0), (0.0001 * number, 0.01), highway="primary", name="Elm")
    return made.write(folder / "a.osm.pbf")


@refused(
    "a.osm.pbf is no .osm.pbf file: it does not begin as one. Check the download.", "import_osm"
)
def a_geojson_called_an_extract(folder: Path) -> Path:
    return written(folder, POINT, "a.osm.pbf")


@refused(
    "{folder}/a.osm.pbf could not be opened: No such file or directory. Check the path.",
    "import_osm",
)
def an_extract_that_is_not_there(folder: Path) -> Path:
    return folder / "a.osm.pbf"


@refused("{folder} is a folder, a pipe or a device, not a file. Check the path.", "import_osm")
def an_extract_that_is_a_folder(folder: Path) -> Path:
    return folder


@refused("a.osm.pbf is damaged (PBF error: unexpected EOF). Fetch it again.", "import_osm")
def an_extract_cut_short(folder: Path) -> Path:
    path = extract(folder)
    path.write_bytes(path.read_bytes()[:-50])
    return path


@refused("a.osm.pbf is damaged (PBF error: unexpected EOF). Fetch it again.", "import_osm")
def an_extract_of_its_head_alone(folder: Path) -> Path:
    path = extract(folder)
    path.write_bytes(path.read_bytes()[:20])
    return path


@refused(
    "a.osm.pbf is damaged (failed to uncompress data: data error). Fetch it again.", "import_osm"
)
def an_extract_with_a_flipped_bit(folder: Path) -> Path:
    path = extract(folder)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x55
    path.write_bytes(content)
    return path


@refused(
    "a.osm.pbf is no .osm.pbf file: it does not begin as one. Check the download.", "import_osm"
)
def an_empty_extract(folder: Path) -> Path:
    return written(folder, "", "a.osm.pbf")


@refused(
    "'nine=ward' is no level with its kind. Give for example 9=ward.",
    "import_osm",
    level=["nine=ward"],
)
def a_level_of_areas_that_is_a_word(folder: Path) -> Path:
    return extract(folder)


@refused("a.osm.pbf is OpenStreetMap data, which import_osm brings in.")
def an_extract_given_to_the_wrong_door(folder: Path) -> Path:
    return extract(folder)


@refused("a.osm is OpenStreetMap XML. Fetch it as .osm.pbf, which import_osm brings in.")
def openstreetmap_in_xml(folder: Path) -> Path:
    return written(folder, '<osm version="0.6"><node id="1" lat="1" lon="2"/></osm>', "a.osm")
