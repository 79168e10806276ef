"""The names that the search knows: made anew when places are loaded, looked up by their words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import chain
from math import log
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from layers.gazetteer import words
from layers.gazetteer.places import Place, Point, rounded, rows

LEAST_LIKE = 0.6
"""Below it a name is another name."""
MOST_NAMES = 12
COMMON = 3
SQUASHED = 4
MOST_MEANT = 12
"""Words that one which tells little may mean."""


_waiting: ContextVar[set[str] | None] = ContextVar("waiting", default=None)


def refresh_areas() -> None:
    """Make the names of areas anew, in the transaction that changed areas."""
    _refresh("layers_refresh_areas")


def refresh_streets() -> None:
    """Make the names of streets anew, in the transaction that changed streets or addresses."""
    _refresh("layers_refresh_streets")


@contextmanager
def refreshed_once() -> Iterator[None]:
    """Make names anew once, at the end of a block that changes places several times."""
    functions: set[str] = set()
    before = _waiting.set(functions)
    try:
        yield
    finally:
        _waiting.reset(before)
    for function in sorted(functions):
        _refresh(function)


def _refresh(function: str) -> None:
    if (waiting := _waiting.get()) is not None:
        waiting.add(function)
        return
    with connection.cursor() as cursor:
        cursor.callproc(function)


@dataclass(frozen=True)
class Named:
    """A name that a text may mean."""

    id: int
    score: float
    place: Place
    area_kind: str


@dataclass(frozen=True)
class Asked:
    """A text to look up, near a point, and how many names are wanted."""

    text: str
    near: Point | None = None
    most: int = MOST_NAMES


def look_up(
    asked: Sequence[Asked], *, areas_only: bool = False, least: float = LEAST_LIKE
) -> list[list[Named]]:
    """Return what each text may name, best first.

    Each is tried word by word, and with its words written as one.
    """
    tries, total = _tries([each.text for each in asked])
    answers: list[list[Named]] = [[] for _each in asked]
    if not tries:
        return answers
    values = _likenesses([tokens for _index, tokens in tries], total)
    near = [asked[index].near or (None, None) for index, _tokens in tries]
    found = rows(
        "names",
        **values,
        attempt=list(range(len(tries))),
        most=[asked[index].most for index, _tokens in tries],
        lon=[lon for lon, _lat in near],
        lat=[lat for _lon, lat in near],
        areas_only=areas_only,
        least_like=least,
    )
    for attempt, key, score, name, area_kind, kind_title, lon, lat, *box in found:
        place = Place(
            "area" if area_kind else "street",
            name,
            *rounded(lon, lat),
            detail=_(kind_title) if kind_title else "",
            bounds=(*rounded(*box[:2]), *rounded(*box[2:])),
        )
        answers[tries[attempt][0]].append(Named(key, score, place, area_kind))
    return [_each_once(names) for names in answers]


def _each_once(names: list[Named]) -> list[Named]:
    best: dict[int, Named] = {}
    for named in sorted(names, key=lambda named: -named.score):
        best.setdefault(named.id, named)
    return list(best.values())


FOLDED = """
SELECT layers_words(text), layers_code(text), (SELECT count(*) FROM layers_placename)
FROM unnest(%s::text[]) WITH ORDINALITY AS t (text, ord)
ORDER BY ord
"""


def _tries(texts: Sequence[str]) -> tuple[list[tuple[int, list[str]]], int]:
    """Return the folded words of each text with its position, and how many names there are.

    A text of few words is tried as one word as well.
    """
    with connection.cursor() as cursor:
        cursor.execute(FOLDED, [list(texts)])
        rows = cursor.fetchall()
    tries = []
    for index, (tokens, squashed, _total) in enumerate(rows):
        if tokens:
            tries.append((index, tokens))
        if 1 < len(tokens) <= SQUASHED:
            tries.append((index, [squashed]))
    return tries, max((total for *_rest, total in rows), default=0)


@dataclass(frozen=True)
class _Match:
    """A word of names that a token may mean."""

    word: str
    likeness: float
    share: float
    """Of a whole name as one word: how much of it was typed."""
    weight: float


def _matches(tries: Sequence[list[str]], total: int) -> dict[str, list[_Match]]:
    """Return what each token may mean, likest first."""
    common = max(COMMON, total // 1000)
    tokens = sorted(set(chain(*tries)))
    texts = sorted({only[0] for only in tries if len(only) == 1})
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM layers_like_words(%s, %s, %s)", [tokens, texts, common])
        rows = cursor.fetchall()
    found: dict[str, list[_Match]] = {}
    for token, word, places in rows:
        if likeness := words.likeness(token, word, is_common=places >= common):
            share = len(token) / len(word) if word.startswith(token) else 1.0
            match = _Match(word, likeness, share, log(1 + total / places))
            found.setdefault(token, []).append(match)
    for matches in found.values():
        matches.sort(key=lambda match: (-match.likeness, -match.weight))
    return found


def _likenesses(tries: Sequence[list[str]], total: int) -> dict[str, list[Any]]:
    """Return what the tokens of each try may mean, as columns of ``names.sql``."""
    found = _matches(tries, total)
    tokens: list[tuple[int, int, float, bool]] = []
    matches: list[tuple[int, int, str, float, float]] = []
    for attempt, every in enumerate(tries):
        likest = [found.get(token, []) for token in every]
        weights = [each[0].weight if each else log(1 + total) for each in likest]
        for place, (each, weight, tells) in enumerate(
            zip(likest, weights, _telling(weights), strict=True)
        ):
            tokens.append((attempt, place, weight, tells))
            matches += [
                (attempt, place, match.word, match.likeness, match.share)
                for match in (each if tells else each[:MOST_MEANT])
            ]
    return {
        **_columns(
            matches, "match_attempt", "match_token", "match_word", "match_like", "match_share"
        ),
        **_columns(tokens, "token_attempt", "token", "token_weight", "token_tells"),
    }


def _telling(weights: Sequence[float]) -> list[bool]:
    """Tell without which tokens no name is like enough, whatever the other tokens answer."""
    tells = [True] * len(weights)
    left = LEAST_LIKE * sum(weights)
    for i in sorted(range(len(weights)), key=weights.__getitem__):
        left -= weights[i]
        tells[i] = left <= 0
    return tells


def _columns(rows: Sequence[tuple[Any, ...]], *names: str) -> dict[str, list[Any]]:
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}
