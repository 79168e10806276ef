"""An administrator brings another system's reports in: mapped, tried, imported, taken along."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from layers.importing import uploads
from layers.models import City, Upload
from tests.browser.conftest import DESKTOP, PHONE, Site, Watch, open_context
from tests.browser.test_accessibility import serious_findings

IMPORT_MS = 60_000
CHOICES = {
    "key": "ID",
    "opened": "OPENED",
    "longitude": "LON",
    "latitude": "LAT",
    "category": "TYPE",
    "state": "STATUS",
}


@pytest.fixture
def real_city(site: Site, django_db_blocker) -> Iterator[Site]:
    """The site as that of a real city: the demo takes no real reports."""
    with django_db_blocker.unblock():
        City.objects.update(is_demo=False)
    yield site
    with django_db_blocker.unblock():
        City.objects.update(is_demo=True)
        for upload in Upload.objects.all():
            uploads.remove(upload)


@pytest.fixture
def calls(site: Site, tmp_path: Path) -> Path:
    """Calls of a town: two in three stand at one point, as if nobody knew where."""
    place = site.city.zones[0].polygon.representative_point()
    lines = ["ID,TYPE,STATUS,OPENED,LON,LAT"]
    for number in range(1, 31):
        lon = place.x + number / 1e5 if number % 3 == 0 else place.x
        kind = "Pothole" if number % 2 else "Noise at night"
        lines.append(f"{number},{kind},Open,2025-01-{number:02} 12:30:00,{lon:.6f},{place.y:.6f}")
    path = tmp_path / "calls.csv"
    path.write_text("\n".join(lines))
    return path


def send(page: Page, site: Site, calls: Path) -> None:
    site.sign_in(page, "administrator")
    page.goto(f"{site.url}/reports/import/")
    page.locator("input[type=file]").set_input_files(calls)
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_role("heading", name="calls.csv")).to_be_visible()


def map_columns(page: Page, source: str) -> None:
    for name, column in CHOICES.items():
        page.locator(f"select[name={name}]").select_option(column)
    page.get_by_label("Name of the source").fill(source)
    page.get_by_label("How times are written").fill("%Y-%m-%d %H:%M:%S")
    page.get_by_role("button", name="Look again").click()
    page.get_by_label("Pothole").select_option("pothole")
    page.get_by_label("Noise at night").select_option("")
    page.get_by_label("Every other kind is").select_option("")
    page.get_by_label("Open", exact=True).select_option("accepted")


def test_reports_are_mapped_tried_and_imported(real_city: Site, desktop: Page, calls: Path):
    send(desktop, real_city, calls)
    map_columns(desktop, "town-desk")
    expect(desktop.get_by_label(re.compile(": 20 rows"))).to_be_checked()
    desktop.get_by_role("button", name="Try it").click()
    expect(desktop.get_by_text("A trial: nothing was stored")).to_be_visible(timeout=IMPORT_MS)
    sums = desktop.get_by_role("table").first
    expect(sums.get_by_role("row", name="Reports 15")).to_be_visible()
    expect(sums.get_by_role("row", name="Of kinds that were left out 15")).to_be_visible()
    expect(sums.get_by_role("row", name="Rows read 30")).to_be_visible()
    desktop.get_by_role("button", name="Import", exact=True).click()
    expect(desktop.get_by_text("15 reports came in.")).to_be_visible(timeout=IMPORT_MS)
    with desktop.expect_download() as waiting:
        desktop.get_by_role("link", name="Mapping (TOML)").click()
    document = tomllib.loads(waiting.value.path().read_text())
    assert (document["source"], document["key"]) == ("town-desk", "ID")
    assert document["category"]["values"] == {"Pothole": "pothole"}


def test_it_is_done_without_a_script_on_a_phone(real_city: Site, no_script: Page, calls: Path):
    send(no_script, real_city, calls)
    map_columns(no_script, "town-phone")
    no_script.get_by_role("button", name="Import", exact=True).click()
    for _ in range(60):
        if no_script.get_by_text("reports came in.").is_visible():
            break
        no_script.wait_for_timeout(500)
        no_script.reload()
    expect(no_script.get_by_text("15 reports came in.")).to_be_visible()


def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    real_city: Site, phone: Page, calls: Path
):
    send(phone, real_city, calls)
    map_columns(phone, "town-lost")
    phone.get_by_label("When it was reported").select_option("")
    phone.get_by_role("button", name="Try it").click()
    summary = phone.locator("#form-errors")
    expect(summary).to_be_focused()
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    expect(phone.get_by_label("When it was reported")).to_be_focused()
    expect(phone.get_by_label("Pothole")).to_have_value("pothole")


@pytest.mark.parametrize(
    ("theme", "viewport"), [("light", DESKTOP), ("dark", PHONE)], ids=["light", "dark"]
)
def test_axe_finds_nothing_serious_on_the_way(
    real_city: Site, browser: Browser, watch: Watch, calls: Path, theme, viewport
):
    context = open_context(browser, watch, viewport=viewport, color_scheme=theme, locale="en")
    page = context.new_page()
    send(page, real_city, calls)
    found = {"columns": serious_findings(page)}
    map_columns(page, f"town-{theme}")
    found["values"] = serious_findings(page)
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("A trial: nothing was stored")).to_be_visible(timeout=IMPORT_MS)
    found["trial"] = serious_findings(page)
    page.goto(f"{real_city.url}/reports/import/")
    found["imports"] = serious_findings(page)
    context.close()
    assert {name: problems for name, problems in found.items() if problems} == {}
