"""Every example in a docstring runs and shows what it says."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROMPT = re.compile(r"^\s*>>> ", re.MULTILINE)


def modules_with_examples() -> dict[str, int]:
    """How many examples each module has."""
    found: dict[str, int] = {}
    for folder in (*ROOT.glob("packages/*/src"), ROOT / "tools"):
        for path in sorted(folder.rglob("*.py")):
            examples = len(PROMPT.findall(path.read_text("utf-8")))
            if examples:
                found[".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")] = examples
    return found


EXAMPLES = modules_with_examples()


def test_there_are_examples_in_all_three_packages() -> None:
    assert {name.partition(".")[0] for name in EXAMPLES} >= {"coodie", "coodie_drivers", "cql_builder"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_docstring_examples_hold(name: str) -> None:
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner(verbose=False)
    complaints: list[str] = []
    for found in doctest.DocTestFinder().find(module, name):
        runner.run(found, out=complaints.append)
    assert not runner.failures, "".join(complaints)
    assert runner.tries == EXAMPLES[name], f"{runner.tries} of the {EXAMPLES[name]} examples in {name} have run"
