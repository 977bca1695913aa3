"""What a signal handler raises while a request is under way: it passes as it is, and no outcome is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.coodie_drivers.adapters.paper_failures import INSERT, Node, failure

from coodie_drivers import Request
from coodie_drivers.adapters.scylla import CassandraDriver
from coodie_drivers.errors import DriverError

if TYPE_CHECKING:
    from tests.coodie_drivers.adapters.conftest import PaperSession

cluster: Any = pytest.importorskip("cassandra.cluster", reason="needs scylla-driver or cassandra-driver")
cqltypes: Any = pytest.importorskip("cassandra.cqltypes", reason="needs scylla-driver or cassandra-driver")

pytestmark = pytest.mark.adapter


class SoftTimeLimitError(Exception):
    """What a job queue raises from a signal handler."""


@pytest.fixture
def keyed(session: PaperSession) -> PaperSession:
    """A session whose statements have a key."""
    session.markers, session.key_indexes = [("k", cqltypes.Int32Type), ("a", cqltypes.Int32Type)], [0]
    return session


@pytest.mark.parametrize("sent_before", [False, True])
def test_what_the_library_took_for_a_nodes_failure_passes_as_it_is(keyed: PaperSession, *, sent_before: bool) -> None:
    driver = CassandraDriver(keyed)
    if sent_before:
        driver.send(Request(INSERT, (1, 2)))
    keyed.attempted_hosts = []
    keyed.answers.append(cluster.NoHostAvailable("none", {Node("10.0.0.1:9042"): SoftTimeLimitError()}))
    with pytest.raises(SoftTimeLimitError):
        driver.send(Request(INSERT, (1, 2)))


@pytest.mark.parametrize("error", [RuntimeError("late"), TimeoutError(), OSError()])
def test_what_the_library_did_not_raise_itself_may_have_come_after_the_sending(
    keyed: PaperSession, error: Exception
) -> None:
    keyed.attempted_hosts = []
    found = failure(keyed, cluster.NoHostAvailable("none", {Node("10.0.0.1:9042"): error}), INSERT, (1, 2))
    assert found.outcome == "unknown"


@pytest.mark.parametrize("error", [RuntimeError("late"), ValueError("late")])
def test_what_comes_while_a_request_is_started_may_have_come_after_the_sending(
    keyed: PaperSession, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    driver, execute, executed = CassandraDriver(keyed), keyed.execute_async, list[Any]()

    def interrupted(statement: Any, **options: Any) -> Any:
        executed.append(execute(statement, **options))
        if getattr(statement, "prepared_statement", None) is not None:
            raise error
        return executed[-1]

    driver.send(Request(INSERT, (1, 2)))
    monkeypatch.setattr(keyed, "execute_async", interrupted)
    for times in (1, 2):
        assert failure_of(driver).outcome == "unknown"
        assert len(executed) == times


def failure_of(driver: CassandraDriver) -> DriverError:
    with pytest.raises(DriverError) as raised:
        driver.send(Request(INSERT, (1, 2)))
    return raised.value


@pytest.mark.parametrize("known", [False, True])
def test_what_came_before_another_node_answered_is_not_swallowed(
    keyed: PaperSession, monkeypatch: pytest.MonkeyPatch, *, known: bool
) -> None:
    driver, execute = CassandraDriver(keyed), keyed.execute_async
    if known:
        driver.send(Request(INSERT, (1, 2)))

    def interrupted(statement: Any, **options: Any) -> Any:
        future: Any = execute(statement, **options)
        future._errors[Node("10.0.0.1:9042")] = SoftTimeLimitError()  # noqa: SLF001 - as the library notes it
        return future

    monkeypatch.setattr(keyed, "execute_async", interrupted)
    with pytest.raises(SoftTimeLimitError):
        driver.send(Request(INSERT, (1, 2)))
