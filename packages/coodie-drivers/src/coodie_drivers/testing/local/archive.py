"""The class-data archive: Java's own picture of Cassandra's loaded classes, which takes a third off every start.

Made once, by one run of a node, for one build of Java, one Cassandra version and one place of the jars: Java silently
ignores an archive of anything else. Where the path of the jars holds a space it is of little use: Java compares that
path with its URL, and loads most classes from the jars.
"""

from __future__ import annotations

import hashlib
import subprocess
import time
from typing import TYPE_CHECKING

from coodie_drivers.testing.cache import archives_place, locks_place
from coodie_drivers.testing.errors import NodeError
from coodie_drivers.testing.local.training import train
from coodie_drivers.testing.locks import locked
from coodie_drivers.testing.progress import moving_line, say

if TYPE_CHECKING:
    from pathlib import Path

    from coodie_drivers.testing.local.installation import Installation

_FORM = "1"
_DUMP_WITHIN = 120.0
_TRIED_AGAIN_AFTER = 24 * 60 * 60.0
_WAITING = "waiting: another process makes the class archive"


def archive_flags(installation: Installation) -> list[str]:
    """The flags that make Java use the archive; makes the archive when it is not there yet.

    No archive is no reason to have no node: where it cannot be made there are no flags, and a day later another try.
    """
    archive = _Archive(installation)
    if not archive.is_settled:
        with locked(locks_place() / f"{archive.made.stem}.lock", lambda: say(_WAITING)):
            if not archive.is_settled:
                archive.make()
    return archive.flags()


class _Archive:
    """The files of one archive."""

    def __init__(self, installation: Installation) -> None:
        java, jars = installation.java, installation.jars
        key = "\n".join((_FORM, str(java.binary), java.identity, jars.class_path))
        self._installation = installation
        self._stem = f"cassandra-{jars.version}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"

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

    def make(self) -> None:
        archives_place().mkdir(parents=True, exist_ok=True)
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
        return archives_place() / f"{self._stem}.{suffix}"
