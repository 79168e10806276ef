"""Gi* in closed form against esda, from the same counts and the same neighbours."""

import esda
import numpy as np
from libpysal.graph import Graph
from scipy import sparse

from planning.patterns.grid import Grid, square_grid
from planning.patterns.local import LocalG, getis_ord_g_star
from tests.benchmarks.comparison import Benchmark, Row, best_of, timed

SIDES = (100, 316, 1000)  # 10,000, 99,856 and 1,000,000 cells
CELL_M = 100
GOAL_CELLS = 1_000_000
GOAL = 50.0
ROUNDS = 5


NOTES = (
    "Both give z and p; building the neighbours is in none of the times. Best of 5 rounds in turn.",
    (
        "esda, as documented: G_Local(counts, graph, transform='B', star=True, permutations=0), "
        "which adds the cell itself to a Graph of neighbours in every call."
    ),
    (
        "esda, self weights ready: the Graph binary and with the cell itself in it beforehand, "
        "so that only the statistic is left: the stricter comparison."
    ),
)


def measure() -> Benchmark:
    rows, notes = [], list(NOTES)
    _g_local(square_grid((0, 0, 450, 450), CELL_M))  # loads and compiles what esda needs
    for side in SIDES:
        grid = square_grid((0, 0, side * CELL_M - 1, side * CELL_M - 1), CELL_M)
        more, note = _compare(grid)
        rows += more
        notes.append(note)
    return Benchmark("Gi* with 8 neighbours and the cell itself", rows, notes)


def _g_local(grid: Grid) -> esda.G_Local:
    graph = Graph.from_sparse(sparse.coo_array(grid.neighbours()))
    return esda.G_Local(
        np.arange(len(grid), dtype=float), graph, transform="B", star=True, permutations=0
    )


def _compare(grid: Grid) -> tuple[list[Row], str]:
    counts = np.random.default_rng(1).poisson(2.0, len(grid)).astype(float)
    build_s, neighbours = timed(grid.neighbours)
    peer_build_s, graph = timed(lambda: Graph.from_sparse(sparse.coo_array(neighbours)))
    with_self = graph.assign_self_weight(1).transform("B")

    def closed_form() -> LocalG:
        return getis_ord_g_star(counts, neighbours)

    def documented() -> esda.G_Local:
        return esda.G_Local(counts, graph, transform="B", star=True, permutations=0)

    def self_weights_ready() -> esda.G_Local:
        return esda.G_Local(counts, with_self, transform="B", star=None, permutations=0)

    ours, peer, ready = closed_form(), documented(), self_weights_ready()
    difference = max(
        np.abs(ours.z - peer.Zs).max(),
        np.abs(ours.z - ready.Zs).max(),
        np.abs(ours.p - 2 * peer.p_norm).max(),
    )
    del ours, peer, ready
    ours_s, documented_s, ready_s = best_of(ROUNDS, [closed_form, documented, self_weights_ready])
    work = f"{len(grid):,} cells"
    goal = GOAL if len(grid) == GOAL_CELLS else None
    rows = [
        Row(work, ours_s, "esda, as documented", documented_s, goal),
        Row(work, ours_s, "esda, self weights ready", ready_s, goal),
    ]
    note = (
        f"{work}: neighbours built in {build_s:.3f} s, libpysal's Graph from them in "
        f"{peer_build_s:.2f} s; largest difference of z or p {difference:.1e}"
    )
    return rows, note
