"""Finding other Pythons on this machine; none is ever downloaded."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from devtools.environments import clean_environ
from devtools.uv import uv_program

if TYPE_CHECKING:
    from collections.abc import Iterator

SEARCHED = "PATH, pyenv's versions, and what `uv python find` knows"
"""Where an interpreter is looked for, for people."""


def interpreter(version: str) -> Path | None:
    """Give a Python of the version `3.N` that really starts, or None."""
    for candidate in candidates(version):
        found = started(candidate)
        if found and found[0] == version:
            return found[1]
    return None


def candidates(version: str) -> Iterator[Path]:
    """Give the places where a Python of this version may be."""
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield Path(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    yield from sorted(pyenv.glob(f"{version}*/bin/python"), reverse=True)
    asked = subprocess.run(
        [str(uv_program()), "python", "find", "--system", "--no-python-downloads", "--no-project", version],
        env=clean_environ(),
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode == 0 and asked.stdout.strip():
        yield Path(asked.stdout.strip())


def started(candidate: Path) -> tuple[str, Path] | None:
    """Give the version and the path that a Python tells of itself; None when it does not start."""
    question = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable, sep='\\n')"
    try:
        answer = subprocess.run([candidate, "-c", question], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = answer.stdout.splitlines()
    return (lines[0], Path(lines[1])) if answer.returncode == 0 and len(lines) > 1 else None
