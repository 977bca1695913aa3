"""How much sooner a node of the test kit answers, and creates a table, than one with plain flags.

Three nodes are started in turn, several times over: one with the flags alone that Cassandra needs to start, the same
without its waits for other nodes, and one as `LocalCluster` starts it. The jars and the class archive are in the cache.
Claimed: the first answer comes within half, and a table within a fifth, of what plain flags take, and the waits are
not counted in our favour.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from statistics import median

from coodie_drivers.testing.local.addresses import choose_addresses
from coodie_drivers.testing.local.archive import archive_flags
from coodie_drivers.testing.local.configuration import NodeFiles
from coodie_drivers.testing.local.entries import Facts, create_entry
from coodie_drivers.testing.local.flags import waiting_flags
from coodie_drivers.testing.local.installation import Installation, find_installation
from coodie_drivers.testing.local.launch import Launch, launched
from coodie_drivers.testing.probe import Probe

ROUNDS, TABLES = 3, 10
FIRST_ANSWER_CLAIM, CREATE_TABLE_CLAIM = 0.5, 0.2
PLAIN, WITHOUT_WAITS, OURS = "plain flags", "plain flags, no waits", "LocalCluster"
KEYSPACE = "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"


@dataclass
class Times:
    """What was measured of one kind of node, in seconds."""

    first_answer: list[float] = field(default_factory=list[float])
    create_table: list[float] = field(default_factory=list[float])


def main() -> bool:
    """Measure, print, and tell whether the claims hold."""
    installation = find_installation("5.0")
    heap = "-Xmx512m"
    kinds = {
        PLAIN: [heap],
        WITHOUT_WAITS: [heap, *waiting_flags()],
        OURS: [*installation.test_flags(durable=False), *archive_flags(installation)],
    }
    print(
        f"Cassandra {installation.version}, Java {installation.java.version}, {os.cpu_count()} cores, {ROUNDS} rounds"
        f" in turn, {TABLES} tables each, medians; load at start {os.getloadavg()[0]:.1f}"
    )
    times = {kind: Times() for kind in kinds}
    for _ in range(ROUNDS):
        for kind, flags in kinds.items():
            _measure(installation, flags, times[kind])
    for kind, measured in times.items():
        print(
            f"{kind:24}first answer {_seconds(measured.first_answer)}   CREATE TABLE {_millis(measured.create_table)}"
        )
    return _judge(times)


def _measure(installation: Installation, flags: list[str], times: Times) -> None:
    (address,) = choose_addresses()
    facts = Facts(address.host, address.port, installation.version)
    entry = create_entry(facts)
    launch = Launch(installation, address, NodeFiles(entry.home(facts)), durable=False, flags=flags)
    started = time.perf_counter()
    process = launched(launch, entry)
    try:
        process.wait_ready(120)
        times.first_answer.append(time.perf_counter() - started)
        with Probe(address.host, address.port) as probe:
            probe.execute(KEYSPACE)
            for number in range(TABLES):
                started = time.perf_counter()
                probe.execute(f"CREATE TABLE k.t{number} (id int, name text, PRIMARY KEY (id))")
                times.create_table.append(time.perf_counter() - started)
    finally:
        process.stop()
        entry.remove()


def _judge(times: dict[str, Times]) -> bool:
    """Against the quicker of the two plain nodes, which is the harder one to beat."""
    ours, plain = times[OURS], times[WITHOUT_WAITS]
    claims = [
        ("first answer", median(ours.first_answer) / median(plain.first_answer), FIRST_ANSWER_CLAIM),
        ("CREATE TABLE", median(ours.create_table) / median(plain.create_table), CREATE_TABLE_CLAIM),
    ]
    for what, ratio, claim in claims:
        verdict = "holds" if ratio <= claim else "DOES NOT HOLD"
        print(f"{what}: {ratio:.2f} x '{WITHOUT_WAITS}', claimed at most {claim}: {verdict}")
    whole = median(ours.first_answer) / median(times[PLAIN].first_answer)
    print(f"first answer: {whole:.2f} x '{PLAIN}'")
    return all(ratio <= claim for _, ratio, claim in claims)


def _seconds(times: list[float]) -> str:
    return f"{median(times):5.2f} s ({min(times):.2f} to {max(times):.2f})"


def _millis(times: list[float]) -> str:
    return f"{median(times) * 1000:6.1f} ms ({min(times) * 1000:.1f} to {max(times) * 1000:.1f})"
