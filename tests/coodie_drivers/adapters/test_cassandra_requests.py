"""What the adapter hands to the package `cassandra`: retries, idempotence, consistency, paging, rows."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from coodie_drivers import UNSET, BatchRequest, ConfigurationError, InvalidQueryError, Request, statement_of
from coodie_drivers.adapters.scylla import CassandraDriver
from coodie_drivers.messages import Statement
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from tests.coodie_drivers.adapters.conftest import PaperSession

cassandra: Any = pytest.importorskip("cassandra", reason="needs scylla-driver or cassandra-driver")
connection: Any = pytest.importorskip("cassandra.connection", reason="needs scylla-driver or cassandra-driver")
cqltypes: Any = pytest.importorskip("cassandra.cqltypes", reason="needs scylla-driver or cassandra-driver")
policies: Any = pytest.importorskip("cassandra.policies", reason="needs scylla-driver or cassandra-driver")
protocol: Any = pytest.importorskip("cassandra.protocol", reason="needs scylla-driver or cassandra-driver")
query: Any = pytest.importorskip("cassandra.query", reason="needs scylla-driver or cassandra-driver")

pytestmark = pytest.mark.adapter

SELECT = statement_of("SELECT a FROM t")
INSERT = Statement("INSERT INTO t (k, a) VALUES (?, ?)", StatementKind.INSERT, idempotent=True)
COUNTER = Statement("UPDATE t SET a = a + ? WHERE k = ?", StatementKind.UPDATE, idempotent=False)
LWT = Statement("UPDATE t SET a = ? WHERE k = ? IF EXISTS", StatementKind.UPDATE, idempotent=True, conditional=True)

LOST = connection.ConnectionShutdown("closed")
BOOTSTRAPPING = protocol.IsBootstrappingErrorMessage(code=0x1002, message="", info=None)
OVERLOADED = protocol.OverloadedErrorMessage(code=0x1001, message="", info=None)


@pytest.fixture
def keyed(session: PaperSession) -> PaperSession:
    """A session whose statements have two markers, the first the partition key."""
    session.markers, session.key_indexes = [("k", cqltypes.Int32Type), ("a", cqltypes.Int32Type)], [0]
    return session


def sent_by(session: PaperSession, statement: Statement, params: Any = (1, 2)) -> Any:
    CassandraDriver(session).send(Request(statement, params))
    return session.sent[-1][0]


@pytest.mark.parametrize(("statement", "idempotent"), [(INSERT, True), (COUNTER, False), (LWT, False)])
def test_the_library_is_told_what_may_be_repeated(keyed: PaperSession, statement: Statement, idempotent: bool) -> None:
    assert sent_by(keyed, statement).is_idempotent is idempotent


def test_a_broken_connection_is_no_reason_to_repeat_what_is_not_idempotent(keyed: PaperSession) -> None:
    verdicts = {
        statement.cql: sent_by(keyed, statement).retry_policy.on_request_error(None, None, LOST, 0)[0]
        for statement in (INSERT, COUNTER, LWT)
    }
    assert verdicts == {
        INSERT.cql: policies.RetryPolicy.RETRY_NEXT_HOST,
        COUNTER.cql: policies.RetryPolicy.RETHROW,
        LWT.cql: policies.RetryPolicy.RETHROW,
    }


def test_each_hook_of_the_library_gets_the_decision(keyed: PaperSession) -> None:
    policy = sent_by(keyed, INSERT).retry_policy
    quorum = cassandra.ConsistencyLevel.QUORUM
    assert policy.on_write_timeout(None, quorum, cassandra.WriteType.SIMPLE, 2, 1, 0)[0] == policies.RetryPolicy.RETRY
    assert policy.on_write_timeout(None, quorum, cassandra.WriteType.BATCH, 2, 1, 0)[0] == policies.RetryPolicy.RETHROW
    assert policy.on_write_timeout(None, quorum, cassandra.WriteType.SIMPLE, 2, 1, 1)[0] == policies.RetryPolicy.RETHROW
    assert policy.on_unavailable(None, quorum, 2, 1, 0)[0] == policies.RetryPolicy.RETRY_NEXT_HOST
    assert policy.on_request_error(None, quorum, BOOTSTRAPPING, 5)[0] == policies.RetryPolicy.RETRY_NEXT_HOST
    # The library would not wait, or would do so for its own thread's time: the request itself waits.
    assert policy.on_request_error(None, quorum, OVERLOADED, 0)[0] == policies.RetryPolicy.RETHROW
    reads = sent_by(keyed, SELECT, ()).retry_policy
    assert reads.on_read_timeout(None, quorum, 2, 2, False, 0)[0] == policies.RetryPolicy.RETRY
    assert reads.on_read_timeout(None, quorum, 2, 1, False, 0)[0] == policies.RetryPolicy.RETHROW


def test_nothing_is_sent_again_on_a_session_that_was_shut_down(keyed: PaperSession) -> None:
    policy = sent_by(keyed, INSERT).retry_policy
    assert policy.on_request_error(None, None, LOST, 0)[0] == policies.RetryPolicy.RETRY_NEXT_HOST
    keyed.is_shutdown = True
    assert policy.on_request_error(None, None, LOST, 0)[0] == policies.RetryPolicy.RETHROW


def test_a_policy_of_the_sessions_owner_may_only_give_up_more(keyed: PaperSession) -> None:
    keyed.profile.retry_policy = policies.FallthroughRetryPolicy()
    assert sent_by(keyed, INSERT).retry_policy.on_request_error(None, None, LOST, 0)[0] == policies.RetryPolicy.RETHROW

    class Eager(policies.RetryPolicy):  # type: ignore[misc]  # the library carries no types
        def on_request_error(self, *_: Any, **__: Any) -> tuple[int, None]:
            return self.RETRY, None

        def on_unavailable(self, *_: Any, **__: Any) -> tuple[int, None]:
            return self.IGNORE, None

    keyed.profile.retry_policy = Eager()
    assert sent_by(keyed, INSERT).retry_policy.on_request_error(None, None, LOST, 0)[0] == policies.RetryPolicy.RETRY
    assert sent_by(keyed, COUNTER).retry_policy.on_request_error(None, None, LOST, 0)[0] == policies.RetryPolicy.RETHROW
    assert sent_by(keyed, INSERT).retry_policy.on_unavailable(None, None, 2, 1, 0)[0] == policies.RetryPolicy.RETHROW


def test_options_of_a_request_are_handed_over(session: PaperSession) -> None:
    CassandraDriver(session).send(Request(SELECT, (), "local_quorum", 2.5, 7, b"state"))
    statement, options = session.sent[0]
    assert (statement.consistency_level, statement.fetch_size) == (cassandra.ConsistencyLevel.LOCAL_QUORUM, 7)
    assert (options["timeout"], options["paging_state"]) == (2.5, b"state")


def test_what_a_request_leaves_open_is_left_to_the_session(session: PaperSession) -> None:
    CassandraDriver(session).send(Request(SELECT))
    statement, options = session.sent[0]
    assert statement.consistency_level is None
    assert set(options) == {"execution_profile"}


@pytest.mark.parametrize("consistency", ["QUORM", "", 4])
def test_a_wrong_consistency_is_refused_before_the_network(session: PaperSession, consistency: Any) -> None:
    with pytest.raises(ConfigurationError, match="there are ANY, ONE"):
        CassandraDriver(session).send(Request(SELECT, (), consistency))
    assert session.sent == []


def test_a_batch_is_one_frame_of_prepared_statements(keyed: PaperSession) -> None:
    literal = statement_of("DELETE FROM t WHERE k = 7")
    CassandraDriver(keyed).send(BatchRequest([(INSERT, (1, 2)), (literal, ())], "unlogged", "QUORUM", 3.0))
    statement, options = keyed.sent[0]
    assert (statement.batch_type, len(statement)) == (query.BatchType.UNLOGGED, 2)
    assert statement.consistency_level == cassandra.ConsistencyLevel.QUORUM
    assert 2.5 < options["timeout"] <= 3.0, "the schema's version was looked at in its time"
    assert statement.is_idempotent is True


@pytest.mark.parametrize(
    ("parts", "kind", "idempotent"),
    [([INSERT, INSERT], "logged", True), ([INSERT, COUNTER], "logged", False), ([INSERT, LWT], "logged", False)],
)
def test_a_batch_may_be_repeated_only_if_all_its_parts_may(
    keyed: PaperSession, parts: list[Statement], kind: Any, idempotent: bool
) -> None:
    CassandraDriver(keyed).send(BatchRequest([(part, (1, 2)) for part in parts], kind))
    assert keyed.sent[0][0].is_idempotent is idempotent


@pytest.mark.parametrize(
    ("batch", "reason"),
    [
        (BatchRequest([]), "a batch needs at least one statement"),
        (BatchRequest([(SELECT, ())] * 2**16), "65,535 statements at most, and this one has 65,536"),
        (BatchRequest([(INSERT, (1, 2))], "lodged"), "no batch of kind 'lodged'; there are logged"),  # type: ignore[arg-type]
    ],
)
def test_a_batch_that_cannot_be_is_refused(keyed: PaperSession, batch: BatchRequest, reason: str) -> None:
    with pytest.raises(InvalidQueryError, match=reason):
        CassandraDriver(keyed).send(batch)
    assert keyed.sent == []


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ((1,), "the statement has 2 markers, but 1 value was given"),
        ((1, 2, 3), "the statement has 2 markers, but 3 values were given"),
        ((None, 2), r"column 'k' \(int\): a partition key column cannot be null"),
        ((UNSET, 2), r"column 'k' \(int\): a partition key column cannot be unset"),
    ],
)
def test_wrong_values_are_refused_before_the_network(keyed: PaperSession, params: Any, reason: str) -> None:
    with pytest.raises(InvalidQueryError, match=reason):
        CassandraDriver(keyed).send(Request(INSERT, params))
    assert keyed.sent == []


NO_TEXTS: list[Any] = [None, b"x", [], 7]
WRONG_CALLS: list[tuple[dict[str, Any], str]] = [
    *[
        ({"timeout": wrong}, "timeout takes seconds, a number above 0, not ")
        for wrong in (0, -1, 0.0, float("nan"), "1", True, b"1")
    ],
    *[({"fetch_size": wrong}, "fetch_size takes rows of a page") for wrong in (0, -1, 2**31, 1.0, "x", True)],
    *[({"paging_state": wrong}, "paging_state takes the bytes") for wrong in ("x", 1, bytearray(b"x"))],
    *[
        ({"params": wrong}, f"params takes a list with a value for each marker, not {type(wrong).__name__}")
        for wrong in ("", "canary", b"canary", {}, {"k": "canary"}, {1, 2}, 7, iter([1, 2]))
    ],
    *[({"stmt": wrong}, f"a statement is a str of CQL, not {type(wrong).__name__}") for wrong in NO_TEXTS],
    (
        {"stmt": "SELECT a FROM t WHERE b = 'canary \ud800'", "params": []},
        "the statement's text holds half of a surrogate",
    ),
    ({"stmt": "INSERT INTO t (k, a) VALUES (?, ?) -- \udcff"}, "the statement's text holds half of a surrogate"),
]


@pytest.mark.parametrize(("wrong", "reason"), WRONG_CALLS, ids=range(len(WRONG_CALLS)))
async def test_a_wrongly_typed_argument_is_refused_before_the_network(
    keyed: PaperSession, wrong: dict[str, Any], reason: str
) -> None:
    driver = CassandraDriver(keyed)
    arguments: dict[str, Any] = {"stmt": INSERT.cql, "params": [1, 2], **wrong}
    with pytest.raises(InvalidQueryError, match=reason) as caught:
        driver.execute(**arguments)
    with pytest.raises(InvalidQueryError, match=reason):
        await driver.execute_async(**arguments)
    text = arguments.pop("stmt")
    arguments["statement"] = Statement(text, StatementKind.INSERT, idempotent=True)
    with pytest.raises(InvalidQueryError, match=reason):
        driver.send(Request(**arguments))
    with pytest.raises(InvalidQueryError, match=reason):
        await driver.send_async(Request(**arguments))
    assert keyed.sent == []
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("batch", "reason"),
    [
        (BatchRequest([(INSERT, (1, 2))], timeout=0), "timeout takes seconds"),
        (BatchRequest([(INSERT, (1, 2))], timestamp=True), "timestamp takes microseconds, an int .*, not bool"),
        (BatchRequest([(INSERT, (1, 2))], timestamp=2**63), "timestamp takes microseconds"),
        (BatchRequest([(INSERT, (1, 2)), (INSERT, "ab")]), "params takes a list"),
    ],
)
def test_a_wrongly_typed_batch_is_refused_before_the_network(
    keyed: PaperSession, batch: BatchRequest, reason: str
) -> None:
    with pytest.raises(InvalidQueryError, match=reason):
        CassandraDriver(keyed).send(batch)
    assert keyed.sent == []


def test_no_params_may_be_none_and_any_sequence_will_do(keyed: PaperSession) -> None:
    nothing: Any = None
    CassandraDriver(keyed).execute("SELECT a FROM t", nothing)
    assert sent_by(keyed, INSERT, range(1, 3)).values == [b"\x00\x00\x00\x01", b"\x00\x00\x00\x02"]


@pytest.mark.parametrize("stmt", ["USE system", " use system;", '/* a * b */ -- c\n// d\nUse "Shop"', 'USE"Shop"'])
async def test_a_keyspace_is_never_switched(session: PaperSession, stmt: str) -> None:
    driver = CassandraDriver(session)
    with pytest.raises(InvalidQueryError, match=r"never switched.*name the keyspace in the statement"):
        driver.execute(stmt, [])
    with pytest.raises(InvalidQueryError, match="never switched"):
        await driver.execute_async(stmt, [])
    assert session.sent == []
    for other in ("LIST ROLES", "/* use */ GRANT SELECT ON used TO use", "/* */ " * 50 + "users"):
        driver.execute(other, [])
    assert len(session.sent) == 3


EAST, WEST = (timezone(timedelta(hours=hours)) for hours in (5, -5))


@pytest.mark.parametrize("beyond", [datetime(1, 1, 1, tzinfo=EAST), datetime.max.replace(tzinfo=WEST)])
def test_a_time_that_is_beyond_pythons_years_in_utc_is_refused(session: PaperSession, beyond: datetime) -> None:
    session.markers = [("at", cqltypes.DateType)]
    with pytest.raises(InvalidQueryError, match=r"column 'at' \(timestamp\): .* within the years 1 to 9999 in UTC"):
        CassandraDriver(session).execute("UPDATE t SET at = ?", [beyond])
    assert session.sent == []


@pytest.mark.parametrize(
    "edge",
    [
        datetime(1, 1, 1, 5, tzinfo=EAST),
        datetime(9999, 12, 31, 18, 59, 59, 999_999, tzinfo=WEST),
        datetime(1, 1, 1),  # noqa: DTZ001 - a naive time is taken as UTC
    ],
)
def test_the_first_and_last_time_in_utc_are_sent(session: PaperSession, edge: datetime) -> None:
    session.markers = [("at", cqltypes.DateType)]
    CassandraDriver(session).execute("UPDATE t SET at = ?", [edge])
    assert len(session.sent) == 1


class Row(NamedTuple):
    a: int
    b: str


ANY_ROWS: list[Any] = [
    [(1, "127.0.0.1")],
    [Row(1, "127.0.0.1")],
    [{"a": 1, "b": "127.0.0.1"}],
    [OrderedDict(b="127.0.0.1", a=1)],
    iter([(1, "127.0.0.1")]),
]


@pytest.mark.parametrize("rows", ANY_ROWS, ids=["tuples", "named tuples", "dicts", "ordered dicts", "an iterator"])
def test_rows_are_the_same_whatever_the_sessions_row_factory_makes(
    session: PaperSession, monkeypatch: pytest.MonkeyPatch, rows: Any
) -> None:
    session.legacy = True
    execute_async = session.execute_async

    def with_columns(statement: Any, **options: Any) -> Any:
        future = execute_async(statement, **options)
        monkeypatch.setattr(future, "_col_names", ["a", "b"])
        monkeypatch.setattr(future, "_col_types", [cqltypes.Int32Type, cqltypes.InetAddressType])
        return future

    monkeypatch.setattr(session, "execute_async", with_columns)
    session.answers.append(rows)
    found = CassandraDriver(session).execute("SELECT a, b FROM t", [])
    assert [(row["a"], str(row["b"])) for row in found] == [(1, "127.0.0.1")]
    assert found.columns == ("a", "b")
    assert session.sent[0][1] == {}

    session.answers.append([object()])
    with pytest.raises(ConfigurationError, match="row_factory makes object objects"):
        CassandraDriver(session).execute("SELECT a, b FROM t", [])


@pytest.mark.parametrize("condition", ["k IN (?, ?)", "k in(?, 7)"])
def test_an_in_on_the_key_is_several_partitions_whatever_the_server_says_of_its_markers(
    keyed: PaperSession, condition: str
) -> None:
    # For markers of `IN (?, ?)` the server answers with the same indexes as for `= ?`.
    append = Statement(f"UPDATE t SET a = a + [1] WHERE {condition}", StatementKind.UPDATE, idempotent=False)
    policy = sent_by(keyed, append).retry_policy
    assert policy.on_unavailable(None, cassandra.ConsistencyLevel.QUORUM, 2, 1, 0)[0] == policies.RetryPolicy.RETHROW


def test_a_reply_says_how_often_it_was_asked_for(keyed: PaperSession) -> None:
    keyed.attempted_hosts = [*keyed.attempted_hosts, object()]
    assert CassandraDriver(keyed).send(Request(INSERT, (1, 2))).attempts == 2
