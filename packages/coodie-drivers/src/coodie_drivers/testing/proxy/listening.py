"""The listeners of a proxy, one before each node, the connections through them, and the thread that they run in."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import socket
import threading
from typing import TYPE_CHECKING, TypeVar

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.spelling import did_you_mean
from coodie_drivers.testing.errors import NodeError, PortTakenError
from coodie_drivers.testing.local.addresses import choose_addresses
from coodie_drivers.testing.proxy.addresses import Addresses, packed
from coodie_drivers.testing.proxy.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from coodie_drivers.testing.proxy.relay import Memory

T = TypeVar("T")

_ANSWER_WITHIN = 10.0
_DRAWS = 20
_BACKLOG = 1_024
_THREAD = "coodie-fault-proxy"


class Listening:
    """A started proxy.

    Attributes:
        hosts: where it listens, in the order of the nodes.
        port: the port that it has on each of them.
    """

    def __init__(self, nodes: list[str], node_port: int, memory: Memory) -> None:
        """Listen before each of `nodes`.

        Raises:
            PortTakenError: no address was free.
            NodeError: a node's host is no address and no name of one.
        """
        self._nodes = [_address(node) for node in nodes]
        self._node_port = node_port
        self._memory = memory
        self._listeners: dict[str, socket.socket] = {}
        self._relays: set[Relay] = set()
        self._taking: set[asyncio.Task[None]] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        # On every system the kind of loop that can wait for a listener.
        self._loop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(target=self._run, name=_THREAD, daemon=True)
        self._thread.start()
        try:
            self.hosts, self.port = self._do(self._listen_somewhere())
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """End the connections, the listeners and the thread."""
        with contextlib.suppress(NodeError):
            self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_ANSWER_WITHIN)

    def refuse(self, host: str | None) -> None:
        """Close the listener at `host`, or all."""
        self._do(self._refuse(self._chosen(host)))

    def accept(self, host: str | None) -> None:
        """Open the listener at `host` again, or all."""
        self._do(self._listen(self._chosen(host)))

    def cut(self, host: str | None) -> None:
        """Cut the connections through the proxy at `host`, or all."""
        self._do(self._cut(self._chosen(host)))

    def count(self) -> int:
        """How many connections of clients there are."""
        return len(self._relays)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            asyncio.set_event_loop(None)
            self._loop.close()

    def _do(self, work: Coroutine[None, None, T]) -> T:
        """Do something in the proxy's thread and wait for it."""
        doing = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return doing.result(_ANSWER_WITHIN)
        except (
            concurrent.futures.TimeoutError
        ) as error:  # pragma: no cover - nothing that is done there waits for anything
            message = f"the proxy did not answer within {_ANSWER_WITHIN:g} s"
            raise NodeError(message) from error

    async def _listen_somewhere(self) -> tuple[list[str], int]:
        """Listen at addresses that nobody else has; the port is the same on all of them, as it is in a cluster."""
        for hosts, port in _drawn(len(self._nodes)):
            self.hosts, self.port = hosts, port
            try:
                await self._listen(hosts)
            except OSError:
                await self._refuse(hosts)
                continue
            return hosts, port
        raise PortTakenError("127.0.0.1", self._node_port)

    async def _listen(self, hosts: list[str]) -> None:
        for host in hosts:
            if host not in self._listeners:
                family = socket.AF_INET6 if ":" in host else socket.AF_INET
                listener = socket.create_server((host, self.port), family=family, backlog=_BACKLOG)
                listener.settimeout(0)
                self._listeners[host] = listener
                self._loop.add_reader(listener, self._accept, host, listener)

    async def _refuse(self, hosts: list[str]) -> None:
        for host in hosts:
            listener = self._listeners.pop(host, None)
            if listener is not None:
                self._loop.remove_reader(listener)
                listener.close()

    def _accept(self, host: str, listener: socket.socket) -> None:
        # Not by asyncio's own server: what that has accepted at the moment when it is closed stays open.
        try:
            client, _ = listener.accept()
        except OSError:  # the client went again
            return
        proxies = {packed(node): packed(proxy) for node, proxy in zip(self._nodes, self.hosts, strict=True)}
        relay = Relay(host, Addresses(packed(host), proxies, self.port), self._memory, self._relays.discard)
        self._relays.add(relay)
        self._keep(self._take(relay, client), self._taking)
        self._keep(self._connect(relay, self._nodes[self.hosts.index(host)]), self._connecting)

    def _keep(self, work: Coroutine[None, None, None], tasks: set[asyncio.Task[None]]) -> None:
        task = self._loop.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _take(self, relay: Relay, client: socket.socket) -> None:
        client.settimeout(0)
        await self._loop.connect_accepted_socket(lambda: relay.client, client)

    async def _connect(self, relay: Relay, node: str) -> None:
        try:
            await self._loop.create_connection(lambda: relay.node, node, self._node_port)
        except OSError:
            # As if the node had been asked directly, as near as it gets.
            relay.cut()

    async def _cut(self, hosts: list[str]) -> None:
        for relay in self._relays:
            if relay.host in hosts:
                relay.cut()

    async def _end(self) -> None:
        await self._refuse(list(self._listeners))
        for connecting in self._connecting:
            connecting.cancel()
        await asyncio.gather(*self._taking, *self._connecting, return_exceptions=True)
        while any(relay.is_open for relay in self._relays):
            await self._cut(self.hosts)
            await asyncio.sleep(0)

    def _chosen(self, host: str | None) -> list[str]:
        if host is None:
            return self.hosts
        if host not in self.hosts:
            message = f"no proxy is at '{host}'{did_you_mean(host, self.hosts)}; there are {', '.join(self.hosts)}"
            raise ConfigurationError(message)
        return [host]


def _drawn(count: int) -> Iterator[tuple[list[str], int]]:
    """Addresses with a port that was free on each of them a moment ago."""
    for _ in range(_DRAWS):
        with contextlib.suppress(PortTakenError):
            places = choose_addresses(count=count)
            yield [place.host for place in places], places[0].port


def _address(host: str) -> str:
    """The address of a host, which a reply from the node tells too."""
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        message = f"the node's host '{host}' is no address and no name of one"
        raise NodeError(message) from error
