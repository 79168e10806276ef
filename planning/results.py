"""What a method returns: typed rows, how they are drawn, figures and a finding in words.

`Outcome.style` is what maps read (`civicgrid.style` of the layer's TileJSON):

``{"kind": …, "field": …, "title": …, "classes": [{"value": …, "label": …, "count": …}, …]}``

with the classes in their order, least first. A class may name its colour (`token`, a design
token). Kinds: ``hot-cold`` (values -3 to 3), ``categorical``, ``network`` and ``sequential``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from django.utils.translation import gettext_noop as _

from layers.crs import GEOGRAPHIC, from_metres
from layers.datasets import Column
from planning.sentences import Sentence


@dataclass(frozen=True, eq=False)
class Outcome:
    """The answer of a method, before it is stored.

    Attributes
    ----------
    columns
        The columns of the result table, in order.
    values
        One array for each column, by name; all of one length. Moments are datetime64 in UTC.
    geometry : array of shapely geometries, of the same length
        In metres of the study's CRS; None for a row that is on no map.
    geometry_type
        ``point``, ``line`` or ``polygon``.
    style
        How a map draws it; see the module.
    summary
        Figures and counts, by name; numbers, texts, or a mapping of them.
    finding
        In a sentence or two: what was found, or that there is no evidence.
    """

    columns: Sequence[Column]
    values: Mapping[str, npt.ArrayLike]
    geometry: npt.NDArray[np.object_]
    geometry_type: str
    style: Mapping[str, Any]
    summary: Mapping[str, Any]
    finding: Sequence[Sentence]

    def frame(self, srid: int) -> gpd.GeoDataFrame:
        """Return the rows as a frame in EPSG:4326; `srid` is the CRS that was measured in."""
        table = pd.DataFrame({column.name: self.values[column.name] for column in self.columns})
        for column in self.columns:
            if column.type == "datetime":
                table[column.name] = pd.to_datetime(table[column.name], utc=True)
        return gpd.GeoDataFrame(table, geometry=from_metres(self.geometry, srid), crs=GEOGRAPHIC)


# The level is a false discovery rate: of all cells of a class, that share at most is chance.
HOT_COLD_LABELS: Mapping[int, str] = {
    -3: _("Fewer than expected (≤ 1 % false)"),
    -2: _("Fewer than expected (≤ 5 % false)"),
    -1: _("Fewer than expected (≤ 10 % false)"),
    0: _("No evidence"),
    1: _("More than expected (≤ 10 % false)"),
    2: _("More than expected (≤ 5 % false)"),
    3: _("More than expected (≤ 1 % false)"),
}


def hot_cold_style(field: str, title: str, classes: npt.NDArray[np.int8]) -> dict[str, Any]:
    """Return the style of cells classed from -3 (cold) to 3 (hot), with their counts."""
    return {
        "kind": "hot-cold",
        "field": field,
        "title": title,
        "classes": [
            {"value": value, "label": label, "count": int((classes == value).sum())}
            for value, label in HOT_COLD_LABELS.items()
        ],
    }


@dataclass(frozen=True)
class LegendClass:
    """A class of a categorical style: its value, its words, and its colour's token."""

    value: str
    label: str
    token: str


def categorical_style(
    field: str, title: str, categories: Sequence[LegendClass], values: npt.NDArray[np.str_]
) -> dict[str, Any]:
    """Return the style of features of several kinds, with their counts."""
    return {
        "kind": "categorical",
        "field": field,
        "title": title,
        "classes": [
            {
                "value": category.value,
                "label": category.label,
                "token": category.token,
                "count": int((values == category.value).sum()),
            }
            for category in categories
        ],
    }
