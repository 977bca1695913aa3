"""What acsylla says of a node that it cannot use, in words that tell what to do."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.config import ConnectionConfig
from coodie_drivers.hosts import parsed_hosts

if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket

    from tests.coodie_drivers.adapters.listeners import Listener

unreachable: Any = pytest.importorskip("coodie_drivers.adapters._acsylla_unreachable", reason="needs acsylla")

pytestmark = pytest.mark.adapter


ENDED, SILENT = "it ended the encrypted connection", "it accepts connections but does not answer in TLS"


def say_nothing(_: socket) -> None:
    """Hang up."""


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("No hosts available: Connection closed prematurely", ENDED),
        # It was while the first request was being written.
        ("No hosts available: Underlying connection error: Error: 'Unable to write to socket'", ENDED),
        ("No hosts available: Underlying connection error: Connection timeout", SILENT),
    ],
)
def test_a_node_that_asks_for_a_certificate_of_the_client_is_told_from_a_silent_one(
    listening: Callable[..., Listener], told: str, reason: str
) -> None:
    hosts = tuple(parsed_hosts([listening(say_nothing).host], 9042))
    config = ConnectionConfig(hosts=hosts, ssl_context=ssl.create_default_context())
    (found,) = unreachable.reasons_for(config, [told], 2.0).values()
    assert found.startswith(reason)
    assert ("certificate of the client" in found) == (reason == ENDED)
