"""Runs every kernel once on a handful of values, so that the first study waits for nothing.

What is compiled or loaded on first use (byte code, spatial libraries) is ready afterwards.
"""

import time
from collections.abc import Callable, Mapping

import numpy as np
import shapely

from planning.dynamics.cube import g_star_by_period, space_time_cube
from planning.dynamics.trend import mann_kendall
from planning.network.connectivity import indices
from planning.network.graph import street_graph
from planning.patterns.grid import hexagon_grid, square_grid
from planning.patterns.local import getis_ord_g_star
from planning.patterns.significance import confidence_bins

BOUNDS = (0.0, 0.0, 900.0, 900.0)
CELL_M = 100.0


def _patterns() -> None:
    for make in (square_grid, hexagon_grid):
        grid = make(shapely.box(*BOUNDS), CELL_M)
        local = getis_ord_g_star(grid.count([10.0, 20.0], [10.0, 20.0]), grid.neighbours())
        confidence_bins(local.z, local.p)
        grid.polygons()


def _network() -> None:
    indices(street_graph(shapely.linestrings([[(0, 50), (100, 50)], [(50, 0), (50, 100)]])))


def _dynamics() -> None:
    grid = square_grid(BOUNDS, CELL_M)
    edges = np.array(["2000-01", "2000-02", "2000-03", "2000-04"], dtype="datetime64[us]")
    cube = space_time_cube([0, 1], edges[:2], cells=len(grid), edges=edges)
    g_star_by_period(cube, grid.neighbours())
    mann_kendall(cube.counts)


KERNELS: Mapping[str, Callable[[], None]] = {
    "patterns": _patterns,
    "network": _network,
    "dynamics": _dynamics,
}


def warm() -> dict[str, float]:
    """Run each group of kernels once; return its seconds by name."""
    seconds = {}
    for name, run in KERNELS.items():
        start = time.perf_counter()
        run()
        seconds[name] = time.perf_counter() - start
    return seconds
