"""Styles hold from right to left as well: they name the start and the end, not left and right."""

import re

import pytest
from django.conf import settings

from geo import words

PHYSICAL = re.compile(
    r"(?<![\w-])(?:"
    r"(?:margin|padding|border)-(?:left|right)[\w-]*"
    r"|border-(?:top|bottom)-(?:left|right)-radius"
    r"|left|right"
    r"|(?:text-align|float|clear)(?=\s*:\s*(?:left|right)\b)"
    r")\s*:"
)
NOTE = re.compile(r"/\*.*?\*/", re.DOTALL)
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")

# What is physical in itself: the selector, and why.
MEANT = {
    ".crosshair": "the middle of the map; what moves it there counts from the left as well",
    ".crosshair-foot": "the middle of the map",
    ".map-layout .map .maplibregl-ctrl-bottom-right": "takes back what MapLibre sets by side",
}
SHEETS = sorted(
    path
    for room in words.ROOMS
    for path in (settings.BASE_DIR / room).rglob("static/**/*.css")
    if "vendor" not in path.parts
)


def one_sided(css: str) -> list[str]:
    """Return the selectors of rules that name a side of the screen."""
    return [
        " ".join(selector.split())
        for selector, body in RULE.findall(NOTE.sub("", css))
        if PHYSICAL.search(body)
    ]


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: str(path.name))
def test_no_rule_names_a_side(path):
    assert [selector for selector in one_sided(path.read_text()) if selector not in MEANT] == []


def test_each_exception_is_needed():
    found = {selector for path in SHEETS for selector in one_sided(path.read_text())}
    assert set(MEANT) - found == set()


@pytest.mark.parametrize(
    "body",
    [
        "margin-left: 1px",
        "left: 0",
        "text-align: right",
        "float: left",
        "border-top-left-radius: 1px",
        "border-right-color: red",
    ],
)
def test_a_side_is_found(body):
    assert one_sided(f"@media print {{ .thing {{ color: red; {body}; }} }}") == [".thing"]


@pytest.mark.parametrize("body", ["margin-inline-start: 1px", "text-align: start", "inset: 0"])
def test_start_and_end_are_fine(body):
    assert one_sided(f".thing {{ {body}; }}") == []
