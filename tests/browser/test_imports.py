"""An administrator brings places in: by mouse, by thumb, by keys, without a script."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
from playwright.sync_api import Browser, Page, expect

from layers.importing import undo, uploads
from layers.models import City, Dataset, Upload
from tests.browser.conftest import DESKTOP, PHONE, Site, Watch, open_context
from tests.browser.test_accessibility import serious_findings

IMPORT_MS = 60_000


@pytest.fixture
def real_city(site: Site, django_db_blocker) -> Iterator[Site]:
    """The site as that of a real city: the demo takes no real places."""
    with django_db_blocker.unblock():
        City.objects.update(is_demo=False)
    yield site
    with django_db_blocker.unblock():
        City.objects.update(is_demo=True)
        for upload in Upload.objects.all():
            uploads.remove(upload)
        if Dataset.objects.filter(slug="parks").exists():
            undo.undo("layer:parks")


@pytest.fixture
def parks(site: Site, tmp_path: Path) -> Path:
    """Areas of the city in metres of its own zone, in a file that claims longitude and latitude."""
    zones = gpd.GeoDataFrame(
        {"name": [f"Park {n}" for n, _ in enumerate(site.city.zones, 1)]},
        geometry=[zone.polygon.buffer(-0.001) for zone in site.city.zones],
        crs=4326,
    )
    metres = zones.to_crs(zones.estimate_utm_crs())
    path = tmp_path / "parks.geojson"
    document = json.loads(metres.to_json(drop_id=True))
    del document["crs"]
    path.write_text(json.dumps(document))
    return path


def open_imports(page: Page, site: Site) -> None:
    site.sign_in(page, "administrator")
    page.goto(f"{site.url}/layers/import/")


def choose(page: Page, path: Path) -> None:
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_role("heading", name=path.name)).to_be_visible()


def test_a_file_in_unnamed_metres_becomes_a_layer(real_city: Site, desktop: Page, parks: Path):
    open_imports(desktop, real_city)
    choose(desktop, parks)
    expect(desktop.get_by_text("which are not in EPSG:4326")).to_be_visible()
    desktop.get_by_role("button", name=re.compile("Read as EPSG:")).first.click()
    expect(desktop.locator(".maplibregl-canvas")).to_be_visible()
    zones = len(real_city.city.zones)
    expect(desktop.locator("[data-sample]")).to_have_text(f"{zones} features are drawn.")
    desktop.get_by_role("button", name="Import", exact=True).click()
    # The summary has the focus, and leads to the fields.
    expect(desktop.locator("#form-errors")).to_be_focused()
    desktop.locator("#form-errors").get_by_role("link", name="Licence").click()
    expect(desktop.get_by_label("Licence")).to_be_focused()
    desktop.get_by_label("Licence").fill("CC0-1.0")
    desktop.get_by_role("textbox", name="Attribution").fill("Office of parks")
    desktop.get_by_role("button", name="Import", exact=True).click()
    expect(desktop.get_by_text(f"{zones} of {zones} rows came in.")).to_be_visible(
        timeout=IMPORT_MS
    )
    expect(desktop.locator(".maplibregl-ctrl-attrib")).to_contain_text("Office of parks")
    desktop.get_by_role("link", name="All imports").click()
    expect(desktop.get_by_role("link", name="parks.geojson").first).to_be_visible()


def test_what_is_sent_can_be_stopped(real_city: Site, desktop: Page, tmp_path: Path):
    large = tmp_path / "large.geojson"
    with large.open("wb") as file:
        file.truncate(300_000_000)
    open_imports(desktop, real_city)
    slow = desktop.context.new_cdp_session(desktop)
    slow.send("Network.enable")
    slow.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2_000_000},
    )
    desktop.locator("input[type=file]").set_input_files(large)
    desktop.get_by_role("button", name="Look it over").click()
    sending = desktop.locator("[data-sending]")
    expect(sending.locator("[data-percent]")).to_have_text(re.compile(r"[1-9]\d?\s?%"))
    sending.get_by_role("button", name="Cancel").click()
    expect(sending).to_be_hidden()
    expect(desktop.get_by_role("button", name="Look it over")).to_be_enabled()
    expect(desktop).to_have_url(f"{real_city.url}/layers/import/")


def test_a_file_that_is_none_says_so_at_its_field(real_city: Site, phone: Page, tmp_path: Path):
    page_of_errors = tmp_path / "streets.geojson"
    page_of_errors.write_text("<!doctype html><title>502</title><p>Bad gateway")
    open_imports(phone, real_city)
    phone.locator("input[type=file]").set_input_files(page_of_errors)
    phone.get_by_role("button", name="Look it over").click()
    expect(phone.locator("#form-errors")).to_be_focused()
    expect(phone.locator("#form-errors")).to_contain_text("streets.geojson is a web page")
    # The form that came with the answer works as the first one did.
    fine = tmp_path / "lamps.geojson"
    fine.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, '
        '"geometry": {"type": "Point", "coordinates": [0.001, 0.001]}}]}'
    )
    choose(phone, fine)


def test_it_is_done_with_keys_alone(real_city: Site, desktop: Page, parks: Path):
    open_imports(desktop, real_city)
    desktop.locator("input[type=file]").set_input_files(parks)
    desktop.locator("input[type=file]").focus()
    desktop.keyboard.press("Tab")
    expect(desktop.get_by_label("A layer of its own")).to_be_focused()
    desktop.keyboard.press("Tab")
    expect(desktop.get_by_role("button", name="Look it over")).to_be_focused()
    desktop.keyboard.press("Enter")
    read = desktop.get_by_role("button", name=re.compile("Read as EPSG:")).first
    read.focus()
    desktop.keyboard.press("Enter")
    expect(desktop.locator("[data-sample]")).to_contain_text("drawn")
    desktop.get_by_label("Licence").focus()
    desktop.keyboard.type("CC0-1.0")
    desktop.keyboard.press("Tab")
    desktop.keyboard.type("Office of parks")
    desktop.keyboard.press("Tab")
    expect(desktop.get_by_role("button", name="Import", exact=True)).to_be_focused()
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_text("rows came in.")).to_be_visible(timeout=IMPORT_MS)


def test_it_is_done_without_a_script(real_city: Site, no_script: Page, parks: Path):
    open_imports(no_script, real_city)
    choose(no_script, parks)
    no_script.get_by_role("button", name=re.compile("Read as EPSG:")).first.click()
    no_script.get_by_label("Licence").fill("CC0-1.0")
    no_script.get_by_role("textbox", name="Attribution").fill("Office of parks")
    no_script.get_by_role("button", name="Import", exact=True).click()
    expect(no_script.get_by_role("heading", name="parks.geojson")).to_be_visible()
    for _ in range(60):
        if no_script.get_by_text("rows came in.").is_visible():
            break
        no_script.wait_for_timeout(500)
        no_script.reload()
    expect(no_script.get_by_text("rows came in.")).to_be_visible()


@pytest.mark.parametrize(
    ("theme", "viewport"), [("light", DESKTOP), ("dark", PHONE)], ids=["light", "dark"]
)
def test_axe_finds_nothing_serious_on_the_way(
    real_city: Site, browser: Browser, watch: Watch, parks: Path, theme, viewport
):
    context = open_context(browser, watch, viewport=viewport, color_scheme=theme, locale="en")
    page = context.new_page()
    open_imports(page, real_city)
    found = {"imports": serious_findings(page)}
    choose(page, parks)
    found["file"] = serious_findings(page)
    page.get_by_role("button", name=re.compile("Read as EPSG:")).first.click()
    expect(page.locator("[data-sample]")).to_contain_text("drawn")
    found["placed"] = serious_findings(page)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#form-errors")).to_be_visible()
    found["refused"] = serious_findings(page)
    page.get_by_label("Licence").fill("CC0-1.0")
    page.get_by_role("textbox", name="Attribution").fill("Office of parks")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("rows came in.")).to_be_visible(timeout=IMPORT_MS)
    found["done"] = serious_findings(page)
    context.close()
    assert {name: problems for name, problems in found.items() if problems} == {}
