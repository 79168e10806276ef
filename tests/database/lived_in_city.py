"""The small city with streets, homes and snap points, and one home at the end of a lane."""

from dataclasses import dataclass

import numpy as np
import pytest
import shapely

from layers.importing.load import Provenance, load_addresses, load_areas, load_streets
from layers.models import AreaKind
from reports import mask_versions
from reports.models import MaskVersion, SnapPoint
from tests.database.conftest import SOURCE, SmallCity, frame

HOME = (0.0151234, 0.0052345)
"""Nobody else lives at the lane that leads here; no snap point bears its name."""
LANE = "Hidden Lane"
STREETS = Provenance("Streets", "CC0-1.0", "Test city makers")
PARK = shapely.box(0.0101, 0.0001, 0.012, 0.0019)
STEP = 0.002


@dataclass(frozen=True)
class LivedInCity:
    """The wards and the snap points of the city, and where a home there is shown."""

    wards: SmallCity
    version: MaskVersion

    def shown(self, k: int, place: tuple[float, float] = HOME) -> tuple[float, float]:
        """Return the snap point that stands for a place."""
        at = f"SRID=4326;POINT({place[0]} {place[1]})"
        return SnapPoint.objects.get(version=self.version, k=k, catchment__covers=at).point.coords


def _streets() -> list[tuple[str, shapely.LineString]]:
    """Streets every 222 m both ways, each a segment between two crossings."""
    steps = np.arange(1, 10) * STEP
    along = [
        (f"Row {j}", shapely.LineString([(x, y), (x + STEP, y)]))
        for j, y in enumerate(steps[:4], start=1)
        for x in np.arange(0, 10) * STEP
    ]
    across = [
        (f"Avenue {i}", shapely.LineString([(x, y), (x, y + STEP)]))
        for i, x in enumerate(steps, start=1)
        for y in np.arange(0, 5) * STEP
    ]
    lane = (LANE, shapely.LineString([(HOME[0], HOME[1] - 0.0004), HOME]))
    return [*along, *across, lane]


def homes() -> np.ndarray:
    """Four homes along each street, 11 m from its middle, and the one at the lane."""
    lines = [line for name, line in _streets() if name != LANE]
    spots = [
        shapely.get_coordinates(line.offset_curve(0.0001).interpolate(share, normalized=True))[0]
        for line in lines
        for share in (0.2, 0.4, 0.6, 0.8)
    ]
    kept = [spot for spot in spots if not PARK.covers(shapely.Point(spot))]
    return np.array([*kept, HOME])


def load_homes(places: np.ndarray) -> None:
    load_addresses(
        frame(
            street_name=["Row"] * len(places),
            number=[str(i) for i in range(len(places))],
            geometry=list(shapely.points(places)),
        ),
        STREETS,
    )


@pytest.fixture
def lived_in(small_city: SmallCity) -> LivedInCity:
    names, lines = zip(*_streets(), strict=True)
    load_streets(
        frame(name=list(names), street_class=["residential"] * len(names), geometry=list(lines)),
        STREETS,
    )
    park = frame(code=["park"], name=["Mill Park"], geometry=[PARK])
    load_areas(park, AreaKind.objects.get(slug="park"), SOURCE)
    load_homes(homes())
    version = mask_versions.make_version().version
    assert version is not None
    return LivedInCity(small_city, version)
