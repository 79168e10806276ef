"""The colours of standalone pages are the design tokens of the site."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from planning.render import palette
from planning.render.inlined import STYLE_SHEET

TOKENS = Path(settings.BASE_DIR) / "geo/static/geo/css/tokens.css"


@pytest.fixture(scope="module")
def light() -> dict[str, str]:
    """The tokens as the light theme has them."""
    return dict(re.findall(r"--([a-z0-9-]+): var\(--light, (#[0-9a-f]{6})\)", TOKENS.read_text()))


def test_each_colour_is_the_token_of_its_name(light):
    assert palette.TOKENS.items() <= light.items()


def test_missing_values_and_edges_are_tokens_too(light):
    assert light["surface-3"] == palette.MISSING
    assert light["surface"] == palette.EDGE


def test_the_page_is_styled_by_tokens_alone(light):
    assert set(re.findall(r"#[0-9a-f]+", STYLE_SHEET.read_text())) <= set(light.values())


def style(kind: str, *classes: dict) -> dict:
    return {"kind": kind, "field": "v", "classes": list(classes)}


def test_hot_and_cold_are_coloured_by_value():
    shown = style("hot-cold", {"value": -3}, {"value": 0}, {"value": 3})
    assert palette.colours(shown) == ["#1f4e8c", "#e9e7e0", "#9c2f02"]


def test_a_ramp_is_spread_over_the_classes():
    shown = style("sequential", *({"from": n} for n in (0, 5, 9)))
    first, middle, last = palette.colours(shown)
    assert (first, last) == (palette.SEQUENTIAL[0], palette.SEQUENTIAL[-1])
    assert middle in palette.SEQUENTIAL[2:4]


def test_a_class_may_name_its_own_token():
    shown = style("categorical", {"value": "a", "token": "net-2"}, {"value": "b"})
    assert palette.colours(shown) == [palette.NETWORK[1], palette.CATEGORICAL[1]]


@pytest.mark.parametrize(("value", "place"), [(0, 0), (4.9, 0), (5, 1), (99, 2), (-1, None)])
def test_a_number_belongs_to_the_last_class_that_it_reaches(value, place):
    shown = style("sequential", *({"from": n} for n in (0, 5, 9)))
    assert palette.class_of(shown, value) == place


def test_a_value_without_a_class_has_none():
    shown = style("categorical", {"value": "a"}, {"value": "b"})
    assert palette.class_of(shown, "b") == 1
    assert palette.class_of(shown, "c") is None
    assert palette.class_of(shown, None) is None
