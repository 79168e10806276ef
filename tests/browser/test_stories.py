"""How people get a report through: by mouse, thumb and keys, with little of a browser."""

import io
import re
from collections.abc import Iterator

import pytest
from django.utils import translation
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from reports import wording
from tests.browser.conftest import (
    DESKTOP,
    IN_EVERY_LANGUAGE,
    PHONE,
    Site,
    Watch,
    Words,
    open_context,
)
from tests.browser.reporting import Crew, Reporter


def spot(site: Site, number: int) -> tuple[float, float]:
    """Return longitude and latitude of a house; stories keep to houses of their own."""
    house = site.city.addresses[number]
    return house.lon, house.lat


def photo_with_place(lon: float, lat: float) -> bytes:
    """Return a JPEG as a phone makes it, with where it was taken."""
    picture = Image.new("RGB", (1200, 900), "slategray")
    exif = Image.Exif()
    exif.get_ifd(0x8825).update(
        {
            1: "N" if lat >= 0 else "S",
            2: degrees(lat),
            3: "E" if lon >= 0 else "W",
            4: degrees(lon),
        }
    )
    kept = io.BytesIO()
    picture.save(kept, "JPEG", exif=exif)
    return kept.getvalue()


def degrees(value: float) -> tuple[float, float, float]:
    whole = int(abs(value))
    minutes = (abs(value) - whole) * 60
    return float(whole), float(int(minutes)), (minutes - int(minutes)) * 60


def test_by_mouse_from_the_map_to_the_receipt(site: Site, desktop: Page, words: Words):
    page, ada = desktop, Reporter(desktop, site, words)
    page.goto(site.url)
    page.get_by_role("banner").get_by_role("link", name="Report a problem").click()
    page.get_by_role("combobox", name="Address or place").fill(site.city.addresses[40].street)
    page.get_by_role("option").first.click()
    ada.button("This is the place").click()
    ada.choose("Roads and lights")
    ada.look_and_send()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")


@IN_EVERY_LANGUAGE
def test_by_thumb_in_few_taps(site: Site, phone: Page, words: Words):
    """GPS, kind, no details: eight taps from the map to the receipt."""
    page, ada = phone, Reporter(phone, site, words)
    lon, lat = spot(site, 400)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 8})
    page.goto(site.url)
    page.get_by_role("link", name=words("Report a problem")).last.tap()
    ada.button("Where I am").tap()
    expect(page.locator("[name=lat]")).to_have_value(re.compile(f"^{lat:.3f}"[:6]))
    ada.button("This is the place").tap()
    page.locator("label.family", has_text=words("Waste")).tap()
    page.locator("label.tile", has_text=words("Dumped waste")).tap()
    ada.button("Continue").tap()
    ada.button("See the preview").tap()
    ada.button("Send report").tap()
    page.wait_for_url(re.compile("/r/"))
    expect(page.locator("html")).to_have_attribute("lang", words.language)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        words("Thank you. We have your report.")
    )


def press_until(page: Page, key: str, name: str, most: int = 60) -> None:
    """Press a key until what has this name holds the focus."""
    for _ in range(most):
        page.keyboard.press(key)
        focused = page.evaluate(
            "() => { const e = document.activeElement; return "
            "e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || ''; }"
        )
        if name in focused:
            return
    pytest.fail(f"{most} times {key} did not reach {name!r}")


def test_by_keys_alone(site: Site, desktop: Page):
    page = desktop
    page.goto(site.url)
    press_until(page, "Tab", "Report a problem")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/report/"))
    press_until(page, "Tab", "Address or place")
    page.keyboard.type(site.city.addresses[80].street)
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    press_until(page, "Tab", "This is the place")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What is wrong?", level=1)).to_be_focused()
    page.keyboard.press("Tab")
    page.get_by_role("radio", name="Crime and safety", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Roads and lights", exact=True)).to_be_checked()
    press_until(page, "Tab", "Pothole")
    page.keyboard.press("Space")
    press_until(page, "Tab", "Continue")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Tell us more", level=1)).to_be_focused()
    press_until(page, "Tab", "See the preview")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("What stays private")
    press_until(page, "Tab", "Send report")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/r/"))


def test_what_a_screen_reader_is_told(site: Site, desktop: Page, words: Words):
    page, ada = desktop, Reporter(desktop, site, words)
    page.goto(site.url)
    expect(page.get_by_role("application", name="Map of reports")).to_be_visible()
    expect(page.get_by_role("region", name="Reports")).to_match_aria_snapshot("""
      - region "Reports":
        - combobox "Search"
        - group "Kind"
        - heading /[\\d,]+ reports/ [level=1]
        - list
    """)
    ada.begin(spot(site, 120))
    expect(page.get_by_role("main")).to_match_aria_snapshot("""
      - main:
        - heading "What is wrong?" [level=1]
        - paragraph: 2 of 4
        - region "What is wrong?":
          - searchbox "Say it in your own words"
    """)
    ada.choose("Waste")
    expect(page.get_by_role("main")).to_match_aria_snapshot("""
      - main:
        - heading "Tell us more" [level=1]
        - region "Tell us more":
          - textbox /What should the crew know/
          - button "See the preview"
    """)


@pytest.fixture
def without_webgl(browser: Browser, watch: Watch) -> Iterator[Page]:
    context = open_context(browser, watch, viewport=PHONE)
    context.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        "  return String(kind).startsWith('webgl') ? null : get.call(this, kind, ...more); };"
    )
    yield context.new_page()
    context.close()


def test_where_no_map_can_be_drawn(site: Site, without_webgl: Page, watch: Watch, words: Words):
    page, ada = without_webgl, Reporter(without_webgl, site, words)
    page.goto(site.url)
    expect(page.get_by_role("main")).to_contain_text("The map could not be drawn here")
    expect(page.locator("#report-list li.report").first).to_be_visible()
    page.goto(f"{site.url}/report/")
    page.get_by_role("combobox", name="Address or place").fill(site.city.addresses[200].street)
    page.get_by_role("option").first.click()
    ada.button("This is the place").click()
    ada.choose("Roads and lights")
    ada.look_and_send()
    watch.faults[:] = [fault for fault in watch.faults if "webgl" not in fault.lower()]


SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 20_000}


def test_on_a_slow_network_the_list_comes_before_the_map(site: Site, phone: Page):
    page = phone
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
    tiles: list[str] = []
    page.on("response", lambda answer: tiles.append(answer.url) if ".mvt" in answer.url else None)
    page.goto(site.url, wait_until="commit")
    expect(page.locator("#report-list li.report").first).to_be_visible()
    expect(page.get_by_role("link", name="Report a problem").last).to_be_visible()
    assert not tiles, "the list waited for the map"
    page.wait_for_event("response", lambda answer: ".mvt" in answer.url, timeout=60_000)


def test_a_photo_comes_first_and_says_where(site: Site, phone: Page, words: Words):
    page, ada = phone, Reporter(phone, site, words)
    lon, lat = spot(site, 800)
    page.goto(f"{site.url}/report/")
    with page.expect_file_chooser() as chooser:
        page.get_by_title("Start with a photo").tap()
    file = {"name": "hole.jpg", "mimeType": "image/jpeg", "buffer": photo_with_place(lon, lat)}
    chooser.value.set_files(file)
    page.get_by_role("button", name="Use the place of the photo").tap()
    expect(page.locator("[name=lat]")).to_have_value(re.compile(f"{lat:.6f}"[:6]))
    ada.button("This is the place").tap()
    ada.choose("Roads and lights")
    page.goto(site.url + ada.look_and_send())
    shown = page.locator("main img[src*='/photos/']").first
    expect(shown).to_be_visible()
    kept = page.request.get(site.url + str(shown.get_attribute("src"))).body()
    assert b"Exif" not in kept


@IN_EVERY_LANGUAGE
def test_the_same_again_becomes_a_me_too(site: Site, phone: Page, desktop: Page, words: Words):
    place = spot(site, 1200 if words.language == "en" else 1800)
    first = Reporter(desktop, site, words).report(place, "Water", "Full of leaves")
    bo = Reporter(phone, site, words)
    bo.begin(place)
    bo.choose("Water")
    bo.button("See the preview").tap()
    phone.get_by_role("button", name=words("It is this one")).first.tap()
    phone.wait_for_url(re.compile(re.escape(first)))
    bo.expect_said("You are counted: it affects you too")
    desktop.goto(site.url + first)
    with translation.override(words.language):
        said = wording.me_too(1)
    expect(desktop.get_by_role("main")).to_contain_text(said)


@IN_EVERY_LANGUAGE
def test_what_is_not_fixed_opens_again(site: Site, phone: Page, desktop: Page, words: Words):
    middle = site.city.zones[0].polygon.representative_point()
    ada = Reporter(phone, site, words)
    public = ada.report((middle.x, middle.y), "Roads and lights", "By the school")
    receipt = phone.url
    Crew(desktop, site, words).close(public, "Filled")
    phone.goto(receipt)
    ada.button("Not fixed").tap()
    ada.expect_said("It is open again, and the crew sees it first.")
    desktop.goto(site.url + public)
    Reporter(desktop, site, words).expect_said("Opened again", "Accepted")


def test_on_a_desktop_nothing_needs_a_second_column(site: Site, browser: Browser, watch: Watch):
    """At 400 % zoom a 1280 px window is 320 px wide: everything still fits."""
    narrow = {"width": DESKTOP["width"] // 4, "height": DESKTOP["height"]}
    context = open_context(browser, watch, viewport=narrow)
    page = context.new_page()
    for address in ("/", "/report/", "/privacy/", "/sign-in/"):
        page.goto(site.url + address)
        page.wait_for_load_state("load")
        wider = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, address
    context.close()


IS_HIDDEN = """() => {
  const on = document.activeElement;
  const box = on.getBoundingClientRect();
  const x = Math.min(Math.max(box.x + box.width / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(box.y + box.height / 2, 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  const parts = [on, ...(on.labels ?? [])];
  return parts.some((part) => part.contains(top) || top.contains(part)) ? "" : on.outerHTML;
}"""


def test_what_has_the_focus_is_not_behind_the_actions_of_a_phone(site: Site, phone: Page):
    site.sign_in(phone, "planner")
    # A form that is still being taken apart into steps hides the bar under one's keys.
    ready = {"/report/": ".wizard.on", "/planning/new/hot-spots/": "#question"}
    for address, form in ready.items():
        phone.goto(site.url + address)
        expect(phone.locator(form)).to_be_visible()
        phone.wait_for_load_state("networkidle")
        for _ in range(25):
            phone.keyboard.press("Tab")
            assert phone.evaluate(IS_HIDDEN) == "", address
