from __future__ import annotations

import socket
import ssl
import stat
import threading

import pytest

from coodie_drivers.testing.certificates import Certificates, Identity, made_certificates


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    pytest.importorskip("trustme")
    return made_certificates(tmp_path_factory.mktemp("made") / "tls", ["127.0.0.1", "127.0.0.2"])


def server_context(certificates: Certificates, shown: Identity, *, mutual: bool = False) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certificates.authority)
    context.load_cert_chain(shown.certificate, shown.key)
    context.verify_mode = ssl.CERT_REQUIRED if mutual else ssl.CERT_NONE
    return context


def greeted(server: ssl.SSLContext, client: ssl.SSLContext) -> bytes:
    """What a client hears from a server on 127.0.0.1, once both have taken each other's certificates."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            plain, _ = listening.accept()
            try:
                with server.wrap_socket(plain, server_side=True) as encrypted:
                    encrypted.sendall(b"hello")
            except OSError:
                plain.close()

        serving = threading.Thread(target=serve)
        serving.start()
        try:
            with (
                socket.create_connection(listening.getsockname(), 10.0) as plain,
                client.wrap_socket(plain, server_hostname="127.0.0.1") as encrypted,
            ):
                return encrypted.recv(5)
        finally:
            serving.join()


@pytest.mark.parametrize("mutual", [False, True])
def test_node_and_client_take_each_other(certificates: Certificates, mutual: bool) -> None:
    server = server_context(certificates, certificates.nodes[0], mutual=mutual)
    assert greeted(server, certificates.client_context()) == b"hello"


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        ("expired", "certificate has expired"),
        ("wrong_host", "IP address mismatch"),
        ("stranger", "certificate verify failed"),
    ],
)
def test_a_client_refuses_what_is_wrong_in_one_way(certificates: Certificates, shown: str, reason: str) -> None:
    server = server_context(certificates, getattr(certificates, shown))
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        greeted(server, certificates.client_context())


def test_the_certificate_of_another_node_is_that_of_a_wrong_host(certificates: Certificates) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
        greeted(server_context(certificates, certificates.nodes[1]), certificates.client_context())


def test_the_wrong_authority_has_signed_no_node(certificates: Certificates) -> None:
    client = ssl.create_default_context(cafile=certificates.wrong_authority)
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate verify failed"):
        greeted(server_context(certificates, certificates.nodes[0]), client)


def test_a_server_refuses_a_stranger(certificates: Certificates) -> None:
    client = ssl.create_default_context(cafile=certificates.authority)
    client.load_cert_chain(certificates.stranger.certificate, certificates.stranger.key)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        greeted(server_context(certificates, certificates.nodes[0], mutual=True), client)


def test_keys_are_in_pkcs8_and_for_this_user_alone(certificates: Certificates) -> None:
    for identity in (*certificates.nodes, certificates.client, certificates.stranger):
        assert identity.key.read_text("ascii").startswith("-----BEGIN PRIVATE KEY-----")
        assert stat.S_IMODE(identity.key.stat().st_mode) == 0o600
