"""Cassandra's own parser as the judge of every text, where it can be had: one process a version."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cql_builder.builder.statement import StatementBuilder

    Refusal = Callable[[str], str | None]
    Judge = Callable[[Sequence[str], str], list[bool]]

# The first question waits until Java has started, and a test may run beside others.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

ORACLE = Path(__file__).resolve().parents[2].parent / "shared" / "oracle" / "run"


def why_no_oracle() -> str:
    if not ORACLE.exists():
        return "Cassandra's parser is not beside the repository (../shared/oracle)"
    missing = [program for program in ("java", "javac", "mvn", "flock") if shutil.which(program) is None]
    return f"Cassandra's parser needs {', '.join(missing)}" if missing else ""


ORACLE_VERSIONS = {
    "cassandra-4.0": "4.0.19",
    "cassandra-4.1": "4.1.10",
    "cassandra-5.0": "5.0.9",
    "cassandra-6.0": "6.0-alpha2",
}
"""The release whose parser stands for each dialect."""


class Oracle:
    """The parser of one Cassandra release, in a process of its own that is asked again and again."""

    def __init__(self, version: str) -> None:
        self._process = subprocess.Popen(
            [str(ORACLE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "CASSANDRA_VERSION": version},
        )

    def ask(self, statements: Sequence[str]) -> list[str | None]:
        """What is said against each statement, None for nothing."""
        asking, answers = self._process.stdin, self._process.stdout
        assert asking is not None
        assert answers is not None

        def write() -> None:
            asking.writelines(json.dumps(cql) + "\n" for cql in statements)
            asking.flush()

        # Answers come while questions are still written: with both in one thread, each would wait for the other.
        writer = threading.Thread(target=write)
        writer.start()
        verdicts = [json.loads(answers.readline()) for _ in statements]
        writer.join()
        return [None if verdict["ok"] else str(verdict["error"]) for verdict in verdicts]

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


@pytest.fixture(scope="session")
def oracles() -> Iterator[Callable[[str], Oracle] | None]:
    """The parser of a release, started when it is asked for first; None where there is none."""
    if why_no_oracle():
        yield None
        return
    with contextlib.ExitStack() as stack:
        started: dict[str, Oracle] = {}

        def oracle(version: str) -> Oracle:
            if version not in started:
                started[version] = stack.enter_context(contextlib.closing(Oracle(version)))
            return started[version]

        yield oracle


@pytest.fixture(scope="session")
def refusals(oracles: Callable[[str], Oracle] | None) -> Callable[[Sequence[str], str], list[str | None]]:
    """What the parser of a dialect's Cassandra says against each statement; skips where there is no parser."""
    if oracles is None:
        pytest.skip(why_no_oracle())
    return lambda statements, dialect: oracles(ORACLE_VERSIONS[dialect]).ask(statements)


@pytest.fixture(scope="session")
def judge(oracles: Callable[[str], Oracle] | None) -> Judge:
    """Whether the parser of a Cassandra release, such as `5.0.9`, takes each statement; skips where there is none."""
    if oracles is None:
        pytest.skip(why_no_oracle())
    return lambda statements, version: [error is None for error in oracles(version).ask(statements)]


@pytest.fixture(scope="session")
def asked_parser(oracles: Callable[[str], Oracle] | None) -> Refusal | None:
    """What Cassandra's parser says against a text, None for nothing; no parser where there is none."""
    if oracles is None:
        return None
    oracle = oracles(ORACLE_VERSIONS["cassandra-5.0"])
    return lambda cql: oracle.ask([cql])[0]


@pytest.fixture(scope="session")
def refusal(asked_parser: Refusal | None) -> Refusal:
    """What Cassandra's parser says against a text, None for nothing; skips where there is no parser."""
    if asked_parser is None:
        pytest.skip(why_no_oracle())
    return asked_parser


@pytest.fixture(scope="session")
def check(asked_parser: Refusal | None) -> Callable[[StatementBuilder, str], None]:
    """Assert the text of a statement, and that Cassandra's parser takes it where there is one."""

    def checked(statement: StatementBuilder, cql: str) -> None:
        compiled = statement.compile()
        assert compiled.cql == cql
        assert len(compiled.names) == len(compiled.params) == cql.count("?")
        if asked_parser is not None:
            assert asked_parser(cql) is None

    return checked
