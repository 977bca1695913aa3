"""Nodes that ask for a certificate and a login: who gets in, who does not, and what is told of it."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from tests.node.access import PASSWORD, refused_without_telling

from coodie_drivers import ConfigurationError, CoodieError, init_coodie, unregister_driver
from coodie_drivers.errors import ClusterUnavailableError
from coodie_drivers.testing import LocalCluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Connect = Callable[..., Any]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter]

MORE_THAN_PROCESSORS = min(os.cpu_count() or 1, 8) + 1
"""Connections at once: some library has as many threads of its own as the machine has processors."""


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
def test_who_trusts_shows_and_knows_what_is_asked_for_gets_in(
    connect_either_way: Connect, guarded: LocalCluster
) -> None:
    driver = connect_either_way(**right(guarded))
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
    connect_either_way: Connect, guarded: LocalCluster, driver_type: str, known: bool
) -> None:
    if driver_type == "acsylla":
        pytest.skip("its library takes no auth_provider")
    given = right(guarded)
    username, password = given.pop("username"), given.pop("password")
    provider, done = mechanism(driver_type, f"\0{username}\0{password if known else PASSWORD}".encode())
    if not known:
        with pytest.raises(ClusterUnavailableError, match=r"log ?in|password") as raised:
            connect_either_way(**given, auth_provider=provider)
        refused_without_telling(raised.value, PASSWORD)
        assert "success" not in done
        return
    driver = connect_either_way(**given, auth_provider=provider)
    # One library tells who is to be answered, the other what that is to be answered by.
    told = "org.apache.cassandra.auth.PasswordAuthenticator" if driver_type == "rust" else guarded.hosts[0]
    assert driver.execute("SELECT release_version FROM system.local", []) == [{"release_version": guarded.version}]
    assert done[0] == f"asked about {told}"  # and once more for each version of the protocol that the node refuses
    assert "success" in done[done.index("initial response") :]


@pytest.mark.usefixtures("local_node")
@pytest.mark.parametrize("wrong", ["authority", "no certificate", "stranger", "plain", "password", "no login"])
def test_who_lacks_one_thing_is_refused(connect_either_way: Connect, guarded: LocalCluster, wrong: str) -> None:
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
        connect_either_way(**given)
    assert raised.value.outcome == "not_applied"
    assert raised.value.retryable == (wrong not in {"authority", "password", "no login"})
    refused_without_telling(raised.value, PASSWORD)
    with pytest.raises(ConfigurationError):
        unregister_driver("access")


@pytest.mark.usefixtures("local_node")
@pytest.mark.parametrize("wrong", ["raises", "no tuple", "password"])
def test_credentials_that_cannot_be_used_are_told_as_what_they_are(
    connect_either_way: Connect, guarded: LocalCluster, wrong: str
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
        connect_either_way(**given, credentials=credentials)
    assert (raised.value.outcome, raised.value.retryable) == ("not_applied", False)
    assert (type(raised.value.__cause__) is KeyError) == (wrong == "raises")
    refused_without_telling(raised.value, PASSWORD)


def login_of(cluster: LocalCluster) -> tuple[str, str]:
    return str(cluster.username), str(cluster.password)


def without_login(cluster: LocalCluster) -> dict[str, Any]:
    """How to connect but for the login."""
    return {name: value for name, value in right(cluster).items() if name not in {"username", "password"}}


@pytest.mark.usefixtures("local_node")
def test_credentials_may_ask_another_connection(guarded: LocalCluster, driver_type: str) -> None:
    with init_coodie(**right(guarded), driver_type=driver_type, name="vault") as vault:

        def credentials() -> tuple[str, str]:
            assert vault.execute("SELECT key FROM system.local", [], None, 2.0)
            return login_of(guarded)

        for number in range(MORE_THAN_PROCESSORS):
            name = f"asking-{number}"
            driver: Any = init_coodie(
                **without_login(guarded), driver_type=driver_type, name=name, credentials=credentials
            )
            assert driver.execute("SELECT key FROM system.local", []) == [{"key": "local"}]
            unregister_driver(name).close()
        assert vault.execute("SELECT key FROM system.local", [], None, 2.0) == [{"key": "local"}]
    unregister_driver("vault")


@pytest.mark.usefixtures("local_node")
def test_credentials_that_take_long_hold_up_no_other_connection(guarded: LocalCluster, driver_type: str) -> None:
    begun, end = threading.Semaphore(0), threading.Event()

    def credentials() -> tuple[str, str]:
        begun.release()
        end.wait(10)
        return login_of(guarded)

    def connect(number: int) -> None:
        given: dict[str, Any] = {
            **without_login(guarded),
            "driver_type": driver_type,
            "name": f"slow-{number}",
            "connect_timeout": 1,
        }
        with pytest.raises(ClusterUnavailableError, match=r"credentials\(\) did not return within 1 s"):
            init_coodie(**given, credentials=credentials)

    other = init_coodie(**right(guarded), driver_type=driver_type, name="other")
    with other, ThreadPoolExecutor(MORE_THAN_PROCESSORS) as threads:
        connecting = [threads.submit(connect, number) for number in range(MORE_THAN_PROCESSORS)]
        try:
            for _ in connecting:
                assert begun.acquire(timeout=5)
            for _ in range(3):
                assert other.execute("SELECT key FROM system.local", [], None, 2.0) == [{"key": "local"}]
            for each in connecting:
                each.result(5)
        finally:
            end.set()
    unregister_driver("other")


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
