"""What scylladb-rs-driver takes over from an `ssl.SSLContext`, and what it cannot do."""

from __future__ import annotations

import pytest

from coodie_drivers import ConfigurationError, init_coodie

pytest.importorskip("scylla", reason="needs scylladb-rs-driver")

pytestmark = pytest.mark.adapter


def test_verifying_without_the_address_is_refused_with_what_to_give_instead() -> None:
    with pytest.raises(ConfigurationError, match=r"verifies .* its address too: give ssl_verify_flags=3"):
        init_coodie(hosts=["127.0.0.1"], driver_type="rust", ssl_enabled=True, ssl_verify_flags=1)
