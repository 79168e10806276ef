"""Finds a kind of problem by what people call it: titles, keywords and descriptions."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.models import Category, Sensitivity

MOST_KINDS = 8
WORD = re.compile(r"[^\W_]{2,}")
# Shorter words are mostly grammar; a description has many of them.
SHORTEST_IN_DESCRIPTION = 4
# "pothloe" is 0.86 like "pothole", "lamb" is 0.75 like "lamp".
ALIKE = 0.75
WEIGHTS = (("title", 4.0), ("keywords", 3.0), ("description", 1.0))

NOTHING_LIKE_IT: Promise = _("No kind is called that. Choose a group, or “Something else”.")


def warns_of_emergency(category: Category) -> bool:
    """Tell whether somebody may be in danger where this is reported."""
    return category.warns_of_emergency or category.family == "crime"


def may_be_kept(category: Category) -> bool:
    """Tell whether a device keeps an unsent report of this kind without being asked to."""
    return category.sensitivity < Sensitivity.CRIME


def _words(text: str) -> list[str]:
    return WORD.findall(text.casefold())


def _likeness(typed: str, word: str) -> float:
    if word.startswith(typed):
        return 1.0
    if typed.startswith(word) and len(word) >= SHORTEST_IN_DESCRIPTION:
        return 0.9
    if min(len(typed), len(word)) < SHORTEST_IN_DESCRIPTION:
        return 0.0
    alike = SequenceMatcher(None, typed, word).ratio()
    return alike / 2 if alike >= ALIKE else 0.0


def _score(category: Category, typed: Iterable[str]) -> float:
    total = 0.0
    for one in typed:
        best = 0.0
        for field, weight in WEIGHTS:
            if field == "description" and len(one) < SHORTEST_IN_DESCRIPTION:
                continue
            for word in _words(getattr(category, field)):
                best = max(best, weight * _likeness(one, word))
        total += best
    return total


def find(categories: Iterable[Category], text: str) -> list[Category]:
    """Return the kinds that a text in plain words may mean, best first; none for an empty text.

    Words are compared by their beginning and, from four letters on, by likeness, so that a
    slip of the finger still finds; a kind far behind the best one is left out.
    """
    typed = _words(text)
    scored = [(score, kind) for kind in categories if (score := _score(kind, typed)) > 0]
    scored.sort(key=lambda pair: -pair[0])
    return [kind for score, kind in scored if score * 2 >= scored[0][0]][:MOST_KINDS]
