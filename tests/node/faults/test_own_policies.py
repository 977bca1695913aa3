"""A retry policy of the caller's own: it is asked as the library asks, and what it may do has the driver's bounds."""

from __future__ import annotations

import asyncio
import time
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import Request, Statement, errors
from coodie_drivers.testing import FaultProxy
from coodie_drivers.testing import proxy as faults
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.testing.proxy import ErrorReply
    from coodie_drivers.testing.sources import CqlCluster

    Connect = Callable[..., Any]

policies: Any = pytest.importorskip("cassandra.policies", reason="needs scylla-driver or cassandra-driver")

pytestmark = [pytest.mark.node, pytest.mark.adapter]

CQL = "SELECT cluster_name, key FROM system.local WHERE key = ?"
READ = Statement(CQL, StatementKind.SELECT, idempotent=True)
ONCE = Statement(CQL, StatementKind.UPDATE, idempotent=False)
OVERLOADED = faults.overloaded()
numbers = count(1)


class Eager(policies.RetryPolicy):  # type: ignore[misc]  # the library carries no types
    """Asks the same node again whatever it said, and remembers what it was asked."""

    def __init__(self, *decision: object) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._decision = decision or (self.RETRY, None)

    def on_read_timeout(self, *_: object, **told: object) -> Any:
        return self._noted("read timeout", told)

    def on_write_timeout(self, *_: object, **told: object) -> Any:
        return self._noted("write timeout", told)

    def on_unavailable(self, *_: object, **told: object) -> Any:
        return self._noted("unavailable", told)

    def on_request_error(self, *_: object, **told: object) -> Any:
        return self._noted("request error", told)

    def _noted(self, what: str, told: dict[str, object]) -> Any:
        self.asked.append((what, told))
        return self._decision


@pytest.fixture(scope="module")
def one(cql_cluster: CqlCluster) -> Iterator[FaultProxy]:
    """A proxy that is all of a cluster."""
    with FaultProxy(cql_cluster) as started:
        yield started


@pytest.fixture
def ask(one: FaultProxy, connect: Connect) -> Callable[..., tuple[errors.DriverError, int]]:
    """Ask by a policy, with each attempt met by an error; return what was told, and how often it was sent."""

    def asked(
        policy: object, reply: ErrorReply, statement: Statement = READ, timeout: float | None = None
    ) -> tuple[errors.DriverError, int]:
        driver = connect(hosts=one.hosts, port=one.port, default_retry_policy=policy)
        driver.execute(CQL, ["local"])
        with (
            one.rules.add(faults.answer(reply), opcode="EXECUTE", text=CQL) as rule,
            pytest.raises(errors.DriverError) as raised,
        ):
            driver.send(Request(statement, ["local"], timeout=timeout))
        return raised.value, rule.hits

    return asked


@pytest.mark.parametrize(
    ("reply", "what", "told"),
    [
        (
            faults.read_timeout(received=2),
            "read timeout",
            {"consistency", "required_responses", "received_responses", "data_retrieved"},
        ),
        (faults.unavailable(), "unavailable", {"consistency", "required_replicas", "alive_replicas"}),
        (faults.server_error(), "request error", {"error"}),
    ],
)
def test_it_is_asked_by_the_names_that_the_library_gives(
    ask: Any, reply: ErrorReply, what: str, told: set[str]
) -> None:
    policy = Eager()
    _, sent = ask(policy, reply)
    assert sent == 2
    assert [(asked, set(of)) for asked, of in policy.asked] == [(what, {*told, "retry_num"})]


@pytest.mark.parametrize("reply", [faults.is_bootstrapping(), faults.server_error(), faults.unavailable()])
def test_it_cannot_have_a_statement_sent_without_end(ask: Any, reply: ErrorReply) -> None:
    error, sent = ask(Eager(), reply)
    assert (sent, error.attempts, error.outcome) == (2, 2, "not_applied")


def test_a_write_that_may_not_be_sent_again_is_not(ask: Any) -> None:
    for reply in (faults.server_error(), faults.write_timeout("SIMPLE")):
        policy = Eager()
        error, sent = ask(policy, reply, ONCE)
        assert (sent, error.attempts, error.outcome, policy.asked) == (1, 1, "unknown", [])


def test_an_overloaded_node_is_given_time_all_the_same(ask: Any) -> None:
    policy, began = Eager(), time.monotonic()
    error, sent = ask(policy, OVERLOADED)
    assert (type(error), sent, error.attempts) == (errors.OverloadedError, 4, 4)
    assert [of["retry_num"] for _, of in policy.asked] == [0, 1, 2]
    assert time.monotonic() - began >= 0.3


def test_it_may_give_an_overloaded_node_more_time_within_the_limit(ask: Any) -> None:
    began = time.monotonic()
    error, sent = ask(Eager(policies.RetryPolicy.RETRY_NEXT_HOST, None, 0.5), OVERLOADED, timeout=1.4)
    assert time.monotonic() - began >= 0.5
    assert type(error) is errors.OverloadedError
    assert sent in {2, 3}  # no pause begins that would end after the limit
    error, sent = ask(Eager(policies.RetryPolicy.RETRY, None, 60.0), OVERLOADED)
    assert (type(error), sent, error.outcome) == (errors.OverloadedError, 1, "not_applied")


def test_it_may_give_up_sooner(ask: Any) -> None:
    error, sent = ask(policies.FallthroughRetryPolicy(), OVERLOADED)
    assert (type(error), sent, error.attempts) == (errors.OverloadedError, 1, 1)


class Failing(Eager):
    """Cannot decide."""

    def _noted(self, what: str, told: dict[str, object]) -> Any:
        raise KeyError(what, *told)


class UnknownError(Exception):
    """Raised by a policy, and known to its author alone."""


class Leaving(Eager):
    """Raises this instead of deciding."""

    def __init__(self, kind: type[BaseException]) -> None:
        super().__init__()
        self.kind = kind

    def _noted(self, what: str, told: dict[str, object]) -> Any:
        raise self.kind(what, *told)


class Silent(Eager):
    """Decides nothing."""

    def _noted(self, what: str, told: dict[str, object]) -> Any:
        del what, told


@pytest.mark.parametrize(
    "policy",
    [
        Failing(),
        Silent(),
        Eager(1),
        Eager(0, None, 3, 4),
        Eager(0, None, "soon"),
        Eager([], None),
        Leaving(SystemExit),
        Leaving(asyncio.CancelledError),
        Leaving(UnknownError),
    ],
)
def test_where_one_fails_the_failure_of_the_server_is_told(
    ask: Any, policy: Eager, caplog: pytest.LogCaptureFixture
) -> None:
    for reply, kind in ((OVERLOADED, errors.OverloadedError), (faults.unavailable(), errors.UnavailableError)):
        caplog.clear()
        error, sent = ask(policy, reply)
        assert (type(error), sent, error.attempts, error.outcome) == (kind, 1, 1, "not_applied")
        (logged,) = [each for each in caplog.records if each.name == "coodie.retries"]
        assert "the retry policy" in logged.getMessage()
        assert logged.exc_info is not None


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_what_one_raises_in_the_event_loop_of_the_library_harms_no_answer(ask: Any, kind: type[BaseException]) -> None:
    error, sent = ask(Leaving(kind), faults.unavailable())
    assert (type(error), sent, error.attempts, error.outcome) == (errors.UnavailableError, 1, 1, "not_applied")


def test_a_pause_of_its_own_is_counted_once(ask: Any) -> None:
    error, sent = ask(Eager(policies.RetryPolicy.RETRY, None, 0.05), faults.server_error())
    assert (sent, error.attempts) == (2, 2)
