"""The demo: an invented city, its crews, its reports and five people to sign in as."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import geopandas as gpd
import shapely
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from fixtures.city import Area, Asset, DemoCity, Ground, Report, make_city, truth_document
from fixtures.city.make import REPORTS
from fixtures.city.plan import read_plan
from geo.accounts.models import Role, User
from layers.errors import NotAllowed
from layers.importing import load
from layers.models import Area as StoredArea
from layers.models import AreaKind, AssetKind, City
from reports import intake
from reports.mask_versions import make_version
from reports.models import Category, Crew, Department, Family, Membership, Sensitivity, Zone
from reports.workflow import State

SOURCE = load.Provenance("Demo city", "CC0-1.0", "Invented demo data")
ASSET_KINDS = (AssetKind(slug="hydrant", title="Hydrant", title_plural="Hydrants"),)
BATCH = 1000
ACCOUNTS_FILE = "demo_accounts.json"
TRUTHS_FILE = "demo_truths.json"


@dataclass(frozen=True)
class Account:
    """Somebody to sign in as; the password is random and stands in the state folder alone."""

    role: str
    email: str
    password: str


def load_demo(city: DemoCity | None = None) -> int:
    """Load a demo city once; return how many reports it brought (0 where there is a city).

    Without one it is the usual one. What is planted in it is written to a file in the state folder.

    Raises
    ------
    NotAllowed
        In production.
    """
    if settings.IS_PRODUCTION:
        message = (
            "The demo city is for trying things out. CIVICGRID_URL is https, so it stays away."
        )
        raise NotAllowed(message)
    if City.objects.get(id=1).is_demo or StoredArea.objects.exists():
        return 0
    city = city or usual_city()
    with transaction.atomic():
        City.objects.filter(id=1).update(
            name=city.name,
            time_zone=city.time_zone,
            metric_srid=city.metric_epsg,
            ward_kind="ward",
            is_demo=True,
        )
        _load_places(city)
        make_version()
        _make_crews(city)
        accounts = _make_accounts()
        _load_reports(city)
        _write(accounts)
        (settings.STATE_DIR / TRUTHS_FILE).write_text(truth_document(city))
    return len(city.reports)


def usual_city(reports: int = REPORTS) -> DemoCity:
    """Make the city that the demo shows: its two years of reports end yesterday."""
    today = timezone.localdate(timezone=ZoneInfo(read_plan().time_zone))
    return make_city(reports=reports, last_day=today - timedelta(days=1))


def _frame(**columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry="geometry", crs=4326)


def _areas(areas: tuple[Area, ...] | tuple[Ground, ...]) -> gpd.GeoDataFrame:
    return _frame(
        code=[getattr(a, "code", str(i)) for i, a in enumerate(areas, start=1)],
        name=[a.name for a in areas],
        geometry=[a.polygon for a in areas],
    )


def _load_places(city: DemoCity) -> None:
    stored = {kind.slug: kind for kind in AreaKind.objects.all()}
    load.load_areas(_areas((city.boundary,)), stored["city"], SOURCE)
    load.load_areas(_areas(city.wards), stored["ward"], SOURCE)
    load.load_areas(_areas(city.neighbourhoods), stored["neighbourhood"], SOURCE)
    load.load_areas(_areas(city.zones), stored["zone"], SOURCE)
    load.load_areas(_areas(city.water), stored["water"], SOURCE)
    load.load_areas(_areas(city.parks), stored["park"], SOURCE)
    load.load_streets(
        _frame(
            code=[s.code for s in city.streets],
            name=[s.name for s in city.streets],
            street_class=[s.highway for s in city.streets],
            is_bridge=[s.bridge for s in city.streets],
            level=[s.level for s in city.streets],
            geometry=[s.line for s in city.streets],
        ),
        SOURCE,
    )
    load.load_addresses(
        _frame(
            street_name=[a.street for a in city.addresses],
            number=[a.number for a in city.addresses],
            geometry=list(shapely.points([(a.lon, a.lat) for a in city.addresses])),
        ),
        SOURCE,
    )
    for kind in ASSET_KINDS:
        _load_assets([asset for asset in city.assets if asset.kind == kind.slug], kind)


def _load_assets(assets: list[Asset], kind: AssetKind) -> None:
    load.load_assets(
        _frame(
            code=[a.code for a in assets],
            name=[a.name for a in assets],
            geometry=list(shapely.points([(a.lon, a.lat) for a in assets])),
        ),
        kind,
        SOURCE,
    )


FIELD_FAMILIES = (Family.ROADS, Family.WATER, Family.WASTE, Family.OTHER)


def _make_crews(city: DemoCity) -> None:
    """Make a crew for each field family and zone, a desk for crime, and a dispatch desk."""
    field = Department.objects.create(name="Public works")
    safety = Department.objects.create(name="Community safety")
    zones = []
    for area in city.zones:
        zone = Zone.objects.create(name=area.name)
        zone.areas.add(StoredArea.objects.get(kind="zone", code=area.code))
        zones.append(zone)
    for zone in zones:
        for family in FIELD_FAMILIES:
            crew = Crew.objects.create(
                name=f"{family.label}, {zone.name}", department=field, zone=zone
            )
            crew.categories.set(Category.objects.filter(family=family))
    desk = Crew.objects.create(
        name="Safety desk", department=safety, is_desk=True, clearance=Sensitivity.VICTIM
    )
    desk.categories.set(Category.objects.filter(family=Family.CRIME))
    dispatch = Crew.objects.create(name="Dispatch desk", department=field, is_desk=True)
    dispatch.categories.set(Category.objects.exclude(family=Family.CRIME))


def _make_accounts() -> list[Account]:
    """Make one person of each kind, with a password of their own."""
    roads_crew = Crew.objects.filter(name__startswith=str(Family.ROADS.label)).order_by("pk")[0]
    people: dict[str, tuple[list[str], list[Crew]]] = {
        "citizen": ([], []),
        "crew": ([], [roads_crew]),
        "dispatcher": ([Role.DISPATCHER], list(Crew.objects.filter(is_desk=True))),
        "planner": ([Role.PLANNER], []),
        "administrator": ([Role.ADMINISTRATOR], []),
    }
    accounts = []
    for role, (roles, crews) in people.items():
        account = Account(role, f"{role}@demo.example", secrets.token_urlsafe(12))
        user = User.objects.create_user(
            account.email,
            account.password,
            name=f"Demo {role}",
            roles=roles,
        )
        Membership.objects.bulk_create(Membership(user=user, crew=crew) for crew in crews)
        accounts.append(account)
    return accounts


def _load_reports(city: DemoCity) -> None:
    wards = dict(StoredArea.objects.filter(kind="ward").values_list("code", "id"))
    wards |= dict(StoredArea.objects.filter(kind="ward").values_list("name", "id"))
    new = [_as_new_report(report, wards) for report in city.reports]
    for start in range(0, len(new), BATCH):
        intake.submit_many(new[start : start + BATCH])


def _as_new_report(report: Report, wards: dict[str, int]) -> intake.NewReport:
    contact = report.contact
    return intake.NewReport(
        category=report.category,
        point=None if report.lon is None or report.lat is None else (report.lon, report.lat),
        description=report.description,
        contact=intake.Contact(contact.name, contact.email, contact.phone or "")
        if contact
        else intake.Contact(),
        channel="demo",
        reported_at=report.reported_at,
        state=State(report.state),
        closed_at=report.closed_at,
        source="demo",
        source_key=str(report.client_id),
        source_areas=() if report.lon is not None else (wards[report.ward],),
    )


def _write(accounts: list[Account]) -> None:
    """Keep the accounts in a file that only this user can read."""
    folder = settings.STATE_DIR / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / ACCOUNTS_FILE, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump([asdict(account) for account in accounts], file, indent=1)
