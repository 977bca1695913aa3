"""Small trees in which the workspace's own tools are run as programs, and one with the real `dev` in it.

That one has stand-ins for uv and the Pythons. They write down how they were called; the one for uv makes environments
whose Python is the other stand-in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent.parent


# Starts this Python though its path may hold spaces, which a `#!` line cannot say: a shell reads the first string.
SHEBANG = f"""\
#!/bin/sh
'''exec' '{sys.executable}' "$0" "$@"
' '''
"""

UV = """\
import os, pathlib, shutil, sys

def log(line):
    with open(os.environ["CALLS"], "a") as file:
        file.write(line + "\\n")

arguments = sys.argv[1:]
if arguments == ["--version"]:
    print("uv " + os.environ.get("UV_SAYS", "99.0.0"))
    sys.exit()
log("uv " + " ".join(arguments))
if os.environ.get("UV_FAILS") and (os.environ["UV_FAILS"] != "online" or "--offline" not in arguments):
    print("error: failed to fetch: dns error")
    sys.exit(2)
if arguments[0] == "sync":
    environment = pathlib.Path(os.environ["UV_PROJECT_ENVIRONMENT"])
    (environment / "bin").mkdir(parents=True, exist_ok=True)
    shutil.copy(os.environ["PYTHON_STAND_IN"], environment / "bin/python")
    (environment / "pyvenv.cfg").write_text("version_info = 3.11.7\\n")
elif arguments[:2] == ["python", "find"]:
    sys.exit(2)
"""

PYTHON = """\
import os, pathlib, signal, sys, time

name = pathlib.Path(sys.argv[0]).parent.parent.name
if sys.argv[1:2] == ["-c"] and "version_info" in sys.argv[2]:
    print(name[:4].rstrip("."), sys.argv[0], sep="\\n")
    sys.exit()
with open(os.environ["CALLS"], "a") as file:
    file.write(" ".join([name, *sys.argv[1:]]) + "\\n")
if name in os.environ.get("WAITS_IN", ""):
    def end(number, frame):
        with open(os.environ["CALLS"], "a") as file:
            file.write(f"{name} got {signal.Signals(number).name}\\n")
        sys.exit(7)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    with open(os.environ["CALLS"], "a") as file:
        file.write(name + " waits\\n")
    time.sleep(60)
if "pytest" in sys.argv:
    failed = name in os.environ.get("FAILS_IN", "")
    if "FAILS_WITH" in os.environ:
        failed = any(words in " ".join(sys.argv) for words in os.environ["FAILS_WITH"].split("|"))
    print("=== 1 failed in 0.1s ===" if failed else "=== 3 passed in 0.1s ===")
    sys.exit(failed)
sys.exit(int(os.environ.get("STATUS", "0")))
"""


@dataclass
class Workspace:
    """A tree with `dev` in it, and a home of its own."""

    root: Path
    home: Path
    variables: dict[str, str] = field(default_factory=dict[str, str])

    def dev(self, *arguments: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(self.root / "dev"), *arguments]
        environ = {**self.variables, **variables}
        return subprocess.run(command, cwd=cwd or self.home, env=environ, capture_output=True, text=True, check=False)

    def at(self, root: Path) -> Workspace:
        """The same where the tree has been moved to `root`."""
        return Workspace(root, self.home, self.variables)

    def install(self, path: Path, script: str | None = None) -> None:
        """Put a program there: the stand-in for Python, unless it is another script."""
        program(path, PYTHON if script is None else script)

    def seen(self) -> list[str]:
        """How the stand-ins were called, and what became of them."""
        log = Path(self.variables["CALLS"])
        return log.read_text("utf-8").splitlines() if log.exists() else []

    def calls(self) -> list[str]:
        """How the stand-ins were called since this was asked last."""
        lines = self.seen()
        Path(self.variables["CALLS"]).unlink(missing_ok=True)
        return lines


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if text.startswith("#!") else SHEBANG + text, "utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root, home = tmp_path / "a folder with spaces", tmp_path / "home"
    root.mkdir()
    home.mkdir()
    shutil.copy(ROOT / "dev", root)
    shutil.copytree(ROOT / "tools/devtools", root / "tools/devtools", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "pyproject.toml").write_text("[project]\nname = 'probe'\n", "utf-8")
    program(home / "bin/uv", UV)
    variables = {
        "CALLS": str(tmp_path / "calls"),
        "HOME": str(home),
        "PATH": os.pathsep.join([str(home / "bin"), "/usr/bin", "/bin"]),
        "PYENV_ROOT": str(home / "pyenv"),
        "PYTHON_STAND_IN": str(program(home / "python", PYTHON)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return Workspace(root, home, variables)


@pytest.fixture
def tool(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `tools/<name>.py` on the tree in `tmp_path`."""

    def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "tools" / f"{name}.py"), *arguments, "--root", str(tmp_path)]
        return subprocess.run(command, cwd=tmp_path, env=os.environ, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def tree(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Write files below `tmp_path`, folders included."""

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return tmp_path

    return write
