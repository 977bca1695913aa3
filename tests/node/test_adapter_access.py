"""TLS and logins through every adapter: who gets in, and who is refused before a password or a request left."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from tests.node.access import PASSWORD, refused_without_telling

from coodie_drivers import ConfigurationError
from coodie_drivers.errors import ClusterUnavailableError
from coodie_drivers.lazy import LazyDriver
from coodie_drivers.testing.certificates import made_certificates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from coodie_drivers.testing import Certificates, Identity
    from coodie_drivers.testing.sources import CqlCluster

    Connect = Callable[..., Any]
    Listening = Callable[..., "Listener"]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter]

HOST = "127.0.0.1"
NAME = "localhost"
NO_NAMES = "its library verifies the addresses of nodes and no names"


class Listener:
    """Shows a certificate to whoever comes, and notes whether anybody then sends something.

    That the handshake ends well says nothing: the C++ driver looks at the certificate after it.
    """

    def __init__(self, shown: Identity, newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED) -> None:
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        if newest is ssl.TLSVersion.TLSv1_1:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                self._context.minimum_version = self._context.maximum_version = newest
            self._context.set_ciphers("DEFAULT:@SECLEVEL=0")
        self._context.load_cert_chain(shown.certificate, shown.key)
        self._socket = socket.create_server((HOST, 0))
        self.port: int = self._socket.getsockname()[1]
        self.accepted = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                client.settimeout(5)
                with contextlib.suppress(OSError), self._context.wrap_socket(client, server_side=True) as wrapped:
                    if wrapped.recv(1):
                        self.accepted.set()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return made_certificates(tmp_path_factory.mktemp("certificates"), [HOST])


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates for a name, as most authorities give them, and for no address."""
    return made_certificates(tmp_path_factory.mktemp("named"), [NAME])


@pytest.fixture
def listening() -> Iterator[Listening]:
    """Start what shows a certificate; it stops at the end."""
    with contextlib.ExitStack() as stack:

        def started(shown: Identity, **options: Any) -> Listener:
            listener = Listener(shown, **options)
            stack.callback(listener.close)
            return listener

        yield started


def by_context(trusted: Path) -> dict[str, Any]:
    return {"ssl_context": ssl.create_default_context(cafile=trusted)}


def by_texts(trusted: Path) -> dict[str, Any]:
    return {"ssl_enabled": True, "ssl_trusted_cert": trusted.read_text("ascii")}


@pytest.mark.shows("lazy: ssl_context")
def test_a_lazy_driver_heeds_a_context(
    connect_either_way: Connect, listening: Listening, certificates: Certificates
) -> None:
    listener = listening(certificates.nodes[0])
    driver = connect_either_way(hosts=[HOST], port=listener.port, lazy=True, **by_context(certificates.authority))
    assert isinstance(driver, LazyDriver)
    assert not listener.accepted.is_set()
    with pytest.raises(ClusterUnavailableError):  # for what listens there does not speak CQL
        driver.execute("SELECT key FROM system.local", [])
    assert listener.accepted.is_set()


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(by_context, marks=pytest.mark.shows("connect: ssl_context")),
        pytest.param(by_texts, marks=pytest.mark.shows("connect: ssl_enabled, ssl_trusted_cert")),
    ],
)
def test_a_right_certificate_is_accepted(
    connect_either_way: Connect, listening: Listening, certificates: Certificates, given: Connect
) -> None:
    listener = listening(certificates.nodes[0])
    with pytest.raises(ClusterUnavailableError):  # for what listens there does not speak CQL
        connect_either_way(hosts=[HOST], port=listener.port, **given(certificates.authority))
    assert listener.accepted.is_set()


@pytest.mark.parametrize("given", [by_context, by_texts])
@pytest.mark.parametrize("wrong", ["authority", "host", "time"])
def test_a_wrong_certificate_is_refused(
    connect_either_way: Connect, listening: Listening, certificates: Certificates, given: Connect, wrong: str
) -> None:
    shown = {"host": certificates.wrong_host, "time": certificates.expired}.get(wrong, certificates.nodes[0])
    listener = listening(shown)
    trusted = certificates.wrong_authority if wrong == "authority" else certificates.authority
    told = "certificate .*has expired" if wrong == "time" else "certificate is not trusted, or "
    with pytest.raises(ClusterUnavailableError, match=told) as raised:
        connect_either_way(hosts=[HOST], port=listener.port, username="somebody", password=PASSWORD, **given(trusted))
    assert not listener.accepted.is_set()
    assert raised.value.outcome == "not_applied"
    refused_without_telling(raised.value, PASSWORD)


@pytest.mark.excepted(driver_type="acsylla", reason=NO_NAMES)
@pytest.mark.excepted(driver_type="rust", reason=NO_NAMES)
@pytest.mark.parametrize("given", [by_context, by_texts])
def test_a_host_given_by_name_is_verified_by_it(
    connect_either_way: Connect, listening: Listening, named: Certificates, given: Connect
) -> None:
    listener = listening(named.nodes[0])
    with pytest.raises(ClusterUnavailableError):  # for what listens there does not speak CQL
        connect_either_way(hosts=[NAME], port=listener.port, **given(named.authority))
    assert listener.accepted.is_set()


@pytest.mark.parametrize("given", [by_context, by_texts])
@pytest.mark.parametrize("host", [NAME, HOST])
def test_the_certificate_of_another_name_is_refused(
    connect_either_way: Connect, listening: Listening, named: Certificates, given: Connect, host: str
) -> None:
    listener = listening(named.wrong_host if host == NAME else named.nodes[0])
    with pytest.raises(ClusterUnavailableError, match="certificate"):
        connect_either_way(hosts=[host], port=listener.port, **given(named.authority))
    assert not listener.accepted.is_set()


def test_a_library_that_verifies_no_names_says_so(
    connect_either_way: Connect, listening: Listening, named: Certificates, driver_type: str
) -> None:
    if driver_type == "scylla":
        pytest.skip("it verifies names")
    listener = listening(named.nodes[0])
    with pytest.raises(ClusterUnavailableError, match=r"IP address, which is all that .* use driver_type='scylla'"):
        connect_either_way(hosts=[NAME], port=listener.port, **by_texts(named.authority))


@pytest.mark.excepted(driver_type="scylla", reason="it verifies the name that was given")
def test_a_host_given_by_name_is_verified_by_its_address_where_names_are_not(
    connect_either_way: Connect, listening: Listening, certificates: Certificates
) -> None:
    listener = listening(certificates.nodes[0])
    with pytest.raises(ClusterUnavailableError):  # for what listens there does not speak CQL
        connect_either_way(hosts=[NAME], port=listener.port, **by_texts(certificates.authority))
    assert listener.accepted.is_set()


@pytest.mark.parametrize("given", [by_context, by_texts])
def test_tls_1_1_is_refused(
    connect_either_way: Connect, listening: Listening, certificates: Certificates, given: Connect
) -> None:
    listener = listening(certificates.nodes[0], newest=ssl.TLSVersion.TLSv1_1)
    with pytest.raises(ClusterUnavailableError, match="TLS"):
        connect_either_way(hosts=[HOST], port=listener.port, **given(certificates.authority))
    assert not listener.accepted.is_set()


@pytest.mark.shows("connect: ssl_verify_flags")
@pytest.mark.parametrize("shown", ["wrong_host", "expired"])
def test_who_verifies_nothing_accepts_anything(
    connect_either_way: Connect, listening: Listening, certificates: Certificates, shown: str
) -> None:
    listener = listening(getattr(certificates, shown))
    with pytest.raises(ClusterUnavailableError):
        connect_either_way(hosts=[HOST], port=listener.port, ssl_enabled=True, ssl_verify_flags=0)
    assert listener.accepted.is_set()


def test_a_context_that_trusts_nobody_accepts_nobody(
    connect_either_way: Connect, listening: Listening, certificates: Certificates
) -> None:
    listener = listening(certificates.nodes[0])
    with pytest.raises((ClusterUnavailableError, ConfigurationError), match=r"certificate|holds no authority"):
        connect_either_way(hosts=[HOST], port=listener.port, ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    assert not listener.accepted.is_set()


def test_a_node_that_does_not_speak_tls_is_not_spoken_to(
    connect_either_way: Connect, cql_cluster: CqlCluster, certificates: Certificates
) -> None:
    with pytest.raises(ClusterUnavailableError, match="TLS") as raised:
        connect_either_way(
            hosts=cql_cluster.hosts,
            port=cql_cluster.port,
            username="somebody",
            password=PASSWORD,
            **by_texts(certificates.authority),
        )
    refused_without_telling(raised.value, PASSWORD)
