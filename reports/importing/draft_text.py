"""A draft of a mapping as a commented TOML file: what was guessed, and from what."""

import json
from collections.abc import Iterator, Sequence

from layers.crs import GEOGRAPHIC
from reports.importing.draft import Draft, Value

SHOWN_DEFAULTS = 400


def as_text(draft: Draft) -> str:
    """Return the mapping as TOML, with a comment wherever somebody should look."""
    parts = (_top, _time, _place, _category, _state, _area)
    return "\n".join("\n".join(part(draft)) for part in parts)


def _q(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _choice(name: str, candidates: Sequence[str], missing: str) -> Iterator[str]:
    """Write the first candidate, the others in a comment; or what is missing."""
    if not candidates:
        yield missing
        return
    others = f"   # or {', '.join(map(_q, candidates[1:]))}" if candidates[1:] else ""
    yield f"{name} = {_q(candidates[0])}{others}"


def _top(draft: Draft) -> Iterator[str]:
    yield f"# Drafted from {draft.rows:,} rows. Read every line; lines with TODO need an answer."
    yield f"# Columns: {', '.join(draft.columns)}"
    yield ""
    yield f"source = {_q(draft.source)}   # never change it: it tells what came before"
    yield from _choice(
        "key",
        draft.keys,
        "# No column is a key: rows are known by what the mapping reads of them.",
    )
    yield 'precision = "exact"   # or "masked_by_source": its points are moved already'
    yield f"encoding = {_q(draft.reading.encoding)}"
    if draft.reading.delimiter != ",":
        yield f"delimiter = {_q(draft.reading.delimiter)}"
    if not draft.reading.has_header:
        yield "header = false   # columns are named by their position, counted from 1"
    for name in draft.texts:
        yield f"# description = {_q(name)}   # everybody reads it where a class shows text"
    yield ""


def _time(draft: Draft) -> Iterator[str]:
    yield "[time]"
    yield from _choice("opened", draft.opened, "# TODO opened = a column of times")
    if draft.hour:
        yield f"# hour = {_q(draft.hour)}   # if the hour of opening stands apart"
    yield from _choice("closed", draft.closed, "# closed = none was found")
    yield from _choice("due", draft.due, "# due = none was found")
    formats = ", ".join(map(_q, draft.formats))
    yield f"format = [{formats}]" if len(draft.formats) > 1 else f"format = {formats}"
    yield f"zone = {_q(draft.zone)}"
    yield '# offsets = "ignore"   # if times with an offset (+00, Z) are local all the same'
    yield 'ambiguous = "first"   # the hour that comes twice in autumn: first, second or reject'
    yield 'impossible = "reject"   # the hour that spring leaves out: shift or reject'
    yield ""


def _place(draft: Draft) -> Iterator[str]:
    yield "[place]"
    if draft.place_text:
        yield f"text = {_q(draft.place_text)}"
        yield '# order = "lon_lat"   # if the pair has longitude first'
    elif draft.longitude:
        yield f"longitude = {_q(draft.longitude)}"
        yield f"latitude = {_q(draft.latitude)}"
    else:
        yield "# TODO longitude = , latitude = (columns), or text = one column of both"
    for code, name in draft.systems:
        yield f"# EPSG:{code} ({name}) would put them into the city"
    if draft.epsg != GEOGRAPHIC:
        yield f"crs = {draft.epsg}"
    marks = list(dict.fromkeys(mark for each in draft.repeated for mark in each.marks))
    if draft.repeated:
        yield "# So many rows at one point: probably it stands for places that nobody knows."
        points = []
        for each in draft.repeated:
            values = dict(zip(each.columns, each.values, strict=True))
            point = f"[{float(values[draft.longitude])}, {float(values[draft.latitude])}]"
            yield f"#   {each.rows:,} rows at {point}"
            points.append(point)
        yield f"default_points = [{', '.join(points)}]"
    yield '# bounds = [west, south, east, north]   # outside = "reject" or "not_located"'
    if marks:
        yield ""
        yield "[place.null_values]   # what those rows alone say"
        yield from (f"{_q(name)} = [{_q(value)}]" for name, value in marks)
    yield ""


def _category(draft: Draft) -> Iterator[str]:
    yield "[category]"
    yield from _choice("column", draft.categories, "# column = none was found")
    count = sum(v.rows for v in draft.category_values if v.guess == draft.default)
    yield f"default = {_q(draft.default)}   # {count:,} rows; without it they are left out"
    yield ""
    yield "[category.values]   # guessed by words"
    yield from _values([v for v in draft.category_values if v.guess != draft.default])
    rest = [v for v in draft.category_values if v.guess == draft.default]
    yield from (f"# {line}" for line in _values(rest[:SHOWN_DEFAULTS]))
    yield ""


def _values(values: Sequence[Value]) -> Iterator[str]:
    for value in values:
        yield f"{_q(value.text)} = {_q(value.guess)}   # {value.rows:,}"


def _state(draft: Draft) -> Iterator[str]:
    yield "[state]"
    yield from _choice("column", draft.states, "# column = none was found")
    if not draft.states:
        yield 'default = "done"   # the state of every report'
    yield ""
    yield "[state.values]"
    for value in draft.state_values:
        if value.guess:
            yield f"{_q(value.text)} = {_q(value.guess)}   # {value.rows:,}"
        else:
            yield f"# TODO {_q(value.text)} = a state   # {value.rows:,}"
    yield ""


def _area(draft: Draft) -> Iterator[str]:
    if not draft.area:
        yield "# [area]   # column and kind of the areas that rows without a place name"
        yield ""
        return
    yield "[area]"
    yield f"column = {_q(draft.area)}"
    yield f"kind = {_q(draft.area_kind)}"
    yield ""
    yield "[area.aliases]   # names that no area has: say which areas they are, [] for none"
    yield from (f"# {_q(value.text)} = []   # {value.rows:,}" for value in draft.unknown_areas)
    yield ""
