"""What is told of reports and of their masks, in words: read from the rules that do it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reports import queries
from reports.masking import Rule, TimeUnit, rule_of
from reports.models import MaskVersion, QuarterCount, Sensitivity

CLASS_NAMES: Mapping[int, Promise] = {
    Sensitivity.OPEN: _("Open"),
    Sensitivity.PERSONAL: _("Personal"),
    Sensitivity.CRIME: _("Crime"),
    Sensitivity.VICTIM: _("Somebody was hurt"),
}
TIMES: Mapping[TimeUnit, Promise] = {
    "minute": _("The minute"),
    "day": _("The day"),
    "month": _("The month"),
}
SHOWN_FROM: Mapping[TimeUnit, Promise] = {
    "minute": _("At once, and each change at once"),
    "day": _("From the next day on; changes too wait for the next day"),
    "month": _("From the next month on; changes too wait for the next month"),
}


@dataclass(frozen=True)
class ClassTold:
    """What everybody sees of the reports of one class, in words; empty where there is nothing."""

    sensitivity: int
    name: str
    kinds: tuple[str, ...]
    place: str
    time: str
    shown_from: str
    words: str
    page: str


def classes() -> list[ClassTold]:
    """Return the classes from open to hidden, as the rules have them."""
    kinds: dict[int, list[str]] = {}
    for category in queries.categories():
        kinds.setdefault(category.sensitivity, []).append(gettext(category.title))
    return [_told(value, tuple(kinds.get(value, ()))) for value in Sensitivity.values]


def _told(sensitivity: int, kinds: tuple[str, ...]) -> ClassTold:
    name, rule = str(CLASS_NAMES[sensitivity]), rule_of(sensitivity)
    if rule is None:
        nowhere = gettext("On no map and in no list; counted by ward and quarter, see below")
        return ClassTold(sensitivity, name, kinds, nowhere, "", "", "", "")
    return ClassTold(
        sensitivity,
        name,
        kinds,
        place=_place(rule),
        time=str(TIMES[rule.time_unit]),
        shown_from=str(SHOWN_FROM[rule.time_unit]),
        words=gettext("Yes, as they were sent") if rule.shows_text else gettext("No"),
        page=gettext("Yes")
        if rule.has_public_id
        else gettext("No; only the reporter's receipt opens it"),
    )


def _place(rule: Rule) -> str:
    if rule.shows_exact_point:
        return gettext("Exactly where it is")
    return gettext(
        "A public place nearby that stands for %(k)s addresses or more, or for open space; where "
        "there is none, the ward alone"
    ) % {"k": rule.k}


@dataclass(frozen=True)
class LevelTold:
    """What the current snap points achieve for one k; see `mask_versions.Level`."""

    k: int
    points: int
    open_spaces: int
    least: int
    median: float
    displacement_m: float
    below: int
    area_alone: tuple[str, ...]
    layer: str


@dataclass(frozen=True)
class MasksTold:
    """The current version of the snap points, as it was last audited."""

    name: str
    made_on: date
    audited_on: date | None
    levels: tuple[LevelTold, ...]


def masks() -> MasksTold | None:
    """Return what the current snap points achieve; None where there are none."""
    version = MaskVersion.objects.filter(is_current=True).first()
    if version is None:
        return None
    levels = (
        LevelTold(
            **figures | {"area_alone": tuple(figures["area_alone"])},
            layer=f"catchments-{figures['k']}",
        )
        for figures in version.figures
    )
    return MasksTold(
        version.name,
        version.made_at.date(),
        version.audited_at.date() if version.audited_at else None,
        tuple(levels),
    )


@dataclass(frozen=True)
class QuarterTold:
    """How many reports of the hidden class came in a quarter; None is too few to be told."""

    year: int
    quarter: int
    total: int | None
    wards: tuple[tuple[str, int], ...]
    """Name and count of each ward that may be told."""


def quarters(limit: int = 12) -> list[QuarterTold]:
    """Return the latest quarters that were counted, newest first."""
    return [
        QuarterTold(
            year=row.quarter.year,
            quarter=(row.quarter.month + 2) // 3,
            total=row.total,
            wards=tuple((w["name"], w["count"]) for w in row.wards if w["count"] is not None),
        )
        for row in QuarterCount.objects.order_by("-quarter")[:limit]
    ]
