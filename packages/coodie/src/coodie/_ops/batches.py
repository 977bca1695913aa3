"""Batches: writes collected now and sent together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast, get_args

from coodie._hydration.lwt import lwt_result
from coodie._model.at_once import WritingMany, begin_batch, doubt_met, end_batch, wait_to_be_sent
from coodie._model.base import table_schema
from coodie._model.hooking import waits_or_yields
from coodie._ops.batch_places import names_column, refuse_several_places, telling
from coodie._ops.batched_lookups import refuse_unread_lists
from coodie._ops.batched_twice import refuse_written_twice
from coodie._ops.collected import Collected, counts_nothing, is_counting
from coodie._ops.doubting import columns_of, deletes_row, documents_of, doubt_all
from coodie._ops.markers import refuse_wrong_number
from coodie._ops.refusals import EXPLAINED, with_way_out
from coodie.errors import may_be_applied
from coodie.results import LWTResult
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.messages import BatchKind, BatchRequest
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from pydantic import BaseModel

    from coodie._ops.batch_places import Part
    from coodie._query.options import Call, WriteOptions
    from coodie._query.target import Target
    from coodie._schema.columns import Column
    from coodie_drivers.messages import Statement
    from coodie_drivers.operations import Op


WRITES = (StatementKind.INSERT, StatementKind.UPDATE, StatementKind.DELETE)
"""The kinds of statements that write rows."""

_APART = "a batch has counters only, or none: make it two batches"

_TIMED = "the server times; leave timestamp out of the batch"

MOST_WRITES = 65_535
"""How many writes a batch has at most."""


_ENDED = (
    "the with block of this batch is over, and nothing would send the write; write inside the block, or make another "
    "batch"
)


class BatchState:
    """A batch: the writes that it collects, those of it that are under way, and how they are sent.

    Threads may add to it and send it at once, so that whatever looks at what it holds does so under its lock.

    Attributes:
        kind: logged, unlogged or counter.
        options: timestamp, consistency and timeout of the whole batch.
        result: the server's answer to the last batch that was sent, where it had a condition.
        ended: whether the `with` block that sends the batch is over, so that nothing would send what is added.
    """

    __slots__ = ("__weakref__", "_held", "_lock", "_under_way", "ended", "kind", "options", "result")

    def __init__(self, kind: BatchKind, options: WriteOptions, lock: AbstractContextManager[object]) -> None:
        """Start empty.

        Args:
            kind: logged, unlogged or counter.
            options: timestamp, consistency and timeout of the whole batch.
            lock: what only one thread is in at a time; one that is in it may enter it again.

        Raises:
            InvalidQueryError: it is a counter batch with a timestamp.
        """
        if kind == "counter" and options.timestamp is not None:
            raise InvalidQueryError(
                "the server times counters; leave timestamp out of a batch with batch_type='counter'"
            )
        self.kind: BatchKind = kind
        self.options = options
        self.result: LWTResult | None = None
        self.ended = False
        self._held = Collected()
        self._under_way: list[Collected] = []
        self._lock = lock
        wait_to_be_sent(self)

    @property
    def target(self) -> Target[Any] | None:
        """What the first document was written to that it holds; None while there are only raw statements."""
        return self._held.target

    def collect(
        self,
        target: Target[Any],
        statement: Statement,
        values: Sequence[object],
        options: WriteOptions,
        then: Call | None = None,
    ) -> None:
        """Keep a document's write.

        Args:
            target: what it is written to.
            statement: the write.
            values: those of the statement.
            options: those of the write.
            then: what is called when the write was made. It is kept together with it, so that nobody sends the one
                without the other.

        Raises:
            InvalidQueryError: it belongs to another connection than the batch, brings options of its own, is of a table
                that batches of this kind do not take, or of another place than a condition; or the batch's `with` block
                is over.
        """
        with self._lock:
            if self.ended:
                raise InvalidQueryError(_ENDED)
            held = self._held
            if target is not held.last:
                self._admit(target)
            if options.consistency is not None or options.timeout is not None:
                raise InvalidQueryError(
                    "a batch is sent as one: give consistency and timeout to the batch, not to a write in it"
                )
            if held.conditional or statement.conditional:
                self._refuse_elsewhere(statement, values)
            held.parts.append((statement, values))
            if then is not None:
                held.callbacks.append(then)

    def add(self, statement: Statement, params: Sequence[object]) -> None:
        """Keep a statement of somebody's own.

        Raises:
            InvalidQueryError: it is no write, or none that goes with the others, or the values are not as many as its
                markers; or the batch's `with` block is over.
        """
        if statement.kind not in WRITES:
            fix = "send it by itself, with execute_raw()"
            raise InvalidQueryError(f"a batch takes INSERT, UPDATE and DELETE, not {statement.kind.name}; {fix}")
        refuse_wrong_number(statement.cql, params)
        with self._lock:
            if self.ended:
                raise InvalidQueryError(_ENDED)
            held = self._held
            if is_counting(statement, params):
                self._refuse_counting()
                held.counts = True
            elif counts_nothing(statement):
                self._refuse_beside_counters()
            if held.conditional or statement.conditional:
                self._refuse_elsewhere(statement, params)
            held.texts.add(statement)
            held.parts.append((statement, params))

    def _all(self) -> list[Collected]:
        """What is under way, and comes back where it fails, and what was collected since."""
        return [*self._under_way, self._held]

    def _targets(self) -> list[Target[Any]]:
        return [target for each in self._all() for target in each.targets]

    def _counts(self) -> bool:
        return any(each.counts for each in self._all())

    def _has_plain_text(self) -> bool:
        return any(counts_nothing(statement) for each in self._all() for statement, _ in each.parts)

    def _refuse_counting(self) -> None:
        """Refuse a text that adds to counters where documents that do not are, or the batch is logged or timed."""
        if self.kind == "logged":
            raise InvalidQueryError("a logged batch takes no writes of counters; give it batch_type='counter'")
        if self.options.timestamp is not None:
            raise InvalidQueryError(f"the text writes a counter, which {_TIMED}")
        other = next((each for each in self._targets() if not each.model.__coodie_counters__), None)
        if other is not None:
            names = f"the text writes a counter, and {other.schema.model} is no counter table"
            raise InvalidQueryError(f"{names}; {_APART}")
        if not self._counts() and self._has_plain_text():
            raise InvalidQueryError(f"the text writes a counter, and another writes none; {_APART}")

    def _refuse_beside_counters(self) -> None:
        """Refuse a text that surely adds to no counter, where counters are."""
        if self.kind == "counter":
            fix = "put it into a batch of its own"
            raise InvalidQueryError(f"a counter batch takes writes of counters alone, and the text is none; {fix}")
        other = next((each.schema.model for each in self._targets() if each.model.__coodie_counters__), None)
        if other is not None or self._counts():
            names = "another does" if other is None else f"{other} is a counter table"
            raise InvalidQueryError(f"the text writes no counter, and {names}; {_APART}")

    def _refuse_elsewhere(self, statement: Statement, params: Sequence[object]) -> None:
        """Refuse a statement of another place than a condition of the batch; remember that there is one."""
        if self.options.timestamp is not None:
            timed = "a batch with a timestamp takes no write with a condition, which the server times"
            raise InvalidQueryError(f"{timed}; leave timestamp out, or write it without a batch")
        held = self._held
        # Those that are there go together where there is a condition: each was compared with those before it.
        compared = [*(held.telling if held.conditional else held.parts), (statement, params)]
        refuse_several_places(compared, held.targets)
        held.telling, held.conditional = telling(compared), True

    def _admit(self, target: Target[Any]) -> None:
        """Take note of a table that is written to."""
        held = self._held
        if not (held.parts or self._under_way):  # as of most: there is nothing that it could contradict
            _refuse_other_kind(self, target, ())
            held.write_to(target)
            return
        others = self._targets()
        if others and target.connection != others[0].connection:
            names = f"{others[0].schema.model} and {target.schema.model}"
            raise InvalidQueryError(f"{names} are on different connections; a batch goes to one, make it two batches")
        if not target.model.__coodie_counters__ and self._counts():
            raise InvalidQueryError(f"{target.schema.model} is no counter table, and a text writes a counter; {_APART}")
        if target not in others:
            _refuse_other_kind(self, target, others)
            if target.model.__coodie_counters__ and self._has_plain_text():
                names = f"{target.schema.model} is a counter table, and a text writes no counter"
                raise InvalidQueryError(f"{names}; {_APART}")
        self._held.write_to(target)

    def afterwards(self, call: Callable[..., object], *args: object) -> None:
        """Call this when the batch was sent; not where a condition of the batch did not hold."""
        with self._lock:
            self._held.callbacks.append((call, args))

    def calls_with(self, mentioned: object) -> list[Call]:
        """The calls that are to be made with this very object when what it holds now was sent, in order."""
        with self._lock:
            return [*self._held.calls_with(mentioned)]

    def calls_among(self, sending: Collected, mentioned: object) -> list[Call]:
        """Those of what is being sent; whoever writes one of its documents meanwhile asks, in whichever thread."""
        with self._lock:
            return [*sending.calls_with(mentioned)]

    def columns_of(self, document: BaseModel) -> set[Column]:
        """What the batch will write of a document; nothing where that is not in it."""
        return columns_of(self.calls_with(document))

    def unless_sent(self, call: Callable[[], object]) -> None:
        """Call this when the batch is dropped, or a condition of it did not hold."""
        with self._lock:
            self._held.undone_by.append(call)

    def take(self) -> Collected | None:
        """Take what was collected, to send it; None without a write. What is added from now on goes the next time."""
        with self._lock:
            taken = self._held
            if not taken.parts:
                return None
            self._held = Collected()
            self._under_way.append(taken)
            return taken

    def settle(self, sent: Collected, result: LWTResult | None) -> list[Call]:
        """Hold the answer; return what is to be called, and undo what was made for writes that were not."""
        with self._lock:
            self._under_way.remove(sent)
            self.result = result
        if result is None or result.applied:
            return sent.callbacks
        sent.undo()
        return []

    def put_back(self, taken: Collected) -> None:
        """Put what was taken and could not be sent in front of what was added meanwhile."""
        with self._lock:
            self._under_way.remove(taken)
            self._held = taken.followed_by(self._held)

    def drop(self) -> None:
        """Forget what was collected, and who was to be called; undo what was made for it."""
        with self._lock:
            dropped, self._held = self._held, Collected()
        dropped.undo()


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
    named = repr(written) if isinstance(written, str) else type(written).__name__
    raise InvalidQueryError(f"batch_type is one of {known}, not {named}")


def checked_callback(call: object) -> None:
    """Check what is to be called behind a batch.

    Raises:
        InvalidQueryError: it cannot be called, or a call would run nothing of it.
    """
    if not callable(call):
        fix = "give the function, and its arguments behind it: add_callback(print, 'sent')"
        raise InvalidQueryError(f"add_callback() takes a function, not {type(call).__name__}; {fix}")
    if waits_or_yields(call):
        while isinstance(call, partial):
            call = call.func
        name = getattr(call, "__name__", type(call).__name__)
        fix = "start a task in one, or await this behind the batch yourself"
        takes = "add_callback() takes a plain function, which neither awaits nor yields"
        raise InvalidQueryError(f"{takes}, and {name}() would not run; {fix}")


def _refuse_other_kind(state: BatchState, target: Target[Any], others: Sequence[Target[Any]]) -> None:
    """Refuse counters in a logged or timed batch or beside other tables, as Cassandra does (`BatchStatement`).

    A timestamp it refuses in the text of a batch alone: that of a request it takes, counts all the same, and deletes as
    of then.
    """
    counts = target.model.__coodie_counters__
    if counts and state.kind == "logged":
        table = f"{target.schema.model} is a counter table, whose writes no logged batch takes"
        raise InvalidQueryError(f"{table}; make it a batch with batch_type='counter'")
    if counts and state.options.timestamp is not None:
        raise InvalidQueryError(f"{target.schema.model} is a counter table, whose writes {_TIMED}")
    if not counts and state.kind == "counter":
        table = f"{target.schema.model} is no counter table, and a counter batch takes writes of these alone"
        raise InvalidQueryError(f"{table}; put its writes into a batch of their own")
    other = next((each for each in others if each.model.__coodie_counters__ is not counts), None)
    if other is not None:
        names = f"{other.schema.model} and {target.schema.model}"
        raise InvalidQueryError(f"one of {names} is a counter table, and a batch has counters only, or none")


def _refuse_together(sending: Collected) -> None:
    """Refuse writes of which each is in order, and not all together in one batch.

    There are 16 bits for their number (native protocol v4, section 4.1.7).
    """
    count = len(sending.parts)
    if count > MOST_WRITES:
        fix = "make it several batches, each of some dozens of writes to one partition, or save without a batch"
        raise InvalidQueryError(f"a batch has at most {MOST_WRITES:,} writes, this one has {count:,}; {fix}")
    refuse_written_twice(sending.parts, sending.targets, sending.texts, sending.callbacks)
    if sending.conditional:
        refuse_unread_lists(sending.parts, sending.targets, sending.texts)


def _static_named(target: Target[Any], taken: Sequence[Part]) -> Iterator[Column]:
    """The static columns that a write of a batch names."""
    for column in target.schema.columns:
        if column.kind == "static" and any(names_column(statement, column.name) for statement, _ in taken):
            yield column


def execute(state: BatchState) -> Op[None]:
    """Send the collected writes as one batch; an empty one is nothing, and one that failed stays collected.

    Its result is the server's answer, when a write of the batch has a condition.

    Raises:
        InvalidQueryError: there are more writes than a batch of the native protocol can hold, two of one row that
            contradict each other, or one that needs a list which a batch with a condition does not read.
    """
    sending = state.take()
    if sending is None:
        state.result = None
        return
    options, target = state.options, sending.target
    level: str | None = options.consistency
    if level is None and target is not None:
        level = target.schema.consistency
    batch = WritingMany(
        lambda document: columns_of(state.calls_among(sending, document)),
        lambda document: deletes_row(state.calls_among(sending, document)),
    )
    try:
        begin_batch(batch, documents_of(sending.callbacks))
        _refuse_together(sending)
        reply = yield BatchRequest(sending.parts, state.kind, level, options.timeout, options.timestamp)
    except BaseException as error:
        state.put_back(sending)
        end_batch(batch)
        if may_be_applied(error):
            batch.was_made()
        doubt_all(error, sending.callbacks)
        explained = with_way_out(error, sending.targets) if isinstance(error, EXPLAINED) else None
        if explained is None:
            raise
        raise explained from error
    result: LWTResult | None = None
    if sending.conditional:
        applied = LWTResult(applied=bool(reply.applied))
        result = applied if target is None else lwt_result(target.schema, reply, _static_named(target, sending.parts))
    # What documents remember of their rows is among it, which were written whatever a program's own function does.
    if result is None or result.applied:
        batch.was_made()
    failures = _call_all(state.settle(sending, result))
    end_batch(batch)
    for document, writing in batch.met():
        doubt_met(document, table_schema(document.__class__), writing)
    if failures:
        raise failures[0]


def _call_all(calls: Sequence[Call]) -> list[BaseException]:
    """Make each call, whatever the others do; return what they have raised."""
    failures: list[BaseException] = []
    for call, args in calls:
        try:
            call(*args)
        except BaseException as error:  # noqa: BLE001 - for whoever has asked
            failures.append(error)
    return failures
