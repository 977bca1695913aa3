"""The files a node reads at start: cassandra.yaml and logback.xml, made from a few facts."""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from coodie_drivers.testing.local.addresses import Address

YAML, LOGBACK = "cassandra.yaml", "logback.xml"
_NAME = "cluster_name"
SYSTEM_LOG, CONSOLE_LOG = "system.log", "console.log"

# Off unless said otherwise in Cassandra 5.0.
FEATURES = (
    "materialized_views_enabled",
    "sasi_indexes_enabled",
    "user_defined_functions_enabled",
    "dynamic_data_masking_enabled",
    "cdc_enabled",
)

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


def kept_name(files: NodeFiles) -> str | None:
    """The name of the cluster that was started on these files before, if one was."""
    for line in _read(files.home / YAML).splitlines():
        key, _, value = line.partition(": ")
        if key == _NAME:
            with contextlib.suppress(ValueError):
                return str(json.loads(value))
    return None


def write_configuration(files: NodeFiles, name: str, address: Address, *, durable: bool) -> None:
    """Make the folders and write both files of one node.

    Args:
        files: where they go.
        name: the cluster's name, which a node that is asked answers with.
        address: where the node listens.
        durable: whether an acknowledged write is on the disk, so that it survives any end of the node.
    """
    # A node that was killed leaves its native libraries.
    shutil.rmtree(files.temporary, ignore_errors=True)
    for folder in (files.home, files.logs, files.temporary):
        folder.mkdir(parents=True, exist_ok=True)
    files.turn_logs()
    settings = node_settings(files.home, name, address, durable=durable)
    # A JSON value is a YAML value, with every odd path quoted as it must be.
    yaml = "".join(f"{key}: {json.dumps(value)}\n" for key, value in settings.items())
    # At once or not at all: the cluster's name is kept nowhere else (see `kept_name`).
    new = files.home / f"{YAML}.new"
    new.write_text(yaml, encoding="utf-8")
    new.replace(files.home / YAML)
    log = str(files.system_log).replace("&", "&amp;").replace("<", "&lt;")
    (files.home / LOGBACK).write_text(_LOGBACK.format(file=log), encoding="utf-8")


def node_settings(home: Path, name: str, address: Address, *, durable: bool) -> dict[str, object]:
    """The settings of cassandra.yaml. An unknown key stops the node, so there is none but for a reason."""
    settings: dict[str, object] = {
        _NAME: name,
        "num_tokens": 1,
        "initial_token": "0",
        "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
        "endpoint_snitch": "SimpleSnitch",
        "seed_provider": [
            {
                "class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
                "parameters": [{"seeds": f"{address.host}:{address.storage_port}"}],
            }
        ],
        "listen_address": address.host,
        "rpc_address": address.host,
        "storage_port": address.storage_port,
        "native_transport_port": address.port,
        "data_file_directories": [str(home / "data")],
        "auto_snapshot": False,
    }
    for key, folder in _FOLDERS.items():
        settings[key] = str(home / folder)
    settings.update(dict.fromkeys(FEATURES, True))
    return settings | (_SYNC_EVERY_WRITE if durable else _SYNC_SOMETIMES)


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
