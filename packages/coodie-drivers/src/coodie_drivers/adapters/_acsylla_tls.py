"""TLS for acsylla, which takes PEM texts and no `ssl.SSLContext`.

The authorities and what is to be verified can be taken from a context; a client's certificate and key cannot.
"""

from __future__ import annotations

import ctypes
import ssl
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters import _acsylla_library as native
from coodie_drivers.adapters._native_tls import check_heeded
from coodie_drivers.errors import ConfigurationError
from coodie_drivers.tls import TlsTexts

if TYPE_CHECKING:
    from coodie_drivers.config import ConnectionConfig

_VERIFY_CERTIFICATE: Final = 1
_VERIFY_ADDRESS: Final = 2
"""`CassSslVerifyFlags`. What acsylla calls `PEER_IDENTITY` is 1: it verifies no identity.

There is a flag for names, too. But the C++ driver compares the name that it finds for a node's address in the reverse
direction, which is for others to say, and not the one that was given.
"""

_add_trusted: Any = native.function("ssl_add_trusted_cert", ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p)


def encrypt(cluster: Any, config: ConnectionConfig) -> None:
    """Have a cluster of acsylla encrypt its connections, where that is asked for.

    Raises:
        ConfigurationError: if something is asked for that acsylla cannot do.
    """
    context = config.ssl_context
    if context is None:
        return
    flags = _flags(context)
    texts = config.tls_texts or TlsTexts()
    trusted = [texts.trusted] if texts.trusted is not None else _authorities(context, flags)
    try:
        cluster.set_ssl(True, texts.certificate, texts.key, "", None, flags)  # noqa: FBT003 - acsylla's order
    except Exception as error:  # noqa: BLE001 - the library's errors may hold the text
        raise ConfigurationError(f"a certificate or key cannot be used: {type(error).__name__}") from None
    settings = native.ssl_pointer(cluster)
    native.refuse_old_tls(settings, flags)
    for text in trusted:
        for certificate in _one_by_one(text):
            if _add_trusted(settings, certificate.encode()):
                raise ConfigurationError("a trusted certificate cannot be used")


def _flags(context: ssl.SSLContext) -> int:
    check_heeded(context, "acsylla")
    if context.verify_mode is not ssl.CERT_REQUIRED:
        return 0
    if not context.check_hostname:
        return _VERIFY_CERTIFICATE
    return _VERIFY_CERTIFICATE | _VERIFY_ADDRESS


def _authorities(context: ssl.SSLContext, flags: int) -> list[str]:
    found = [ssl.DER_cert_to_PEM_cert(each) for each in context.get_ca_certs(binary_form=True)]
    if flags and not found:
        raise ConfigurationError(
            "the ssl_context holds no authority that acsylla could be given (a folder of them, capath, cannot be read "
            "out of it): give ssl_trusted_cert with the authority's PEM text instead of ssl_context"
        )
    return found


def _one_by_one(text: str) -> list[str]:
    """Return each certificate of a PEM text: the C++ driver reads one at a time."""
    end = "-----END CERTIFICATE-----"
    return [f"{part}{end}\n" for part in text.split(end) if "-----BEGIN" in part] or [text]
