"""What each error leaves known, for each kind of statement: outcome, sending again, attempts; the tables are the judge.

The expectations are written here from what the errors mean, not taken from `coodie_drivers.retries`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from coodie_drivers import BatchRequest, Request, Statement, errors
from coodie_drivers.errors import ReplicaAnswers
from coodie_drivers.testing import proxy as faults
from coodie_drivers.testing.proxy import ErrorReply
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from coodie_drivers.messages import BatchKind
    from coodie_drivers.testing.proxy import FaultProxy

    Ask = Callable[[str], list[dict[str, object]]]

pytestmark = [pytest.mark.node, pytest.mark.adapter, pytest.mark.every_adapter, pytest.mark.usefixtures("calm")]

keys = count(1)
OTHER = "another"


@dataclass(frozen=True)
class Shape:
    """A statement, with what is true of it whatever a driver thinks.

    Attributes:
        cql: its text; `{rows}` and `{counters}` stand for the tables, `{key}` for the key as a literal.
        kind: what it does.
        repeatable: whether running it twice leaves the same.
        whole: whether it is looked at as a whole whether enough replicas live: one partition, or a logged batch.
        conditional: whether it is a lightweight transaction.
        batch: the kind of batch that it is sent as, if any.
        counted: what says how often it was applied, in the row of its key.
    """

    cql: str
    kind: StatementKind = StatementKind.UPDATE
    repeatable: bool = False
    whole: bool = True
    conditional: bool = False
    batch: BatchKind | None = None
    counted: str = "note"

    @property
    def reads(self) -> bool:
        return self.kind is StatementKind.SELECT

    def request(self, table: str, key: str) -> Request | BatchRequest:
        """The statement for a row of its own."""
        text = self.cql.format(rows=table, counters=f"{table}_counters", key=key)
        statement = Statement(text, self.kind, self.repeatable, self.conditional)
        if self.batch is not None:
            others = [] if self.conditional else [(statement, [OTHER])]
            return BatchRequest([(statement, [key]), *others], self.batch)
        return Request(statement, [key, OTHER][: text.count("?")])


PLAIN = "UPDATE {rows} SET note = 'x' WHERE id = ?"
COUNT = "UPDATE {counters} SET n = n + 1 WHERE id = ?"
APPEND = "UPDATE {rows} SET tags = tags + ['x'] WHERE id = ?"
SHAPES = {
    "read": Shape("SELECT note FROM {rows} WHERE id = ?", StatementKind.SELECT, repeatable=True),
    "plain": Shape(PLAIN, repeatable=True),
    "counter": Shape(COUNT, counted="n"),
    "append": Shape(APPEND, counted="tags"),
    "now": Shape("INSERT INTO {rows} (id, at) VALUES (?, now())", StatementKind.INSERT, counted="at"),
    "lwt": Shape("INSERT INTO {rows} (id, note) VALUES (?, 'x') IF NOT EXISTS", StatementKind.INSERT, conditional=True),
    "several": Shape(PLAIN.replace("= ?", "IN (?, ?)"), repeatable=True, whole=False),
    "several appends": Shape(APPEND.replace("= ?", "IN (?, ?)"), whole=False, counted="tags"),
    "literals": Shape(PLAIN.replace("?", "'{key}'"), repeatable=True),
    "literals counted": Shape(COUNT.replace("?", "'{key}'"), counted="n"),
    "literals of several": Shape(PLAIN.replace("= ?", "in ('{key}', 'b')"), repeatable=True, whole=False),
    "literal key": Shape("UPDATE {rows} SET note = ? WHERE id = '{key}'", repeatable=True),
    "logged": Shape(PLAIN, repeatable=True, batch="logged"),
    "logged appends": Shape(APPEND, batch="logged", counted="tags"),
    "unlogged": Shape(PLAIN, repeatable=True, whole=False, batch="unlogged"),
    "unlogged appends": Shape(APPEND, whole=False, batch="unlogged", counted="tags"),
    "counters": Shape(COUNT, whole=False, batch="counter", counted="n"),
    "conditional batch": Shape(PLAIN.replace("= ?", "= ? IF note = null"), conditional=True, batch="unlogged"),
}


class Expected(NamedTuple):
    """What is true after an error that every attempt met, and how often the statement was sent for it."""

    outcome: str
    retryable: bool
    sends: int


def did_nothing(_: Shape) -> Expected:
    return Expected("not_applied", True, 2)


def refused(_: Shape) -> Expected:
    return Expected("not_applied", False, 1)


def turned_away(shape: Shape) -> Expected:
    if shape.reads or (shape.whole and not shape.conditional):
        return Expected("not_applied", True, 2)
    return perhaps_done(shape)


def overloaded(shape: Shape) -> Expected:
    # A node may find out that it has too much to do when it has written the log of a logged batch.
    expected = perhaps_done(shape) if shape.batch == "logged" else turned_away(shape)
    return expected._replace(sends=4) if expected.sends > 1 else expected


def perhaps_done(shape: Shape) -> Expected:
    outcome = "not_applied" if shape.reads else "unknown"
    return Expected(outcome, shape.repeatable, 2 if shape.repeatable else 1)


def perhaps_done_and_not_again(shape: Shape) -> Expected:
    return perhaps_done(shape)._replace(sends=1)


def failed(shape: Shape) -> Expected:
    return perhaps_done(shape)._replace(retryable=False, sends=1)


@dataclass(frozen=True)
class Case:
    """An error of a node, the error that it becomes, and what it means."""

    reply: ErrorReply
    raises: type[errors.CoodieError]
    expected: Callable[[Shape], Expected]


WRITES_AGAIN = ("SIMPLE", "UNLOGGED_BATCH", "BATCH_LOG")
CASES = {
    "bootstrapping": Case(faults.is_bootstrapping(), errors.ClusterUnavailableError, did_nothing),
    "unavailable": Case(faults.unavailable(), errors.UnavailableError, turned_away),
    "overloaded": Case(faults.overloaded(), errors.OverloadedError, overloaded),
    "server error": Case(faults.server_error(), errors.ServerError, perhaps_done),
    "truncate error": Case(faults.truncate_error(), errors.ServerError, failed),
    "function failure": Case(faults.function_failure("shop", "tax"), errors.FunctionFailureError, failed),
    "read failure": Case(faults.read_failure(), errors.ReadFailureError, failed),
    "read timeout": Case(faults.read_timeout(received=1), errors.ReadTimeoutError, perhaps_done_and_not_again),
    "write failure": Case(faults.write_failure(), errors.WriteFailureError, failed),
    "cdc write failure": Case(faults.cdc_write_failure(), errors.ServerError, failed),
    "cas write unknown": Case(faults.cas_write_unknown(), errors.WriteTimeoutError, perhaps_done_and_not_again),
    "invalid": Case(faults.invalid(), errors.InvalidRequestError, refused),
    "syntax error": Case(faults.syntax_error(), errors.InvalidSyntaxError, refused),
    "unauthorized": Case(faults.unauthorized(), errors.UnauthorizedError, refused),
    "already exists": Case(faults.already_exists("shop", "t"), errors.AlreadyExistsError, refused),
    "configuration error": Case(faults.configuration_error(), errors.InvalidRequestError, refused),
    **{
        f"write timeout {kind}": Case(
            faults.write_timeout(kind),
            errors.WriteTimeoutError,
            perhaps_done if kind in WRITES_AGAIN else perhaps_done_and_not_again,
        )
        for kind in faults.WRITE_TYPES
    },
}


REFUSED = [SHAPES[name] for name in ("read", "plain", "counter", "lwt", "logged")]


def could_meet(case: str, shape: Shape) -> bool:
    """Whether a node could answer so, and something is to be seen by it: it does not time out writing when it reads."""
    if CASES[case].expected is refused:
        return shape in REFUSED
    return not shape.reads or not case.startswith(("write", "cas", "cdc", "truncate"))


PAIRS = [(case, shape) for case in CASES for shape in SHAPES if could_meet(case, SHAPES[shape])]
SENT_AGAIN = [(case, shape) for case, shape in PAIRS if CASES[case].expected(SHAPES[shape]).sends > 1]


def expected_of(case: str, shape: Shape, excepted: Collection[str]) -> Expected:
    """What is true after an error, with a client library that tells this little of it."""
    expected = CASES[case].expected(shape)
    return expected._replace(sends=1) if case.startswith("write timeout") and "write type" in excepted else expected


@pytest.fixture(scope="module")
def table(ask: Ask, cql_module_keyspace: str) -> str:
    """A table of rows, and beside it one of counters."""
    name = f"{cql_module_keyspace}.outcomes"
    ask(f"CREATE TABLE {name} (id text PRIMARY KEY, note text, tags list<text>, at timeuuid)")
    ask(f"CREATE TABLE {name}_counters (id text PRIMARY KEY, n counter)")
    return name


@pytest.fixture
def key() -> str:
    """The key of a row that nobody else has."""
    return f"row {next(keys)}"


class Judge:
    """Says what the node itself has."""

    def __init__(self, ask: Ask, table: str, shape: Shape, key: str) -> None:
        name = f"{table}_counters" if shape.counted == "n" else table
        self._ask, self._counted = ask, shape.counted
        self._cql = f"SELECT {shape.counted} FROM {name} WHERE id = '{key}'"

    def applied(self) -> int:
        """How often the statement was applied; what leaves the same when repeated counts once."""
        found = [row[self._counted] for row in self._ask(self._cql) if row[self._counted] is not None]
        if not found:
            return 0
        (value,) = found
        if self._counted == "n":
            return value if isinstance(value, int) else int.from_bytes(value, "big")  # type: ignore[arg-type]
        return int.from_bytes(value[:4], "big") if self._counted == "tags" else 1  # type: ignore[index]


@pytest.mark.parametrize(("case", "shape"), PAIRS)
def test_an_error_that_every_attempt_meets(
    caller: Any,
    proxy: FaultProxy,
    ask: Ask,
    table: str,
    key: str,
    case: str,
    shape: str,
    excepted: Collection[str],
) -> None:
    met, sent = CASES[case], SHAPES[shape]
    expected, judge = expected_of(case, sent, excepted), Judge(ask, table, sent, key)
    with proxy.rules.add(faults.answer(met.reply), text=table) as rule, pytest.raises(errors.CoodieError) as raised:
        caller.send(sent.request(table, key))
    assert type(raised.value) is met.raises
    error: Any = raised.value
    untold = case == "bootstrapping" and case in excepted
    sends = expected.sends if untold else rule.hits
    assert (error.outcome, error.retryable, sends) == expected
    assert error.statement_kind is (StatementKind.BATCH if sent.batch else sent.kind)
    asked = [passed.host for passed in proxy.traffic.requests(text=table) if passed.opcode != "PREPARE"]
    assert error.coordinator == (None if "coordinator" in excepted else f"{asked[-1]}:{proxy.port}")
    if isinstance(error, errors.DriverError):
        assert error.attempts == sends
    assert judge.applied() == 0


@pytest.mark.parametrize(("case", "shape"), SENT_AGAIN)
def test_an_error_that_the_first_attempt_meets(
    caller: Any,
    proxy: FaultProxy,
    ask: Ask,
    table: str,
    key: str,
    case: str,
    shape: str,
    excepted: Collection[str],
) -> None:
    sent = SHAPES[shape]
    if expected_of(case, sent, excepted).sends == 1:
        pytest.skip("the library does not tell what would be needed to send it again")
    with proxy.rules.add(faults.answer(CASES[case].reply), text=table, when=faults.first(1)) as rule:
        attempts = caller.send(sent.request(table, key)).attempts
    # Only while it has no connection to the next node does such a library leave that to the driver.
    assert attempts in ({1, 2} if case in excepted else {2})
    assert rule.seen == 2
    assert Judge(ask, table, sent, key).applied() == (0 if sent.reads else 1)


UNCERTAIN = [
    (case, shape)
    for case, shape in PAIRS
    if CASES[case].expected in {perhaps_done, perhaps_done_and_not_again, failed} and not SHAPES[shape].reads
]


@pytest.mark.parametrize(("case", "shape"), UNCERTAIN)
def test_an_error_after_the_node_has_done_its_part(
    caller: Any,
    proxy: FaultProxy,
    ask: Ask,
    table: str,
    key: str,
    case: str,
    shape: str,
    excepted: Collection[str],
) -> None:
    met, sent = CASES[case], SHAPES[shape]
    expected, judge = expected_of(case, sent, excepted), Judge(ask, table, sent, key)
    action = faults.answer(met.reply, delivered=True)
    with proxy.rules.add(action, text=table) as rule, pytest.raises(met.raises) as raised:
        caller.send(sent.request(table, key))
    assert (raised.value.outcome, raised.value.retryable, rule.hits) == expected
    assert raised.value.outcome == "unknown"
    assert judge.applied() == 1


@pytest.mark.parametrize("reply", [faults.unauthorized(), faults.invalid(), faults.unavailable(), faults.overloaded()])
def test_what_the_last_attempt_met_does_not_undo_the_first(
    caller: Any, proxy: FaultProxy, ask: Ask, table: str, key: str, reply: ErrorReply
) -> None:
    sent = SHAPES["plain"]
    with (
        proxy.rules.add(faults.answer(faults.server_error(), delivered=True), text=table, when=faults.first(1)),
        proxy.rules.add(faults.answer(reply), text=table, when=faults.nth(2, 3, 4, 5)) as rule,
        pytest.raises(errors.CoodieError) as raised,
    ):
        caller.send(sent.request(table, key))
    assert rule.hits > 0
    assert raised.value.outcome == "unknown"
    assert Judge(ask, table, sent, key).applied() == 1


EXISTS = 'cannot add existing keyspace "shop"'
EXISTS_TOO = 'cannot add already existing table "t" to keyspace "shop"'
QUORUM, UNTOLD = ReplicaAnswers("QUORUM", 2, 1), ReplicaAnswers("", None, None)
TOLD: dict[str, tuple[ErrorReply, type[errors.CoodieError], dict[str, object]]] = {
    "0000": (faults.server_error(), errors.ServerError, {}),
    "000A": (faults.protocol_error(), errors.InvalidRequestError, {}),
    "0100": (faults.bad_credentials(), errors.ServerError, {}),
    "1000": (faults.unavailable(), errors.UnavailableError, {"consistency": "QUORUM", "required": 2, "alive": 1}),
    "1001": (faults.overloaded(), errors.OverloadedError, {}),
    "1002": (faults.is_bootstrapping(), errors.ClusterUnavailableError, {}),
    "1003": (faults.truncate_error(), errors.ServerError, {}),
    "1100": (faults.write_timeout("COUNTER"), errors.WriteTimeoutError, {"answers": QUORUM, "write_type": "COUNTER"}),
    "1200": (faults.read_timeout(received=1), errors.ReadTimeoutError, {"answers": QUORUM, "write_type": None}),
    "1300": (faults.read_failure(), errors.ReadFailureError, {"answers": QUORUM._replace(failures=1)}),
    "1400": (faults.function_failure("shop", "tax", ["int"]), errors.FunctionFailureError, {"function": "shop.tax"}),
    "1500": (faults.write_failure("VIEW"), errors.WriteFailureError, {"answers": QUORUM._replace(failures=1)}),
    "1600": (faults.cdc_write_failure(), errors.ServerError, {}),
    # No library has this one's figures.
    "1700": (faults.cas_write_unknown(), errors.WriteTimeoutError, {"answers": UNTOLD, "write_type": "CAS"}),
    "1F00": (ErrorReply(0x1F00, "what is this"), errors.ServerError, {}),
    "2000": (faults.syntax_error(), errors.InvalidSyntaxError, {"args": ("the statement has a syntax error",)}),
    "2100": (faults.unauthorized(), errors.UnauthorizedError, {"args": ("the user lacks a permission",)}),
    "2200": (faults.invalid(), errors.InvalidRequestError, {"args": ("the statement is invalid",)}),
    "2300": (
        faults.configuration_error(),
        errors.InvalidRequestError,
        {"args": ("the options do not fit each other",)},
    ),
    "2400": (
        replace(faults.already_exists("shop", "t"), message=EXISTS_TOO),
        errors.AlreadyExistsError,
        {"args": ("table 'shop.t' already exists",)},
    ),
    "2400 keyspace": (
        replace(faults.already_exists("shop"), message=EXISTS),
        errors.AlreadyExistsError,
        {"args": ("keyspace 'shop' already exists",)},
    ),
}
"""By each code of the native protocol, what is told besides whether it was applied: the same, whatever the library."""

HIDDEN: dict[str, object] = {"answers": UNTOLD, "required": None, "alive": None, "consistency": "asked for"}
"""What a library tells that keeps the figures of errors to itself."""


@pytest.mark.parametrize("code", TOLD)
def test_what_an_error_tells_besides(
    caller: Any, proxy: FaultProxy, table: str, key: str, code: str, excepted: Collection[str]
) -> None:
    reply, raises, attributes = TOLD[code]
    request = SHAPES["literals counted"].request(table, key)
    with proxy.rules.add(faults.answer(reply), text=table), pytest.raises(errors.CoodieError) as raised:
        caller.send(request)
    assert type(raised.value) is raises
    if "write type" in excepted:
        attributes = {**attributes, **{name: HIDDEN[name] for name in attributes.keys() & HIDDEN.keys()}}
        if "write_type" in attributes and code != "1700":
            attributes["write_type"] = None
    assert {name: getattr(raised.value, name) for name in attributes} == attributes
    if isinstance(raised.value, errors.ClusterUnavailableError):
        assert raised.value.reasons.keys() <= {f"{host}:{proxy.port}" for host in proxy.hosts}
