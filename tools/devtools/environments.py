"""The Python environments of the workspace: making them, keeping them up to date, running programs in them."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from devtools.children import wait_for
from devtools.failures import DevError
from devtools.progress import run_announced
from devtools.uv import own_uv, uv_program

ROOT = Path(__file__).resolve().parent.parent.parent
"""The folder of the workspace."""

DEV = ROOT / ".dev"
"""Where everything is kept that these tasks make beside the workspace's own environment."""

STAMP = "dev-stamp"
JAVA_THAT_WORKS = {17, 21}


@dataclass(frozen=True)
class Environment:
    """An environment that `uv sync` makes.

    Attributes:
        title: what it is, for people.
        directory: where it is.
        interpreter: the Python that it is made with, where it is not there yet.
        options: what `uv sync` is told about groups.
    """

    title: str
    directory: Path
    interpreter: str
    options: tuple[str, ...] = ()

    @property
    def python(self) -> Path:
        """The Python inside it."""
        return python_in(self.directory)


def python_in(directory: Path) -> Path:
    """Give the Python of a virtual environment."""
    return directory / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def workspace() -> Environment:
    """Give the environment that everything runs in unless another is asked for."""
    java = () if installed_java() in JAVA_THAT_WORKS else ("--group", "java")
    return Environment("the workspace's environment", ROOT / ".venv", sys.executable, java)


def installed_java() -> int | None:
    """Give the major version of the Java on this machine, from its `release` file, without starting it."""
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home) / "bin/java") if home else shutil.which("java")
    if program is None:
        return None
    try:
        release = (Path(program).resolve().parent.parent / "release").read_text("utf-8")
    except OSError:
        return None
    found = re.search(r'^JAVA_VERSION="(\d+)', release, re.MULTILINE)
    return int(found[1]) if found else None


def prepared(environment: Environment) -> Environment:
    """Give an environment made, or brought up to date where what it is made from has changed.

    Raises:
        DevError: when uv fails; what it printed is the problem.
    """
    stamp = environment.directory / STAMP
    moved_here = f"{ROOT}\n"
    present = stamp.read_text("utf-8") if stamp.exists() else ""
    if present and not present.startswith(moved_here):
        shutil.rmtree(environment.directory)  # programs and editable installs in it name the folder it was made in
    elif present == moved_here + fingerprint(environment) and environment.python.exists():
        return environment
    interpreter = environment.python if environment.python.exists() else environment.interpreter
    uv(
        f"making {environment.title}",
        ["sync", *environment.options, "--python", str(interpreter)],
        UV_PROJECT_ENVIRONMENT=str(environment.directory),
    )
    stamp.write_text(moved_here + fingerprint(environment), "utf-8")
    return environment


def fingerprint(environment: Environment) -> str:
    """Give a digest of all that an environment is made from."""
    digest = hashlib.sha256(repr(environment.options).encode())
    configuration = environment.directory / "pyvenv.cfg"
    for path in (configuration, ROOT / "pyproject.toml", *sorted(ROOT.glob("packages/*/pyproject.toml"))):
        digest.update(path.read_bytes() if path.exists() else b"absent")
    return digest.hexdigest()


def uv(title: str, arguments: list[str], cwd: Path = ROOT, **variables: str) -> str:
    """Run uv, and once more from its cache alone where that failed; return what it printed.

    Raises:
        DevError: when it failed both times.
    """
    command = [str(uv_program()), *arguments, "--no-python-downloads"]
    environ = clean_environ(**variables)
    first = run_announced(title, command, cwd, environ)
    if first.status == 0:
        return first.output
    second = run_announced(f"{title}, offline", [*command, "--offline"], cwd, environ)
    if second.status == 0:
        return second.output
    network = re.search(r"dns|connect|network|timed out|request failed|fetch", first.output, re.IGNORECASE)
    raise DevError(
        f"{title} failed; uv says:\n{first.output.strip()}",
        "connect to the network once; later calls work from uv's cache"
        if network
        else "mend what uv names above, or start afresh with: ./dev clean",
    )


def clean_environ(**variables: str) -> dict[str, str]:
    """Give this process's variables without those that lead into another environment, or make it a slow one."""
    leading_elsewhere = {"VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "UV_PROJECT_ENVIRONMENT", "UV_PYTHON"}
    # Images of containers set it to stay small. Here a thousand processes would compile every library anew.
    slow = {"PYTHONDONTWRITEBYTECODE"}
    kept = {name: value for name, value in os.environ.items() if name not in leading_elsewhere | slow}
    return {**kept, **variables}


def program_environ(environment: Environment, **variables: str) -> dict[str, str]:
    """Give the variables for a program inside an environment: its programs first on PATH, our own uv last."""
    folders = [str(environment.python.parent), os.environ.get("PATH", ""), str(own_uv().parent)]
    return clean_environ(PATH=os.pathsep.join(folders), **variables)


def call(environment: Environment, arguments: list[str], cwd: Path | None = None, **variables: str) -> int:
    """Run the environment's Python in sight of the user; return its exit status."""
    command = [str(environment.python), *arguments]
    status, _ = wait_for(command, cwd, program_environ(environment, **variables), in_sight=True)
    return status


def become(environment: Environment, arguments: list[str], cwd: Path | None = None, **variables: str) -> int:
    """Go on as the environment's Python, so that signals, the terminal and the exit status are its own.

    Where a process cannot become another program (Windows) it is run, and its exit status returned.

    Raises:
        DevError: when it cannot be started.
    """
    if os.name == "nt":
        return call(environment, arguments, cwd, **variables)
    command = [str(environment.python), *arguments]
    if cwd is not None:
        os.chdir(cwd)
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execve(command[0], command, program_environ(environment, **variables))  # noqa: S606 - no shell is wanted
    except OSError as error:
        raise DevError(f"{command[0]} cannot be started: {error}", "run: ./dev clean, then this once more") from error
