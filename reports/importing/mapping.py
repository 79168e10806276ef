"""What a source's columns and values mean: a TOML file, read into a frozen value.

docs/importing-reports.md is the reference of its keys.
"""

import codecs
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo, available_timezones

from pyproj import CRS
from pyproj.exceptions import CRSError

from layers.crs import GEOGRAPHIC
from layers.errors import InvalidInput
from reports.models import Precision, SubmissionKey
from reports.workflow import State

Point = tuple[float, float]
Column = tuple[str, ...]
"""Names of one column, in the order of preference: the first that a file has is read. The empty
name, last, lets a file lack it. No names: the mapping does not use such a column."""

SCOPE_LIMIT = SubmissionKey._meta.get_field("scope").max_length or 0  # noqa: SLF001 - public
PATTERN = re.compile(r"(?=.*%)([^%]|%[aAbBdfGHIjmMpSuUVwWyYzZ%])+", re.DOTALL)
"""What a pattern of times may be made of."""
WRITTEN = ("iso", "epoch", "epoch_ms")
"""Times that need no pattern: ISO 8601 (typed columns read as such), seconds, milliseconds."""


@dataclass(frozen=True)
class Times:
    """Columns of opening, closing and promise, and how their times are read."""

    opened: Column
    hour: Column
    """The hour of opening, where it stands apart from the day."""
    closed: Column
    due: Column
    formats: tuple[str, ...]
    zone: ZoneInfo
    offsets: Literal["honour", "ignore"]
    """Whether an offset (``+00``, ``Z``) is meant, or stands at a time that is local."""
    ambiguous: Literal["first", "second", "reject"]
    """What an hour that comes twice means."""
    impossible: Literal["shift", "reject"]
    """What becomes of an hour that never was: shifted to the hour after, or its row rejected."""


@dataclass(frozen=True)
class Places:
    """Columns of the coordinates, and what marks a row without a place."""

    longitude: Column
    latitude: Column
    text: Column
    """Both coordinates as one text, in place of two columns."""
    order: Literal["lat_lon", "lon_lat"]
    """Of the pair in the text; WKT is always longitude first."""
    epsg: int
    default_points: frozenset[Point]
    """Points, in the source's own coordinates, that stand for "we do not know where"."""
    null_values: Mapping[str, frozenset[str]]
    bounds: tuple[float, float, float, float] | None
    """West, south, east, north (EPSG:4326) of where a place may lie."""
    outside: Literal["reject", "not_located"]
    """What becomes of a row whose place lies beyond the bounds."""


@dataclass(frozen=True)
class Override:
    """A column whose values decide the category before the category's own column does."""

    column: Column
    values: Mapping[str, str]


@dataclass(frozen=True)
class Categories:
    """Column of the category, and what its values are with us."""

    column: Column
    values: Mapping[str, str]
    default: str
    """For values that the mapping does not name; empty: such rows are counted and left out."""
    overrides: tuple[Override, ...]

    def codes(self) -> Mapping[str, str]:
        """Return every category that the mapping names, and a value that leads to it."""
        named = {code: value for value, code in self.values.items()}
        for override in self.overrides:
            named |= {code: value for value, code in override.values.items()}
        return named | ({self.default: "default"} if self.default else {})


@dataclass(frozen=True)
class States:
    """Column of the state, and what its values are with us."""

    column: Column
    values: Mapping[str, State]
    default: State | None
    """For values that the mapping does not name; None: such rows are rejected."""


@dataclass(frozen=True)
class AreaNames:
    """Column and kind of the area that a row without a place counts in."""

    column: Column
    kind: str
    aliases: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class ReportMapping:
    """The whole mapping of a source of reports."""

    source: str
    key: Column
    """Where there is none, a row is known by the hash of what the mapping reads of it."""
    precision: Precision
    encoding: str
    delimiter: str
    has_header: bool
    """Without one, columns are named by their position: ``1`` is the first."""
    description: Column
    times: Times
    places: Places
    category: Categories
    state: States
    areas: AreaNames | None

    def columns(self) -> tuple[Column, ...]:
        """Return every column that is read, each once."""
        wanted = [
            self.key,
            self.times.opened,
            self.times.hour,
            self.times.closed,
            self.times.due,
            self.places.longitude,
            self.places.latitude,
            self.places.text,
            *((name,) for name in self.places.null_values),
            self.category.column,
            *(override.column for override in self.category.overrides),
            self.state.column,
            self.description,
            self.areas.column if self.areas else (),
        ]
        return tuple(dict.fromkeys(column for column in wanted if column))


class _Table:
    """A table of the file; whatever is missing, wrong or unknown is said by its name."""

    def __init__(self, origin: str, name: str, values: object) -> None:
        self.origin = origin
        self.name = name
        if not isinstance(values, dict):
            raise self.wrong("must be a table")
        self.values: dict[str, Any] = dict(values)

    def wrong(self, what: str) -> InvalidInput:
        return InvalidInput(f"{self.origin}: {self.name} {what}.", field="mapping")

    def table(self, name: str) -> "_Table":
        return _Table(self.origin, name, self.values.pop(name, {}))

    def tables(self, name: str) -> list["_Table"]:
        values = self.values.pop(name, [])
        if not isinstance(values, list):
            raise self.wrong(f"needs {name} as tables [[{self.name}.{name}]]")
        return [_Table(self.origin, f"{name} {i}", value) for i, value in enumerate(values, 1)]

    def text(self, name: str, default: str | None = None) -> str:
        value = self.values.pop(name, default)
        if not isinstance(value, str) or (not value and default is None):
            raise self.wrong(f"needs {name} (a text)")
        return value

    def choice(self, name: str, allowed: Iterable[str], default: str | None = None) -> str:
        value = self.text(name, default)
        if value not in (names := list(allowed)):
            raise self.wrong(f"has {name} = {value!r}; choose one of {', '.join(names)}")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.values.pop(name, default)
        if not isinstance(value, bool):
            raise self.wrong(f"has {name} = {value!r}; give true or false")
        return value

    def column(self, name: str, *, is_needed: bool = False) -> Column:
        """Return a column by its name, by its position, or by alternatives of these."""
        value = self.values.pop(name, [])
        names = value if isinstance(value, list) else [value]
        if not all(isinstance(n, str | int) and not isinstance(n, bool) for n in names):
            raise self.wrong(
                f"has {name} = {value!r}; give a column's name, its position or a list of these"
            )
        column = tuple(str(n) for n in names)
        if column in {(), ("",)}:
            if is_needed:
                raise self.wrong(f"needs {name} (a column)")
            return ()
        return column

    def rest(self) -> Mapping[str, Any]:
        values, self.values = self.values, {}
        return values

    def end(self) -> None:
        if self.values:
            raise self.wrong(f"has {', '.join(self.values)}, which means nothing here")


def read_mapping(path: Path) -> ReportMapping:
    """Read a mapping of reports from a file.

    Raises
    ------
    InvalidInput
        When the file cannot be read, lacks something or has something unknown; names it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        message = f"The mapping {path} could not be read: {reason}. Save it as a text in UTF-8."
        raise InvalidInput(message, field="mapping") from error
    return parse_mapping(text, path.name)


def parse_mapping(text: str, origin: str = "mapping") -> ReportMapping:
    """Return the mapping that a TOML text tells; `origin` names it in messages.

    Raises
    ------
    InvalidInput
        When it is no TOML, lacks something or has something unknown; names it.
    """
    try:
        document = tomllib.loads(text)
    except ValueError as error:
        message = f"The mapping {origin} could not be read: {error}."
        raise InvalidInput(message, field="mapping") from error
    top = _Table(origin, "the mapping", document)
    has_header = top.flag("header", default=True)
    mapping = ReportMapping(
        source=_source(top),
        key=top.column("key"),
        precision=Precision(top.choice("precision", Precision.values)),
        encoding=_encoding(top),
        delimiter=_delimiter(top),
        has_header=has_header,
        description=top.column("description"),
        times=_times(top.table("time")),
        places=_places(top.table("place")),
        category=_categories(top.table("category")),
        state=_states(top.table("state")),
        areas=_areas(top.table("area")) if "area" in top.values else None,
    )
    top.end()
    if not has_header:
        _check_positions(top, mapping)
    return mapping


def _check_positions(top: _Table, mapping: ReportMapping) -> None:
    for name in (name for column in mapping.columns() for name in column if name):
        if not (name.isascii() and name.isdecimal() and int(name) > 0):
            raise top.wrong(
                f"says that there is no header, but names a column {name!r}; give its position, "
                "counted from 1"
            )


def _source(table: _Table) -> str:
    name = table.text("source")
    if len(name) > SCOPE_LIMIT or name == "client":
        raise table.wrong(
            f"has source = {name!r}; give another name of at most {SCOPE_LIMIT} characters"
        )
    return name


def _encoding(table: _Table) -> str:
    name = table.text("encoding", "utf-8")
    try:
        "".encode(name)  # Some codecs are none of texts.
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        raise table.wrong(f"has encoding = {name!r}; try utf-8 or cp1252") from None


def _delimiter(table: _Table) -> str:
    mark = table.text("delimiter", ",")
    if len(mark) != 1 or mark in '"\r\n':
        raise table.wrong(f"has delimiter = {mark!r}; give one character, for example ; or \\t")
    return mark


def _times(table: _Table) -> Times:
    zone = table.text("zone")
    if zone not in available_timezones():
        raise table.wrong(f"has zone = {zone!r}; give a name such as America/New_York")
    formats = table.values.pop("format", "iso")
    times = Times(
        opened=table.column("opened", is_needed=True),
        hour=table.column("hour"),
        closed=table.column("closed"),
        due=table.column("due"),
        formats=tuple(_list(table, "format", [formats] if isinstance(formats, str) else formats)),
        zone=ZoneInfo(zone),
        offsets=cast("Any", table.choice("offsets", ("honour", "ignore"), "honour")),
        ambiguous=cast("Any", table.choice("ambiguous", ("first", "second", "reject"), "reject")),
        impossible=cast("Any", table.choice("impossible", ("shift", "reject"), "reject")),
    )
    for pattern in times.formats:
        if pattern not in WRITTEN and not PATTERN.fullmatch(pattern):
            raise table.wrong(
                f"has format = {pattern!r}; give a pattern such as %Y-%m-%d %H:%M:%S, or one of "
                f"{', '.join(WRITTEN)}"
            )
    table.end()
    return times


def _places(table: _Table) -> Places:
    nulls = table.table("null_values").rest()
    places = Places(
        longitude=table.column("longitude"),
        latitude=table.column("latitude"),
        text=table.column("text"),
        order=cast("Any", table.choice("order", ("lat_lon", "lon_lat"), "lat_lon")),
        epsg=_epsg(table),
        default_points=_points(table),
        null_values={column: frozenset(_list(table, column, nulls[column])) for column in nulls},
        bounds=_bounds(table),
        outside=cast("Any", table.choice("outside", ("reject", "not_located"), "reject")),
    )
    if places.text and (places.longitude or places.latitude):
        raise table.wrong("has text beside longitude and latitude; keep one of the two")
    if not places.text and not places.longitude:
        raise table.wrong("needs longitude and latitude (columns), or text (one column of both)")
    if bool(places.longitude) != bool(places.latitude):
        raise table.wrong("needs latitude beside longitude")
    table.end()
    return places


def _epsg(table: _Table) -> int:
    code = table.values.pop("crs", GEOGRAPHIC)
    try:
        if isinstance(code, str):
            code = int(code.upper().removeprefix("EPSG:"))
        CRS.from_epsg(code)
    except (CRSError, ValueError, TypeError):
        raise table.wrong(
            f"has crs = {code!r}; give an EPSG code such as 4326 or 2249 (State Plane feet)"
        ) from None
    return int(code)


def _points(table: _Table) -> frozenset[Point]:
    points = table.values.pop("default_points", [])
    try:
        return frozenset((float(lon), float(lat)) for lon, lat in points)
    except (TypeError, ValueError):
        raise table.wrong("has default_points that are not pairs [longitude, latitude]") from None


def _bounds(table: _Table) -> tuple[float, float, float, float] | None:
    values = table.values.pop("bounds", None)
    if values is None:
        return None
    try:
        west, south, east, north = (float(value) for value in values)
    except (TypeError, ValueError):
        west = south = east = north = math.nan
    if not (west < east and south < north):
        raise table.wrong(f"has bounds = {values!r}; give [west, south, east, north] in degrees")
    return west, south, east, north


def _categories(table: _Table) -> Categories:
    overrides = []
    for each in table.tables("overrides"):
        values = each.table("values")
        overrides.append(Override(each.column("column", is_needed=True), _texts(values)))
        each.end()
    categories = Categories(
        column=table.column("column"),
        values=_texts(table.table("values")),
        default=table.text("default", ""),
        overrides=tuple(overrides),
    )
    if not categories.column and not categories.default:
        raise table.wrong("needs column, or default (one category for every row)")
    table.end()
    return categories


def _states(table: _Table) -> States:
    values = table.table("values")
    default = table.choice("default", ("", *State.values), "")
    states = States(
        column=table.column("column"),
        values={name: State(values.choice(name, State.values)) for name in list(values.values)},
        default=State(default) if default else None,
    )
    if not states.column and not default:
        raise table.wrong("needs column, or default (one state for every row)")
    table.end()
    return states


def _areas(table: _Table) -> AreaNames:
    aliases = table.table("aliases").rest()
    areas = AreaNames(
        column=table.column("column", is_needed=True),
        kind=table.text("kind"),
        aliases={name: tuple(_list(table, name, aliases[name])) for name in aliases},
    )
    table.end()
    return areas


def _list(table: _Table, name: str, values: object) -> list[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise table.wrong(f"needs a list of texts at {name!r}")
    return values


def _texts(table: _Table) -> Mapping[str, str]:
    return {name: table.text(name) for name in list(table.values)}
