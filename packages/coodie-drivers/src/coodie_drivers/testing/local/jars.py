"""The jars of a Cassandra version: fetched once from Maven's repository into the cache, whole or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coodie_drivers.testing.cache import jars_place, locks_place
from coodie_drivers.testing.errors import JarsError, MavenMissingError
from coodie_drivers.testing.locks import locked
from coodie_drivers.testing.progress import moving_line, say

if TYPE_CHECKING:
    from coodie_drivers.testing.local.java import Java

_POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>coodie</groupId>
  <artifactId>cassandra-jars</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.cassandra</groupId>
      <artifactId>cassandra-all</artifactId>
      <version>{version}</version>
    </dependency>
  </dependencies>
</project>
"""
_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_LINES_TOLD = 15
_ARRIVING = ".fetching-"


@dataclass(frozen=True)
class Jars:
    """The complete jars of one Cassandra version."""

    version: str
    place: Path

    @property
    def class_path(self) -> str:
        """Every jar by name, always in the same order: Java takes a class-data archive only with the very same text."""
        return os.pathsep.join(str(jar) for jar in sorted(self.place.glob("*.jar"), key=_order))


def _order(jar: Path) -> tuple[int, str]:
    # Java 21 refuses an archive where a jar's manifest names another jar that only comes behind it. These do.
    naming = 2 if jar.name.startswith("chronicle-queue-") else int(jar.name.startswith("chronicle-"))
    return naming, jar.name


def cached_jars(version: str) -> Jars | None:
    """The jars of `version` if they are in the cache."""
    place = jars_place(version)
    return Jars(version, place) if place.is_dir() else None


def find_maven() -> Path | None:
    """The `mvn` program on PATH."""
    found = shutil.which("mvn")
    return Path(found) if found else None


def fetched_jars(version: str, java: Java) -> Jars:
    """The jars of `version`, from the cache, else through Maven (once, about 70 MB).

    Args:
        version: the Cassandra version.
        java: what Maven runs on where it finds no Java of its own.

    Raises:
        MavenMissingError: they are not in the cache, and there is no Maven.
        JarsError: Maven failed; nothing half is left behind.
    """
    cached = cached_jars(version)
    if cached is not None:
        return cached
    maven = find_maven()
    if maven is None:
        raise MavenMissingError(version, jars_place(version))
    task = f"fetching Cassandra {version} through Maven"
    with locked(locks_place() / f"jars-{version}.lock", lambda: say(f"{task}: another process is at it, waiting")):
        return cached_jars(version) or _fetched(version, maven, java, task)


def _fetched(version: str, maven: Path, java: Java, task: str) -> Jars:
    place = jars_place(version)
    place.parent.mkdir(parents=True, exist_ok=True)
    # What an interrupted fetch left; nobody else is at it, for the lock is held.
    for leftover in place.parent.glob(f"{_ARRIVING}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=_ARRIVING, ignore_cleanup_errors=True) as temporary:
        arriving = Path(temporary)
        (arriving / "pom.xml").write_text(_POM.format(version=version), encoding="utf-8")
        maven_run = _MavenRun([str(maven), "-B", "-C", _GOAL, "-DoutputDirectory=lib"], arriving, java)
        with moving_line(task, maven_run.progress):
            code = maven_run.wait()
        if code != 0 or not list(arriving.glob("lib/cassandra-all-*.jar")):
            raise JarsError(version, maven_run.last_lines())
        (arriving / "lib").rename(place)
    return Jars(version, place)


class _MavenRun:
    """One run of Maven, whose output is kept to itself unless it fails."""

    def __init__(self, command: list[str], place: Path, java: Java) -> None:
        environment = dict(os.environ)
        if not environment.get("JAVA_HOME") and shutil.which("java") is None:
            environment["JAVA_HOME"] = str(java.home)
        self._command, self._place, self._environment = command, place, environment
        self._lines: list[str] = []
        self._downloaded = 0

    def progress(self) -> str:
        """How much has come; nothing where all was in Maven's own cache."""
        return f"{self._downloaded} jars downloaded" if self._downloaded else ""

    def last_lines(self) -> str:
        """What Maven said last."""
        return "\n".join(self._lines[-_LINES_TOLD:])

    def wait(self) -> int:
        """Run to the end; gives Maven's exit code."""
        with subprocess.Popen(
            self._command,
            cwd=self._place,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as maven:
            try:
                for line in maven.stdout or ():
                    self._note(line.strip())
            except BaseException:
                maven.kill()
                raise
        return maven.returncode

    def _note(self, line: str) -> None:
        if "Downloaded from" in line:
            self._downloaded += ".jar " in line
        elif line and "Downloading from" not in line:
            self._lines.append(line)
