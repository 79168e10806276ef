"""Rows of a source as reports, in columns; or the first reason why a row is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from reports.columns import Columns
from reports.importing.keys import row_hashes
from reports.importing.mapping import ReportMapping
from reports.importing.places import located
from reports.importing.source import Batch
from reports.importing.times import moments
from reports.models import SubmissionKey
from reports.submission import CLOCK_TOLERANCE, DESCRIPTION_LIMIT
from reports.workflow import ENDED

KEY_LIMIT = SubmissionKey._meta.get_field("key").max_length or 0  # noqa: SLF001 - a public interface
CHANNEL = "import"
UNEVEN = "it has more or fewer cells than the header"

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class AreaKeys:
    """Keys of areas by the names that rows give them."""

    by_name: Mapping[str, tuple[int, ...]]

    def of(self, name: str) -> tuple[int, ...]:
        """Return the areas of a name; none where it is unknown or empty."""
        return self.by_name.get(name, ())


@dataclass(frozen=True)
class Converted:
    """What became of a batch of rows; every array is as long as the batch."""

    batch: Batch
    key: Any
    """`pyarrow.StringArray`: the source's own, or hashes of the rows."""
    has_own_key: bool
    reasons: npt.NDArray[np.object_]
    """Why a row is no report; None where it is one, or is not mapped."""
    not_mapped: npt.NDArray[np.object_]
    """The value of a category that the mapping leaves out, else None."""
    defaulted: npt.NDArray[np.object_]
    """The value of a category that came under the mapping's default, else None."""
    unknown_area: npt.NDArray[np.object_]
    """The name of an area that a row without a place counts on in vain, else None."""
    columns: Columns
    """Of all rows; those of rows that are no reports mean nothing."""


class _Reasons:
    """The first reason why each row is none."""

    def __init__(self, count: int) -> None:
        self.of = np.full(count, None, object)

    def add(self, where: Mask, why: str) -> None:
        self.of[where & pd.isna(self.of)] = why

    def merge(self, reasons: npt.NDArray[np.object_]) -> None:
        self.of = np.where(pd.isna(self.of), reasons, self.of)


def converted(batch: Batch, mapping: ReportMapping, areas: AreaKeys, now: datetime) -> Converted:
    """Return a batch of rows as reports in columns, and why the others are none."""
    count = len(batch.rows)
    reasons = _Reasons(count)
    reasons.add(~batch.is_whole, UNEVEN)
    category, left_out, defaulted = _categories(batch, mapping)
    has_own_key = mapping.key in batch.names
    key = _keys(batch, mapping, reasons) if has_own_key else row_hashes(batch, mapping.columns())
    opened = _moments(batch, mapping, "opened", reasons)
    name = batch.names.get(mapping.times.opened, "opened")
    reasons.add(np.isnat(opened), f"{name} is empty")
    closed = _moments(batch, mapping, "closed", reasons)
    due = _moments(batch, mapping, "due", reasons)
    state = _states(batch, mapping, reasons)
    latest = np.datetime64((now + CLOCK_TOLERANCE).replace(tzinfo=None), "us")
    reasons.add(opened > latest, "it was opened in the future")
    reasons.add(closed < opened, "it was closed before it was opened")
    ended = np.asarray(pc.is_in(state, pa.array([s.value for s in ENDED])))
    reasons.add(~np.isnat(closed) & ~ended, "it has a closing time, but its state is not an end")
    place = located(batch, mapping.places)
    reasons.merge(place.reasons)
    description = batch.text(mapping.description)
    reasons.add(
        _is_long(description, DESCRIPTION_LIMIT),
        f"its description is no text of at most {DESCRIPTION_LIMIT} characters",
    )
    named, unknown = _areas(batch, mapping, areas, np.isnan(place.lon))
    is_out = ~pd.isna(left_out) & batch.is_whole
    reasons.of[is_out] = None
    return Converted(
        batch=batch,
        key=key,
        has_own_key=has_own_key,
        reasons=reasons.of,
        not_mapped=left_out,
        defaulted=defaulted,
        unknown_area=unknown,
        columns=Columns(
            source=mapping.source,
            precision=mapping.precision,
            channel=CHANNEL,
            key=key,
            category=category,
            state=state,
            description=description,
            lon=place.lon,
            lat=place.lat,
            reported_at=opened,
            closed_at=closed,
            promised_at=due,
            source_areas=named,
        ),
    )


def taken(columns: Columns, positions: npt.NDArray[np.int64]) -> Columns:
    """Return the reports at some positions."""
    at = pa.array(positions)
    return replace(
        columns,
        key=columns.key.take(at),
        category=columns.category.take(at),
        state=columns.state.take(at),
        description=columns.description.take(at),
        lon=columns.lon[positions],
        lat=columns.lat[positions],
        reported_at=columns.reported_at[positions],
        closed_at=columns.closed_at[positions],
        promised_at=columns.promised_at[positions],
        source_areas=[columns.source_areas[i] for i in positions],
    )


def joined(parts: Sequence[Columns]) -> Columns:
    """Return the reports of several parts of one source, one after another."""
    return replace(
        parts[0],
        key=pa.concat_arrays([part.key for part in parts]),
        category=pa.concat_arrays([part.category for part in parts]),
        state=pa.concat_arrays([part.state for part in parts]),
        description=pa.concat_arrays([part.description for part in parts]),
        lon=np.concatenate([part.lon for part in parts]),
        lat=np.concatenate([part.lat for part in parts]),
        reported_at=np.concatenate([part.reported_at for part in parts]),
        closed_at=np.concatenate([part.closed_at for part in parts]),
        promised_at=np.concatenate([part.promised_at for part in parts]),
        source_areas=[areas for part in parts for areas in part.source_areas],
    )


def _keys(batch: Batch, mapping: ReportMapping, reasons: _Reasons) -> Any:
    key = batch.text(mapping.key)
    reasons.add(np.asarray(pc.equal(key, "")), "its key is empty")
    reasons.add(_is_long(key, KEY_LIMIT), f"its key is no text of at most {KEY_LIMIT} characters")
    return key


def _is_long(texts: Any, limit: int) -> Mask:
    too_long = pc.greater(pc.utf8_length(texts), limit)
    return np.asarray(pc.or_(too_long, pc.match_substring(texts, "\0")))


def _moments(
    batch: Batch, mapping: ReportMapping, which: str, reasons: _Reasons
) -> npt.NDArray[np.datetime64]:
    column = getattr(mapping.times, which)
    has_hour = which == "opened" and bool(mapping.times.hour)
    hours = batch.text(mapping.times.hour) if has_hour else None
    read, why = moments(batch.text(column), mapping.times, hours)
    reasons.merge(why)
    return read


def _mapped(texts: Any, values: Mapping[str, str]) -> Any:
    """Return what each text is mapped to; null where it is not."""
    keys, targets = (
        pa.array(list(values), pa.string()),
        pa.array(list(values.values()), pa.string()),
    )
    return targets.take(pc.index_in(texts, keys))


def _categories(
    batch: Batch, mapping: ReportMapping
) -> tuple[Any, npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Return codes, the values that are left out, and those under the default."""
    told = batch.text(mapping.category.column)
    code = _mapped(told, mapping.category.values)
    for override in reversed(mapping.category.overrides):
        code = pc.coalesce(_mapped(batch.text(override.column), override.values), code)
    texts = np.array(told.to_pylist(), object)
    nothing = np.full(len(texts), None, object)
    unknown = np.where(np.asarray(pc.is_null(code)), texts, nothing)
    if not mapping.category.default:
        return pc.fill_null(code, ""), np.where(batch.is_whole, unknown, nothing), nothing
    is_asked = bool(mapping.category.column)
    return pc.fill_null(code, mapping.category.default), nothing, unknown if is_asked else nothing


def _states(batch: Batch, mapping: ReportMapping, reasons: _Reasons) -> Any:
    told = batch.text(mapping.state.column)
    state = _mapped(told, {name: s.value for name, s in mapping.state.values.items()})  # noqa: PD011 - a mapping
    if mapping.state.default:
        return pc.fill_null(state, mapping.state.default.value)
    missing = np.asarray(pc.is_null(state))
    name = batch.names.get(mapping.state.column, "state")
    for value in pc.unique(told.filter(pa.array(missing))).to_pylist():
        is_this = missing & np.asarray(pc.equal(told, value))
        reasons.add(is_this, f"{name} {value!r} is not in the mapping")
    return pc.fill_null(state, "")


def _areas(
    batch: Batch, mapping: ReportMapping, areas: AreaKeys, without: Mask
) -> tuple[list[tuple[int, ...]], npt.NDArray[np.object_]]:
    """Return the areas that rows without a place name, and the names that no area has."""
    named: list[tuple[int, ...]] = [()] * len(without)
    unknown = np.full(len(without), None, object)
    if mapping.areas is None:
        return named, unknown
    names = batch.text(mapping.areas.column)
    for position in np.flatnonzero(without):
        name = names[position].as_py()
        named[position] = areas.of(name)
        if name and name not in areas.by_name:
            unknown[position] = name
    return named, unknown
