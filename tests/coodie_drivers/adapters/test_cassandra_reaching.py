"""Connecting where nobody answers as a node does: told within the stated time, for what it is, and leaving nothing."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.coodie_drivers.adapters.listeners import Listener, ask_for_login, stay_silent

from coodie_drivers import init_coodie, init_coodie_async, unregister_driver
from coodie_drivers.errors import ClusterUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from coodie_drivers import AbstractDriver
    from coodie_drivers.testing.sources import CqlCluster

pytestmark = [
    pytest.mark.adapter,
    pytest.mark.once,  # it waits for hosts, which takes as long on every Python
    pytest.mark.timed,
]

SLACK = 1.5
"""Seconds that a busy machine may add to a time limit."""


def saying(greeting: bytes) -> Callable[[socket.socket], None]:
    def speak(guest: socket.socket) -> None:
        guest.sendall(greeting)
        stay_silent(guest)

    return speak


def answer_http(guest: socket.socket) -> None:
    guest.recv(1_000)
    guest.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    stay_silent(guest)


def hang_up(guest: socket.socket) -> None:
    guest.shutdown(socket.SHUT_WR)


def reset(guest: socket.socket) -> None:
    guest.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("reaching-tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=node"]
    files = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *files], check=True, capture_output=True)
    return certificate, key


def in_tls(identity: tuple[Path, Path], *, mutual: bool = False) -> Callable[[socket.socket], None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*identity)
    if mutual:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(identity[0])

    def speak(guest: socket.socket) -> None:
        with context.wrap_socket(guest, server_side=True) as encrypted:
            stay_silent(encrypted)

    return speak


async def connected(asynchronous: bool, hosts: list[str], **options: Any) -> AbstractDriver:
    if asynchronous:
        return await init_coodie_async(hosts=hosts, name="reaching", **options)
    return init_coodie(hosts=hosts, name="reaching", **options)


async def refusal(asynchronous: bool, hosts: list[str], **options: Any) -> tuple[ClusterUnavailableError, float]:
    """Connect in vain; return the error and the seconds until it came."""
    started = time.monotonic()
    with pytest.raises(ClusterUnavailableError) as caught:
        await connected(asynchronous, hosts, **options)
    return caught.value, time.monotonic() - started


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("count", [1, 3])
async def test_hosts_that_never_answer_cost_the_stated_time_once(
    listening: Callable[..., Listener], count: int, asynchronous: bool
) -> None:
    hosts = [listening(stay_silent).host for _ in range(count)]
    error, seconds = await refusal(asynchronous, hosts, connect_timeout=1)
    assert 0.9 < seconds < 1 + SLACK
    assert set(error.reasons) == set(hosts)
    assert all("does not answer CQL within 1 s" in reason for reason in error.reasons.values())
    assert (error.outcome, error.retryable, error.attempts) == ("not_applied", True, 0)


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_hosts_that_do_not_even_accept_cost_the_stated_time_once(black_hole: str, asynchronous: bool) -> None:
    error, seconds = await refusal(asynchronous, [black_hole], connect_timeout=1)
    assert 0.9 < seconds < 1 + SLACK
    assert "does not accept a connection within 1 s" in error.reasons[black_hole]


async def test_hosts_that_refuse_are_told_at_once_and_beside_silent_ones(listening: Callable[..., Listener]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        refusing = f"127.0.0.1:{closed.getsockname()[1]}"
        error, seconds = await refusal(False, [refusing])
        assert seconds < SLACK
        assert "refused the connection: does a node run there" in error.reasons[refusing]

        silent = listening(stay_silent).host
        error, seconds = await refusal(False, [silent, refusing, "nowhere.invalid"], connect_timeout=1)
        assert seconds < 1 + SLACK
        assert "refused" in error.reasons[refusing]
        assert "does not answer CQL" in error.reasons[silent]
        assert "could not be resolved" in error.reasons["nowhere.invalid:9042"]


async def test_names_that_are_not_resolved_in_time_cost_the_stated_time(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = threading.Event()

    def hang(*_: object, **__: object) -> list[Any]:
        answer.wait(30)
        raise socket.gaierror

    monkeypatch.setattr("socket.getaddrinfo", hang)
    try:
        error, seconds = await refusal(False, ["slow.example"], connect_timeout=0.5)
    finally:
        answer.set()
    assert seconds < 0.5 + SLACK
    assert error.reasons == {"slow.example:9042": "the name was not resolved within 0.5 s"}


@pytest.mark.parametrize(
    ("speak", "reason"),
    [
        (answer_http, "answers in another protocol than CQL: is this the port of CQL"),
        (saying(b"SSH-2.0-OpenSSH_9.2\r\n"), "answers in another protocol than CQL: is this the port of CQL"),
        (saying(bytes([21, 3, 3, 0, 2, 2, 10])), "it speaks TLS: give ssl_context"),
        (reset, "it closed the connection without an answer in CQL: is this the port of CQL"),
        (hang_up, "it closed the connection without an answer in CQL: is this the port of CQL"),
    ],
    ids=["http", "ssh", "tls", "reset", "hung up"],
)
async def test_a_port_of_something_else_is_told_for_what_it_is(
    listening: Callable[..., Listener], speak: Any, reason: str
) -> None:
    listener = listening(speak)
    error, seconds = await refusal(False, [listener.host], connect_timeout=2)
    assert reason in error.reasons[listener.host]
    assert seconds < 2
    assert "protocol version" not in str(error)


async def test_tls_is_asked_for_and_refused_in_words(
    listening: Callable[..., Listener], identity: tuple[Path, Path]
) -> None:
    async def reason(speak: Any, context: ssl.SSLContext | None) -> str:
        listener = listening(speak)
        error, _ = await refusal(False, [listener.host], ssl_context=context, connect_timeout=1)
        return error.reasons[listener.host]

    trusting = ssl.create_default_context(cafile=str(identity[0]))
    strangers = ssl.create_default_context()
    assert "give ssl_context" in await reason(in_tls(identity), None)
    assert "certificate is not trusted" in await reason(in_tls(identity), strangers)
    assert "certificate of the client" in await reason(in_tls(identity, mutual=True), trusting)
    assert "does not speak TLS" in await reason(answer_http, trusting)
    assert "does not answer in TLS within 1 s" in await reason(stay_silent, trusting)
    assert "does not answer CQL within 1 s" in await reason(in_tls(identity), trusting)


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_how_far_a_host_was_reached_is_told_whichever_clock_is_late(
    listening: Callable[..., Listener],
    identity: tuple[Path, Path],
    black_hole: str,
    monkeypatch: pytest.MonkeyPatch,
    asynchronous: bool,
) -> None:
    own = socket.socket.settimeout

    def late(each: socket.socket, limit: float | None) -> None:
        own(each, limit and limit + 5)

    monkeypatch.setattr(socket.socket, "settimeout", late)
    trusting = ssl.create_default_context(cafile=str(identity[0]))
    silent = listening(stay_silent).host
    error, seconds = await refusal(asynchronous, [silent, black_hole], ssl_context=trusting, connect_timeout=0.5)
    assert seconds < 0.5 + SLACK
    assert "does not answer in TLS within 0.5 s" in error.reasons[silent]
    assert "does not accept a connection within 0.5 s" in error.reasons[black_hole]


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_login_is_asked_for_and_refused_in_words(
    listening: Callable[..., Listener], asynchronous: bool
) -> None:
    host = listening(ask_for_login).host
    error, _ = await refusal(asynchronous, [host])
    assert error.reasons == {host: "it asks for a login: give username=… and password=…"}
    error, _ = await refusal(asynchronous, [host], username="secret-user", password="secret")
    assert error.reasons == {host: "it refused the login: are the user name and the password right?"}
    assert "secret" not in str(error)
    assert not error.retryable


async def test_a_connection_that_nobody_awaits_any_more_is_hung_up_at_once(
    listening: Callable[..., Listener],
) -> None:
    listeners = [listening(stay_silent) for _ in range(2)]
    hosts = [each.host for each in listeners]
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(init_coodie_async(hosts=hosts, name="reaching", connect_timeout=60), 1.5)
    for _ in range(200):
        if all(each.ended for each in listeners) and not connecting():
            break
        await asyncio.sleep(0.02)
    assert [each.ended for each in listeners] == [1, 1]
    assert not connecting()


def connecting() -> list[threading.Thread]:
    """The threads in which somebody still waits for a connection."""
    return [thread for thread in threading.enumerate() if thread.name == "coodie-connecting"]


LEAVING = """
import asyncio, sys, time
from coodie_drivers import LazyDriver, init_coodie, init_coodie_async
from coodie_drivers.errors import ClusterUnavailableError
ending, *hosts = sys.argv[1:]
try:
    if ending == "failed":
        asyncio.run(init_coodie_async(hosts=hosts, connect_timeout=0.5))
    elif ending == "failed blocking":
        init_coodie(hosts=hosts, connect_timeout=0.5)
    elif ending == "cancelled":
        asyncio.run(asyncio.wait_for(init_coodie_async(hosts=hosts, connect_timeout=60), 1))
    else:
        lazy = LazyDriver(hosts, None, None, {"connect_timeout": 60})
        asyncio.run(asyncio.wait_for(lazy.execute_async("SELECT", []), 1))
except (ClusterUnavailableError, asyncio.TimeoutError):
    print(time.time())
"""


@pytest.mark.parametrize("ending", ["failed", "failed blocking", "cancelled", "lazy"])
def test_a_program_leaves_at_once_after_connecting_in_vain(listening: Callable[..., Listener], ending: str) -> None:
    hosts = [listening(stay_silent).host for _ in range(2)]
    command = [sys.executable, "-W", "error", "-c", LEAVING, ending, *hosts]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    # An interpreter takes a second to end on a busy machine; what still connects would hold it for five and more.
    assert time.time() - float(done.stdout) < 4
    assert "Exception in" not in done.stderr


@pytest.mark.node
@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_node_is_reached_behind_hosts_that_do_not_answer(
    listening: Callable[..., Listener], black_hole: str, cql_cluster: CqlCluster, asynchronous: bool
) -> None:
    listeners = [listening(stay_silent), listening(stay_silent)]
    node = f"{cql_cluster.hosts[0]}:{cql_cluster.port}"
    hosts = [*(each.host for each in listeners), black_hole, node]
    started = time.monotonic()
    driver = await connected(asynchronous, hosts, connect_timeout=10)
    try:
        assert time.monotonic() - started < 5
        assert driver.execute("SELECT release_version FROM system.local", []) == [
            {"release_version": cql_cluster.version}
        ]
        for _ in range(200):
            if all(each.ended for each in listeners):
                break
            await asyncio.sleep(0.02)
        assert all(each.ended for each in listeners)
    finally:
        await unregister_driver("reaching").close_async()


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_limit_that_is_over_before_anything_began_is_told_as_that(
    listening: Callable[..., Listener], caplog: pytest.LogCaptureFixture, asynchronous: bool
) -> None:
    host = listening(stay_silent).host
    for _ in range(5):
        error, _ = await refusal(asynchronous, [host], connect_timeout=0.0005)
        assert list(error.reasons) == [host]
        assert "within 0.0005 s" in error.reasons[host]
    assert "KeyError" not in caplog.text
