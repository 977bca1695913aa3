"""An `ssl.SSLContext` as the package `scylla` takes one: as certificates, for it does without Python's `ssl`."""

from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coodie_drivers.adapters._native_tls import check_heeded
from coodie_drivers.adapters._rust_library import errors, tls
from coodie_drivers.errors import ConfigurationError
from coodie_drivers.tls import TlsTexts

if TYPE_CHECKING:
    from coodie_drivers.config import ConnectionConfig


def tls_context_of(context: ssl.SSLContext, texts: TlsTexts | None = None) -> Any:
    """Return the library's context that trusts, and says of the client, what this one does.

    Args:
        context: how to encrypt.
        texts: what it was made from, where that is known.

    Raises:
        ConfigurationError: if the library cannot do what the context asks for.
    """
    check_heeded(context, "scylladb-rs-driver")
    built = tls.TlsContext()
    built.verify_mode = (
        tls.VerifyMode.CERT_REQUIRED
    )  # not left to a default: the library's getter tells no truth about it
    if context.verify_mode is ssl.CERT_NONE:
        built.verify_mode = tls.VerifyMode.CERT_NONE
    elif not context.check_hostname:
        raise ConfigurationError(
            "driver type 'rust' verifies with a node's certificate its address too: give ssl_verify_flags=3, or set "
            "ssl_context.check_hostname = True; to verify neither, ssl_verify_flags=0"
        )
    if texts is not None:
        _trust(built, texts.trusted)
    elif context.verify_mode is not ssl.CERT_NONE:
        _trust(built, _authorities(context))
    return built


def set_tls(builder: Any, config: ConnectionConfig) -> Any:
    """Return the session builder with the connection encrypted as is asked for, if it is.

    Raises:
        ConfigurationError: if the library cannot do what the context asks for.
    """
    if config.ssl_context is None:
        return builder
    texts = config.tls_texts or TlsTexts()
    built = tls_context_of(config.ssl_context, config.tls_texts)
    try:
        if texts.certificate is None:
            return builder.tls_context(built)
        return _with_identity(builder, built, texts)
    except errors.ScyllaError as error:
        raise ConfigurationError(f"a certificate or key cannot be used: {error}") from None


def _with_identity(builder: Any, built: Any, texts: TlsTexts) -> Any:
    """Give the client's certificate; the library reads files, at once, so one is made for nobody else."""
    descriptor, path = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{texts.certificate}\n{texts.key}\n")
        built.load_cert_chain(path)
        return builder.tls_context(built)
    finally:
        Path(path).unlink()


def _authorities(context: ssl.SSLContext) -> str:
    """Return the certificates that the context has loaded and trusts; it tells of those of authorities only."""
    loaded = context.get_ca_certs(binary_form=True)
    if not loaded:  # to trust those of the system instead could be more than the context does
        raise ConfigurationError(
            "the ssl_context holds no authority that scylladb-rs-driver could be given (a folder of them, capath, "
            "cannot be read out of it): give ssl_trusted_cert with the authority's PEM text instead of ssl_context, "
            "or ssl_enabled=True to trust those of the system"
        )
    return "".join(map(ssl.DER_cert_to_PEM_cert, loaded))


def _trust(built: Any, trusted: str | None) -> None:
    if trusted is not None:
        built.load_verify_locations(cadata=trusted)
        return
    usual = ssl.get_default_verify_paths()
    if usual.cafile or usual.capath:
        built.load_verify_locations(cafile=usual.cafile, capath=usual.capath)
