"""The layers that reports put on the map."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from django.utils.translation import gettext as _
from psycopg import sql

from layers.models import Address
from layers.queries import attribution_of
from layers.registry import Field, Layer, Relation, register, register_family, table
from reports.filters import ReportFilter
from reports.masking import LEVELS
from reports.models import Family
from reports.workflow import UNFINISHED

OVERVIEW_BELOW = 14
CELLS_PER_TILE = 32
SMALLEST_CRIME_CELL = 5


def _condition(values: Mapping[str, str]) -> sql.Composable:
    return ReportFilter.parse(values).condition()


def _cells(envelope: sql.Composable, _zoom: int, condition: sql.Composable) -> sql.Composable:
    """Count the public projection on cells of 1/32 tile: the point rollup's contract.

    A cell's P2 reports are counted only where there are at least five of them.
    """
    families = [
        sql.SQL("count(*) FILTER (WHERE family = {family}) AS {name}").format(
            family=family, name=sql.Identifier(family)
        )
        for family in Family.values
    ]
    return sql.SQL(
        """
        SELECT ST_AsMVTGeom(
                   ST_SetSRID(ST_MakePoint(
                       ST_XMin(tile) + (i + 0.5) * size, ST_YMin(tile) + (j + 0.5) * size
                   ), 3857), tile) AS geom,
               count(*) AS n, {families}, count(*) FILTER (WHERE phase = ANY({working})) AS open
        FROM (
            SELECT point.*, count(*) FILTER (WHERE sensitivity = 2) OVER (PARTITION BY i, j) AS p2
            FROM (
                SELECT tile, size, t.family, t.phase, t.sensitivity,
                       floor((ST_X(t.point_3857) - ST_XMin(tile)) / size)::int AS i,
                       floor((ST_Y(t.point_3857) - ST_YMin(tile)) / size)::int AS j
                FROM reports_shown AS t,
                     (SELECT {envelope} AS tile) AS one,
                     LATERAL (SELECT (ST_XMax(tile) - ST_XMin(tile)) / {cells} AS size) AS cell
                WHERE t.point_3857 && {envelope} AND {condition}
            ) AS point
            WHERE i BETWEEN 0 AND {cells} - 1 AND j BETWEEN 0 AND {cells} - 1
        ) AS counted
        WHERE sensitivity <> 2 OR p2 >= {smallest}
        GROUP BY tile, size, i, j
        """
    ).format(
        families=sql.SQL(", ").join(families),
        working=list(UNFINISHED),
        envelope=envelope,
        cells=CELLS_PER_TILE,
        condition=condition,
        smallest=SMALLEST_CRIME_CELL,
    )


REPORT_FIELDS = (
    Field("id", "Number", "string", sql.SQL("t.public_id")),
    Field.column("family", "Family"),
    Field(
        "category",
        "Category",
        "string",
        sql.SQL("(SELECT code FROM reports_category WHERE id = t.category_id)"),
    ),
    Field.column("state", "State"),
    Field.column("phase", "Phase"),
    Field.column("title", "Title"),
    Field("masked", "Shown by block", "boolean", sql.SQL("t.sensitivity > 0")),
    Field(
        "late",
        "Later than promised",
        "boolean",
        sql.SQL("(t.promised_at < statement_timestamp() AND t.phase = ANY({}))").format(
            list(UNFINISHED)
        ),
    ),
)

register(
    Layer(
        slug="reports",
        title="Reports",
        description="Reports as everybody may see them; crime by area, not by place.",
        geometry_type="point",
        relation=table("reports_shown"),
        fields=REPORT_FIELDS,
        style={"kind": "reports"},
        condition=_condition,
        overview=_cells,
        overview_below=OVERVIEW_BELOW,
        # Rows as they were stored would tell when a crime came: between which open reports. Ordered
        # by what is seen of them alone, no place belongs to one of those without a number.
        order=sql.SQL("t.public_id, t.point_3857, t.title, t.state"),
        geometry_column="point",
        mercator_column="point_3857",
    )
)


def _incidents(envelope: sql.Composable) -> sql.Composable:
    """Call the one function that may search exact points; it applies duties and logs the read."""
    return sql.SQL("reports_incidents_in({}) AS t").format(envelope)


register(
    Layer(
        slug="incidents",
        title="Your incidents",
        description="Exact places of what your crews work on; every look is logged.",
        geometry_type="point",
        relation=_incidents,
        fields=(
            *(Field.column(n, n.title()) for n in ("id", "family", "category", "state", "phase")),
            Field.column("title", "Title"),
        ),
        audience=frozenset({"crew"}),
        style={"kind": "reports"},
        min_zoom=10,
        geometry_column="point",
        mercator_column="point_3857",
    )
)


def _current_catchments(k: int) -> Relation:
    relation = sql.SQL(
        """(
            SELECT point.*
            FROM reports_snappoint AS point
            JOIN reports_maskversion AS version ON version.id = point.version_id
            WHERE version.is_current AND point.k = {}
        ) AS t"""
    ).format(k)
    return lambda _envelope: relation


def _sharing(k: int) -> list[dict[str, object]]:
    """Return the classes that a catchment is drawn by: open space, then k, 2k and 4k addresses."""
    bounds = [0, k, 2 * k, 4 * k]
    words = [
        _("Open space, no address"),
        *(
            _("%(least)s to %(most)s addresses") % {"least": least, "most": above - 1}
            for least, above in pairwise(bounds[1:])
        ),
        _("%(least)s addresses or more") % {"least": bounds[-1]},
    ]
    return [{"from": bound, "label": label} for bound, label in zip(bounds, words, strict=True)]


def _catchments() -> Iterator[Layer]:
    """Declare the catchments of each k: whoever sees a point may see what it stands for."""
    for k in LEVELS:
        yield Layer(
            slug=f"catchments-{k}",
            title=_("Shared places, %(k)s addresses or more") % {"k": k},
            description=_("What each point stands for that is shown instead of a private place."),
            geometry_type="polygon",
            relation=_current_catchments(k),
            fields=(
                Field.column("name", _("Name")),
                Field("addresses", _("Addresses"), "integer", sql.SQL("t.address_count")),
                Field("lon", _("Longitude"), "number", sql.SQL("ST_X(t.point)")),
                Field("lat", _("Latitude"), "number", sql.SQL("ST_Y(t.point)")),
            ),
            style={"kind": "sequential", "field": "addresses", "classes": _sharing(k)},
            attribution=attribution_of(Address.objects.all()),
            geometry_column="catchment",
            mercator_column="catchment_3857",
        )


register_family(_catchments)
