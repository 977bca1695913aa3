"""The jars of a Cassandra version: fetched once from Maven's repository into the cache, whole or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import zipfile
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
_MAIN = "cassandra-all-"
_AGENT = "jamm-*.jar"
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
        return os.pathsep.join(str(jar) for jar in self._files())

    @property
    def agent(self) -> Path | None:
        """The jar of the Java agent that measures objects, if Cassandra came with one."""
        return next(iter(self.place.glob(_AGENT)), None)

    @property
    def identity(self) -> str:
        """What Java compares a class-data archive with: the place, the size and the time of each jar."""
        facts = [(jar, jar.stat()) for jar in self._files()]
        return "\n".join(f"{jar} {fact.st_size} {fact.st_mtime_ns}" for jar, fact in facts)

    def damage(self) -> str:
        """What is wrong with the jars as far as that is seen within a millisecond; empty where nothing is."""
        jars = self._files()
        if not any(jar.name.startswith(_MAIN) for jar in jars):
            return f"'{_MAIN}{self.version}.jar' is missing"
        # A jar has its table of contents at its very end.
        cut_short = [f"'{jar.name}'" for jar in jars if not zipfile.is_zipfile(jar)]
        return f"{', '.join(cut_short)}: cut short" if cut_short else ""

    def _files(self) -> list[Path]:
        return sorted(self.place.glob("*.jar"), key=_order)


def _order(jar: Path) -> tuple[int, str]:
    # Java 21 refuses an archive where a jar's manifest names another jar that only comes behind it. These do.
    naming = 2 if jar.name.startswith("chronicle-queue-") else int(jar.name.startswith("chronicle-"))
    return naming, jar.name


def cached_jars(version: str) -> Jars | None:
    """The jars of `version` if they are in the cache, whole or damaged."""
    place = jars_place(version)
    return Jars(version, place) if place.is_dir() else None


def check_jars(version: str) -> None:
    """See that the jars of `version` can be had; nothing is fetched.

    Raises:
        MavenMissingError: they are not in the cache, or not whole, and there is no Maven.
    """
    cached = cached_jars(version)
    if cached is None or cached.damage():
        _find_maven(version, cached)


def fetched_jars(version: str, java: Java) -> Jars:
    """The jars of `version`, from the cache, else through Maven (once, about 70 MB).

    Args:
        version: the Cassandra version.
        java: what Maven runs on where it finds no Java of its own.

    Raises:
        MavenMissingError: they are not in the cache, or not whole, and there is no Maven.
        JarsError: Maven failed, or brought jars that are cut short; nothing half is left behind.
    """
    cached = cached_jars(version)
    if cached is not None and not cached.damage():
        return cached
    maven = _find_maven(version, cached)
    task = f"fetching Cassandra {version} through Maven"
    with locked(locks_place() / f"jars-{version}.lock", lambda: say(f"{task}: another process is at it, waiting")):
        cached = cached_jars(version)
        damage = cached.damage() if cached is not None else ""
        if cached is not None and not damage:
            return cached
        if damage:
            say(f"the jars in '{jars_place(version)}' are damaged ({damage}), so they are fetched anew")
        return _fetched(version, maven, java, task)


def _find_maven(version: str, cached: Jars | None) -> Path:
    """The `mvn` program on PATH, without which there are no jars but those that are cached."""
    found = shutil.which("mvn")
    if found is None:
        raise MavenMissingError(version, jars_place(version), cached.damage() if cached is not None else "")
    return Path(found)


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
        if code != 0 or not list(arriving.glob(f"lib/{_MAIN}*.jar")):
            raise JarsError(version, maven_run.last_lines())
        damage = Jars(version, arriving / "lib").damage()
        if damage:
            raise JarsError(version, maven_run.last_lines(), damage)
        if place.exists():
            # Damaged ones; they go with the temporary folder.
            place.rename(arriving / "damaged")
        (arriving / "lib").rename(place)
    return Jars(version, place)


class _MavenRun:
    """One run of Maven, whose output is kept to itself unless it fails."""

    def __init__(self, command: list[str], place: Path, java: Java) -> None:
        environment = dict(os.environ)
        has_none = not environment.get("JAVA_HOME") and shutil.which("java") is None
        # Maven gives up at a JAVA_HOME where no Java is, even where there is one on PATH.
        if has_none or java.passed_over:
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
