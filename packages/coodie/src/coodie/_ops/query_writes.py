"""Writing verbs of a query: create, update and delete, by key where the query gives one, else row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from coodie._hydration.lwt import lwt_result
from coodie._model.extract import long_key
from coodie._ops import counters, writes
from coodie._ops.conditions import of_the_row
from coodie._ops.reads import aligned, raise_misfit
from coodie._ops.views import refuse_write
from coodie._query.access import access_of, needs_filtering, refuse_repeated
from coodie._query.heeding import refuse_unheeded
from coodie._query.keywords import keywords_of
from coodie._query.options import WriteOptions
from coodie._query.select import plan_select
from coodie._query.write import NO_GUARD, Guard, RowPlan, plan_delete, plan_delete_range, plan_update
from coodie.errors import ConditionFailedError, UnknownNameError
from coodie.results import BulkWriteError, LWTResult, WriteResult
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.messages import ManyRequests, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from coodie._model.base import DocumentBase
    from coodie._query.access import Access
    from coodie._query.assignments import Assignment
    from coodie._query.options import Batch
    from coodie._query.state import QueryState
    from coodie._query.target import Target
    from coodie._schema.columns import Column
    from coodie_drivers.operations import Op

D = TypeVar("D", bound="DocumentBase")
Row = tuple[Any, ...]

AT_ONCE = 32
"""How many rows are written at once."""

_EXACT = ("=", "IN")


class _Change(NamedTuple):
    """What is to be done to each row.

    Attributes:
        verb: the verb, for sentences.
        plan: makes the statement for rows of a key's columns.
        added: the values that every row gets besides its key.
        guard: the condition of each write.
        options: how it is written.
        key: the columns that choose what is written.
    """

    verb: str
    plan: Callable[[], RowPlan]
    added: tuple[object, ...]
    guard: Guard
    options: WriteOptions
    key: tuple[Column, ...]


def create(target: Target[D], state: QueryState, values: Mapping[str, object], batch: Batch | None = None) -> Op[D]:
    """Construct a document and save it; with `if_not_exists()`, only where its row does not exist.

    Raises:
        ConditionFailedError: its row exists.
    """
    refuse_view(target, "create")
    refuse_unheeded(target.schema.model, state, "create")
    if target.model.__coodie_counters__:
        counters.refuse_write("create", target.schema.model)
    document = target.model(**values)
    options = options_of(state, batch)
    if not state.more.if_not_exists:
        yield from writes.save(target, document, options)
        return document
    result = yield from writes.insert(target, document, options)
    if result is not None and not result.applied:
        raise ConditionFailedError(target.schema.model, result.existing)
    return document


def update(
    target: Target[Any],
    state: QueryState,
    changes: Mapping[str, object],
    verb: str = "update",
    batch: Batch | None = None,
) -> Op[WriteResult]:
    """Change some columns of every matching row.

    Raises:
        InvalidQueryError: nothing is changed, or nothing says which rows.
        BulkWriteError: a row was not written, and others were.
    """
    schema = target.schema
    refuse_view(target, verb)
    refuse_unheeded(schema.model, state, verb)
    if not changes:
        raise InvalidQueryError(f"{verb}() of {schema.model} changes nothing; name the fields to set")
    _refuse_everything(target, state, verb)
    if schema.version is not None:
        fix = "update each document, which knows its version"
        raise InvalidQueryError(f"{verb}() of a query would pass over the version of {schema.model}; {fix}")
    guard, options = guard_of(state), options_of(state, batch)
    given, values = _read(target, changes)
    assignments, sent = of_the_row(target, given, values, guard)
    if assignments is not given and _given_key(schema.key, state) is None:
        key = ", ".join(repr(column.field) for column in schema.key)
        problem = f"if_exists() asks for a row, and {verb}() changes static fields of {schema.model} alone"
        raise InvalidQueryError(f"{problem}; say which by its whole key ({key}) and nothing besides, or leave it out")
    mentioned = [each.column for each in assignments] + [each.column for each in guard.lookups]
    change = _Change(
        "update",
        lambda: plan_update(target, assignments, guard, options),
        (*sent, *guard.values),
        guard,
        options,
        schema.key_of(mentioned),
    )
    return (yield from _write(target, state, change))


def update_from(target: Target[Any], state: QueryState, instance: object) -> Op[WriteResult]:
    """Change, of every matching row, the fields that were set in an instance of another model.

    Raises:
        UnknownNameError: a field was set that the model has not.
        InvalidQueryError: none was set, or a field of the key was.
    """
    from pydantic import BaseModel  # noqa: PLC0415 - only this asks for it by name

    schema = target.schema
    if not isinstance(instance, BaseModel):
        problem = f"takes an instance of a Pydantic model, not {type(instance).__name__}"
        raise InvalidQueryError(f"update_from() of {schema.model} {problem}; update(**changes) takes fields by name")
    given = type(instance).__name__
    given_fields = sorted(instance.model_fields_set)
    unknown = next((name for name in given_fields if name not in schema.by_name), None)
    if unknown is not None:
        raise UnknownNameError(
            f"update_from({given}): {schema.model}", "field", unknown, (column.field for column in schema.columns)
        )
    of_key = next((name for name in given_fields if schema.by_name[name].in_key), None)
    if of_key is not None:
        problem = f"{given}.{of_key} is set, which is part of the primary key of {schema.model} and cannot change"
        raise InvalidQueryError(f"update_from(): {problem}; filter() by it, and leave it out of {given}")
    order = {column: place for place, column in enumerate(schema.columns)}
    given_fields.sort(key=lambda name: order[schema.by_name[name]])
    changes = {name: getattr(instance, name) for name in given_fields}
    return (yield from update(target, state, changes, "update_from"))


def delete(target: Target[Any], state: QueryState, batch: Batch | None = None) -> Op[WriteResult]:
    """Delete every matching row.

    Raises:
        InvalidQueryError: nothing says which rows, or they have versions, of which the condition says nothing.
        BulkWriteError: a row was not deleted, and others were.
    """
    schema = target.schema
    refuse_view(target, "delete")
    refuse_unheeded(schema.model, state, "delete")
    _refuse_everything(target, state, "delete")
    if schema.version is not None and all(each.column is not schema.version for each in state.more.conditions):
        problem = f"delete() of a query would pass over the version of {schema.model}"
        fix = f"delete_many() asks each document for its, or name it: iff({schema.version.field}=...)"
        raise InvalidQueryError(f"{problem}; {fix}")
    guard, options = guard_of(state), options_of(state, batch)
    if not guard and _is_range(state):
        access = _access(target, state)
        if access.one_partition and not access.filtered and not access.by_index and not access.whole_key:
            return (yield from _delete_range(target, state, options))
    change = _Change("delete", lambda: plan_delete(target, guard, options), guard.values, guard, options, schema.key)
    return (yield from _write(target, state, change))


def _delete_range(target: Target[Any], state: QueryState, options: WriteOptions) -> Op[WriteResult]:
    """Delete what lies in one partition, or between bounds in it, by one statement; nobody knows how many rows."""
    plan = plan_delete_range(target, state.lookups, options)
    values = plan.params((*state.values, None, options.timestamp))
    if options.batch is not None:
        options.batch.collect(target, plan.statement, values, options)
        return WriteResult(applied=True, written=0)
    try:
        yield Request(plan.statement, values, options.consistency, options.timeout)
    except InvalidQueryError as error:
        raise_misfit(target, state, error)
        raise
    return WriteResult(applied=True, written=0)


def _write(target: Target[Any], state: QueryState, change: _Change) -> Op[WriteResult]:
    key = _given_key(change.key, state)
    if key is not None:
        return (yield from _write_one(target, state, change, key))
    if change.options.batch is not None:
        _refuse_class(target, state, change)
        names = ", ".join(repr(column.field) for column in change.key)
        problem = f"{change.verb}() of {target.schema.model} in a batch writes one row"
        raise InvalidQueryError(f"{problem}; give its whole key by equality ({names}), and nothing besides")
    done = _Done(target, change)
    keys = state.ordered(()).limited_to(None).with_more(columns=change.key, items="tuples", distinct=False)
    plan = plan_select(target, keys, "keys")
    paging_state: bytes | None = None
    seen: set[Row] = set()
    while True:
        try:
            reply = yield plan.request(keys, paging_state)
        except InvalidQueryError as error:
            raise_misfit(target, state, error)
            raise
        # Of a partition that is written as a whole each row of the page has the key.
        # A partition with nothing but static columns is selected, too, without a clustering key: it has no row.
        rows = [row for row in dict.fromkeys(aligned(target, plan, reply)) if row not in seen and None not in row]
        if len(change.key) < len(target.schema.key):
            seen.update(rows)
        yield from done.write(rows)
        if reply.paging_state is None:
            return done.result()
        paging_state = reply.paging_state


def _write_one(target: Target[Any], state: QueryState, change: _Change, key: Row) -> Op[WriteResult]:
    long = long_key(target.schema.model, change.key, key)
    if long is not None:
        raise long
    plan = change.plan()
    if change.options.batch is not None:
        writes.collect(target, plan, key, change.options, *change.added)
        return WriteResult(applied=True, written=1)
    try:
        reply = yield plan.request(key, change.options, *change.added)
    except InvalidQueryError as error:
        raise_misfit(target, state, error)
        misfit = plan.misfit((*key, *change.added))
        if misfit is None:
            raise
        raise misfit from error
    if not change.guard:
        return WriteResult(applied=True, written=1)
    result = lwt_result(target.schema, reply)
    rejected = [] if result.applied else [_by_field(change.key, key)]
    return WriteResult(result.applied, result.existing, written=int(result.applied), rejected=rejected)


class _Done:
    """What became of the rows so far."""

    def __init__(self, target: Target[Any], change: _Change) -> None:
        self._target = target
        self._change = change
        self._written: list[Row] = []
        self._rejected: list[tuple[Row, LWTResult]] = []

    def write(self, keys: Sequence[Row]) -> Op[None]:
        """Write the rows of these keys, many at once.

        Raises:
            BulkWriteError: one of them failed.
        """
        if not keys:
            return
        change = self._change
        plan = change.plan()
        many = ManyRequests([plan.request(key, change.options, *change.added) for key in keys], AT_ONCE)
        yield many
        failed: list[tuple[Row, Exception]] = []
        for key, outcome in zip(keys, many.outcomes, strict=True):
            if isinstance(outcome, Reply):
                self._take(key, outcome)
            elif outcome is not None:
                failed.append((key, outcome))
        if failed:
            raise self._failure(failed, many.outcomes.count(None)) from failed[0][1]

    def _take(self, key: Row, reply: Reply) -> None:
        result = lwt_result(self._target.schema, reply) if self._change.guard else None
        if result is None or result.applied:
            self._written.append(key)
        else:
            self._rejected.append((key, result))

    def _failure(self, failed: list[tuple[Row, Exception]], left: int) -> BulkWriteError:
        by_field = [(_by_field(self._change.key, key), error) for key, error in failed]
        written = [_by_field(self._change.key, key) for key in self._written]
        return BulkWriteError(self._target.schema.model, written, by_field, left)

    def result(self) -> WriteResult:
        """What became of all rows."""
        rejected = [_by_field(self._change.key, key) for key, _ in self._rejected]
        existing = self._rejected[0][1].existing if len(self._rejected) == 1 else {}
        return WriteResult(not rejected, existing, written=len(self._written), rejected=rejected)


def _by_field(columns: Sequence[Column], key: Row) -> dict[str, Any]:
    return {
        column.field: value if column.type.decode is None else column.type.decode(value)
        for column, value in zip(columns, key, strict=True)
    }


def _refuse_class(target: Target[Any], state: QueryState, change: _Change) -> None:
    """Refuse to write one row in a batch if it is of a class: only looking at it would tell.

    Raises:
        InvalidQueryError: the query gives the whole key, and its model is one class of a family.
    """
    family = target.schema.family
    others = [each for each in state.lookups if not each.column.discriminates]
    given = {each.column for each in others if each.operator == "="}
    if family is None or len(given) != len(others) or given != {*change.key}:
        return
    model = target.schema.model
    problem = f"{change.verb}() of {model} in a batch cannot ask whether the row is a {model}"
    fix = f"read the document and give the batch to its {change.verb}(batch=...)"
    if change.verb == "delete":
        fix += f", or write {family.base.schema.model}.find(...), which takes the row of whatever class it is"
    raise InvalidQueryError(f"{problem}; {fix}")


def _given_key(key: Sequence[Column], state: QueryState) -> Row | None:
    """The key that the query itself gives by equality, and nothing besides; None where rows must be looked for."""
    pairs = zip(state.lookups, state.values, strict=True)
    given = {lookup.column: value for lookup, value in pairs if lookup.operator == "="}
    if len(state.lookups) != len(key) or any(column not in given for column in key):
        return None
    return tuple(given[column] for column in key)


def _is_range(state: QueryState) -> bool:
    return all(not lookup.is_token and lookup.operator in (*_EXACT, ">", ">=", "<", "<=") for lookup in state.lookups)


def _access(target: Target[Any], state: QueryState) -> Access:
    refuse_repeated(target.schema, state.lookups)
    access = access_of(target.schema, state.lookups)
    needs_filtering(target.schema, access, allowed=state.allow_filtering)
    return access


def _refuse_everything(target: Target[Any], state: QueryState, verb: str) -> None:
    if any(not lookup.column.discriminates for lookup in state.lookups):
        return
    model, narrower = target.schema.model, "filter() by what they have in common"
    if state.lookups:
        # The rows of one class of a family: `truncate()` would remove those of the others too.
        if state.allow_filtering:
            return
        way = f"{narrower}, or call .allow_filtering() for every row of the class"
    else:
        way = f"{model}.truncate() removes every row" if verb == "delete" else narrower
    raise InvalidQueryError(f"{verb}() of {model} says nothing of which rows: {way}")


def refuse_view(target: Target[Any], verb: str) -> None:
    """Refuse to write a materialized view.

    Raises:
        InvalidQueryError: it is one.
    """
    if target.schema.view is not None:
        refuse_write(verb, target.schema.model)


def options_of(state: QueryState, batch: Batch | None = None) -> WriteOptions:
    """How a query writes."""
    more = state.more
    options = WriteOptions(
        more.ttl, more.timestamp, more.consistency, more.timeout, None if batch is None else batch.writes.batch
    )
    return options.on_condition(None, if_exists=more.if_exists or bool(more.conditions))


def guard_of(state: QueryState) -> Guard:
    """The condition of a query's writes.

    Raises:
        InvalidQueryError: there are two.
    """
    more = state.more
    if more.conditions and more.if_exists:
        raise InvalidQueryError(
            "give if_exists() or iff(), not both: a condition on a column implies that the row exists"
        )
    if more.conditions:
        return Guard(more.conditions, more.condition_values, if_exists=False)
    return Guard(if_exists=True) if more.if_exists else NO_GUARD


def _read(target: Target[Any], changes: Mapping[str, object]) -> tuple[tuple[Assignment, ...], list[object]]:
    """What changes, and the new values as a driver takes them; validators see the other new values alone."""
    known = keywords_of(target.model).assignments
    assignments = known.together(tuple(changes))
    current: dict[str, Any] = {}
    pairs = zip(assignments, changes.values(), strict=True)
    return assignments, [sent for assignment, value in pairs for sent in assignment.read(value, current)[1]]
