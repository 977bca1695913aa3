"""`RustDriver`: the contract over a session of the package `scylla`, for scylladb-rs-driver."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from itertools import count
from math import inf
from typing import TYPE_CHECKING, Any, Final, TypeVar

from coodie_drivers.adapters._bound_values import forget_bound
from coodie_drivers.adapters._renewing import Renewal
from coodie_drivers.adapters._rust_calls import CLOSED, hosts_of, waited
from coodie_drivers.adapters._rust_ended_loops import Awaited, Outlived, free_soon, has_ended, let_go
from coodie_drivers.adapters._rust_errors import Attempt, found_no_node, raise_translated, unknown_timeuuid
from coodie_drivers.adapters._rust_exit import refuse_at_exit, watch_exit
from coodie_drivers.adapters._rust_library import errors
from coodie_drivers.adapters._rust_preparing import Texts, pause_before_again
from coodie_drivers.adapters._rust_requests import RequestBuilder
from coodie_drivers.adapters._rust_rewriting import AS_TIMEUUID, with_timeuuids
from coodie_drivers.adapters._rust_shapes import PreparedShape
from coodie_drivers.adapters._rust_usual import UsualExchange
from coodie_drivers.adapters._schema_watch import look_limit
from coodie_drivers.errors import CoodieError, OperationTimedOutError
from coodie_drivers.interrupts import pass_interrupt
from coodie_drivers.messages import Reply, Request, statement_of
from coodie_drivers.retries import Failure, Sent
from coodie_drivers.session_driver import SessionDriver
from coodie_drivers.statements import StatementCache

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from coodie_drivers.messages import BatchRequest

T = TypeVar("T")

_ENDING: Final = 0.05
"""Seconds in which what is under way takes note of its end when the driver closes."""

_LOOK: Final = 0.001
"""Seconds between two looks at whether it has."""

_SLICE: Final = 0.02
"""Seconds of a pause after which a closed driver is noticed."""


class RustDriver(SessionDriver):
    """A driver over one session of scylladb-rs-driver, for synchronous and asynchronous code alike.

    A session of your own is used as it is: closing the driver leaves it open. Keyspaces are never switched: name them
    in raw statements (`SELECT … FROM shop.products`).

    Statements with values are prepared once and kept, the 1,000 most recently used of them. Nothing blocks the event
    loop, and the driver belongs to none: any number of loops and threads may share it.

    The library tells neither the server's warnings nor which node answered, and it has no `UNSET`.
    """

    needs_row_validation = False
    supports_unset = False

    def __init__(
        self,
        session: Any,
        default_keyspace: str | None = None,
        *,
        requests: RequestBuilder | None = None,
        connect_anew: Callable[[], RustDriver] | None = None,
        open_session: Callable[[], Any] | None = None,
    ) -> None:
        """Take a session over.

        Args:
            session: a connected `scylla.session.Session`.
            default_keyspace: the keyspace of models that name none.
            requests: what makes the library's statements; given where the session was opened for this driver.
            connect_anew: how a forked child gets a driver like this one.
            open_session: how another session like this one is opened, blocking, when it has lost all nodes.
        """
        super().__init__(owns_session=requests is not None)
        self.default_keyspace = default_keyspace
        self.session = session
        self._connect_anew = connect_anew
        self._under_way: dict[int, Awaited] = {}  # what each request waits for, so that closing can end it
        self._outlived = Outlived()
        self._numbers = count()
        self._prepares: set[Any] = set()
        requests = requests or RequestBuilder(None, None, None, own_session=False)
        self._preparing = requests.preparing
        self._renewal = None if open_session is None else Renewal(open_session, self._use)
        self._exchange = UsualExchange(session, requests, self._forget, self._renew)
        self._shapes: StatementCache[PreparedShape] = StatementCache(self._prepare, timeout=self._preparing)
        refuse_at_exit(self)

    def send(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer.

        Raises:
            InvalidQueryError: if a value cannot be bound, or the server refuses the statement.
            DriverError: if the cluster, or the way to it, fails.
        """
        if not self.usable:
            self.restore()
        exchange = self._exchange
        key, begun = next(self._numbers), None
        try:
            begun = exchange.begun(request, self._shapes.ready)
            if begun is None or not isinstance(request, Request):
                limit = exchange.limit_of_call(request)
                return self._driven(exchange.steps(request), getattr(request, "timeout", None), key, limit)
            try:
                # Not by a name of its own: one that failed holds the session for as long as a traceback holds the name.
                self._under_way[key] = None, exchange.session.execute(begun[0], begun[1])
                result = waited(self._under_way[key][1])
            except Exception as error:  # noqa: BLE001 - the library raises all it knows
                call = exchange.call_of(begun)
                return self._driven(exchange.after(error, request, call), request.timeout, key)
            if begun[2].reading is None:  # a write
                exchange.order.acknowledged()
                return Reply()
            reply = exchange.reply_to(begun, result)
            if reply is None:
                call = exchange.call_of(begun)
                return self._driven(exchange.after_result(request, call, result), request.timeout, key)
            return reply  # noqa: TRY300 - an `else` could not be within the `try`
        except CoodieError as error:
            begun = None  # a traceback may be shown with its variables
            forget_bound(error, request)
            raise
        finally:
            self._under_way.pop(key, None)

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Send one request and return one page of its answer, without blocking the event loop.

        Raises:
            InvalidQueryError: if a value cannot be bound, or the server refuses the statement.
            DriverError: if the cluster, or the way to it, fails.
        """
        if not self.usable:
            await self.restore_async()
        if self._outlived.last and (pause := self._outlived.pause_before(request)):
            await asyncio.sleep(pause)
        exchange = self._exchange
        key, begun = next(self._numbers), None
        try:
            begun = exchange.begun(request, self._shapes.ready)
            if begun is None or not isinstance(request, Request):
                limit = exchange.limit_of_call(request)
                return await self._adriven(exchange.steps(request), getattr(request, "timeout", None), key, limit)
            try:
                # Not by a name of its own, as above.
                self._under_way[key] = asyncio.get_running_loop(), exchange.session.execute(begun[0], begun[1])
                result = await self._under_way[key][1]
            except Exception as error:  # noqa: BLE001 - the library raises all it knows
                call = exchange.call_of(begun)
                return await self._adriven(exchange.after(error, request, call), request.timeout, key)
            if begun[2].reading is None:  # a write
                exchange.order.acknowledged()
                return Reply()
            reply = exchange.reply_to(begun, result)
            if reply is None:
                call = exchange.call_of(begun)
                return await self._adriven(exchange.after_result(request, call, result), request.timeout, key)
            return reply  # noqa: TRY300 - an `else` could not be within the `try`
        except CoodieError as error:
            begun = None  # a traceback may be shown with its variables
            forget_bound(error, request)
            raise
        except (asyncio.CancelledError, GeneratorExit):
            self._outlived.keep(self._under_way.get(key))
            raise
        finally:
            self._under_way.pop(key, None)

    def _driven(self, steps: Generator[Any, Any, T], timeout: float | None, key: int, limit: float | None = None) -> T:
        """Return the reply of a request, blocking in each of its steps."""
        try:
            asked = next(steps)
            while True:
                self._under_way[key] = None, asked
                try:
                    del asked
                    found = self._done(key, timeout, limit)
                except Exception as error:  # noqa: BLE001 - the library raises all it knows
                    asked = steps.throw(error)
                else:
                    asked = steps.send(found)
        except StopIteration as done:
            reply: T = done.value
            return reply
        finally:
            self._under_way.pop(key, None)

    async def _adriven(
        self, steps: Generator[Any, Any, Reply], timeout: float | None, key: int, limit: float | None = None
    ) -> Reply:
        """Return the reply of a request, awaiting each of its steps."""
        loop = asyncio.get_running_loop()
        try:
            asked = next(steps)
            while True:
                self._under_way[key] = loop, asked
                try:
                    del asked
                    found = await self._done_async(key, timeout, limit)
                except Exception as error:  # noqa: BLE001 - the library raises all it knows
                    asked = steps.throw(error)
                else:
                    asked = steps.send(found)
        except StopIteration as done:
            reply: Reply = done.value
            return reply
        except (asyncio.CancelledError, GeneratorExit):
            self._outlived.keep(self._under_way.get(key))
            raise
        finally:
            self._under_way.pop(key, None)

    def _done(self, key: int, timeout: float | None, limit: float | None) -> Any:
        """Return what a step asks for: texts prepared, an answer, or nothing after some seconds.

        No name holds the library's future when its error is raised: it keeps the error, that its traceback, and that
        the names, and the garbage collector does not see into the library.
        """
        asked = self._under_way[key][1]
        if isinstance(asked, Texts):
            return self._shapes.get_all(asked.texts, timeout, asked.until, partial(self._prepare, until=asked.until))
        if not isinstance(asked, float):
            del asked
            return waited(self._under_way[key][1], limit)
        self._wait(asked)
        return None

    async def _done_async(self, key: int, timeout: float | None, limit: float | None) -> Any:
        """Return what a step asks for, without blocking the event loop."""
        asked = self._under_way[key][1]
        if isinstance(asked, Texts):
            prepare = partial(self._prepare, until=asked.until)
            return await self._shapes.get_all_async(asked.texts, timeout, asked.until, prepare)
        if not isinstance(asked, float):
            del asked
            return await self._answered(key, limit)
        for slice_ in self._slices(asked):
            await asyncio.sleep(slice_)
        return None

    async def _answered(self, key: int, limit: float | None) -> Any:
        """Return the answer of the library's future, or give it up after so many seconds."""
        if limit is None:
            return await self._under_way[key][1]
        loop = asyncio.get_running_loop()
        over = loop.call_later(limit, self._under_way[key][1].cancel)
        try:
            return await self._under_way[key][1]
        except errors.FutureCancelledError:
            if loop.time() < over.when():
                raise
            self._outlived.keep(self._under_way.get(key))
            raise TimeoutError from None
        finally:
            over.cancel()  # which has it hold the future no longer

    def _wait(self, seconds: float) -> None:
        for slice_ in self._slices(seconds):
            time.sleep(slice_)

    def _slices(self, seconds: float) -> Generator[float, None, None]:
        """Give a pause in parts, and no more of them once the driver is closed."""
        ends = time.monotonic() + seconds
        while self._exchange.session is not CLOSED and (left := ends - time.monotonic()) > 0:
            yield min(left, _SLICE)

    @property
    def prepared_statements(self) -> int:
        """How many prepared statements are held, 1,000 at most."""
        return len(self._shapes)

    def in_flight(self) -> int:
        """Return how many requests are under way; in an event loop that was closed none will ever end."""
        return sum(not has_ended(each) for each in list(self._under_way.values()))

    def shut_down(self) -> None:
        """Let go of the session: the library closes its connections when nobody holds it any more.

        What is under way holds it, too, and is ended.
        """
        if self._renewal is not None:
            self._renewal.end()
        self._exchange.session = CLOSED
        self._forget()
        self.session = None
        ended = let_go(self._under_way)
        if ended or self._under_way or self._prepares or self._outlived:
            free_soon()
        given_up = time.monotonic() + _ENDING
        while True:
            for future in (*ended, *[asked for _, asked in list(self._under_way.values())], *self._prepares):
                if hasattr(future, "cancel"):
                    future.cancel()
            # What the library's threads let go of is freed when the library is called next.
            if not (self.in_flight() or self._prepares or ended) or time.monotonic() >= given_up:
                break
            time.sleep(_LOOK)
        self._outlived.forget()

    def connect_anew(self) -> RustDriver | None:
        """Return another driver, connected as this one was; None for a session of somebody else's."""
        return None if self._connect_anew is None else self._connect_anew()

    def _renew(self) -> None:
        """Connect anew in the background, where that was done here: no node could be reached."""
        if self._renewal is not None:
            self._renewal.ask()

    def _use(self, session: Any) -> None:
        """Send from now on over another session; the library closes the one before when its last request has ended."""
        self.session = self._exchange.session = session

    def _forget(self) -> None:
        """Forget what was prepared, and what was known of the tables."""
        self._exchange.looks.frozen.forget()
        self._shapes = self._shapes.anew(self._preparing)

    def _prepare(self, cql: str, until: float = inf) -> PreparedShape:
        """Prepare a text for which somebody asks who waits until then, blocking, whoever else waits for longer."""
        exchange = self._exchange
        try:
            text, prepared = self._readable(cql)
            left = until - time.monotonic()
            seconds = look_limit(left if left > 0 else None)  # nobody has left who asked: there is time
            self._driven(
                exchange.looks.frozen.learn(exchange, prepared.result_columns, seconds), None, next(self._numbers)
            )
            return PreparedShape(text, prepared, exchange.reading)
        except TimeoutError as error:
            pass_interrupt(error)
            facts = Attempt(Sent(statement_of(cql).kind), cql, attempts=0).facts(Failure("timed_out"))
            raise OperationTimedOutError(self._preparing, **facts) from None
        except Exception as error:  # noqa: BLE001 - the library raises all it knows
            if found_no_node(error):
                self._renew()
            # Nothing was executed, and no value had been sent that the server could repeat.
            raise_translated(error, Attempt(Sent(statement_of(cql).kind), cql, attempts=0, hosts=hosts_of(exchange)))

    def _readable(self, cql: str) -> tuple[str, Any]:
        """Prepare a statement in the form in which the library can read its answer: the text as it is, nearly always.

        Where the type of a column is told by a class that the library does not know, it is asked for with a hint.
        """
        text, names, until = cql, dict[int, str](), time.monotonic() + self._preparing
        prepared: Any = None
        while True:
            told: dict[int, str] = {}
            try:
                prepared = self._prepared(text, until)
                # A hint changes the name, which is told only now.
                specs = prepared.result_columns if names else ()
                told = {place: specs[place].name.removeprefix(AS_TIMEUUID) for place in names if not names[place]}
            except Exception as error:
                place = unknown_timeuuid(error)
                if place is None or place in names or with_timeuuids(cql, {place: ""}) is None:
                    raise
                names[place] = ""
            names |= told
            changed = with_timeuuids(cql, names) if names else cql
            if changed is None or changed == text:
                return text, prepared
            text = changed

    def _prepared(self, text: str, until: float) -> Any:
        """Return what the library prepares by then; asked again where a node is overloaded, after pauses as others."""
        retries = 0
        while True:
            future = self._exchange.session.prepare(text)
            self._prepares.add(future)
            try:
                return waited(future, max(0.0, until - time.monotonic()))
            except errors.ScyllaError as error:
                pause = pause_before_again(error, retries, until)
                if pause is None:
                    raise
                self._wait(pause)
                if self._exchange.session is CLOSED:
                    raise
            finally:
                self._prepares.discard(future)
                del future  # it keeps its error, whose traceback keeps this name
            retries += 1


watch_exit()
