"""axe finds nothing serious on any page, in both themes and both languages (WCAG 2.2 AA)."""

import os
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Site
from tests.browser.pages import Sights
from tests.browser.sight import Sight
from tests.browser.walk import THEMES, VIEWPORTS, picture, walk

AXE = (settings.BASE_DIR / "node_modules/axe-core/axe.min.js").read_text()
RUN = """
async () => {
  const found = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  });
  return found.violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => [one.id, ...one.nodes.map((node) => node.target.join(" "))].join(" | "));
}
"""
LANGUAGES = [code for code, _name in settings.LANGUAGES]
LOOKS = list(product(LANGUAGES, VIEWPORTS, THEMES))
# Where pictures go that are for looking at; a folder that git ignores.
PICTURES = Path(os.environ.get("CIVICGRID_PICTURES", settings.BASE_DIR / ".state/pictures"))


@pytest.fixture(scope="module")
def sights(site: Site, django_db_blocker) -> dict[str, Sight]:
    """Every page and state; some are made here by the doors that the site itself uses."""
    with django_db_blocker.unblock():
        return Sights(site).all


def serious_findings(page: Page) -> list[str]:
    """Return what axe holds against the page as it stands."""
    page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN)
    return found


@pytest.mark.parametrize("number", range(len(LOOKS)), ids=["-".join(look) for look in LOOKS])
def test_axe_finds_nothing_serious_in_a_share_of_the_pages(
    browser: Browser, site: Site, sights: dict[str, Sight], number: int
):
    """Half of the pages are looked at once; the looks take turns. The long run has all of them."""
    language, width, theme = LOOKS[number]
    share = dict(list(sights.items())[number :: 2 * len(LOOKS)])
    found = {
        name: serious_findings(page)
        for name, _theme, page in walk(browser, site, share, language, width, [theme])
    }
    assert {name: problems for name, problems in found.items() if problems} == {}
    assert found.keys() == share.keys()


@pytest.mark.slow
@pytest.mark.parametrize("width", VIEWPORTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_serious_on_any_page_in_any_look(
    browser: Browser, site: Site, sights: dict[str, Sight], language: str, width: str
):
    """Every page and state in both themes; a picture of each is left to be looked at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    found: dict[str, list[str]] = {}
    for name, theme, page in walk(browser, site, sights, language, width):
        kept = f"{name.replace(' ', '-')}.{language}.{width}.{theme}"
        found[kept] = serious_findings(page)
        (PICTURES / f"{kept}.png").write_bytes(picture(page))
    assert {kept: problems for kept, problems in found.items() if problems} == {}
    assert len(found) == len(sights) * len(THEMES)


def test_axe_would_find_a_button_without_a_name(browser: Browser):
    page = browser.new_page()
    page.set_content("<html lang=en><title>t</title><main><button></button></main>")
    assert any("button-name" in problem for problem in serious_findings(page))
    page.close()
