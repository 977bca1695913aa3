from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import pytest

from coodie_drivers.testing.local import supervisor
from coodie_drivers.testing.processes import Owner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
POLITE = "import time; print('up', flush=True); time.sleep(60)"

# A process that starts a supervisor as `LocalCluster` does, tells its id, and waits to be killed.
STARTER = """
import os, subprocess, sys, time
supervised = subprocess.Popen([sys.executable, '-I', '-S', sys.argv[1], sys.argv[2]], stdin=subprocess.PIPE)
if sys.argv[3] == 'fork' and os.fork() == 0:
    time.sleep(60)
print(supervised.pid, flush=True)
time.sleep(60)
"""


@dataclass
class Supervised:
    place: Path
    process: subprocess.Popen[bytes]

    def node(self) -> Owner:
        return recorded(self.place)

    def say(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n".encode())
        self.process.stdin.flush()


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    started: list[Supervised] = []

    def start(program: str = POLITE, grace: float = 0.0) -> Supervised:
        plan = written_plan(tmp_path, program, os.getpid(), grace)
        process = subprocess.Popen([*bare_python(), str(plan)], stdin=subprocess.PIPE)
        started.append(Supervised(tmp_path, process))
        wait_for(lambda: "up" in console(tmp_path))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


def written_plan(place: Path, program: str, starter: int, grace: float = 0.0) -> Path:
    (place / "files").mkdir()
    plan = supervisor.Plan(
        command=[sys.executable, "-c", program],
        directory=str(place),
        console=str(place / "console.log"),
        record=str(place / "processes.json"),
        remove=[str(place / "files")],
        grace=grace,
        starter=starter,
    )
    (place / "plan.json").write_text(json.dumps(asdict(plan)), encoding="utf-8")
    return place / "plan.json"


def bare_python() -> list[str]:
    return [sys.executable, "-I", "-S", supervisor.__file__]


def console(place: Path) -> str:
    log = place / "console.log"
    return log.read_text(encoding="utf-8") if log.exists() else ""


def recorded(place: Path) -> Owner:
    wait_for((place / "processes.json").exists)
    return Owner(int(json.loads((place / "processes.json").read_text(encoding="utf-8"))["node"]))


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_stop_ends_the_node_and_leaves_its_files_to_the_starter(supervised: Callable[..., Supervised]) -> None:
    one = supervised()
    node = one.node()
    one.say("stop")
    assert one.process.wait(20) == 128 + signal.SIGKILL
    assert not node.is_alive
    assert (one.place / "files").exists()


def test_a_node_with_grace_may_end_by_itself(supervised: Callable[..., Supervised]) -> None:
    one = supervised(POLITE, 20.0)
    one.say("stop")
    assert one.process.wait(20) == 128 + signal.SIGTERM


def test_a_node_that_does_not_end_by_itself_is_killed(supervised: Callable[..., Supervised]) -> None:
    one = supervised(STUBBORN, 0.3)
    one.say("stop")
    assert one.process.wait(20) == 128 + signal.SIGKILL


def test_the_end_of_the_input_ends_the_node_and_its_files(supervised: Callable[..., Supervised]) -> None:
    one = supervised()
    node = one.node()
    assert one.process.stdin is not None
    one.process.stdin.close()
    one.process.wait(20)
    assert not node.is_alive
    assert not (one.place / "files").exists()


def test_a_detached_node_outlives_the_input_and_ends_on_a_signal(supervised: Callable[..., Supervised]) -> None:
    one = supervised()
    node = one.node()
    assert one.process.stdin is not None
    one.say("detach")
    one.process.stdin.close()
    time.sleep(0.5)
    assert node.is_alive
    one.process.terminate()
    one.process.wait(20)
    assert not node.is_alive
    assert not (one.place / "files").exists()


def test_a_node_that_ends_takes_the_supervisor_along(supervised: Callable[..., Supervised]) -> None:
    one = supervised("print('up', flush=True); raise SystemExit(7)")
    assert one.process.wait(20) == 7


def test_a_word_about_what_could_not_be_started(tmp_path: Path) -> None:
    plan = written_plan(tmp_path, POLITE, os.getpid())
    plan.write_text(plan.read_text(encoding="utf-8").replace(sys.executable, "/no/such/java"), encoding="utf-8")
    ended = subprocess.run([*bare_python(), str(plan)], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "/no/such/java" in ended.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills a child with its parent")
def test_a_killed_supervisor_takes_the_node_along(supervised: Callable[..., Supervised]) -> None:
    one = supervised()
    node = one.node()
    one.process.kill()
    wait_for(lambda: not node.is_alive)


@pytest.mark.parametrize("leaves", ["alone", "fork"])
def test_a_killed_starter_takes_everything_along(tmp_path: Path, leaves: str) -> None:
    """Also when a process that was forked from the starter lives on and holds the supervisor's input open."""
    plan = written_plan(tmp_path, POLITE, 0)
    command = [sys.executable, "-c", STARTER, supervisor.__file__, str(plan), leaves]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as starter:
        plan.write_text(plan.read_text(encoding="utf-8").replace('"starter": 0', f'"starter": {starter.pid}'))
        try:
            wait_for(lambda: "up" in console(tmp_path))
            node = recorded(tmp_path)
            starter.kill()
            wait_for(lambda: not node.is_alive)
            wait_for(lambda: not (tmp_path / "files").exists())
        finally:
            os.killpg(starter.pid, signal.SIGKILL)


def test_the_last_of_several_supervisors_takes_the_files_away(supervised: Callable[..., Supervised]) -> None:
    one = supervised()
    assert one.process.stdin is not None
    # As the supervisor of another node has written it.
    (one.place / "processes1.json").write_text("{}", encoding="utf-8")
    one.process.stdin.close()
    one.process.wait(20)
    assert (one.place / "files").exists()
    assert not (one.place / "processes.json").exists()


def test_a_paused_node_with_grace_ends_by_itself(supervised: Callable[..., Supervised]) -> None:
    one = supervised(POLITE, 20.0)
    os.kill(one.node().process, signal.SIGSTOP)
    one.say("stop")
    assert one.process.wait(10) == 128 + signal.SIGTERM
