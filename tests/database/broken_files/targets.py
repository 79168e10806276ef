"""Sound files for what they are, but not for what they should become."""

from pathlib import Path

import shapely

from tests.database.broken_files.case import found, refused
from tests.database.broken_files.sound import POINT, collection, written
from tests.database.files import feature, geojson

LINE = shapely.LineString([(0, 0), (0.01, 0.01)])
EAST, WEST = shapely.box(0, 0, 0.01, 0.01), shapely.box(0.01, 0, 0.02, 0.01)


@refused(
    "There is no kind of area 'galaxy'. Choose one of: city, neighbourhood, park, ward, "
    "water, zone.",
    "import_areas",
    kind="galaxy",
)
def areas_of_a_kind_that_there_is_not(folder: Path) -> Path:
    return geojson(folder / "a.geojson", feature(EAST, name="a"))


@refused("a.geojson has no column 'NAME'. Its columns are: title.", "import_areas", name="NAME")
def areas_without_the_column_of_names(folder: Path) -> Path:
    return geojson(folder / "a.geojson", feature(EAST, title="a"))


@refused(
    "There is no area in this file. Its row 1, for example: it is a Point, not a "
    "Polygon. Check that it is the right one.",
    "import_areas",
)
def points_for_areas(folder: Path) -> Path:
    return written(folder, POINT)


@refused(
    "The code 'a' stands at more than one area (rows 1, 2); each needs its own. Choose "
    "another column as --code.",
    "import_areas",
    name="name",
)
def two_areas_of_one_code(folder: Path) -> Path:
    return geojson(folder / "a.geojson", feature(EAST, name="a"), feature(WEST, name="a"))


@refused(
    "The code 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'… has 5000 characters; at most "
    "80 can be kept. Choose another column, or shorten it.",
    "import_areas",
    name="name",
)
def an_area_whose_name_is_a_book(folder: Path) -> Path:
    return geojson(folder / "a.geojson", feature(EAST, name="x" * 5_000))


@found("row 2: it has no code", 1, "import_areas", name="name", code="code")
def an_area_without_a_code(folder: Path) -> Path:
    return geojson(
        folder / "a.geojson", feature(EAST, name="a", code="1"), feature(WEST, name="b", code=None)
    )


@found("No column for the name was given: 2 areas are numbered", 2, "import_areas")
def areas_without_names(folder: Path) -> Path:
    return written(folder, collection(EAST, WEST))


@refused(
    "a.geojson holds no rows. Check what was sent, or choose another layer.",
    "import_areas",
    name="name",
)
def areas_in_an_empty_file(folder: Path) -> Path:
    return written(folder, '{"type": "FeatureCollection", "features": []}')


@refused(
    "There is no street in this file. Its row 1, for example: it is a Point, not a "
    "LineString. Check that it is the right one.",
    "import_streets",
    name="name",
)
def points_for_streets(folder: Path) -> Path:
    return geojson(folder / "a.geojson", feature(shapely.Point(0, 0), name="a"))


@refused(
    "Streets have no 'speed'. They have: code, name, street_class, is_bridge, is_tunnel, "
    "level, is_oneway, speed_kmh, surface.",
    "import_streets",
    field=["speed=limit"],
)
def a_street_of_an_attribute_that_there_is_not(folder: Path) -> Path:
    return geojson(folder / "a.geojson", feature(LINE, limit=50))


@refused(
    "--field 'speed_kmh' is no pair. Write it as ours=theirs, such as code=OBJECTID.",
    "import_streets",
    field=["speed_kmh"],
)
def a_field_that_is_no_pair(folder: Path) -> Path:
    return geojson(folder / "a.geojson", feature(LINE, limit=50))


@refused(
    "The speed_kmh 'fast' in row 2 is no whole number from -32,767 to 32,767. Choose "
    "another column, or mend it.",
    "import_streets",
    field=["speed_kmh=limit"],
)
def a_speed_that_is_a_word(folder: Path) -> Path:
    return geojson(folder / "a.geojson", feature(LINE, limit=50), feature(LINE, limit="fast"))


@refused(
    "The speed_kmh '99999' in row 1 is no whole number from -32,767 to 32,767. Choose "
    "another column, or mend it.",
    "import_streets",
    field=["speed_kmh=limit"],
)
def a_speed_beyond_any(folder: Path) -> Path:
    return geojson(folder / "a.geojson", feature(LINE, limit=99_999))


@refused(
    "The level 'upper' in row 1 is no whole number from -32,767 to 32,767. Choose "
    "another column, or mend it.",
    "import_streets",
    field=["level=level"],
)
def a_level_that_is_no_number(folder: Path) -> Path:
    return geojson(folder / "a.geojson", feature(LINE, level="upper"))


@refused(
    "The code '7' stands at more than one hydrant (rows 1 and 2); each needs its own. "
    "Choose another column as --code.",
    "import_assets",
    code="code",
)
def two_hydrants_of_one_code(folder: Path) -> Path:
    return geojson(
        folder / "a.geojson",
        feature(shapely.Point(0, 0), code="7"),
        feature(shapely.Point(1, 1), code="7"),
    )


@refused(
    "There is no hydrant in this file. Its row 1, for example: it is a Polygon, not a "
    "Point. Check that it is the right one.",
    "import_assets",
)
def areas_for_hydrants(folder: Path) -> Path:
    return written(folder, collection(EAST))


@refused(
    "The kind 'Fire Hydrant!' is no name: give small letters, digits and hyphens, such "
    "as flood-plain.",
    "import_assets",
    kind="Fire Hydrant!",
)
def a_kind_that_is_no_name(folder: Path) -> Path:
    return written(folder, POINT)


@refused(
    "The kind 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'… has 300 characters; at most 40 "
    "can be kept. Shorten it.",
    "import_assets",
    kind="x" * 300,
)
def a_kind_that_is_a_book(folder: Path) -> Path:
    return written(folder, POINT)


@refused("a.geojson has no column 'street'. Its columns are: number.", "import_addresses")
def addresses_without_the_column_of_streets(folder: Path) -> Path:
    return written(folder, POINT)


@refused(
    "The residents 'many' in row 1 is no whole number from -2,147,483,647 to "
    "2,147,483,647. Choose another column, or mend it.",
    "import_addresses",
    residents="residents",
)
def residents_that_are_a_word(folder: Path) -> Path:
    return geojson(
        folder / "a.geojson", feature(shapely.Point(0, 0), street="Elm", number=7, residents="many")
    )


@refused(
    "There is no address in this file. Its row 1, for example: it is a Polygon, not a "
    "Point. Check that it is the right one.",
    "import_addresses",
)
def areas_for_addresses(folder: Path) -> Path:
    return geojson(folder / "a.geojson", feature(EAST, street="Elm", number=7))


@refused(
    "The slug '../it' is no name: give small letters, digits and hyphens, such as flood-plain.",
    slug="../it",
)
def a_slug_that_is_a_path(folder: Path) -> Path:
    return written(folder, POINT)


@refused(
    "The title 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'… has 400 characters; at most "
    "200 can be kept. Shorten it.",
    title="x" * 400,
)
def a_title_that_is_a_book(folder: Path) -> Path:
    return written(folder, POINT)


@refused(
    "The source 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'… has 400 characters; at most "
    "200 can be kept. Shorten it.",
    source="x" * 400,
)
def a_source_that_is_a_book(folder: Path) -> Path:
    return written(folder, POINT)


@refused(
    "The source 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'… has 400 characters; at most "
    "200 can be kept. Shorten it.",
    "import_areas",
    source="x" * 400,
)
def a_source_of_areas_that_is_a_book(folder: Path) -> Path:
    return written(folder, collection(EAST))


@refused("a.geojson has no column 'storeys'. Its columns are: number.", field=["floors=storeys"])
def a_column_for_a_layer_that_is_not_there(folder: Path) -> Path:
    return written(folder, POINT)
