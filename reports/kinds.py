"""Finds a kind of problem by what people call it: titles, keywords and descriptions."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from django.utils.translation import gettext

from reports.models import Category

MOST_KINDS = 8
WORD = re.compile(r"[^\W_]{2,}")
# Shorter words are mostly grammar: they count where they are whole, and only outside descriptions.
SHORTEST_BEGINNING = 4
# "pothloe" is 0.86 like "pothole", "lamb" is 0.75 like "lamp".
ALIKE = 0.75
WEIGHTS = (("title", 4.0), ("keywords", 3.0), ("description", 1.0))


def warns_of_emergency(category: Category) -> bool:
    """Tell whether somebody may be in danger where this is reported."""
    return category.warns_of_emergency or category.family == "crime"


def _plain(text: str) -> str:
    """Return a text in small letters without marks: "arbol" for "Árbol"."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c))


def _words(text: str) -> list[str]:
    return WORD.findall(_plain(text))


def _likeness(typed: str, word: str, *, is_last: bool) -> float:
    if word == typed:
        return 1.0
    if len(typed) < SHORTEST_BEGINNING and not is_last:
        return 0.0
    if word.startswith(typed):
        return 1.0
    if min(len(typed), len(word)) < SHORTEST_BEGINNING:
        return 0.0
    if typed.startswith(word):
        return 0.9
    alike = SequenceMatcher(None, typed, word).ratio()
    return alike / 2 if alike >= ALIKE else 0.0


def _score(category: Category, typed: Sequence[str]) -> float:
    total = 0.0
    for place, one in enumerate(typed, start=1):
        best = 0.0
        for field, weight in WEIGHTS:
            if field == "description" and len(one) < SHORTEST_BEGINNING:
                continue
            for word in _words(gettext(getattr(category, field))):
                alike = _likeness(one, word, is_last=place == len(typed))
                best = max(best, weight * alike)
        total += best
    return total


def called(categories: Iterable[Category], text: str) -> list[int]:
    """Return the keys of the kinds that a text names: by a part of the title, or by keywords."""
    typed = _plain(text)
    return [
        category.pk
        for category in categories
        if typed in _plain(gettext(category.title))
        or f" {typed} " in f" {_plain(gettext(category.keywords))} "
    ]


def find(categories: Iterable[Category], text: str) -> list[Category]:
    """Return the kinds that a text in plain words may mean, best first; none for an empty text.

    Words are compared by their beginning and, from four letters on, by likeness, so that a
    slip of the finger still finds. The last word may be unfinished. A kind far behind the best
    one is left out.
    """
    typed = _words(text)
    scored = [(score, kind) for kind in categories if (score := _score(kind, typed)) > 0]
    scored.sort(key=lambda pair: -pair[0])
    return [kind for score, kind in scored if score * 2 >= scored[0][0]][:MOST_KINDS]
