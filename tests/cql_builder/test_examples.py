"""The examples of the docstrings and of the package's page run as they stand."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import cql_builder

README = Path(__file__).resolve().parents[2] / "packages" / "cql-builder" / "README.md"
MODULES = [
    "cql_builder",
    *sorted(module.name for module in pkgutil.walk_packages(cql_builder.__path__, "cql_builder.")),
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_examples_of_the_page_run() -> None:
    results = doctest.testfile(str(README), module_relative=False)
    assert results.failed == 0
    assert results.attempted > 10
