"""A planner asks where reports gather, and the answer is a layer on the map."""

import shapely
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

RUN_MS = 60_000


def _ask(page: Page, site: Site, category: str) -> None:
    site.sign_in(page, "planner")
    page.get_by_role("link", name="Planning").click()
    page.goto(f"{site.url}/planning/new/hot-spots/")
    page.get_by_label("Category").select_option(category)
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/planning/runs/*/")


def test_a_planner_runs_hot_spots_and_finds_the_planted_one(site: Site, desktop: Page):
    truth = site.city.truth.hot_spots[0]
    _ask(desktop, site, truth.category)
    expect(desktop.locator("ul[data-legend] li")).to_have_count(7, timeout=RUN_MS)
    expect(desktop.locator(".maplibregl-canvas")).to_be_visible()
    answer = desktop.request.get(f"{desktop.url}result.geojson").json()
    planted = shapely.Point(truth.lon, truth.lat)
    here = [
        feature["properties"]["class"]
        for feature in answer["features"]
        if shapely.geometry.shape(feature["geometry"]).covers(planted)
    ]
    assert here == [3]
    with desktop.expect_download() as waiting:
        desktop.get_by_role("link", name="standalone").or_(
            desktop.locator("a[href$='map.html']")
        ).first.click()
    page = waiting.value.path().read_text()
    assert "https://" not in page


def test_a_run_in_the_queue_can_be_stopped_and_leaves_nothing(site: Site, desktop: Page):
    site.sign_in(desktop, "planner")
    desktop.goto(f"{site.url}/planning/new/trend/")
    with site.held("study"):
        desktop.get_by_role("button", name="Run", exact=True).click()
        desktop.wait_for_url("**/planning/runs/*/")
        desktop.get_by_role("button", name="Cancel").click()
        expect(desktop.get_by_role("main")).to_contain_text("Nothing was saved")
    # The worker that goes on finds nothing to do.
    desktop.wait_for_timeout(1_000)
    desktop.reload()
    expect(desktop.get_by_role("main")).to_contain_text("Nothing was saved")
