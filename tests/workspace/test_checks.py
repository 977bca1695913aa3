"""`./dev check` runs everything, whatever fails, and shows the words of what failed only."""

from __future__ import annotations

import ast
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from devtools import checks
from devtools.environments import Environment

ROOT = Path(__file__).resolve().parents[2]
HERE = Environment("this environment", Path(sys.prefix), sys.executable)


def saying(text: str, status: int) -> tuple[str, ...]:
    return ("-c", f"import sys; print({text!r}); sys.exit({status})")


def test_every_check_runs_and_only_failures_are_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    three = (("first", saying("words of the first", 1)), ("second", saying("words of the second", 0)))
    monkeypatch.setattr(checks, "CHECKS", (*three, ("third", saying("words of the third", 2))))
    assert checks.check(HERE) == 1
    said = capsys.readouterr().out
    assert sorted(line.split()[:2] for line in said.splitlines()[:3]) == [
        ["FAILED", "first"],
        ["FAILED", "third"],
        ["ok", "second"],
    ]
    assert "words of the first" in said
    assert "words of the second" not in said
    assert "words of the third" in said
    assert "2 of 3 checks failed" in said
    assert said.splitlines()[-1].startswith("→ ")


def test_when_all_is_well_the_last_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "CHECKS", (("only", saying("", 0)),))
    assert checks.check(HERE) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "all 1 checks passed"


def why_it_cannot_start(arguments: tuple[str, ...]) -> str | None:
    """What is missing of the program that these arguments of Python name; None when it is there."""
    first, *others = arguments
    if first == "-m":
        module = f"{others[0]}.__main__" if is_package(others[0]) else others[0]
        return None if find_spec(module) else f"no module {module}"
    if first == "-c":
        imports = [node for node in ast.walk(ast.parse(others[0])) if isinstance(node, ast.ImportFrom)]
        names = [(str(node.module), alias.name) for node in imports for alias in node.names]
        missing = [f"{module}.{name}" for module, name in names if not hasattr(import_module(module), name)]
        return None if names and not missing else f"nothing to import: {missing}"
    return None if (ROOT / first).is_file() else f"no file {first}"


def is_package(name: str) -> bool:
    found = find_spec(name)
    return found is not None and found.submodule_search_locations is not None


@pytest.mark.once
@pytest.mark.parametrize("name", [name for name, _ in checks.CHECKS])
def test_each_check_has_a_program_that_exists(name: str) -> None:
    assert why_it_cannot_start(dict(checks.CHECKS)[name]) is None


@pytest.mark.once
@pytest.mark.parametrize(
    "arguments",
    [
        ("-m", "pyrigth"),
        ("-m", "importlinter"),  # a package that cannot be run
        ("-c", "from importlinter.cli import lint_import_commands"),
        ("-c", "pass"),
        ("tools/size.py",),
    ],
)
def test_a_check_without_a_program_would_be_noticed(arguments: tuple[str, ...]) -> None:
    assert why_it_cannot_start(arguments) is not None


def test_what_takes_long_says_that_it_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(checks, "CHECKS", (("slow one", ("-c", "import time; time.sleep(2.5)")),))
    assert checks.check(HERE) == 0
    assert "waiting for slow one … 2 s" in capsys.readouterr().err
