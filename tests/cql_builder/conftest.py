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

from cql_builder import compile_statement, parse_cql
from cql_builder.dialects import find_dialect
from cql_builder.errors import CqlSyntaxError, DialectSyntaxError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cql_builder.ast import Node
    from cql_builder.builder.statement import StatementBuilder
    from cql_builder.dialects import DialectName

    Refusal = Callable[[str], str | None]

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
def complaints(refusals: Callable[[Sequence[str], str], list[str | None]]) -> Callable[[Sequence[str]], dict[str, str]]:
    """What Cassandra's parser says against those of some texts that it refuses; skips where there is no parser."""

    def said_against(texts: Sequence[str]) -> dict[str, str]:
        errors = refusals(texts, "cassandra-5.0")
        return {text: error for text, error in zip(texts, errors, strict=True) if error is not None}

    return said_against


@pytest.fixture(scope="session")
def is_read_as() -> Callable[[DialectName, str, Node], None]:
    """Assert that a dialect reads a text as a tree, and the text of that tree too."""

    def read_as(dialect: DialectName, text: str, tree: Node) -> None:
        statement = parse_cql(text, dialect=dialect)
        assert statement == tree
        text = compile_statement(statement, dialect=find_dialect(dialect)).cql
        assert parse_cql(text, dialect=dialect) == tree

    return read_as


@pytest.fixture(scope="session")
def is_refused_for() -> Callable[[DialectName, str, str], None]:
    """Assert that a dialect refuses a text for a reason, and not for being another dialect's."""

    def refused_for(dialect: DialectName, text: str, reason: str) -> None:
        with pytest.raises(CqlSyntaxError) as refused:
            parse_cql(text, dialect=dialect)
        assert reason in str(refused.value)
        assert not isinstance(refused.value, DialectSyntaxError)

    return refused_for


@pytest.fixture(scope="session")
def is_only_elsewhere() -> Callable[[DialectName, str, str], None]:
    """Assert that a dialect refuses a text by the name of what it lacks, and that one of those named has it."""

    def only_elsewhere(dialect: DialectName, text: str, feature: str) -> None:
        with pytest.raises(DialectSyntaxError) as refused:
            parse_cql(text, dialect=dialect)
        assert refused.value.feature.startswith(feature)
        assert any(parse_cql(text, dialect=find_dialect(other)) for other in refused.value.supported_by)

    return only_elsewhere


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
