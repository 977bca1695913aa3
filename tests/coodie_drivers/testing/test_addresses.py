from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING

import pytest

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.testing.errors import PortTakenError
from coodie_drivers.testing.local.addresses import Address, choose_addresses, following_hosts, is_free

if TYPE_CHECKING:
    from collections.abc import Iterator


def choose_address(host: str | None = None, port: int | None = None) -> Address:
    (address,) = choose_addresses(host, port)
    return address


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens, on every address of the machine."""
    with socket.create_server(("0.0.0.0", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_on_linux_a_node_has_a_loopback_address_of_its_own() -> None:
    first, second = choose_address(), choose_address()
    assert first.host != second.host
    assert first.host.startswith("127.")
    # A program that listens on 0.0.0.0 takes the usual port everywhere.
    assert first.port == 9042 or not is_free(first.host, 9042)


def test_elsewhere_it_has_ports_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    chosen = [choose_address() for _ in range(3)]
    assert {address.host for address in chosen} == {"127.0.0.1"}
    assert all(address.port != address.storage_port for address in chosen)
    ports = {port for address in chosen for port in (address.port, address.storage_port)}
    assert len(ports) > 2  # drawn anew for each; that two draws are the same is rare, and no fault
    # Below what systems hand out to outgoing connections.
    assert all(1024 < port < 32_768 for port in ports)


def test_a_wish_is_granted() -> None:
    port = choose_address("127.0.0.1").port
    address = choose_address("127.0.0.1", port)
    assert str(address) == f"127.0.0.1:{port}"
    assert address.storage_port != port


@pytest.mark.parametrize("host", ["127.0.0.1", None])
def test_a_port_of_another_program_is_refused(taken: int, host: str | None) -> None:
    assert not is_free("127.0.0.1", taken)
    with pytest.raises(PortTakenError) as refused:
        choose_address(host, taken)
    assert f":{taken} is taken by another program; stop it, or choose another port" in str(refused.value)
    assert refused.value.port == taken


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_a_host_that_is_not_here_is_refused(host: str) -> None:
    with pytest.raises(ConfigurationError, match=f"cannot listen on {host}:9042 .*; choose another host or port"):
        choose_address(host, 9042)


@pytest.mark.parametrize("port", [0, -1, 65536, 70000])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(ConfigurationError) as refused:
        choose_address("127.0.0.1", port)
    assert str(refused.value) == f"{port} is no port; a port is a whole number from 1 to 65535"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_several_nodes_have_hosts_that_follow_and_the_same_ports() -> None:
    chosen = choose_addresses(count=3)
    assert [address.host for address in chosen] == following_hosts(chosen[0].host, 3)
    assert len({address.host for address in chosen}) == 3
    assert len({(address.port, address.storage_port) for address in chosen}) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_a_wished_port_is_free_on_every_host() -> None:
    first = choose_address()
    second = following_hosts(first.host, 2)[1]
    with socket.create_server((second, first.port)), pytest.raises(PortTakenError) as refused:
        choose_addresses(first.host, first.port, 2)
    assert (refused.value.host, refused.value.port) == (second, first.port)


@pytest.mark.parametrize("first", ["127.0.0.253", "::1", "localhost"])
def test_hosts_that_cannot_follow_are_refused(first: str) -> None:
    assert following_hosts(first, 1) == [first]
    with pytest.raises(ConfigurationError) as refused:
        following_hosts(first, 3)
    assert str(refused.value) == (
        f"3 nodes listen on consecutive addresses, such as 127.0.0.1 and up, and none follow '{first}'"
    )
