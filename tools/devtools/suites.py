"""`./dev test`: which tests run, in which environment, on which Python."""

from __future__ import annotations

import os
import platform
import re
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from devtools.distributions import bare_environment, built, requirements_of
from devtools.environments import (
    DEV,
    ROOT,
    Environment,
    become,
    call,
    prepared,
    program_environ,
    uv,
    workspace,
)
from devtools.failures import DevError
from devtools.interpreters import SEARCHED, interpreter
from devtools.matrix import Results, printed, read_results
from devtools.progress import run_announced

OTHER_PYTHONS = ("3.10", "3.13")
"""The oldest and the newest Python that is promised; the unit tests run on both."""

UNIT = "not node and not long and not bare and not once"
NODE_TOO = "not long and not bare and not once"
ADAPTERS = "(node or adapter) and not long and not bare and not once"

TIMED = "timed"
"""What runs behind all else, for it is about seconds, and a busy machine would be blamed on the code."""

NOT_TIMED = f"not {TIMED}"

READ = {
    UNIT: ("--ignore=tests/node", "--ignore=tests/shells"),
    TIMED: ("tests/node", "tests/coodie_drivers"),
    NOT_TIMED: ("--ignore=tests/node/faults",),
}
"""Which folders are read for these marks; tests/conftest.py refuses tests that would not be found by it."""

TESTS_FAILED = 1
"""pytest's exit status where all ran, and some failed."""

SUITE = "tests/node/test_conformance.py"
"""Where the adapters of these packages subclass the conformance suite."""

SHOWING = ("tests/shells", "tests/node")
SHOWN = "shows and not long"
"""Where the tests are that show documented features, and how they are selected."""

NATIVE = ("acsylla", "rust")
"""Client libraries that stand in the workspace's own environment, beside scylla-driver."""

OWN_PROCESSES = re.compile(r"^(-n\d*|--numprocesses(=.*)?|--dist(=.*)?|-s|--capture=no|--pdb|--trace|-pno:xdist)$")
"""Arguments after which the number of test processes is the caller's business."""


@dataclass(frozen=True)
class Selection:
    """What `./dev test` was asked for."""

    long: bool = False
    lowest: bool = False
    adapter: str | None = None
    python: str | None = None
    matrix: bool = False
    coverage_page: bool = False
    arguments: list[str] = field(default_factory=list[str])


def test(selection: Selection) -> int:
    """Run the tests that were asked for; return the exit status."""
    if selection.matrix:
        return conformance_matrix(selection.arguments)
    if selection.coverage_page:
        return coverage_page(selection.arguments)
    if selection.lowest:
        marks = ADAPTERS if selection.adapter else NODE_TOO
        environment = lowest_environment(selection.adapter or "scylla")
        return become(environment, pytest_arguments(selection, marks), ROOT)
    if selection.adapter in NATIVE:
        return become(prepared(workspace()), pytest_arguments(selection, ADAPTERS), ROOT)
    if selection.adapter:
        return become(prepared(cassandra_environment()), pytest_arguments(selection, ADAPTERS), ROOT)
    if selection.python:
        return become(python_environment(selection.python), pytest_arguments(selection, UNIT), ROOT)
    environment = prepared(workspace())
    if selection.arguments:
        return become(environment, pytest_arguments(selection), ROOT)
    return on_every_python(environment, selection)


def conformance_matrix(arguments: list[str]) -> int:
    """Run the conformance suite over every adapter and print what came of it; return 1 when a case failed."""
    results = Results()
    with tempfile.TemporaryDirectory() as folder:
        status, reports = with_every_adapter(Path(folder), [SUITE], arguments)
        for report in reports:
            read_results(report, results)
    print(printed(results))
    return status


def coverage_page(arguments: list[str]) -> int:
    """Run the tests that show documented features over every adapter, and write the page of them if all passed."""
    with tempfile.TemporaryDirectory() as folder:
        status, reports = with_every_adapter(Path(folder), [*SHOWING, "-m", SHOWN], arguments)
        if status:
            print("docs/reference/coverage.md stays as it is: a test that shows a documented feature failed, see above")
            return status
        return call(prepared(workspace()), ["tools/coverage_page.py", *map(str, reports)], ROOT)


def with_every_adapter(folder: Path, selected: list[str], arguments: list[str]) -> tuple[int, list[Path]]:
    """Run tests in both environments, with all the adapters of each; give the exit status, and the reports."""
    runs = {"workspace": (workspace(), ("scylla", *NATIVE)), "cassandra": (cassandra_environment(), ("cassandra",))}
    status, reports = 0, list[Path]()
    for name, (environment, adapters) in runs.items():
        report = folder / f"{name}.xml"
        chosen = [word for adapter in adapters for word in ("--conformance", adapter)]
        command = ["-m", "pytest", *selected, "-q", f"--junit-xml={report}", *chosen, *processes(arguments), *arguments]
        status = max(status, call(prepared(environment), command, ROOT))
        if report.exists():
            reports.append(report)
    return status, reports


def on_every_python(environment: Environment, selection: Selection) -> int:
    """Run the unit tests on the other Pythons, then all tests; the closing lines name every Python that failed."""
    failures, not_run = on_other_pythons(environment)
    status = call(environment, pytest_arguments(selection, NOT_TIMED), ROOT)
    print("the tests about time, which want a machine that does nothing else …", flush=True)
    timed = call(environment, pytest_arguments(selection, TIMED, notes=not_run), ROOT)
    if timed == TESTS_FAILED:
        timed = once_more_alone(environment, selection)
    sys.stdout.flush()
    for version in failures:
        print(f"FAILED on Python {version}: the unit tests (further up) → ./dev test --python {version}")
    if status or timed:
        which = "both runs" if status and timed else "the first run" if status else "the tests about time"
        print(f"FAILED on Python {version_of(environment)}: {which} (just above) → ./dev test --last-failed")
    return status or timed or (1 if failures else 0)


def once_more_alone(environment: Environment, selection: Selection) -> int:
    """Run the tests about time that failed once more, with nothing beside them, up to the first that fails again.

    What is wrong in the code is wrong then, too; what failed for the machine gave others its processors is not.
    """
    print("those that failed, once more and alone …", flush=True)
    selected = ["--last-failed", "--last-failed-no-failures", "none", "--exitfirst", "-rA", "--show-capture=no", "-n0"]
    status = call(environment, pytest_arguments(replace(selection, arguments=selected), TIMED), ROOT)
    if not status:
        print("each of these passed alone: what is further up is what a busy machine did to it", flush=True)
    return status


def pytest_arguments(selection: Selection, marks: str = "", notes: tuple[str, ...] = ()) -> list[str]:
    """Give the arguments of the Python that runs the tests."""
    arguments = ["-m", "pytest", *READ.get(marks, ()), *processes(selection.arguments, 2 if marks == TIMED else 1)]
    if marks:
        arguments += ["-m", marks]
    if selection.adapter in NATIVE:
        arguments += ["--driver-type", selection.adapter]
    if selection.adapter:
        arguments += ["--conformance", selection.adapter]
    if selection.long:
        arguments.append("--long")
    for note in notes:
        arguments += ["--not-run", note]
    return [*arguments, *selection.arguments]


def processes(arguments: list[str], more: int = 1) -> list[str]:
    """Give the options for running tests side by side, unless the caller decides about that.

    One more than there are processors: a third of the time a test waits, for the node or another process. Those about
    time wait for half of it.
    """
    if any(OWN_PROCESSES.match(argument) for argument in arguments):
        return []
    return ["-n", str(min(8, more + (os.cpu_count() or 1))), "--dist", "worksteal"]


def on_other_pythons(main: Environment) -> tuple[list[str], tuple[str, ...]]:
    """Run the unit tests on the promised Pythons; give the versions that failed, and what could not run."""
    failures: list[str] = []
    not_run: list[str] = []
    own = version_of(main)
    for version in OTHER_PYTHONS:
        if version == own:
            continue
        try:
            environment = python_environment(version)
        except DevError as error:
            not_run.append(f"unit tests on Python {version}: {error.problem.splitlines()[0]}")
            continue
        command = [str(environment.python), "-m", "pytest", "-q", "-m", UNIT, *READ[UNIT], *processes([])]
        finished = run_announced(f"unit tests on Python {version}", command, ROOT, program_environ(environment))
        closing = (finished.output.strip().splitlines() or ["no output"])[-1]
        if finished.status:
            failures.append(version)
            print(finished.output)
        print(f"Python {version}: {closing.strip('= ')}", flush=True)
    return failures, tuple(not_run)


def version_of(environment: Environment) -> str:
    """Give the `3.N` of an environment that has been made."""
    configuration = (environment.directory / "pyvenv.cfg").read_text("utf-8")
    found = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+)", configuration, re.MULTILINE)
    return found[1] if found else ".".join(platform.python_version_tuple()[:2])


def python_environment(version: str) -> Environment:
    """Make the environment for the unit tests on another Python.

    Raises:
        DevError: when it is none that is supported, or there is no such Python on this machine.
    """
    refuse_unsupported(version)
    found = interpreter(version)
    if found is None:
        raise DevError(
            f"no Python {version} was found in {SEARCHED}",
            f"install Python {version}, for example with: uv python install {version}",
        )
    options = ("--no-default-groups", "--group", "test", "--group", "scylla")
    title = f"the environment for Python {version}"
    return prepared(Environment(title, DEV / "environments" / f"python-{version}", str(found), options))


def refuse_unsupported(version: str) -> None:
    """Refuse a version of Python that these packages do not support.

    Raises:
        DevError: when it is older than the oldest that is promised, or no `3.N`.
    """
    parsed = re.fullmatch(r"3\.(\d+)", version)
    oldest = OTHER_PYTHONS[0]
    if parsed is None:
        raise DevError(f"{version!r} is no version of Python here", "write it as 3.N, such as 3.12", status=2)
    if int(parsed[1]) < int(oldest.removeprefix("3.")):
        problem = f"Python {version} is not supported; these packages need {oldest} or newer"
        raise DevError(problem, f"run: ./dev test --python {oldest}", status=2)


def cassandra_environment() -> Environment:
    """Give the environment in which cassandra-driver stands instead of scylla-driver."""
    main = workspace()
    options = ("--no-default-groups", "--group", "dev", "--group", "native", "--group", "cassandra", *main.options)
    title = "the environment with the extra 'cassandra'"
    return Environment(title, DEV / "environments" / "adapter-cassandra", main.interpreter, options)


def lowest_environment(adapter: str) -> Environment:
    """Make an environment with our wheels and the lowest versions that they promise to work with."""
    wheels = built(DEV / "wheels")
    directory = DEV / "environments" / f"lowest-{adapter}"
    python = bare_environment(directory)
    bounds = [bound for wheel in wheels for bound in requirements_of(wheel, {adapter, "docker"})]
    wanted = [*map(str, wheels), *bounds, *exact(test_group())]
    with tempfile.TemporaryDirectory() as outside:  # where uv finds no settings of the workspace, the pins above all
        options = ["--resolution", "lowest-direct", "--python", str(python)]
        uv("installing the lowest versions", ["pip", "install", *options, *wanted], cwd=Path(outside))
    return Environment("the environment for the lowest versions", directory, str(python))


def test_group() -> list[str]:
    """Give the names in the dependency group `test`."""
    group = re.search(r"^test = \[(.*?)^\]", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return re.findall(r'"([\w-]+)"', group[1]) if group else []


def exact(names: list[str]) -> list[str]:
    """Give the pinned requirement of each of these packages."""
    rows = re.findall(r'^    "(([\w-]+)==.*)",$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    return sorted({row for row, name in rows if name in names})
