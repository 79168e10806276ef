"""The choices of the map's filters: kinds, phases and periods, each with its words."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports import masking, paging, queries
from reports.filters import ReportFilter
from reports.models import Category, Family
from reports.periods import Bar, Histogram
from reports.workflow import UNFINISHED, Phase

PRESETS_DAYS = (7, 30, 365)
DAY = "j F Y"
PERCENT = 100


def address_with(query: QueryDict, **changes: str) -> str:
    """Return the query string of the same view with some values changed; an empty one goes."""
    kept = {name: v for name, v in paging.values_of(query).items() if name != "after"}
    wanted = {name: value for name, value in (kept | changes).items() if value}
    return urlencode(wanted, safe=",")


# ---- kinds and phases ----


@dataclass(frozen=True)
class Kinds:
    """One family's kinds; `is_wanted` tells whether its family is among the chosen ones."""

    family: Family
    kinds: list[Category]
    is_wanted: bool


def kinds(wanted: ReportFilter) -> list[Kinds]:
    """Return what may be in the list, by family: not what is never listed."""
    order = Family.values.index
    listed = [c for c in queries.categories() if masking.rule_of(c.sensitivity)]
    grouped = groupby(sorted(listed, key=lambda c: order(c.family)), key=lambda c: c.family)
    return [
        Kinds(Family(family), list(of_family), not wanted.families or family in wanted.families)
        for family, of_family in grouped
    ]


@dataclass(frozen=True)
class PhaseChoice:
    """One choice of phases: the address's value and its words."""

    value: str
    words: str
    is_chosen: bool


def phases(wanted: ReportFilter) -> list[PhaseChoice]:
    """Return the choices of phases; what an address wants beside the usual ones is one more."""
    usual = {(): _("All"), UNFINISHED: _("Open"), (Phase.DONE,): _("Done")}
    chosen = frozenset(wanted.phases)
    choices = [
        PhaseChoice(",".join(values), words, is_chosen=chosen == frozenset(values))
        for values, words in usual.items()
    ]
    if not any(choice.is_chosen for choice in choices):
        words = ", ".join(str(Phase(phase).label) for phase in wanted.phases)
        choices.append(PhaseChoice(",".join(wanted.phases), words, is_chosen=True))
    return choices


# ---- periods ----


@dataclass(frozen=True)
class Preset:
    """A period that ends today, by the address that shows it."""

    since: str
    words: str
    address: str
    is_chosen: bool


def _preset(query: QueryDict, wanted: ReportFilter, since: date | None, words: str) -> Preset:
    first = since.isoformat() if since else ""
    return Preset(
        since=first,
        words=words,
        address=address_with(query, since=first, until=""),
        is_chosen=(wanted.since, wanted.until) == (since, None),
    )


def presets(query: QueryDict, wanted: ReportFilter) -> list[Preset]:
    """Return the periods that one click chooses; any time comes first."""
    today = timezone.localdate()
    choices = [_preset(query, wanted, None, _("Any time"))]
    for days in PRESETS_DAYS:
        words = ngettext("Last day", "Last %(days)s days", days) % {"days": days}
        choices.append(_preset(query, wanted, today - timedelta(days=days), words))
    return choices


def period_in_words(wanted: ReportFilter, choices: list[Preset]) -> str:
    """Say the chosen period: as a preset says it, or by its days."""
    chosen = next((preset.words for preset in choices if preset.is_chosen), None)
    if chosen is not None:
        return chosen
    first, last = (date_format(day, _(DAY)) if day else "" for day in (wanted.since, wanted.until))
    if first and last:
        return _("%(first)s to %(last)s") % {"first": first, "last": last}
    if first:
        return _("Since %(date)s") % {"date": first}
    return _("Until %(date)s") % {"date": last}


# ---- the histogram ----


@dataclass(frozen=True)
class DrawnBar:
    """A bar as it is drawn: place and size in percent of the drawing."""

    x: str
    y: str
    width: str
    height: str
    is_inside: bool


@dataclass(frozen=True)
class Drawing:
    """A histogram as the page draws it and says it.

    `edges` are the first days of the bars and, last, the day after them, as ISO dates.
    """

    bars: list[DrawnBar]
    edges: list[str]
    words: str
    leaves_out: bool
    first: date
    last: date


def _percent(share: float) -> str:
    return f"{PERCENT * share:.3f}%"


def _is_inside(bar: Bar, wanted: ReportFilter) -> bool:
    """Tell whether the chosen period touches a bar's days."""
    begins = wanted.since is None or wanted.since < bar.end
    return begins and (wanted.until is None or wanted.until >= bar.start)


def draw(histogram: Histogram, wanted: ReportFilter) -> Drawing:
    """Return the drawing of a histogram, with the bars of the chosen period marked."""
    first, last = histogram.bars[0].start, histogram.bars[-1].end
    days = (last - first).days
    highest = max(histogram.most.count, 1)
    bars = [
        DrawnBar(
            x=_percent((bar.start - first).days / days),
            width=_percent((bar.end - bar.start).days / days),
            y=_percent(1 - bar.count / highest),
            height=_percent(bar.count / highest),
            is_inside=_is_inside(bar, wanted),
        )
        for bar in histogram.bars
    ]
    return Drawing(
        bars=bars,
        edges=[bar.start.isoformat() for bar in histogram.bars] + [last.isoformat()],
        words=_in_words(histogram),
        leaves_out=histogram.leaves_out,
        first=first,
        last=histogram.bars[-1].last_day,
    )


def _in_words(histogram: Histogram) -> str:
    """Say what the bars show to those who do not see them."""
    spans = {
        "week": _("Reports by week, from %(first)s to %(last)s."),
        "month": _("Reports by month, from %(first)s to %(last)s."),
        "quarter": _("Reports by quarter, from %(first)s to %(last)s."),
        "year": _("Reports by year, from %(first)s to %(last)s."),
    }
    span = spans[histogram.unit] % {
        "first": date_format(histogram.bars[0].start, _(DAY)),
        "last": date_format(histogram.bars[-1].last_day, _(DAY)),
    }
    most = histogram.most
    if not most.count:
        return " ".join((span, _("None in this view.")))
    number = number_format(most.count, use_l10n=True, force_grouping=True)
    peak = _("Most from %(first)s to %(last)s: %(n)s.") % {
        "first": date_format(most.start, _(DAY)),
        "last": date_format(most.last_day, _(DAY)),
        "n": number,
    }
    return f"{span} {peak}"
