"""The examples of the docstrings run as they stand; those of the pages do so in tests/docs."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import cql_builder

MODULES = [
    "cql_builder",
    *sorted(module.name for module in pkgutil.walk_packages(cql_builder.__path__, "cql_builder.")),
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
