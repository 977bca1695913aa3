"""Batches: writes collected now and sent together."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast, get_args

from coodie._hydration.lwt import lwt_result
from coodie._model.at_once import begin_batch, doubt_met, end_batch
from coodie._model.base import table_schema
from coodie._ops.batch_places import counts, names_column, refuse_several_places
from coodie._ops.batched_twice import refuse_written_twice
from coodie._ops.doubting import columns_of, documents_of, doubt_all
from coodie._ops.markers import refuse_wrong_number
from coodie._ops.refusals import EXPLAINED, with_way_out
from coodie.results import LWTResult
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.messages import BatchKind, BatchRequest
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from coodie._ops.batch_places import Part
    from coodie._ops.doubting import Call
    from coodie._query.options import WriteOptions
    from coodie._query.target import Target
    from coodie._schema.columns import Column
    from coodie_drivers.messages import Statement
    from coodie_drivers.operations import Op


WRITES = (StatementKind.INSERT, StatementKind.UPDATE, StatementKind.DELETE)
"""The kinds of statements that write rows."""

_APART = "a batch has counters only, or none: make it two batches"

MOSTWRITES = 65_535
"""How many writes a batch has at most."""


_ENDED = (
    "the with block of this batch is over, and nothing would send the write; write inside the block, or make another "
    "batch"
)


class Mentioned:
    """Calls by what they are made with, each looked at once, however often somebody asks.

    Attributes:
        calls: the calls, to which more are added.
    """

    __slots__ = ("_by_id", "_seen", "calls")

    def __init__(self, calls: list[Call]) -> None:
        """Start with none looked at."""
        self.calls = calls
        self._seen = 0
        self._by_id: dict[int, list[Call]] = {}

    def with_(self, mentioned: object) -> list[Call]:
        """Those that are made with this very object, which they keep alive, in order."""
        while self._seen < len(self.calls):
            call = self.calls[self._seen]
            for each in {id(each) for each in call[1]}:
                self._by_id.setdefault(each, []).append(call)
            self._seen += 1
        return self._by_id.get(id(mentioned), [])


class BatchState:
    """The writes of one batch, in order, and how they are sent.

    Attributes:
        parts: the statements with their values.
        kind: logged, unlogged or counter.
        options: timestamp, consistency and timeout of the whole batch.
        target: what the first collected document was written to; None while there are only raw statements.
        targets: what the collected documents were written to, each once.
        callbacks: what is called when the batch was sent, in order, each with its arguments.
        conditional: whether one of the writes has a condition.
        result: the server's answer to the last batch that was sent, where it had a condition.
        ended: whether the `with` block that sends the batch is over, so that nothing would send what is added.
    """

    __slots__ = (
        *("conditional", "_counts", "_last", "_mentioned", "_undone_by", "callbacks", "ended"),
        *("kind", "options", "parts", "result", "target", "targets"),
    )

    def __init__(self, kind: BatchKind, options: WriteOptions) -> None:
        """Start empty.

        Raises:
            InvalidQueryError: it is a counter batch with a timestamp.
        """
        if kind == "counter" and options.timestamp is not None:
            raise InvalidQueryError(
                "the server times counters; leave timestamp out of a batch with batch_type='counter'"
            )
        self.parts: deque[tuple[Statement, Sequence[object]]] = deque()
        self.kind: BatchKind = kind
        self.options = options
        self.target: Target[Any] | None = None
        self.targets: list[Target[Any]] = []
        self._last: Target[Any] | None = None
        self.conditional = False
        self._counts = False
        self.callbacks: list[Call] = []
        self._mentioned: Mentioned | None = None
        self._undone_by: list[Callable[[], object]] = []
        self.result: LWTResult | None = None
        self.ended = False

    def collect(
        self, target: Target[Any], statement: Statement, values: Sequence[object], options: WriteOptions
    ) -> None:
        """Keep a document's write.

        Raises:
            InvalidQueryError: it belongs to another connection than the batch, brings options of its own, is of a table
                that batches of this kind do not take, or of another place than a condition; or the batch's `with` block
                is over.
        """
        if self.ended:
            raise InvalidQueryError(_ENDED)
        if target is not self._last:
            self._admit(target)
        if options.consistency is not None or options.timeout is not None:
            raise InvalidQueryError(
                "a batch is sent as one: give consistency and timeout to the batch, not to a write in it"
            )
        if self.conditional or statement.conditional:
            self._refuse_elsewhere(statement, values)
        self.parts.append((statement, values))

    def add(self, statement: Statement, params: Sequence[object]) -> None:
        """Keep a statement of somebody's own.

        Raises:
            InvalidQueryError: it is no write, or none that goes with the others, or the values are not as many as its
                markers; or the batch's `with` block is over.
        """
        if self.ended:
            raise InvalidQueryError(_ENDED)
        if statement.kind not in WRITES:
            fix = "send it by itself, with execute_raw()"
            raise InvalidQueryError(f"a batch takes INSERT, UPDATE and DELETE, not {statement.kind.name}; {fix}")
        refuse_wrong_number(statement.cql, params)
        if _is_counting(statement, params):
            self._refuse_counting()
            self._counts = True
        elif _counts_nothing(statement):
            self._refuse_beside_counters()
        if self.conditional or statement.conditional:
            self._refuse_elsewhere(statement, params)
        self.parts.append((statement, params))

    def _refuse_counting(self) -> None:
        """Refuse a text that adds to counters where documents that do not are, or the batch is logged."""
        if self.kind == "logged":
            raise InvalidQueryError("a logged batch takes no writes of counters; give it batch_type='counter'")
        other = next((each for each in self.targets if not each.model.__coodie_counters__), None)
        if other is not None:
            names = f"the text writes a counter, and {other.schema.model} is no counter table"
            raise InvalidQueryError(f"{names}; {_APART}")
        if not self._counts and self._has_plain_text():
            raise InvalidQueryError(f"the text writes a counter, and another writes none; {_APART}")

    def _refuse_beside_counters(self) -> None:
        """Refuse a text that surely adds to no counter, where counters are."""
        if self.kind == "counter":
            fix = "put it into a batch of its own"
            raise InvalidQueryError(f"a counter batch takes writes of counters alone, and the text is none; {fix}")
        other = next((each.schema.model for each in self.targets if each.model.__coodie_counters__), None)
        if other is not None or self._counts:
            names = "another does" if other is None else f"{other} is a counter table"
            raise InvalidQueryError(f"the text writes no counter, and {names}; {_APART}")

    def _has_plain_text(self) -> bool:
        return any(_counts_nothing(statement) for statement, _ in self.parts)

    def _refuse_elsewhere(self, statement: Statement, params: Sequence[object]) -> None:
        """Refuse a statement of another place than a condition of the batch; remember that there is one."""
        if self.options.timestamp is not None:
            timed = "a batch with a timestamp takes no write with a condition, which the server times"
            raise InvalidQueryError(f"{timed}; leave timestamp out, or write it without a batch")
        # Those that are there go together.
        others = [*self.parts][:1] if self.conditional else [*self.parts]
        refuse_several_places([*others, (statement, params)], self.targets)
        self.conditional = True

    def _admit(self, target: Target[Any]) -> None:
        """Take note of a table that is written to."""
        if self.target is None:
            self.target = target
        if target.connection != self.target.connection:
            names = f"{self.target.schema.model} and {target.schema.model}"
            raise InvalidQueryError(f"{names} are on different connections; a batch goes to one, make it two batches")
        if self._counts and not target.model.__coodie_counters__:
            raise InvalidQueryError(f"{target.schema.model} is no counter table, and a text writes a counter; {_APART}")
        if target not in self.targets:
            _refuse_other_kind(self.kind, target, self.targets)
            if target.model.__coodie_counters__ and self._has_plain_text():
                names = f"{target.schema.model} is a counter table, and a text writes no counter"
                raise InvalidQueryError(f"{names}; {_APART}")
            self.targets.append(target)
        self._last = target

    def afterwards(self, call: Callable[..., object], *args: object) -> None:
        """Call this when the batch was sent; not where a condition of the batch did not hold."""
        self.callbacks.append((call, args))

    def calls_with(self, mentioned: object) -> list[Call]:
        """The calls that are to be made with this very object, in order."""
        if self._mentioned is None or self._mentioned.calls is not self.callbacks:
            self._mentioned = Mentioned(self.callbacks)
        return self._mentioned.with_(mentioned)

    def unless_sent(self, call: Callable[[], object]) -> None:
        """Call this when the batch is dropped, or a condition of it did not hold."""
        self._undone_by.append(call)

    def settle(self, result: LWTResult | None) -> list[Call]:
        """Hold the answer; return what is to be called, and undo what was made for writes that were not."""
        self.result = result
        self._start_anew()
        callbacks, self.callbacks = self.callbacks, []
        if result is None or result.applied:
            self._undone_by = []
            return callbacks
        self._undo()
        return []

    def _undo(self) -> None:
        while self._undone_by:
            self._undone_by.pop()()

    def take(self) -> list[tuple[Statement, Sequence[object]]]:
        """Take the statements out, to send them; what is added from now on belongs to the next time."""
        taken: list[tuple[Statement, Sequence[object]]] = []
        # One by one from the same deque, so that nothing is lost that another thread adds or takes at this moment.
        with suppress(IndexError):
            while self.parts:
                taken.append(self.parts.popleft())
        self.conditional = self._counts = False
        return taken

    def drop(self) -> None:
        """Forget what was collected, and who was to be called; undo what was made for it."""
        self.take()
        self._start_anew()
        self.callbacks = []
        self._undo()

    def _start_anew(self) -> None:
        """Forget where the writes went that were sent or dropped; not where others were added meanwhile."""
        if not self.parts:
            self.target = self._last = None
            self.targets = []

    def put_back(self, taken: list[tuple[Statement, Sequence[object]]]) -> None:
        """Put statements that were taken and could not be sent in front of those that were added meanwhile."""
        self.parts.extendleft(reversed(taken))
        self.conditional = any(statement.conditional for statement, _ in self.parts)
        self._counts = any(_is_counting(statement, params) for statement, params in self.parts)


def batch_kind(batch_type: str | None, *, logged: bool) -> BatchKind:
    """The kind of a batch, from the documented arguments.

    Raises:
        InvalidQueryError: there is no such kind, or the two contradict each other.
    """
    if type(cast("object", logged)) is not bool:
        raise InvalidQueryError(f"logged is True or False, not {type(logged).__name__}; batch_type takes a name")
    if batch_type is None:
        return "logged" if logged else "unlogged"
    written = cast("object", batch_type)
    for kind in get_args(BatchKind):
        if isinstance(written, str) and kind == written.lower():
            found: BatchKind = kind
            if found == "logged" and not logged:
                raise InvalidQueryError("logged=False contradicts batch_type='logged'; leave one of them out")
            return found
    known = ", ".join(map(repr, get_args(BatchKind)))
    raise InvalidQueryError(f"batch_type is one of {known}, not {batch_type!r}")


def _is_counting(statement: Statement, params: Sequence[object]) -> bool:
    """Whether a text adds to counters."""
    return statement.kind is StatementKind.UPDATE and not statement.idempotent and counts(statement, params)


def _counts_nothing(statement: Statement) -> bool:
    """Whether a text surely adds to no counter: an addition is not idempotent, and has no condition."""
    if statement.kind is StatementKind.DELETE:
        return statement.conditional
    return statement.kind is StatementKind.INSERT or statement.conditional or statement.idempotent


def _refuse_other_kind(kind: BatchKind, target: Target[Any], others: Sequence[Target[Any]]) -> None:
    """Refuse counters in a logged batch or beside other tables, as Cassandra does (`BatchStatement`)."""
    counts = target.model.__coodie_counters__
    if counts and kind == "logged":
        table = f"{target.schema.model} is a counter table, whose writes no logged batch takes"
        raise InvalidQueryError(f"{table}; make it a batch with batch_type='counter'")
    if not counts and kind == "counter":
        table = f"{target.schema.model} is no counter table, and a counter batch takes writes of these alone"
        raise InvalidQueryError(f"{table}; put its writes into a batch of their own")
    other = next((each for each in others if each.model.__coodie_counters__ is not counts), None)
    if other is not None:
        names = f"{other.schema.model} and {target.schema.model}"
        raise InvalidQueryError(f"one of {names} is a counter table, and a batch has counters only, or none")


def _refuse_too_many(count: int) -> None:
    """Refuse more writes than the protocol can count: it has 16 bits for it (native protocol v4, section 4.1.7)."""
    if count > MOSTWRITES:
        fix = "make it several batches, each of some dozens of writes to one partition, or save without a batch"
        raise InvalidQueryError(f"a batch has at most {MOSTWRITES:,} writes, this one has {count:,}; {fix}")


def _static_named(target: Target[Any], taken: Sequence[Part]) -> Iterator[Column]:
    """The static columns that a write of a batch names."""
    for column in target.schema.columns:
        if column.kind == "static" and any(names_column(statement, column.name) for statement, _ in taken):
            yield column


def execute(state: BatchState) -> Op[None]:
    """Send the collected writes as one batch; an empty one is nothing, and one that failed stays collected.

    Its result is the server's answer, when a write of the batch has a condition.

    Raises:
        InvalidQueryError: there are more writes than a batch of the native protocol can hold, or two of one row that
            contradict each other.
    """
    conditional, taken = state.conditional, state.take()
    if not taken:
        state.result = None
        return
    options = state.options
    level: str | None = options.consistency
    if level is None and state.target is not None:
        level = state.target.schema.consistency
    batch = begin_batch(lambda document: columns_of(state.calls_with(document)), documents_of(state.callbacks))
    try:
        _refuse_too_many(len(taken))
        refuse_written_twice(state.callbacks, state.targets, (statement for statement, _ in taken))
        reply = yield BatchRequest(taken, state.kind, level, options.timeout, options.timestamp)
    except BaseException as error:
        state.put_back(taken)
        end_batch(batch)
        doubt_all(error, state.callbacks)
        explained = with_way_out(error, state.targets) if isinstance(error, EXPLAINED) else None
        if explained is None:
            raise
        raise explained from error
    result: LWTResult | None = None
    if conditional:
        target = state.target
        applied = LWTResult(applied=bool(reply.applied))
        result = applied if target is None else lwt_result(target.schema, reply, _static_named(target, taken))
    # What documents remember of their rows is among it, which were written whatever a program's own function does.
    failures: list[BaseException] = []
    for call, args in state.settle(result):
        try:
            call(*args)
        except BaseException as error:  # noqa: BLE001 - raised below
            failures.append(error)
    end_batch(batch)
    for document, met in batch.met.values():
        doubt_met(document, table_schema(type(document)), met)
    if failures:
        raise failures[0]
