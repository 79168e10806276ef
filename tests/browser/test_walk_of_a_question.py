"""A planner asks where reports stand out, and the answer is a layer on the map."""

import json
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from fixtures.town import make_town
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


def test_a_planner_runs_hot_spots_and_finds_the_planted_one(site: Site, desktop: Page):
    site.sign_in(desktop, "planner")
    desktop.goto(f"{site.url}/planning/new/hot-spots/")
    desktop.get_by_label("Kind").first.select_option(make_town().truth.category)
    desktop.get_by_role("button", name="Run").first.click()
    desktop.wait_for_url("**/planning/runs/*/")
    expect(desktop.locator("ul[data-legend]")).to_be_visible(timeout=60_000)
    expect(desktop.locator(".maplibregl-canvas")).to_be_visible()
