"""A result as one page that needs nothing else: scripts, styles and fonts stand in it.

It opens from a mail or a USB stick, and asks no other host for anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, cast

import folium
import geopandas as gpd
import shapely
from branca.element import Element, Figure
from django.utils.translation import gettext as _

from planning.render import inlined, palette

NO_DIFFERENCE_OPACITY = 0.55
FILL_OPACITY = 0.85
# With more cells than this, edges and signs would cover what they mark.
FINE_CELLS = 1500
FINE_EDGE = 0.2
NETWORK_WIDTHS = (1.0, 1.6, 2.4, 3.6, 5.4)
SIGNS = {3: "+", -3: "−"}
"""What the strongest classes of hot and cold carry, so that they read without colour."""


@dataclass(frozen=True)
class Sheet:
    """What stands on the page.

    Attributes
    ----------
    result
        The features in EPSG:4326; those without a geometry are on no map.
    style
        The result layer's own; see `planning.results`.
    titles
        Names of the result's columns for people; a column without one is left out of the pop-up.
    recipe
        How it was made: words and values.
    areas, water, streets
        The ground under the result in EPSG:4326.
    """

    title: str
    finding: str
    result: gpd.GeoDataFrame
    style: Mapping[str, Any]
    titles: Mapping[str, str] = field(default_factory=dict)
    caveat: str = ""
    attribution: str = ""
    recipe: Mapping[str, str] = field(default_factory=dict)
    areas: gpd.GeoDataFrame | None = None
    water: gpd.GeoDataFrame | None = None
    streets: gpd.GeoDataFrame | None = None
    language: str = "en"


def standalone_page(sheet: Sheet) -> str:
    """Return the HTML of the page.

    Raises
    ------
    NotFound
        When the map's scripts are not installed.
    """
    page = _LocalMap(tiles=None, control_scale=True, prefer_canvas=True, max_zoom=19)
    _draw_ground(page, sheet)
    _draw_result(page, sheet)
    if (bounds := _bounds(sheet)) is not None:
        west, south, east, north = bounds
        page.fit_bounds([[south, west], [north, east]])
    figure = cast("Figure", page.get_root())
    # branca writes the title as it is.
    figure.title = escape(sheet.title)
    figure.header.add_child(Element(inlined.head()), name="ours")
    figure.html.add_child(Element(_panel(sheet)), name="panel")
    html: str = inlined.without_addresses(figure.render())
    return html.replace("<html>", f'<html lang="{escape(sheet.language)}">', 1)


class _LocalMap(folium.Map):
    """folium's map without its links to other hosts; the page's head carries what it needs."""

    default_js: list[tuple[str, str]] = []
    default_css: list[tuple[str, str]] = []


def _bounds(sheet: Sheet) -> tuple[float, float, float, float] | None:
    """Return west, south, east and north of the first frame that shows something."""
    for frame in (sheet.result, sheet.areas, sheet.streets):
        if frame is not None and frame.geometry.notna().any():
            west, south, east, north = frame.total_bounds
            return west, south, east, north
    return None


def _draw_ground(page: folium.Map, sheet: Sheet) -> None:
    colour = palette.TOKENS
    land = {"fillColor": colour["map-land"], "color": colour["map-boundary"]}
    water = {"fillColor": colour["map-water"], "color": colour["map-water"]}
    streets = {"color": colour["map-road-casing"]}
    for frame, look in ((sheet.areas, land), (sheet.water, water), (sheet.streets, streets)):
        if frame is not None and len(frame):
            folium.GeoJson(
                frame[["geometry"]].to_json(),
                style_function=_always({"fillOpacity": 1, "weight": 1, **look}),
                interactive=False,
            ).add_to(page)


def _always(look: Mapping[str, Any]) -> Any:
    return lambda _feature: look


def _draw_result(page: folium.Map, sheet: Sheet) -> None:
    """Draw each feature in its class's colour, with a table of its values on a click."""
    shown = sheet.result[sheet.result.geometry.notna()]
    if not len(shown):
        return
    style = sheet.style
    shape = shown.geom_type.iloc[0].removeprefix("Multi")
    look = {"LineString": _line, "Point": _spot}.get(shape, _cell)
    is_fine = len(shown) > FINE_CELLS
    columns = [name for name in shown.columns if name in sheet.titles]
    drawn = _in_words(shown[[*dict.fromkeys([*columns, style["field"]]), "geometry"]])
    folium.GeoJson(
        drawn.to_json(),
        style_function=lambda feature: (
            look(style, feature["properties"].get(style["field"]))
            | ({"weight": FINE_EDGE} if is_fine and look is _cell else {})
        ),
        marker=folium.CircleMarker(radius=5) if shape == "Point" else None,
        popup=folium.GeoJsonPopup(
            fields=columns, aliases=[escape(_(sheet.titles[name])) for name in columns]
        )
        if columns
        else None,
    ).add_to(page)
    if style["kind"] == "hot-cold" and not is_fine:
        _draw_signs(page, shown, style["field"])


def _in_words(shown: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the values as a pop-up shows them; folium writes them into it as HTML."""
    words = shown.copy()
    for name in words.columns.drop("geometry"):
        match words[name].dtype.kind:
            case "f":
                words[name] = words[name].round(4)
            case "M":
                words[name] = words[name].dt.strftime("%Y-%m-%d %H:%M")
            case "O" | "U":
                words[name] = [escape(str(v)) if v is not None else "" for v in words[name]]
    return words


def _colour(style: Mapping[str, Any], place: int | None) -> str:
    return palette.MISSING if place is None else palette.colours(style)[place]


def _line(style: Mapping[str, Any], value: Any) -> dict[str, Any]:
    place = palette.class_of(style, value)
    steps = len(style["classes"]) - 1
    rank = round((place or 0) * (len(NETWORK_WIDTHS) - 1) / steps) if steps else 0
    weight = NETWORK_WIDTHS[rank] if style["kind"] == "network" else 2.4
    return {"color": _colour(style, place), "weight": weight, "opacity": 1}


def _cell(style: Mapping[str, Any], value: Any) -> dict[str, Any]:
    colour = _colour(style, palette.class_of(style, value))
    return {
        "fillColor": colour,
        "fillOpacity": NO_DIFFERENCE_OPACITY if colour == palette.HOT_COLD[0] else FILL_OPACITY,
        "color": palette.EDGE,
        "weight": 0.9,
    }


def _spot(style: Mapping[str, Any], value: Any) -> dict[str, Any]:
    return {**_cell(style, value), "fillOpacity": 1}


def _draw_signs(page: folium.Map, shown: gpd.GeoDataFrame, column: str) -> None:
    for value, sign in SIGNS.items():
        strongest = shown.geometry[shown[column] == value]
        if len(strongest):
            middles = gpd.GeoDataFrame(geometry=shapely.centroid(strongest.array), crs=shown.crs)
            icon = folium.DivIcon(
                html=sign, class_name="sign", icon_size=(14, 14), icon_anchor=(7, 7)
            )
            folium.GeoJson(
                middles.to_json(), marker=folium.Marker(icon=icon), interactive=False
            ).add_to(page)


def _panel(sheet: Sheet) -> str:
    """Return title, finding, legend with counts, caveat and recipe as plain HTML."""
    recipe = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in sheet.recipe.items()
    )
    caveat = (
        f'<p class="caveat"><b>{_("Read with care.")}</b> {escape(sheet.caveat)}</p>'
        if sheet.caveat
        else ""
    )
    return (
        f'<main class="sheet" aria-label="{_("Result")}"><h1>{escape(sheet.title)}</h1>'
        f'<p class="finding">{escape(sheet.finding)}</p>{_legend(sheet.style)}{caveat}'
        f"<details><summary>{_('How it was made')}</summary><dl>{recipe}</dl></details>"
        f'<p class="attribution">{escape(sheet.attribution)}</p></main>'
    )


def _legend(style: Mapping[str, Any]) -> str:
    """Return the classes in their order, most on top, each with its count."""
    rows = []
    for one, colour in zip(style["classes"], palette.colours(style), strict=True):
        sign = SIGNS.get(one.get("value"), "") if style["kind"] == "hot-cold" else ""
        count = f"<b>{one['count']:,}</b>" if "count" in one else ""
        rows.append(
            f'<li><span class="swatch" style="background:{colour}">{sign}</span>'
            f"<span>{escape(_(str(one['label'])))}</span>{count}</li>"
        )
    return f"<h2>{escape(str(style.get('title', '')))}</h2><ul>{''.join(reversed(rows))}</ul>"
