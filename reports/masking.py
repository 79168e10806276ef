"""What everybody may see of a report, by its sensitivity class: one table rules.

Snap points for P1 and P2 need address data and are not computed yet; until a point with enough
addresses is known, the area alone is shown. A class without a rule is not listed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from reports.models import Sensitivity

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
    has_public_id: bool
    shows_text: bool
    time_unit: TimeUnit


RULES: Mapping[int, Rule] = {
    rule.sensitivity: rule
    for rule in (
        Rule(Sensitivity.OPEN, True, True, True, True, True, "minute"),
        Rule(Sensitivity.PERSONAL, True, False, True, True, False, "day"),
        Rule(Sensitivity.CRIME, True, False, True, False, False, "month"),
    )
}


def rules_for_database() -> list[dict[str, Any]]:
    """Return the rules as rows for the statement that fills the public projection."""
    return [asdict(rule) for rule in RULES.values()]


def rule_of(sensitivity: int) -> Rule | None:
    """Return the rule of a class; None when it is not listed at all."""
    return RULES.get(sensitivity)


def time_unit_of(sensitivity: int) -> TimeUnit:
    """Return what a class's times are cut to; the coarsest unit where it is not listed."""
    rule = rule_of(sensitivity)
    return rule.time_unit if rule else "month"
