"""What everybody may see of a report, and from when, by its sensitivity class: one table rules.

A class with a `k` is shown by a snap point whose catchment holds at least so many addresses; where
there is none (no address data, or a ward with too few), by its area alone. A class without a rule
is not listed. What a class tells by the day or the month is shown in batches: as the next one
begins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg.types.json import Jsonb

from layers.statements import cursor_for, statement
from reports.models import Precision, Sensitivity

AREA_ONLY = "area-1"
EXACT = "exact-1"
BY_SOURCE = "source"


TimeUnit = Literal["minute", "day", "month"]


@dataclass(frozen=True)
class Rule:
    """How one class is shown."""

    sensitivity: Sensitivity
    is_listed: bool
    shows_exact_point: bool
    shows_source_point: bool
    """Whether a point that the source masked may be shown."""
    k: int | None
    """How many addresses share the point that is shown instead; None: there is no such point."""
    has_public_id: bool
    shows_text: bool
    shows_photos: bool
    time_unit: TimeUnit


RULES: Mapping[int, Rule] = {
    rule.sensitivity: rule
    for rule in (
        Rule(Sensitivity.OPEN, True, True, True, None, True, True, True, "minute"),
        Rule(Sensitivity.PERSONAL, True, False, True, 8, True, False, False, "day"),
        Rule(Sensitivity.CRIME, True, False, True, 20, False, False, False, "month"),
    )
}


SHOW_PHOTOS = tuple(int(rule.sensitivity) for rule in RULES.values() if rule.shows_photos)
"""The classes whose photos everybody sees."""
LEVELS = tuple(sorted({rule.k for rule in RULES.values() if rule.k}))
"""Every k that some class asks for."""


def rule_of(sensitivity: int) -> Rule | None:
    """Return the rule of a class; None when it is not listed at all."""
    return RULES.get(sensitivity)


def time_unit_of(sensitivity: int) -> TimeUnit:
    """Return what a class's times are cut to; the coarsest unit where it is not listed."""
    rule = rule_of(sensitivity)
    return rule.time_unit if rule else "month"


@dataclass(frozen=True)
class Placed:
    """What is known of a report when it is masked; `point` is longitude and latitude."""

    category_id: int
    point: tuple[float, float] | None
    ward_id: int | None
    street_name: str
    precision: Precision
    description: str
    state: str
    reported_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class Shown:
    """What everybody may see of one report; times are cut as its class asks.

    `snap_point` and `addresses` are the key of the point that stands for its place and how many
    addresses share it. `public_from` is None where it is shown at once; the later state is shown
    from `later_from`.
    """

    has_public_id: bool
    shows_text: bool
    state: str
    description: str
    place_name: str
    lon: float | None
    lat: float | None
    mask_version: str
    snap_point: int | None
    addresses: int | None
    shown_at: datetime
    closed_at: datetime | None
    promised_at: datetime | None
    public_from: datetime | None
    later_state: str
    later_closed_at: datetime | None
    later_from: datetime | None


GIVEN = """unnest(
    %(ord)s::int[], %(category_id)s::bigint[], %(lon)s::float8[], %(lat)s::float8[],
    %(ward_id)s::bigint[], %(street_name)s::text[], %(precision)s::text[],
    %(description)s::text[], %(state)s::text[], %(reported_at)s::timestamptz[],
    %(closed_at)s::timestamptz[], %(promised_at)s::timestamptz[]
)"""


def rules(now: datetime) -> dict[str, Any]:
    """Return what ``shown.sql`` is to know beside the reports."""
    return {
        "now": now,
        "rules": Jsonb([asdict(rule) for rule in RULES.values()]),
        "by_source": BY_SOURCE,
        "exact": EXACT,
        "area_only": AREA_ONLY,
    }


def show(batch: Sequence[Placed], now: datetime) -> list[Shown | None]:
    """Return what everybody may see of each report, in the batch's order; None: it is not listed.

    Nothing is written.
    """
    points = [placed.point or (None, None) for placed in batch]
    values: dict[str, Any] = {
        **rules(now),
        "ord": list(range(len(batch))),
        "category_id": [placed.category_id for placed in batch],
        "lon": [lon for lon, _ in points],
        "lat": [lat for _, lat in points],
        "ward_id": [placed.ward_id for placed in batch],
        "street_name": [placed.street_name for placed in batch],
        "precision": [placed.precision.value for placed in batch],
        "description": [placed.description for placed in batch],
        "state": [placed.state for placed in batch],
        "reported_at": [placed.reported_at for placed in batch],
        "closed_at": [placed.closed_at for placed in batch],
        "promised_at": [None for _ in batch],
    }
    answers: list[Shown | None] = [None] * len(batch)
    with cursor_for(len(batch)) as cursor:
        cursor.execute(statement(__file__, "shown", reports=GIVEN), values)
        for position, *shown in cursor.fetchall():
            answers[position] = Shown(*shown)
    return answers
