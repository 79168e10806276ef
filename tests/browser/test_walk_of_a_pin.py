"""A citizen's pin becomes a row, shows on the public map, reaches its crew and is closed."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Watch


def _choose(page: Page, family: str, kind: str) -> None:
    page.get_by_role("radio", name=family, exact=True).check(force=True)
    page.get_by_role("radio", name=kind, exact=True).check(force=True)


def _choose_kind(page: Page, family: str, kind: str) -> None:
    """Go through the first two steps, from a place that is chosen."""
    page.get_by_role("button", name="This is the place").click()
    expect(page.get_by_role("heading", name="What is wrong?", level=1)).to_be_focused()
    _choose(page, family, kind)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Tell us more", level=1)).to_be_focused()


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
    page.get_by_label("Address or place").fill(site.city.addresses[0].street)
    page.get_by_role("button", name="Find").first.click()
    page.locator("#places").get_by_role("radio").first.check()
    page.get_by_label("Larger").check(force=True)
    page.get_by_label("What should the crew know?").fill("Deep enough for a wheel")
    page.get_by_role("button", name="See it before you send it").click()
    expect(page.get_by_role("main")).to_contain_text("What stays private")
    public = _send(page)
    page.goto(f"{site.url}{public}")
    expect(page.get_by_role("main")).to_contain_text("Deep enough for a wheel")
    page.goto(site.url)
    expect(page.locator("#report-list")).to_contain_text("Pothole")


def test_what_is_missing_is_said_and_nothing_typed_is_lost(site: Site, no_script: Page):
    page = no_script
    page.goto(f"{site.url}/report/")
    page.get_by_label("What should the crew know?").fill("Keep these words")
    page.get_by_role("button", name="See it before you send it").click()
    expect(page.get_by_role("main")).to_contain_text("Choose what is wrong")
    expect(page.get_by_label("What should the crew know?")).to_have_value("Keep these words")


def test_a_citizen_with_the_map_reports_and_the_crew_closes_it(
    site: Site, phone: Page, desktop: Page
):
    place = site.city.zones[0].polygon.representative_point()
    phone.goto(f"{site.url}/report/?lat={place.y}&lon={place.x}")
    before = phone.locator("[name=lat]").input_value()
    canvas = phone.locator(".maplibregl-canvas")
    expect(canvas).to_be_visible()
    canvas.focus()
    canvas.press("ArrowUp")
    expect(phone.locator("[name=lat]")).not_to_have_value(before)
    _choose_kind(phone, "Roads and lights", "Street light out")
    phone.get_by_label("What should the crew know?").fill("Dark since Friday")
    phone.get_by_role("button", name="See the preview").click()
    expect(phone.get_by_role("main")).to_contain_text("What stays private")
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


def test_a_report_outlives_a_closed_window_without_a_network_and_is_sent_by_itself(
    site: Site, phone: Page, watch: Watch
):
    place = site.city.zones[1].polygon.representative_point()
    phone.goto(f"{site.url}/report/?lat={place.y}&lon={place.x}")
    _choose_kind(phone, "Waste", "Overflowing bin")
    phone.get_by_label("What should the crew know?").fill("Full since the feast")
    phone.context.set_offline(True)
    phone.get_by_role("button", name="See the preview").click()
    phone.get_by_role("button", name="Send report").click()
    expect(phone.get_by_role("main")).to_contain_text("Not sent yet: it is kept on this device")
    later = phone.context.new_page()
    phone.close()
    later.context.set_offline(False)
    later.goto(f"{site.url}/report/")
    later.wait_for_url(re.compile(r"/r/"))
    expect(later.get_by_role("main")).to_contain_text("Full since the feast")
    # What Chromium logs of a lost network is what this story is about.
    watch.faults[:] = [fault for fault in watch.faults if "ERR_INTERNET_DISCONNECTED" not in fault]


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
