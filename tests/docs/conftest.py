"""Where examples run: on the session's node, in a keyspace and over connections of their own."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coodie_drivers import ConfigurationError, register_driver, unregister_driver
from snippets.places import Place, address_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coodie_drivers.testing import CqlCluster

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT.parent / "shared" / "spec"


@pytest.fixture(autouse=True)
def log_levels() -> Iterator[None]:
    """What an example sets of loggers holds until its end: the tests after it look at what is logged."""
    levels = {name: logging.getLogger(name).level for name in ("", "cassandra", "scylla", "coodie", "coodie.queries")}
    yield
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def no_connection() -> Iterator[None]:
    """The name "default" is free when the test begins; the driver that it has given it by the end is closed."""
    before = None
    with contextlib.suppress(ConfigurationError):
        before = unregister_driver("default")
    yield
    with contextlib.suppress(ConfigurationError):
        unregister_driver("default").close()
    if before is not None:
        register_driver("default", before)


@pytest.fixture
def place(cql_cluster: CqlCluster, cql_keyspace: str, no_connection: None, driver_type: str) -> Place:
    """What takes the place of the host and the keyspace that examples name; the adapter that was chosen, if any."""
    address = address_of(cql_cluster.hosts[0], cql_cluster.port)
    return Place(address, cql_keyspace, None if driver_type == "scylla" else driver_type)


@pytest.fixture(scope="session")
def documents() -> dict[str, str]:
    """The documents that define the public API, by their number; skips where they are not beside the repository."""
    found = {path.name[:3]: path.read_text("utf-8") for path in sorted(SPEC.glob("*.txt"))}
    if not found:
        pytest.skip("the documents that define the API are not beside the repository (../shared/spec)")
    return found


@pytest.fixture(scope="session")
def documented_quick_start(documents: dict[str, str]) -> str:
    """The code of the quick start as it is documented."""
    return documents["002"].partition("## Quick Start")[2].partition("```python\n")[2].partition("```")[0]
