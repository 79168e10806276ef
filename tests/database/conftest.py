"""A small city for tests: two wards, two zones, three streets, and the people in it.

West ward and zone: longitude 0 to 0.01; east: 0.01 to 0.02; both latitude 0 to 0.01.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import geopandas as gpd
import pytest
import shapely
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from geo.accounts.models import Role, User
from geo.viewer import viewer_of
from layers.access import Viewer
from layers.importing.load import Provenance, load_areas, load_streets
from layers.models import Area, AreaKind, City
from reports.models import Category, Crew, Department, Family, Membership, PublicReport, Zone

SOURCE = Provenance("Test city", "CC0-1.0", "Test city makers")
WEST_POINT = (0.0051, 0.0052)
EAST_POINT = (0.0151, 0.0052)
LONG_AGO = datetime(2025, 1, 15, 12, 30, tzinfo=UTC)
"""Reports of then are shown to everybody, whatever batch their class waits for."""


def next_batch() -> None:
    """Let a month pass: show whatever waits for its batch."""
    begun = timezone.now()
    PublicReport.objects.exclude(public_from=None).update(public_from=begun)
    PublicReport.objects.exclude(later_from=None).update(later_from=begun)


def frame(**columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry="geometry", crs=4326)


@dataclass(frozen=True)
class SmallCity:
    west: Area
    east: Area
    zone_west: Zone
    zone_east: Zone


@pytest.fixture
def small_city(db) -> SmallCity:
    boxes = [shapely.box(0, 0, 0.01, 0.01), shapely.box(0.01, 0, 0.02, 0.01)]
    for kind in ("ward", "zone"):
        areas = frame(code=["west", "east"], name=[f"West {kind}", f"East {kind}"], geometry=boxes)
        load_areas(areas, AreaKind.objects.get(slug=kind), SOURCE)
    load_streets(
        frame(
            name=["Long Street", "West Lane", "East Lane"],
            street_class=["primary", "residential", "residential"],
            geometry=[
                shapely.LineString([(0, 0.005), (0.02, 0.005)]),
                shapely.LineString([(0.003, 0), (0.003, 0.005)]),
                shapely.LineString([(0.017, 0.005), (0.017, 0.01)]),
            ],
        ),
        SOURCE,
    )
    City.objects.filter(id=1).update(name="Testville", time_zone="Europe/Dublin")
    zones = []
    for side in ("west", "east"):
        zone = Zone.objects.create(name=f"Zone {side}")
        zone.areas.add(Area.objects.get(kind="zone", code=side))
        zones.append(zone)
    wards = {a.code: a for a in Area.objects.filter(kind="ward")}
    return SmallCity(wards["west"], wards["east"], *zones)


def make_crew(name: str, zone: Zone | None, family: str, *, desk: bool = False, clearance: int = 1):
    department, _ = Department.objects.get_or_create(name="Works")
    crew = Crew.objects.create(
        name=name, department=department, zone=zone, is_desk=desk, clearance=clearance
    )
    crew.categories.set(Category.objects.filter(family=family))
    return crew


PASSWORD = "correct horse battery"


@cache
def hashed_password() -> str:
    """Return what is stored of everybody's password; the real hash takes its time, so once."""
    return make_password(PASSWORD)


def make_member(email: str, *crews: Crew, roles: tuple[str, ...] = ()) -> User:
    user = User.objects.create(
        email=email, password=hashed_password(), name=email, roles=list(roles)
    )
    Membership.objects.bulk_create(Membership(user=user, crew=crew) for crew in crews)
    return user


@dataclass(frozen=True)
class People:
    """One user of each kind."""

    citizen: User
    roads_west: User
    roads_east: User
    crime_desk: User
    dispatcher: User
    planner: User
    administrator: User

    def viewer(self, name: str) -> Viewer:
        return viewer_of(getattr(self, name))


@pytest.fixture
def people(small_city: SmallCity) -> People:
    dispatch = make_crew("Dispatch", None, Family.ROADS, desk=True)
    return People(
        citizen=make_member("citizen@example.org"),
        roads_west=make_member(
            "roads-west@example.org", make_crew("Roads west", small_city.zone_west, Family.ROADS)
        ),
        roads_east=make_member(
            "roads-east@example.org", make_crew("Roads east", small_city.zone_east, Family.ROADS)
        ),
        crime_desk=make_member(
            "desk@example.org", make_crew("Crime desk", None, Family.CRIME, desk=True, clearance=3)
        ),
        dispatcher=make_member("dispatcher@example.org", dispatch, roles=(Role.DISPATCHER,)),
        planner=make_member("planner@example.org", roles=(Role.PLANNER,)),
        administrator=make_member("administrator@example.org", roles=(Role.ADMINISTRATOR,)),
    )
