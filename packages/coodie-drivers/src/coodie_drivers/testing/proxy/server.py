"""The fault proxy as a test sees it: started before a cluster, told what to do, asked what passed, and closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.testing.errors import NodeError
from coodie_drivers.testing.proxy.listening import Listening
from coodie_drivers.testing.proxy.relay import Memory

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from coodie_drivers.testing.proxy.rules import Rules
    from coodie_drivers.testing.proxy.traffic import Traffic


class Nodes(Protocol):
    """What a proxy must know of a cluster, as `LocalCluster` and the fixture `cql_cluster` tell it."""

    @property
    def hosts(self) -> list[str]:
        """The addresses of the nodes."""
        ...

    @property
    def port(self) -> int:
        """The port that all of them listen on."""
        ...


class FaultProxy:
    """Stands between clients and the nodes of a cluster, one proxy before each node, and makes faults by rule.

    ```python
    with FaultProxy(cluster) as proxy:
        session = Cluster(proxy.hosts, port=proxy.port).connect()
        lost = proxy.rules.add(drop_reply(), text="UPDATE page_views", when=nth(3))
        ...
        assert lost.hits == 1
    ```

    A client sees only the proxies: these put their own addresses in place of the nodes' in `system.local`,
    `system.peers`, `system.peers_v2` and in events, so neither the nodes nor the client need a setting. Versions of the
    protocol from 3 on are understood. Compression is not offered to clients, and connections with TLS do not work.

    Args:
        cluster: anything with the `hosts` and the `port` of running nodes.
    """

    def __init__(self, cluster: Nodes) -> None:
        """Take note of the cluster; nothing listens yet.

        Raises:
            ConfigurationError: it is no cluster.
        """
        if not hasattr(cluster, "hosts") or not hasattr(cluster, "port"):
            message = f"a proxy stands before a LocalCluster, or what has hosts and port, not {type(cluster).__name__}"
            raise ConfigurationError(message)
        self._cluster = cluster
        self._memory = Memory()
        self._listening: Listening | None = None

    def __enter__(self) -> Self:
        """Start listening and give the proxy."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all connections and stop listening."""
        self.close()

    @property
    def rules(self) -> Rules:
        """What is done with which messages; without rules all of them pass."""
        return self._memory.rules

    @property
    def traffic(self) -> Traffic:
        """The log of what passed."""
        return self._memory.traffic

    @property
    def hosts(self) -> list[str]:
        """The addresses that a client connects to: those of the proxies, in the order of the nodes."""
        return self._running().hosts

    @property
    def port(self) -> int:
        """The port that a client connects to."""
        return self._running().port

    @property
    def connections(self) -> int:
        """How many connections of clients there are."""
        return self._running().count()

    def start(self) -> Self:
        """Start listening; what listens already is left as it is.

        Raises:
            PortTakenError: no address was free for a proxy.
            NodeError: a host of the cluster is no address and no name of one.
        """
        if self._listening is None:
            self._listening = Listening(self._cluster.hosts, self._cluster.port, self._memory)
            self._memory.rules.of_hosts(self._listening.hosts)
        return self

    def close(self) -> None:
        """End all connections and stop listening; twice is fine. Rules and log stay."""
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.end()

    def refuse_connections(self, host: str | None = None) -> None:
        """Refuse new connections, to the proxy at `host` or to all; those that are there stay."""
        self._running().refuse(host)

    def accept_connections(self, host: str | None = None) -> None:
        """Accept new connections again, at `host` or everywhere."""
        self._running().accept(host)

    def cut_connections(self, host: str | None = None) -> None:
        """Cut the connections that are there, through the proxy at `host` or all."""
        self._running().cut(host)

    def _running(self) -> Listening:
        if self._listening is None:
            message = "the proxy is not started; use it in a `with` block, or call start() first"
            raise NodeError(message)
        return self._listening
