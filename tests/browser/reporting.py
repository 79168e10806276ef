"""How a story reports: by the words that people read, in their language."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site, Words

KINDS = {"Roads and lights": "Pothole", "Waste": "Dumped waste", "Water": "Blocked drain"}


@dataclass(frozen=True)
class Reporter:
    """Somebody who reports: their window, and the words in their language."""

    page: Page
    site: Site
    words: Words

    def button(self, name: str) -> Locator:
        """Return the button of this name."""
        return self.page.get_by_role("button", name=self.words(name), exact=True)

    def begin(self, place: tuple[float, float]) -> None:
        """Open the form at a longitude and latitude, and take the place as it is."""
        lon, lat = place
        self.page.goto(f"{self.site.url}/report/?lon={lon}&lat={lat}")
        self.expect_step("Where is it?", focused=False)
        self.button("This is the place").click()
        self.expect_step("What is wrong?")

    def expect_step(self, title: str, *, focused: bool = True) -> None:
        """Wait for a step by its heading."""
        heading = self.page.get_by_role("heading", name=self.words(title), level=1)
        expect(heading).to_be_visible()
        if focused:
            expect(heading).to_be_focused()

    def check(self, family: str, kind: str = "") -> None:
        """Choose a family and one of its kinds, by default its usual one."""
        for name in (family, kind or KINDS[family]):
            self.page.get_by_role("radio", name=self.words(name), exact=True).check(force=True)

    def choose(self, family: str, kind: str = "") -> None:
        """Go through the second step."""
        self.check(family, kind)
        self.button("Continue").click()
        self.expect_step("Tell us more")

    def describe(self, text: str) -> None:
        """Say more about it."""
        self.page.get_by_label(self.words("What should the crew know?")).fill(text)

    def expect_said(self, *sentences: str) -> None:
        """Wait until the page says all of this."""
        for sentence in sentences:
            expect(self.page.get_by_role("main")).to_contain_text(self.words(sentence))

    def look_and_send(self) -> str:
        """Go through the last two steps; return the address of the public page."""
        self.button("See the preview").click()
        return self.send()

    def send(self) -> str:
        """Send from the last look; return the address of the public page."""
        self.expect_said("What stays private")
        self.button("Send report").click()
        self.page.wait_for_url(re.compile("/r/"))
        return str(self.page.locator("main a[href*='/reports/']").first.get_attribute("href"))

    def report(self, place: tuple[float, float], family: str, text: str) -> str:
        """Send a report; return the address of its public page."""
        self.begin(place)
        self.choose(family)
        self.describe(text)
        return self.look_and_send()


@dataclass(frozen=True)
class Crew:
    """Somebody of the demo's crew in a window of their own."""

    page: Page
    site: Site
    words: Words

    def close(self, public: str, note: str) -> None:
        """Take a report, by the address of its public page, from new to done."""
        self.site.sign_in(self.page, "crew")
        self.page.goto(f"{self.site.url}/crew/{public.strip('/').rsplit('/', 1)[-1]}/")
        for step in ("Accept", "Take it on", "Start", "Done"):
            if step == "Done":
                self.page.get_by_role("textbox").fill(note)
            button = self.page.get_by_role("button", name=self.words(step), exact=True)
            button.click()
            expect(button).to_have_count(0)
