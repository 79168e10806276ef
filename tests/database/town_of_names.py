"""A made-up town whose names are hard to type, for the search for places.

West: longitude 0 to 0.02; East: 0.02 to 0.04; both latitude 0 to 0.02 (0.001 degrees are 111 m).
"""

import pytest
import shapely

from layers.importing.load import Provenance, load_addresses, load_areas, load_assets, load_streets
from layers.models import AreaKind, AssetKind, City
from tests.database.conftest import frame

SOURCE = Provenance("Town of names")
MILL_AT_HIGH = (0.006, 0.002)

STREETS = {
    "Mill Lane": [(0.002, 0.002), (0.010, 0.002)],
    "High Street": [(0.006, 0.0), (0.006, 0.012)],
    "Park Street": [(0.002, 0.010), (0.006, 0.010)],
    "PARK STREET": [(0.030, 0.010), (0.036, 0.010)],
    "Zürichstraße": [(0.012, 0.004), (0.018, 0.004)],
    "Rua São João": [(0.022, 0.004), (0.028, 0.004)],
    "O’Brien’s Road": [(0.022, 0.006), (0.028, 0.006)],
    "100% Way_North": [(0.022, 0.008), (0.028, 0.008)],
    "רחוב הרצל": [(0.022, 0.012), (0.028, 0.012)],
}
ADDRESSES = {
    "12": (0.0040, 0.0021),
    "12a": (0.0042, 0.0021),
    "14": (0.0044, 0.0021),
    "120": (0.0098, 0.0021),
}


@pytest.fixture
def town(db) -> None:
    boxes = [shapely.box(0, 0, 0.02, 0.02), shapely.box(0.02, 0, 0.04, 0.02)]
    wards = frame(code=["w", "e"], name=["Westside", "Eastside"], geometry=boxes)
    load_areas(wards, AreaKind.objects.get(slug="ward"), SOURCE)
    City.objects.filter(id=1).update(name="Namely")
    lines = [*map(shapely.LineString, STREETS.values())]
    bridge = shapely.LineString([(0.008, 0.0), (0.008, 0.006)])
    load_streets(
        frame(
            name=[*STREETS, "Station Road"],
            level=[0] * len(lines) + [1],
            geometry=[*lines, bridge],
        ),
        SOURCE,
    )
    load_addresses(
        frame(
            street_name=["Mill Lane"] * len(ADDRESSES),
            number=list(ADDRESSES),
            geometry=[*map(shapely.Point, ADDRESSES.values())],
        ),
        SOURCE,
    )
    load_assets(
        frame(code=["H-0012", "H-0019"], geometry=[shapely.Point(0.004, 0.002)] * 2),
        AssetKind(slug="hydrant", title="Hydrant", title_plural="Hydrants"),
        SOURCE,
    )
