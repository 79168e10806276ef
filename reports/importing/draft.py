"""Guesses what the columns and values of another system's reports mean: a draft of a mapping.

Pure: a sample of rows in, a frozen value out, which a page can offer for choice and the shell can
write as a commented mapping.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
import pandas as pd

from layers.crs import GEOGRAPHIC
from layers.importing.coordinates import likely_systems
from layers.queries import Bounds
from reports.importing.places import NUMBER, PAIR, WKT
from reports.importing.readers import LATITUDE, LONGITUDE
from reports.importing.sample import Column, Repeated, Sample
from reports.importing.source import Reading
from reports.workflow import State

FORMATS = (
    "iso",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%Y/%m/%d %H:%M:%S%z",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%Y%m%d",
)
"""Patterns that are tried on texts; of two that fit, the first."""
ENOUGH = 0.95
"""The share of a column's values that must fit what it is taken for."""
Names = tuple[str, ...]
"""What a column may be called; what an earlier pattern finds comes first."""
OPENED: Names = (
    "open",
    "creat",
    "report",
    "request",
    "receiv",
    "occur",
    "start",
    "date",
    "time",
    "dt$",
)
NOT_OPENED = "updat|modif|clos|complet|resol|target|due|month|year|day"
CLOSED: Names = ("clos", "complet", "resol", "finish", "fixed", "end_?d")
DUE: Names = ("due", "target", "sla", "expect", "promis", "estimat")
LON: Names = ("^lon$", "^lng$", "^long(itude)?$", "lon", "lng", "^x$", r"^x_?\s?coord")
LAT: Names = ("^lat$", "^latitude$", "lat", "^y$", r"^y_?\s?coord")
KEY: Names = ("^id$", "id$", "^id", "key", "number", "case", "ticket", r"\bnr\b", "_no$")
CATEGORY: Names = (
    "^type$",
    "^category$",
    "^mci$",
    "^primary.?type$",
    "service.?(name|request)",
    "categ",
    "offen[cs]e",
    "problem",
    "type",
    "subject",
    "reason",
)
STATE: Names = ("status", "state")
AREA = "neighbou?rhood|ward|district|community|borough|precinct|area"
TEXT: Names = ("descr", "comment", "detail", "note", "closure", "resolution")
STATES: tuple[tuple[str, State], ...] = (
    (r"dup|merge", State.MERGED),
    (r"reject|invalid|cancel|declin|not ours|refer", State.REJECTED),
    (r"clos|done|complet|resol|fixed|finish", State.DONE),
    (r"progress|working|dispatch", State.PROGRESS),
    (r"hold|pending|wait|defer", State.HOLD),
    (r"assign", State.ASSIGNED),
    (r"open|accept|acknow|active", State.ACCEPTED),
    (r"new|receiv|submit", State.NEW),
)
WORD = re.compile(r"[a-z]{3,}")
PARTS = 5
"""Letters of a word that is looked for inside others: water in watermain."""
NO_MEANING = frozenset(
    {"and", "for", "from", "not", "out", "the", "with", "other", "request", "general", "internal"}
    | {"complaint", "inquiry", "public", "private", "new", "work", "working", "break", "broken"}
    | {"repair", "home", "place", "property", "damage", "damaged", "condition", "maintenance"}
    | {"missing", "house", "city", "area"}
)
"""Words that many kinds of problems share."""
AREAS_KNOWN = 0.2
"""The share of rows that must name an area, for a column to be taken for one: hardly by chance."""
MOST_STATES = 15
MOST_CATEGORIES = 500


@dataclass(frozen=True)
class Kind:
    """A category of ours, as far as a guess needs it."""

    code: str
    title: str
    keywords: str


@dataclass(frozen=True)
class Surroundings:
    """What the city knows that a guess may lean on."""

    zone: str
    kinds: tuple[Kind, ...]
    bounds: Bounds | None
    """West, south, east, north (EPSG:4326) of the city; None where it has no ground yet."""
    areas: Mapping[str, Collection[str]]
    """Names of areas by kind."""
    default: str = "something-else"


@dataclass(frozen=True)
class Value:
    """A value of the source, with its rows and what it is guessed to be with us."""

    text: str
    rows: int
    guess: str


@dataclass(frozen=True)
class Draft:
    """A mapping as it is guessed. A column that was not found is an empty text.

    Candidates stand in the order of how well they fit; the first of them is the guess.
    """

    source: str
    reading: Reading
    rows: int
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    opened: tuple[str, ...]
    closed: tuple[str, ...]
    due: tuple[str, ...]
    hour: str
    formats: tuple[str, ...]
    zone: str
    longitude: str
    latitude: str
    place_text: str
    epsg: int
    systems: tuple[tuple[int, str], ...]
    """Coordinate systems that would put the coordinates into the city, with their names."""
    repeated: tuple[Repeated, ...]
    """Points at which suspiciously many rows stand."""
    categories: tuple[str, ...]
    category_values: tuple[Value, ...]
    default: str
    states: tuple[str, ...]
    state_values: tuple[Value, ...]
    area: str
    area_kind: str
    unknown_areas: tuple[Value, ...]
    """Names that no area of the kind has; the guess is empty."""
    texts: tuple[str, ...]
    """Columns of free text, which may hold what is private."""


def draft(sample: Sample, here: Surroundings) -> Draft:
    """Guess a mapping from a sample of rows."""
    patterns = _patterns(sample)
    longitude, latitude, place_text = _coordinates(sample)
    epsg, systems = _system(sample, longitude, latitude, here.bounds)
    keys = [c for c in sample.columns if c.is_unique and c.name not in patterns]
    closed = _ranked(patterns, CLOSED)
    due = _ranked([name for name in patterns if name not in closed], DUE)
    opened = _ranked([name for name in patterns if name not in {*closed, *due}], OPENED, NOT_OPENED)
    used = {*patterns, longitude, latitude, place_text}
    kinds = [c for c in sample.columns if c.counts and c.name not in used]
    states = _states(kinds)
    categories = _ranked(
        [c.name for c in kinds if len(c.counts) <= MOST_CATEGORIES and c.name not in states],
        CATEGORY,
    )
    area, area_kind = _area(kinds, here)
    timed = [name for name in (*opened[:1], *closed[:1], *due[:1]) if name]
    return Draft(
        source=re.sub(r"[^a-z0-9]+", "-", PurePath(sample.name).stem.split(".")[0].lower()).strip(
            "-"
        )
        or "source",
        reading=sample.reading,
        rows=sample.rows,
        columns=tuple(c.name for c in sample.columns),
        keys=tuple(_ranked([c.name for c in keys], KEY)),
        opened=tuple(opened),
        closed=tuple(closed),
        due=tuple(due),
        hour=_hour(sample, patterns),
        formats=tuple(dict.fromkeys(patterns[name] for name in timed)) or ("iso",),
        zone=here.zone,
        longitude=longitude,
        latitude=latitude,
        place_text=place_text,
        epsg=epsg,
        systems=systems,
        repeated=tuple(r for r in sample.repeated if set(r.columns) == {longitude, latitude}),
        categories=tuple(categories),
        category_values=_category_values(sample, categories, here),
        default=here.default,
        states=tuple(states),
        state_values=_state_values(sample, states),
        area=area,
        area_kind=area_kind,
        unknown_areas=_unknown_areas(sample, area, here.areas.get(area_kind, ())),
        texts=tuple(_ranked([c.name for c in sample.columns], TEXT)),
    )


def _ranked(names: Collection[str], patterns: Names, against: str = "(?!)") -> list[str]:
    """Return the names that a pattern finds, in the order of the patterns."""
    ranks = {}
    for name in names:
        finds = [i for i, p in enumerate(patterns) if re.search(p, name, re.IGNORECASE)]
        if finds and not re.search(against, name, re.IGNORECASE):
            ranks[name] = finds[0]
    return sorted(ranks, key=lambda name: ranks[name])


# ---- times ----


def _patterns(sample: Sample) -> dict[str, str]:
    """Return how times are written, by the columns that hold some."""
    found = {}
    for column in sample.columns:
        if column.texts and (pattern := _pattern(column.texts)):
            found[column.name] = pattern
    return found


def _pattern(texts: Sequence[str]) -> str:
    written = pd.Series([re.sub(r"(:\d\d[^:]*[+-]\d{2})$", r"\g<1>00", text) for text in texts])
    # Bare numbers are years, keys and hours more often than times.
    if (written.str.fullmatch(r"[+-]?\d+(\.\d+)?")).mean() > 1 - ENOUGH:
        return ""
    for pattern in FORMATS:
        kind = "ISO8601" if pattern == "iso" else pattern
        read = pd.to_datetime(written, format=kind, errors="coerce", utc=True)
        if read.notna().mean() >= ENOUGH:
            return pattern
    return ""


def _hour(sample: Sample, patterns: Mapping[str, str]) -> str:
    """Return a column of hours, where no time of opening tells one."""
    hours = [c for c in sample.columns if re.search("hour", c.name, re.IGNORECASE)]
    fits = [
        c
        for c in hours
        if c.counts and all(re.fullmatch(r"\d{1,2}(:\d\d)?", v) for v, _ in c.counts)
    ]
    return fits[0].name if fits and patterns else ""


# ---- places ----


def _coordinates(sample: Sample) -> tuple[str, str, str]:
    """Return the columns of longitude and latitude, or the one of both."""
    names = [column.name for column in sample.columns]
    if LONGITUDE in names:
        return LONGITUDE, LATITUDE, ""
    numeric = [c.name for c in sample.columns if c.texts and _share(c.texts, NUMBER) >= ENOUGH]
    lon, lat = _ranked(numeric, LON), _ranked(numeric, LAT)
    if lon and lat:
        return lon[0], lat[0], ""
    pairs = [
        c.name
        for c in sample.columns
        if c.texts and _share(c.texts, f"{PAIR}|{_bare(WKT)}") >= ENOUGH
    ]
    return "", "", pairs[0] if pairs else ""


def _bare(pattern: str) -> str:
    """Return a pattern without the names of its groups and flags inside, which two cannot share."""
    return re.sub(r"\?P<\w+>", "", pattern).replace("(?i:", "(?:")


def _share(texts: Sequence[str], pattern: str) -> float:
    return sum(bool(re.match(pattern, text)) for text in texts) / len(texts)


def _system(
    sample: Sample, longitude: str, latitude: str, ground: Bounds | None
) -> tuple[int, tuple[tuple[int, str], ...]]:
    """Return the likely coordinate system, and all that would put the places into the city."""
    x, y = sample.column(longitude), sample.column(latitude)
    if not x or not y or not x.texts or not y.texts:
        return GEOGRAPHIC, ()
    xs, ys = (np.array([float(t) for t in c.texts if re.match(NUMBER, t)]) for c in (x, y))
    bounds = tuple(np.percentile(v, q) for q in (5, 95) for v in (xs, ys))
    if np.abs(xs).max() <= 180 and np.abs(ys).max() <= 90:
        return GEOGRAPHIC, ()
    systems = tuple(likely_systems(bounds, ground)) if ground else ()
    return (systems[0][0] if systems else GEOGRAPHIC), systems


# ---- kinds, states, areas ----


def _category_values(
    sample: Sample, categories: Sequence[str], here: Surroundings
) -> tuple[Value, ...]:
    column = sample.column(categories[0]) if categories else None
    words = [_Words(kind.code, _words(kind.title), _words(kind.keywords)) for kind in here.kinds]
    return tuple(
        Value(text, rows, _likest(text, words) or here.default)
        for text, rows in (column.counts if column else ())
    )


@dataclass(frozen=True)
class _Words:
    """The words of a category."""

    code: str
    title: frozenset[str]
    keywords: frozenset[str]


def _words(text: str) -> frozenset[str]:
    return frozenset(word.rstrip("s") for word in WORD.findall(text.lower())) - NO_MEANING


def _likest(text: str, kinds: Sequence[_Words]) -> str:
    """Return the category that shares most words with a text: those of its title count double.

    Of two, the one of whose title more is told.
    """
    told, small = _words(text), text.lower()

    def shared(own: frozenset[str]) -> int:
        return sum(word in told or (len(word) >= PARTS and word in small) for word in own)

    best = (0, 0.0, "")
    for kind in kinds:
        title = shared(kind.title)
        score = 2 * title + shared(kind.keywords - kind.title)
        best = max(best, (score, title / max(1, len(kind.title)), kind.code))
    return best[2] if best[0] else ""


def _states(columns: Sequence[Column]) -> list[str]:
    """Return the columns of states; the one whose values say most to us comes first."""
    named = _ranked([c.name for c in columns if len(c.counts) <= MOST_STATES], STATE)
    counts = {c.name: c.counts for c in columns}
    said = {name: sum(n for text, n in counts[name] if _state_of(text)) for name in named}
    return sorted(named, key=lambda name: -said[name])


def _state_of(text: str) -> str:
    return next((state.value for p, state in STATES if re.search(p, text.lower())), "")


def _state_values(sample: Sample, states: Sequence[str]) -> tuple[Value, ...]:
    column = sample.column(states[0]) if states else None
    return tuple(
        Value(text, rows, _state_of(text)) for text, rows in (column.counts if column else ())
    )


def _area(columns: Sequence[Column], here: Surroundings) -> tuple[str, str]:
    """Return the column most of whose names are areas of one kind, and the kind."""
    best = (0.0, "", "")
    for column in columns:
        if not re.search(AREA, column.name, re.IGNORECASE):
            continue
        for kind, names in here.areas.items():
            known = sum(rows for text, rows in column.counts if text in names)
            best = max(best, (known / max(1, column.filled), column.name, kind))
    return (best[1], best[2]) if best[0] > AREAS_KNOWN else ("", "")


def _unknown_areas(sample: Sample, area: str, names: Collection[str]) -> tuple[Value, ...]:
    column = sample.column(area)
    return tuple(
        Value(text, rows, "")
        for text, rows in (column.counts if column else ())
        if text not in names
    )
