"""The built wheels, once for all tests of a run, and bare environments to install them into."""

from __future__ import annotations

import fcntl
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from devtools.distributions import NAMES, bare_environment, built, import_name, one_file
from devtools.environments import clean_environ, uv

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the sdists and wheels, built by whichever test process comes first."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with (shared / "distributions.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "built").exists():
            built(shared / "distributions")
            (shared / "built").touch()
    return shared / "distributions"


@pytest.fixture(scope="session")
def wheels(distributions: Path) -> dict[str, Path]:
    """The wheel of each distribution."""
    return {name: one_file(distributions, f"{import_name(name)}-*.whl") for name in NAMES}


@pytest.fixture
def bare_python(tmp_path: Path) -> Path:
    """The Python of an environment with nothing in it."""
    return bare_environment(tmp_path / "bare")


@pytest.fixture
def install(bare_python: Path) -> Callable[..., None]:
    """Install into the bare environment; fails as uv fails."""

    def run(*arguments: str) -> None:
        uv("installing", ["pip", "install", "--python", str(bare_python), *arguments])

    return run


@pytest.fixture
def bare_run(bare_python: Path, tmp_path: Path) -> Callable[..., str]:
    """Run code in the bare environment, with warnings as errors; give what it printed."""

    def run(code: str, **variables: str) -> str:
        done = subprocess.run(
            [bare_python, "-W", "error", "-c", code],
            cwd=tmp_path,
            env=clean_environ(**variables),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
