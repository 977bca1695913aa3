"""A request that is like one before it in all but its values is started at once, and is the same in all else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import UNSET, BatchRequest, InvalidQueryError, Request
from coodie_drivers.adapters.scylla import CassandraDriver
from coodie_drivers.errors import DriverClosedError
from coodie_drivers.messages import Statement
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from tests.coodie_drivers.adapters.conftest import PaperSession

cassandra: Any = pytest.importorskip("cassandra", reason="needs scylla-driver or cassandra-driver")
connection: Any = pytest.importorskip("cassandra.connection", reason="needs scylla-driver or cassandra-driver")
cqltypes: Any = pytest.importorskip("cassandra.cqltypes", reason="needs scylla-driver or cassandra-driver")
policies: Any = pytest.importorskip("cassandra.policies", reason="needs scylla-driver or cassandra-driver")

pytestmark = pytest.mark.adapter

INSERT = Statement("INSERT INTO t (k, a) VALUES (?, ?)", StatementKind.INSERT, idempotent=True)
AGAIN = Statement(INSERT.cql, StatementKind.INSERT, idempotent=False)
LOST = connection.ConnectionShutdown("closed")


@pytest.fixture
def driver(session: PaperSession) -> CassandraDriver:
    """A driver that binds by generated functions: an int and a list of int, of which one was sent already."""
    numbers = cqltypes.ListType.apply_parameters([cqltypes.Int32Type])
    session.markers = [("k", cqltypes.Int32Type), ("a", numbers)]
    session.key_indexes = [0]
    driver = CassandraDriver(session, codec=True)
    driver.send(Request(INSERT, (1, [])))
    return driver


def sent_again(statement: Any) -> bool:
    """Whether the statement goes out again after its connection broke."""
    return bool(statement.retry_policy.on_request_error(None, None, LOST, 0)[0] == policies.RetryPolicy.RETRY_NEXT_HOST)


@pytest.mark.parametrize("values", [(2, []), [2, []], (2, None), (2, UNSET), (2, [3]), (2, (3,))])
def test_it_is_what_the_first_one_is(driver: CassandraDriver, session: PaperSession, values: Any) -> None:
    fresh = CassandraDriver(session, codec=True)
    for each in (fresh, driver):
        each.send(Request(INSERT, values))
    (first, options), (known, same_options) = session.sent[-2:]
    assert list(known.values) == list(first.values)
    assert known.is_idempotent is first.is_idempotent
    assert sent_again(known) is sent_again(first) is known.is_idempotent
    assert known.consistency_level == first.consistency_level
    assert known.routing_key == first.routing_key
    assert options.pop("timeout") <= session.default_timeout, "the schema's version was looked at in its time"
    assert options.keys() == same_options.keys()


def test_a_list_among_the_values_of_one_says_nothing_of_the_next(
    driver: CassandraDriver, session: PaperSession
) -> None:
    for value in ([1], [], [2]):
        driver.send(Request(INSERT, (1, value)))
    assert [statement.is_idempotent for statement, _ in session.sent[-3:]] == [False, True, False]


def test_options_are_of_one_request_alone(driver: CassandraDriver, session: PaperSession) -> None:
    driver.send(Request(INSERT, (1, []), "QUORUM", 3.0, 7, b"state"))
    driver.send(Request(INSERT, (1, [])))
    (chosen, options), (plain, none) = session.sent[-2:]
    assert (chosen.consistency_level, chosen.fetch_size) == (cassandra.ConsistencyLevel.QUORUM, 7)
    assert (options["timeout"], options["paging_state"]) == (3.0, b"state")
    assert plain.consistency_level is None
    assert plain.fetch_size != 7
    assert not {"timeout", "paging_state"} & none.keys()


def test_another_description_of_the_text_is_sent_as_it_says(driver: CassandraDriver, session: PaperSession) -> None:
    for statement in (AGAIN, INSERT, AGAIN):
        driver.send(Request(statement, (1, [])))
    assert [statement.is_idempotent for statement, _ in session.sent[-3:]] == [False, True, False]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ((1,), "the statement has 2 markers, but 1 value was given"),
        ((None, None), "column 'k' (int): a partition key column cannot be null"),
        ((2**31, None), "column 'k' (int): "),
        ("ab", "params takes a list with a value for each marker, not str"),
        ({1: 2, 3: 4}, "params takes a list with a value for each marker, not dict"),
    ],
)
def test_wrong_values_are_told_as_of_the_first_one(
    driver: CassandraDriver, session: PaperSession, values: Any, sentence: str
) -> None:
    before = len(session.sent)
    with pytest.raises(InvalidQueryError) as refused:
        driver.send(Request(INSERT, values))
    assert str(refused.value).startswith(sentence)
    assert len(session.sent) == before


def test_a_closed_driver_sends_nothing(driver: CassandraDriver, session: PaperSession) -> None:
    before = len(session.sent)
    driver.close()
    with pytest.raises(DriverClosedError):
        driver.send(Request(INSERT, (1, [])))
    assert len(session.sent) == before


def test_a_session_that_takes_no_profiles_any_more_is_sent_to_all_the_same(
    driver: CassandraDriver, session: PaperSession
) -> None:
    session.legacy = True
    driver.send(Request(INSERT, (2, [])))
    assert "execution_profile" not in session.sent[-1][1]


async def test_it_is_the_same_where_it_is_awaited(driver: CassandraDriver, session: PaperSession) -> None:
    await driver.send_async(Request(INSERT, (2, [3])))
    assert not session.sent[-1][0].is_idempotent


def test_the_parts_of_a_batch_are_each_looked_at(driver: CassandraDriver, session: PaperSession) -> None:
    driver.send(BatchRequest([(INSERT, (1, [])), (INSERT, (2, []))]))
    assert session.sent[-1][0].is_idempotent
    driver.send(BatchRequest([(INSERT, (1, [])), (INSERT, (2, [3]))]))
    assert not session.sent[-1][0].is_idempotent
    wrong: Any = "ab"
    with pytest.raises(InvalidQueryError, match="params takes a list"):
        driver.send(BatchRequest([(INSERT, (1, [])), (INSERT, wrong)]))
