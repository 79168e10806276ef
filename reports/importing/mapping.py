"""What a source's columns and values mean: a TOML file, read into a frozen value."""

import codecs
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from layers.errors import InvalidInput
from reports.models import Precision
from reports.workflow import State

Point = tuple[float, float]


@dataclass(frozen=True)
class Times:
    """Columns of opening and closing, and how their local times are read."""

    opened: str
    closed: str
    format: str
    zone: ZoneInfo
    ambiguous: str
    """What an hour that comes twice means: ``first``, ``second`` or ``reject``."""
    impossible: str
    """What becomes of an hour that never was: ``shift`` (to the hour after) or ``reject``."""


@dataclass(frozen=True)
class Places:
    """Columns of the coordinates (EPSG:4326), and what marks a row without a place."""

    longitude: str
    latitude: str
    default_points: frozenset[Point]
    null_values: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class AreaNames:
    """Column and kind of the area that a row without a place counts in."""

    column: str
    kind: str
    aliases: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class ReportMapping:
    """The whole mapping of a source of reports."""

    source: str
    key: str
    precision: Precision
    encoding: str
    description: str
    times: Times
    places: Places
    category_column: str
    categories: Mapping[str, str]
    state_column: str
    states: Mapping[str, State]
    areas: AreaNames | None

    def columns(self) -> tuple[str, ...]:
        """Return every column that a file must have."""
        wanted = [
            self.key,
            self.description,
            self.times.opened,
            self.times.closed,
            self.places.longitude,
            self.places.latitude,
            *self.places.null_values,
            self.category_column,
            self.state_column,
            self.areas.column if self.areas else "",
        ]
        return tuple(dict.fromkeys(column for column in wanted if column))


class _Table:
    """A table of the file; whatever is missing, wrong or unknown is said by its name."""

    def __init__(self, path: Path, name: str, values: object) -> None:
        self.path = path
        self.name = name
        if not isinstance(values, dict):
            raise self.wrong("must be a table")
        self.values: dict[str, Any] = dict(values)

    def wrong(self, what: str) -> InvalidInput:
        return InvalidInput(f"{self.path.name}: {self.name} {what}.", field="mapping")

    def table(self, name: str) -> "_Table":
        return _Table(self.path, name, self.values.pop(name, {}))

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

    def rest(self) -> Mapping[str, Any]:
        values, self.values = self.values, {}
        return values

    def end(self) -> None:
        if self.values:
            raise self.wrong(f"has {', '.join(self.values)}, which means nothing here")


def read_mapping(path: Path) -> ReportMapping:
    """Read a mapping of reports.

    Raises
    ------
    InvalidInput
        When the file cannot be read, lacks something or has something unknown; names it.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"The mapping {path} could not be read: {error}."
        raise InvalidInput(message, field="mapping") from error
    top = _Table(path, "the mapping", document)
    category, state = top.table("category"), top.table("state")
    mapping = ReportMapping(
        source=top.text("source"),
        key=top.text("key"),
        precision=Precision(top.choice("precision", Precision.values)),
        encoding=_encoding(top),
        description=top.text("description", ""),
        times=_times(top.table("time")),
        places=_places(top.table("place")),
        category_column=category.text("column"),
        categories=_texts(category.table("values")),
        state_column=state.text("column"),
        states=_states(state.table("values")),
        areas=_areas(top.table("area")) if "area" in top.values else None,
    )
    for table in (category, state, top):
        table.end()
    return mapping


def _encoding(table: _Table) -> str:
    name = table.text("encoding", "utf-8")
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise table.wrong(f"has encoding = {name!r}; try utf-8 or cp1252") from None


def _times(table: _Table) -> Times:
    zone = table.text("zone")
    if zone not in available_timezones():
        raise table.wrong(f"has zone = {zone!r}; give a name such as America/New_York")
    times = Times(
        opened=table.text("opened"),
        closed=table.text("closed", ""),
        format=table.text("format"),
        zone=ZoneInfo(zone),
        ambiguous=table.choice("ambiguous", ("first", "second", "reject"), "reject"),
        impossible=table.choice("impossible", ("shift", "reject"), "reject"),
    )
    table.end()
    return times


def _places(table: _Table) -> Places:
    nulls = table.table("null_values").rest()
    points = table.values.pop("default_points", [])
    try:
        default_points = frozenset((float(lon), float(lat)) for lon, lat in points)
    except (TypeError, ValueError):
        raise table.wrong("has default_points that are not pairs [longitude, latitude]") from None
    places = Places(
        longitude=table.text("longitude"),
        latitude=table.text("latitude"),
        default_points=default_points,
        null_values={column: frozenset(_list(table, column, nulls[column])) for column in nulls},
    )
    table.end()
    return places


def _areas(table: _Table) -> AreaNames:
    aliases = table.table("aliases").rest()
    areas = AreaNames(
        column=table.text("column"),
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


def _states(table: _Table) -> Mapping[str, State]:
    return {name: State(table.choice(name, State.values)) for name in list(table.values)}
