"""What is pure in an import, for any text: names of columns, types of values, plain systems."""

import re

import numpy as np
import pyarrow as pa
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.datasets import OWN_COLUMNS
from layers.importing import attributes, documents
from layers.importing.attributes import Guesses
from layers.importing.coordinates import Plan, is_on_earth, system_of
from layers.importing.findings import Findings
from layers.importing.naming import columns_of

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
CELLS = st.lists(st.none() | st.text(max_size=12) | st.integers().map(str) | st.floats().map(str))


@given(st.lists(st.text(max_size=80), max_size=30))
def test_names_of_columns_differ_and_can_be_columns(titles):
    names = [c.name for c in columns_of((title, "string") for title in titles)]
    assert len(set(names)) == len(titles)
    assert not set(names) & OWN_COLUMNS
    assert all(NAME.fullmatch(name) for name in names)


@given(CELLS)
def test_every_value_has_the_type_that_was_guessed(cells):
    rows = pa.table({"a": pa.array(cells, pa.string())})
    guesses = Guesses()
    guesses.add(rows, Findings())
    typed = attributes.typed(rows, guesses.types(), "America/New_York").column("a")
    assert typed.null_count == sum(cell is None for cell in cells)


@given(st.lists(st.integers(-(10**17), 10**17), min_size=1))
def test_whole_numbers_come_back_as_they_were(numbers):
    rows = pa.table({"a": pa.array([str(n) for n in numbers])})
    guesses = Guesses()
    guesses.add(rows, Findings())
    assert guesses.types() == {"a": "integer"}
    assert attributes.typed(rows, guesses.types(), "UTC").column("a").to_pylist() == numbers


@given(st.text(alphabet="EPSGepsg:0123456789/.\n +urnofdcts", max_size=40))
def test_no_name_of_a_system_holds_a_path(name):
    if documents.is_plain({"type": "name", "properties": {"name": name}}):
        assert "/" not in name
        assert "\n" not in name


@given(st.floats(-71.5, -70.5), st.floats(41.5, 43.0))
def test_turned_axes_come_back(lon, lat):
    there = np.array([shapely.Point(lon, lat)], dtype=object)
    turned = Plan(system_of(4326), used=4326, is_swapped=True).placed(
        np.array([shapely.Point(lat, lon)], dtype=object)
    )
    assert there[0].equals(turned[0])
    assert is_on_earth(there).all()
