"""Hosts that were given by name keep it for TLS: the library resolves names, and would then verify an address."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from coodie_drivers.adapters._cassandra_library import connection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie_drivers.config import Host


class _NamedEndPoint(connection.DefaultEndPoint):  # type: ignore[misc]  # the library has no types
    """An address that is verified by the name by which it was found; it equals the same address without."""

    def __init__(self, plain: Any, name: str) -> None:
        super().__init__(plain.address, plain.port)  # pyright: ignore[reportUnknownMemberType] - it has no types
        self._name = name

    @property
    def ssl_options(self) -> dict[str, str]:
        """What the library adds to its arguments for wrapping a socket, and changes."""
        return {"server_hostname": self._name}


def verify_names(opened: Any, hosts: Sequence[Host]) -> None:
    """Have a cluster that has yet to connect verify hosts by the names that were given, wherever it meets them.

    Nodes at addresses that no name stands for, found through others, are verified by their addresses.
    """
    named = [host.address for host in hosts if not _is_address(host.address)]
    if not named:
        return
    names: dict[str, str] = {}

    def with_name(plain: Any) -> Any:
        if type(plain) is connection.DefaultEndPoint and plain.address in names:
            return _NamedEndPoint(plain, names[plain.address])
        return plain

    def name_all() -> None:
        names.update({address: name for name in named for address in _addresses_of(name)})
        opened.endpoints_resolved = [with_name(each) for each in opened.endpoints_resolved]

    create = opened.endpoint_factory.create

    def create_with_name(row: Any) -> Any:
        return with_name(create(row))

    opened.endpoint_factory.create = create_with_name
    name_all()
    # scylla-driver looks names up again when it has lost all nodes, by a method that has this name in all its versions;
    # cassandra-driver never does.
    resolve = getattr(opened, "_resolve_hostnames", None)
    if resolve is None:
        return

    def resolve_and_name() -> None:
        resolve()
        name_all()

    opened._resolve_hostnames = resolve_and_name  # noqa: SLF001


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _addresses_of(name: str) -> list[str]:
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]
    except OSError:
        return []
