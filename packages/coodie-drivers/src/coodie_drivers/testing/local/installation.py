"""What a node of one Cassandra version is run with: a Java and the jars, and the command made of them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coodie_drivers.testing.cache import cache_in_use
from coodie_drivers.testing.errors import SourceMissingError
from coodie_drivers.testing.local.flags import agent_flags, careless_flags, quick_flags, required_flags
from coodie_drivers.testing.local.jars import Jars, check_jars, fetched_jars
from coodie_drivers.testing.local.java import Java, find_java
from coodie_drivers.testing.local.releases import Release, find_release

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie_drivers.testing.local.configuration import NodeFiles

_MAIN_CLASS = "org.apache.cassandra.service.CassandraDaemon"


@dataclass(frozen=True)
class Installation:
    """A Java and the jars of one Cassandra version."""

    release: Release
    java: Java
    jars: Jars

    @property
    def version(self) -> str:
        """The Cassandra version."""
        return self.jars.version

    def command(self, files: NodeFiles, flags: Sequence[str]) -> list[str]:
        """The command that runs a node on `files`, with what is required and with `flags`."""
        fixed = [*required_flags(self.java.major), *files.flags()]
        agent = self.jars.agent
        if self.release.needs_agent and agent is not None:
            fixed += agent_flags(agent)
        return [str(self.java.binary), *fixed, *flags, "-cp", self.jars.class_path, _MAIN_CLASS]

    def test_flags(self, *, durable: bool) -> list[str]:
        """The flags that make a node good for tests: quick and small, and careless unless it is to be durable."""
        return [*quick_flags(self.release), *([] if durable else careless_flags())]


@cache_in_use()
def find_installation(version: str) -> Installation:
    """Everything that a local node of `version` needs; the jars are fetched where the cache has none.

    Raises:
        SourceMissingError: something is not there and cannot be fetched; the finer errors say what.
        JarsError: the jars could not be fetched.
        FolderError: the cache cannot be used.
    """
    release, full = find_release(version)
    java = _runnable(release, full)
    return Installation(release, java, fetched_jars(full, java))


@cache_in_use()
def check_installation(version: str) -> Java:
    """The Java that a local node of `version` would run on; nothing is fetched or started.

    Raises:
        SourceMissingError: something is not there and cannot be fetched; the finer errors say what.
        FolderError: the cache cannot be used.
    """
    release, full = find_release(version)
    java = _runnable(release, full)
    check_jars(full)
    return java


def _runnable(release: Release, version: str) -> Java:
    if sys.platform == "win32":
        reason, fix = "a node without Docker is started on Linux and macOS only", "use Docker or COODIE_TEST_HOSTS"
        raise SourceMissingError(reason, fix)
    return find_java(release.javas, version)
