from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from coodie_drivers.testing.local.addresses import Address
from coodie_drivers.testing.local.configuration import (
    NodeFiles,
    NodeSettings,
    even_tokens,
    kept_addresses,
    kept_name,
    kept_nodes,
    node_files,
    write_configuration,
)

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = Address("127.1.2.3", 9142, 7100)
SWITCHES = ("sasi_indexes_enabled", "cdc_enabled")


def written(home: Path, *, durable: bool = False) -> dict[str, object]:
    write_configuration(NodeFiles(home), NodeSettings("a cluster", ADDRESS, durable, SWITCHES))
    lines = (home / "cassandra.yaml").read_text(encoding="utf-8").splitlines()
    return {key: json.loads(value) for key, value in (line.split(": ", 1) for line in lines)}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / 'a "home" & <more>'


def test_the_node_listens_where_it_is_told(home: Path) -> None:
    settings = written(home)
    expected = {
        "cluster_name": "a cluster",
        "listen_address": "127.1.2.3",
        "rpc_address": "127.1.2.3",
        "native_transport_port": 9142,
        "storage_port": 7100,
    }
    assert {key: settings[key] for key in expected} == expected
    assert "127.1.2.3:7100" in json.dumps(settings["seed_provider"])


def test_everything_of_a_node_lies_in_its_home(home: Path) -> None:
    settings = written(home)
    folders = [value for key, value in settings.items() if key.endswith("_directory")]
    folders += settings["data_file_directories"] if isinstance(settings["data_file_directories"], list) else []
    assert len(folders) == 5
    assert all(str(folder).startswith(f"{home}/") for folder in folders)
    flags = NodeFiles(home).flags()
    assert f"-Djava.io.tmpdir={home / 'tmp'}" in flags
    assert f"-Dcassandra.config={(home / 'cassandra.yaml').as_uri()}" in flags


def test_what_is_to_be_switched_on_is_on(home: Path) -> None:
    settings = written(home)
    assert {key for key, value in settings.items() if value is True} == set(SWITCHES)


def test_nodes_find_each_other_by_all_of_them(home: Path) -> None:
    seeds = [Address(host, 9142, 7100) for host in ("127.1.2.3", "127.1.2.4")]
    write_configuration(NodeFiles(home), NodeSettings("a cluster", seeds[1], False, (), seeds, token=7))
    text = (home / "cassandra.yaml").read_text(encoding="utf-8")
    assert '"127.1.2.3:7100,127.1.2.4:7100"' in text
    assert 'listen_address: "127.1.2.4"' in text
    assert 'initial_token: "7"' in text


@pytest.mark.parametrize("count", [1, 2, 3])
def test_nodes_share_the_ring_evenly(count: int) -> None:
    tokens = sorted(even_tokens(count))
    shares = [after - before for before, after in zip(tokens, [*tokens[1:], tokens[0] + 2**64], strict=True)]
    assert max(shares) - min(shares) <= 4
    # The smallest value is no token of a node, and neither is what has no room in 64 bits.
    assert all(-(2**63) < token < 2**63 for token in tokens)


def test_files_tell_how_many_nodes_they_are_of_and_where_these_listened(home: Path) -> None:
    assert kept_nodes(home) == 0
    hosts = ["127.1.2.3", "127.1.2.4"]
    for files, host in zip(node_files(home, 2), hosts, strict=True):
        settings = NodeSettings("a cluster", Address(host, 9142, 7100), True, ())
        write_configuration(files, settings)
    assert kept_nodes(home) == 2
    assert kept_addresses(home, 2) == [Address(host, 9142, 7100) for host in hosts]
    assert kept_addresses(home, 3) == []


@pytest.mark.parametrize(
    ("durable", "expected"),
    [
        # With `batch` the period must not be there at all, or the node does not start.
        (True, {"commitlog_sync": "batch"}),
        (False, {"commitlog_sync": "periodic", "commitlog_sync_period": "10000ms"}),
    ],
)
def test_a_durable_node_acknowledges_what_is_on_the_disk(
    home: Path, durable: bool, expected: dict[str, object]
) -> None:
    settings = written(home, durable=durable)
    assert {key: value for key, value in settings.items() if key.startswith("commitlog_sync")} == expected


def test_the_log_goes_to_a_file_whatever_its_path(home: Path) -> None:
    written(home)
    logback = ET.parse(home / "logback.xml")  # noqa: S314 - written a line above
    assert logback.findtext("appender/file") == str(home / "logs" / "system.log")


def test_the_logs_speak_of_the_last_start(home: Path) -> None:
    files = NodeFiles(home)
    written(home)
    assert files.told() == ""
    files.console_log.write_text("printed\n", encoding="utf-8")
    files.system_log.write_text("logged\n", encoding="utf-8")
    assert files.told() == "printed\nlogged"
    written(home)
    assert files.told() == ""
    assert (files.logs / "system.previous.log").read_text(encoding="utf-8") == "logged\n"


def test_files_keep_the_name_of_the_cluster_that_wrote_them(home: Path) -> None:
    files = NodeFiles(home)
    assert kept_name(files) is None
    written(home)
    assert kept_name(files) == "a cluster"


def test_what_a_killed_node_has_unpacked_goes(home: Path) -> None:
    written(home)
    (home / "tmp" / "liblz4.so").touch()
    written(home)
    assert list((home / "tmp").iterdir()) == []
