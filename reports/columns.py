"""Reports of another system as columns: many at once, without an object a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from reports.models import Precision
from reports.submission import NewReport

Moments = npt.NDArray[np.datetime64]
"""UTC in microseconds; NaT where there is none."""


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
        promised_at=_moments([None for _ in reports]),
        source_areas=[r.source_areas for r in reports],
    )


def _moments(values: Sequence[Any]) -> Moments:
    moments: Moments = pa.array(values, pa.timestamp("us", "UTC")).to_numpy(zero_copy_only=False)
    return moments
