"""The files a node reads at start: cassandra.yaml and logback.xml, made from a few facts."""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coodie_drivers.testing.local.addresses import Address

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

YAML, LOGBACK = "cassandra.yaml", "logback.xml"
_NAME = "cluster_name"
SYSTEM_LOG, CONSOLE_LOG = "system.log", "console.log"

_TOKENS = 2**64 - 2
_LAST_TOKEN = 2**63 - 1

_LOGBACK = """\
<configuration>
  <appender name="SYSTEM" class="ch.qos.logback.core.FileAppender">
    <file>{file}</file>
    <encoder><pattern>%-5level [%thread] %date{{ISO8601}} %F:%L - %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="SYSTEM"/></root>
</configuration>
"""


@dataclass(frozen=True)
class NodeFiles:
    """Where one node's files lie, all of them below one directory."""

    home: Path

    @property
    def logs(self) -> Path:
        """The folder of the logs."""
        return self.home / "logs"

    @property
    def system_log(self) -> Path:
        """What the node logs."""
        return self.logs / SYSTEM_LOG

    @property
    def console_log(self) -> Path:
        """What Java prints: mostly why it could not start at all."""
        return self.logs / CONSOLE_LOG

    @property
    def temporary(self) -> Path:
        """Where Java unpacks native libraries, so that they go with the node."""
        return self.home / "tmp"

    def printed(self) -> str:
        """What Java printed since the node's last start."""
        return _read(self.console_log)

    def told(self) -> str:
        """What Java printed, and then what the node logged, since its last start."""
        return "\n".join(text.strip() for text in (self.printed(), _read(self.system_log)) if text)

    def turn_logs(self) -> None:
        """Put the logs of the start before aside, so that the logs speak of one start."""
        for log in (self.system_log, self.console_log):
            if log.exists():
                log.replace(log.with_suffix(".previous.log"))

    def flags(self) -> list[str]:
        """The flags that point Java at these files."""
        return [
            f"-Dcassandra.config={(self.home / YAML).as_uri()}",
            f"-Dlogback.configurationFile={(self.home / LOGBACK).as_uri()}",
            f"-Dcassandra.storagedir={self.home}",
            f"-Dcassandra.logdir={self.logs}",
            "-Dcassandra-foreground=yes",
            f"-Djava.io.tmpdir={self.temporary}",
            f"-XX:ErrorFile={self.logs / 'java-crash.log'}",
        ]


@dataclass(frozen=True)
class NodeSettings:
    """What tells one node from another, of which its files are made.

    Attributes:
        cluster_name: the cluster's name, which a node that is asked answers with.
        address: where the node listens.
        durable: whether an acknowledged write is on the disk, so that it survives any end of the node.
        switches: the settings that switch something on.
        seeds: the nodes by which it finds the others: all of the cluster, so that any two find each other.
        token: where its part of the ring ends.
        access: the settings of how clients get in.
    """

    cluster_name: str
    address: Address
    durable: bool
    switches: Sequence[str]
    seeds: Sequence[Address] = ()
    token: int = 0
    access: Mapping[str, object] = field(default_factory=dict[str, object])


def even_tokens(count: int) -> list[int]:
    """The tokens that give each of so many nodes the same share of the ring.

    >>> even_tokens(2)
    [0, 9223372036854775807]
    """
    tokens = (place * _TOKENS // count for place in range(count))
    return [token if token <= _LAST_TOKEN else token - 2**64 for token in tokens]


def node_files(home: Path, count: int) -> list[NodeFiles]:
    """Where the nodes of a cluster of `count` have their files: one of a single node has them right in `home`."""
    return [NodeFiles(home)] if count == 1 else [NodeFiles(home / f"node{number}") for number in range(count)]


def kept_nodes(home: Path) -> int:
    """How many nodes the cluster had that was started on these files before; 0 where there was none."""
    return int((home / YAML).exists()) or len(list(home.glob(f"node*/{YAML}")))


def kept_name(files: NodeFiles) -> str | None:
    """The name of the cluster that was started on these files before, if one was."""
    name = _kept(files).get(_NAME)
    return name if isinstance(name, str) else None


def kept_addresses(home: Path, count: int) -> list[Address]:
    """Where the nodes listened that were started on these files before; empty where that is not known of all."""
    kept = [_kept(files) for files in node_files(home, count)]
    with contextlib.suppress(KeyError):
        return [
            Address(str(one["rpc_address"]), int(str(one["native_transport_port"])), int(str(one["storage_port"])))
            for one in kept
        ]
    return []


def _kept(files: NodeFiles) -> dict[str, object]:
    kept: dict[str, object] = {}
    for line in _read(files.home / YAML).splitlines():
        key, _, value = line.partition(": ")
        with contextlib.suppress(ValueError):
            kept[key] = json.loads(value)
    return kept


def write_configuration(files: NodeFiles, node: NodeSettings) -> None:
    """Make the folders and write both files of one node."""
    # A node that was killed leaves its native libraries.
    shutil.rmtree(files.temporary, ignore_errors=True)
    for folder in (files.home, files.logs, files.temporary):
        folder.mkdir(parents=True, exist_ok=True)
    files.turn_logs()
    # A JSON value is a YAML value, with every odd path quoted as it must be.
    yaml = "".join(f"{key}: {json.dumps(value)}\n" for key, value in _settings(files.home, node).items())
    # At once or not at all: the cluster's name is kept nowhere else (see `kept_name`).
    new = files.home / f"{YAML}.new"
    new.write_text(yaml, encoding="utf-8")
    new.replace(files.home / YAML)
    log = str(files.system_log).replace("&", "&amp;").replace("<", "&lt;")
    (files.home / LOGBACK).write_text(_LOGBACK.format(file=log), encoding="utf-8")


def _settings(home: Path, node: NodeSettings) -> dict[str, object]:
    """The settings of cassandra.yaml. An unknown key stops the node, so there is none but for a reason."""
    address = node.address
    seeds = ",".join(f"{seed.host}:{seed.storage_port}" for seed in node.seeds or [address])
    settings: dict[str, object] = {
        _NAME: node.cluster_name,
        "num_tokens": 1,
        "initial_token": str(node.token),
        # A node of an empty cluster has nothing to fetch from the others.
        "auto_bootstrap": False,
        "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
        "endpoint_snitch": "SimpleSnitch",
        "seed_provider": [
            {"class_name": "org.apache.cassandra.locator.SimpleSeedProvider", "parameters": [{"seeds": seeds}]}
        ],
        "listen_address": address.host,
        "rpc_address": address.host,
        "storage_port": address.storage_port,
        "native_transport_port": address.port,
        "data_file_directories": [str(home / "data")],
        "auto_snapshot": False,
        # As a rule each table with a row takes a slab of 1 MiB, and a quarter of the heap is for all of them: from some
        # hundred tables on the node would write to disk all the time, and answer late, or that it timed out.
        "memtable_allocation_type": "unslabbed_heap_buffers",
    }
    for key, folder in _FOLDERS.items():
        settings[key] = str(home / folder)
    settings.update(dict.fromkeys(node.switches, True))
    settings.update(node.access)
    return settings | (_SYNC_EVERY_WRITE if node.durable else _SYNC_SOMETIMES)


def _read(log: Path) -> str:
    try:
        return log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


_FOLDERS = {
    "commitlog_directory": "commitlog",
    "saved_caches_directory": "saved_caches",
    "hints_directory": "hints",
    "cdc_raw_directory": "cdc_raw",
}
_SYNC_EVERY_WRITE = {"commitlog_sync": "batch"}
_SYNC_SOMETIMES = {"commitlog_sync": "periodic", "commitlog_sync_period": "10000ms"}
