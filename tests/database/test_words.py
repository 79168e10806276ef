"""Every word has its translation; what is not marked for translation is found."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from geo import words

CATALOGUES = [(language, domain) for language in words.languages() for domain in words.collect()]


@pytest.fixture(scope="module")
def collected():
    return words.collect()


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_every_word_stands_in_the_catalogue(collected, language, domain):
    assert words.missing(language, domain, collected[domain]) == []


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_every_word_is_translated(language, domain):
    catalog = words.read(language, domain)
    assert [message.id for message in words.untranslated(catalog)] == []


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_translations_keep_the_placeholders(language, domain):
    catalog = words.read(language, domain)
    assert [message.id for message in words.misquoted(catalog)] == []


class Said(HTMLParser):
    """Collects what a page says to people outside of template tags."""

    SPOKEN = ("aria-label", "title", "placeholder", "alt")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self._keep(data)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in self.SPOKEN and value:
                self._keep(value)

    def _keep(self, text: str) -> None:
        if any(letter.isalpha() for letter in text):
            self.found.append(text.strip(" ·\n"))


NAMES = {"CivicGrid"}
TEMPLATES = sorted(
    path
    for room in words.ROOMS
    for path in (settings.BASE_DIR / room).rglob("*.html")
    if "templates" in path.parts
)


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR))
)
def test_a_template_says_nothing_past_the_translators(path: Path):
    said = Said()
    said.feed(words.without_tags(path.read_text()))
    assert [text for text in said.found if text not in NAMES] == []


def test_what_bypasses_the_translators_is_found():
    said = Said()
    said.feed(words.without_tags('<p title="Hint">{% translate "Known" %}</p> Unknown {{ name }}'))
    assert said.found == ["Hint", "Unknown"]


def test_the_compiled_catalogue_speaks():
    words.compile_all()
    with translation.override("es"):
        assert translation.gettext("Report a problem") != "Report a problem"
