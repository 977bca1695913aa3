"""What a cluster is asked to be, checked before anything is started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.testing.local.addresses import Address, check_free, choose_addresses
from coodie_drivers.testing.local.configuration import kept_addresses, kept_nodes
from coodie_drivers.testing.local.entries import Facts
from coodie_drivers.testing.local.releases import find_release

MOST_NODES = 3


@dataclass(frozen=True)
class Wishes:
    """What was asked for.

    Attributes:
        version: the full Cassandra version.
        durable: whether what the cluster acknowledged survives.
        host: where the first node is to listen, if that was said.
        port: the port for clients, if that was said.
        directory: where a durable cluster keeps its files, if that was said.
        nodes: how many nodes.
        tls: in the words of `Facts`.
        auth: whether a client has to log in.
    """

    version: str
    durable: bool
    host: str | None
    port: int | None
    directory: str | None
    nodes: int
    tls: str
    auth: bool

    @property
    def is_drawn(self) -> bool:
        """Whether the address is drawn, so that another draw helps where somebody came first."""
        return self.host is None and self.port is None

    def facts(self, address: Address) -> Facts:
        """What others may know of a cluster whose first node listens there."""
        return Facts(
            address.host,
            address.port,
            self.version,
            self.durable,
            self.directory,
            nodes=self.nodes,
            tls=self.tls,
            auth=self.auth,
        )

    def addresses(self) -> list[Address]:
        """Where the nodes are to listen: where they did, if several nodes come back that know each other's addresses.

        Raises:
            PortTakenError: another program listens there.
            ConfigurationError: the directory holds another number of nodes, or nodes that know each other by addresses
                other than the wanted ones.
        """
        kept = self._kept() if self.directory is not None else []
        if len(kept) <= 1:
            return choose_addresses(self.host, self.port, self.nodes)
        first = kept[0]
        if self.host not in {None, first.host} or self.port not in {None, first.port}:
            message = f"the nodes in '{self.directory}' know each other by '{first}' and up; leave host and port out"
            raise ConfigurationError(message)
        check_free(kept)
        return kept

    def check_node(self, n: int) -> None:
        """See that the cluster has a node `n`.

        Raises:
            ConfigurationError: it has none.
        """
        if isinstance(n, bool) or n not in range(self.nodes):
            known = "0 is its only node" if self.nodes == 1 else f"its nodes are 0 to {self.nodes - 1}"
            message = f"there is no node {n!r} in this cluster; {known}"
            raise ConfigurationError(message)

    def check_durable(self) -> None:
        """See that a node that has ended can be started again as it was.

        Raises:
            ConfigurationError: it cannot.
        """
        if not self.durable:
            message = "a node that is not durable loses schema and data when it ends; pass durable=True to restart one"
            raise ConfigurationError(message)

    def _kept(self) -> list[Address]:
        home = Path(self.directory or "")
        count = kept_nodes(home)
        if count not in {0, self.nodes}:
            message = f"'{home}' holds a cluster of nodes={count}, not {self.nodes}; say so, or give another directory"
            raise ConfigurationError(message)
        return kept_addresses(home, count)


def checked_wishes(  # noqa: PLR0913 - the arguments of LocalCluster
    *,
    version: str,
    durable: bool,
    host: str | None,
    port: int | None,
    directory: Path | str | None,
    nodes: int,
    tls: object,
    auth: bool,
) -> Wishes:
    """What was asked for, if it can be had.

    Raises:
        ConfigurationError: it cannot.
    """
    if directory is not None and not durable:
        message = "a directory is where a durable cluster keeps its files; pass durable=True, or no directory"
        raise ConfigurationError(message)
    if isinstance(nodes, bool) or nodes not in range(1, MOST_NODES + 1):
        message = f"nodes is {nodes!r}; a cluster has 1 to {MOST_NODES} nodes"
        raise ConfigurationError(message)
    if tls not in {False, True, "mutual"}:
        message = f"tls is {tls!r}; it is False, True, or 'mutual', where a client has to show a certificate as well"
        raise ConfigurationError(message)
    return Wishes(
        version=find_release(version)[1],
        durable=durable,
        host=host,
        port=port,
        directory=str(Path(directory).expanduser().absolute()) if directory is not None else None,
        nodes=nodes,
        tls=tls if isinstance(tls, str) else "server" if tls else "",
        auth=auth,
    )
