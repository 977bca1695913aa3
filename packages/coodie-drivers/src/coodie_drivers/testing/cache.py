"""Where this kit keeps what it makes: one place per user, and the folders in it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PLACE_VARIABLE = "COODIE_CACHE_DIR"


def cache_place() -> Path:
    r"""The user's cache of this kit; it need not exist yet.

    `COODIE_CACHE_DIR` decides, else the convention of the system: `$XDG_CACHE_HOME/coodie` or `~/.cache/coodie`,
    `~/Library/Caches/coodie` on macOS, `%LOCALAPPDATA%\coodie\cache` on Windows.
    """
    chosen = os.environ.get(PLACE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    return _system_place()


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
