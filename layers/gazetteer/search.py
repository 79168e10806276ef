"""Finds a place by what people call it, slips of the finger forgiven, what lies nearer first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from django.utils.translation import gettext as _

from layers.gazetteer import words
from layers.gazetteer.names import LEAST_LIKE, MOST_NAMES, Asked, Named, look_up
from layers.gazetteer.places import (
    Place,
    Point,
    by_code,
    is_on_map,
    rounded,
    rows,
    storable,
)
from layers.gazetteer.words import Reading
from layers.queries import city

MOST_PLACES = 10
SURE = 0.75
ALL_BUT_SURE = 0.8
"""Below it, words that nothing joins may still be two streets."""
SURELY = 2.0
SPAN = 0.25
"""How much worse than the best a place may be and still be offered."""
MOST_CROSSING = 300
"""Streets that a few letters after 'Mill Lane and …' may begin."""
MOST_HALVES = 4
BONUS = 0.05
"""What a house or a crossing gains: whoever types a number or two streets means it."""

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
    street, part = words.before_comma(text)
    pairs = words.joined(street)
    ranked = [(SURELY, place) for place in by_code(text)]
    ranked += _as_one_place(words.readings(text), near)
    ranked += _as_crossing(pairs, _middle(_parts_of_city([part]).get(part)) or near)
    if not pairs and max((score for score, _place in ranked), default=0) < ALL_BUT_SURE:
        ranked += _as_one_place(words.readings_with_part(text), near)
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


@dataclass(frozen=True)
class _Meant:
    """A name that a reading means, near a point."""

    reading: Reading
    named: Named
    score: float
    near: Point | None


def _as_one_place(readings: Sequence[Reading], near: Point | None) -> list[Ranked]:
    parts = _parts_of_city([reading.part for reading in readings])
    around = [_middle(parts.get(reading.part)) or near for reading in readings]
    found = look_up([Asked(r.street, where) for r, where in zip(readings, around, strict=True)])
    meant = []
    for reading, where, names in zip(readings, around, found, strict=True):
        part = parts.get(reading.part)
        placed = _in_part(names, part) if part else [(named, reading.penalty) for named in names]
        meant += [_Meant(reading, named, named.score - penalty, where) for named, penalty in placed]
    return [(each.score, each.named.place) for each in meant] + _houses(meant)


def _middle(part: Named | None) -> Point | None:
    """Return the point of a part of the city; the city itself says nothing."""
    return None if part is None or part.area_kind == "city" else (part.place.lon, part.place.lat)


def _parts_of_city(texts: Iterable[str]) -> Mapping[str, Named]:
    """Return the area that each text names, where one is sure."""
    wanted = sorted({text for text in texts if text})
    found = look_up([Asked(text, most=1) for text in wanted], areas_only=True) if wanted else []
    return {
        text: names[0]
        for text, names in zip(wanted, found, strict=True)
        if names and names[0].score >= SURE
    }


def _in_part(names: Sequence[Named], part: Named) -> list[tuple[Named, float]]:
    """Return names with what they lose; a street in the part of the city stands in it."""
    if part.area_kind == "city":
        return [(named, words.PART_KNOWN) for named in names]
    inside = {
        place: rounded(lon, lat)
        for place, lon, lat in rows("in_part", place=[named.id for named in names], part=part.id)
    }
    placed = []
    for named in names:
        if named.id in inside:
            lon, lat = inside[named.id]
            place = replace(named.place, lon=lon, lat=lat, detail=part.place.label)
            placed.append((replace(named, place=place), words.PART_KNOWN))
        else:
            placed.append((named, words.PART_UNKNOWN))
    return placed


def _houses(meant: Sequence[_Meant]) -> list[Ranked]:
    """Return the houses of numbered readings, each by the best that means it."""
    best: dict[tuple[int, str], _Meant] = {}
    for each in sorted(meant, key=lambda each: -each.score):
        if each.reading.number:
            best.setdefault((each.named.id, each.reading.number.lower()), each)
    if not best:
        return []
    near = [each.near or (None, None) for each in best.values()]
    found = rows(
        "addresses",
        place=[place for place, _number in best],
        number=[number for _place, number in best],
        lon=[lon for lon, _lat in near],
        lat=[lat for _lon, lat in near],
    )
    return [
        (
            best[place, asked].score + (BONUS if is_same else BONUS / 2),
            Place("address", address_label(street, number), *rounded(lon, lat)),
        )
        for place, asked, street, number, is_same, lon, lat in found
    ]


def address_label(street: str, number: str) -> str:
    """Return an address as it is written in the reader's language."""
    return _("%(street)s %(number)s") % {"street": street, "number": number}


# ---- two streets ----


def _as_crossing(
    pairs: Sequence[tuple[str, str]], near: Point | None, *, least: float = LEAST_LIKE
) -> list[Ranked]:
    """Return where the two streets of each pair meet, each at least so much like its text.

    Where they do not, one of them is better than nothing.
    """
    if not pairs:
        return []
    asked = [
        Asked(side, near, most)
        for pair in pairs
        for side, most in zip(pair, (MOST_NAMES, MOST_CROSSING), strict=True)
    ]
    found = look_up(asked, least=least)
    ranked: list[Ranked] = []
    for ones, others in zip(found[::2], found[1::2], strict=True):
        ranked += _meetings(ones, others, near) if ones and others else []
        alone = chain(ones[:MOST_NAMES], others[:MOST_NAMES])
        ranked += [(named.score - words.ONE_OF_TWO, named.place) for named in alone]
    return ranked


def _meetings(ones: Sequence[Named], others: Sequence[Named], near: Point | None) -> list[Ranked]:
    lon, lat = near or (None, None)
    found = rows(
        "crossings",
        one=[named.id for named in ones],
        one_score=[named.score for named in ones],
        other=[named.id for named in others],
        other_score=[named.score for named in others],
        lon=lon,
        lat=lat,
    )
    return [
        (score + BONUS, Place("crossing", crossing_label(one, other), *rounded(lon, lat)))
        for one, other, score, lon, lat in found
    ]


def crossing_label(one: str, other: str) -> str:
    """Return the name of a crossing."""
    return _("%(street)s at %(other)s") % {"street": one, "other": other}


# ---- where they lie ----


def _detailed(places: list[Place]) -> list[Place]:
    """Say of places without a detail in which part of the city they lie."""
    bare = [i for i, place in enumerate(places) if not place.detail]
    if not bare:
        return places
    found = rows(
        "parts",
        lon=[places[i].lon for i in bare],
        lat=[places[i].lat for i in bare],
        ward_kind=city().ward_kind_id,
    )
    for ordinal, name in found:
        place = bare[ordinal - 1]
        places[place] = replace(places[place], detail=name)
    return places
