"""Times as sources write them, as moments: many at once."""

from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from reports.importing.mapping import Times

OFFSET = r"(?:[zZ]|UTC|[+-]\d{2}(?::?\d{2})?)$"
HAS_TIME = r"\d{1,2}:\d{2}.*"
SHORT_OFFSET = r"([+-]\d{2})$"
EPOCH_UNITS = {"epoch": 1_000_000, "epoch_ms": 1_000}
"""Microseconds in one of what is counted."""
NUMBER = r"^[+-]?\d{1,15}(?:\.\d*)?$"
HOUR = r"^(?P<hour>\d{1,2})(?:\.0+|:(?P<minute>[0-5]\d))?$"
NEVER = np.datetime64("NaT", "us")
AN_HOUR_EARLY = np.timedelta64(3_600_000_000, "us")
LAST_HOUR = np.timedelta64(23 * 3_600_000_000, "us")

Moments = npt.NDArray[np.datetime64]
Reasons = npt.NDArray[np.object_]


def moments(texts: Any, times: Times, hours: Any | None = None) -> tuple[Moments, Reasons]:
    """Read times of a source.

    Parameters
    ----------
    texts : pyarrow.StringArray
        What its cells say; empty where there is none.
    times
        How they are written, and the fate of hours that a clock change touches.
    hours : pyarrow.StringArray, optional
        The hour of each (``7``, ``13:45``), where it stands apart; then only the day of `texts`
        counts.

    Returns
    -------
    Moments in UTC, NaT where there is none; and why a text is none, None where it is one.
    """
    wall, fixed = _read(texts, times)
    if hours is not None:
        # A day may be written as the moment of its midnight, an hour early by a rule of summer
        # time that was not yet in force.
        days = _local(fixed, times.zone)
        is_early = days - days.astype("datetime64[D]") == LAST_HOUR
        days = np.where(is_early, days + AN_HOUR_EARLY, days)
        wall = np.where(np.isnat(fixed), wall, days)
        midnight = wall.astype("datetime64[D]").astype("datetime64[us]")
        wall = cast("Moments", midnight + _hours(hours))
        fixed = np.full(len(wall), NEVER)
    reasons = np.full(len(wall), None, object)
    told = np.asarray(pc.not_equal(texts, ""))
    reasons[told & np.isnat(wall) & np.isnat(fixed)] = _not_written(times, hours)
    return _with_wall_times(wall, fixed, times, reasons), reasons


def _not_written(times: Times, hours: Any | None) -> str:
    apart = "" if hours is None else ", or its hour is none"
    return f"a time is not written as {' or '.join(times.formats)}{apart}"


def _read(texts: Any, times: Times) -> tuple[Moments, Moments]:
    """Return wall times and, for those with an offset that is meant, moments."""
    count = len(texts)
    wall, fixed = np.full(count, NEVER), np.full(count, NEVER)
    for pattern in times.formats:
        left = np.flatnonzero(
            np.isnat(wall) & np.isnat(fixed) & np.asarray(pc.not_equal(texts, ""))
        )
        if not left.size:
            break
        some = texts.take(pa.array(left))
        if unit := EPOCH_UNITS.get(pattern):
            fixed[left] = _epoch(some, unit)
        else:
            wall[left], fixed[left] = _written(some, pattern, times)
    return wall, fixed


def _epoch(texts: Any, unit: int) -> Moments:
    numbers = pd.to_numeric(
        pd.Series(pc.if_else(pc.match_substring_regex(texts, NUMBER), texts, None).to_pandas())
    ).to_numpy(np.float64, na_value=np.nan)
    known = np.isfinite(numbers)
    moments = np.full(len(texts), NEVER)
    moments[known] = np.round(numbers[known] * unit).astype(np.int64).astype("datetime64[us]")
    return moments


def _written(texts: Any, pattern: str, times: Times) -> tuple[Moments, Moments]:
    count = len(texts)
    wall, fixed = np.full(count, NEVER), np.full(count, NEVER)
    has_offset = np.zeros(count, bool)
    if pattern == "iso" or pattern.endswith("%z"):
        # "2015-01-05" ends like an offset; one needs a time before it.
        ends = pc.match_substring_regex(texts, HAS_TIME + OFFSET)
        has_offset = np.asarray(ends)
        if times.offsets == "ignore" or pattern.endswith("%z"):
            texts = (
                pc.replace_substring_regex(texts, SHORT_OFFSET, r"\100")
                if (times.offsets == "honour")
                else pc.if_else(
                    ends,
                    pc.utf8_rtrim_whitespace(pc.replace_substring_regex(texts, OFFSET, "")),
                    texts,
                )
            )
    if times.offsets == "ignore":
        wall[:] = _parsed(texts, pattern.removesuffix("%z").rstrip())
        return wall, fixed
    with_offset, without = np.flatnonzero(has_offset), np.flatnonzero(~has_offset)
    if with_offset.size:
        fixed[with_offset] = _parsed(texts.take(pa.array(with_offset)), pattern, utc=True)
    if without.size:
        wall[without] = _parsed(texts.take(pa.array(without)), pattern)
    return wall, fixed


def _parsed(texts: Any, pattern: str, *, utc: bool = False) -> Moments:
    written = pd.Series(texts.to_pandas())
    read = pd.to_datetime(
        written, format="ISO8601" if pattern == "iso" else pattern, errors="coerce", utc=utc
    )
    if getattr(read.dt, "tz", None) is not None:
        read = read.dt.tz_convert("UTC").dt.tz_localize(None)
    return read.to_numpy("datetime64[us]")


def _hours(texts: Any) -> npt.NDArray[np.timedelta64]:
    parts = pd.Series(texts.to_pandas()).str.extract(HOUR)
    hours = pd.to_numeric(parts["hour"]).to_numpy(np.float64, na_value=np.nan)
    minutes = pd.to_numeric(parts["minute"]).fillna(0).to_numpy(np.float64)
    known = hours < 24
    added = np.full(len(hours), np.timedelta64("NaT", "us"))
    added[known] = ((hours[known] * 60 + minutes[known]) * 60_000_000).astype("timedelta64[us]")
    return added


def _local(fixed: Moments, zone: ZoneInfo) -> Moments:
    local = pd.DatetimeIndex(fixed).tz_localize("UTC").tz_convert(zone.key).tz_localize(None)
    return local.to_numpy().astype("datetime64[us]")


def _with_wall_times(wall: Moments, fixed: Moments, times: Times, reasons: Reasons) -> Moments:
    """Return moments; those whose wall time a clock change touches are looked at one by one."""
    local = pd.DatetimeIndex(wall).tz_localize(times.zone.key, ambiguous="NaT", nonexistent="NaT")
    read = local.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
    for position in np.flatnonzero(np.isnat(read) & ~np.isnat(wall)):
        moment, reason = local_time(wall[position].astype(datetime), times)
        reasons[position] = reason
        if moment:
            read[position] = np.datetime64(moment.replace(tzinfo=None), "us")
    return np.where(np.isnat(fixed), read, fixed)


def local_time(wall: datetime, times: Times) -> tuple[datetime | None, str | None]:
    """Return the moment of a wall time, or why it is none, as the mapping says."""
    first = wall.replace(tzinfo=times.zone)
    second = first.replace(fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC), None
    exists = first.astimezone(UTC).astimezone(times.zone).replace(tzinfo=None) == wall
    if (times.ambiguous if exists else times.impossible) == "reject":
        kind = "comes twice" if exists else "never was"
        return None, f"a time falls into the hour that {kind} in the clock change"
    # An hour that never was, read by the offset before the change, lands one hour later.
    chosen = second if exists and times.ambiguous == "second" else first
    return chosen.astimezone(UTC), None
