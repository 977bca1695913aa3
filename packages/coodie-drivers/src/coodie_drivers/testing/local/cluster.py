"""A Cassandra of one's own: started from the published jars, without Docker, and gone with whoever started it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from coodie_drivers.testing.cache import cache_in_use
from coodie_drivers.testing.certificates import check_certificates, made_certificates
from coodie_drivers.testing.errors import NodeError, PortTakenError
from coodie_drivers.testing.folders import written_in
from coodie_drivers.testing.local.access import SUPERUSER, Access
from coodie_drivers.testing.local.addresses import check_free
from coodie_drivers.testing.local.archive import archive_flags
from coodie_drivers.testing.local.configuration import even_tokens, node_files
from coodie_drivers.testing.local.entries import Entry, Facts, create_entry
from coodie_drivers.testing.local.flags import company_flags
from coodie_drivers.testing.local.installation import find_installation
from coodie_drivers.testing.local.launch import Launch
from coodie_drivers.testing.local.nodes import Nodes
from coodie_drivers.testing.local.releases import DEFAULT_VERSION
from coodie_drivers.testing.local.wishes import checked_wishes
from coodie_drivers.testing.progress import moving_line

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from types import TracebackType

    from typing_extensions import Self

    from coodie_drivers.testing.certificates import Certificates, Identity
    from coodie_drivers.testing.local.addresses import Address
    from coodie_drivers.testing.local.configuration import NodeFiles
    from coodie_drivers.testing.local.installation import Installation

START_TIMEOUT = 120.0
_GRACE = 20.0
_DRAWS = 3


class LocalCluster:
    """A Cassandra cluster of one to three nodes on this machine, for as long as a `with` block or until `close()`.

    ```python
    with LocalCluster() as cluster:
        session = Cluster(cluster.hosts, port=cluster.port).connect()
    ```

    It starts empty, answers within seconds (three nodes: about fifteen), and has materialized views, SAI and SASI,
    vectors, user functions, masking and change data capture switched on, as far as its version knows them. It needs
    Java 17 or 21, and Maven the first time. It ends with this process, even when that is killed; what a killed process
    left is cleaned up by the next start.

    A node is named by its place in `hosts`, from 0 on:

    ```python
    with LocalCluster(nodes=3, durable=True) as cluster:
        cluster.kill(2)  # as a crash would; the others notice after 20 seconds or so
        cluster.restart(2)  # with everything it acknowledged
        cluster.pause(0)  # connections stay open, nothing is answered
        cluster.resume(0)
    ```

    Args:
        version: the Cassandra version; `5.0`, `4.1` and `6.0` stand for the newest known here (6.0 is an alpha).
        durable: keep schema and data over `stop()` and `start()`, and every acknowledged write and change of the schema
            over a crash; slower.
        host: the address to listen on, with several nodes that of the first, and the others follow it; by default of
            the cluster's own on Linux, elsewhere 127.0.0.1. (On macOS those that follow must be made first:
            `sudo ifconfig lo0 alias 127.0.0.2`.)
        port: the port for clients, the same on every node; by default 9042 on an address of its own, else a free one.
        directory: where a durable cluster keeps its files beyond `close()`, and the next one that is given the same
            directory finds its schema and data again; by default they go.
        nodes: how many nodes, 1 to 3; each takes about 0.5 GB of memory.
        tls: True to take encrypted connections alone, with `certificates` made for it; `"mutual"` to ask clients for a
            certificate as well. It needs the package trustme (the extra `tls`).
        auth: ask clients for `username` and `password`, and check permissions; a change of them holds at once.

    Raises:
        ConfigurationError: the version cannot be started here, an argument has none of the values above, or a directory
            is given without `durable`.
    """

    def __init__(  # noqa: PLR0913 - each is of its own
        self,
        version: str = DEFAULT_VERSION,
        durable: bool = False,  # noqa: FBT001, FBT002 - the documented signature
        *,
        host: str | None = None,
        port: int | None = None,
        directory: Path | str | None = None,
        nodes: int = 1,
        tls: bool | Literal["mutual"] = False,
        auth: bool = False,
    ) -> None:
        """Take note of what is wanted; nothing is started yet."""
        self._wishes = checked_wishes(
            version=version,
            durable=durable,
            host=host,
            port=port,
            directory=directory,
            nodes=nodes,
            tls=tls,
            auth=auth,
        )
        self._facts: Facts | None = None
        self._entry: Entry | None = None
        self._addresses: list[Address] = []
        self._access = Access()
        self._nodes: Nodes | None = None

    def __enter__(self) -> Self:
        """Start the cluster and give it."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the cluster and take its files away."""
        self.close()

    @property
    def version(self) -> str:
        """The Cassandra version."""
        return self._wishes.version

    @property
    def durable(self) -> bool:
        """Whether what the cluster acknowledged survives."""
        return self._wishes.durable

    @property
    def hosts(self) -> list[str]:
        """The addresses a client connects to; a node is named by its place in this list."""
        return self._known().hosts

    @property
    def port(self) -> int:
        """The port a client connects to, the same on every node."""
        return self._known().port

    @property
    def directory(self) -> Path:
        """Where the configuration, logs and data lie: of several nodes in `node0`, `node1` and `node2` below it."""
        return self._home()

    @property
    def username(self) -> str | None:
        """Whom a client logs in as; None where the cluster does not ask."""
        return SUPERUSER[0] if self._wishes.auth else None

    @property
    def password(self) -> str | None:
        """The password of `username`; None where the cluster does not ask."""
        return SUPERUSER[1] if self._wishes.auth else None

    @property
    def certificates(self) -> Certificates:
        """What a client needs for TLS, and what tests need to see it refused; made anew when the cluster is."""
        self._known()
        if self._access.certificates is None:
            message = "this cluster speaks plain text and has no certificates; pass tls=True"
            raise NodeError(message)
        return self._access.certificates

    @property
    def is_running(self) -> bool:
        """Whether every node has been started and has not ended; one that is paused has not."""
        return self._nodes is not None and len(self._nodes.running) == self._wishes.nodes

    def log(self, n: int = 0) -> str:
        """What Java printed and node `n` logged since its last start."""
        return self._files(n).told()

    def log_tail(self, lines: int = 25, n: int = 0) -> str:
        """The last lines of the log of node `n`."""
        return "\n".join(self.log(n).splitlines()[-lines:])

    def start(self, *, timeout: float = START_TIMEOUT) -> Self:
        """Start the nodes and wait until they answer queries and know each other; a node that runs is left as it is.

        Args:
            timeout: how many seconds this may take; fetching the jars is not counted.

        Raises:
            SourceMissingError: there is no Java, or no Maven where the jars are not in the cache, or no trustme where
                certificates are wanted.
            JarsError: Maven could not fetch the jars.
            PortTakenError: another program listens on the wanted port.
            DirectoryInUseError: another node works in the directory.
            FolderError: nothing can be written to the directory, or to the cache.
            ConfigurationError: some nodes run and others have ended, and the cluster is not durable.
            StartError: a node ended while it started.
            StartTimeoutError: a node answered no query in time, or did not see the others.
        """
        if self.is_running:
            return self
        if self._nodes is not None and self._nodes.running:
            self._wishes.check_durable()
            return self._completed(self._nodes, timeout)
        # What is left of nodes that ended by themselves.
        self.stop()
        if self._wishes.tls:
            check_certificates()
        installation = find_installation(self.version)
        flags = [*installation.test_flags(durable=self.durable), *archive_flags(installation)]
        # Where the address is drawn, somebody may have come first at it, and another draw helps.
        is_drawn = self._facts is None and self._wishes.is_drawn
        for _ in range(_DRAWS - 1 if is_drawn else 0):
            try:
                return self._started(installation, flags, timeout)
            except PortTakenError:
                continue
        return self._started(installation, flags, timeout)

    def stop(self) -> None:
        """End the nodes; a durable cluster can be started again on what it wrote, else its files go. Twice is fine."""
        self._end_nodes()
        if not self.durable:
            self.close()

    def close(self) -> None:
        """End the nodes and take their files away, those in a given `directory` apart. Twice is fine."""
        self._end_nodes()
        if self._entry is not None:
            self._entry.remove()
            self._entry = None
        self._facts = None
        self._addresses = []

    def kill(self, n: int = 0) -> None:
        """End node `n` at once, as a crash would (SIGKILL); one that has ended is left as it is.

        The others go on, and notice after 20 seconds or so. What the node acknowledged is lost unless the cluster is
        durable.

        Raises:
            ConfigurationError: there is no such node.
        """
        self._of(n).kill(n)

    def pause(self, n: int = 0) -> None:
        """Let node `n` stand still (SIGSTOP): its connections stay open, and nothing is answered. Twice is fine.

        Raises:
            ConfigurationError: there is no such node.
            NodeError: it has ended.
        """
        self._of(n).pause(n)

    def resume(self, n: int = 0) -> None:
        """Let a paused node `n` go on (SIGCONT), with what has arrived meanwhile; one that runs is left as it is.

        Raises:
            ConfigurationError: there is no such node.
            NodeError: it has ended.
        """
        self._of(n).resume(n)

    def restart(self, n: int = 0, *, shows: Identity | None = None, timeout: float = START_TIMEOUT) -> None:
        """End node `n` in order if it runs, and start it again where it was; only in a durable cluster.

        It is waited for until it answers and the nodes that run know each other.

        Args:
            n: which node.
            shows: with TLS, what it shows to clients until its next start instead of a certificate of its own, such as
                `certificates.expired`.
            timeout: how many seconds this may take.

        Raises:
            ConfigurationError: there is no such node, or the cluster is not durable: its nodes lose what they have.
            StartError: it ended while it started.
            StartTimeoutError: it answered no query in time, or the nodes did not see each other.
        """
        nodes = self._of(n)
        self._wishes.check_durable()
        nodes.stop(n)
        with self._writing():
            nodes.launch(n, shows)
        with moving_line(f"starting node {n} of Cassandra {self.version}", usual=True):
            nodes.wait_ready([n], timeout)

    def detach(self) -> None:
        """Let the nodes outlive this process until `python -m coodie_drivers.testing stop`; this forgets them."""
        if self._entry is None or self._nodes is None:
            raise NodeError(_NOT_STARTED)
        self._entry.tell(replace(self._known(), detached=True))
        self._nodes.detach()
        self._entry.release()
        self._facts = self._entry = self._nodes = None
        self._addresses = []

    def _started(self, installation: Installation, flags: list[str], timeout: float) -> Self:
        comes_back = self._facts is not None
        try:
            return self._completed(self._prepared(installation, flags), timeout)
        except BaseException:
            # What a durable cluster wrote before is not lost because it does not come back at once.
            if comes_back:
                self.stop()
            else:
                self.close()
            raise

    def _completed(self, nodes: Nodes, timeout: float) -> Self:
        with self._writing():
            launched = nodes.launch_all()
        with moving_line(f"starting {self._known()}", usual=True):
            nodes.wait_ready(launched, timeout)
        return self

    def _prepared(self, installation: Installation, flags: list[str]) -> Nodes:
        # A durable cluster comes back where it was.
        if self._addresses:
            check_free(self._addresses)
        else:
            self._addresses = self._wishes.addresses()
        self._facts = self._wishes.facts(self._addresses[0])
        if self._entry is None:
            self._entry = create_entry(self._facts)
            self._access = self._made_access(self._entry)
        files = node_files(self._home(), self._wishes.nodes)
        tokens = even_tokens(self._wishes.nodes)
        flags = [*flags, *company_flags(self._wishes.nodes), *self._access.flags(self._wishes.nodes)]
        launches = [
            Launch(
                installation=installation,
                address=address,
                files=files[number],
                durable=self.durable,
                flags=flags,
                grace=_GRACE if self.durable else 0.0,
                number=number,
                seeds=self._addresses,
                token=tokens[number],
                access=self._access,
            )
            for number, address in enumerate(self._addresses)
        ]
        self._nodes = Nodes(launches, self._entry)
        return self._nodes

    def _made_access(self, entry: Entry) -> Access:
        tls, hosts = self._wishes.tls, self._known().hosts
        certificates = made_certificates(entry.certificates, hosts) if tls else None
        return Access(certificates, mutual=tls == "mutual", auth=self._wishes.auth)

    def _writing(self) -> AbstractContextManager[None]:
        if self._wishes.directory is None:
            return cache_in_use()
        return written_in(Path(self._wishes.directory), "the directory", "give one that you may write to")

    def _end_nodes(self) -> None:
        if self._nodes is not None:
            # A durable node takes seconds: it writes what it has in memory.
            with moving_line(f"stopping Cassandra {self.version}", usual=True):
                self._nodes.stop()
            self._nodes = None

    def _of(self, n: int) -> Nodes:
        """The nodes, where `n` is one of them and they were started."""
        self._wishes.check_node(n)
        if self._nodes is None:
            raise NodeError(_NOT_STARTED)
        return self._nodes

    def _files(self, n: int) -> NodeFiles:
        self._wishes.check_node(n)
        return node_files(self._home(), self._wishes.nodes)[n]

    def _home(self) -> Path:
        if self._entry is None:
            raise NodeError(_NOT_STARTED)
        return self._entry.home(self._known())

    def _known(self) -> Facts:
        if self._facts is None:
            raise NodeError(_NOT_STARTED)
        return self._facts


_NOT_STARTED = "the cluster is not started; use it in a `with` block, or call start() first"
