"""What is said while something takes long: nothing where it is quick, and nothing among the lines of pytest."""

from __future__ import annotations

import io
import sys
import time
from typing import TYPE_CHECKING

from coodie_drivers.testing.progress import moving_line

if TYPE_CHECKING:
    import pytest

IN_A_TEST = "PYTEST_CURRENT_TEST"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def watched(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal as standard error; to be called by the test itself, for pytest puts its own there before each."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


def test_what_is_usual_and_quick_is_not_worth_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    monkeypatch.delenv(IN_A_TEST)
    with moving_line("starting", usual=True):
        pass
    assert terminal.getvalue() == ""


def test_what_is_usual_and_slow_moves_after_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    monkeypatch.delenv(IN_A_TEST)
    with moving_line("starting", usual=True):
        time.sleep(1.5)
        assert terminal.getvalue() == ""
        time.sleep(1.3)
    assert terminal.getvalue().startswith("\rstarting: 2 s\rstarting: ")
    assert terminal.getvalue().endswith("\n")


def test_in_a_test_what_is_usual_does_not_break_the_lines_of_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with moving_line("starting", usual=True):
        time.sleep(2.2)
    assert terminal.getvalue() == ""


def test_what_is_done_once_is_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    with moving_line("fetching", lambda: "3 jars"):
        assert capsys.readouterr().err == "fetching …\n"
    assert capsys.readouterr().err == "fetching: 0 s, 3 jars\n"
