"""Finding uv, which makes the environments: the one on PATH, else one of our own in the user's cache."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from devtools.failures import DevError
from devtools.progress import Finished, run_announced

MINIMUM = (0, 9, 0)
"""The oldest uv that these tasks were seen to work with; `required-version` in pyproject.toml says the same."""

PINNED = "0.13.8"
"""The uv that is installed where none is found."""

EXECUTABLE = "uv.exe" if os.name == "nt" else "uv"


@functools.lru_cache(maxsize=1)
def uv_program() -> Path:
    """Give the uv to use, installed into the user's cache where there is none.

    Raises:
        DevError: when none is found and none can be installed.
    """
    on_path = shutil.which("uv")
    if on_path and version(on_path) >= MINIMUM:
        return Path(on_path)
    own = own_uv()
    if not own.exists():
        install(own)
    return own


def version(program: str) -> tuple[int, ...]:
    """Ask a uv for its version; (0,) when it has none to tell."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return (0,)
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", answer)
    return tuple(map(int, found.groups())) if found else (0,)


def own_uv() -> Path:
    """Give the place of the uv that these tasks install, whether it is there or not."""
    return cache_directory() / f"uv-{PINNED}" / EXECUTABLE


def cache_directory() -> Path:
    """Give the folder in the user's cache that belongs to these tasks."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "coodie-dev"


def install(own: Path) -> None:
    """Install the pinned uv as `own`; whole or not at all, also when two do so at once."""
    own.parent.mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    for attempt in (by_virtual_environment, by_target_folder):
        with tempfile.TemporaryDirectory(dir=own.parent) as scratch:
            failures.append(attempt(Path(scratch)))
            for fetched in Path(scratch).glob(f"*/{EXECUTABLE}"):
                fetched.replace(own)
                return
    raise DevError(
        "\n".join(["uv is not on PATH, and pip could not install it:", *failures]),
        "connect to the network, or install uv yourself; on Debian and Ubuntu pip comes with: apt install python3-venv",
    )


def by_virtual_environment(scratch: Path) -> str:
    """Install uv with the pip of a virtual environment in `scratch`; return what was printed when that failed."""
    made = quietly([sys.executable, "-m", "venv", str(scratch)])
    if made.status:
        return made.output.strip()
    return installed([str(scratch / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))])


def by_target_folder(scratch: Path) -> str:
    """Install uv in `scratch` with the pip of this Python, for where virtual environments cannot be made."""
    return installed([sys.executable], "--target", str(scratch))


def installed(python: list[str], *where: str) -> str:
    """Let the pip of a Python install uv; return what it printed when it failed."""
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--only-binary", ":all:"]
    done = quietly([*python, "-m", "pip", "install", *options, *where, f"uv=={PINNED}"])
    return done.output.strip() if done.status else ""


def quietly(command: list[str]) -> Finished:
    """Run one step of the installation."""
    return run_announced(f"installing uv {PINNED} into {cache_directory()}", command, Path.cwd(), os.environ)
