"""Finds a place by what people call it, slips of the finger forgiven, what lies nearer first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import log
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from layers.gazetteer import words
from layers.gazetteer.places import Place, Point, by_code, is_on_map, storable
from layers.gazetteer.words import Reading
from layers.queries import city
from layers.statements import statement

MOST_PLACES = 10
LEAST_LIKE = 0.6
"""Below it a name is another name."""
SURE = 0.75
SURELY = 2.0
ALL_BUT_SURE = 0.8
"""Below it, words that nothing joins may still be two streets."""
SPAN = 0.25
"""How much worse than the best a place may be and still be offered."""
MOST_STREETS = 12
MOST_CROSSING = 300
"""Streets that a few letters after 'Mill Lane and …' may begin."""
MOST_HALVES = 4
COMMON = 3
SQUASHED = 4
MOST_MEANT = 12
"""Words that one which tells little may mean."""
BONUS = 0.05
"""What a house or a crossing gains: whoever types a number or two streets means it."""


@dataclass(frozen=True)
class _Named:
    """A name that a reading may mean."""

    id: int
    score: float
    place: Place
    area_kind: str


@dataclass(frozen=True)
class _Asked:
    """A text to look up, near a point, and how many names are wanted."""

    text: str
    near: Point | None = None
    most: int = MOST_STREETS


Ranked = tuple[float, Place]


def find(text: str, near: Point | None = None, *, limit: int = MOST_PLACES) -> list[Place]:
    """Return places that a text may mean, best first; none for an empty text.

    Parameters
    ----------
    text
        A street, an address, a crossing, an area or a code, also misspelt or only begun.
    near
        Longitude and latitude (EPSG:4326) around which somebody looks; of places that are equally
        like the text, the nearer come first.
    """
    text = words.clean(text)
    near = storable(*near) if near and is_on_map(*near) else None
    if not text:
        return []
    pairs = words.joined(text)
    sides = [Reading(side, penalty=words.ONE_OF_TWO) for side in chain(*pairs)]
    ranked = [(SURELY, place) for place in by_code(text)]
    ranked += _as_one_place(words.readings(text) + sides, near)
    ranked += _as_crossing(pairs, near)
    if not pairs and max((score for score, _place in ranked), default=0) < ALL_BUT_SURE:
        ranked += _as_one_place(words.readings_with_place(text), near)
        ranked += _as_crossing(words.halves(text)[:MOST_HALVES], near, least=SURE)
    return _detailed(_best(ranked, limit))


def _best(ranked: Iterable[Ranked], limit: int) -> list[Place]:
    """Order places, each once, and leave out those that are far from the best."""
    ordered = sorted(ranked, key=lambda each: -each[0])
    once: dict[tuple[str, str, Point], Place] = {}
    for score, place in ordered:
        if score >= ordered[0][0] - SPAN:
            once.setdefault((place.kind, place.label, (place.lon, place.lat)), place)
    return list(once.values())[:limit]


# ---- one place: a street, an area, a house ----


def _as_one_place(readings: Sequence[Reading], near: Point | None) -> list[Ranked]:
    parts = _parts_of_city([reading.place for reading in readings if reading.place])
    asked, known = [], []
    for reading in readings:
        part = parts.get(reading.place)
        where = (part.place.lon, part.place.lat) if part and part.area_kind != "city" else near
        asked.append(_Asked(reading.street, where))
        known.append(replace(reading, penalty=words.PLACE_KNOWN) if part else reading)
    found = _names(asked)
    ranked = [
        (named.score - reading.penalty, named.place)
        for reading, names in zip(known, found, strict=True)
        for named in names
    ]
    return ranked + _houses(known, found)


def _parts_of_city(texts: Sequence[str]) -> dict[str, _Named]:
    """Return the area that each text names, where one is sure."""
    if not texts:
        return {}
    found = _names([_Asked(text, most=1) for text in texts], areas_only=True)
    return {
        text: names[0]
        for text, names in zip(texts, found, strict=True)
        if names and names[0].score >= SURE
    }


def _houses(readings: Sequence[Reading], found: Sequence[list[_Named]]) -> list[Ranked]:
    score: dict[tuple[int, str], float] = {}
    for reading, names in zip(readings, found, strict=True):
        for named in names if reading.number else []:
            key = named.id, reading.number.lower()
            score[key] = max(score.get(key, 0.0), named.score - reading.penalty)
    if not score:
        return []
    rows = _rows(
        "addresses",
        place=[place for place, _number in score],
        number=[number for _place, number in score],
    )
    return [
        (
            score[place, asked] + (BONUS if is_same else BONUS / 2),
            Place("address", address_label(street, number), *_rounded(lon, lat)),
        )
        for place, asked, street, number, is_same, lon, lat in rows
    ]


def address_label(street: str, number: str) -> str:
    """Return an address as it is written in the reader's language."""
    return _("%(street)s %(number)s") % {"street": street, "number": number}


# ---- two streets ----


def _as_crossing(
    pairs: Sequence[tuple[str, str]], near: Point | None, *, least: float = LEAST_LIKE
) -> list[Ranked]:
    """Return where the two streets of each pair meet, each at least so much like its text."""
    asked = [
        _Asked(side, near, most)
        for pair in pairs
        for side, most in zip(pair, (MOST_STREETS, MOST_CROSSING), strict=True)
    ]
    found = _names(asked, least=least)
    lon, lat = near or (None, None)
    ranked: list[Ranked] = []
    for ones, others in zip(found[::2], found[1::2], strict=True):
        if not (ones and others):
            continue
        rows = _rows(
            "crossings",
            one=[named.id for named in ones],
            one_score=[named.score for named in ones],
            other=[named.id for named in others],
            other_score=[named.score for named in others],
            lon=lon,
            lat=lat,
        )
        ranked += [
            (score + BONUS, Place("crossing", crossing_label(one, other), *_rounded(lon, lat)))
            for one, other, score, lon, lat in rows
        ]
    return ranked


def crossing_label(one: str, other: str) -> str:
    """Return the name of a crossing."""
    return _("%(street)s at %(other)s") % {"street": one, "other": other}


# ---- names by their words ----


def _names(
    asked: Sequence[_Asked], *, areas_only: bool = False, least: float = LEAST_LIKE
) -> list[list[_Named]]:
    """Return what each text may name, best first.

    Each is tried word by word, and with its words written as one.
    """
    tries, total = _tries([each.text for each in asked])
    answers: list[list[_Named]] = [[] for _each in asked]
    if not tries:
        return answers
    values = _likenesses([tokens for _index, tokens in tries], total)
    near = [asked[index].near or (None, None) for index, _tokens in tries]
    rows = _rows(
        "names",
        **values,
        attempt=list(range(len(tries))),
        most=[asked[index].most for index, _tokens in tries],
        lon=[lon for lon, _lat in near],
        lat=[lat for _lon, lat in near],
        areas_only=areas_only,
        least_like=least,
    )
    for attempt, key, score, name, area_kind, kind_title, lon, lat, *box in rows:
        place = Place(
            "area" if area_kind else "street",
            name,
            *_rounded(lon, lat),
            detail=kind_title,
            bounds=(*_rounded(*box[:2]), *_rounded(*box[2:])),
        )
        answers[tries[attempt][0]].append(_Named(key, score, place, area_kind))
    return [_each_once(names) for names in answers]


def _each_once(names: list[_Named]) -> list[_Named]:
    best: dict[int, _Named] = {}
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
    common = max(COMMON, total // 200)
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


# ---- where they lie ----


def _detailed(places: list[Place]) -> list[Place]:
    """Say of places without a detail in which part of the city they lie."""
    bare = [i for i, place in enumerate(places) if not place.detail]
    if not bare:
        return places
    rows = _rows(
        "parts",
        lon=[places[i].lon for i in bare],
        lat=[places[i].lat for i in bare],
        ward_kind=city().ward_kind_id,
    )
    for ordinal, name in rows:
        place = bare[ordinal - 1]
        places[place] = replace(places[place], detail=name)
    return places


def _rows(name: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement(__file__, name), values)
        return list(cursor.fetchall())


def _rounded(lon: float, lat: float) -> Point:
    """Cut to a centimetre."""
    return round(lon, 7), round(lat, 7)
