"""Counts of class P3, which is listed nowhere: by ward and quarter, where they are large enough.

A quarter is counted once, after its end, and never again: what changes later must not be found by
comparing two answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from layers.models import Area, City
from layers.queries import city
from layers.statements import statement
from reports.models import QuarterCount, Sensitivity

LEAST_TOLD = 10


@dataclass(frozen=True)
class Told:
    """What may be told of some counts; None is one that may not."""

    by_place: Mapping[str, int | None]
    total: int | None


def told(counts: Mapping[str, int], least: int = LEAST_TOLD) -> Told:
    """Hide counts below `least`, and as many more as keep the total from giving them away.

    Whoever takes the counts that are told from the total is left with the sum of at least two
    hidden ones, and that sum is itself at least `least`. Hidden may be none at all.

    Examples
    --------
    The count of 3 is too small; the smallest of the others goes with it.

    >>> told({"North": 40, "West": 12, "East": 3})
    Told(by_place={'North': 40, 'West': None, 'East': None}, total=55)
    >>> told({"North": 4, "West": 3})
    Told(by_place={'North': None, 'West': None}, total=None)
    """
    total = sum(counts.values())
    if total < least:
        return Told(dict.fromkeys(counts), None)
    order = sorted(counts, key=lambda place: (counts[place], place))
    hidden = sum(counts[place] < least for place in order)
    while 0 < hidden < len(order) and (
        hidden < 2 or sum(counts[place] for place in order[:hidden]) < least
    ):
        hidden += 1
    unsaid = set(order[:hidden])
    return Told({place: None if place in unsaid else n for place, n in counts.items()}, total)


@transaction.atomic
def count_quarters(now: datetime) -> int:
    """Count each quarter that is over and was not counted before; return how many these were."""
    City.objects.select_for_update().filter(id=1).first()  # one at a time
    here = city()
    wards = dict(Area.objects.filter(kind=here.ward_kind_id).values_list("code", "name"))
    values: dict[str, Any] = {
        "now": now,
        "time_zone": here.time_zone,
        "sensitivity": Sensitivity.VICTIM,
        "ward_kind": here.ward_kind_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement(__file__, "quarters"), values)
        found: dict[date, dict[str, int]] = {}
        for quarter, ward, count in cursor.fetchall():
            counts = found.setdefault(quarter, dict.fromkeys(wards, 0))
            if count:
                counts[ward] = count
    QuarterCount.objects.bulk_create(
        _row(quarter, counts, wards) for quarter, counts in sorted(found.items())
    )
    return len(found)


def _row(quarter: date, counts: Mapping[str, int], wards: Mapping[str, str]) -> QuarterCount:
    safe = told(counts)
    return QuarterCount(
        quarter=quarter,
        total=safe.total,
        wards=[
            {"code": code, "name": wards.get(code, ""), "count": count}
            for code, count in safe.by_place.items()
        ],
    )
