"""Reports of another system as columns: many at once, without an object a row."""

import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from reports import identifiers
from reports.models import Precision
from reports.submission import NewReport

Moments = npt.NDArray[np.datetime64]
"""UTC in microseconds; NaT where there is none."""


WRITTEN = (
    "ord",
    "public_id",
    "shown_key",
    "source_key",
    "category",
    "state",
    "description",
    "lon",
    "lat",
    "reported_at",
    "closed_at",
    "promised_at",
    "source_areas",
)
"""The columns of `as_csv`."""


@dataclass(frozen=True)
class Columns:
    """Reports of one source; every column has the same length.

    As in `NewReport`; texts are `pyarrow.StringArray`. Coordinates are longitude and latitude
    (EPSG:4326), NaN in both where a report has no place.
    """

    source: str
    precision: Precision
    channel: str
    key: Any
    """The source's own key of each; none twice."""
    category: Any
    """Codes."""
    state: Any
    description: Any
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    reported_at: Moments
    closed_at: Moments
    promised_at: Moments
    """By when its source means to be done; NaT: as its category promises."""
    source_areas: Sequence[tuple[int, ...]]

    def __len__(self) -> int:
        """Return how many reports there are."""
        return len(self.reported_at)


def in_columns(reports: Sequence[NewReport]) -> Columns:
    """Return reports of one source as columns.

    What only people send (contact, answers, photos) is left out; a source has none of it.

    Raises
    ------
    ValueError
        When they are of several sources, precisions or channels, or one has no key.
    """
    sources = {(report.source, report.precision, report.channel) for report in reports}
    if len(sources) != 1 or not all(report.source_key for report in reports):
        message = "Reports in columns are of one source, precision and channel, each with its key."
        raise ValueError(message)
    ((source, precision, channel),) = sources
    return Columns(
        source=source,
        precision=precision,
        channel=channel,
        key=pa.array([r.source_key for r in reports], pa.string()),
        category=pa.array([r.category for r in reports], pa.string()),
        state=pa.array([r.state.value for r in reports], pa.string()),
        description=pa.array([r.description for r in reports], pa.string()),
        lon=np.array([r.point[0] if r.point else np.nan for r in reports]),
        lat=np.array([r.point[1] if r.point else np.nan for r in reports]),
        reported_at=_moments([r.reported_at for r in reports]),
        closed_at=_moments([r.closed_at for r in reports]),
        promised_at=_moments([r.promised_at for r in reports]),
        source_areas=[r.source_areas for r in reports],
    )


def _moments(values: Sequence[Any]) -> Moments:
    moments: Moments = pa.array(values, pa.timestamp("us", "UTC")).to_numpy(zero_copy_only=False)
    return moments


def as_csv(columns: Columns) -> memoryview:
    """Return the reports as CSV without a header, each with its place and two names of its own."""
    count = len(columns)
    literals = {areas: "{" + ",".join(map(str, areas)) + "}" for areas in set(columns.source_areas)}
    written: Sequence[Any] = (
        pa.array(np.arange(count)),
        _random_names(count),
        _random_names(count),
        columns.key,
        columns.category,
        columns.state,
        columns.description,
        pa.array(columns.lon, from_pandas=True),
        pa.array(columns.lat, from_pandas=True),
        _times(columns.reported_at),
        _times(columns.closed_at),
        _times(columns.promised_at),
        pa.array([literals[areas] for areas in columns.source_areas], pa.string()),
    )
    text = io.BytesIO()
    pa.csv.write_csv(
        pa.table(dict(zip(WRITTEN, written, strict=True))),
        text,
        pa.csv.WriteOptions(include_header=False),
    )
    return text.getbuffer()


def _random_names(count: int) -> Any:
    """Return names such as `identifiers.new_public_id` makes, many at once."""
    length = identifiers.PUBLIC_ID_LENGTH
    drawn = np.frombuffer(secrets.token_bytes(length * count), np.uint8) % 32
    letters = np.frombuffer(identifiers.ALPHABET.encode(), np.uint8)[drawn]
    ends = np.arange(0, length * (count + 1), length, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(letters))


def _times(values: Moments) -> Any:
    return pa.array(values, pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
