"""What leads from a page to one of its states, by the names of its forms: so in every language."""

import io
from collections.abc import Callable

from PIL import Image
from playwright.sync_api import Page, expect

Act = Callable[[Page], None]


def look(_page: Page) -> None:
    """Leave the page as it came."""


def press(selector: str, then: str = "main") -> Act:
    """Return the act of pressing the first of what a selector finds, and waiting for `then`."""

    def act(page: Page) -> None:
        page.locator(selector).first.click()
        expect(page.locator(then).first).to_be_visible()

    return act


def answer(form: str, then: str, **fields: str) -> Act:
    """Return the act of filling a form's fields, sending it, and waiting for `then`."""

    def act(page: Page) -> None:
        for name, value in fields.items():
            page.locator(f"{form} [name={name}]").fill(value)
        page.locator(f"{form} button[type=submit]").first.click()
        expect(page.locator(then).first).to_be_visible()

    return act


def search_home(page: Page) -> None:
    """Type what the search box has offers for."""
    page.locator("input[name=q]").press_sequentially("Chan")
    expect(page.locator("[role=option]").first).to_be_visible()


def open_list(page: Page) -> None:
    """Pull the sheet of a phone up to its full height."""
    handle = page.locator(".sheet-handle")
    for _ in range(2 if handle.is_visible() else 0):
        handle.click()


def without_kind(page: Page) -> None:
    """Stand at the second step of a report, refused: nothing was chosen."""
    to_kinds(page)
    page.locator("section[data-step=kind] [data-next]").click()
    expect(page.locator(".error-line").first).to_be_visible()


def searched_kinds(page: Page) -> None:
    """Say in one's own words what is wrong."""
    to_kinds(page)
    page.locator("[name=kind_search]").fill("lamp, farola")
    expect(page.locator("[data-kinds-said]")).not_to_be_empty()


def to_kinds(page: Page) -> None:
    """Go to the second step of a report."""
    page.locator("section[data-step=place] [data-next]").click()
    expect(page.locator("section[data-step=kind]")).to_be_visible()


def to_details(category: str) -> Act:
    """Return the act of going to the third step with a kind, past the warning if there is one."""

    def act(page: Page) -> None:
        to_danger(category)(page)
        go_on = page.locator("[data-go-on]")
        if go_on.is_visible():
            go_on.click()
        expect(page.locator("section[data-step=details]")).to_be_visible()

    return act


def to_danger(category: str) -> Act:
    """Return the act of choosing a kind and going on; some kinds stop there with a warning."""

    def act(page: Page) -> None:
        to_kinds(page)
        kind = page.locator(f"[name=category][value={category}]")
        family = kind.locator("xpath=ancestor::label").get_attribute("data-family")
        page.locator(f"[name=family][value={family}]").check(force=True)
        more = page.locator("[data-more]")
        if not kind.locator("xpath=ancestor::label").is_visible():
            more.click()
        kind.check(force=True)
        page.locator("section[data-step=kind] [data-next]").click()

    return act


def with_photos(category: str) -> Act:
    """Return the act of adding two photos to the details."""

    def act(page: Page) -> None:
        to_details(category)(page)
        files = [("lamp.jpg", _photo("slategray")), ("post.jpg", _photo("olive"))]
        page.locator("input[name=photos]").set_input_files(
            [{"name": n, "mimeType": "image/jpeg", "buffer": content} for n, content in files]
        )
        expect(page.locator("[data-photo-list] img")).to_have_count(len(files))

    return act


def _photo(colour: str) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (1200, 900), colour).save(kept, "JPEG")
    return kept.getvalue()


def sent_with_photos(category: str) -> Act:
    """Return the act of sending a report with photos; its receipt is shown."""

    def act(page: Page) -> None:
        with_photos(category)(page)
        page.locator("section[data-step=details] [data-next]").click()
        page.locator("[data-send]").click()
        page.wait_for_url("**/r/**")
        expect(page.locator("main img[src*='/photos/']").first).to_be_visible()

    return act


def to_preview(category: str) -> Act:
    """Return the act of going to the last look at a report."""

    def act(page: Page) -> None:
        to_details(category)(page)
        page.locator("[name=description]").fill("By the corner, since Friday")
        page.locator("section[data-step=details] [data-next]").click()
        expect(page.locator("[data-check] .private")).to_be_visible()

    return act


def keep_without_network(page: Page) -> None:
    """Send a report where there is no network: it waits on the device until there is one."""
    to_details("graffiti")(page)
    page.context.set_offline(True)
    page.locator("section[data-step=details] [data-next]").click()
    page.locator("[data-send]").click()
    expect(page.locator("[data-banner] .banner")).to_be_visible()


def refused_question(page: Page) -> None:
    """Ask a question with a cell size that is none."""
    page.locator("[name=cell_m]").fill("0")
    page.locator("button[form=question]").click()
    expect(page.locator(".error-line").first).to_be_visible()
