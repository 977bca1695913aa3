"""How clients get into a cluster, with TLS and a login or without: the node's settings and the kit's own connection."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from coodie_drivers.testing.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from coodie_drivers.testing.certificates import Certificates, Identity
    from coodie_drivers.testing.local.addresses import Address

SUPERUSER = ("cassandra", "cassandra")
"""The name and the password that Cassandra comes with."""

_SHOWN = "shown.pem"
_PEM_FACTORY = {"class_name": "org.apache.cassandra.security.PEMBasedSslContextFactory"}
_LOGIN: Mapping[str, object] = {
    "authenticator": "PasswordAuthenticator",
    "authorizer": "CassandraAuthorizer",
    # A role or a permission that a test changes holds from the next request on.
    "roles_validity": "0ms",
    "permissions_validity": "0ms",
    "credentials_validity": "0ms",
}


@dataclass(frozen=True)
class Access:
    """How clients get in.

    Attributes:
        certificates: those of the cluster; None for a cluster that speaks plain text.
        mutual: whether a client has to show a certificate.
        auth: whether a client has to log in.
    """

    certificates: Certificates | None = None
    mutual: bool = False
    auth: bool = False

    def settings(self, home: Path, shown: Identity | None) -> dict[str, object]:
        """The settings of the node that works in `home` and shows this certificate; what they name is written."""
        settings = dict(_LOGIN) if self.auth else {}
        if self.certificates is not None and shown is not None:
            keystore = home / _SHOWN
            home.mkdir(parents=True, exist_ok=True)
            keystore.touch(mode=0o600)
            keystore.write_bytes(shown.key.read_bytes() + shown.certificate.read_bytes())
            settings["client_encryption_options"] = {
                "enabled": True,
                # Otherwise the node takes plain text as well, and a client that ignores its settings seems to work.
                "optional": False,
                "require_client_auth": self.mutual,
                "ssl_context_factory": _PEM_FACTORY,
                "keystore": str(keystore),
                "truststore": str(self.certificates.authority),
            }
        return settings

    def flags(self, nodes: int) -> list[str]:
        """The flags of Java for a cluster of so many nodes."""
        # Who may log in is known on every node, or nobody could where the one that knows it is down.
        return [f"-Dcassandra.system_auth.default_rf={nodes}"] if self.auth else []

    def connected(self, address: Address, timeout: float) -> Probe:
        """A connection of the kit's own to a node."""
        login = SUPERUSER if self.auth else None
        return Probe(address.host, address.port, timeout=timeout, tls=self._context, login=login)

    @cached_property
    def _context(self) -> ssl.SSLContext | None:
        if self.certificates is None:
            return None
        context = self.certificates.client_context()
        # Whether the node shows the right certificate is for those to find out who test with a wrong one.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
