"""The standalone page: complete, escaped, and silent towards every other host."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import geopandas as gpd
import pytest
import shapely
from playwright.sync_api import Browser, Page, sync_playwright

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


@dataclass
class Opened:
    """A page opened from a file where there is no network, and what went wrong on it."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", lambda m: m.type == "error" and self.faults.append(m.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)

    def _dialog(self, dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request) -> None:
        if not request.url.startswith(("data:", "file:///")):
            self.faults.append(request.url)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, tmp_path) -> Iterator[Callable[[str], Opened]]:
    context = chromium.new_context(offline=True, viewport={"width": 1280, "height": 800})

    def open_(html: str) -> Opened:
        path = tmp_path / "map.html"
        path.write_text(html)
        opened = Opened(context.new_page())
        opened.watch()
        opened.page.goto(path.as_uri())
        return opened

    yield open_
    context.close()


def test_it_holds_no_address_of_another_host():
    addresses = set(re.findall(r"https?://[^\s\"'<>()]*", standalone_page(sheet(-3, 0, 3))))
    assert addresses == {SVG_NAMESPACE}


def test_it_opens_from_a_file_without_a_network(open_page):
    opened = open_page(standalone_page(sheet(-3, 0, 2, 3, 3)))
    assert opened.page.title() == NASTY
    assert opened.page.locator("canvas.leaflet-zoom-animated").count() == 1
    assert opened.page.locator(".sign").all_inner_texts() == ["+", "+", "−"]
    assert opened.faults == []


def test_what_people_wrote_is_text_also_in_a_pop_up(open_page):
    html = standalone_page(sheet(3))
    opened = open_page(html)
    assert opened.page.locator("h1").inner_text() == NASTY
    opened.page.locator(".folium-map").click(position={"x": 448, "y": 420})
    pop_up = opened.page.locator(".leaflet-popup-content")
    assert NASTY in pop_up.inner_text()
    assert pop_up.locator("script, img").count() == 0
    assert opened.faults == []


def test_the_legend_shows_every_class_with_its_count_the_most_on_top(open_page):
    opened = open_page(standalone_page(sheet(-3, 0, 0, 3)))
    rows = [row.split("\n") for row in opened.page.locator(".sheet li").all_inner_texts()]
    assert rows[0] == ["+", "Class 3", "1"]
    assert [row[-1] for row in rows] == ["1", "0", "0", "2", "0", "0", "1"]


def test_a_line_grows_wider_with_its_class():
    lines = [shapely.LineString([(0, i / 1000), (0.01, i / 1000)]) for i in range(2)]
    frame = gpd.GeoDataFrame({"flow": [0.0, 9.0]}, geometry=lines, crs=4326)
    classes = [{"from": n, "label": str(n), "count": 1} for n in (0, 5)]
    style = {"kind": "network", "field": "flow", "classes": classes}
    html = standalone_page(sheet(result=frame, style=style))
    for colour, weight in ((palette.NETWORK[0], 1.0), (palette.NETWORK[-1], 5.4)):
        assert f'"color": "{colour}", "opacity": 1, "weight": {weight}' in html


def test_rows_without_a_place_are_on_no_map(open_page):
    frame = cells(3, 0)
    frame.loc[1, "geometry"] = None
    opened = open_page(standalone_page(sheet(3, 0, result=frame)))
    assert opened.page.locator(".sign").count() == 1
    assert opened.faults == []


def test_an_empty_result_still_makes_a_page(open_page):
    opened = open_page(standalone_page(sheet(areas=cells(0)[["geometry"]])))
    assert opened.page.locator("h1").is_visible()
    assert opened.faults == []
