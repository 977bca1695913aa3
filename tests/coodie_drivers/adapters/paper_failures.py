"""Failures of the package `cassandra` for tests without a node, and what becomes of one that a driver meets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import CoodieError, Request
from coodie_drivers.adapters.scylla import CassandraDriver
from coodie_drivers.messages import Statement
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from tests.coodie_drivers.adapters.conftest import PaperSession

cassandra: Any = pytest.importorskip("cassandra", reason="needs scylla-driver or cassandra-driver")
connection: Any = pytest.importorskip("cassandra.connection", reason="needs scylla-driver or cassandra-driver")
protocol: Any = pytest.importorskip("cassandra.protocol", reason="needs scylla-driver or cassandra-driver")

QUORUM = cassandra.ConsistencyLevel.QUORUM
SELECT = Statement("SELECT a FROM t", StatementKind.SELECT, idempotent=True)
INSERT = Statement("INSERT INTO t (k, a) VALUES (?, ?)", StatementKind.INSERT, idempotent=True)
SEVERAL = Statement("UPDATE t SET a = ? WHERE k IN ?", StatementKind.UPDATE, idempotent=True)
COUNTER = Statement("UPDATE t SET a = a + ? WHERE k = ?", StatementKind.UPDATE, idempotent=False)
LWT = Statement("UPDATE t SET a = ? WHERE k = ? IF EXISTS", StatementKind.UPDATE, idempotent=True, conditional=True)
CREATE = Statement("CREATE TABLE t (k int PRIMARY KEY)", StatementKind.SCHEMA, idempotent=False)

REPLICAS: dict[str, Any] = {"consistency": QUORUM, "required_responses": 2, "received_responses": 1}


class Node:
    """A host as the library keeps it: hashable, with an endpoint."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint


def server(kind: Any, code: int, message: str = "as it says", info: Any = None) -> Any:
    return kind(code=code, message=message, info=info)


def failure(session: PaperSession, error: Exception, statement: Statement = SELECT, params: Any = ()) -> CoodieError:
    often = 4 if isinstance(error, protocol.OverloadedErrorMessage) and not statement.conditional else 1
    session.answers.extend([error] * often)
    with pytest.raises(CoodieError) as caught:
        CassandraDriver(session).send(Request(statement, params))
    return caught.value


WRITE_TIMEOUT = cassandra.WriteTimeout("m", write_type=cassandra.WriteType.SIMPLE, **REPLICAS)
COUNTER_TIMEOUT = cassandra.WriteTimeout("m", write_type=cassandra.WriteType.COUNTER, **REPLICAS)
CAS_TIMEOUT = cassandra.WriteTimeout("m", write_type=cassandra.WriteType.CAS, **REPLICAS)
UNAVAILABLE = cassandra.Unavailable("m", consistency=QUORUM, required_replicas=2, alive_replicas=1)
TIMED_OUT = cassandra.OperationTimedOut({"10.0.0.1:9042": "Client request timeout"}, None)
LOST = connection.ConnectionShutdown("Connection to 10.0.0.1 was closed")
