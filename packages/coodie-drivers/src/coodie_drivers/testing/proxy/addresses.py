"""The addresses that nodes tell, exchanged for those of their proxies, so that clients connect to these."""

from __future__ import annotations

import ipaddress
import re
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coodie_drivers.testing.frames import Body, string_bytes
from coodie_drivers.testing.proxy.rows import read_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coodie_drivers.testing.proxy.frames import Frame
    from coodie_drivers.testing.proxy.rows import RowsPage

_TOLD_IN = re.compile(r"\b(?:local|peers(?:_v2)?)\b", re.IGNORECASE)
_TABLES = {"local", "peers", "peers_v2"}
_ADDRESS_COLUMNS = {"rpc_address", "native_address"}
_PORT_COLUMNS = {"rpc_port", "native_port"}
_WITH_ADDRESS = {"STATUS_CHANGE", "TOPOLOGY_CHANGE"}


def packed(host: str) -> bytes:
    r"""An address as the protocol writes it.

    >>> packed("127.0.0.1")
    b'\x7f\x00\x00\x01'
    """
    return ipaddress.ip_address(host).packed


def may_tell_addresses(text: str) -> bool:
    """Whether a statement could read the tables in which nodes tell addresses.

    >>> may_tell_addresses("SELECT * FROM system.peers"), may_tell_addresses("SELECT * FROM shop.orders")
    (True, False)
    """
    return _TOLD_IN.search(text) is not None


@dataclass(frozen=True)
class Addresses:
    """Which proxy stands before which node.

    Attributes:
        own: the proxy that a reply goes through.
        proxies: the address of each proxy by that of its node.
        port: the port of all proxies.
    """

    own: bytes
    proxies: Mapping[bytes, bytes]
    port: int

    def in_rows(self, reply: Frame) -> bytes | None:
        """The body of a reply from `system.local` or `system.peers` with the proxies' addresses; else None."""
        page = read_rows(reply)
        if page is None or not page.columns or page.columns[0].keyspace != "system":
            return None
        if page.columns[0].table not in _TABLES:
            return None
        return replace(page, rows=tuple([self._row(page, row) for row in page.rows])).encoded()

    def in_event(self, event: Frame) -> bytes | None:
        """The body of an event about a node with its proxy's address; None where it names none of ours."""
        body = Body(event.body, event.flags)
        kind = body.string()
        if kind not in _WITH_ADDRESS:
            return None
        change, address = body.string(), body.take(body.take(1)[0])
        proxy = self.proxies.get(address)
        if proxy is None:
            return None
        return string_bytes(kind) + string_bytes(change) + bytes([len(proxy)]) + proxy + struct.pack(">I", self.port)

    def _row(self, page: RowsPage, row: tuple[bytes | None, ...]) -> tuple[bytes | None, ...]:
        named = list(zip(page.columns, row, strict=True))
        is_local = page.columns[0].table == "local"
        told = [value for column, value in named if column.name in _ADDRESS_COLUMNS]
        proxies = [self.own if is_local else self.proxies.get(value or b"") for value in told]
        if not any(proxies):
            return row
        proxy, port = next(filter(None, proxies)), struct.pack(">I", self.port)
        changed = {**dict.fromkeys(_ADDRESS_COLUMNS, proxy), **dict.fromkeys(_PORT_COLUMNS, port)}
        return tuple([changed.get(column.name, value) for column, value in named])
