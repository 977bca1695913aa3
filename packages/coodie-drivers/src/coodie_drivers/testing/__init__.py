"""A kit for tests against a real Cassandra: a node of one's own, faults on the way to it, and fixtures for pytest.

Names are imported when they are asked for, so that the pytest plugin costs nothing until a fixture is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coodie_drivers.testing.certificates import Certificates, Identity
    from coodie_drivers.testing.keyspaces import Keyspaces
    from coodie_drivers.testing.local.cluster import LocalCluster
    from coodie_drivers.testing.proxy.server import FaultProxy
    from coodie_drivers.testing.sources import CqlCluster, cluster_for_tests

__all__ = ["Certificates", "CqlCluster", "FaultProxy", "Identity", "Keyspaces", "LocalCluster", "cluster_for_tests"]

_HOMES = {
    "Certificates": "certificates",
    "CqlCluster": "sources",
    "FaultProxy": "proxy.server",
    "Identity": "certificates",
    "Keyspaces": "keyspaces",
    "LocalCluster": "local.cluster",
    "cluster_for_tests": "sources",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
