"""Trend: where reports grow more frequent month by month, and where less.

One typed table holds two kinds of row, told apart by ``period``; every row carries its half-open
``[start, end)``. A row of the ``window`` covers all months, has the cell's polygon and its trend,
and is what maps draw. A row of a ``month`` has the count and Gi* of one cell in that month, no
polygon (it is the cell's, by name) and so stands on no map; cells without a single report in the
window have none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from layers.datasets import Column
from planning.dynamics.cube import Cube, CubeG, g_star_by_period, month_edges, space_time_cube
from planning.dynamics.trend import FEWEST_PERIODS, Direction, Trend, mann_kendall
from planning.material import Events
from planning.methods.hot_spots import ALPHA, CELL_M, SHAPE, grid_over, most_in, names_of
from planning.methods.registry import Method
from planning.parameters import Values
from planning.patterns.grid import Grid
from planning.patterns.local import LocalG, getis_ord_g_star
from planning.patterns.significance import benjamini_hochberg
from planning.progress import Progress
from planning.results import LegendClass, Outcome, categorical_style
from planning.sentences import Sentence
from planning.sources import REPORTS, read_events

WINDOW, MONTH = "window", "month"
MAX_ROWS = 2_000_000
COLUMNS = (
    Column("cell", _("Cell"), "string"),
    Column("period", _("Period"), "string"),
    Column("start", _("From"), "datetime"),
    Column("end", _("To, not included"), "datetime"),
    Column("count", _("Reports"), "integer"),
    Column("z", _("Gi* (z)"), "number"),
    Column("p", _("p-value of Gi*"), "number"),
    Column("trend", _("Trend"), "string"),
    Column("trend_z", _("Mann-Kendall (z)"), "number"),
    Column("trend_p", _("p-value of the trend"), "number"),
    Column("trend_p_adjusted", _("p-value of the trend, corrected for many cells"), "number"),
    Column("slope", _("Change from month to month"), "number"),
)
DIRECTIONS = (
    LegendClass(Direction.DECREASING, _("Fewer from month to month"), "hot-m2"),
    LegendClass(Direction.NO_CLEAR_TREND, _("No clear trend"), "hot-0"),
    LegendClass(Direction.INCREASING, _("More from month to month"), "hot-p2"),
)


@dataclass(frozen=True, eq=False)
class Tested:
    """What was found of each cell over the whole window."""

    trend: Trend
    p_adjusted: npt.NDArray[np.float64]
    direction: npt.NDArray[np.str_]
    whole: LocalG


def trend(events: Events, values: Values, progress: Progress) -> Outcome:
    """Count reports by cell and whole month, with Gi* of each month and the trend of each cell.

    Raises
    ------
    ValueError
        When there are too few whole months, or cells too fine, or cells or rows too many.
    """
    progress(0.0, _("Cutting the study area into cells"))
    grid = grid_over(events, values)
    neighbours = grid.neighbours()
    progress(0.1, _("Counting reports by month"))
    cube = space_time_cube(
        grid.locate(events.x, events.y), events.time, cells=len(grid), edges=_whole_months(events)
    )
    by_month = g_star_by_period(
        cube, neighbours, lambda share, _what: progress(0.15 + 0.45 * share, _("Comparing months"))
    )
    kendall = mann_kendall(
        cube.counts, lambda share, _what: progress(0.6 + 0.3 * share, _("Testing trends"))
    )
    totals = cube.counts.sum(axis=1)
    tested = _test(kendall, totals, getis_ord_g_star(totals, neighbours), values["alpha"])
    progress(0.9, _("Writing the rows of each month"))
    some = np.flatnonzero(totals)
    months = len(cube.starts)
    if len(some) * months > MAX_ROWS:
        message = gettext(
            "%(cells)s cells with reports in %(months)s months make more than %(most)s rows; "
            "choose larger cells or a shorter period"
        )
        said = {"cells": f"{len(some):,}", "months": months, "most": f"{MAX_ROWS:,}"}
        raise ValueError(message % said)
    nowhere = np.full(len(some) * months, None, dtype=object)
    return Outcome(
        columns=COLUMNS,
        values=_rows(grid, cube, by_month, tested, some),
        geometry=np.concatenate([grid.polygons(), nowhere]),
        geometry_type="polygon",
        style=categorical_style("trend", events.subject, DIRECTIONS, tested.direction),
        summary=_summary(events, cube, tested),
        finding=_finding(events, grid, cube, tested),
    )


def _whole_months(events: Events) -> npt.NDArray[np.datetime64]:
    """Return the borders of the months that neither the question nor the data cut short."""
    zone = events.ground.time_zone
    first, last = (
        datetime.fromtimestamp(int(moment.astype("int64")) / 1e6, tz=zone).date()
        for moment in (events.time.min(), events.time.max())
    )
    first, last = events.since or first, events.until or last
    # Nobody knows when the city began to count, so without a question the first month is whole.
    if events.since and first.day > 1:
        first = _month_after(first)
    if (last + timedelta(days=1)).month == last.month:
        last = last.replace(day=1) - timedelta(days=1)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if months < FEWEST_PERIODS:
        message = gettext(
            "there are %(months)s whole months in the period and at least %(fewest)s are needed; "
            "widen the period"
        )
        raise ValueError(message % {"months": max(months, 0), "fewest": FEWEST_PERIODS})
    return month_edges(first, last, zone)


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _test(kendall: Trend, totals: npt.NDArray[np.int64], whole: LocalG, alpha: float) -> Tested:
    """Read the trends of the cells that have reports together; the others have none to test."""
    p_adjusted = np.ones(len(totals))
    counted = totals > 0
    p_adjusted[counted] = benjamini_hochberg(kendall.p[counted], alpha).adjusted
    clear = p_adjusted <= alpha
    sign = np.where(kendall.z > 0, Direction.INCREASING.value, Direction.DECREASING.value)
    direction = np.where(clear, sign, Direction.NO_CLEAR_TREND.value)
    return Tested(kendall, p_adjusted, direction, whole)


def _rows(
    grid: Grid, cube: Cube, by_month: CubeG, tested: Tested, some: npt.NDArray[np.int64]
) -> Mapping[str, npt.ArrayLike]:
    cells, months = len(grid), len(cube.starts)
    monthly = len(some) * months
    names = names_of(grid)

    def window_alone(values: npt.NDArray[Any]) -> npt.NDArray[np.object_]:
        return np.concatenate([values.astype(object), np.full(monthly, None, dtype=object)])

    return {
        "cell": np.concatenate([names, np.repeat(names[some], months)]),
        "period": np.repeat([WINDOW, MONTH], [cells, monthly]),
        "start": np.concatenate(
            [np.repeat(cube.starts[:1], cells), np.tile(cube.starts, len(some))]
        ),
        "end": np.concatenate([np.repeat(cube.ends[-1:], cells), np.tile(cube.ends, len(some))]),
        "count": np.concatenate([cube.counts.sum(axis=1), cube.counts[some].ravel()]),
        "z": np.concatenate([tested.whole.z, by_month.z[some].ravel()]),
        "p": np.concatenate([tested.whole.p, by_month.p[some].ravel()]),
        "trend": window_alone(tested.direction),
        "trend_z": window_alone(tested.trend.z),
        "trend_p": window_alone(tested.trend.p),
        "trend_p_adjusted": window_alone(tested.p_adjusted),
        "slope": window_alone(tested.trend.slope),
    }


def _summary(events: Events, cube: Cube, tested: Tested) -> dict[str, Any]:
    zone = events.ground.time_zone
    start, end = (
        datetime.fromtimestamp(int(moment.astype("int64")) / 1e6, tz=zone).date().isoformat()
        for moment in (cube.starts[0], cube.ends[-1])
    )
    return {
        "reports": int(cube.counts.sum()),
        "reports_outside_whole_months": cube.left_out,
        "cells": len(cube.counts),
        "cells_with_reports": int((cube.counts.sum(axis=1) > 0).sum()),
        "months": len(cube.starts),
        "start": start,
        "end": end,
        "cells_by_trend": {d.value: int((tested.direction == d.value).sum()) for d in Direction},
        "reports_by_month": cube.counts.sum(axis=0).tolist(),
    }


def _finding(events: Events, grid: Grid, cube: Cube, tested: Tested) -> list[Sentence]:
    up = tested.direction == Direction.INCREASING.value
    down = tested.direction == Direction.DECREASING.value
    said = {
        "subject": ("term", events.subject),
        "cells": ("count", len(grid)),
        "months": ("count", len(cube.starts)),
    }
    if not (up.any() or down.any()):
        text = _(
            "%(subject)s: no evidence of a trend in any of %(cells)s cells over %(months)s months."
        )
        return [Sentence(text, said)]
    text = _(
        "%(subject)s: over %(months)s months reports grow more frequent in %(up)s and less "
        "frequent in %(down)s of %(cells)s cells."
    )
    said |= {"up": ("count", int(up.sum())), "down": ("count", int(down.sum()))}
    most = _("Of the cells where they grow more frequent, %(cells)s in %(place)s.")
    return [Sentence(text, said), *most_in(most, events, grid.polygons()[up])]


TREND = Method(
    slug="trend",
    title=_("Trend by month"),
    question=_("Where do reports become more frequent, and where less?"),
    description=_(
        "Counts reports in cells for each whole month, finds the hot spots of each month, and "
        "tests each cell for a steady rise or fall. Seasons can look like trends: study whole "
        "years."
    ),
    source=REPORTS,
    reference=(
        "Mann (1945), Econometrica 13:245-259; Kendall (1975), Rank Correlation Methods; "
        "Gi*, Ord and Getis (1995), Geographical Analysis 27:286-306"
    ),
    parameters=(CELL_M, SHAPE, ALPHA),
    read=read_events,
    run=trend,
)
