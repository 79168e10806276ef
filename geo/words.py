"""The catalogues of words: what is to be translated is collected, compared and compiled here.

Babel reads Python and scripts; what stands in templates is brought into the form of Python by
Django itself. The words of the base data (categories, their questions, kinds of areas) belong to
the catalogue as well. No tool of the operating system is needed.
"""

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from fixtures import base

ROOMS = ("geo", "layers", "reports", "planning")
KEYWORDS: Mapping[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
MARKED = re.compile(
    r"{% blocktrans.*?{% endblocktrans(?:late)? %}"
    r"|{% block (?:\w+_class|layout_data|skip_target) %}.*?{% endblock %}",
    re.DOTALL,
)
# An element whose name a variable gives.
NAMED = re.compile(r"(</?){{.*?}}")
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
UNKEPT = tuple(
    f'"{name}:'.encode()
    for name in (
        "Project-Id-Version",
        "Report-Msgid-Bugs-To",
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Language-Team",
        "Generated-By",
    )
)
PAGES, SCRIPTS = "django", "djangojs"
NOTE = re.compile(r"{#.*?#}|{% comment.*?%}.*?{% endcomment %}", re.DOTALL)
PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[sdf]|%%")

Text = str | tuple[str, str]


@dataclass(frozen=True)
class Word:
    """One text to translate: its id (one and many, where it counts) and its context."""

    text: Text
    context: str | None = None


def collect() -> dict[str, list[Word]]:
    """Return every word of the project by catalogue, in the order of files."""
    return {
        PAGES: list(dict.fromkeys([*_of_python(), *_of_templates(), *_of_base_data()])),
        SCRIPTS: list(dict.fromkeys(_of_scripts())),
    }


def _files(pattern: str) -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((settings.BASE_DIR / room).rglob(pattern))


def _extracted(method: str, source: bytes) -> Iterator[Word]:
    for _line, text, _comments, context in extract(method, io.BytesIO(source), KEYWORDS):
        yield Word(text if isinstance(text, str) else (text[0], text[1]), context)


def _of_python() -> Iterator[Word]:
    for path in _files("*.py"):
        yield from _extracted("python", path.read_bytes())


def _of_scripts() -> Iterator[Word]:
    for path in _files("*.js"):
        yield from _extracted("javascript", path.read_bytes())


def _of_templates() -> Iterator[Word]:
    for path in [*_files("*.html"), *_files("*.txt")]:
        if "templates" in path.parts:
            # A comment would swallow the rest of its line, and there is one line only: what
            # stands around the words has lost its indentation's meaning.
            source = NOTE.sub("", path.read_text())
            as_python = " ".join(templatize(source, origin=str(path)).split("\n"))
            yield from _extracted("python", as_python.strip().encode())


def without_tags(source: str) -> str:
    """Return a template's text without its tags, variables and what they mark for translation."""
    return TAG.sub("", NAMED.sub(r"\1p", MARKED.sub("", NOTE.sub("", source))))


def _of_base_data() -> Iterator[Word]:
    texts: list[str] = [family.title for family in base.families()]
    for category in base.categories():
        texts += category.texts()
    for kind in base.area_kinds():
        texts += [kind.title, kind.plural]
    yield from (Word(text) for text in texts if text)


def catalogue_path(language: str, domain: str) -> Path:
    """Return where the translations of a language stand."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / f"{domain}.po"


def languages() -> list[str]:
    """Return the languages that have translations: every one but that of the code."""
    return [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def read(language: str, domain: str) -> Catalog:
    """Return the translations of a language; an empty catalogue where there are none yet."""
    path = catalogue_path(language, domain)
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def update() -> dict[str, int]:
    """Bring the files of translations into step with the code; return how many words each lacks.

    New words are added empty, words that nothing says any more go; nothing is guessed.
    """
    lacking = {}
    for domain, found in collect().items():
        for language in languages():
            known = read(language, domain)
            fresh = Catalog(locale=language, fuzzy=False, header_comment="#")
            for word in found:
                old = known.get(
                    word.text[0] if isinstance(word.text, tuple) else word.text, word.context
                )
                fresh.add(word.text, old.string if old else "", context=word.context)
            path = catalogue_path(language, domain)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_as_po(fresh))
            lacking[f"{language}/{domain}"] = len(list(untranslated(fresh)))
    return lacking


def _as_po(catalog: Catalog) -> bytes:
    """Return the file of a catalogue, without dates and addresses that nobody keeps true."""
    file = io.BytesIO()
    write_po(file, catalog, width=100, no_location=True)
    lines = file.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(UNKEPT))


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def untranslated(catalog: Catalog) -> Iterator[Message]:
    """Yield the messages of a catalogue that lack a translation, in part or whole."""
    for message in _messages(catalog):
        if not all(_parts(message.string)) or message.fuzzy:
            yield message


def placeholders(text: str) -> set[str]:
    """Return the placeholders of a text.

    >>> sorted(placeholders("%(n)s of 100 %% at %(place)s"))
    ['%%', '%(n)s', '%(place)s']
    """
    return {found.group(0) for found in PLACEHOLDER.finditer(text)}


def misquoted(catalog: Catalog) -> Iterator[Message]:
    """Yield the messages whose translation has other placeholders than their text."""
    for message in _messages(catalog):
        wanted = set().union(*(placeholders(text) for text in _parts(message.id)))
        strings = [string for string in _parts(message.string) if string]
        # The form for one may leave the figure out.
        if any(placeholders(s) - wanted for s in strings) or (
            len(strings) == 1 and placeholders(strings[0]) != wanted
        ):
            yield message


def _parts(text: Any) -> list[str]:
    return list(text) if isinstance(text, list | tuple) else [text]


def missing(language: str, domain: str, found: Iterable[Word]) -> list[Word]:
    """Return the words that the file of a language does not hold at all."""
    known = {
        (message.id if isinstance(message.id, str) else tuple(message.id), message.context)
        for message in _messages(read(language, domain))
    }
    return [word for word in found if (word.text, word.context) not in known]


def compile_all() -> int:
    """Compile every catalogue beside its source; return how many words they hold."""
    count = 0
    for language in languages():
        for domain in (PAGES, SCRIPTS):
            catalog = read(language, domain)
            path = catalogue_path(language, domain).with_suffix(".mo")
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                write_mo(file, catalog)
            count += len(catalog)
    return count
