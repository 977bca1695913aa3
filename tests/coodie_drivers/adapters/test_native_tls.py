"""What client libraries with a TLS of their own take over from an `ssl.SSLContext`, and what they refuse."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from coodie_drivers import ConfigurationError, init_coodie
from coodie_drivers.errors import ClusterUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket

    from tests.coodie_drivers.adapters.listeners import Listener

pytestmark = pytest.mark.adapter

LIBRARIES = {"acsylla": "acsylla", "rust": "scylla"}


def hang_up(_: socket) -> None:
    """Say nothing."""


@pytest.fixture(params=LIBRARIES)
def native(request: pytest.FixtureRequest) -> str:
    """A driver type whose library does without Python's `ssl`."""
    pytest.importorskip(LIBRARIES[request.param], reason=f"needs the library of driver type '{request.param}'")
    return str(request.param)


def test_a_lowest_version_that_would_not_be_kept_is_refused(native: str) -> None:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    with pytest.raises(ConfigurationError, match=r"cannot refuse TLS 1.2: leave ssl_context.minimum_version at"):
        init_coodie(hosts=["127.0.0.1"], driver_type=native, ssl_context=context)


def test_a_newest_version_that_would_not_be_kept_is_refused(native: str) -> None:
    context = ssl.create_default_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ConfigurationError, match=r"cannot refuse TLS 1.3: leave ssl_context.maximum_version as"):
        init_coodie(hosts=["127.0.0.1"], driver_type=native, ssl_context=context)


def test_a_context_of_one_version_alone_is_refused(native: str) -> None:
    with pytest.warns(DeprecationWarning, match="PROTOCOL_TLSv1_2"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLSv1_2)
    with pytest.raises(ConfigurationError, match=r"cannot refuse TLS 1.3:"):
        init_coodie(hosts=["127.0.0.1"], driver_type=native, ssl_context=context)


@pytest.mark.filterwarnings("ignore:ssl.OP_NO_:DeprecationWarning")
@pytest.mark.parametrize(("option", "version"), [(ssl.OP_NO_TLSv1_2, "1.2"), (ssl.OP_NO_TLSv1_3, "1.3")])
def test_versions_that_are_left_out_in_the_old_way_are_refused_too(native: str, option: int, version: str) -> None:
    context = ssl.create_default_context()
    context.options |= option
    with pytest.raises(ConfigurationError, match=f"cannot refuse TLS {version}:"):
        init_coodie(hosts=["127.0.0.1"], driver_type=native, ssl_context=context)


@pytest.mark.parametrize("ciphers", ["ECDHE+AESGCM", "DEFAULT:@SECLEVEL=4"])
def test_ciphers_that_would_not_be_kept_to_are_refused(native: str, ciphers: str) -> None:
    context = ssl.create_default_context()
    context.set_ciphers(ciphers)
    with pytest.raises(ConfigurationError, match=r"chooses ciphers by itself: leave ssl_context.set_ciphers\(…\) out"):
        init_coodie(hosts=["127.0.0.1"], driver_type=native, ssl_context=context)


@pytest.mark.parametrize("ciphers", [None, "DEFAULT", "ALL:@SECLEVEL=1"])
def test_a_context_that_is_no_stricter_than_usual_is_taken(
    native: str, listening: Callable[..., Listener], ciphers: str | None
) -> None:
    context = ssl.create_default_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_3
    if ciphers is not None:
        context.set_ciphers(ciphers)
    host = listening(hang_up).host
    with pytest.raises(ClusterUnavailableError):
        init_coodie(hosts=[host], driver_type=native, ssl_context=context, connect_timeout=2)


@pytest.mark.parametrize("flag", [ssl.VERIFY_CRL_CHECK_LEAF, ssl.VERIFY_CRL_CHECK_CHAIN])
def test_revocation_lists_that_would_not_be_read_are_refused(native: str, flag: ssl.VerifyFlags) -> None:
    context = ssl.create_default_context()
    context.verify_flags |= flag
    with pytest.raises(ConfigurationError, match=r"reads no revocation lists: leave them out"):
        init_coodie(hosts=["127.0.0.1"], driver_type=native, ssl_context=context)


def test_rust_refuses_to_verify_without_the_address_and_says_what_to_give_instead() -> None:
    pytest.importorskip("scylla", reason="needs scylladb-rs-driver")
    with pytest.raises(ConfigurationError, match=r"verifies .* its address too: give ssl_verify_flags=3"):
        init_coodie(hosts=["127.0.0.1"], driver_type="rust", ssl_enabled=True, ssl_verify_flags=1)
