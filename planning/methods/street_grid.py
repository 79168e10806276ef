"""Measures how the street network hangs together, and where it ends."""

import math

import numpy as np
from django.utils.translation import gettext_noop as _

from layers.datasets import Column
from planning.material import Streets
from planning.methods.registry import Method
from planning.network.connectivity import Components, Connectivity, components, degrees, indices
from planning.network.graph import street_graph
from planning.parameters import Parameter, Values
from planning.progress import Progress
from planning.results import LegendClass, Outcome, categorical_style
from planning.sentences import Sentence
from planning.sources import STREETS, read_streets

SNAP_M = Parameter(
    "snap_m",
    _("Snapping distance"),
    "number",
    0.01,
    help=_("Line ends this close are one junction."),
    unit="m",
    min=0.001,
    max=5,
)
COLUMNS = (
    Column("name", _("Street"), "string"),
    Column("component", _("Piece of the network, the longest is 1"), "integer"),
    Column("is_dead_end", _("Leads to a dead end"), "boolean"),
    Column("length_m", _("Length (m)"), "number"),
    Column("role", _("Role in the network"), "string"),
)
MAIN, DEAD_END, APART = "main", "dead-end", "apart"
ROLES = (
    LegendClass(MAIN, _("Part of the main network"), "net-2"),
    LegendClass(DEAD_END, _("Leads to a dead end"), "hot-p2"),
    LegendClass(APART, _("Cut off from the main network"), "cat-crime"),
)


def street_grid(streets: Streets, values: Values, progress: Progress) -> Outcome:
    """Build the graph of the streets and measure how well it is connected.

    Raises
    ------
    ValueError
        When no line can be used, or a value makes no sense.
    """
    progress(0.0, _("Joining streets where they meet"))
    graph = street_graph(
        streets.lines,
        level=streets.level,
        bridge=streets.bridge,
        tunnel=streets.tunnel,
        snap_m=values["snap_m"],
    )
    progress(0.6, _("Finding pieces and dead ends"))
    pieces, figures = components(graph), indices(graph)
    degree = degrees(graph)
    is_dead_end = (degree[graph.u] == 1) | (degree[graph.v] == 1)
    role = np.where(pieces.edge > 0, APART, np.where(is_dead_end, DEAD_END, MAIN))
    progress(1.0, _("Finding pieces and dead ends"))
    return Outcome(
        columns=COLUMNS,
        values={
            "name": streets.name[graph.source],
            "component": pieces.edge + 1,
            "is_dead_end": is_dead_end,
            "length_m": graph.length_m,
            "role": role,
        },
        geometry=graph.lines,
        geometry_type="line",
        style=categorical_style("role", _("Street network"), ROLES, role),
        summary=_summary(streets, figures, pieces),
        finding=_finding(figures, pieces),
    )


def _summary(
    streets: Streets, figures: Connectivity, pieces: Components
) -> dict[str, float | int | None]:
    return {
        "segments": streets.taken,
        "nodes": figures.nodes,
        "edges": figures.edges,
        "components": figures.components,
        "dead_ends": figures.dead_ends,
        "mean_degree": figures.mean_degree,
        "length_m": figures.length_m,
        "alpha": _known(figures.alpha),
        "beta": figures.beta,
        "gamma": _known(figures.gamma),
        "share_of_length_in_main": float(pieces.length_m[0] / figures.length_m),
    }


def _known(figure: float) -> float | None:
    return None if math.isnan(figure) else figure


def _finding(figures: Connectivity, pieces: Components) -> list[Sentence]:
    said = {
        "length": ("kilometres", float(figures.length_m)),
        "ends": ("count", figures.dead_ends),
        "nodes": ("count", figures.nodes),
    }
    if figures.components == 1:
        text = _(
            "%(length)s of streets hang together in one piece, with %(ends)s dead ends among "
            "%(nodes)s nodes."
        )
        return [Sentence(text, said)]
    text = _(
        "%(length)s of streets fall into %(pieces)s pieces that no street joins; the longest "
        "holds %(share)s of the length. There are %(ends)s dead ends among %(nodes)s nodes."
    )
    # Several pieces and "100 %" would contradict each other.
    longest = min(float(pieces.length_m[0] / figures.length_m), 0.999)
    said |= {"pieces": ("count", figures.components), "share": ("share", longest)}
    return [Sentence(text, said)]


STREET_GRID = Method(
    slug="street-grid",
    title=_("Street grid"),
    question=_("Is the street network connected?"),
    description=_(
        "Joins streets where they meet (bridges and tunnels at their ends only), finds pieces and "
        "dead ends, and measures how many circuits and links there are of those there could be. "
        "Streets cut at the edge of the data look like dead ends."
    ),
    source=STREETS,
    reference="Alpha, beta, gamma: Kansky (1963), Structure of Transportation Networks, Chicago",
    parameters=(SNAP_M,),
    read=read_streets,
    run=street_grid,
)
