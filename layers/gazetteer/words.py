"""Reads what somebody typed: which part is the street, which the number, and how words differ."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

LONGEST_TEXT = 120
HOUSE_NUMBER = re.compile(r"\d+(?:[a-z]|[-/]\d+[a-z]?)?", re.IGNORECASE)
MOST_NUMBERS = 2
PART_KNOWN = 0.02
PART_UNKNOWN = 0.25
"""What a reading loses for words that are not the street's, whether some area has them or none."""
ONE_OF_TWO = 0.25
"""What one street of a crossing loses against the crossing."""

# Words that join the two streets of a crossing, and words before them, by language. A crossing is
# found only where two streets meet, so a name with such a word in it is safe.
BETWEEN = frozenset(
    [
        *("and", "at", "with"),
        *("y", "e", "con", "esquina"),
        *("e", "com"),
        *("et",),
        *("und", "ecke"),
        *("x", "×"),
    ]
)
BEFORE = frozenset(
    [
        *("the", "corner", "crossing", "intersection", "junction", "of"),
        *("la", "esquina", "cruce", "de", "entre"),
        *("angle",),
        *("ecke", "von"),
    ]
)
JOINING_SIGN = re.compile(r"\s*(?:[&+@|;]|(?<!\d)/|/(?!\d))\s*")


@dataclass(frozen=True)
class Reading:
    """One way to understand a text; `penalty` is what it loses against the plainest."""

    street: str
    part: str = ""
    """Words after the street that may name the part of the city."""
    number: str = ""
    penalty: float = 0.0


def clean(text: str) -> str:
    """Return the text without what no name has, cut to a length that a name may have."""
    return " ".join(text.replace("\0", " ")[:LONGEST_TEXT].split())


def readings(text: str) -> list[Reading]:
    """Return the ways to understand a text as one place, the plainest first.

    >>> [(r.street, r.number) for r in readings("12 Mill Lane")]
    [('12 Mill Lane', ''), ('Mill Lane', '12')]
    >>> [(r.street, r.number, r.part) for r in readings("Mill Lane 12, Old Town")][-1]
    ('Mill Lane', '12', 'Old Town')
    """
    street, part = before_comma(text)
    whole = Reading(text.replace(",", " "))
    found = [whole, *_numbered(whole)]
    if part:
        parted = Reading(street, part, penalty=PART_UNKNOWN)
        found = [whole, parted, *_numbered(parted)]
    return found


def readings_with_part(text: str) -> list[Reading]:
    """Take the last one or two words for the part of the city: 'Park Street Northside'."""
    words = text.replace(",", " ").split()
    found = []
    for count in (1, 2):
        if sum(not _is_number(word) for word in words[:-count]) >= 2:
            street, part = " ".join(words[:-count]), " ".join(words[-count:])
            parted = Reading(street, part, penalty=PART_UNKNOWN)
            found += [parted, *_numbered(parted)]
    return found


def before_comma(text: str) -> tuple[str, str]:
    """Part 'Mill Lane 12, Old Town' after the street; a number of its own belongs to the street."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    count = min(len(parts), 1)
    if len(parts) > 1 and _is_number(parts[0]) != _is_number(parts[1]):
        has_number = any(_is_number(word) for word in parts[0].split())
        count += _is_number(parts[0]) or not has_number
    return " ".join(parts[:count]), " ".join(parts[count:])


def _is_number(word: str) -> bool:
    return HOUSE_NUMBER.fullmatch(word) is not None


def _numbered(reading: Reading) -> Iterator[Reading]:
    words = reading.street.split()
    places = [i for i, word in enumerate(words) if _is_number(word)]
    for i in places[-MOST_NUMBERS:] if len(words) > 1 else []:
        yield replace(reading, street=" ".join(words[:i] + words[i + 1 :]), number=words[i])


def joined(text: str) -> list[tuple[str, str]]:
    """Return the ways to understand a text as two streets that a sign or a word joins.

    >>> joined("corner of Mill Lane and High Street"), joined("Mill Lane / High")
    ([('Mill Lane', 'High Street')], [('Mill Lane', 'High')])
    """
    if len(sides := [side for side in JOINING_SIGN.split(text) if side]) == 2:
        return [(_without_lead(sides[0].split()), _without_lead(sides[1].split()))]
    words = text.replace(",", " ").split()
    found = []
    for i, word in enumerate(words):
        left, right = _without_lead(words[:i]), _without_lead(words[i + 1 :])
        if word.casefold() in BETWEEN and left and right:
            found.append((left, right))
    return found


def _without_lead(words: list[str]) -> str:
    """Drop 'corner of' and the like before a name; a name of such words alone stays."""
    start = 0
    while start < len(words) and words[start].casefold() in BEFORE | BETWEEN:
        start += 1
    return " ".join(words[start:] or words)


def halves(text: str) -> list[tuple[str, str]]:
    """Return every way to part a text in two, at its comma or between its words.

    >>> halves("Mill Lane, High"), halves("mill high street")
    ([('Mill Lane', 'High')], [('mill', 'high street'), ('mill high', 'street')])
    """
    sides = [_without_lead(side.split()) for side in text.split(",")]
    if len(sides) == 2 and all(sides):
        return [(sides[0], sides[1])]
    words = text.replace(",", " ").split()
    return [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, len(words))]


# ---- how like two words are, both folded ----

SHORTEST_MISSPELT = 3
SHORTENED = range(2, 5)
LONGEST_SHORTENED = 12
"""Letters of a short form, and of the longest word that is shortened."""
LEAST_LIKE = 0.65
COST_OF_SLIP = 0.8


def likeness(typed: str, word: str, *, is_common: bool) -> float:
    """Return how likely `typed` means `word`: 1 the same, 0 certainly not.

    Beginnings, slips of the finger and, for words that many names have, shortened forms.

    >>> likeness("mill", "mill", is_common=False), likeness("st", "street", is_common=True)
    (1.0, 0.92)
    >>> likeness("mlil", "mill", is_common=False), likeness("mall", "hill", is_common=False)
    (0.8, 0.0)
    """
    if typed == word:
        return 1.0
    shortened = _shortened(typed, word) if is_common else 0.0
    if word.startswith(typed):
        return max(shortened, 0.85 + 0.1 * len(typed) / len(word))
    return max(shortened, _misspelt(typed, word))


def _shortened(typed: str, word: str) -> float:
    """Tell 'st' for 'street', and the other way round, where the data shorten."""
    short, long = sorted((typed, word), key=len)
    if not (len(short) in SHORTENED and len(long) <= LONGEST_SHORTENED and short[0] == long[0]):
        return 0.0
    letters = iter(long)
    if not all(letter in letters for letter in short):
        return 0.0
    return 0.92 if short[-1] == long[-1] else 0.88


def _misspelt(typed: str, word: str) -> float:
    if len(typed) < SHORTEST_MISSPELT or any(map(str.isdigit, typed + word)):
        return 0.0
    longer = max(len(typed), len(word))
    most = _allowed(longer)
    whole, begun = slips(typed, word, most)
    like = 1 - COST_OF_SLIP * whole / longer if whole <= most else 0.0
    if begun < whole and len(typed) > SHORTEST_MISSPELT and begun <= _allowed(len(typed)):
        like = max(like, 0.9 * (1 - COST_OF_SLIP * begun / len(typed)))
    like -= 0.0 if typed[0] == word[0] else 0.05
    return like if like >= LEAST_LIKE else 0.0


def _allowed(length: int) -> int:
    return 1 if length <= 5 else 2 if length <= 9 else 3


def slips(typed: str, word: str, most: int) -> tuple[int, int]:
    """Return how many slips part two words, and how many part `typed` from the word's beginning.

    A slip is a letter too many, missing or wrong, or two letters swapped (optimal string
    alignment). Counting ends beyond `most`.

    >>> slips("mlil", "mill", 2), slips("comonw", "commonwealth", 9), slips("park", "mill", 2)
    ((1, 1), (6, 1), (3, 3))
    """
    before: list[int] = []
    above = list(range(len(word) + 1))
    for i, letter in enumerate(typed, start=1):
        row = [i]
        for j, other in enumerate(word, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == word[j - 2] and typed[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1, most + 1
        before, above = above, row
    return above[-1], min(above)
