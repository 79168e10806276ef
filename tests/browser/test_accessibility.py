"""axe finds nothing serious on any page, in both themes and both languages (WCAG 2.2 AA)."""

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESKTOP, PHONE, Site, Watch, open_context
from tests.browser.pages import Sights

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
LOOKS = [
    ("light", "en", DESKTOP),
    ("dark", "es", PHONE),
    pytest.param(("dark", "en", DESKTOP), marks=pytest.mark.slow),
    pytest.param(("light", "es", PHONE), marks=pytest.mark.slow),
]


@pytest.fixture(scope="module")
def sights(site: Site) -> Sights:
    return Sights(site)


def serious_findings(page: Page) -> list[str]:
    """Return what axe holds against the page as it stands."""
    page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN)
    return found


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look[:2])))
def test_axe_finds_nothing_serious(browser: Browser, site: Site, sights: Sights, look):
    theme, language, viewport = look
    found: dict[str, list[str]] = {}
    pages = sights.addresses
    for role in sorted({role for _address, role in pages.values()}):
        watch = Watch(site.url)
        context = open_context(
            browser, watch, viewport=viewport, color_scheme=theme, locale=language
        )
        page = context.new_page()
        if role:
            site.sign_in(page, role)
        for name, (address, needed) in pages.items():
            if needed == role:
                page.goto(site.url + address)
                page.wait_for_load_state("networkidle")
                found[name] = serious_findings(page)
        context.close()
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_axe_would_find_a_button_without_a_name(browser: Browser):
    page = browser.new_page()
    page.set_content("<html lang=en><title>t</title><main><button></button></main>")
    assert any("button-name" in problem for problem in serious_findings(page))
    page.close()
