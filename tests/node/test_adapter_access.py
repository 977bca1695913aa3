"""TLS and logins through every adapter: who gets in, and who is refused before a password or a request left."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
import time
import traceback
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import ConfigurationError, CoodieError, init_coodie, init_coodie_async, unregister_driver
from coodie_drivers.errors import ClusterUnavailableError
from coodie_drivers.lazy import LazyDriver
from coodie_drivers.testing import LocalCluster
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
PASSWORD = "canary-of-a-password"


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


@pytest.fixture(params=["sync", "async"])
def connect(driver_type: str, request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Connect in either way; what was connected is closed at the end."""
    connected: list[str] = []

    def connect(**arguments: Any) -> Any:
        given: dict[str, Any] = {
            "name": "access",
            "driver_type": driver_type,
            "connect_timeout": 5.0,
            "lazy": False,
            **arguments,
        }
        driver = asyncio.run(init_coodie_async(**given)) if request.param == "async" else init_coodie(**given)
        connected.append("access")
        return driver

    yield connect
    for name in connected:
        unregister_driver(name).close()


def by_context(trusted: Path) -> dict[str, Any]:
    return {"ssl_context": ssl.create_default_context(cafile=trusted)}


def by_texts(trusted: Path) -> dict[str, Any]:
    return {"ssl_enabled": True, "ssl_trusted_cert": trusted.read_text("ascii")}


@pytest.mark.shows("lazy: ssl_context")
def test_a_lazy_driver_heeds_a_context(connect: Connect, listening: Listening, certificates: Certificates) -> None:
    listener = listening(certificates.nodes[0])
    driver = connect(hosts=[HOST], port=listener.port, lazy=True, **by_context(certificates.authority))
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
    connect: Connect, listening: Listening, certificates: Certificates, given: Connect
) -> None:
    listener = listening(certificates.nodes[0])
    with pytest.raises(ClusterUnavailableError):  # for what listens there does not speak CQL
        connect(hosts=[HOST], port=listener.port, **given(certificates.authority))
    assert listener.accepted.is_set()


@pytest.mark.parametrize("given", [by_context, by_texts])
@pytest.mark.parametrize("wrong", ["authority", "host", "time"])
def test_a_wrong_certificate_is_refused(
    connect: Connect, listening: Listening, certificates: Certificates, given: Connect, wrong: str
) -> None:
    shown = {"host": certificates.wrong_host, "time": certificates.expired}.get(wrong, certificates.nodes[0])
    listener = listening(shown)
    trusted = certificates.wrong_authority if wrong == "authority" else certificates.authority
    told = "certificate .*has expired" if wrong == "time" else "certificate is not trusted, or "
    with pytest.raises(ClusterUnavailableError, match=told) as raised:
        connect(hosts=[HOST], port=listener.port, username="somebody", password=PASSWORD, **given(trusted))
    assert not listener.accepted.is_set()
    assert raised.value.outcome == "not_applied"
    refused_without_telling(raised.value, PASSWORD)


@pytest.mark.excepted(driver_type="acsylla", reason=NO_NAMES)
@pytest.mark.excepted(driver_type="rust", reason=NO_NAMES)
@pytest.mark.parametrize("given", [by_context, by_texts])
def test_a_host_given_by_name_is_verified_by_it(
    connect: Connect, listening: Listening, named: Certificates, given: Connect
) -> None:
    listener = listening(named.nodes[0])
    with pytest.raises(ClusterUnavailableError):  # for what listens there does not speak CQL
        connect(hosts=[NAME], port=listener.port, **given(named.authority))
    assert listener.accepted.is_set()


@pytest.mark.parametrize("given", [by_context, by_texts])
@pytest.mark.parametrize("host", [NAME, HOST])
def test_the_certificate_of_another_name_is_refused(
    connect: Connect, listening: Listening, named: Certificates, given: Connect, host: str
) -> None:
    listener = listening(named.wrong_host if host == NAME else named.nodes[0])
    with pytest.raises(ClusterUnavailableError, match="certificate"):
        connect(hosts=[host], port=listener.port, **given(named.authority))
    assert not listener.accepted.is_set()


def test_a_library_that_verifies_no_names_says_so(
    connect: Connect, listening: Listening, named: Certificates, driver_type: str
) -> None:
    if driver_type == "scylla":
        pytest.skip("it verifies names")
    listener = listening(named.nodes[0])
    with pytest.raises(ClusterUnavailableError, match=r"IP address, which is all that .* use driver_type='scylla'"):
        connect(hosts=[NAME], port=listener.port, **by_texts(named.authority))


@pytest.mark.excepted(driver_type="scylla", reason="it verifies the name that was given")
def test_a_host_given_by_name_is_verified_by_its_address_where_names_are_not(
    connect: Connect, listening: Listening, certificates: Certificates
) -> None:
    listener = listening(certificates.nodes[0])
    with pytest.raises(ClusterUnavailableError):  # for what listens there does not speak CQL
        connect(hosts=[NAME], port=listener.port, **by_texts(certificates.authority))
    assert listener.accepted.is_set()


@pytest.mark.parametrize("given", [by_context, by_texts])
def test_tls_1_1_is_refused(connect: Connect, listening: Listening, certificates: Certificates, given: Connect) -> None:
    listener = listening(certificates.nodes[0], newest=ssl.TLSVersion.TLSv1_1)
    with pytest.raises(ClusterUnavailableError, match="TLS"):
        connect(hosts=[HOST], port=listener.port, **given(certificates.authority))
    assert not listener.accepted.is_set()


@pytest.mark.shows("connect: ssl_verify_flags")
@pytest.mark.parametrize("shown", ["wrong_host", "expired"])
def test_who_verifies_nothing_accepts_anything(
    connect: Connect, listening: Listening, certificates: Certificates, shown: str
) -> None:
    listener = listening(getattr(certificates, shown))
    with pytest.raises(ClusterUnavailableError):
        connect(hosts=[HOST], port=listener.port, ssl_enabled=True, ssl_verify_flags=0)
    assert listener.accepted.is_set()


def test_a_context_that_trusts_nobody_accepts_nobody(
    connect: Connect, listening: Listening, certificates: Certificates
) -> None:
    listener = listening(certificates.nodes[0])
    with pytest.raises((ClusterUnavailableError, ConfigurationError), match=r"certificate|holds no authority"):
        connect(hosts=[HOST], port=listener.port, ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    assert not listener.accepted.is_set()


def test_a_node_that_does_not_speak_tls_is_not_spoken_to(
    connect: Connect, cql_cluster: CqlCluster, certificates: Certificates
) -> None:
    with pytest.raises(ClusterUnavailableError, match="TLS") as raised:
        connect(
            hosts=cql_cluster.hosts,
            port=cql_cluster.port,
            username="somebody",
            password=PASSWORD,
            **by_texts(certificates.authority),
        )
    refused_without_telling(raised.value, PASSWORD)


@pytest.fixture(scope="module")
def guarded() -> Iterator[LocalCluster]:
    """A node that asks for a certificate and a login."""
    with LocalCluster(tls="mutual", auth=True) as started:
        yield started


def right(cluster: LocalCluster) -> dict[str, Any]:
    """What the guarded node asks for, in the one way that every client library takes."""
    shown = cluster.certificates.client
    return {
        "hosts": cluster.hosts,
        "port": cluster.port,
        "username": cluster.username,
        "password": cluster.password,
        "ssl_enabled": True,
        "ssl_trusted_cert": cluster.certificates.authority.read_text("ascii"),
        "ssl_cert": shown.certificate.read_text("ascii"),
        "ssl_private_key": shown.key.read_text("ascii"),
    }


@pytest.mark.shows("connect: ssl_cert, ssl_private_key", "connect: ssl_enabled, ssl_trusted_cert")
@pytest.mark.usefixtures("local_node")
def test_who_trusts_shows_and_knows_what_is_asked_for_gets_in(connect: Connect, guarded: LocalCluster) -> None:
    driver = connect(**right(guarded))
    assert driver.execute("SELECT release_version FROM system.local", []) == [{"release_version": guarded.version}]


def mechanism(driver_type: str, initial: bytes) -> tuple[Any, list[str]]:
    """An authentication provider as users of the library write one, and what the library had it do.

    It answers as SASL PLAIN has it (RFC 4616), and notes what it is asked about.
    """
    done: list[str] = []
    of_rust = driver_type == "rust"
    library: Any = import_module("scylla.policies.authenticator_provider" if of_rust else "cassandra.auth")
    provider_of: Any = library.AuthenticatorProvider if of_rust else library.AuthProvider

    class Plain(library.Authenticator):  # type: ignore[misc]  # the library carries no types
        def initial_response(self) -> bytes:
            done.append("initial response")
            return initial

        def evaluate_challenge(self, challenge: bytes | None) -> bytes:
            done.append("challenge")
            del challenge
            return initial

        def success(self, _: bytes | None) -> None:
            done.append("success")

        def on_authentication_success(self, token: bytes | None) -> None:
            self.success(token)

    class Provider(provider_of):  # type: ignore[misc]
        def new_authenticator(self, asked_about: object) -> Plain:
            done.append(f"asked about {asked_about}")
            return Plain()

    return Provider(), done


@pytest.mark.usefixtures("local_node")
@pytest.mark.parametrize("known", [True, False])
def test_a_mechanism_of_ones_own_logs_in(
    connect: Connect, guarded: LocalCluster, driver_type: str, known: bool
) -> None:
    if driver_type == "acsylla":
        pytest.skip("its library takes no auth_provider")
    given = right(guarded)
    username, password = given.pop("username"), given.pop("password")
    provider, done = mechanism(driver_type, f"\0{username}\0{password if known else PASSWORD}".encode())
    if not known:
        with pytest.raises(ClusterUnavailableError, match=r"log ?in|password") as raised:
            connect(**given, auth_provider=provider)
        refused_without_telling(raised.value, PASSWORD)
        assert "success" not in done
        return
    driver = connect(**given, auth_provider=provider)
    # One library tells who is to be answered, the other what that is to be answered by.
    told = "org.apache.cassandra.auth.PasswordAuthenticator" if driver_type == "rust" else guarded.hosts[0]
    assert driver.execute("SELECT release_version FROM system.local", []) == [{"release_version": guarded.version}]
    assert done[:2] == [f"asked about {told}", "initial response"]
    assert "success" in done


@pytest.mark.usefixtures("local_node")
@pytest.mark.parametrize("wrong", ["authority", "no certificate", "stranger", "plain", "password", "no login"])
def test_who_lacks_one_thing_is_refused(connect: Connect, guarded: LocalCluster, wrong: str) -> None:
    given, certificates = right(guarded), guarded.certificates
    if wrong == "authority":
        given["ssl_trusted_cert"] = certificates.wrong_authority.read_text("ascii")
    elif wrong == "no certificate":
        del given["ssl_cert"], given["ssl_private_key"]
    elif wrong == "stranger":
        given["ssl_cert"] = certificates.stranger.certificate.read_text("ascii")
        given["ssl_private_key"] = certificates.stranger.key.read_text("ascii")
    elif wrong == "plain":
        given = {name: value for name, value in given.items() if not name.startswith("ssl")}
    elif wrong == "password":
        given["password"] = PASSWORD
    else:
        del given["username"], given["password"]
    told = r"log ?in|password" if wrong in {"password", "no login"} else r"certificate|TLS|ssl_context"
    with pytest.raises(ClusterUnavailableError, match=told) as raised:
        connect(**given)
    assert raised.value.outcome == "not_applied"
    assert raised.value.retryable == (wrong not in {"authority", "password", "no login"})
    refused_without_telling(raised.value, PASSWORD)
    with pytest.raises(ConfigurationError):
        unregister_driver("access")


@pytest.mark.usefixtures("local_node")
@pytest.mark.parametrize("wrong", ["raises", "no tuple", "password"])
def test_credentials_that_cannot_be_used_are_told_as_what_they_are(
    connect: Connect, guarded: LocalCluster, wrong: str
) -> None:
    def credentials() -> Any:
        if wrong == "raises":
            raise KeyError("vault")
        return [PASSWORD, PASSWORD] if wrong == "no tuple" else (guarded.username, PASSWORD)

    given = right(guarded)
    del given["username"], given["password"]
    kinds: dict[str, tuple[type[CoodieError], str]] = {
        "raises": (ConfigurationError, r"credentials\(\) failed with KeyError"),
        "no tuple": (ConfigurationError, r"credentials\(\) must return \(username, password\)"),
        "password": (ClusterUnavailableError, "it refused the login"),
    }
    kind, told = kinds[wrong]
    with pytest.raises(kind, match=told) as raised:
        connect(**given, credentials=credentials)
    assert (raised.value.outcome, raised.value.retryable) == ("not_applied", False)
    assert (type(raised.value.__cause__) is KeyError) == (wrong == "raises")
    refused_without_telling(raised.value, PASSWORD)


@pytest.mark.long
@pytest.mark.usefixtures("local_node")
def test_a_password_that_has_changed_is_asked_for_when_the_node_is_back(driver_type: str) -> None:
    with LocalCluster(auth=True, durable=True) as cluster:
        given: dict[str, Any] = {"hosts": cluster.hosts, "port": cluster.port}
        with init_coodie(**given, name="root", username=cluster.username, password=cluster.password) as root:
            root.execute("CREATE ROLE ann WITH PASSWORD = 'one' AND LOGIN = true", [])
            passwords = ["one"]
            driver = init_coodie(
                **given, driver_type=driver_type, name="ann", credentials=lambda: ("ann", passwords[-1])
            )
            driver.execute("SELECT key FROM system.local", [])
            time.sleep(5.5)  # Cassandra lets a password be changed every five seconds
            root.execute("ALTER ROLE ann WITH PASSWORD = 'two'", [])
            passwords.append("two")
        cluster.restart(0)
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with contextlib.suppress(CoodieError):
                driver.execute("SELECT key FROM system.local", [], None, 2.0)
                break
            time.sleep(0.2)
        assert time.monotonic() < until
        for name in ("root", "ann"):
            unregister_driver(name).close()


def refused_without_telling(error: BaseException, secret: str) -> None:
    shown = [str(error), repr(error), repr(vars(error)), *traceback.format_exception(error)]
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is not None:
            frames = [frame for frame, _ in traceback.walk_tb(each.__traceback__)]
            shown += [repr(frame.f_locals) for frame in frames if frame.f_code.co_filename != __file__]
            left += [each.__cause__, each.__context__]
    assert secret not in "".join(shown)
