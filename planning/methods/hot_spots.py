"""Hot spots: where reports, or things, gather more, or less, than chance would have it."""

import math

import numpy as np
import numpy.typing as npt
import shapely
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from layers.datasets import Column
from planning.material import Events, Points
from planning.methods.registry import Method
from planning.parameters import Choice, Parameter, Values
from planning.patterns.grid import Grid, hexagon_grid, square_grid
from planning.patterns.local import getis_ord_g_star
from planning.patterns.significance import (
    CONFIDENCE_ALPHAS,
    benjamini_hochberg,
    confidence_bins,
)
from planning.progress import Progress
from planning.results import Outcome, hot_cold_style
from planning.sentences import Sentence
from planning.sources import REPORTS, read_events, read_points

CELL_M = Parameter(
    "cell_m",
    _("Cell size"),
    "number",
    200.0,
    help=_("Side of a square, or distance between the middles of two hexagons."),
    unit="m",
    min=5,
    max=10_000,
)
SHAPE = Parameter(
    "shape",
    _("Cell shape"),
    "choice",
    "hexagon",
    help=_("Hexagons have neighbours on all sides alike; squares are easier to compare."),
    choices=(Choice("hexagon", _("Hexagons")), Choice("square", _("Squares"))),
)
ALPHA = Parameter(
    "alpha",
    _("False discovery rate"),
    "number",
    0.05,
    help=_("Share of false ones that is accepted among the cells that are named."),
    min=0.0001,
    max=max(CONFIDENCE_ALPHAS),  # what is named has a class on the map
)


MAX_CELLS = 1_000_000
"""More than this, no map shows and no table holds in reasonable time."""
HEXAGON = math.sqrt(3) / 2
"""Area of a hexagon over that of the square on the distance between two middles."""


def _columns(points: Points) -> tuple[Column, ...]:
    counted = _("Reports") if isinstance(points, Events) else points.subject
    return (
        Column("cell", _("Cell"), "string"),
        Column("count", counted, "integer"),
        Column("around", _("Number in the cell and around it"), "integer"),
        Column("z", _("Gi* (z)"), "number"),
        Column("p", _("p-value"), "number"),
        Column("p_adjusted", _("p-value, corrected for many cells"), "number"),
        Column("class", _("Confidence class"), "integer"),
    )


def grid_over(points: Points, values: Values) -> Grid:
    """Cut the study area into the cells that were asked for.

    Raises
    ------
    ValueError
        When they would be finer than the masks of the reports, or more than ``MAX_CELLS``.
    """
    area: shapely.Geometry = points.ground.area
    cell_m, is_hexagon = values["cell_m"], values["shape"] == "hexagon"
    if cell_m < points.finest_m:
        message = gettext(
            "%(cell)s m: some of these reports are shown by a place that many addresses share, and "
            "smaller cells would show those places as a pattern; choose cells of %(enough)s m or "
            "more, or kinds of report that are shown exactly"
        )
        values = {"cell": f"{cell_m:g}", "enough": math.ceil(points.finest_m)}
        raise ValueError("cell_m=" + message % values)
    cells = area.area / cell_m**2 / (HEXAGON if is_hexagon else 1.0)
    if cells > MAX_CELLS:
        enough = math.ceil(cell_m * math.sqrt(cells / MAX_CELLS))
        message = gettext(
            "%(cell)s m: the area would take about %(cells)s cells and at most %(most)s are kept; "
            "choose cells of %(enough)s m or more"
        )
        values = {
            "cell": f"{cell_m:g}",
            "cells": f"{cells:,.0f}",
            "most": f"{MAX_CELLS:,}",
            "enough": enough,
        }
        raise ValueError("cell_m=" + message % values)
    return hexagon_grid(area, cell_m) if is_hexagon else square_grid(area, cell_m)


def names_of(grid: Grid) -> npt.NDArray[np.str_]:
    """Return the lasting name of each cell: column and row in the lattice of its size."""
    pairs = zip(grid.column.tolist(), grid.row.tolist(), strict=True)
    return np.array([f"{column}:{row}" for column, row in pairs], dtype=np.str_)


def hot_spots(points: Points, values: Values, progress: Progress) -> Outcome:
    """Count points in cells and test each neighbourhood by Gi* against the whole city.

    Raises
    ------
    ValueError
        When the cells would be too fine or too many, or a value makes no sense.
    """
    progress(0.0, _("Cutting the study area into cells"))
    grid = grid_over(points, values)
    progress(0.3, _("Counting what lies in each cell"))
    count = grid.count(points.x, points.y)
    progress(0.4, _("Comparing each cell and its neighbours with the city"))
    local = getis_ord_g_star(count, grid.neighbours())
    fdr = benjamini_hochberg(local.p, values["alpha"])
    classes = confidence_bins(local.z, local.p)
    progress(0.7, _("Drawing the cells"))
    polygons = grid.polygons()
    hot, cold = fdr.rejected & (local.z > 0), fdr.rejected & (local.z < 0)
    progress(1.0, _("Drawing the cells"))
    return Outcome(
        columns=_columns(points),
        values={
            "cell": names_of(grid),
            "count": count,
            "around": local.local_sum.round().astype(np.int64),
            "z": local.z,
            "p": local.p,
            "p_adjusted": fdr.adjusted,
            "class": classes,
        },
        geometry=polygons,
        geometry_type="polygon",
        style=hot_cold_style("class", points.subject, classes),
        summary={
            "points": points.taken,
            "cells": len(grid),
            "hot_cells": int(hot.sum()),
            "cold_cells": int(cold.sum()),
            "points_in_hot_cells": int(count[hot].sum()),
            "highest_z": float(local.z.max()),
            "p_threshold": fdr.threshold,
            "cells_by_class": {str(c): int((classes == c).sum()) for c in range(-3, 4)},
        },
        finding=_finding(points, polygons, hot, count, values["alpha"]),
    )


def _finding(
    points: Points,
    polygons: npt.NDArray[np.object_],
    hot: npt.NDArray[np.bool_],
    count: npt.NDArray[np.int64],
    alpha: float,
) -> list[Sentence]:
    said = {
        "subject": ("term", points.subject),
        "things": ("noun", points.noun),
        "cells": ("count", len(hot)),
    }
    if not hot.any():
        text = _(
            "%(subject)s: no evidence that %(things)s gather anywhere. None of %(cells)s cells "
            "stands out at a false discovery rate of %(alpha)s."
        )
        return [Sentence(text, said | {"alpha": ("number", alpha)})]
    text = _(
        "%(subject)s: %(hot)s of %(cells)s cells hold more %(things)s than chance explains, "
        "%(share)s of the %(things)s."
    )
    said |= {
        "hot": ("count", int(hot.sum())),
        "share": ("share", float(count[hot].sum() / points.taken)),
    }
    most = _("Of these cells, %(cells)s in %(place)s.")
    return [Sentence(text, said), *most_in(most, points, polygons[hot])]


def most_in(text: str, points: Points, cells: npt.NDArray[np.object_]) -> list[Sentence]:
    """Say which place holds most of some cells, where any of them lies in a place."""
    found = points.ground.place_with_most(cells)
    if found is None:
        return []
    place, count = found
    return [Sentence(text, {"cells": ("count", count), "place": ("name", place)})]


HOT_SPOTS = Method(
    slug="hot-spots",
    title=_("Hot spots"),
    question=_("Where do reports gather?"),
    description=_(
        "Counts reports, or things such as street lights, in cells and compares each cell and its "
        "neighbours with the whole city. "
        "A cell that does not stand out is no evidence of a quiet place: it also shows who reports."
    ),
    source=REPORTS,
    reference=(
        "Gi*, Ord and Getis (1995), Geographical Analysis 27:286-306; "
        "false discovery rate, Benjamini and Hochberg (1995), J. R. Stat. Soc. B 57:289-300"
    ),
    parameters=(CELL_M, SHAPE, ALPHA),
    read=read_events,
    read_points=read_points,
    run=hot_spots,
)
