import doctest
import importlib
import pkgutil

import pytest

import planning.dynamics
import planning.network
import planning.patterns

pytestmark = pytest.mark.kernel

MODULES = [
    module.name
    for package in (planning.patterns, planning.network, planning.dynamics)
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_hold(name):
    outcome = doctest.testmod(importlib.import_module(name))

    assert outcome.attempted > 0
    assert outcome.failed == 0
