"""Writing verbs of a query: create, update and delete, by key where the query gives one, else row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from coodie._hydration.lwt import lwt_result
from coodie._model.extract import long_key
from coodie._ops import counters, saves, writes
from coodie._ops.conditions import of_the_row
from coodie._ops.patches import value_of
from coodie._ops.reads import aligned, raise_misfit
from coodie._ops.rows_written import Row, RowChange, RowsWritten, by_field, decoded
from coodie._ops.versions import refuse_passing_over
from coodie._ops.views import refuse_write
from coodie._query.access import access_of, needs_filtering, refuse_repeated
from coodie._query.heeding import refuse_options, refuse_unheeded
from coodie._query.keywords import keywords_of
from coodie._query.lookups import ON_KEYS
from coodie._query.options import WriteOptions
from coodie._query.select import plan_select
from coodie._query.write import NO_GUARD, Guard, plan_delete, plan_delete_range, plan_update
from coodie._schema.hashing import hashable
from coodie.errors import ConditionFailedError, UnknownNameError
from coodie.results import WriteResult
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.messages import Request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coodie._model.base import DocumentBase
    from coodie._query.access import Access
    from coodie._query.assignments import Assignment
    from coodie._query.lookups import Lookup
    from coodie._query.options import Batch
    from coodie._query.select import SelectPlan
    from coodie._query.state import QueryState
    from coodie._query.target import Target
    from coodie._schema.columns import Column, ModelSchema
    from coodie_drivers.operations import Op

D = TypeVar("D", bound="DocumentBase")


def create(target: Target[D], state: QueryState, values: Mapping[str, object], batch: Batch | None = None) -> Op[D]:
    """Construct a document and save it; with `if_not_exists()`, only where its row does not exist.

    Raises:
        ConditionFailedError: its row exists.
    """
    refuse_view(target, "create")
    refuse_unheeded(target.schema.model, state, "create")
    if target.model.__coodie_counters__:
        counters.refuse_write("create", target.schema.model)
    refuse_options(target.model, "create", values)
    document = target.model(**values)
    options = options_of(state, batch)
    if not state.more.if_not_exists:
        yield from saves.save(target, document, options)
        return document
    result = yield from saves.insert(target, document, options)
    if result is not None and not result.applied:
        raise ConditionFailedError(target.schema.model, result.existing)
    return document


def update(
    target: Target[Any],
    state: QueryState,
    changes: Mapping[str, object],
    verb: str = "update",
    batch: Batch | None = None,
) -> Op[WriteResult | None]:
    """Change some columns of every matching row; None where a batch took the write, which nobody knows the end of.

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
    refuse_passing_over(schema, verb, "update each document, which knows its version")
    guard, options = guard_of(state), options_of(state, batch)
    given, values = _read(target, changes)
    assignments, sent = of_the_row(target, given, values, guard)
    if assignments is not given and _given_key(schema, schema.key, _of_any_class(state)) is None:
        key = ", ".join(repr(column.field) for column in schema.key)
        problem = f"if_exists() asks for a row, and {verb}() changes static fields of {schema.model} alone"
        raise InvalidQueryError(f"{problem}; say which by its whole key ({key}) and nothing besides, or leave it out")
    mentioned = [each.column for each in assignments] + [each.column for each in guard.lookups]
    change = RowChange(
        "update",
        lambda: plan_update(target, assignments, guard, options),
        (*sent, *guard.values),
        guard,
        options,
        schema.key_of(mentioned),
    )
    return (yield from _write(target, state, change))


def update_from(
    target: Target[Any], state: QueryState, instance: object, batch: Batch | None = None
) -> Op[WriteResult | None]:
    """Change, of every matching row, the fields that were set in an instance of another model.

    Raises:
        UnknownNameError: a field was set that the model has not.
        InvalidQueryError: none was set, or a field of the key was, or it is a view's query.
    """
    from pydantic import BaseModel  # noqa: PLC0415 - only this asks for it by name

    refuse_view(target, "update_from")
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
    changes = {name: value_of(instance, name, schema.by_name[name]) for name in given_fields}
    return (yield from update(target, state, changes, "update_from", batch))


def delete(target: Target[Any], state: QueryState, batch: Batch | None = None) -> Op[WriteResult | None]:
    """Delete every matching row; None where a batch took the write.

    Raises:
        InvalidQueryError: nothing says which rows, or they have versions, of which the condition says nothing.
        BulkWriteError: a row was not deleted, and others were.
    """
    schema = target.schema
    refuse_view(target, "delete")
    refuse_unheeded(schema.model, state, "delete")
    _refuse_everything(target, state, "delete")
    if all(each.column is not schema.version for each in state.more.conditions):
        named = "" if schema.version is None else f", or name it: iff({schema.version.field}=...)"
        refuse_passing_over(schema, "delete", f"delete_many() asks each document for its{named}")
    guard, options = guard_of(state), options_of(state, batch)
    if not guard and _is_range(state):
        access = _access(target, state)
        if access.one_partition and not access.filtered and not access.by_index and not access.whole_key:
            return (yield from _delete_range(target, state, options))
    change = RowChange("delete", lambda: plan_delete(target, guard, options), guard.values, guard, options, schema.key)
    return (yield from _write(target, state, change))


def _delete_range(target: Target[Any], state: QueryState, options: WriteOptions) -> Op[WriteResult | None]:
    """Delete what lies in one partition, or between bounds in it, by one statement; nobody knows how many rows."""
    plan = plan_delete_range(target, state.lookups, options)
    values = plan.params((*state.values, None, options.timestamp))
    if options.batch is not None:
        options.batch.collect(target, plan.statement, values, options)
        return None
    try:
        yield Request(plan.statement, values, options.consistency, options.timeout)
    except InvalidQueryError as error:
        raise_misfit(target, state, error)
        raise
    return WriteResult(applied=True, written=None)


def _write(target: Target[Any], state: QueryState, change: RowChange) -> Op[WriteResult | None]:
    key = _given_key(target.schema, change.key, _compared(state))
    if key is not None:
        return (yield from _write_one(target, state, change, key))
    if change.options.batch is not None:
        if _given_key(target.schema, change.key, _of_any_class(state)) is not None:
            _refuse_class(target, change)
        names = ", ".join(repr(column.field) for column in change.key)
        problem = f"{change.verb}() of {target.schema.model} in a batch writes one row"
        raise InvalidQueryError(f"{problem}; give its whole key by equality ({names}), and nothing besides")
    done = RowsWritten(target, change, _key_among(change.key, _compared(state)))
    keys = state.ordered(()).limited_to(None).with_more(columns=change.key, items="tuples", distinct=False)
    plan = plan_select(target, keys, "keys")
    paging_state: bytes | None = None
    seen: set[object] = set()
    while True:
        try:
            found, paging_state = yield from _find(target, state, (plan, keys), paging_state)
        except Exception as error:
            done.refuse_rest(error)
            raise
        if len(change.key) < len(target.schema.key):
            found = _unseen(target.schema, change.key, found, seen)
        yield from done.write(found)
        if paging_state is None:
            return done.result()


def _find(
    target: Target[Any], state: QueryState, asked: tuple[SelectPlan, QueryState], paging_state: bytes | None
) -> Op[tuple[list[Row], bytes | None]]:
    """The keys of one page of rows, and where the next page begins."""
    plan, keys = asked
    try:
        reply = yield plan.request(keys, paging_state)
    except InvalidQueryError as error:
        raise_misfit(target, state, error)
        raise
    # A partition with nothing but static columns is selected, too, without a clustering key: it has no row.
    return [row for row in aligned(target, plan, reply) if None not in row], reply.paging_state


def _unseen(schema: ModelSchema, key: Sequence[Column], rows: Sequence[Row], seen: set[object]) -> list[Row]:
    """The keys of partitions that were not among those before: each of its rows has the partition's."""
    marks = [schema.equalities[column].stored or hashable for column in key]
    found: list[Row] = []
    for row in rows:
        mark = tuple([mark(value) for mark, value in zip(marks, decoded(key, row), strict=True)])
        if mark not in seen:
            seen.add(mark)
            found.append(row)
    return found


def _write_one(target: Target[Any], state: QueryState, change: RowChange, key: Row) -> Op[WriteResult | None]:
    long = long_key(target.schema.model, change.key, key)
    if long is not None:
        raise long
    plan = change.plan()
    if change.options.batch is not None:
        writes.collect(target, plan, key, change.options, *change.added)
        return None
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
    rejected = [] if result.applied else [by_field(change.key, key)]
    return WriteResult(result.applied, result.existing, written=int(result.applied), rejected=rejected)


def _refuse_class(target: Target[Any], change: RowChange) -> None:
    """Refuse to write one row in a batch if it is of a class: only looking at it would tell.

    Raises:
        InvalidQueryError: the model is one class of a family.
    """
    family = target.schema.family
    if family is None:
        return
    model = target.schema.model
    problem = f"{change.verb}() of {model} in a batch cannot ask whether the row is a {model}"
    fix = f"read the document and give the batch to its {change.verb}(batch=...)"
    if change.verb == "delete":
        fix += f", or write {family.base.schema.model}.find(...), which takes the row of whatever class it is"
    raise InvalidQueryError(f"{problem}; {fix}")


def _given_key(schema: ModelSchema, key: Sequence[Column], compared: Sequence[tuple[Lookup, Any]]) -> Row | None:
    """The key that a query itself gives by equality, and nothing besides; None where rows must be looked for.

    A row's whole key gives that of its partition, where only static columns are written.
    """
    wholes = [each for each in (key, schema.key) if len(each) == len(compared)]
    whole = any(_key_among(columns, compared) is not None for columns in wholes)
    return _key_among(key, compared) if whole else None


def _key_among(key: Sequence[Column], compared: Sequence[tuple[Lookup, Any]]) -> Row | None:
    """The key that a query gives by equality, whatever it compares besides."""
    given = {lookup.column: value for lookup, value in compared if lookup.operator == "="}
    return tuple(given[column] for column in key) if all(column in given for column in key) else None


def _compared(state: QueryState) -> list[tuple[Lookup, Any]]:
    return [*zip(state.lookups, state.values, strict=True)]


def _of_any_class(state: QueryState) -> list[tuple[Lookup, Any]]:
    """What is compared besides the class of a family, of which only looking at a row tells."""
    return [(lookup, value) for lookup, value in _compared(state) if not lookup.column.discriminates]


def _is_range(state: QueryState) -> bool:
    return all(not lookup.is_token and lookup.operator in ON_KEYS for lookup in state.lookups)


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
