"""`./dev demo`: obtains a real Cassandra node and runs the examples on it, step by step, showing what comes back.

The node is the one that `COODIE_TEST_HOSTS` names, else one in Docker, else one on a Java of this machine; the kit in
`coodie_drivers.testing` decides. The exit status is 0, or 1 for a failure, 3 where no source of a node is there, 130
after Ctrl-C, 143 after SIGTERM.
"""

from __future__ import annotations

import signal

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # What is imported below takes a third of a second, in which Ctrl-C must end this without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import ast
import asyncio
import contextlib
import io
import os
import platform
import re
import sys
import time
import traceback
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from coodie.exceptions import CoodieError
from coodie.sync import drop_keyspace
from coodie_drivers import get_driver, unregister_driver
from coodie_drivers.testing import cluster_for_tests
from coodie_drivers.testing.errors import SourceMissingError
from devtools.progress import Progress
from snippets.places import Place, address_of
from snippets.running import Interpreter
from snippets.steps import Step, docstring_of, steps_of

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType

    from coodie_drivers.testing import CqlCluster

DEFINITIONS = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
FAILED, NO_SOURCE, INTERRUPTED, TERMINATED = 1, 3, 130, 143


class Part(NamedTuple):
    """One example file of the demo, with the words that lead to it."""

    file: str
    title: str
    words: str


PARTS = (
    Part("keyspace.py", "A keyspace to work in", "The quick start expects it to be there."),
    Part("quick_start_sync.py", "The quick start, synchronous", "Word for word as it is documented."),
    Part(
        "quick_start_async.py",
        "The quick start, asynchronous",
        "The same words with `await`. The table is the same too, so the first Alice is found again.",
    ),
    Part("tour.py", "A short tour", ""),
)


class StepError(Exception):
    """A step of an example failed; the cause says why.

    Attributes:
        file: the example's file name.
    """

    def __init__(self, file: str) -> None:
        """Say which example it was."""
        super().__init__(f"a step of examples/{file} failed")
        self.file = file


class Screen:
    """Writes what the demo shows: colours at a terminal, plain text elsewhere."""

    def __init__(self, *, colours: bool) -> None:
        """Write to standard output."""
        self._colours = colours

    def say(self, text: str = "") -> None:
        """Write a line."""
        print(text, flush=True)

    def title(self, text: str, words: str) -> None:
        """Write the heading of a part and what leads to it."""
        self.say(f"\n{self._styled('1', text)}")
        if words:
            self.say(words)

    def code(self, text: str) -> None:
        """Write a step's code, its comments apart from the rest."""
        self.say()
        for line in re.sub(r"\n{3,}", "\n\n", text).splitlines():
            comment = line.lstrip().startswith("#")
            self.say(f"    {self._styled('36', line) if comment else line}".rstrip())

    def answer(self, text: str, seconds: float) -> None:
        """Write what a step printed, and how long it took."""
        for line in text.splitlines():
            self.say(f"  → {self._styled('32', line)}")
        self.say(self._styled("2", f"  · {duration(seconds)}"))

    def _styled(self, style: str, text: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._colours and text else text


def main() -> int:
    """Run the demo; return the exit status."""
    argparse.ArgumentParser(
        prog="./dev demo", description="Obtain a real Cassandra node; run the quick start and a tour on it."
    ).parse_args()
    terminated = end_on_signals()
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")
    screen = Screen(colours=sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb")
    try:
        demonstrate(screen)
    except SourceMissingError as error:
        return complain(*said_by(error), status=NO_SOURCE)
    except StepError as error:
        return complain(*said_by_step(error))
    except CoodieError as error:
        return complain(str(error), "→ mend that, then: ./dev demo")
    except (KeyboardInterrupt, asyncio.CancelledError):  # the latter when Ctrl-C ends an event loop that just begins
        if terminated:
            return complain("\nended by SIGTERM; nothing is left running", status=TERMINATED)
        return complain("\ninterrupted; nothing is left running", status=INTERRUPTED)
    except BrokenPipeError:  # the reader has seen enough; Python's own last flush must not complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return 0


def end_on_signals() -> list[int]:
    """Have Ctrl-C and SIGTERM raise KeyboardInterrupt, so that the node and the keyspace go then, too.

    What is ignored stays ignored. The list that comes back holds SIGTERM once that has come.
    """
    received: list[int] = []

    def terminate(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        raise KeyboardInterrupt

    # Ctrl-C gets Python's own handler, which is what the event loop makes way for.
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, terminate)):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)
    return received


def demonstrate(screen: Screen) -> None:
    """Obtain a node and run every example on it."""
    began = time.monotonic()
    screen.say(f"coodie {version('coodie')}, Python {platform.python_version()}, {client_library()}")
    screen.say("obtaining a Cassandra node …")
    with cluster_for_tests() as cluster:
        screen.say(str(cluster))
        screen.say(f"ready after {duration(time.monotonic() - began)}")
        with fresh_place(cluster) as place:
            for number, part in enumerate(PARTS, 1):
                show(part, number, place, screen)
        screen.say(f"\nAll of this ran on Cassandra {cluster.version}, in {duration(time.monotonic() - began)}.")
    screen.say("Next: README.md, a node of your own with `./dev node start`, and the same examples in examples/.")


@contextlib.contextmanager
def fresh_place(cluster: CqlCluster) -> Generator[Place]:
    """Give a keyspace name that nobody uses; the keyspace and the connections to it go with the block."""
    place = Place(address_of(cluster.hosts[0], cluster.port), f"coodie_demo_{os.urandom(3).hex()}")
    try:
        yield place
    finally:
        with contextlib.suppress(CoodieError):  # no connection was made, or the node is gone
            drop_keyspace(place.keyspace)
        with contextlib.suppress(CoodieError):
            get_driver().close()
            unregister_driver()


def show(part: Part, number: int, place: Place, screen: Screen) -> None:
    """Run the steps of one example, each shown before it runs and with what came back after.

    Raises:
        StepError: when one fails.
    """
    path = EXAMPLES / part.file
    text = place.named_in(path.read_text("utf-8"))
    screen.title(f"{number}. {part.title} (examples/{part.file})", part.words or docstring_of(text))
    with Interpreter(path.stem) as interpreter:
        for step in steps_of(text):
            screen.code(step.text)
            perform(step, interpreter, path, screen)


def perform(step: Step, interpreter: Interpreter, path: Path, screen: Screen) -> None:
    """Run one step and write what it printed and how long it took; definitions do neither.

    Raises:
        StepError: when it fails; what it printed before is written all the same.
    """
    printed = io.StringIO()
    began = time.monotonic()
    try:
        with Progress(lambda: "    this step is at work"), contextlib.redirect_stdout(printed):
            interpreter.run(step.tree, str(path))
    except Exception as error:
        raise StepError(path.name) from error
    finally:
        if not all(isinstance(node, DEFINITIONS) for node in step.tree.body):
            screen.answer(printed.getvalue(), time.monotonic() - began)


def said_by(error: SourceMissingError) -> list[str]:
    """Give the lines that say why there is no node, and what would bring one."""
    reasons: list[str] = getattr(error, "reasons", [error.reason])
    return ["no Cassandra node could be had:", *(f"  - {reason}" for reason in reasons), f"→ {error.fix}"]


def said_by_step(error: StepError) -> list[str]:
    """Give the lines that say what broke in a step: the mapper's own sentence, else the whole traceback."""
    cause = error.__cause__
    if isinstance(cause, CoodieError):
        lines = [f"{error}: {type(cause).__name__}: {cause}"]
    else:
        lines = ["".join(traceback.format_exception(cause)).rstrip(), str(error)]
    return [*lines, f"→ look at it alone: ./dev node start, then: ./dev python examples/{error.file}"]


def complain(*lines: str, status: int = FAILED) -> int:
    """Write lines to standard error; return the exit status."""
    print(*lines, sep="\n", file=sys.stderr, flush=True)
    return status


def duration(seconds: float) -> str:
    """Write a time as people do.

    >>> duration(0.0042), duration(0.25), duration(12.34)
    ('4.2 ms', '250 ms', '12.3 s')
    """
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return re.sub(r"\.0+ ", " ", f"{seconds * 1000:.{1 if seconds < 0.01 else 0}f} ms")  # noqa: PLR2004 - two digits


def client_library() -> str:
    """Name the client library in use, with its version."""
    for name in ("scylla-driver", "cassandra-driver"):
        with contextlib.suppress(PackageNotFoundError):
            return f"{name} {version(name)}"
    return "no client library"


if __name__ == "__main__":
    sys.exit(main())
