"""What client libraries with a TLS of their own take over from an `ssl.SSLContext`, and what they refuse."""

from __future__ import annotations

import ssl

import pytest

from coodie_drivers import ConfigurationError, init_coodie

pytestmark = pytest.mark.adapter

LIBRARIES = {"acsylla": "acsylla", "rust": "scylla"}


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
