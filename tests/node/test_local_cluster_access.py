"""Real nodes that ask for TLS and a login: who gets in, and who does not."""

from __future__ import annotations

import ssl
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from coodie_drivers.testing import LocalCluster
from coodie_drivers.testing.errors import CqlAnswerError, NodeError
from coodie_drivers.testing.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from coodie_drivers.testing import Identity

pytestmark = [pytest.mark.node, pytest.mark.usefixtures("local_node")]

LOGIN = ("cassandra", "cassandra")


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(tls="mutual", auth=True, durable=True) as started:
        yield started


def release(
    cluster: LocalCluster, context: ssl.SSLContext | None, login: tuple[str, str] | None = LOGIN
) -> list[dict[str, object]]:
    with Probe(cluster.hosts[0], cluster.port, timeout=10.0, tls=context, login=login) as probe:
        return probe.rows("SELECT release_version FROM system.local")


def context(trusted: Path, shown: Identity | None = None) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=trusted)
    if shown is not None:
        made.load_cert_chain(shown.certificate, shown.key)
    return made


def test_who_trusts_shows_and_knows_what_is_asked_for_gets_in(cluster: LocalCluster) -> None:
    assert (cluster.username, cluster.password) == LOGIN
    found = release(cluster, cluster.certificates.client_context())
    assert found == [{"release_version": cluster.version}]


@pytest.mark.parametrize("login", [None, LOGIN])
def test_plain_text_is_refused(cluster: LocalCluster, login: tuple[str, str] | None) -> None:
    with pytest.raises(ConnectionError):
        release(cluster, None, login)


def test_a_wrong_password_is_refused(cluster: LocalCluster) -> None:
    with pytest.raises(CqlAnswerError) as refused:
        release(cluster, cluster.certificates.client_context(), ("cassandra", "wrong"))
    assert refused.value.code == 0x0100


def test_no_login_is_refused(cluster: LocalCluster) -> None:
    with pytest.raises(NodeError, match="wants a login"):
        release(cluster, cluster.certificates.client_context(), None)


@pytest.mark.parametrize("shown", [None, "stranger", "expired"])
def test_a_client_without_a_right_certificate_is_refused(cluster: LocalCluster, shown: str | None) -> None:
    identity = getattr(cluster.certificates, shown) if shown else None
    with pytest.raises((ssl.SSLError, ConnectionError)):
        release(cluster, context(cluster.certificates.authority, identity))


def test_a_node_of_another_authority_is_not_trusted(cluster: LocalCluster) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        release(cluster, context(cluster.certificates.wrong_authority, cluster.certificates.client))


def test_permissions_are_checked(cluster: LocalCluster) -> None:
    tls = cluster.certificates.client_context()
    host, port = cluster.hosts[0], cluster.port
    with Probe(host, port, tls=tls, login=LOGIN) as probe:
        probe.execute("CREATE ROLE reader WITH PASSWORD = 'only' AND LOGIN = true")
    with Probe(host, port, tls=tls, login=("reader", "only")) as probe:
        with pytest.raises(CqlAnswerError) as refused:
            probe.execute("CREATE ROLE another")
        assert refused.value.code == 0x2100


@pytest.mark.long
def test_a_node_shows_what_a_client_has_to_refuse(cluster: LocalCluster) -> None:
    certificates = cluster.certificates
    for shown, reason in ((certificates.expired, "expired"), (certificates.wrong_host, "not valid for")):
        cluster.restart(0, shows=shown)
        with pytest.raises(ssl.SSLCertVerificationError, match=reason):
            release(cluster, certificates.client_context())
    cluster.restart(0)
    assert release(cluster, certificates.client_context())


@pytest.mark.long
def test_the_command_line_serves_several_nodes_with_tls_and_a_login() -> None:
    def run(command: str, *options: str) -> subprocess.CompletedProcess[str]:
        full = [sys.executable, "-m", "coodie_drivers.testing", command, *options]
        return subprocess.run(full, capture_output=True, text=True, check=False)

    at = ("--host", "127.77.0.1", "--port", "29142")
    try:
        started = run("start", *at, "--nodes", "2", "--tls", "--auth")
        assert (started.returncode, started.stdout) == (0, "127.77.0.1:29142,127.77.0.2:29142\n"), started.stderr
        assert "login: cassandra with the password cassandra\n" in started.stderr
        place = started.stderr.partition("certificates: ")[2].partition(" (")[0]
        tls = ssl.create_default_context(cafile=f"{place}/authority.pem")
        with Probe("127.77.0.2", 29142, tls=tls, login=LOGIN) as probe:
            assert probe.rows("SELECT peer FROM system.peers_v2")
        other = run("start", *at)
        assert "serves Cassandra 5.0.9 of 2 nodes with TLS and a login, not Cassandra 5.0.9; stop it" in other.stderr
        assert "Startup complete" in run("logs", "--host", "127.77.0.2", "--port", "29142").stdout
    finally:
        stopped = run("stop", *at)
    assert (stopped.returncode, stopped.stderr) == (0, "")
