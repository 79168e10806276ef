"""A result as one page that needs nothing else: scripts, styles and fonts stand in it.

It opens from a mail or a USB stick, and asks no other host for anything.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
from branca.element import Element
from django.conf import settings

from layers.errors import NotFound
from planning.render import palette

STYLE_SHEET = Path(__file__).parent / "assets" / "page.css"
LEAFLET = Path("node_modules/leaflet/dist")
FONT = Path("node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2")
NO_DIFFERENCE_OPACITY = 0.55
FILL_OPACITY = 0.85
NETWORK_WIDTHS = (1.0, 1.6, 2.4, 3.6, 5.4)


@dataclass(frozen=True)
class Sheet:
    """What stands on the page beside the map.

    `result` and the frames of `below` are in EPSG:4326; `style` is the result layer's own.
    """

    title: str
    finding: str
    result: gpd.GeoDataFrame
    style: Mapping[str, Any]
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
    west, south, east, north = sheet.result.total_bounds
    page = _LocalMap(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        control_scale=True,
        prefer_canvas=True,
        max_zoom=19,
    )
    page.fit_bounds([[south, west], [north, east]])
    _draw_ground(page, sheet)
    _draw_result(page, sheet)
    figure = page.get_root()
    figure.title = sheet.title
    figure.header.add_child(Element(_head()), name="ours")
    figure.html.add_child(Element(_panel(sheet)), name="panel")
    return _without_addresses(figure.render(), sheet.language)


class _LocalMap(folium.Map):
    """folium's map without its links to other hosts; `_head` carries what it needs."""

    default_js: list[tuple[str, str]] = []
    default_css: list[tuple[str, str]] = []


def _ground_style(**values: Any) -> Any:
    return lambda _feature: values


def _draw_ground(page: folium.Map, sheet: Sheet) -> None:
    colour = palette.TOKENS
    if sheet.areas is not None and len(sheet.areas):
        folium.GeoJson(
            sheet.areas[["geometry"]].to_json(),
            style_function=_ground_style(
                fillColor=colour["map-land"], fillOpacity=1, color=colour["map-boundary"], weight=1
            ),
            interactive=False,
        ).add_to(page)
    if sheet.water is not None and len(sheet.water):
        folium.GeoJson(
            sheet.water[["geometry"]].to_json(),
            style_function=_ground_style(
                fillColor=colour["map-water"], fillOpacity=1, color=colour["map-water"], weight=1
            ),
            interactive=False,
        ).add_to(page)
    if sheet.streets is not None and len(sheet.streets):
        folium.GeoJson(
            sheet.streets[["geometry"]].to_json(),
            style_function=_ground_style(color=colour["map-road-casing"], weight=1),
            interactive=False,
        ).add_to(page)


def _draw_result(page: folium.Map, sheet: Sheet) -> None:
    """Draw each feature in its class's colour, with a table of its values on a click."""
    style = sheet.style
    colours = palette.colours(style)
    columns = [c for c in sheet.result.columns if c != "geometry"]
    is_line = sheet.result.geom_type.iloc[0].endswith("LineString") if len(sheet.result) else False

    def drawn(feature: Mapping[str, Any]) -> dict[str, Any]:
        place = palette.class_of(style, feature["properties"].get(style["field"]))
        colour = palette.MISSING if place is None else colours[place]
        if is_line:
            steps = len(style["classes"]) - 1
            rank = round((place or 0) * (len(NETWORK_WIDTHS) - 1) / steps) if steps else 0
            wide = NETWORK_WIDTHS[rank] if style["kind"] == "network" else 2.4
            return {"color": colour, "weight": wide, "opacity": 1}
        unremarkable = style["kind"] == "hot-cold" and feature["properties"][style["field"]] == 0
        return {
            "fillColor": colour,
            "fillOpacity": NO_DIFFERENCE_OPACITY if unremarkable else FILL_OPACITY,
            "color": palette.EDGE,
            "weight": 0.9,
        }

    rounded = sheet.result.copy()
    for name in columns:
        if rounded[name].dtype.kind == "f":
            rounded[name] = rounded[name].round(4)
        elif rounded[name].dtype.kind in "Mm":
            rounded[name] = rounded[name].astype(str)
    folium.GeoJson(
        rounded.to_json(),
        name=sheet.title,
        style_function=drawn,
        popup=folium.GeoJsonPopup(fields=columns, aliases=columns, labels=True),
    ).add_to(page)


@cache
def _asset(path: Path) -> bytes:
    full = settings.BASE_DIR / path
    if not full.is_file():
        message = f"{path} is missing. Run script/server once, or npm ci, then try again."
        raise NotFound(message)
    return full.read_bytes()


@cache
def _head() -> str:
    font = base64.b64encode(_asset(FONT)).decode()
    face = (
        '@font-face { font-family: "Inter Variable"; font-weight: 100 900; '
        f"src: url(data:font/woff2;base64,{font}) format('woff2'); }}"
    )
    leaflet_css = re.sub(
        r"/\*.*?\*/", "", _asset(LEAFLET / "leaflet.css").decode(), flags=re.DOTALL
    )
    for name in ("layers.png", "layers-2x.png", "marker-icon.png"):
        picture = base64.b64encode(_asset(LEAFLET / "images" / name)).decode()
        leaflet_css = leaflet_css.replace(
            f"url(images/{name})", f"url(data:image/png;base64,{picture})"
        )
    script = (
        _asset(LEAFLET / "leaflet.js").decode().replace("//# sourceMappingURL=leaflet.js.map", "")
    )
    styles = f"{face}\n{leaflet_css}\n{STYLE_SHEET.read_text()}"
    own = "L.Control.Attribution.prototype.options.prefix = false;"
    return f"<style>{styles}</style><script>{script}\n{own}</script>"


def _panel(sheet: Sheet) -> str:
    """Return title, finding, legend with counts, caveat and recipe as plain HTML."""
    colours = palette.colours(sheet.style)
    rows = [
        f'<li><span class="swatch" style="background:{colour}"></span>'
        f"<span>{escape(str(one['label']))}</span><b>{escape(str(one.get('count', '')))}</b></li>"
        for one, colour in zip(sheet.style["classes"], colours, strict=True)
    ]
    recipe = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in sheet.recipe.items()
    )
    caveat = f'<p class="caveat">{escape(sheet.caveat)}</p>' if sheet.caveat else ""
    return (
        f'<main class="sheet" aria-label="Result"><h1>{escape(sheet.title)}</h1>'
        f'<p class="finding">{escape(sheet.finding)}</p>'
        f"<h2>{escape(str(sheet.style.get('title', '')))}</h2><ul>{''.join(reversed(rows))}</ul>"
        f"{caveat}<details><summary>How it was made</summary><dl>{recipe}</dl></details>"
        f'<p class="attribution">{escape(sheet.attribution)}</p></main>'
    )


def _without_addresses(page: str, language: str) -> str:
    """Drop the links that libraries write into their output, and name the page's language."""
    page = re.sub(r"https?://leafletjs\.com", "", page)
    return page.replace("<html>", f'<html lang="{language}">', 1)
