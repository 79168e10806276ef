"""The standalone page of a run: its result and the ground under it, read through the registry."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
from django.utils import timezone
from django.utils.translation import get_language

from layers import features, registry
from layers.access import ANONYMOUS, Viewer
from layers.errors import InvalidInput, NotFound
from layers.models import Dataset
from layers.queries import city
from layers.registry import Layer
from planning import wording
from planning.methods import method_of
from planning.models import Run
from planning.render.folium_map import Sheet
from planning.sources import STREETS

MOST_ROWS = 100_000
"""With more, the page takes half a minute to make and hundreds of megabytes to open."""


def fits_a_page(result: Dataset) -> bool:
    """Tell whether a result is small enough for a standalone page."""
    return result.feature_count <= MOST_ROWS


def sheet_of(run: Run, viewer: Viewer) -> Sheet:
    """Return what stands on the standalone page of a run.

    Raises
    ------
    NotFound
        When the run has no result, or none that the viewer may see.
    InvalidInput
        When the result does not fit a page.
    """
    layer = _layer_of(run, viewer)
    if run.result and not fits_a_page(run.result):
        message = (
            f"The result has {run.result.feature_count:,} rows and a page holds {MOST_ROWS:,}. "
            "Take the GeoJSON, or run the study with larger cells."
        )
        raise InvalidInput(message)
    # What was studied: the city's own outline, else its wards.
    areas = _ground("areas-city", f"areas-{city().ward_kind_id or 'ward'}")
    water = _ground("areas-water")
    streets = NO_GROUND if run.source == STREETS else _ground(STREETS)
    ground = (areas, water, streets)
    return Sheet(
        title=run.study.title,
        finding=run.finding_in_words,
        result=_in_zone(features.read(layer, viewer)),
        style=layer.style,
        titles={field.name: field.title for field in layer.fields},
        caveat=wording.care(run),
        attribution=_attributions(layer.attribution(), *ground),
        recipe=wording.recipe(run, method_of(run.method)),
        areas=areas.frame,
        water=water.frame,
        streets=streets.frame,
        language=get_language() or "en",
    )


def _layer_of(run: Run, viewer: Viewer) -> Layer:
    if run.result is None:
        message = f"Run {run.pk} has no result. Run the study again, and wait for its end."
        raise NotFound(message)
    return registry.resolve(run.result.slug, viewer)


def _in_zone(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame with its times in the active zone, as people read them."""
    for name, column in frame.drop(columns="geometry").items():
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            frame[name] = column.dt.tz_convert(timezone.get_current_timezone())
    return frame


@dataclass(frozen=True)
class Ground:
    """Features that are drawn under a result, and what a map must say of them."""

    frame: gpd.GeoDataFrame | None = None
    attribution: str = ""


NO_GROUND = Ground()


def _ground(*slugs: str) -> Ground:
    """Return the features of the first of these layers that there is."""
    for slug in slugs:
        try:
            layer = registry.resolve(slug, ANONYMOUS)
        except NotFound:
            continue
        frame = features.read(layer, ANONYMOUS)
        if len(frame):
            return Ground(frame, layer.attribution())
    return NO_GROUND


def _attributions(of_result: str, *ground: Ground) -> str:
    """Name everybody whose data stand on the page, each once."""
    named = (of_result, *(part.attribution for part in ground))
    return "; ".join(dict.fromkeys(filter(None, named)))


def geojson_of(run: Run, viewer: Viewer) -> str:
    """Return the result of a run as GeoJSON (RFC 7946).

    Raises
    ------
    NotFound
        As for `sheet_of`.
    """
    frame = features.read(_layer_of(run, viewer), viewer)
    text: str = frame.to_json(drop_id=True, default=_in_iso)
    return text


def _in_iso(moment: Any) -> str:
    """Write a time as ISO 8601 does."""
    return str(moment.isoformat())
