"""Cassandra's own parser as the judge of every text, where it can be had: one process, asked line by line."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cql_builder.builder.statement import StatementBuilder

    Refusal = Callable[[str], str | None]

# The first question waits until Java has started, and a test may run beside others.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

ORACLE = Path(__file__).resolve().parents[2].parent / "shared" / "oracle" / "run"


def why_no_oracle() -> str:
    if not ORACLE.exists():
        return "Cassandra's parser is not beside the repository (../shared/oracle)"
    missing = [program for program in ("java", "javac", "mvn", "flock") if shutil.which(program) is None]
    return f"Cassandra's parser needs {', '.join(missing)}" if missing else ""


@pytest.fixture(scope="session")
def asked_parser() -> Iterator[Refusal | None]:
    """What Cassandra's parser says against a text, None for nothing; no parser where there is none."""
    if why_no_oracle():
        yield None
        return
    process = subprocess.Popen(
        [str(ORACLE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    asking, answers = process.stdin, process.stdout
    assert asking is not None
    assert answers is not None

    def refusal(cql: str) -> str | None:
        asking.write(json.dumps(cql) + "\n")
        asking.flush()
        verdict = json.loads(answers.readline())
        return None if verdict["ok"] else str(verdict["error"])

    try:
        yield refusal
    finally:
        asking.close()
        process.wait(30)
        answers.close()


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
