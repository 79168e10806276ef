"""Makes the snap points that P1 and P2 are shown by, as a version, and audits what they achieve.

A version is made whole or not at all. Reports keep the version that masked them: new addresses mask
new reports only, since two masks of one place would together tell more than each.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import shapely
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from layers import copying
from layers.errors import Conflict, InvalidInput
from layers.models import Address, Area, City
from layers.queries import city
from layers.statements import statement
from reports.masking import LEVELS
from reports.models import MaskVersion
from reports.models import SnapPoint as SnapPointRow
from reports.snap_points import Points, SnapPoint, Ward, snap_points

OPEN_SPACE_KINDS = ("park", "water")
"""Kinds of area that are public open space: nobody lives there."""
Watch = Callable[[int, int], object]
"""Is told how many wards are done, and of how many."""


@dataclass(frozen=True)
class Made:
    """The version that masks from now on; None where there is no address to hide among."""

    version: MaskVersion | None
    is_new: bool
    levels: tuple["Level", ...] = ()
    """What it achieves, as `audit` finds it."""


@dataclass(frozen=True)
class Level:
    """What a version achieves for one k, with the addresses as they are now.

    Attributes
    ----------
    points, open_spaces
        How many snap points there are, on streets and on open space without an address.
    least, median
        Addresses in the catchments of streets.
    below
        Catchments that hold fewer than k; none may.
    displacement_m
        Median distance from an address to the point that stands for it.
    reports
        How many reports are shown by a point whose catchment holds fewer than k now.
    area_alone
        Names of the wards that have no point on a street: there the area alone is shown.
    """

    k: int
    points: int
    open_spaces: int
    least: int
    median: float
    below: int
    displacement_m: float
    reports: int
    area_alone: tuple[str, ...] = ()

    def told(self) -> str:
        """Say it in lines for a shell."""
        lines = [
            f"  k {self.k}: {self.points:,} points on streets, {self.open_spaces:,} in open space",
            f"    addresses in a catchment: at least {self.least:,}, median {self.median:,.0f}",
            f"    catchments below {self.k}: {self.below:,}",
            f"    an address is shown {self.displacement_m:,.0f} m from where it is (median)",
        ]
        if self.reports:
            lines.append(f"    {self.reports:,} reports are shown by points that fell below")
        if self.area_alone:
            lines.append(f"    by the area alone: {', '.join(self.area_alone)}")
        return "\n".join(lines)


# ---- making ----


@transaction.atomic
def make_version(watch: Watch = lambda _done, _of: None) -> Made:
    """Compute the snap points from streets, parks and addresses, and mask by them from now on.

    Where nothing has changed the current version stays. Without addresses no version is current
    any more, and P1 and P2 are shown by their area alone.

    Raises
    ------
    InvalidInput
        When the city has no wards.
    Conflict
        When a catchment would hold too few addresses; then nothing changes.
    """
    City.objects.select_for_update().filter(id=1).first()  # one at a time
    if not Address.objects.exists():
        MaskVersion.objects.filter(is_current=True).update(is_current=False)
        return Made(None, is_new=False)
    wards = read_wards()
    made: list[tuple[int, int, SnapPoint]] = []
    for done, (key, ward) in enumerate(wards.items(), start=1):
        made += [(key, k, point) for k in LEVELS for point in snap_points(ward, k)]
        watch(done, len(wards))
    fingerprint = _fingerprint(made)
    current = MaskVersion.objects.filter(is_current=True).first()
    if current and current.fingerprint == fingerprint:
        return Made(current, False, tuple(audit(current)))
    MaskVersion.objects.filter(is_current=True).update(is_current=False)
    version = MaskVersion.objects.create(
        name=f"snap-{MaskVersion.objects.count() + 1}",
        made_at=timezone.now(),
        is_current=True,
        address_count=Address.objects.count(),
        fingerprint=fingerprint,
    )
    _write(version, made)
    levels = audit(version)
    if any(level.below for level in levels):
        message = gettext(
            "Some catchments would hold fewer addresses than they must. Nothing was changed; "
            "look for wards that overlap."
        )
        raise Conflict(message)
    return Made(version, True, tuple(levels))


def _fingerprint(made: Iterable[tuple[int, int, SnapPoint]]) -> str:
    digest = hashlib.sha256()
    for ward, k, snap in made:
        digest.update(f"{ward} {k} {snap.name}".encode() + shapely.to_wkb(snap.point))
        digest.update(shapely.to_wkb(snap.catchment))
    return digest.hexdigest()


SNAP_COLUMNS = (
    "version_id",
    "k",
    "ward_id",
    "name",
    "address_count",
    "is_open_space",
    "point",
    "catchment",
)


def _write(version: MaskVersion, made: Sequence[tuple[int, int, SnapPoint]]) -> None:
    points = copying.ewkb(np.array([snap.point for _, _, snap in made], dtype=object))
    catchments = copying.ewkb(np.array([snap.catchment for _, _, snap in made], dtype=object))
    copying.write(
        sql.Identifier("reports_snappoint"),
        SNAP_COLUMNS,
        (
            (version.pk, k, ward, snap.name, snap.addresses, snap.is_open_space, point, catchment)
            for (ward, k, snap), point, catchment in zip(made, points, catchments, strict=True)
        ),
    )


# ---- what is known of the city ----


def read_wards() -> dict[int, Ward]:
    """Return the wards by their keys, with their addresses and what may stand for them.

    Raises
    ------
    InvalidInput
        When there is none.
    """
    kind = city().ward_kind_id
    wards = _areas(Q(kind=kind))
    if not wards:
        message = gettext("There are no areas of the kind %(kind)s. Import them first.")
        raise InvalidInput(message % {"kind": kind or "ward"}, field="ward_kind")
    spaces = _areas(Q(kind__in=OPEN_SPACE_KINDS))
    space_shapes = [shape for *_names, shape in spaces]
    tree = shapely.STRtree(space_shapes)
    homes = _by_ward("mask_addresses", kind)
    candidates = _by_ward("mask_candidates", kind)
    read = {}
    for key, _name, polygon in wards:
        near = np.sort(tree.query(polygon, predicate="intersects"))
        found = candidates.get(key, [])
        read[key] = Ward(
            polygon=polygon,
            addresses=_points(homes.get(key, [])),
            candidates=_points(found),
            names=tuple(name for _, _, name in found),
            open_spaces=tuple(space_shapes[i] for i in near),
            open_names=tuple(spaces[i][1] for i in near),
        )
    return read


def _areas(wanted: Q) -> list[tuple[int, str, shapely.Geometry]]:
    rows = Area.objects.filter(wanted).order_by("id").values_list("id", "name", "geometry")
    return [(key, name, shapely.from_wkb(bytes(shape.wkb))) for key, name, shape in rows]


def _by_ward(name: str, kind: str | None) -> dict[int, list[tuple[float, float, str]]]:
    found: dict[int, list[tuple[float, float, str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement(__file__, name), {"ward_kind": kind})
        for ward, lon, lat, *named in cursor.fetchall():
            found.setdefault(ward, []).append((lon, lat, (named or [""])[0]))
    return found


def _points(found: Sequence[tuple[float, float, str]]) -> Points:
    return np.array([(lon, lat) for lon, lat, _ in found], dtype=np.float64).reshape(-1, 2)


# ---- what they achieve ----


def audit(version: MaskVersion) -> list[Level]:
    """Count what each catchment of a version holds now, and publish the figures with it."""
    with connection.cursor() as cursor:
        cursor.execute(statement(__file__, "mask_audit"), {"version": version.pk})
        found = {row[0]: row for row in cursor.fetchall()}
    levels = [_level(found.get(k, (k, 0, 0, 0, 0, 0, 0, 0)), version) for k in LEVELS]
    # How many reports are at risk is told to whoever runs the audit, not to everybody.
    version.figures = [
        {name: value for name, value in asdict(level).items() if name != "reports"}
        for level in levels
    ]
    version.audited_at = timezone.now()
    version.save(update_fields=["figures", "audited_at"])
    return levels


def _level(row: Sequence[Any], version: MaskVersion) -> Level:
    k, points, open_spaces, least, median, below, displacement_m, reports = row
    return Level(
        k=k,
        points=points,
        open_spaces=open_spaces,
        least=least,
        median=median,
        below=below,
        displacement_m=round(displacement_m, 1),
        reports=reports,
        area_alone=_without_point(version, k),
    )


def _without_point(version: MaskVersion, k: int) -> tuple[str, ...]:
    served = version.points.filter(k=k, is_open_space=False).values("ward")
    wards = Area.objects.filter(kind=city().ward_kind_id).exclude(pk__in=served)
    return tuple(wards.order_by("name").values_list("name", flat=True))


def greatest_displacement_m(snap_points: Sequence[int]) -> float:
    """Return the largest median distance, in metres, by which these points' sets move an address.

    `snap_points` are keys; those that are none are left out, and without any it is 0.
    """
    sets = SnapPointRow.objects.filter(pk__in=snap_points).values_list("version__figures", "k")
    moved = [
        level["displacement_m"]
        for figures, k in sets.distinct()
        for level in figures
        if level["k"] == k
    ]
    return float(max(moved, default=0.0))


def used_versions() -> list[MaskVersion]:
    """Return the versions that mask some report or will, oldest first."""
    used = Q(is_current=True) | Q(points__publicreport__isnull=False)
    return list(MaskVersion.objects.filter(used).distinct().order_by("id"))


NO_POINTS = _(
    "There are no points that could stand for private places: personal and crime reports are "
    "shown by their ward alone. Import the city's addresses, then run manage.py make_masks."
)
OUTDATED = _(
    "Addresses have changed since the points for private places were made. Run manage.py "
    "make_masks; it changes new reports only."
)
TOO_FEW = _(
    "Some points for private places stand for too few addresses now. Run manage.py make_masks."
)


def warning() -> Promise | None:
    """Return what an administrator should know of the masks; None when all is well."""
    current = MaskVersion.objects.filter(is_current=True).first()
    if current is None:
        return NO_POINTS
    if any(level["below"] for level in current.figures):
        return TOO_FEW
    return OUTDATED if current.address_count != Address.objects.count() else None
