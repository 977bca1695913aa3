"""What `./dev` does, seen from outside: which programs it calls, with what, and what it says."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent
from typing import Protocol

import pytest

from devtools.environments import clean_environ


class Workspace(Protocol):
    """A tree with `dev` in it, and a home of its own; see conftest.py."""

    root: Path
    home: Path
    variables: dict[str, str]

    def dev(self, *arguments: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]: ...

    def seen(self) -> list[str]: ...

    def calls(self) -> list[str]: ...

    def at(self, root: Path) -> Workspace: ...

    def install(self, path: Path, script: str | None = None) -> None: ...


def test_without_a_task_it_says_what_it_can_do(workspace: Workspace) -> None:
    done = workspace.dev()
    assert done.returncode == 0
    for task in ("demo", "test", "check", "node", "sync-shells", "bench", "docs", "python", "release", "clean"):
        assert f"\n  {task} " in done.stdout
    assert workspace.calls() == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chek"], "there is no task 'chek'; did you mean 'check'?"),
        (["check", "everything"], "takes no arguments"),
        (["release"], "./dev release --check"),
        (["bench"], "benchmarks/ holds no measurement"),
        (["test", "--adapter", "oracle"], "invalid choice: 'oracle'"),
        (["test", "--coverage-page", "--lowest"], "--coverage-page has environments of its own"),
        (["test", "--python", "3.9"], "Python 3.9 is not supported; these packages need 3.10 or newer"),
        (["test", "--python", "three"], "'three' is no version of Python here\n→ write it as 3.N"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_to_do(workspace: Workspace, arguments: list[str], said: str) -> None:
    done = workspace.dev(*arguments)
    assert done.returncode in {1, 2}
    assert said in done.stderr
    assert workspace.calls() == []


def test_the_first_call_makes_the_environment_and_later_ones_do_not(workspace: Workspace) -> None:
    done = workspace.dev("python", "-c", "pass", cwd=Path("/"))
    assert done.returncode == 0, done.stderr
    first = workspace.calls()
    assert [call.split()[:2] for call in first] == [["uv", "sync"], [".venv", "-c"]]

    workspace.dev("python", "-c", "pass", cwd=workspace.root)
    assert workspace.calls() == [".venv -c pass"]

    with (workspace.root / "pyproject.toml").open("a") as file:
        file.write("version = '1'\n")
    workspace.dev("python", "-c", "pass")
    assert workspace.calls()[0].startswith("uv sync")


def test_an_environment_made_elsewhere_is_made_anew(workspace: Workspace) -> None:
    workspace.dev("python")
    workspace.calls()
    moved = workspace.root.rename(workspace.root.with_name("moved away"))
    stale = moved / ".venv/stale"
    stale.touch()
    assert workspace.at(moved).dev("python").returncode == 0
    assert workspace.calls()[0].startswith("uv sync")
    assert not stale.exists()


def test_a_call_costs_little_once_the_environment_is_there(workspace: Workspace) -> None:
    workspace.dev("python", "-c", "pass")
    seconds: list[float] = []
    for _ in range(5):
        began = time.perf_counter()
        workspace.dev("python", "-c", "pass")
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.5


@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        (["demo", "--fast"], "{root}/tools/demo.py --fast"),
        (["bench", "--fast"], "-m benchmarks --fast"),
        (["sync-shells", "--check"], "{root}/tools/sync_shells.py --check"),
        (["python", "-m", "this", "--help"], "-m this --help"),
    ],
)
def test_arguments_and_exit_status_pass_through(workspace: Workspace, arguments: list[str], call: str) -> None:
    workspace.install(workspace.root / "benchmarks/__main__.py", "")
    done = workspace.dev(*arguments, STATUS="3")
    assert done.returncode == 3
    assert workspace.calls()[-1] == f".venv {call.format(root=workspace.root)}"


def test_the_node_is_called_by_the_name_that_is_typed(workspace: Workspace) -> None:
    """With this Python instead of the stand-in: it has the package."""
    stand_in = f"#!/bin/sh\nexec '{sys.executable}' \"$@\"\n"
    workspace.install(Path(workspace.variables["PYTHON_STAND_IN"]), stand_in)
    told = workspace.dev("node", "--help")
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("usage: ./dev node [-h] COMMAND ...")
    refused = workspace.dev("node", "start", "--port", "70000")
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[-1] == (
        "./dev node start: error: argument --port: '70000' is no port; a port is a whole number from 1 to 65535"
    )


@pytest.mark.parametrize("task", ["check", "docs", "release", "clean", "test"])
def test_every_task_explains_itself(workspace: Workspace, task: str) -> None:
    told = workspace.dev(task, "--help")
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith(f"usage: ./dev {task}")
    assert workspace.calls() == []


def test_without_the_network_the_caches_are_enough(workspace: Workspace) -> None:
    done = workspace.dev("python", UV_FAILS="online")
    assert done.returncode == 0
    assert ["--offline" in call for call in workspace.calls()] == [False, True, False]


def test_a_failure_of_uv_is_shown_with_what_to_do(workspace: Workspace) -> None:
    done = workspace.dev("python", UV_FAILS="always")
    assert done.returncode == 1
    assert "failed to fetch: dns error" in done.stderr
    assert "→ connect to the network once" in done.stderr
    assert not any(call.startswith(".venv") for call in workspace.calls())


def test_variables_that_lead_elsewhere_are_not_passed_on(workspace: Workspace) -> None:
    elsewhere = workspace.home / "elsewhere"
    workspace.dev("python", UV_PROJECT_ENVIRONMENT=str(elsewhere), VIRTUAL_ENV=str(elsewhere))
    assert not elsewhere.exists()
    assert (workspace.root / ".venv").exists()


def test_what_is_run_keeps_the_bytecode_of_what_it_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in clean_environ()


def test_an_old_python_is_told_what_is_needed(workspace: Workspace) -> None:
    pretend = "import runpy, sys; sys.version_info = (3, 9, 1, 'final', 0); sys.argv = ['dev', 'test']; "
    run = f"runpy.run_path({str(workspace.root / 'dev')!r})"
    environ = {**workspace.variables, "PATH": str(workspace.home / "bin")}
    done = subprocess.run(
        [sys.executable, "-c", pretend + run], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "needs Python 3.10 or newer; this is 3.9" in done.stderr
    assert done.stderr.rstrip().endswith("dev test")


def pytest_calls(workspace: Workspace) -> list[str]:
    return [call for call in workspace.calls() if "-m pytest" in call]


def test_all_tests_run_on_this_python_and_the_unit_tests_on_the_others(workspace: Workspace) -> None:
    for version in ("3.10.13", "3.13.0"):
        workspace.install(workspace.home / f"pyenv/versions/{version}/bin/python")
    done = workspace.dev("test")
    assert done.returncode == 0, done.stderr
    oldest, newest, main, timed = pytest_calls(workspace)
    assert oldest.startswith("python-3.10 ")
    assert newest.startswith("python-3.13 ")
    assert all("not node" in call for call in (oldest, newest))
    assert all(call.startswith(".venv ") for call in (main, timed))
    assert all("--ignore=tests/node --ignore=tests/shells" in call for call in (oldest, newest))
    assert "--ignore=tests/node/faults" in main
    assert "-m not timed" in main
    assert timed.startswith(".venv -m pytest tests/node tests/coodie_drivers ")
    assert "-m timed" in timed
    assert "Python 3.10: 3 passed" in done.stdout
    assert done.stdout.splitlines()[-1] == "=== 3 passed in 0.1s ==="


def test_pythons_that_are_missing_are_said_to_pytest(workspace: Workspace) -> None:
    workspace.install(workspace.home / "pyenv/versions/3.13.0/bin/python", "#!/bin/sh\nexit 127\n")
    done = workspace.dev("test")
    assert done.returncode == 0
    _, last = pytest_calls(workspace)
    for version in ("3.10", "3.13"):
        assert f"--not-run unit tests on Python {version}: no Python {version} was found in PATH, pyenv" in last


def test_a_failure_on_another_python_fails_the_whole(workspace: Workspace) -> None:
    workspace.install(workspace.home / "pyenv/versions/3.10.13/bin/python")
    done = workspace.dev("test", FAILS_IN="python-3.10")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == (
        "FAILED on Python 3.10: the unit tests (further up) → ./dev test --python 3.10"
    )
    assert len(pytest_calls(workspace)) == 3


@pytest.mark.parametrize("failing", [".venv", "python-3.10 .venv"])
def test_the_closing_lines_name_every_python_that_failed(workspace: Workspace, failing: str) -> None:
    workspace.install(workspace.home / "pyenv/versions/3.10.13/bin/python")
    done = workspace.dev("test", FAILS_IN=failing)
    assert done.returncode == 1
    named = [line.partition(":")[0] for line in done.stdout.splitlines() if line.startswith("FAILED")]
    others = ["FAILED on Python 3.10"] if "3.10" in failing else []
    assert named == [*others, "FAILED on Python 3.11"]
    assert done.stdout.splitlines()[-1].endswith("→ ./dev test --last-failed")


ALONE = (
    "tests/node tests/coodie_drivers -m timed "
    "--last-failed --last-failed-no-failures none --exitfirst -rA --show-capture=no -n0"
)


def test_tests_about_time_that_fail_beside_others_run_once_more_alone(workspace: Workspace) -> None:
    done = workspace.dev("test", FAILS_WITH="worksteal -m timed")
    assert done.returncode == 0
    *_, timed, alone = pytest_calls(workspace)
    assert "-n0" not in timed
    assert alone == f".venv -m pytest {ALONE}"
    assert "passed alone" in done.stdout.splitlines()[-1]


def test_tests_about_time_that_fail_alone_too_fail_the_whole(workspace: Workspace) -> None:
    done = workspace.dev("test", FAILS_WITH=f"worksteal -m timed|{ALONE}")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("FAILED on Python 3.11: the tests about time")
    assert "passed alone" not in done.stdout


def test_other_tests_that_fail_do_not_run_once_more(workspace: Workspace) -> None:
    done = workspace.dev("test", FAILS_WITH="-m not timed")
    assert done.returncode == 1
    assert len(pytest_calls(workspace)) == 2
    assert "FAILED on Python 3.11: the first run" in done.stdout


def test_chosen_tests_run_on_this_python_only(workspace: Workspace) -> None:
    workspace.install(workspace.home / "pyenv/versions/3.10.13/bin/python")
    assert workspace.dev("test", "--long", "tests/coodie", "-k", "first and not last").returncode == 0
    (call,) = pytest_calls(workspace)
    assert call.endswith("--long tests/coodie -k first and not last")
    assert " -n " in call


@pytest.mark.parametrize("alone", ["-n0", "--pdb", "-s", "--numprocesses=3"])
def test_who_decides_about_processes_is_let(workspace: Workspace, alone: str) -> None:
    workspace.dev("test", alone)
    (call,) = pytest_calls(workspace)
    assert call == f".venv -m pytest {alone}"


def test_one_other_python_can_be_asked_for(workspace: Workspace) -> None:
    missing = workspace.dev("test", "--python", "3.12")
    assert missing.returncode == 1
    assert "no Python 3.12 was found" in missing.stderr
    assert "→ install Python 3.12" in missing.stderr
    workspace.install(workspace.home / "pyenv/versions/3.12.1/bin/python")
    workspace.calls()
    assert workspace.dev("test", "--python", "3.12", "-x").returncode == 0
    (call,) = pytest_calls(workspace)
    assert call.startswith("python-3.12 ")
    assert call.endswith(" -x")


def test_the_other_client_library_stands_in_an_environment_of_its_own(workspace: Workspace) -> None:
    assert workspace.dev("test", "--adapter", "cassandra").returncode == 0
    sync, call = workspace.calls()
    assert "--no-default-groups --group dev --group native --group cassandra" in sync
    assert call.startswith("adapter-cassandra -m pytest")
    assert (workspace.root / ".dev/environments/adapter-cassandra").exists()


def test_the_page_of_documented_features_is_of_every_adapter(workspace: Workspace) -> None:
    assert workspace.dev("test", "--coverage-page").returncode == 0
    first, second, page = [call for call in workspace.calls() if not call.startswith("uv ")]
    assert first.startswith(".venv -m pytest tests/shells tests/node -m shows and not long")
    assert "--conformance scylla --conformance acsylla --conformance rust" in first
    assert second.startswith("adapter-cassandra -m pytest")
    assert "--conformance cassandra" in second
    assert page.startswith(".venv tools/coverage_page.py")


def test_the_page_stays_as_it_is_when_a_test_failed(workspace: Workspace) -> None:
    done = workspace.dev("test", "--coverage-page", FAILS_IN="adapter-cassandra")
    assert done.returncode == 1
    assert "docs/reference/coverage.md stays as it is" in done.stdout
    assert not [call for call in workspace.calls() if "coverage_page.py" in call]


def test_clean_removes_what_was_made_here(workspace: Workspace) -> None:
    workspace.dev("python")
    (workspace.root / "uv.lock").touch()
    kept = workspace.root / "tools/devtools/commands.py"
    done = workspace.dev("clean")
    assert done.returncode == 0
    assert sorted(path.name for path in workspace.root.iterdir()) == ["dev", "pyproject.toml", "tools"]
    assert kept.exists()


@pytest.mark.bare
def test_it_works_with_the_real_uv(workspace: Workspace) -> None:
    (workspace.root / "pyproject.toml").write_text(
        dedent("""
            [project]
            name = "probe"
            version = "1"
            requires-python = ">=3.10"

            [dependency-groups]
            java = []

            [tool.uv]
            package = false
        """),
        "utf-8",
    )
    (workspace.home / "bin/uv").unlink()
    workspace.variables.clear()
    workspace.variables.update({k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}})
    done = workspace.dev("python", "-c", "import sys; print(sys.prefix); sys.exit(5)", cwd=Path("/"))
    assert done.returncode == 5, done.stderr
    assert Path(done.stdout.strip()) == workspace.root / ".venv"
