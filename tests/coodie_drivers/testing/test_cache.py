from __future__ import annotations

import sys
from pathlib import Path

import pytest

from coodie_drivers.testing.cache import cache_place


def test_the_variable_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COODIE_CACHE_DIR", str(tmp_path / "mine"))
    assert cache_place() == tmp_path / "mine"


def test_a_home_in_the_variable_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COODIE_CACHE_DIR", "~/mine")
    assert cache_place() == Path.home() / "mine"


@pytest.mark.parametrize(
    ("platform", "variable", "value", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", "/var/caches", Path("/var/caches/coodie")),
        ("linux", "XDG_CACHE_HOME", "not/absolute", Path.home() / ".cache/coodie"),
        ("linux", "XDG_CACHE_HOME", "", Path.home() / ".cache/coodie"),
        ("darwin", "XDG_CACHE_HOME", "", Path.home() / "Library/Caches/coodie"),
        ("win32", "LOCALAPPDATA", "/users/me/local", Path("/users/me/local/coodie/cache")),
        ("win32", "LOCALAPPDATA", "", Path.home() / "AppData/Local/coodie/cache"),
    ],
)
def test_else_the_convention_of_the_system(
    monkeypatch: pytest.MonkeyPatch, platform: str, variable: str, value: str, expected: Path
) -> None:
    monkeypatch.delenv("COODIE_CACHE_DIR", raising=False)
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_place() == expected
