"""A citizen's pin becomes a row, shows on the public map, reaches its crew and is closed."""

import re

from playwright.sync_api import Page, expect

from fixtures.city import make_city
from tests.browser.conftest import Site


def _choose(page: Page, family: str, kind: str) -> None:
    page.get_by_role("radio", name=family, exact=True).check(force=True)
    page.get_by_role("radio", name=kind, exact=True).check(force=True)


def _send(page: Page) -> str:
    """Send the form; return the address of the public page that the answer names."""
    page.get_by_role("button", name="Send report").click()
    page.wait_for_url(re.compile(r"/r/"))
    link = page.locator("a[href*='/reports/']").first
    return str(link.get_attribute("href"))


def test_a_citizen_without_scripts_reports_by_street_and_finds_it_on_the_list(
    site: Site, no_script: Page
):
    page = no_script
    page.goto(site.url)
    page.get_by_role("link", name="Report a problem").first.click()
    _choose(page, "Roads and lights", "Pothole")
    page.get_by_label("Street and number").fill(make_city().addresses[0].street)
    page.get_by_role("button", name="Find").click()
    page.locator("#places").get_by_role("radio").first.check()
    page.get_by_label("What should the crew know?").fill("Deep enough for a wheel")
    public = _send(page)
    page.goto(f"{site.url}{public}")
    expect(page.get_by_role("main")).to_contain_text("Deep enough for a wheel")
    page.goto(site.url)
    expect(page.locator("#report-list")).to_contain_text("Pothole")


def test_what_is_missing_is_said_and_nothing_typed_is_lost(site: Site, no_script: Page):
    page = no_script
    page.goto(f"{site.url}/report/")
    page.get_by_label("What should the crew know?").fill("Keep these words")
    page.get_by_role("button", name="Send report").click()
    expect(page.get_by_role("main")).to_contain_text("Choose what is wrong")
    expect(page.get_by_label("What should the crew know?")).to_have_value("Keep these words")


def test_a_citizen_with_the_map_reports_and_the_crew_closes_it(
    site: Site, phone: Page, desktop: Page
):
    place = make_city().zones[0].polygon.representative_point()
    phone.goto(f"{site.url}/report/")
    _choose(phone, "Roads and lights", "Street light out")
    expect(phone.locator(".maplibregl-canvas")).to_be_visible()
    phone.locator("summary", has_text="By coordinates").click()
    before = phone.get_by_label("Latitude").input_value()
    canvas = phone.locator(".maplibregl-canvas")
    canvas.focus()
    canvas.press("ArrowUp")
    expect(phone.get_by_label("Latitude")).not_to_have_value(before)
    phone.get_by_label("Latitude").fill(f"{place.y:.6f}")
    phone.get_by_label("Longitude").fill(f"{place.x:.6f}")
    phone.get_by_label("What should the crew know?").fill("Dark since Friday")
    public = _send(phone)
    receipt = phone.url

    site.sign_in(desktop, "crew")
    desktop.goto(f"{site.url}/crew/{public.rstrip('/').rsplit('/', 1)[-1]}/")
    for step in ("Accept", "Take it on", "Start"):
        desktop.get_by_role("button", name=step, exact=True).click()
        expect(desktop.get_by_role("button", name=step, exact=True)).to_have_count(0)
    desktop.get_by_role("textbox").fill("New lamp fitted")
    desktop.get_by_role("button", name="Done", exact=True).click()
    expect(desktop.get_by_role("button", name="Done", exact=True)).to_have_count(0)

    phone.goto(f"{site.url}{public}")
    expect(phone.get_by_role("main")).to_contain_text("New lamp fitted")
    expect(phone.get_by_role("main")).to_contain_text("Done")
    phone.goto(receipt)
    expect(phone.get_by_role("main")).to_contain_text("New lamp fitted")


def test_the_public_map_draws_and_its_list_keeps_step(site: Site, desktop: Page):
    desktop.goto(site.url)
    expect(desktop.locator(".maplibregl-canvas")).to_be_visible()
    heading = desktop.locator("#count")
    before = heading.inner_text()
    canvas = desktop.locator(".maplibregl-canvas")
    for _ in range(3):
        desktop.get_by_role("button", name="Zoom in").click()
        desktop.wait_for_timeout(400)
    canvas.focus()
    expect(heading).not_to_have_text(before)
    expect(desktop).to_have_url(re.compile("bbox="))
