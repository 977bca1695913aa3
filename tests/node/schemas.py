"""Keyspaces of a real node as values: read, changed and compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from coodie_drivers.errors import InvalidRequestError
from cql_builder.schema import KeyspaceSchema, diff_schema, schema_from_cql, schema_from_rows, system_queries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cql_builder.schema import Step


def introspected(driver: Any, keyspace: str) -> KeyspaceSchema:
    rows = {query.table: driver.execute(query.cql, list(query.params)) for query in system_queries(keyspace)}
    schema = schema_from_rows(keyspace, rows)
    assert schema is not None
    return schema


def execute(driver: Any, steps: Iterable[Step]) -> None:
    for step in steps:
        assert step.cql is not None, step.reason
        driver.execute(step.cql, [])


def wanted(text: str, there: KeyspaceSchema) -> KeyspaceSchema:
    """The keyspace of a script that says nothing of the keyspace itself."""
    return replace(schema_from_cql(text, there.name), replication=there.replication)


def differences(actual: KeyspaceSchema, desired: KeyspaceSchema) -> list[tuple[str | None, str]]:
    return [(step.cql, step.reason) for step in diff_schema(actual, desired)]


def is_refused(driver: Any, cql: str) -> bool:
    try:
        driver.execute(cql, [])
    except InvalidRequestError:
        return True
    return False
