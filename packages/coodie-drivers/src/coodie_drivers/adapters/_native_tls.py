"""What client libraries cannot heed of an `ssl.SSLContext` that have a TLS of their own."""

from __future__ import annotations

import ssl
from typing import Final

from coodie_drivers.errors import ConfigurationError

_REVOCATION: Final = ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF | ssl.VerifyFlags.VERIFY_CRL_CHECK_CHAIN


def check_heeded(context: ssl.SSLContext, library: str) -> None:
    """Refuse a context that says to encrypt more strictly than a client library would.

    Args:
        context: how to encrypt.
        library: the library, as the error calls it.

    Raises:
        ConfigurationError: if it asks for TLS 1.3 at least, or for revocation lists.
    """
    if context.minimum_version >= ssl.TLSVersion.TLSv1_3:
        raise ConfigurationError(f"{library} cannot refuse TLS 1.2: leave ssl_context.minimum_version at TLSv1_2")
    if context.verify_flags & _REVOCATION:
        raise ConfigurationError(f"{library} reads no revocation lists: leave them out of ssl_context.verify_flags")
