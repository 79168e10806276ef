"""A citizen's pin becomes a row, shows on the public map, reaches its crew and is closed."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import IN_EVERY_LANGUAGE, Site, Watch, Words
from tests.browser.reporting import Crew, Reporter


@IN_EVERY_LANGUAGE
def test_a_citizen_without_scripts_reports_by_street_and_finds_it_on_the_list(
    site: Site, no_script: Page, words: Words
):
    page, ada = no_script, Reporter(no_script, site, words)
    page.goto(site.url)
    page.get_by_role("link", name=words("Report a problem")).first.click()
    ada.check("Roads and lights")
    page.get_by_label(words("Address or place")).fill(site.city.addresses[0].street)
    ada.button("Find").first.click()
    page.locator("#places").get_by_role("radio").first.check()
    page.get_by_label(words("Larger")).check(force=True)
    ada.describe("Deep enough for a wheel")
    ada.button("See it before you send it").click()
    public = ada.send()
    page.goto(f"{site.url}{public}")
    ada.expect_said("Deep enough for a wheel", "Pothole")
    page.goto(site.url)
    expect(page.locator("#report-list")).to_contain_text(words("Pothole"))


def test_what_is_missing_is_said_and_nothing_typed_is_lost(site: Site, no_script: Page):
    page = no_script
    page.goto(f"{site.url}/report/")
    page.get_by_label("What should the crew know?").fill("Keep these words")
    page.get_by_role("button", name="See it before you send it").click()
    expect(page.get_by_role("main")).to_contain_text("Choose what is wrong")
    expect(page.get_by_label("What should the crew know?")).to_have_value("Keep these words")


def test_a_citizen_with_the_map_reports_and_the_crew_closes_it(
    site: Site, phone: Page, desktop: Page, words: Words
):
    ada = Reporter(phone, site, words)
    place = site.city.zones[0].polygon.representative_point()
    phone.goto(f"{site.url}/report/?lat={place.y}&lon={place.x}")
    before = phone.locator("[name=lat]").input_value()
    canvas = phone.locator(".maplibregl-canvas")
    expect(canvas).to_be_visible()
    canvas.focus()
    canvas.press("ArrowUp")
    expect(phone.locator("[name=lat]")).not_to_have_value(before)
    ada.button("This is the place").click()
    ada.expect_step("What is wrong?")
    ada.choose("Roads and lights", "Street light out")
    ada.describe("Dark since Friday")
    public = ada.look_and_send()
    receipt = phone.url
    Crew(desktop, site, words).close(public, "New lamp fitted")
    phone.goto(f"{site.url}{public}")
    ada.expect_said("New lamp fitted", "Done")
    phone.goto(receipt)
    ada.expect_said("New lamp fitted")


def test_a_report_outlives_a_closed_window_without_a_network_and_is_sent_by_itself(
    site: Site, phone: Page, watch: Watch, words: Words
):
    place = site.city.zones[1].polygon.representative_point()
    ada = Reporter(phone, site, words)
    ada.begin((place.x, place.y))
    ada.choose("Waste", "Overflowing bin")
    ada.describe("Full since the feast")
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
