"""What binds a whole list is not repeated: sent twice with one timestamp, it leaves its elements twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import UNSET, BatchRequest, Request, statement_of
from coodie_drivers.adapters.scylla import CassandraDriver
from coodie_drivers.messages import Statement
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from tests.coodie_drivers.adapters.conftest import PaperSession

connection: Any = pytest.importorskip("cassandra.connection", reason="needs scylla-driver or cassandra-driver")
cqltypes: Any = pytest.importorskip("cassandra.cqltypes", reason="needs scylla-driver or cassandra-driver")
policies: Any = pytest.importorskip("cassandra.policies", reason="needs scylla-driver or cassandra-driver")

pytestmark = pytest.mark.adapter

INSERT = Statement("INSERT INTO t (k, a) VALUES (?, ?)", StatementKind.INSERT, idempotent=True)
UPDATE = Statement("UPDATE t SET k = ? WHERE a = ?", StatementKind.UPDATE, idempotent=True)
DELETE = Statement("DELETE FROM t WHERE k = ? AND a IN ?", StatementKind.DELETE, idempotent=True)
SELECT = statement_of("SELECT k FROM t WHERE k = ? AND a IN ?")
LITERAL = Statement("INSERT INTO t (k, a) VALUES (1, [2])", StatementKind.INSERT, idempotent=True)
LOST = connection.ConnectionShutdown("closed")


@pytest.fixture
def with_list(session: PaperSession) -> PaperSession:
    """A session whose statements have two markers, an int and a list of int."""
    numbers = cqltypes.ListType.apply_parameters([cqltypes.Int32Type])
    session.markers = [("k", cqltypes.Int32Type), ("a", numbers)]
    return session


def repeated(session: PaperSession, request: Request | BatchRequest) -> bool:
    """Whether the library may send this again, speculatively and after the connection broke."""
    CassandraDriver(session, owns_session=True).send(request)
    statement = session.sent[-1][0]
    decision = statement.retry_policy.on_request_error(None, None, LOST, 0)[0]
    assert statement.is_idempotent is (decision == policies.RetryPolicy.RETRY_NEXT_HOST)
    return bool(statement.is_idempotent)


@pytest.mark.parametrize(
    ("statement", "value", "expected"),
    [
        (INSERT, [1, 2], False),
        (INSERT, (1,), False),
        (UPDATE, [1], False),
        (INSERT, [], True),
        (INSERT, None, True),
        (INSERT, UNSET, True),
        (DELETE, [1, 2], True),
        (SELECT, [1, 2], True),
    ],
)
def test_a_statement_that_writes_a_list_is_not_repeated(
    with_list: PaperSession, statement: Statement, value: Any, expected: bool
) -> None:
    assert repeated(with_list, Request(statement, (1, value))) is expected


def test_a_set_may_be_written_twice(with_list: PaperSession) -> None:
    with_list.markers[1] = ("a", cqltypes.SetType.apply_parameters([cqltypes.Int32Type]))
    assert repeated(with_list, Request(INSERT, (1, {1, 2})))


def test_a_list_in_the_partition_key_may_be_written_twice(with_list: PaperSession) -> None:
    with_list.key_indexes = [1]
    assert repeated(with_list, Request(INSERT, (1, [1, 2])))


Part = tuple[Statement, tuple[Any, ...]]

NO_ELEMENTS: Part = (INSERT, (1, []))
ELEMENTS: Part = (INSERT, (1, [1]))
DELETING: Part = (DELETE, (1, [1, 2]))
AS_TEXT: Part = (LITERAL, ())


@pytest.mark.parametrize(
    ("part", "timestamp", "expected"),
    [
        (DELETING, None, True),
        (DELETING, 42, True),
        (ELEMENTS, None, False),
        (ELEMENTS, 42, False),
        (AS_TEXT, None, True),
        (AS_TEXT, 42, False),
    ],
)
def test_a_batch_that_may_write_a_list_is_not_repeated(
    with_list: PaperSession, part: Part, timestamp: int | None, expected: bool
) -> None:
    assert repeated(with_list, BatchRequest([NO_ELEMENTS, part], timestamp=timestamp)) is expected
