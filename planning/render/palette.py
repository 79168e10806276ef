"""The light colours of results, as the site's design tokens have them (print and embed are light).

A test compares them with the style sheet.
"""

from collections.abc import Mapping, Sequence
from typing import Any

HOT_COLD: Mapping[int, str] = {
    -3: "#1f4e8c",
    -2: "#5e90c6",
    -1: "#b4cfe8",
    0: "#e9e7e0",
    1: "#f5c594",
    2: "#de7a36",
    3: "#9c2f02",
}
SEQUENTIAL = ("#e2f0ec", "#b3dad2", "#79bab4", "#429a9a", "#1c6f78", "#0a434f")
NETWORK = ("#8fa6ad", "#5f93b0", "#3274a8", "#3a3f98", "#43126b")
CATEGORICAL = ("#c24e06", "#1167ae", "#2f5b1e", "#86257a", "#5e6b74")
TOKENS: Mapping[str, str] = {
    **{f"hot-{'m' if n < 0 else 'p' if n else ''}{abs(n)}": c for n, c in HOT_COLD.items()},
    **{f"seq-{i}": c for i, c in enumerate(SEQUENTIAL, start=1)},
    **{f"net-{i}": c for i, c in enumerate(NETWORK, start=1)},
    "cat-roads": CATEGORICAL[0],
    "cat-water": CATEGORICAL[1],
    "cat-waste": CATEGORICAL[2],
    "cat-crime": CATEGORICAL[3],
    "cat-other": CATEGORICAL[4],
    "map-land": "#f2f1eb",
    "map-water": "#c9dde6",
    "map-road": "#ffffff",
    "map-road-casing": "#cbc8bb",
    "map-boundary": "#a9aea6",
}
MISSING = "#dfe4e1"
EDGE = "#ffffff"


def _from_ramp(ramp: Sequence[str], index: int, count: int) -> str:
    place = round(index * (len(ramp) - 1) / (count - 1)) if count > 1 else 0
    return ramp[place]


def colours(style: Mapping[str, Any]) -> list[str]:
    """Return a colour for each class of a result's style, in the order of its classes."""
    classes = style["classes"]
    kind = style["kind"]
    count = len(classes)
    chosen = []
    for index, one in enumerate(classes):
        if token := one.get("token"):
            chosen.append(TOKENS.get(token, MISSING))
        elif kind == "hot-cold":
            chosen.append(HOT_COLD[int(one["value"])])
        elif kind in {"sequential", "network"}:
            ramp = NETWORK if kind == "network" else SEQUENTIAL
            chosen.append(_from_ramp(ramp, index, count))
        else:
            chosen.append(CATEGORICAL[index % len(CATEGORICAL)])
    return chosen


def class_of(style: Mapping[str, Any], value: Any) -> int | None:
    """Return the place of a value's class in a style; None when no class holds it."""
    classes = style["classes"]
    if classes and all("from" in one for one in classes):
        places = [i for i, one in enumerate(classes) if value is not None and value >= one["from"]]
        return places[-1] if places else None
    return next((i for i, one in enumerate(classes) if one.get("value") == value), None)
