"""A short run of a node that does typical work, so that Java sees which classes such work needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie_drivers.testing.local.addresses import choose_addresses
from coodie_drivers.testing.local.configuration import NodeFiles
from coodie_drivers.testing.local.entries import Facts, create_entry
from coodie_drivers.testing.local.launch import Launch, launched
from coodie_drivers.testing.probe import Probe

if TYPE_CHECKING:
    from coodie_drivers.testing.local.installation import Installation

_START_WITHIN = 180.0
# Java writes its archive while it ends.
_END_WITHIN = 60.0
_WORK = (
    "CREATE KEYSPACE training WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
    "CREATE TYPE training.place (street text, number int)",
    "CREATE TABLE training.items (id uuid, at timestamp, name text, tags set<text>, PRIMARY KEY (id, at))",
    "ALTER TABLE training.items ADD home frozen<place>",
    "CREATE INDEX ON training.items (name){kind}",
    "CREATE TABLE training.counts (id int PRIMARY KEY, seen counter)",
    "INSERT INTO training.items (id, at, name, tags) VALUES (uuid(), toTimestamp(now()), 'a', {'b'})",
    "SELECT * FROM training.items WHERE name = 'a'",
    "UPDATE training.counts SET seen = seen + 1 WHERE id = 1",
    "TRUNCATE training.items",
    "DROP TABLE training.items",
    "DROP KEYSPACE training",
)


def train(installation: Installation, flags: list[str]) -> None:
    """Run a node with `flags` through its work and let it end in order.

    Raises:
        NodeError: the node did not start, or did not do its work.
    """
    (address,) = choose_addresses()
    kind = " USING 'sai'" if installation.release.has_sai else ""
    facts = Facts(address.host, address.port, installation.version)
    entry = create_entry(facts)
    launch = Launch(
        installation=installation,
        address=address,
        files=NodeFiles(entry.home(facts)),
        durable=False,
        flags=[*installation.test_flags(durable=False), *flags],
        grace=_END_WITHIN,
    )
    try:
        process = launched(launch, entry)
        try:
            process.wait_ready(_START_WITHIN)
            with Probe(launch.address.host, launch.address.port) as probe:
                for statement in _WORK:
                    probe.execute(statement.replace("{kind}", kind))
        finally:
            process.stop()
    finally:
        entry.remove()
