from __future__ import annotations

import errno
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coodie_drivers.testing import LocalCluster
from coodie_drivers.testing.cache import cache_in_use, cache_place
from coodie_drivers.testing.errors import FolderError
from coodie_drivers.testing.local.entries import running_clusters

if TYPE_CHECKING:
    from collections.abc import Callable

    Programs = Callable[[str, str], Path]


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


FIX = "set COODIE_CACHE_DIR to a folder that you may write to"


def refused(ask: Callable[[], object]) -> str:
    with pytest.raises(FolderError) as failed:
        ask()
    return str(failed.value)


@pytest.mark.usefixtures("jars")
@pytest.mark.parametrize("ask", [lambda: LocalCluster().start(), running_clusters])
def test_a_cache_whose_folders_are_none_is_named(cache: Path, programs: Programs, ask: Callable[[], object]) -> None:
    programs("java", """echo 'openjdk version "17.0.9"'""")
    (cache / "locks").touch()
    problem = rf"(Not a directory|File exists) \('{re.escape(str(cache))}/locks[^']*'\)"
    assert re.fullmatch(rf"the cache folder '{re.escape(str(cache))}' cannot be used: {problem}; {FIX}", refused(ask))


def test_a_cache_that_another_user_fills_is_named(cache: Path) -> None:
    (cache / "locks").mkdir(parents=True)
    lock = cache / "locks" / "clusters.lock"

    @cache_in_use()
    def start() -> None:
        # As a superuser, whom the system refuses nothing, could not have it refused.
        raise PermissionError(errno.EACCES, "Permission denied", str(lock))

    assert refused(start) == f"the cache folder '{cache}' cannot be used: Permission denied ('{lock}'); {FIX}"


@pytest.mark.skipif(sys.platform != "linux", reason="only there is a folder in which nobody can make one")
def test_a_cache_that_cannot_be_made_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COODIE_CACHE_DIR", "/proc/a/cache")
    assert refused(running_clusters).startswith("the cache folder '/proc/a/cache' cannot be used: No such file")


def test_what_is_wrong_elsewhere_is_not_said_of_the_cache(cache: Path) -> None:
    elsewhere = str(cache.parent / "elsewhere")
    with pytest.raises(FileNotFoundError, match="elsewhere"), cache_in_use():
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", elsewhere)


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COODIE_CACHE_DIR", "~nobody-is-called-so/cache")
    said = f"the cache folder '~nobody-is-called-so/cache' cannot be used: there is no such home folder; {FIX}"
    assert refused(running_clusters) == said
