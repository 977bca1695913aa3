"""Prepared statements that a node has forgotten, or that refuse a value: prepared and bound anew, and how often."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.coodie_drivers.adapters.paper_failures import COUNTER, INSERT, LOST, protocol, server

from coodie_drivers import InvalidQueryError, Request
from coodie_drivers.adapters._cassandra_unreadable import ForgottenError
from coodie_drivers.adapters.scylla import CassandraDriver
from coodie_drivers.errors import ClusterUnavailableError, CoodieError, InvalidRequestError, ServerError

if TYPE_CHECKING:
    from tests.coodie_drivers.adapters.conftest import PaperSession

cassandra: Any = pytest.importorskip("cassandra", reason="needs scylla-driver or cassandra-driver")
cqltypes: Any = pytest.importorskip("cassandra.cqltypes", reason="needs scylla-driver or cassandra-driver")

pytestmark = pytest.mark.adapter


@pytest.fixture
def texts(session: PaperSession, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were prepared; the statements have a key and another marker, of a type that a test may change."""
    session.markers, session.key_indexes = [("k", cqltypes.Int32Type), ("a", cqltypes.Int32Type)], [0]
    prepared: list[str] = []
    prepare = session.prepare

    def noted(cql: str) -> Any:
        prepared.append(cql)
        return prepare(cql)

    monkeypatch.setattr(session, "prepare", noted)
    return prepared


def bytes_sent(session: PaperSession) -> list[bytes]:
    return [statement.values[1] for statement, _ in session.sent]


def send(driver: CassandraDriver, request: Request, *, awaited: bool) -> Any:
    return asyncio.run(driver.send_async(request)) if awaited else driver.send(request)


@pytest.mark.parametrize("awaited", [False, True])
def test_a_forgotten_statement_is_bound_by_its_new_types(
    session: PaperSession, texts: list[str], awaited: bool
) -> None:
    driver = CassandraDriver(session)
    send(driver, Request(COUNTER, (1, 5)), awaited=awaited)
    session.markers[1] = ("a", cqltypes.FloatType)
    session.answers.append(ForgottenError())
    reply = send(driver, Request(COUNTER, (1, 5)), awaited=awaited)
    assert texts == [COUNTER.cql] * 2
    assert bytes_sent(session)[1:] == [b"\x00\x00\x00\x05", b"\x40\xa0\x00\x00"]
    assert reply.attempts == 2


@pytest.mark.parametrize("awaited", [False, True])
def test_a_statement_that_is_often_forgotten_is_sent_as_long_as_there_is_time(
    session: PaperSession, texts: list[str], awaited: bool
) -> None:
    session.answers.extend([ForgottenError()] * 12)
    reply = send(CassandraDriver(session), Request(COUNTER, (1, 5), timeout=30.0), awaited=awaited)
    assert reply.attempts == len(texts) == 13


@pytest.mark.parametrize("awaited", [False, True])
def test_a_statement_that_is_always_forgotten_is_sent_until_the_time_is_over(
    session: PaperSession, texts: list[str], awaited: bool
) -> None:
    session.answers.extend([ForgottenError()] * 1000)
    began = time.monotonic()
    with pytest.raises(ServerError, match=r"forgets .* enlarge prepared_statements_cache_size") as caught:
        send(CassandraDriver(session), Request(COUNTER, (1, 5), timeout=0.5), awaited=awaited)
    assert (caught.value.outcome, caught.value.retryable) == ("not_applied", True)
    assert 2 < caught.value.attempts == len(texts) < 15
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("awaited", [False, True])
def test_a_statement_that_is_always_forgotten_is_not_sent_for_ever(
    session: PaperSession, texts: list[str], awaited: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coodie_drivers.adapters._forgotten._LONGEST_PAUSE", 0.001)
    monkeypatch.setattr(session, "default_timeout", None)
    session.profile.request_timeout = None
    session.answers.extend([ForgottenError()] * 1000)
    with pytest.raises(ServerError, match=r"forgets .* enlarge prepared_statements_cache_size") as caught:
        send(CassandraDriver(session), Request(COUNTER, (1, 5)), awaited=awaited)
    assert 10 < caught.value.attempts == len(texts) < 200


def test_a_busy_node_has_its_pauses_also_after_it_forgot(session: PaperSession, texts: list[str]) -> None:
    session.answers.extend([*[ForgottenError()] * 6, server(protocol.OverloadedErrorMessage, 0x1001)])
    reply = CassandraDriver(session).send(Request(COUNTER, (1, 5), timeout=30.0))
    assert (reply.attempts, len(texts)) == (8, 7)


def test_what_was_perhaps_applied_before_it_was_forgotten_is_not_forgotten(
    session: PaperSession, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    driver, execute = CassandraDriver(session), session.execute_async

    def lost_by_the_first_node(statement: Any, **options: Any) -> Any:
        statement.retry_policy.on_request_error(statement, None, LOST, 0)
        session.prepare_errors.append(cassandra.InvalidRequest("the column is gone"))
        return execute(statement, **options)

    monkeypatch.setattr(session, "execute_async", lost_by_the_first_node)
    session.answers.append(ForgottenError())
    with pytest.raises(InvalidRequestError, match="the column is gone") as caught:
        driver.send(Request(INSERT, (1, 5)))
    assert caught.value.outcome == "unknown"
    assert len(texts) == 2


@pytest.mark.parametrize("awaited", [False, True])
def test_a_refused_value_is_tried_with_the_columns_as_they_are_now(
    session: PaperSession, texts: list[str], awaited: bool
) -> None:
    driver = CassandraDriver(session)
    send(driver, Request(INSERT, (1, 5)), awaited=awaited)
    session.markers[1] = ("a", cqltypes.UTF8Type)
    send(driver, Request(INSERT, (1, "five")), awaited=awaited)
    assert bytes_sent(session) == [b"\x00\x00\x00\x05", b"five"]
    # A value that is wrong causes one PREPARE in a second, not one each.
    for _ in range(3):
        with pytest.raises(InvalidQueryError, match="column 'a'"):
            send(driver, Request(INSERT, (1, 5)), awaited=awaited)
    assert len(texts) == 2


@pytest.mark.parametrize("awaited", [False, True])
def test_a_refused_value_is_refused_also_where_nothing_can_be_prepared(
    session: PaperSession, texts: list[str], awaited: bool
) -> None:
    driver = CassandraDriver(session)
    send(driver, Request(INSERT, (1, 5)), awaited=awaited)
    session.prepare_errors.append(LOST)
    with pytest.raises(CoodieError) as caught:
        send(driver, Request(INSERT, (1, "five")), awaited=awaited)
    assert isinstance(caught.value, InvalidQueryError)
    assert not isinstance(caught.value, ClusterUnavailableError)
    assert len(texts) == 2


def test_the_driver_forgets_what_it_prepared_when_it_changes_the_schema(
    session: PaperSession, texts: list[str]
) -> None:
    driver = CassandraDriver(session)
    driver.send(Request(INSERT, (1, 5)))
    driver.execute("ALTER TABLE t ADD b int", [])
    driver.send(Request(INSERT, (1, 5)))
    session.answers.append(LOST)
    with pytest.raises(CoodieError):
        driver.execute("ALTER TABLE t ADD c int", [])  # which may have come through
    driver.send(Request(INSERT, (1, 5)))
    assert texts == [INSERT.cql] * 3
