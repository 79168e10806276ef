"""The demo: an invented city, its crews, its reports and five people to sign in as."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from fixtures.city import DemoCity, Report, make_city, truth_document, write_rasters
from fixtures.city.make import REPORTS
from fixtures.city.plan import read_plan
from fixtures.city.process import read_process
from geo.accounts.models import Role, User
from geo.demo_places import SOURCE as TERMS
from geo.demo_places import load_places
from layers.errors import NotAllowed
from layers.models import Area as StoredArea
from layers.models import Asset, City, Dataset
from layers.rasters.storing import NewRaster, import_raster
from reports import intake, lifecycle
from reports.mask_versions import make_version
from reports.models import Category, Crew, Department, Family, Membership, Sensitivity, Zone
from reports.quarters import count_quarters
from reports.statistics import refresh_statistics
from reports.submission import Contact, NewReport
from reports.workflow import State

BATCH = 1000
SOURCE = "demo"
ACCOUNTS_FILE = "demo_accounts.json"
TRUTHS_FILE = "demo_truths.json"
RASTERS_FOLDER = "demo_rasters"


@dataclass(frozen=True)
class Account:
    """Somebody to sign in as; the password is random and stands in the state folder alone."""

    role: str
    email: str
    password: str


def load_demo(city: DemoCity | None = None) -> int:
    """Load a demo city once; return how many reports it brought (0 where there is a city).

    Without one it is the usual one. What is planted in it is written to a file in the state folder,
    and its rasters (elevation, residents) to GeoTIFF files in a folder there, from which they are
    brought in as a city's own would be.

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
        load_places(city)
        refresh_statistics()
        make_version()
        _make_crews(city)
        accounts = _make_accounts()
        _load_reports(city)
        refresh_statistics()
        count_quarters(timezone.now())
        _write(accounts)
        _load_rasters(city)
        (settings.STATE_DIR / TRUTHS_FILE).write_text(truth_document(city))
    return len(city.reports)


def usual_city(reports: int = REPORTS) -> DemoCity:
    """Make the city that the demo shows: its two years of reports end yesterday."""
    today = timezone.localdate(timezone=ZoneInfo(read_plan().time_zone))
    return make_city(reports=reports, last_day=today - timedelta(days=1))


FIELD_FAMILIES = (Family.ROADS, Family.WATER, Family.WASTE, Family.OTHER)


def _make_crews(city: DemoCity) -> None:
    """Make a crew for each field family and zone, a desk for crime, and a dispatch desk."""
    departments = {
        row.family: Department.objects.create(name=row.name)
        for row in read_process().departments.values()
    }
    zones = []
    for area in city.zones:
        zone = Zone.objects.create(name=area.name)
        zone.areas.add(StoredArea.objects.get(kind="zone", code=area.code))
        zones.append(zone)
    for zone in zones:
        for family in FIELD_FAMILIES:
            crew = Crew.objects.create(
                name=f"{family.label}, {zone.name}", department=departments[family], zone=zone
            )
            crew.categories.set(Category.objects.filter(family=family))
    desk = Crew.objects.create(
        name="Safety desk",
        department=departments[Family.CRIME],
        is_desk=True,
        clearance=Sensitivity.VICTIM,
    )
    desk.categories.set(Category.objects.filter(family=Family.CRIME))
    dispatch = Crew.objects.create(
        name="Dispatch desk", department=Department.objects.create(name="Dispatch"), is_desk=True
    )
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
    assets = dict(Asset.objects.values_list("code", "id"))
    new = [_as_new_report(report, wards, assets) for report in city.reports]
    for start in range(0, len(new), BATCH):
        intake.submit_many(new[start : start + BATCH])
    lifecycle.join_of_source(
        SOURCE,
        {str(r.client_id): str(r.merged_into) for r in city.reports if r.merged_into},
    )


def _as_new_report(
    report: Report, wards: Mapping[str, int], assets: Mapping[str, int]
) -> NewReport:
    contact = report.contact
    return NewReport(
        category=report.category,
        point=None if report.lon is None or report.lat is None else (report.lon, report.lat),
        description=report.description,
        contact=Contact(contact.name, contact.email, contact.phone or "") if contact else Contact(),
        channel="demo",
        reported_at=report.reported_at,
        state=State(report.state),
        closed_at=report.closed_at,
        source=SOURCE,
        source_key=str(report.client_id),
        source_areas=() if report.lon is not None else (wards[report.ward],),
        asset=assets[report.asset] if report.asset else None,
    )


def _load_rasters(city: DemoCity) -> None:
    rasters = (city.elevation, city.population)
    files = write_rasters(rasters, settings.STATE_DIR / RASTERS_FOLDER)
    for raster, file in zip(rasters, files, strict=True):
        import_raster(file, NewRaster(raster.name, raster.title, Dataset.Audience.PUBLIC), TERMS)


def _write(accounts: list[Account]) -> None:
    """Keep the accounts in a file that only this user can read."""
    folder = settings.STATE_DIR / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / ACCOUNTS_FILE, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump([asdict(account) for account in accounts], file, indent=1)
