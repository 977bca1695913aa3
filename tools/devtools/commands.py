"""The command line of `./dev`: what can be asked for, and which task answers."""

from __future__ import annotations

import argparse
import difflib
import shutil
import sys
from typing import TYPE_CHECKING

from devtools.checks import check
from devtools.children import Interrupted, pass_signals_on
from devtools.distributions import check_release
from devtools.environments import ROOT, become, prepared, workspace
from devtools.failures import DevError
from devtools.suites import NATIVE, Selection, test

if TYPE_CHECKING:
    from collections.abc import Callable

USAGE = """\
usage: ./dev <task> [arguments]

  demo                        obtain a real Cassandra node and run the quick start and a tour on it
  test [pytest arguments]     run the tests; without arguments all of them, the unit tests on other Pythons too
       --long                 … and those that take long
       --lowest               … with the lowest versions of everything that our wheels promise
       --adapter cassandra    … those that need a client library, with this one: cassandra, acsylla, rust
       --python 3.N           … the unit tests on this Python
       --matrix               … the conformance suite over every adapter, with a table of what passed and what is
                              excepted; --cql-version 4.1.10 runs it on that Cassandra
       --coverage-page        … those that show documented features over every adapter, and writes
                              docs/reference/coverage.md
  check                       lint, types, import contracts, docstrings, generated files
  node start|stop|status|logs a real node to try things on, at 127.0.0.1:9042 unless told otherwise
       run [program]          … one for the length of a program, which finds its address in COODIE_TEST_HOSTS;
                              without a program, until Ctrl-C
  sync-shells [--check]       write the synchronous shells from the asynchronous ones
  bench                       measure what is claimed
  docs                        run the examples of the documentation
  python [arguments]          the workspace's Python
  release --check             build what would be published and look at it
  clean                       remove what these tasks made here (not what they keep in your cache folder)

The first call makes the environment in .venv; no other Python is touched.
"""

REMOVED_BY_CLEAN = (
    ".venv",
    ".dev",
    "dist",
    "build",
    "site",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".import_linter_cache",
    ".hypothesis",
)


def main(arguments: list[str]) -> int:
    """Run one task; return the exit status."""
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(USAGE, end="")
        return 0
    task, *rest = arguments
    pass_signals_on()
    try:
        return run_task(task, rest)
    except DevError as error:
        print(f"./dev {task}: {error}", file=sys.stderr)
        return error.status
    except Interrupted as end:
        print(f"./dev {task}: {end}", file=sys.stderr)
        return end.status


def run_task(task: str, rest: list[str]) -> int:
    """Run the task of this name.

    Raises:
        DevError: when there is none, or it cannot go on.
    """
    if task in PROGRAMS:
        return become(prepared(workspace()), [*PROGRAMS[task], *rest])
    if task not in TASKS:
        close = difflib.get_close_matches(task, [*PROGRAMS, *TASKS], n=1)
        meant = f"; did you mean {close[0]!r}?" if close else ""
        raise DevError(f"there is no task {task!r}{meant}", "./dev --help lists them", status=2)
    if task in WITHOUT_HELP and rest in (["-h"], ["--help"]):
        print(f"usage: ./dev {WITHOUT_HELP[task]}\n\n{TASKS[task].__doc__}\n\n./dev --help lists the other tasks.")
        return 0
    return TASKS[task](rest)


def selection(rest: list[str]) -> Selection:
    """Read the arguments of `test`; what is not ours goes to pytest."""
    parser = argparse.ArgumentParser(prog="./dev test", allow_abbrev=False)
    parser.add_argument("--long", action="store_true", help="run those that take long too")
    parser.add_argument("--lowest", action="store_true", help="with the lowest versions that our wheels promise")
    kind = parser.add_mutually_exclusive_group()
    adapters = [*NATIVE, "cassandra"]
    kind.add_argument("--adapter", choices=adapters, help="with this client library instead of scylla-driver")
    kind.add_argument("--python", metavar="3.N", help="the unit tests on this Python")
    kind.add_argument("--matrix", action="store_true", help="the conformance suite over every adapter, and a table")
    kind.add_argument(
        "--coverage-page", action="store_true", help="what shows documented features over every adapter, and its page"
    )
    known, arguments = parser.parse_known_args(rest)
    if known.lowest and known.python:
        parser.error("--lowest is for the workspace's own Python, so --python has no place beside it")
    if known.lowest and (known.matrix or known.coverage_page):
        given = "--matrix" if known.matrix else "--coverage-page"
        parser.error(f"{given} has environments of its own, so --lowest has no place beside it")
    return Selection(**vars(known), arguments=arguments)


def docs(rest: list[str]) -> int:
    """Run the examples of the documentation; arguments go to pytest."""
    return test(Selection(arguments=["tests/docs", *rest]))


def bench(rest: list[str]) -> int:
    """Run the measurements."""
    if not (ROOT / "benchmarks/__main__.py").exists():
        raise DevError("benchmarks/ holds no measurement", "write one as a module run by benchmarks/__main__.py")
    return become(prepared(workspace()), ["-m", "benchmarks", *rest], ROOT)


def release(rest: list[str]) -> int:
    """Build what would be published and look at it; nothing is published."""
    if rest != ["--check"]:
        raise DevError("publishing is not done from here", "run: ./dev release --check", status=2)
    return check_release()


def lint(rest: list[str]) -> int:
    """Run every check of the code: lint, types, import contracts, docstrings, generated files."""
    refuse_arguments("check", rest)
    return check(prepared(workspace()))


def clean(rest: list[str]) -> int:
    """Remove what the tasks made inside the workspace, the environment in .venv too."""
    refuse_arguments("clean", rest)
    for name in REMOVED_BY_CLEAN:
        if (ROOT / name).exists():
            shutil.rmtree(ROOT / name)
            print(f"removed {name}")
    for cache in [path for path in ROOT.rglob("__pycache__") if path.is_dir()]:
        shutil.rmtree(cache)
    (ROOT / "uv.lock").unlink(missing_ok=True)
    return 0


def refuse_arguments(task: str, rest: list[str]) -> None:
    """Refuse arguments where a task takes none."""
    if rest:
        raise DevError(f"`./dev {task}` takes no arguments, and was given {rest}", f"run: ./dev {task}", status=2)


NODE = "import sys; from coodie_drivers.testing.command import main; sys.exit(main(program='./dev node'))"
"""What `python -m coodie_drivers.testing` does, called by the name that is typed here."""

PROGRAMS: dict[str, list[str]] = {
    "python": [],
    "demo": [str(ROOT / "tools/demo.py")],
    "node": ["-c", NODE],
    "sync-shells": [str(ROOT / "tools/sync_shells.py")],
}
"""Tasks that the environment's Python answers alone: what it is given before the user's arguments."""

TASKS: dict[str, Callable[[list[str]], int]] = {
    "test": lambda rest: test(selection(rest)),
    "check": lint,
    "docs": docs,
    "bench": bench,
    "release": release,
    "clean": clean,
}

WITHOUT_HELP = {
    "check": "check",
    "docs": "docs [pytest arguments]",
    "release": "release --check",
    "clean": "clean",
}
"""Tasks that have no command line of their own to explain: how they are called."""
