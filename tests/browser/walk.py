"""Walks through every page and state, as people of one language on one device see them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESKTOP, PHONE, Site, Watch, open_context
from tests.browser.sight import Sight

VIEWPORTS = {"390": PHONE, "1280": DESKTOP}
THEMES = ("light", "dark")
PAUSE_MS = 300
MOST_LOOKS = 10


def walk(
    browser: Browser,
    site: Site,
    sights: Mapping[str, Sight],
    language: str,
    width: str,
    themes: Sequence[str] = THEMES,
) -> Iterator[tuple[str, str, Page]]:
    """Yield each sight's name, a theme, and the page as it stands before the reader.

    Every sight has a window of its own, so that nothing is left of the one before. What a state
    logs is not judged: some are of refused forms and lost networks.
    """
    signed_in: dict[str, Any] = {}
    for name, sight in sights.items():
        context = open_context(
            browser,
            Watch(site.url),
            viewport=VIEWPORTS[width],
            has_touch=width == "390",
            locale=language,
            color_scheme=themes[0],
            reduced_motion="reduce",
            storage_state=signed_in.get(sight.role),
        )
        page = context.new_page()
        if sight.role and sight.role not in signed_in:
            site.sign_in(page, sight.role)
            signed_in[sight.role] = context.storage_state()
        page.goto(site.url + sight.address)
        page.wait_for_load_state("networkidle")
        sight.act(page)
        yield name, themes[0], page
        for theme in themes[1:]:
            page.emulate_media(color_scheme=theme)
            page.wait_for_load_state("networkidle")
            yield name, theme, page
        context.close()


def picture(page: Page) -> bytes:
    """Return a picture of the whole page, when nothing on it has moved since the last."""
    last = b""
    for _ in range(MOST_LOOKS):
        taken = page.screenshot(full_page=True)
        if taken == last:
            break
        last = taken
        page.wait_for_timeout(PAUSE_MS)
    return last
