"""How people get a report through: by mouse, thumb and keys, with little of a browser."""

import io
import re
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Site, Watch, open_context

KINDS = {"Roads and lights": "Pothole", "Waste": "Dumped waste", "Water": "Blocked drain"}


def spot(site: Site, number: int) -> tuple[float, float]:
    """Return longitude and latitude of a house; stories keep to houses of their own."""
    house = site.city.addresses[number]
    return house.lon, house.lat


def begin(page: Page, site: Site, place: tuple[float, float]) -> None:
    lon, lat = place
    page.goto(f"{site.url}/report/?lon={lon}&lat={lat}")
    expect(page.get_by_role("heading", name="Where is it?", level=1)).to_be_visible()
    page.get_by_role("button", name="This is the place").click()
    expect(page.get_by_role("heading", name="What is wrong?", level=1)).to_be_focused()


def choose(page: Page, family: str) -> None:
    page.get_by_role("radio", name=family, exact=True).check(force=True)
    page.get_by_role("radio", name=KINDS[family], exact=True).check(force=True)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Tell us more", level=1)).to_be_focused()


def look_and_send(page: Page) -> None:
    page.get_by_role("button", name="See the preview").click()
    expect(page.get_by_role("main")).to_contain_text("What stays private")
    page.get_by_role("button", name="Send report").click()
    page.wait_for_url(re.compile("/r/"))


def public_page(page: Page) -> str:
    """Return the public address that a receipt's page names."""
    return str(page.locator("main a[href*='/reports/']").first.get_attribute("href"))


def report(page: Page, site: Site, place: tuple[float, float], family: str, words: str) -> str:
    """Send a report and return its public page's address."""
    begin(page, site, place)
    choose(page, family)
    page.get_by_label("What should the crew know?").fill(words)
    look_and_send(page)
    return public_page(page)


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


def test_by_mouse_from_the_map_to_the_receipt(site: Site, desktop: Page):
    page = desktop
    page.goto(site.url)
    page.get_by_role("banner").get_by_role("link", name="Report a problem").click()
    page.get_by_role("combobox", name="Address or place").fill(site.city.addresses[40].street)
    page.get_by_role("option").first.click()
    page.get_by_role("button", name="This is the place").click()
    choose(page, "Roads and lights")
    look_and_send(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")


def test_by_thumb_in_few_taps(site: Site, phone: Page):
    """GPS, kind, no details: eight taps from the map to the receipt."""
    page = phone
    lon, lat = spot(site, 400)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 8})
    page.goto(site.url)
    page.get_by_role("link", name="Report a problem").last.tap()
    page.get_by_role("button", name="Where I am").tap()
    expect(page.locator("[name=lat]")).to_have_value(re.compile(f"^{lat:.3f}"[:6]))
    page.get_by_role("button", name="This is the place").tap()
    page.locator("label", has_text="Waste").first.tap()
    page.locator("label.tile", has_text="Dumped waste").tap()
    page.get_by_role("button", name="Continue").tap()
    page.get_by_role("button", name="See the preview").tap()
    page.get_by_role("button", name="Send report").tap()
    page.wait_for_url(re.compile("/r/"))


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


def test_what_a_screen_reader_is_told(site: Site, desktop: Page):
    page = desktop
    page.goto(site.url)
    expect(page.get_by_role("application", name="Map of reports")).to_be_visible()
    expect(page.get_by_role("region", name="Reports")).to_match_aria_snapshot("""
      - region "Reports":
        - combobox "Search"
        - group "Kind"
        - heading /[\\d,]+ reports/ [level=1]
        - list
    """)
    begin(page, site, spot(site, 120))
    expect(page.get_by_role("main")).to_match_aria_snapshot("""
      - main:
        - heading "What is wrong?" [level=1]
        - paragraph: 2 of 4
        - region "What is wrong?":
          - searchbox "Say it in your own words"
    """)
    choose(page, "Waste")
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


def test_where_no_map_can_be_drawn(site: Site, without_webgl: Page, watch: Watch):
    page = without_webgl
    page.goto(site.url)
    expect(page.get_by_role("main")).to_contain_text("The map could not be drawn here")
    expect(page.locator("#report-list li.report").first).to_be_visible()
    page.goto(f"{site.url}/report/")
    page.get_by_role("combobox", name="Address or place").fill(site.city.addresses[200].street)
    page.get_by_role("option").first.click()
    page.get_by_role("button", name="This is the place").click()
    choose(page, "Roads and lights")
    look_and_send(page)
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


def test_a_photo_comes_first_and_says_where(site: Site, phone: Page):
    page = phone
    lon, lat = spot(site, 800)
    page.goto(f"{site.url}/report/")
    with page.expect_file_chooser() as chooser:
        page.get_by_title("Start with a photo").tap()
    file = {"name": "hole.jpg", "mimeType": "image/jpeg", "buffer": photo_with_place(lon, lat)}
    chooser.value.set_files(file)
    page.get_by_role("button", name="Use the place of the photo").tap()
    expect(page.locator("[name=lat]")).to_have_value(re.compile(f"{lat:.6f}"[:6]))
    page.get_by_role("button", name="This is the place").tap()
    choose(page, "Roads and lights")
    look_and_send(page)
    page.goto(site.url + public_page(page))
    shown = page.locator("main img[src*='/photos/']").first
    expect(shown).to_be_visible()
    kept = page.request.get(site.url + str(shown.get_attribute("src"))).body()
    assert b"Exif" not in kept


def test_the_same_again_becomes_a_me_too(
    site: Site,
    phone: Page,
    desktop: Page,
):
    place = spot(site, 1200)
    first = report(desktop, site, place, "Water", "Full of leaves")
    begin(phone, site, place)
    choose(phone, "Water")
    phone.get_by_role("button", name="See the preview").tap()
    phone.get_by_role("button", name=re.compile("It is this one: Blocked drain")).first.tap()
    phone.wait_for_url(re.compile("/reports/"))
    desktop.goto(site.url + first)
    expect(desktop.get_by_role("main")).to_contain_text(
        re.compile("affects (one|1) (other|more)|1 ")
    )


def test_what_is_not_fixed_opens_again(site: Site, phone: Page, desktop: Page):
    place = site.city.zones[0].polygon.representative_point()
    public = report(phone, site, (place.x, place.y), "Roads and lights", "By the school")
    receipt = phone.url
    site.sign_in(desktop, "crew")
    desktop.goto(f"{site.url}/crew/{public.strip('/').rsplit('/', 1)[-1]}/")
    for step in ("Accept", "Take it on", "Start"):
        desktop.get_by_role("button", name=step, exact=True).click()
        expect(desktop.get_by_role("button", name=step, exact=True)).to_have_count(0)
    desktop.get_by_role("textbox").fill("Filled")
    desktop.get_by_role("button", name="Done", exact=True).click()
    expect(desktop.get_by_role("button", name="Done", exact=True)).to_have_count(0)
    phone.goto(receipt)
    phone.get_by_role("button", name="Not fixed").tap()
    expect(phone.get_by_role("main")).to_contain_text("It is open again")
    desktop.goto(site.url + public)
    expect(desktop.get_by_role("main")).to_contain_text("Accepted")


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
