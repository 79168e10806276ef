"""Sentences of a finding, kept so that each reader has them in their own language.

A run stores the English words with their places, and what stands in each place; the words are
translated and the figures written when somebody reads them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext


def count(value: float) -> str:
    """Write a whole number with its groups of three.

    >>> count(1234.0)
    '1,234'
    """
    return number_format(round(value), use_l10n=True, force_grouping=True)


def number(value: float) -> str:
    """Write a number with three digits that say something, or as a whole one from 100 on.

    >>> number(0.012345), number(1.25), number(1234.5)
    ('0.0123', '1.25', '1,234')
    """
    if abs(value) >= 100 or value == int(value):
        return count(value)
    digits = f"{value:.3g}"
    if "e" in digits:
        return digits
    return number_format(digits, use_l10n=True)


def share(value: float) -> str:
    """Write a share of one in percent."""
    return gettext("%(percent)s %%") % {"percent": number(round(value * 100, 1))}


def kilometres(metres: float) -> str:
    """Write a length in metres as kilometres."""
    return gettext("%(length)s km") % {"length": number(round(metres / 1000, 1))}


def noun_of(title: str) -> str:
    """Return a title as it stands inside a sentence, translated; an acronym stays as it is.

    >>> noun_of("Street lights"), noun_of("LED lamps")
    ('street lights', 'LED lamps')
    """
    words = gettext(title)
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def _name(value: str) -> str:
    return value


# What may stand in a place of a sentence, by its kind: a term and a noun
# are translated, a name is not.
KINDS: Mapping[str, Callable[[Any], str]] = {
    "count": count,
    "number": number,
    "share": share,
    "kilometres": kilometres,
    "term": gettext,
    "noun": noun_of,
    "name": _name,
}


@dataclass(frozen=True)
class Sentence:
    """A whole sentence.

    Attributes
    ----------
    text
        In English, marked for translation, with named places: "%(cells)s cells …".
    places
        By name, what stands there: its kind (of `KINDS`) and its value.
    """

    text: str
    places: Mapping[str, tuple[str, Any]]

    def stored(self) -> dict[str, Any]:
        """Return it as JSON keeps it."""
        return {
            "text": self.text,
            "places": {name: list(place) for name, place in self.places.items()},
        }


def in_words(stored: Sequence[Mapping[str, Any]]) -> str:
    """Say stored sentences in the language that is active, one after the other."""
    said = []
    for sentence in stored:
        text, places = sentence["text"], sentence["places"]
        said.append(
            gettext(text) % {name: KINDS[kind](value) for name, (kind, value) in places.items()}
        )
    return " ".join(said)
