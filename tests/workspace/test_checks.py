"""`./dev check` runs everything, whatever fails, and shows the words of what failed only."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from devtools import checks
from devtools.environments import Environment

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


@pytest.mark.parametrize("name", [name for name, _ in checks.CHECKS])
def test_each_check_has_a_program_that_exists(name: str) -> None:
    arguments = dict(checks.CHECKS)[name]
    if arguments[0].endswith(".py"):
        assert (Path(__file__).parent.parent.parent / arguments[0]).is_file()
    else:
        assert arguments[0] in {"-m", "-c"}


def test_what_takes_long_says_that_it_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(checks, "CHECKS", (("slow one", ("-c", "import time; time.sleep(2.5)")),))
    assert checks.check(HERE) == 0
    assert "waiting for slow one … 2 s" in capsys.readouterr().err
