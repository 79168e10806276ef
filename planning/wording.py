"""What pages say of a run: its figures, how to read them, and how it was made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from planning.methods import Method
from planning.models import Run
from planning.parameters import Parameter
from planning.sentences import count, kilometres, number, share
from planning.sources import REPORTS, STREETS, title_of_points

HEADLINES = 2


@dataclass(frozen=True)
class Figure:
    """A figure of a finding, as text, and what it counts or measures."""

    value: str
    words: str


Words = tuple[Promise, Callable[[float], str]]

# By the name in a run's summary (a dot leads into a mapping), in the order in which they are told;
# the first two of a run are its headline.
FIGURES: Mapping[str, Words] = {
    "hot_cells": (_("cells with more reports than chance explains"), count),
    "points_in_hot_cells": (_("counted in these cells"), count),
    "cold_cells": (_("cells with fewer reports than chance explains"), count),
    "highest_z": (_("highest Gi* (z)"), number),
    "p_threshold": (_("largest p-value that counts as found"), number),
    "components": (_("pieces that no street joins"), count),
    "dead_ends": (_("dead ends"), count),
    "share_of_length_in_main": (_("of the length in the longest piece"), share),
    "length_m": (_("of streets"), kilometres),
    "nodes": (_("junctions and ends (nodes)"), count),
    "edges": (_("stretches between them (edges)"), count),
    "mean_degree": (_("stretches meet at a junction (mean degree)"), number),
    "alpha": (_("of the circuits there could be (alpha)"), share),
    "gamma": (_("of the links there could be (gamma)"), share),
    "beta": (_("stretches for each junction (beta)"), number),
    "cells_by_trend.increasing": (_("cells where reports become more frequent"), count),
    "cells_by_trend.decreasing": (_("cells where they become less frequent"), count),
    "cells_with_reports": (_("cells with any report"), count),
    "months": (_("whole months"), count),
    "reports_outside_whole_months": (_("reports outside whole months, not counted"), count),
    "cells": (_("cells in all"), count),
}

SOURCES: Mapping[str, Promise] = {
    REPORTS: _("Reports as everybody sees them"),
    STREETS: _("Streets"),
}
CARE: Mapping[str, Promise] = {
    REPORTS: _(
        "More reports can mean more problems, or more people who report them. No clear difference "
        "is not the same as no problem."
    ),
    STREETS: _("Streets that are cut at the edge of the data look like dead ends."),
}
CARE_OF_THINGS = _(
    "A cell that stands out holds more of these things than chance explains. It does not say "
    "whether more of them are needed there, or fewer."
)
CARE_OF_A_PHASE = _(
    "Reports move on from phase to phase: where and when there are many in one phase also shows "
    "how long they stay in it."
)


def figures(run: Run) -> list[Figure]:
    """Return the figures of a run that there are words for, the telling ones first."""
    said = []
    for path, (words, write) in FIGURES.items():
        value: Any = run.summary
        for name in path.split("."):
            value = (value or {}).get(name)
        if value is not None:
            said.append(Figure(write(value), str(words)))
    return said


def care(run: Run) -> str:
    """Say what the finding does not say: what is behind the counts, and what is left out."""
    parts = [str(CARE.get(run.source, CARE_OF_THINGS))]
    if run.filters.get("phase"):
        parts.append(str(CARE_OF_A_PHASE))
    if reasons := _left_out(run):
        parts.append(gettext("Left out: %(reasons)s.") % {"reasons": reasons})
    return " ".join(parts)


def recipe(run: Run, method: Method[Any]) -> dict[str, str]:
    """Return all that is needed to get the same figures again, in words."""
    said = {
        gettext("Data"): _data(run, method),
        gettext("Method"): f"{gettext(method.title)}. {method.reference}",
    }
    for parameter in method.parameters:
        said[gettext(parameter.title)] = _value(parameter, run.parameters.get(parameter.name))
    said[gettext("Number of the run")] = f"#{run.pk}"
    if run.finished_at:
        said[gettext("Made")] = date_format(
            timezone.localtime(run.finished_at), gettext("j F Y, H:i T")
        )
    if run.timings:
        said[gettext("Took")] = gettext("%(n)s s") % {
            "n": number(round(sum(run.timings.values()), 1))
        }
    if run.versions:
        said[gettext("Versions")] = ", ".join(f"{k} {v}" for k, v in run.versions.items())
    if run.fingerprint:
        said[gettext("Fingerprint")] = run.fingerprint
    return said


def _data(run: Run, method: Method[Any]) -> str:
    """Say which features of which source went in, and how many."""
    parts = [str(SOURCES.get(run.source) or title_of_points(run.source))]
    parts += [
        f"{gettext(parameter.title).lower()} {_value(parameter, run.filters[parameter.name])}"
        for parameter in method.filters
        if run.filters.get(parameter.name)
    ]
    if (taken := run.summary.get("taken")) is not None:
        parts.append(gettext("%(n)s used") % {"n": count(taken)})
    if reasons := _left_out(run):
        parts.append(gettext("left out: %(reasons)s") % {"reasons": reasons})
    return "; ".join(parts)


def _left_out(run: Run) -> str:
    left_out = run.summary.get("left_out") or {}
    return ", ".join(f"{count(n)} {gettext(reason)}" for reason, n in left_out.items())


def _value(parameter: Parameter, value: Any) -> str:
    if value is None or value == "":
        return gettext("not set")
    if parameter.type == "choice":
        return next((gettext(c.title) for c in parameter.choices if c.value == value), str(value))
    if parameter.type == "boolean":
        return gettext("yes") if value else gettext("no")
    if parameter.type == "date":
        return date_format(date.fromisoformat(value), gettext("j F Y"))
    return f"{number(value)} {parameter.unit}".strip()


def title_of(method: Method[Any], source: str, filters: Mapping[str, Any]) -> str:
    """Name a study after its method and what it is about."""
    of_things = [] if source == method.source else [title_of_points(source)]
    narrowed = of_things + [
        _value(parameter, filters[parameter.name])
        for parameter in method.filters
        if filters.get(parameter.name) and parameter.type == "choice"
    ]
    return ": ".join([gettext(method.title), *([", ".join(narrowed)] if narrowed else [])])
