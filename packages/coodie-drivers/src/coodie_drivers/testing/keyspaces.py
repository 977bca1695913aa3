"""Keyspaces for tests: fresh ones, with names that no other test, process or run uses."""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING

from coodie_drivers.testing.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Generator

    from coodie_drivers.testing.sources import CqlCluster

# What Cassandra allows (SchemaConstants.NAME_LENGTH).
_LONGEST_NAME = 48

_TIMEOUT = 180.0
"""Seconds that a node may take: dropping a keyspace of hundreds of tables takes half a minute where it is busy."""


class Keyspaces:
    """Makes and drops keyspaces on one cluster."""

    def __init__(self, cluster: CqlCluster, worker: str) -> None:
        """Work on `cluster`; `worker` tells this process from the others of its run."""
        self._cluster = cluster
        self._prefix = f"t_{os.urandom(3).hex()}_{_plain(worker)}"
        self._made = 0

    @contextlib.contextmanager
    def fresh(self, hint: str = "") -> Generator[str]:
        """The name of a new keyspace with one replica, which is dropped after the block.

        Args:
            hint: what it is for; becomes part of the name, as far as a name can hold it.
        """
        name = self._make(hint)
        try:
            yield name
        finally:
            self._drop(name)

    @contextlib.contextmanager
    def lasting(self, hint: str = "") -> Generator[str]:
        """The name of a new keyspace for the whole run; it is dropped after the block only where the cluster stays.

        For a fixture of the scope `session`: a keyspace that hundreds of tables have come together in takes a node half
        a minute to drop, in which it changes no other schema, so that the run's other processes wait for it. A cluster
        that was started for the run ends with it, and the keyspace too.

        Args:
            hint: what it is for; becomes part of the name, as far as a name can hold it.
        """
        name = self._make(hint)
        try:
            yield name
        finally:
            if not self._cluster.ends_with_run:
                self._drop(name)

    def _make(self, hint: str) -> str:
        self._made += 1
        name = f"{self._prefix}_{self._made}_{_plain(hint)}"[:_LONGEST_NAME]
        self._execute(
            f"CREATE KEYSPACE {name} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}"
        )
        return name

    def _drop(self, name: str) -> None:
        self._execute(f"DROP KEYSPACE IF EXISTS {name}")

    def _execute(self, statement: str) -> None:
        # A connection costs a millisecond; a kept one would have to be told from one that a test broke.
        with Probe(self._cluster.hosts[0], self._cluster.port, timeout=_TIMEOUT) as probe:
            probe.execute(statement)
            if len(self._cluster.hosts) > 1:
                probe.agree()


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
