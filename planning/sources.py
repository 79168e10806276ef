"""Layers in, arrays out: what a study is about, read in one pass, in metres.

Studies read what everybody may see and nothing else: layers are resolved for the anonymous
viewer, so that a result may be published without a second look at its input.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from django.db.models import Max, Min
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from psycopg import sql

from layers import copying, features, registry
from layers.access import ANONYMOUS
from layers.crs import metric_srid, to_metres
from layers.errors import InvalidInput, NotFound
from layers.queries import city
from layers.registry import Field, Layer
from planning.material import Events, Geometries, Ground, Points, Streets
from planning.parameters import Choice, Parameter, Value
from reports.mask_versions import greatest_displacement_m
from reports.models import Category, Family, ShownReport
from reports.workflow import Phase

REPORTS = "reports"
STREETS = "streets"

NOT_LOCATED = _("without a place")
AREA_ALONE = _("shown by their area alone")
OUTSIDE = _("outside the study area")

REPORT_COLUMNS: Mapping[str, tuple[sql.Composable, str]] = {
    "lon": (sql.SQL("coalesce(ST_X(t.point), 'NaN')"), ">f8"),
    "lat": (sql.SQL("coalesce(ST_Y(t.point), 'NaN')"), ">f8"),
    "time": (sql.SQL("t.shown_at"), ">i8"),
    "category": (sql.SQL("t.category_id"), ">i8"),
    "is_located": (sql.SQL("t.is_located"), "?"),
    "snap_point": (sql.SQL("coalesce(t.snap_point_id, 0)"), ">i8"),
}


POINT_COLUMNS: Mapping[str, tuple[sql.Composable, str]] = {
    # The middle of a feature of several points; that of a point is the point.
    "lon": (sql.SQL("coalesce(ST_X(ST_Centroid(t.geometry)), 'NaN')"), ">f8"),
    "lat": (sql.SQL("coalesce(ST_Y(ST_Centroid(t.geometry)), 'NaN')"), ">f8"),
}


# ---- what may be asked of a source ----


def point_layers() -> list[Layer]:
    """Return the layers whose points stand each for a thing: assets by kind, imported points.

    They are those that everybody may see and that maps draw as plain points, by their titles.
    """
    layers = registry.visible(ANONYMOUS)
    plain = [
        layer
        for layer in layers
        if layer.geometry_type == "point" and layer.style.get("kind", "point") == "point"
    ]
    return sorted(plain, key=lambda layer: layer.title)


def point_layer(slug: str) -> Layer:
    """Return the layer of things of this slug.

    Raises
    ------
    InvalidInput
        When there is none; names those that there are.
    """
    layers = {layer.slug: layer for layer in point_layers()}
    if slug not in layers:
        message = gettext("“%(slug)s” is nothing that can be counted; choose one of: %(slugs)s.")
        slugs = ", ".join([REPORTS, *layers])
        raise InvalidInput(message % {"slug": slug, "slugs": slugs}, field="source")
    return layers[slug]


def filters_of(source: str) -> tuple[Parameter, ...]:
    """Return what the features of a source can be narrowed to; empty means all."""
    if source != REPORTS:
        return ()
    categories = Category.objects.filter(is_active=True).order_by("order", "title")
    return (
        _filter("cat", _("Family"), tuple(Choice(f.value, str(f.label)) for f in Family)),
        _filter(
            "category",
            _("Category"),
            tuple(Choice(code, title) for code, title in categories.values_list("code", "title")),
        ),
        _filter("phase", _("Phase"), tuple(Choice(p.value, str(p.label)) for p in Phase)),
        Parameter("since", _("From"), "date", "", help=_("First day, in the city's own time.")),
        Parameter("until", _("To"), "date", "", help=_("Last day, included.")),
    )


def _filter(name: str, title: str, choices: tuple[Choice, ...]) -> Parameter:
    return Parameter(name, title, "choice", "", choices=choices)


def check_filters(filters: Mapping[str, Value]) -> None:
    """Refuse filters that contradict each other.

    Raises
    ------
    InvalidInput
        When the period ends before it begins.
    """
    since, until = filters.get("since", ""), filters.get("until", "")
    if since and until and str(since) > str(until):
        message = gettext(
            "The period ends on %(until)s, before it begins on %(since)s; swap the two."
        )
        raise InvalidInput(message % {"until": until, "since": since}, field="until")


# ---- reading ----


def read_ground() -> Ground:
    """Read the study area: the city's own, else its wards together, else none."""
    here = city()
    srid = metric_srid(here)
    ward_kind = here.ward_kind_id or "ward"
    boundary = _areas("city")
    wards = _areas(ward_kind)
    named = _areas("neighbourhood")
    named = named if len(named) else wards
    whole = boundary if len(boundary) else wards
    area = shapely.union_all(_metric(whole, srid)) if len(whole) else None
    return Ground(
        srid=srid,
        area=area,
        place_names=tuple(named["name"]),
        places=_metric(named, srid),
        time_zone=ZoneInfo(here.time_zone),
    )


def _areas(kind: str) -> gpd.GeoDataFrame:
    """Return the areas of a kind in the order of their codes; an empty frame without any."""
    try:
        layer = registry.resolve(f"areas-{kind}", ANONYMOUS)
    except NotFound:
        return gpd.GeoDataFrame({"code": [], "name": []}, geometry=[], crs=4326)
    return features.read(layer, ANONYMOUS).sort_values("code")


def _metric(frame: gpd.GeoDataFrame, srid: int) -> Geometries:
    return np.asarray(shapely.make_valid(to_metres(np.asarray(frame.geometry), srid)), dtype=object)


def read_events(filters: Mapping[str, str]) -> Events:
    """Read the public projection of reports.

    Raises
    ------
    InvalidInput
        When a filter is not understood, or no report with a point passes.
    """
    layer = registry.resolve(REPORTS, ANONYMOUS)
    rows = copying.read(layer, ANONYMOUS, REPORT_COLUMNS, filters)
    has_point = ~np.isnan(rows["lon"])
    ground = read_ground()
    points = to_metres(shapely.points(rows["lon"][has_point], rows["lat"][has_point]), ground.srid)
    ground = _within_hull(ground, points)
    inside = _inside(ground.area, points)
    left_out = {
        NOT_LOCATED: int((~rows["is_located"]).sum()),
        AREA_ALONE: int((rows["is_located"] & ~has_point).sum()),
        OUTSIDE: int((~inside).sum()),
    }
    if not inside.any():
        raise InvalidInput(_nothing_left(left_out), field="since")
    used, points = rows[has_point][inside], points[inside]
    category = _codes(used["category"])
    # By code, never by key: the same reports in another database give the same fingerprint.
    order = np.lexsort((used["lat"], used["lon"], category, used["time"]))
    used, points, category = used[order], points[order], category[order]
    since, until = _days_known(filters, ground.time_zone)
    return Events(
        x=shapely.get_x(points),
        y=shapely.get_y(points),
        time=copying.POSTGRES_EPOCH + used["time"].astype("timedelta64[us]"),
        category=category,
        subject=_subject(filters),
        since=since,
        until=until,
        ground=ground,
        left_out={reason: count for reason, count in left_out.items() if count},
        fingerprint=_digest(ground, used["time"], used["lon"], used["lat"], category),
        finest_m=2 * greatest_displacement_m(np.unique(used["snap_point"]).tolist()),
    )


def title_of_points(slug: str) -> str:
    """Return what a layer of things is called; its slug where it is not there any more."""
    return next((layer.title for layer in point_layers() if layer.slug == slug), slug)


def read_points(slug: str) -> Points:
    """Read the things of a layer.

    Raises
    ------
    InvalidInput
        When there is no such layer of points, or none of them lies in the study area.
    """
    layer = point_layer(slug)
    rows = copying.read(layer, ANONYMOUS, POINT_COLUMNS)
    placed = rows[~np.isnan(rows["lon"])]
    used = placed[np.lexsort((placed["lat"], placed["lon"]))]
    ground = read_ground()
    points = to_metres(shapely.points(used["lon"], used["lat"]), ground.srid)
    ground = _within_hull(ground, points)
    inside = _inside(ground.area, points)
    if not inside.any():
        message = gettext(
            "None of the %(n)s features of “%(title)s” lies in the study area; "
            "look at the layer on the map."
        )
        raise InvalidInput(message % {"n": len(rows), "title": layer.title}, field="source")
    used, points = used[inside], points[inside]
    left_out = {NOT_LOCATED: len(rows) - len(placed), OUTSIDE: int((~inside).sum())}
    return Points(
        x=shapely.get_x(points),
        y=shapely.get_y(points),
        subject=layer.title,
        noun=layer.title,
        ground=ground,
        left_out={reason: count for reason, count in left_out.items() if count},
        fingerprint=_digest(ground, used["lon"], used["lat"]),
    )


def _within_hull(ground: Ground, points: Geometries) -> Ground:
    """Where the city has no areas, the study area is the hull of what there is."""
    if ground.area is not None or not len(points):
        return ground
    hull = shapely.convex_hull(shapely.multipoints(points))
    # Points in one line, or one point, have a hull without an inside.
    return replace(ground, area=hull if hull.area else shapely.buffer(hull, 1.0))


def _inside(area: shapely.Geometry | None, points: Geometries) -> npt.NDArray[np.bool_]:
    if area is None:
        return np.zeros(len(points), dtype=np.bool_)
    shapely.prepare(area)
    return np.asarray(shapely.intersects(area, points), dtype=np.bool_)


def _nothing_left(left_out: Mapping[str, int]) -> str:
    reasons = "; ".join(
        f"{count:,} {gettext(reason)}" for reason, count in left_out.items() if count
    )
    said = gettext(
        "No report with a place inside the study area fits this question. Widen the period or "
        "choose another category."
    )
    if not reasons:
        return said
    return said + " " + gettext("Left out: %(reasons)s.") % {"reasons": reasons}


def _codes(keys: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
    code_of = dict(Category.objects.values_list("id", "code"))
    distinct, position = np.unique(keys, return_inverse=True)
    return np.array([code_of[int(key)] for key in distinct], dtype=np.str_)[position]


def _days_known(filters: Mapping[str, str], zone: ZoneInfo) -> tuple[date | None, date | None]:
    """Return the days that were asked for, cut to the time of which there are reports at all.

    A month before the city began to count, or one to come, is no month without reports.
    """
    since, until = _day(filters, "since"), _day(filters, "until")
    known = ShownReport.objects.aggregate(oldest=Min("shown_at"), newest=Max("shown_at"))
    oldest, newest = (known[end].astimezone(zone).date() for end in ("oldest", "newest"))
    return (
        max(since, oldest.replace(day=1)) if since else None,
        min(until, newest) if until else None,
    )


def _day(filters: Mapping[str, str], name: str) -> date | None:
    return date.fromisoformat(filters[name]) if filters.get(name) else None


def _subject(filters: Mapping[str, str]) -> str:
    if code := filters.get("category"):
        title = Category.objects.filter(code=code).values_list("title", flat=True).first()
        return title or code
    if family := filters.get("cat"):
        with translation.override(None):  # the words that catalogues know it by
            return str(Family(family).label)
    return _("All reports")


def read_streets(_filters: Mapping[str, str]) -> Streets:
    """Read the street segments.

    Raises
    ------
    InvalidInput
        When the city has none.
    """
    extra = (
        Field.column("level", "Level", "integer"),
        Field("tunnel", "In a tunnel", "boolean", sql.Identifier("t", "is_tunnel")),
    )
    layer = registry.resolve(STREETS, ANONYMOUS)
    frame = features.read(replace(layer, fields=(*layer.fields, *extra)), ANONYMOUS)
    if frame.empty:
        message = gettext("There are no streets yet. Import the city's street network first.")
        raise InvalidInput(message, field="source")
    wkb = shapely.to_wkb(np.asarray(frame.geometry))
    order = np.argsort(wkb, kind="stable")
    frame = frame.iloc[order]
    ground = read_ground()
    level = frame["level"].to_numpy(dtype=np.int64)
    name = frame["name"].to_numpy(dtype=np.str_)
    bridge = frame["bridge"].to_numpy(dtype=np.bool_)
    tunnel = frame["tunnel"].to_numpy(dtype=np.bool_)
    return Streets(
        lines=to_metres(np.asarray(frame.geometry), ground.srid),
        name=name,
        level=level,
        bridge=bridge,
        tunnel=tunnel,
        ground=ground,
        fingerprint=_digest(ground, wkb[order], name, level, bridge, tunnel),
    )


def _digest(ground: Ground, *columns: npt.NDArray[np.generic]) -> str:
    """SHA-256 over the study area and the columns, value by value in their order."""
    digest = hashlib.sha256(str(ground.srid).encode())
    digest.update(shapely.to_wkb(ground.area) if ground.area is not None else b"")
    for column in columns:
        if column.dtype == object:
            digest.update(b"".join(column))
        else:
            kind = "U" if column.dtype.kind == "U" else column.dtype.newbyteorder("<")
            digest.update(
                "\n".join(column).encode() if kind == "U" else column.astype(kind).tobytes()
            )
    return digest.hexdigest()
