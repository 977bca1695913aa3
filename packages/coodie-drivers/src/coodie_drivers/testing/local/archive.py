"""The class-data archive: Java's own picture of Cassandra's loaded classes, which takes a third off every start.

Made once, by one run of a node, for one build of Java, one Cassandra version and its jars as they are: Java silently
ignores an archive of anything else. When one is made, those go that nothing can use any more, or that nothing has used
for a week. Where the path of the jars holds a space an archive is of little use: Java compares that path with its URL,
and loads most classes from the jars.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from coodie_drivers.testing.cache import archives_place, cache_in_use, locks_place
from coodie_drivers.testing.errors import NodeError
from coodie_drivers.testing.local.entries import running_clusters
from coodie_drivers.testing.local.training import train
from coodie_drivers.testing.locks import locked, try_lock
from coodie_drivers.testing.progress import moving_line, say

if TYPE_CHECKING:
    from coodie_drivers.testing.local.installation import Installation

_FORM = "1"
_NAME = "cassandra-"
_JAVA = "java"
_DUMP_WITHIN = 120.0
_TRIED_AGAIN_AFTER = 24 * 60 * 60.0
_KEPT_UNUSED = 7 * 24 * 60 * 60.0
_WAITING = "waiting: another process makes the class archive"


@cache_in_use()
def archive_flags(installation: Installation) -> list[str]:
    """The flags that make Java use the archive; makes the archive when it is not there yet.

    No archive is no reason to have no node: where it cannot be made there are no flags, and a day later another try.

    Raises:
        FolderError: the cache cannot be used.
    """
    archive = _Archive(installation)
    if not archive.is_settled:
        with locked(_lock(archive.stem), lambda: say(_WAITING)):
            if not archive.is_settled:
                archive.make()
                remove_disused(archive.stem)
    archive.note_use()
    return archive.flags()


def remove_disused(kept: str) -> None:
    """Remove the archives but for `kept` whose Java is gone, or that no node was started with for a week.

    Two processes may do so at once. An archive that is being made, or that a running node was started with, stays.
    """
    stems = {_stem_of(path) for path in archives_place().glob(f"{_NAME}*")} - {kept}
    running = running_clusters() if stems else []
    for stem in sorted(stems):
        descriptor = try_lock(_lock(stem))
        if descriptor is None:
            continue
        try:
            used = any(cluster.was_started_with(archives_place() / f"{stem}.jsa") for cluster in running)
            if not used and _is_disused(archives_place() / f"{stem}.{_JAVA}"):
                for path in archives_place().glob(f"{stem}.*"):
                    path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


def _stem_of(path: Path) -> str:
    # The Cassandra version in it has points as well; the key, which comes last, has none.
    return f"{path.name.rpartition('-')[0]}-{path.name.rpartition('-')[2].partition('.')[0]}"


def _lock(stem: str) -> Path:
    return locks_place() / f"{stem}.lock"


def _is_disused(note: Path) -> bool:
    """Whether the Java that this note of an archive names is gone, or the note was not touched for a week."""
    try:
        java, touched = Path(note.read_text(encoding="utf-8")), note.stat().st_mtime
    except OSError:
        return True
    return not java.exists() or time.time() - touched > _KEPT_UNUSED


class _Archive:
    """The files of one archive."""

    def __init__(self, installation: Installation) -> None:
        java, jars = installation.java, installation.jars
        key = "\n".join((_FORM, str(java.binary), java.identity, jars.identity))
        self._installation = installation
        self.stem = f"{_NAME}{jars.version}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"

    @property
    def made(self) -> Path:
        return self._file("jsa")

    @property
    def is_settled(self) -> bool:
        return self.made.exists() or self._failed_lately()

    def flags(self) -> list[str]:
        if not self.made.exists():
            return []
        base = self._file("base.jsa")
        return [f"-XX:SharedArchiveFile={base}:{self.made}" if base.exists() else f"-XX:SharedArchiveFile={self.made}"]

    def note_use(self) -> None:
        """Write down which Java it is for, at the time of this use."""
        with contextlib.suppress(OSError):  # a cache that cannot be written to can be used all the same
            self._file(_JAVA).write_text(str(self._installation.java.binary), encoding="utf-8")

    def make(self) -> None:
        archives_place().mkdir(parents=True, exist_ok=True)
        self.note_use()
        unfinished = self._file("unfinished")
        with moving_line(f"preparing the class archive of Cassandra {self._installation.version} (once)"):
            try:
                train(self._installation, [*self._base_flags(), f"-XX:ArchiveClassesAtExit={unfinished}"])
                unfinished.replace(self.made)
            except (OSError, subprocess.SubprocessError, NodeError) as error:
                unfinished.unlink(missing_ok=True)
                self._file("failed").write_text(str(error), encoding="utf-8")

    def _base_flags(self) -> list[str]:
        """A Java without an archive of its own classes, such as that of the wheel, needs one below ours."""
        java = self._installation.java
        if (java.home / "lib" / "server" / "classes.jsa").exists():
            return []
        base = self._file("base.jsa")
        unfinished = self._file("base.unfinished")
        command = [str(java.binary), "-XX:+UseSerialGC", "-Xshare:dump", f"-XX:SharedArchiveFile={unfinished}"]
        subprocess.run(command, capture_output=True, timeout=_DUMP_WITHIN, check=True)
        unfinished.replace(base)
        return [f"-XX:SharedArchiveFile={base}"]

    def _failed_lately(self) -> bool:
        try:
            return time.time() - self._file("failed").stat().st_mtime < _TRIED_AGAIN_AFTER
        except FileNotFoundError:
            return False

    def _file(self, suffix: str) -> Path:
        return archives_place() / f"{self.stem}.{suffix}"
