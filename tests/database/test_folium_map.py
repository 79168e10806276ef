"""The standalone page: complete, escaped, and silent towards every other host."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from playwright.sync_api import Browser, sync_playwright

from planning.render import palette
from planning.render.folium_map import Sheet, standalone_page
from tests.browser.conftest import CHROMIUM, QUIET

NASTY = '<script>alert(1)</script><img src=x onerror="alert(2)">'
SVG_NAMESPACE = "http://www.w3.org/2000/svg"


def hot_cold(*values: int) -> dict:
    counts = {value: values.count(value) for value in range(-3, 4)}
    classes = [{"value": v, "label": f"Class {v}", "count": n} for v, n in counts.items()]
    return {"kind": "hot-cold", "field": "class", "title": "Lights", "classes": classes}


def cells(*values: int) -> gpd.GeoDataFrame:
    boxes = [shapely.box(i / 1000, 0, (i + 1) / 1000, 0.001) for i in range(len(values))]
    return gpd.GeoDataFrame({"class": list(values), "name": NASTY}, geometry=boxes, crs=4326)


def sheet(*values: int, **changes) -> Sheet:
    return Sheet(
        **{
            "title": NASTY,
            "finding": f"Found {NASTY}",
            "result": cells(*values),
            "style": hot_cold(*values),
            "titles": {"name": f"Name {NASTY}", "class": "Class"},
            "caveat": NASTY,
            "attribution": NASTY,
            "recipe": {f"Method {NASTY}": NASTY},
            **changes,
        }
    )


@dataclass(frozen=True)
class Seen:
    """What stands on a page that was opened from a file where there is no network."""

    title: str
    heading: str
    legend: list[list[str]]
    signs: list[str]
    canvases: int
    pop_up: str
    pop_up_elements: int
    faults: list[str]


def look(chromium: Browser, path: Path, click: tuple[int, int] | None) -> Seen:
    context = chromium.new_context(offline=True, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    faults: list[str] = []

    def dismiss(dialog) -> None:
        faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def note(request) -> None:
        if not request.url.startswith(("data:", "file:///")):
            faults.append(request.url)

    page.on("console", lambda m: m.type == "error" and faults.append(m.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", dismiss)
    page.on("request", note)
    page.goto(path.as_uri())
    if click:
        page.locator(".folium-map").click(position={"x": click[0], "y": click[1]})
    pop_up = page.locator(".leaflet-popup-content")
    seen = Seen(
        title=page.title(),
        heading=page.locator("h1").inner_text(),
        legend=[row.split("\n") for row in page.locator(".sheet li").all_inner_texts()],
        signs=page.locator(".sign").all_inner_texts(),
        canvases=page.locator("canvas.leaflet-zoom-animated").count(),
        pop_up=pop_up.inner_text() if click else "",
        pop_up_elements=pop_up.locator("script, img").count(),
        faults=faults,
    )
    context.close()
    return seen


@pytest.fixture(scope="module")
def open_page(tmp_path_factory) -> Iterator[Callable[..., Seen]]:
    """Opens pages in a thread of its own: the browser's event loop stays out of the tests'."""
    path = tmp_path_factory.mktemp("page") / "map.html"
    with ThreadPoolExecutor(max_workers=1) as thread:
        playwright = thread.submit(lambda: sync_playwright().start()).result()
        chromium = thread.submit(
            lambda: playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        ).result()

        def open_(html: str, click: tuple[int, int] | None = None) -> Seen:
            path.write_text(html)
            return thread.submit(look, chromium, path, click).result()

        yield open_
        thread.submit(chromium.close).result()
        thread.submit(playwright.stop).result()


def test_it_holds_no_address_of_another_host():
    addresses = set(re.findall(r"https?://[^\s\"'<>()]*", standalone_page(sheet(-3, 0, 3))))
    assert addresses == {SVG_NAMESPACE}


def test_it_opens_from_a_file_without_a_network(open_page):
    seen = open_page(standalone_page(sheet(-3, 0, 2, 3, 3)))
    assert seen.title == NASTY
    assert seen.canvases == 1
    assert seen.signs == ["+", "+", "−"]
    assert seen.faults == []


def test_what_people_wrote_is_text_also_in_a_pop_up(open_page):
    seen = open_page(standalone_page(sheet(3)), click=(448, 420))
    assert seen.heading == NASTY
    assert NASTY in seen.pop_up
    assert seen.pop_up_elements == 0
    assert seen.faults == []


def test_the_legend_shows_every_class_with_its_count_the_most_on_top(open_page):
    seen = open_page(standalone_page(sheet(-3, 0, 0, 3)))
    assert seen.legend[0] == ["+", "Class 3", "1"]
    assert [row[-1] for row in seen.legend] == ["1", "0", "0", "2", "0", "0", "1"]


def test_a_line_grows_wider_with_its_class():
    lines = [shapely.LineString([(0, i / 1000), (0.01, i / 1000)]) for i in range(2)]
    frame = gpd.GeoDataFrame({"flow": [0.0, 9.0]}, geometry=lines, crs=4326)
    classes = [{"from": n, "label": str(n), "count": 1} for n in (0, 5)]
    style = {"kind": "network", "field": "flow", "classes": classes}
    html = standalone_page(sheet(result=frame, style=style))
    for colour, weight in ((palette.NETWORK[0], 1.0), (palette.NETWORK[-1], 5.4)):
        assert f'"color": "{colour}", "opacity": 1, "weight": {weight}' in html


def test_the_ground_shows_through_cells_that_do_not_stand_out():
    words = {"down": "hot-m2", "none": "hot-0", "up": "hot-p2"}
    classes = [{"value": v, "label": v, "token": t, "count": 1} for v, t in words.items()]
    frame = cells(*range(3)).assign(trend=list(words))
    trend = {"kind": "categorical", "field": "trend", "classes": classes}
    for html in (standalone_page(sheet(result=frame, style=trend)), standalone_page(sheet(0, 2))):
        shown = dict(re.findall(r'"fillColor": "(#\w+)", "fillOpacity": ([\d.]+)', html))
        assert shown[palette.HOT_COLD[0]] == "0.55"
        assert shown[palette.HOT_COLD[2]] == "0.85"


def test_rows_without_a_place_are_on_no_map(open_page):
    frame = cells(3, 0)
    frame.loc[1, "geometry"] = None
    seen = open_page(standalone_page(sheet(3, 0, result=frame)))
    assert seen.signs == ["+"]
    assert seen.faults == []


def test_an_empty_result_still_makes_a_page(open_page):
    seen = open_page(standalone_page(sheet(areas=cells(0)[["geometry"]])))
    assert seen.canvases == 1
    assert seen.faults == []
