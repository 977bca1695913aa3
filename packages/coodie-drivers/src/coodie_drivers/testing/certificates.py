"""The certificates of a test cluster: an authority of its own, what it has signed, and what a client has to refuse.

They are made by the package trustme, which is asked for only where a cluster speaks TLS.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coodie_drivers.testing.errors import TRUSTME_ADVICE, CertificatesMissingError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trustme import LeafCert

__all__ = ["Certificates", "Identity"]

_WRONG_HOST = "wrong-host.invalid"
_LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc)
_LONG_EXPIRED = dt.datetime(2021, 1, 1, tzinfo=dt.timezone.utc)


@dataclass(frozen=True)
class Identity:
    """A certificate and its private key, both as files in PEM.

    Attributes:
        certificate: the file with the certificate.
        key: the file with the key, unencrypted in PKCS #8, which only this user can read.
    """

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Certificates:
    """What a client needs to reach a cluster that speaks TLS, and what it has to refuse.

    ```python
    with LocalCluster(tls=True) as cluster:
        driver = init_coodie(hosts=cluster.hosts, port=cluster.port, ssl_context=cluster.certificates.client_context())
    ```

    Files are in PEM; `.read_text()` gives what a library wants that takes no path.

    Attributes:
        authority: the certificate of the authority that has signed those of the nodes; a client trusts it.
        nodes: what each node shows, by its place in the cluster's `hosts`; its address is the one name in it.
        client: what a client shows to a node that asks for a certificate (`tls="mutual"`).
        wrong_authority: the certificate of an authority that has signed nothing of this cluster.
        stranger: what a client shows that a node has to refuse, for the wrong authority has signed it.
        expired: signed by the authority for every node's address, and expired in 2021.
        wrong_host: signed by the authority, but for the host `wrong-host.invalid`.
    """

    authority: Path
    nodes: tuple[Identity, ...]
    client: Identity
    wrong_authority: Path
    stranger: Identity
    expired: Identity
    wrong_host: Identity

    def client_context(self) -> ssl.SSLContext:
        """A context that trusts the authority, checks the host's name, and shows the client's certificate if asked."""
        context = ssl.create_default_context(cafile=self.authority)
        context.load_cert_chain(self.client.certificate, self.client.key)
        return context


def check_certificates() -> None:
    """See that certificates can be made; nothing is made yet.

    Raises:
        CertificatesMissingError: trustme is not installed.
    """
    if importlib.util.find_spec("trustme") is None:
        reason = "a node that speaks TLS needs certificates, which the package trustme makes; it is not installed"
        raise CertificatesMissingError(reason, TRUSTME_ADVICE)


def made_certificates(place: Path, hosts: Sequence[str]) -> Certificates:
    """New certificates for nodes at these hosts, in a folder that is made for them.

    Raises:
        CertificatesMissingError: trustme is not installed.
    """
    check_certificates()
    import trustme  # noqa: PLC0415 - only a cluster that speaks TLS needs it

    place.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA(organization_name="coodie tests")
    wrong = trustme.CA(organization_name="nobody")
    for name, one in (("authority", authority), ("wrong_authority", wrong)):
        one.cert_pem.write_to_path(str(place / f"{name}.pem"))
    expired = authority.issue_cert(*hosts, not_before=_LONG_AGO, not_after=_LONG_EXPIRED)
    return Certificates(
        authority=place / "authority.pem",
        nodes=tuple(_written(place, f"node{n}", authority.issue_cert(host)) for n, host in enumerate(hosts)),
        client=_written(place, "client", authority.issue_cert("client.invalid")),
        wrong_authority=place / "wrong_authority.pem",
        stranger=_written(place, "stranger", wrong.issue_cert("client.invalid")),
        expired=_written(place, "expired", expired),
        wrong_host=_written(place, "wrong_host", authority.issue_cert(_WRONG_HOST)),
    )


def _written(place: Path, name: str, leaf: LeafCert) -> Identity:
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - comes with trustme
        Encoding,
        NoEncryption,
        PrivateFormat,
        load_pem_private_key,
    )

    identity = Identity(place / f"{name}.pem", place / f"{name}.key")
    identity.certificate.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    # Cassandra reads keys in PKCS #8 alone, and trustme writes the older form.
    key = load_pem_private_key(leaf.private_key_pem.bytes(), password=None)
    identity.key.touch(mode=0o600)
    identity.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return identity
