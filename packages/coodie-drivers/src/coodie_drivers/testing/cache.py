"""Where this kit keeps what it makes: one place per user, and the folders in it."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from coodie_drivers.testing.errors import FolderError
from coodie_drivers.testing.folders import written_in

if TYPE_CHECKING:
    from collections.abc import Generator

PLACE_VARIABLE = "COODIE_CACHE_DIR"
_FIX = f"set {PLACE_VARIABLE} to a folder that you may write to"


def cache_place() -> Path:
    r"""The user's cache of this kit; it need not exist yet.

    `COODIE_CACHE_DIR` decides, else the convention of the system: `$XDG_CACHE_HOME/coodie` or `~/.cache/coodie`,
    `~/Library/Caches/coodie` on macOS, `%LOCALAPPDATA%\coodie\cache` on Windows.

    Raises:
        FolderError: it is below a home folder, and the user has none.
    """
    chosen = os.environ.get(PLACE_VARIABLE)
    try:
        return Path(chosen).expanduser().absolute() if chosen else _system_place()
    except RuntimeError as error:
        raise FolderError(f"the cache folder '{chosen or '~'}'", "there is no such home folder", _FIX) from error


@contextlib.contextmanager
def cache_in_use() -> Generator[None]:
    """Say in a sentence that the cache cannot be used, for the length of a block or of a function.

    Raises:
        FolderError: the system refused something in the cache, or on the way to it.
    """
    with written_in(cache_place(), "the cache folder", _FIX):
        yield


def jars_place(version: str) -> Path:
    """The folder of one Cassandra version's jars; it exists only when it is complete."""
    return cache_place() / "cassandra" / version / "lib"


def archives_place() -> Path:
    """The folder of the class-data archives."""
    return cache_place() / "archives"


def clusters_place() -> Path:
    """The folder in which every running cluster of this user has an entry."""
    return cache_place() / "clusters"


def durable_place(name: str) -> Path:
    """The folder of a durable node that the command line serves; kept until the user removes it."""
    return cache_place() / "durable" / name


def log_place(host: str, port: int) -> Path:
    """The file with the log of the node that was served there last and crashed."""
    return cache_place() / "logs" / f"{host}-{port}.log"


def locks_place() -> Path:
    """The folder of the lock files that keep two processes apart."""
    return cache_place() / "locks"


def _system_place() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "coodie"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "coodie" / "cache"
    shared = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification says that a relative path is to be ignored.
    return (Path(shared) if os.path.isabs(shared) else Path.home() / ".cache") / "coodie"  # noqa: PTH117
