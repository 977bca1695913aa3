"""A start that fails says why, and leaves nothing: no process, no files."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING

import pytest

from coodie_drivers.testing import LocalCluster
from coodie_drivers.testing.errors import (
    CertificatesMissingError,
    DamagedJarsError,
    FolderError,
    NodeError,
    NodeKilledError,
    NodeMemoryError,
    PortTakenError,
    SourceMissingError,
    StartError,
    StartTimeoutError,
)
from coodie_drivers.testing.local.entries import Facts, create_entry
from coodie_drivers.testing.locks import locked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Programs = Callable[[str, str], Path]

# The run that makes the class archive asks for it; it fails here, and nobody minds.
pytestmark = pytest.mark.once  # it waits for processes, which do the same whatever Python starts them

JAVA = """case "$*" in
  -version) echo 'openjdk version "17.0.9"'; exit 0;;
  *-Xshare:dump*|*ArchiveClassesAtExit*) exit 1;;
esac
echo started >> '{starts}'
{script}"""


def logging(line: str) -> str:
    """A node that logs a line and ends."""
    return f"echo 'WARN {line}' > logs/system.log; exit 3"


@pytest.fixture
def java(programs: Programs, cache: Path, jars: Path) -> Callable[[str], Path]:
    """A Java that does what the script says, beside a full cache."""
    assert jars.is_relative_to(cache)

    def install(script: str) -> Path:
        starts = cache / "starts"
        programs("java", JAVA.format(starts=starts, script=script))
        return starts

    return install


def nothing_is_left(cache: Path) -> bool:
    return not list((cache / "clusters").iterdir())


@pytest.mark.parametrize(
    ("script", "error", "sentence"),
    [
        ("echo 'Error: a JNI error'; exit 1", StartError, "Cassandra 5.0.9 ended while it started. The last lines"),
        (
            "echo 'There is insufficient memory for the Java Runtime Environment to continue.'; exit 1",
            NodeMemoryError,
            "Cassandra 5.0.9 ran out of memory; a node needs about 0.7 GiB free, so stop other nodes",
        ),
        ("echo 'java.lang.OutOfMemoryError: Java heap space'; exit 3", NodeMemoryError, "ran out of memory"),
        # What every node logs, whatever it ends of, and what it says of a full disk.
        (logging("Not configured to stop on OutOfMemoryError: -XX:+ExitOnOutOfMemoryError"), StartError, "ended while"),
        (logging("Not enough space for compaction"), StartError, "ended while"),
        (logging("java.lang.OutOfMemoryError: Java heap space"), NodeMemoryError, "ran out of memory"),
        # What the system does where memory runs out, and anybody may do.
        (
            "kill -9 $$",
            NodeKilledError,
            "was killed while it started (SIGKILL), as the system does where memory runs out; if so, a node",
        ),
        (
            "echo 'Error: Could not find or load main class org.apache.cassandra.service.CassandraDaemon'; exit 1",
            DamagedJarsError,
            "could not be read from its jars, which may be damaged; delete the folder '",
        ),
        (
            logging("java.util.zip.ZipException: invalid LOC header (bad signature)"),
            DamagedJarsError,
            "/cassandra/5.0.9/lib' and start again: they are fetched anew. The last lines",
        ),
        (
            "echo 'java.net.BindException: Address already in use'; exit 3",
            PortTakenError,
            "127.0.0.1:29043 is taken by another program; stop it, or choose another port",
        ),
        ("exit 1", StartError, "(nothing was logged)"),
    ],
)
def test_why_a_node_ended(
    java: Callable[[str], Path], cache: Path, script: str, error: type[NodeError], sentence: str
) -> None:
    java(script)
    with pytest.raises(NodeError) as failed:
        LocalCluster(host="127.0.0.1", port=29043).start()
    assert type(failed.value) is error
    assert sentence in str(failed.value)
    assert nothing_is_left(cache)


def test_the_last_lines_of_the_log_are_told(java: Callable[[str], Path]) -> None:
    java("for line in first $(seq 40) last; do echo line-$line; done; exit 1".replace("$(seq 40)", "1 2 3"))
    with pytest.raises(StartError) as failed:
        LocalCluster().start()
    assert failed.value.log.splitlines() == ["line-first", "line-1", "line-2", "line-3", "line-last"]


def test_a_node_that_does_not_answer_is_ended(java: Callable[[str], Path], cache: Path) -> None:
    java("echo 'waiting for Godot'; exec sleep 60")
    started = time.monotonic()
    with pytest.raises(StartTimeoutError) as failed:
        LocalCluster().start(timeout=0.5)
    assert time.monotonic() - started < 15
    assert str(failed.value).startswith(
        "Cassandra 5.0.9 answered no query within 0.5 s; on a busy machine give it longer (`start(timeout=…)`)."
    )
    assert "waiting for Godot" in failed.value.log
    assert nothing_is_left(cache)


@pytest.mark.parametrize("in_a_test", [False, True])
def test_a_start_that_takes_long_says_so(
    java: Callable[[str], Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, in_a_test: bool
) -> None:
    java("exec sleep 60")
    if not in_a_test:
        monkeypatch.delenv("PYTEST_CURRENT_TEST")
    with pytest.raises(StartTimeoutError):
        LocalCluster().start(timeout=2.5)
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("starting")]
    assert said[:1] == ([] if in_a_test else ["starting Cassandra 5.0.9: 2 s"])


def test_a_drawn_address_that_somebody_else_got_is_drawn_anew(java: Callable[[str], Path], cache: Path) -> None:
    starts = java("echo 'Address already in use'; exit 3")
    with pytest.raises(PortTakenError):
        LocalCluster().start()
    assert starts.read_text(encoding="utf-8").count("started") == 3
    assert nothing_is_left(cache)


def test_a_wished_address_is_not_drawn_anew(java: Callable[[str], Path]) -> None:
    starts = java("echo 'Address already in use'; exit 3")
    with pytest.raises(PortTakenError):
        LocalCluster(port=29043).start()
    assert starts.read_text(encoding="utf-8").count("started") == 1


def test_an_archive_that_cannot_be_made_is_tried_once_a_day(
    java: Callable[[str], Path], cache: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    java("exit 1")

    def tries() -> int:
        with pytest.raises(StartError):
            LocalCluster().start()
        return capfd.readouterr().err.count("preparing the class archive of Cassandra 5.0.9 (once) …")

    assert [tries(), tries()] == [1, 0]
    (failed,) = (cache / "archives").glob("*.failed")
    yesterday = time.time() - 25 * 60 * 60
    os.utime(failed, (yesterday, yesterday))
    assert [tries(), tries()] == [1, 0]


def archive(cache: Path, name: str, java: Path | None, days_unused: float = 0.0) -> Path:
    """An archive as another Java or Cassandra has left it."""
    place = cache / "archives"
    place.mkdir(exist_ok=True)
    made = place / f"cassandra-5.0.8-{name}.jsa"
    for path in (made, place / f"cassandra-5.0.8-{name}.base.jsa"):
        path.write_text("classes", encoding="utf-8")
    if java is not None:
        note = place / f"cassandra-5.0.8-{name}.java"
        note.write_text(str(java), encoding="utf-8")
        then = time.time() - days_unused * 24 * 60 * 60
        os.utime(note, (then, then))
    return made


def test_archives_that_nothing_uses_any_more_go_when_one_is_made(java: Callable[[str], Path], cache: Path) -> None:
    java("exit 1")
    here, gone = cache / "starts", cache / "no longer here"
    here.touch()
    disused = [
        archive(cache, "aa", gone),
        archive(cache, "bb", here, days_unused=8),
        archive(cache, "cc", None),
        archive(cache, "dd", gone),
        archive(cache, "ee", here, days_unused=6),
    ]
    entry = create_entry(Facts("127.1.2.3", 9042, "5.0.8"))
    command = {"command": ["java", f"-XX:SharedArchiveFile={disused[3]}"]}
    entry.plan().write_text(json.dumps(command), encoding="utf-8")
    with locked(cache / "locks" / "cassandra-5.0.8-cc.lock"), pytest.raises(StartError):  # one that is being made
        LocalCluster().start()
    entry.remove()
    assert [made.exists() for made in disused] == [False, False, True, True, True]
    # With everything that belonged to them: two files of "cc", which had no note, and three of the others.
    assert len(list((cache / "archives").glob("cassandra-5.0.8-*"))) == 8


def test_archives_stay_while_none_is_made(java: Callable[[str], Path], cache: Path) -> None:
    java("exit 1")
    with pytest.raises(StartError):
        LocalCluster().start()
    disused = archive(cache, "aa", cache / "no longer here")
    with pytest.raises(StartError):
        LocalCluster().start()
    assert disused.exists()


def test_an_archive_is_of_the_jars_as_they_are(java: Callable[[str], Path], cache: Path, jars: Path) -> None:
    java("exit 1")
    for _ in range(2):
        with pytest.raises(StartError):
            LocalCluster().start()
        # As a second fetch does; Java then ignores what it made of the first one.
        os.utime(jars / "cassandra-all-5.0.9.jar", (0, 0))
    assert len(list((cache / "archives").glob("*.failed"))) == 2


def test_a_directory_that_cannot_be_used_is_named(java: Callable[[str], Path], tmp_path: Path, cache: Path) -> None:
    java("exit 1")
    (tmp_path / "a file").touch()
    place = tmp_path / "a file" / "node"
    with pytest.raises(FolderError) as refused:
        LocalCluster(durable=True, directory=place).start()
    assert str(refused.value) == (
        f"the directory '{place}' cannot be used: Not a directory ('{place}'); give one that you may write to"
    )
    assert nothing_is_left(cache)


@pytest.mark.usefixtures("programs", "cache")
def test_without_java_nothing_is_started() -> None:
    with pytest.raises(SourceMissingError, match="no Java in JAVA_HOME"), LocalCluster():
        pass


def test_what_makes_certificates_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(CertificatesMissingError) as missing:
        LocalCluster(tls=True).start()
    assert str(missing.value) == (
        "a node that speaks TLS needs certificates, which the package trustme makes; it is not installed;"
        " `pip install trustme`, or the extra `tls` of coodie-drivers"
    )
    assert not cache.exists()


def hosts(cluster: LocalCluster) -> object:
    return cluster.hosts


def port(cluster: LocalCluster) -> object:
    return cluster.port


@pytest.mark.parametrize("ask", [hosts, port, LocalCluster.log, LocalCluster.detach])
def test_a_cluster_that_is_not_started_has_nothing_to_tell(ask: Callable[[LocalCluster], object]) -> None:
    with pytest.raises(
        NodeError, match=r"the cluster is not started; use it in a `with` block, or call start\(\) first"
    ):
        ask(LocalCluster())


def test_stopping_what_is_not_started_is_fine() -> None:
    cluster = LocalCluster()
    cluster.stop()
    cluster.close()
    assert not cluster.is_running
