"""What client libraries cannot heed of an `ssl.SSLContext` that have a TLS of their own."""

from __future__ import annotations

import ssl
from typing import Final

from coodie_drivers.errors import ConfigurationError

_REVOCATION: Final = ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF | ssl.VerifyFlags.VERIFY_CRL_CHECK_CHAIN
_NEWEST: Final = (ssl.TLSVersion.MAXIMUM_SUPPORTED, ssl.TLSVersion.TLSv1_3)


def check_heeded(context: ssl.SSLContext, library: str) -> None:
    """Refuse a context that says to encrypt more strictly than a client library would.

    Args:
        context: how to encrypt.
        library: the library, as the error calls it.

    Raises:
        ConfigurationError: if it allows not every version, cipher or key that the library does, or asks for revocation
            lists.
    """
    if context.minimum_version >= ssl.TLSVersion.TLSv1_3 or context.options & ssl.OP_NO_TLSv1_2:
        raise ConfigurationError(f"{library} cannot refuse TLS 1.2: leave ssl_context.minimum_version at TLSv1_2")
    # A context of one version alone, such as PROTOCOL_TLSv1_2, tells nothing of it elsewhere.
    one_version = context.protocol not in {ssl.PROTOCOL_TLS, ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER}
    if one_version or context.maximum_version not in _NEWEST or context.options & ssl.OP_NO_TLSv1_3:
        raise ConfigurationError(f"{library} cannot refuse TLS 1.3: leave ssl_context.maximum_version as it is")
    usual = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not _ciphers(usual) <= _ciphers(context) or context.security_level > usual.security_level:
        raise ConfigurationError(
            f"{library} chooses ciphers by itself: leave ssl_context.set_ciphers(…) out, or use driver_type='scylla'"
        )
    if context.verify_flags & _REVOCATION:
        raise ConfigurationError(f"{library} reads no revocation lists: leave them out of ssl_context.verify_flags")


def _ciphers(context: ssl.SSLContext) -> set[str]:
    return {cipher["name"] for cipher in context.get_ciphers()}
