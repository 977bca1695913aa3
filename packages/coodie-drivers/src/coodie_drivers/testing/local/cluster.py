"""A Cassandra of one's own: started from the published jars, without Docker, and gone with whoever started it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.testing.cache import cache_in_use
from coodie_drivers.testing.errors import NodeError, PortTakenError
from coodie_drivers.testing.folders import written_in
from coodie_drivers.testing.local.addresses import choose_address
from coodie_drivers.testing.local.archive import archive_flags
from coodie_drivers.testing.local.configuration import NodeFiles
from coodie_drivers.testing.local.entries import Entry, Facts, create_entry
from coodie_drivers.testing.local.installation import find_installation
from coodie_drivers.testing.local.launch import Launch, launched
from coodie_drivers.testing.local.releases import DEFAULT_VERSION, find_release
from coodie_drivers.testing.progress import moving_line

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from types import TracebackType

    from typing_extensions import Self

    from coodie_drivers.testing.local.installation import Installation
    from coodie_drivers.testing.local.process import NodeProcess

START_TIMEOUT = 120.0
_GRACE = 20.0
_DRAWS = 3


class LocalCluster:
    """A Cassandra cluster of one node on this machine, for as long as a `with` block or until `close()`.

    ```python
    with LocalCluster() as cluster:
        session = Cluster(cluster.hosts, port=cluster.port).connect()
    ```

    The node starts empty, answers within seconds, and has materialized views, SAI and SASI, vectors, user functions,
    masking and change data capture switched on. It needs Java 17 or 21, and Maven the first time. It ends with this
    process, even when that is killed; what a killed process left is cleaned up by the next start.

    Args:
        version: the Cassandra version; `5.0` stands for the newest 5.0 known.
        durable: keep schema and data over `stop()` and `start()`, and every acknowledged write over a crash; slower.
        host: the address to listen on; by default one of the cluster's own on Linux, elsewhere 127.0.0.1.
        port: the port for clients; by default 9042 on an address of its own, else a free one.
        directory: where a durable cluster keeps its files beyond `close()`, and the next one that is given the same
            directory finds its schema and data again; by default they go.

    Raises:
        ConfigurationError: the version cannot be started here, or a directory is given without `durable`.
    """

    def __init__(
        self,
        version: str = DEFAULT_VERSION,
        durable: bool = False,  # noqa: FBT001, FBT002 - the documented signature
        *,
        host: str | None = None,
        port: int | None = None,
        directory: Path | str | None = None,
    ) -> None:
        """Take note of what is wanted; nothing is started yet."""
        self.version = find_release(version)[1]
        self.durable = durable
        if directory is not None and not durable:
            message = "a directory is where a durable cluster keeps its files; pass durable=True, or no directory"
            raise ConfigurationError(message)
        self._wish = (host, port)
        self._directory = str(Path(directory).expanduser().absolute()) if directory is not None else None
        self._facts: Facts | None = None
        self._entry: Entry | None = None
        self._process: NodeProcess | None = None

    def __enter__(self) -> Self:
        """Start the cluster and give it."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the cluster and take its files away."""
        self.close()

    @property
    def hosts(self) -> list[str]:
        """The addresses a client connects to."""
        return [self._known().host]

    @property
    def port(self) -> int:
        """The port a client connects to."""
        return self._known().port

    @property
    def directory(self) -> Path:
        """Where the node's configuration, logs and data lie."""
        return self._files().home

    @property
    def is_running(self) -> bool:
        """Whether the node has been started and has not ended."""
        return self._process is not None and self._process.is_running

    def log(self) -> str:
        """What Java printed and the node logged since its last start."""
        return self._files().told()

    def log_tail(self, lines: int = 25) -> str:
        """The last lines of the log."""
        return "\n".join(self.log().splitlines()[-lines:])

    def start(self, *, timeout: float = START_TIMEOUT) -> Self:
        """Start the node and wait until it answers a query; a node that runs is left as it is.

        Args:
            timeout: how many seconds the node has until its first answer; fetching the jars is not counted.

        Raises:
            SourceMissingError: there is no Java, or no Maven where the jars are not in the cache.
            JarsError: Maven could not fetch the jars.
            PortTakenError: another program listens on the wanted port.
            DirectoryInUseError: another node works in the directory.
            FolderError: nothing can be written to the directory, or to the cache.
            StartError: the node ended while it started.
            StartTimeoutError: it answered no query in time.
        """
        if self.is_running:
            return self
        # What is left of a node that ended by itself.
        self.stop()
        installation = find_installation(self.version)
        flags = [*installation.test_flags(durable=self.durable), *archive_flags(installation)]
        # Where the address is drawn, somebody may have come first at it, and another draw helps.
        is_drawn = self._facts is None and self._wish == (None, None)
        for _ in range(_DRAWS - 1 if is_drawn else 0):
            try:
                return self._started(installation, flags, timeout)
            except PortTakenError:
                continue
        return self._started(installation, flags, timeout)

    def stop(self) -> None:
        """End the node; a durable one can be started again on what it wrote, else its files go. Twice is fine."""
        self._end_process()
        if not self.durable:
            self.close()

    def close(self) -> None:
        """End the node and take its files away, those in a given `directory` apart. Twice is fine."""
        self._end_process()
        if self._entry is not None:
            self._entry.remove()
            self._entry = None
        self._facts = None

    def detach(self) -> None:
        """Let the node outlive this process until `python -m coodie_drivers.testing stop`; this object forgets it."""
        if self._entry is None or self._process is None:
            raise NodeError(_NOT_STARTED)
        self._entry.tell(replace(self._known(), detached=True))
        self._process.detach()
        self._entry.release()
        self._facts = self._entry = self._process = None

    def _started(self, installation: Installation, flags: list[str], timeout: float) -> Self:
        comes_back = self._facts is not None
        try:
            self._process = self._launched(installation, flags)
            with moving_line(f"starting Cassandra {self.version}", usual=True):
                self._process.wait_ready(timeout)
        except BaseException:
            # What a durable node wrote before is not lost because it does not come back at once.
            if comes_back:
                self.stop()
            else:
                self.close()
            raise
        return self

    def _launched(self, installation: Installation, flags: list[str]) -> NodeProcess:
        # A durable node comes back where it was.
        wanted = (self._facts.host, self._facts.port) if self._facts else self._wish
        address = choose_address(*wanted)
        facts = Facts(address.host, address.port, self.version, self.durable, self._directory)
        if self._entry is None:
            self._entry = create_entry(facts)
        self._facts = facts
        launch = Launch(
            installation=installation,
            address=address,
            files=self._files(),
            durable=self.durable,
            flags=flags,
            grace=_GRACE if self.durable else 0.0,
        )
        with self._writing():
            return launched(launch, self._entry)

    def _writing(self) -> AbstractContextManager[None]:
        if self._directory is None:
            return cache_in_use()
        return written_in(Path(self._directory), "the directory", "give one that you may write to")

    def _end_process(self) -> None:
        if self._process is not None:
            # A durable node takes seconds: it writes what it has in memory.
            with moving_line(f"stopping Cassandra {self.version}", usual=True):
                self._process.stop()
            self._process = None

    def _files(self) -> NodeFiles:
        if self._entry is None:
            raise NodeError(_NOT_STARTED)
        return NodeFiles(self._entry.home(self._known()))

    def _known(self) -> Facts:
        if self._facts is None:
            raise NodeError(_NOT_STARTED)
        return self._facts


_NOT_STARTED = "the cluster is not started; use it in a `with` block, or call start() first"
