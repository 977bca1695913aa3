"""The `ssl_*` arguments of `init_coodie` as an `ssl.SSLContext`, which every Python client library takes."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.errors import ConfigurationError
from coodie_drivers.hiding import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ssl import SSLContext

TLS_ARGUMENTS: Final = ("ssl_enabled", "ssl_trusted_cert", "ssl_cert", "ssl_private_key", "ssl_verify_flags")

VERIFY_NONE: Final = 0
VERIFY_CERTIFICATE: Final = 1
VERIFY_HOST: Final = 3

_VERIFYING: Final = (VERIFY_NONE, VERIFY_CERTIFICATE, VERIFY_HOST)

_PEM_MARK: Final = "-----BEGIN"


def context_from(given: Mapping[str, Any]) -> SSLContext | None:
    """Return the context that the `ssl_*` arguments describe; None when they say nothing, or `ssl_enabled=False`.

    Args:
        given: the arguments by name. `ssl_trusted_cert`, `ssl_cert` and `ssl_private_key` are PEM texts or paths of PEM
            files; `ssl_verify_flags` is 0 (verify nothing), 1 (the certificate) or 3 (its host name too, the default).

    Raises:
        ConfigurationError: if the arguments contradict each other, or a certificate or key cannot be read.
    """
    tls = {name: given[name] for name in TLS_ARGUMENTS if given.get(name) is not None}
    if not tls:
        return None
    if given.get("ssl_context") is not None:
        raise ConfigurationError(f"give either ssl_context or {', '.join(tls)}, not both")
    enabled = tls.pop("ssl_enabled", True)
    if not isinstance(enabled, bool):
        raise ConfigurationError(f"ssl_enabled must be True or False, not {enabled!r}")
    if not enabled:
        if tls:
            raise ConfigurationError(f"ssl_enabled=False contradicts {', '.join(tls)}")
        return None
    if ("ssl_cert" in tls) != ("ssl_private_key" in tls):
        raise ConfigurationError("ssl_cert and ssl_private_key belong together: give both or neither")
    return _context(tls)


@dataclass(frozen=True, slots=True)
class TlsTexts:
    """What the `ssl_*` arguments say, as PEM texts, for client libraries that take no `ssl.SSLContext`.

    Attributes:
        trusted: the authorities to trust; None for those of the system.
        certificate: the client's own certificate.
        key: the key of that certificate.
        verify_certificate: whether the server's certificate is verified.
        verify_host: whether its host name is verified too.
    """

    trusted: str | None = None
    certificate: str | None = None
    key: str | None = field(default=None, repr=False)
    verify_certificate: bool = True
    verify_host: bool = True


def texts_from(given: Mapping[str, Any]) -> TlsTexts | None:
    """Return the PEM texts of the `ssl_*` arguments, which `context_from` has accepted; None when they say nothing."""
    tls = {name: given[name] for name in TLS_ARGUMENTS if given.get(name) is not None}
    if not tls or tls.get("ssl_enabled") is False:
        return None
    flags = tls.get("ssl_verify_flags", VERIFY_HOST)
    names = {"trusted": "ssl_trusted_cert", "certificate": "ssl_cert", "key": "ssl_private_key"}
    texts = {field: _pem(name, tls[name]) for field, name in names.items() if name in tls}
    return TlsTexts(**texts, verify_certificate=flags != VERIFY_NONE, verify_host=flags == VERIFY_HOST)


def _context(tls: Mapping[str, Any]) -> SSLContext:
    import ssl  # noqa: PLC0415 - only an encrypted connection needs it

    trusted = _pem("ssl_trusted_cert", tls["ssl_trusted_cert"]) if "ssl_trusted_cert" in tls else None
    try:
        context = ssl.create_default_context(cadata=trusted)  # with an authority given, those of the system are not
    except ssl.SSLError as error:
        raise ConfigurationError(f"ssl_trusted_cert cannot be used: {error.reason or error}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    flags = tls.get("ssl_verify_flags", VERIFY_HOST)
    if type(flags) is not int or flags not in _VERIFYING:
        raise ConfigurationError(f"ssl_verify_flags must be 0, 1 or 3, not {flags!r}")
    context.check_hostname = flags == VERIFY_HOST
    if flags == VERIFY_NONE:
        context.verify_mode = ssl.CERT_NONE
    try:
        if "ssl_cert" in tls:
            _load_identity(context, _pem("ssl_cert", tls["ssl_cert"]), _pem("ssl_private_key", tls["ssl_private_key"]))
    except ssl.SSLError as error:
        raise ConfigurationError(f"a certificate or key cannot be used: {error.reason or error}") from None
    return context


def _pem(name: str, value: object) -> str:
    """Return PEM text that was given as such or as the path of a file; an error never shows it: it may be a key."""
    value = shown(value)
    if not isinstance(value, (str, Path)):
        raise ConfigurationError(f"{name} must be PEM text or the path of a PEM file, not {type(value).__name__}")
    if isinstance(value, str) and _PEM_MARK in value:
        return value
    try:
        text = Path(value).read_text(encoding="ascii")
    except (OSError, ValueError):
        raise ConfigurationError(f"{name} is neither PEM text nor the path of a readable file") from None
    if _PEM_MARK not in text:
        raise ConfigurationError(f"the file that {name} names holds no PEM text")
    return text


def _load_identity(context: SSLContext, certificate: str, key: str) -> None:
    """Load a client certificate; `ssl` reads it from a file only, so one is made that nobody else can read."""
    descriptor, path = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{certificate}\n{key}\n")
        context.load_cert_chain(path)
    finally:
        Path(path).unlink()
