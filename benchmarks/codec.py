"""What binding and reading cost on scylla-driver (or cassandra-driver), beside careful hand-written code on it.

By hand: prepared statements, and rows as dicts, by the library's dict_factory. No server: a session of paper writes
each request as the library would, has the frame made, and gives the library a recorded answer to decode; both sides
have the same. Ten columns: two uuids, bigint, two texts, double, int, boolean, timestamp, list<text>.

Claimed, of binding, writing and reading through the adapter's binder and protocol handler: a save at most 0.60 of what
it takes by hand, one row by its key 0.28, ten rows 0.40, a thousand 0.50; and 0.65 for one row where the server leaves
out what the columns are. The whole of `send`, with retries, idempotence and checks of the call, is printed beside.

Then, under asyncio with 32 requests in flight, a thread answers at once, as the client library's own does from its
connections. Claimed: the whole of `send_async` takes at most 0.9 of what it takes by hand with one wake-up of the event
loop for each reply.
"""

from __future__ import annotations

import asyncio
import struct
from datetime import datetime, timedelta, timezone
from importlib import import_module
from queue import SimpleQueue
from threading import Lock, Thread
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from benchmarks.timing import judge, seconds_each

from coodie_drivers.messages import Request, Statement, statement_of
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

COLUMNS = {
    "tenant_id": "uuid",
    "item_id": "bigint",
    "name": "text",
    "description": "text",
    "price": "double",
    "quantity": "int",
    "active": "boolean",
    "created_at": "timestamp",
    "owner_id": "uuid",
    "tags": "list",
}
CODES = {"uuid": 12, "bigint": 2, "text": 13, "double": 7, "int": 9, "boolean": 4, "timestamp": 11, "list": 32}
NAMES = ", ".join(COLUMNS)
INSERT = f"INSERT INTO shop.items ({NAMES}) VALUES ({', '.join('?' * len(COLUMNS))})"
ONE = f"SELECT {NAMES} FROM shop.items WHERE tenant_id = ? AND item_id = ?"
MANY = f"SELECT {NAMES} FROM shop.items WHERE tenant_id = ?"
TENANT = UUID("12345678-90ab-4def-8234-567890abcdef")
FIRST = datetime(2024, 1, 1, tzinfo=timezone.utc)
IN_FLIGHT, ASYNC_CLAIM = 32, 0.9
ROWS, VOID, NO_METADATA, ONE_TABLE = 2, 1, 4, 1


class Case(NamedTuple):
    """One operation: its text, how many rows answer it, how often a round repeats it, and what is claimed of it."""

    cql: str
    rows: int
    repeats: int
    claim: float
    described: bool = True


CASES = {
    "save": Case(INSERT, 0, 1_000, 0.60),
    "get": Case(ONE, 1, 800, 0.28),
    "get, columns left out": Case(ONE, 1, 800, 0.65, described=False),
    "find 10": Case(MANY, 10, 400, 0.40),
    "find 1000": Case(MANY, 1_000, 8, 0.50),
}


def values(number: int) -> tuple[Any, ...]:
    """Make the row of a number."""
    return (
        TENANT,
        1_000_000 + number,
        f"item-{number:06d}",
        None if number % 5 == 4 else f"A description of item {number}, some forty characters long",  # noqa: PLR2004
        19.99 + number,
        number % 1_000,
        number % 2 == 0,
        FIRST + timedelta(seconds=number * 61, milliseconds=number % 1_000),
        UUID(int=(0xABCDEF << 100) + number),
        [f"tag-{number % 7}", f"colour-{number % 11}", "common"],
    )


class Wire:
    """A session whose requests are written, and whose answers are decoded, and that is all."""

    default_timeout = 10.0

    def __init__(self) -> None:
        """Start with the library's own protocol handler."""
        self._protocol: Any = import_module("cassandra.protocol")
        self._query: Any = import_module("cassandra.query")
        types: Any = import_module("cassandra.cqltypes")
        self._types: dict[str, Any] = {
            "uuid": types.UUIDType,
            "bigint": types.LongType,
            "text": types.UTF8Type,
            "double": types.DoubleType,
            "int": types.Int32Type,
            "boolean": types.BooleanType,
            "timestamp": types.DateType,
            "list": types.ListType.apply_parameters((types.UTF8Type,)),
        }
        self.result_set: Any = import_module("cassandra.cluster").ResultSet
        self._features = _features()
        self.client_protocol_handler: Any = self._protocol.ProtocolHandler
        self.row_factory: Any = self._query.dict_factory
        self.body = b""
        self.cluster = SimpleNamespace()

    def get_execution_profile(self, _: object) -> Any:  # noqa: ANN401 - the library's
        """Answer as a session does that has nothing of its own."""
        return SimpleNamespace(retry_policy=None)

    def execution_profile_clone_update(self, _: object, row_factory: Any) -> Any:  # noqa: ANN401
        """Take the driver's row factory for the session's."""
        self.row_factory = row_factory
        return SimpleNamespace(request_timeout=10.0)

    def prepare(self, cql: str) -> Any:  # noqa: ANN401 - the library's
        """Prepare one of the three statements."""
        markers = list(COLUMNS) if cql == INSERT else ["tenant_id", "item_id"][: cql.count("?")]
        columns = [SimpleNamespace(**self._column(name)) for name in markers]
        metadata = [tuple(self._column(name).values()) for name in COLUMNS] if cql != INSERT else None
        return self._query.PreparedStatement(columns, b"\x01" * 16, [0], cql, "shop", 4, metadata, None)

    def execute_async(self, statement: Any, execution_profile: Any = None, **_: object) -> Future:  # noqa: ANN401
        """Write the request, and decode the answer at hand."""
        del execution_profile
        self.written(statement)
        future = Future(self, statement)
        future.answered(self.answer_to(statement))
        return future

    def written(self, statement: Any) -> None:  # noqa: ANN401
        """Write a request into a frame."""
        message = self._protocol.ExecuteMessage(
            statement.prepared_statement.query_id,
            statement.values,
            10,
            statement.serial_consistency_level,
            5_000,
            None,
            1_700_000_000,
        )
        options: dict[str, Any] = {"protocol_features": self._features[0]} if self._features else {}
        self.client_protocol_handler.encode_message(message, 1, 4, None, False, **options)  # noqa: FBT003

    def answer_to(self, statement: Any) -> Any:  # noqa: ANN401
        """Decode the answer at hand."""
        metadata: Any = statement.prepared_statement.result_metadata or []
        arguments: tuple[Any, ...] = (4, *self._features, {}, 1, 0, 8, self.body, None, metadata)
        return self.client_protocol_handler.decode_message(*arguments)

    def get_pool_state(self) -> dict[Any, Any]:
        """Have room for any number of requests."""
        return {}

    def answer_with(self, case: Case) -> None:
        """Answer from now on as this case has it."""
        if not case.rows:
            self.body = struct.pack(">i", VOID)
            return
        parts = [struct.pack(">iii", ROWS, ONE_TABLE if case.described else NO_METADATA, len(COLUMNS))]
        if case.described:
            parts += [_string("shop"), _string("items")]
            for name, cql_type in COLUMNS.items():
                parts += [_string(name), struct.pack(">H", CODES[cql_type])]
                parts += [struct.pack(">H", CODES["text"])] if cql_type == "list" else []
        parts.append(struct.pack(">i", case.rows))
        for number in range(case.rows):
            for value, cql_type in zip(values(number), COLUMNS.values(), strict=True):
                octets = None if value is None else self._types[cql_type].serialize(value, 4)
                parts.append(b"\xff\xff\xff\xff" if octets is None else struct.pack(">i", len(octets)) + octets)
        self.body = b"".join(parts)

    def _column(self, name: str) -> dict[str, Any]:
        return {"keyspace_name": "shop", "table_name": "items", "name": name, "type": self._types[COLUMNS[name]]}


class Future:
    """What a session gives for a request, answered already."""

    warnings = None
    coordinator_host = None
    attempted_hosts = ()
    is_schema_agreed = True
    _errors: Mapping[object, object] = MappingProxyType({})
    _event = SimpleNamespace(is_set=lambda: True)

    def __init__(self, session: Wire, query: Any) -> None:  # noqa: ANN401
        """Wait for the answer to a statement."""
        self._session = session
        self.query = query

    def answered(self, answer: Any) -> None:  # noqa: ANN401
        """Have the session's row factory make rows of the answer's, and tell who waits."""
        self._col_names = answer.column_names
        self._col_types = answer.column_types
        self._paging_state = answer.paging_state
        rows = answer.parsed_rows
        self._rows = None if rows is None else self._session.row_factory(answer.column_names, rows)

    def result(self) -> Any:  # noqa: ANN401
        """Return what the library does."""
        return self._session.result_set(self, self._rows)


class Waiting(Future):
    """A request that another thread answers."""

    def __init__(self, session: Wire, query: Any) -> None:  # noqa: ANN401
        """Wait for the answer to a statement."""
        super().__init__(session, query)
        self._lock = Lock()
        self._calls: list[tuple[Any, tuple[Any, ...]]] = []
        self._answered = False

    def answered(self, answer: Any) -> None:  # noqa: ANN401
        """Tell who waits, too."""
        super().answered(answer)
        with self._lock:
            self._answered = True
        for call, arguments in self._calls:
            call(self._rows, *arguments)

    def add_callbacks(
        self,
        callback: Callable[..., object],
        errback: Callable[..., object],
        callback_args: tuple[Any, ...] = (),
        errback_args: tuple[Any, ...] = (),
    ) -> None:
        """Call when it is answered, or at once."""
        del errback, errback_args
        with self._lock:
            if not self._answered:
                self._calls.append((callback, callback_args))
                return
        callback(self._rows, *callback_args)


class Answering(Wire):
    """A session whose answers come from a thread of its own."""

    def __init__(self) -> None:
        """Start the thread."""
        super().__init__()
        self._asked: SimpleQueue[tuple[Waiting, Any] | None] = SimpleQueue()
        self._thread = Thread(target=self._answer, daemon=True)
        self._thread.start()

    def execute_async(self, statement: Any, execution_profile: Any = None, **_: object) -> Waiting:  # noqa: ANN401
        """Write the request, and leave it to the thread to answer it."""
        del execution_profile
        self.written(statement)
        future = Waiting(self, statement)
        self._asked.put((future, statement))
        return future

    def end(self) -> None:
        """End the thread."""
        self._asked.put(None)
        self._thread.join()

    def _answer(self) -> None:
        while (asked := self._asked.get()) is not None:
            future, statement = asked
            future.answered(self.answer_to(statement))


def calls_of(case: Case) -> dict[str, Callable[[], object]]:
    """Return the calls that are compared, by what makes them."""
    from coodie_drivers.adapters._cassandra_requests import PreparedShape  # noqa: PLC0415
    from coodie_drivers.adapters.scylla import adopt  # noqa: PLC0415

    plain, ours = Wire(), Wire()
    driver = adopt(ours, None, codec=True)
    for session in (plain, ours):
        session.answer_with(case)
    prepared, shape = plain.prepare(case.cql), PreparedShape(ours.prepare(case.cql), codec=True)
    params, statement = _params(case), _statement(case)

    def by_hand() -> object:
        return plain.execute_async(prepared.bind(params)).result().current_rows

    def bound_and_read() -> object:
        rows = ours.execute_async(shape.bind(params)).result().current_rows
        return rows[0].rows() if case.rows else rows  # the page is handed on in a list

    def sent() -> object:
        return driver.send(Request(statement, params)).rows

    return {"by hand": by_hand, "bound and read": bound_and_read, "sent": sent}


def _params(case: Case) -> tuple[Any, ...]:
    return values(0)[: case.cql.count("?")]


def _statement(case: Case) -> Statement:
    return statement_of(case.cql) if case.rows else Statement(case.cql, StatementKind.INSERT, idempotent=True)


def _features() -> tuple[Any, ...]:
    """Return what scylla-driver must know of a connection; cassandra-driver knows of no such thing."""
    try:
        features: Any = import_module("cassandra.protocol_features")
    except ImportError:
        return ()
    return (features.ProtocolFeatures(),)


def _string(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode()


def main() -> bool:
    """Measure, print, and tell whether the claims hold."""
    held = True
    for name, case in CASES.items():
        times = seconds_each(calls_of(case), case.repeats)
        by_hand = times["by hand"]
        told = ", ".join(f"{what} {seconds * 1e6:.1f} µs" for what, seconds in times.items())
        print(f"{name}: {told}; the whole of send: {times['sent'] / by_hand:.2f}")
        held = judge(name, times["bound and read"] / by_hand, case.claim) and held
    for name in ("save", "get"):
        times = _in_flight(CASES[name])
        print(f"{name}, {IN_FLIGHT} in flight: {', '.join(f'{it} {each * 1e6:.1f} µs' for it, each in times.items())}")
        held = judge(f"{name}, {IN_FLIGHT} in flight", times["sent"] / times["by hand"], ASYNC_CLAIM) and held
    return held


def _in_flight(case: Case) -> dict[str, float]:
    from coodie_drivers.adapters.scylla import adopt  # noqa: PLC0415

    plain, ours = Answering(), Answering()
    driver = adopt(ours, None, codec=True)
    for session in (plain, ours):
        session.answer_with(case)
    prepared, params, statement = plain.prepare(case.cql), _params(case), _statement(case)

    async def by_hand() -> object:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Any] = loop.create_future()

        def answered(rows: object) -> None:
            loop.call_soon_threadsafe(waiter.set_result, rows)

        def failed(error: Exception) -> None:
            loop.call_soon_threadsafe(waiter.set_exception, error)

        plain.execute_async(prepared.bind(params)).add_callbacks(answered, failed)
        return await waiter

    async def sent() -> object:
        return (await driver.send_async(Request(statement, params))).rows

    async def together(call: Callable[[], Awaitable[object]]) -> None:
        async def worker() -> None:
            for _ in range(case.repeats // IN_FLIGHT):
                await call()

        await asyncio.gather(*[worker() for _ in range(IN_FLIGHT)])

    calls = {"by hand": lambda: asyncio.run(together(by_hand)), "sent": lambda: asyncio.run(together(sent))}
    times = seconds_each(calls, 4)
    for session in (plain, ours):
        session.end()
    done = case.repeats // IN_FLIGHT * IN_FLIGHT
    return {name: seconds / done for name, seconds in times.items()}
