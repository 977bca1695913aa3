from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from coodie_drivers.testing.errors import DirectoryInUseError
from coodie_drivers.testing.local.entries import Facts, create_entry, reap, running_clusters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FACTS = Facts("127.1.2.3", 9042, "5.0.9")

# A process that owns an entry and is killed before it can take it away.
OWNER = """
import os, signal
from coodie_drivers.testing.local.entries import Facts, create_entry
entry = create_entry(Facts("127.1.2.3", 9042, "5.0.9"))
print(entry.place, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def node() -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """A process that waits, with a word in its command line."""
    started: list[subprocess.Popen[bytes]] = []

    def start(word: str) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", word]))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def entries(cache: Path) -> list[str]:
    place = cache / "clusters"
    return sorted(path.name for path in place.iterdir()) if place.exists() else []


def left_by_a_killed_owner() -> str:
    killed = subprocess.run([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True, check=False)
    return killed.stdout.strip()


def test_a_living_entry_is_listed_and_not_reaped(cache: Path) -> None:
    entry = create_entry(FACTS)
    assert [running.facts for running in running_clusters()] == [FACTS]
    assert reap() == []
    assert entries(cache) == [entry.name]
    entry.remove()
    assert running_clusters() == []
    assert entries(cache) == []


def test_an_entry_lives_as_long_as_somebody_who_inherited_its_lock(cache: Path) -> None:
    entry = create_entry(FACTS)
    command = [sys.executable, "-c", "input()"]
    heir = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=(entry.descriptor,))
    entry.release()
    assert reap() == []
    heir.communicate(b"\n")
    assert reap() == [entry.name]
    assert entries(cache) == []


def test_the_entry_of_a_killed_owner_is_reaped_by_the_next_start(cache: Path) -> None:
    place = left_by_a_killed_owner()
    assert entries(cache) == [os.path.basename(place)]  # noqa: PTH119 - a text from another process
    entry = create_entry(FACTS)
    assert entries(cache) == [entry.name]
    entry.remove()


@pytest.mark.usefixtures("cache")
def test_a_node_that_outlived_its_owner_is_ended(node: Callable[[str], subprocess.Popen[bytes]]) -> None:
    place = left_by_a_killed_owner()
    survivor = node(f"-Dcoodie.entry={place}")
    record(place, survivor.pid)
    reap_in_the_background = subprocess.Popen([sys.executable, "-c", REAPER])
    # This process is the survivor's parent: only when it takes note of the end does the survivor go.
    assert survivor.wait(20) < 0
    assert reap_in_the_background.wait(20) == 0


REAPER = "from coodie_drivers.testing.local.entries import reap; reap()"


def test_a_stranger_that_got_the_id_is_left_alone(cache: Path, node: Callable[[str], subprocess.Popen[bytes]]) -> None:
    place = left_by_a_killed_owner()
    stranger = node("-Dcoodie.entry=/somewhere/else")
    record(place, stranger.pid)
    reap()
    time.sleep(0.1)
    assert stranger.poll() is None
    assert entries(cache) == []


@pytest.mark.usefixtures("cache")
def test_a_directory_belongs_to_one_living_cluster(tmp_path: Path) -> None:
    facts = Facts("127.1.2.3", 9042, "5.0.9", durable=True, directory=str(tmp_path))
    entry = create_entry(facts)
    with pytest.raises(DirectoryInUseError, match=r"the node at 127\.1\.2\.3:9042 works in '.*'; stop it, or choose"):
        create_entry(facts)
    entry.remove()
    create_entry(facts).remove()
    assert tmp_path.exists()


def test_an_unreadable_entry_harms_nobody(cache: Path) -> None:
    entry = create_entry(FACTS)
    (entry.place / "cluster.json").write_text('{"host": "a", "of another version": 1}', encoding="utf-8")
    assert running_clusters() == []
    entry.release()
    (cache / "clusters" / "a stray file").touch()
    assert reap() == [entry.name]


def record(place: str, process: int) -> None:
    with open(f"{place}/processes.json", "w", encoding="utf-8") as processes:  # noqa: PTH123 - a text from elsewhere
        json.dump({"supervisor": 0, "node": process}, processes)
