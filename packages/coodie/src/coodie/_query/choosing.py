"""What chain methods add to a query's state, checked before anything is sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn, cast

from coodie._model import expressions
from coodie._model.base import complete_schema
from coodie._model.hooking import waits_or_yields
from coodie._query import entries
from coodie._query.keywords import keywords_of
from coodie._query.ownership import refuse_foreign
from coodie._query.state import QueryState, compile_reaching
from coodie.errors import UnknownNameError
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from coodie._model.base import DocumentBase
    from coodie._query.state import Shape
    from coodie._schema.columns import Column, ModelSchema

_MOST = (1 << 31) - 1
"""The largest CQL int, which LIMIT, PER PARTITION LIMIT and the size of a page are."""


def column_named(schema: ModelSchema, named: object, verb: str) -> Column:
    """The column of a field, named by text or by an expression of the model.

    Raises:
        UnknownNameError: the model has no such field.
        InvalidQueryError: it is no name at all, or a field of another model.
    """
    if isinstance(named, expressions.Entry):
        raise InvalidQueryError(f"{verb} takes fields, and {cast('object', named)!r} is an entry of one")
    if isinstance(named, expressions.Column):
        owner, name = named.__coodie_field__
        if owner is not schema.document:
            refuse_foreign(schema, owner, name, verb)
    elif isinstance(named, str):
        name = named
    else:
        raise InvalidQueryError(f"{verb} takes names of fields, not {type(named).__name__}")
    column = schema.by_name.get(name)
    if column is None:
        raise UnknownNameError(schema.model, "field", name, (each.field for each in schema.columns))
    return column


def columns_named(schema: ModelSchema, named: Iterable[object], verb: str) -> tuple[Column, ...]:
    """The columns of several fields, each named once.

    Raises:
        UnknownNameError: the model has no such field.
        InvalidQueryError: a field is named twice, or none is.
    """
    columns = tuple(column_named(schema, each, verb) for each in named)
    for column in columns:
        if columns.count(column) > 1:
            raise InvalidQueryError(f"{verb} of {schema.model} names {column.field!r} twice; name it once")
    if not columns:
        raise InvalidQueryError(f"{verb} of {schema.model} names no field; name at least one")
    return columns


def compared(
    model: type[DocumentBase], state: QueryState, conditions: Sequence[object], lookups: Mapping[str, object]
) -> QueryState:
    """The state with these comparisons besides those that it has.

    Raises:
        UnknownNameError: a keyword names no field, or a lookup that does not exist.
        InvalidValueError: a value does not fit its field.
        InvalidQueryError: CQL has no such comparison in WHERE.
    """
    key: str | tuple[entries.Name, ...]
    if conditions:
        checked = [_condition(model, condition, "filter()") for condition in conditions]
        given = [*map(entries.named, checked), *lookups.items()]
        key = tuple([name for name, _ in given])  # of one too: what an expression is named by may be a tuple itself
        values: Collection[object] = [value for _, value in given]
    elif len(lookups) == 1:
        (key,) = lookups
        values = lookups.values()
    else:
        key, values = tuple(lookups), lookups.values()
    found: QueryState = (state.shape.known_step(key) or _filtered(model, state.shape, key))(state, values)
    return found


def refuse_slice(shape: Shape, verb: str, way: str) -> None:
    """Refuse a step that chooses or sorts rows where they are a slice: the server would take it before the slice.

    Args:
        shape: what is asked for so far; of a slice it remembers no such step, so that others need not be looked at.
        verb: the step.
        way: what Python does instead.

    Raises:
        InvalidQueryError: it is a slice.
    """
    if shape.sliced:
        problem = f"{verb} behind a slice would take other rows than the slice's"
        raise InvalidQueryError(f"{problem}; call it before, or {way}")


def matching(model: type[DocumentBase], conditions: Sequence[object], lookups: Mapping[str, object]) -> QueryState:
    """The state of a query for the documents of a model that match.

    Raises:
        UnknownNameError: a keyword names no field, or a lookup that does not exist.
        InvalidValueError: a value does not fit its field.
        InvalidQueryError: CQL has no such comparison in WHERE.
    """
    known = model.__coodie_keywords__
    if known is None or known.model is not model:
        known = keywords_of(model)
    state: QueryState = known.all_rows if known.family is None else known.everything
    return compared(model, state, conditions, lookups) if lookups or conditions else state


def _filtered(
    model: type[DocumentBase], shape: Shape, names: str | tuple[entries.Name, ...]
) -> Callable[[QueryState, Iterable[object]], QueryState]:
    """What filtering by these keywords, fields and entries leads to, by the values."""
    refuse_slice(shape, "filter()", "choose from the list that all() returns")
    given = (names,) if isinstance(names, str) else names

    def make() -> Callable[[QueryState, Iterable[object]], QueryState]:
        known = keywords_of(model)
        found = tuple([known.filter(name) for name in given])
        return compile_reaching(shape.compared(found), [lookup.read for lookup in found])

    return shape.step(names, make)


def on_condition(
    model: type[DocumentBase], state: QueryState, conditions: Iterable[object], lookups: Mapping[str, object]
) -> QueryState:
    """The state with these conditions of a write besides those that it has.

    Raises:
        UnknownNameError: a keyword names no field, or a lookup that does not exist.
        InvalidValueError: a value does not fit its field.
        InvalidQueryError: CQL has no such comparison in IF, or nothing is compared.
    """
    checked = [_condition(model, condition, "iff()") for condition in conditions]
    given = [*map(entries.named, checked), *lookups.items()]
    if not given:
        raise InvalidQueryError('iff() compares nothing; write iff(status="open")')
    known = keywords_of(model)
    found = [known.condition(name) for name, _ in given]
    values = [lookup.read_condition(value) for lookup, (_, value) in zip(found, given, strict=True)]
    more = state.more
    return state.with_more(conditions=(*more.conditions, *found), condition_values=(*more.condition_values, *values))


def _condition(model: type[DocumentBase], given: object, verb: str) -> expressions.Condition:
    if isinstance(given, expressions.Condition):
        if given.owner is not model:
            refuse_foreign(complete_schema(model), given.owner, given.field, verb)
        return given
    problem = f"a condition is a comparison of a field, such as Product.price > 10, not {type(given).__name__}"
    if isinstance(given, bool):
        problem += ": Python compared before the model could; write col(Product.price) == ... or the keyword price=..."
    raise InvalidQueryError(problem)


def ordered(model: type[DocumentBase], state: QueryState, given: tuple[object, ...]) -> QueryState:
    """The state with this order.

    Raises:
        UnknownNameError: a name that is no field.
        InvalidQueryError: a field is named twice.
    """
    try:
        reached = state.shape.known_order(given)
    except TypeError:  # it cannot be hashed, and is no name
        reached = None
    if reached is None:
        reached = _sorted(model, state.shape, given)
    other = QueryState()  # a call of `reaching` would be a fifth of the step
    other.shape = reached
    other.values = state.values
    other.limit = state.limit
    other.more = state.more
    return other


def _sorted(model: type[DocumentBase], shape: Shape, given: tuple[object, ...]) -> Shape:
    """What sorting by these leads to: remembered, where they are names."""
    refuse_slice(shape, "order_by()", "sort the list that all() returns")
    order = _columns_in_order(complete_schema(model), given)
    if all(type(each) is str for each in given):
        return shape.ordered_by(given, order)
    return shape.ordered(order)


def _columns_in_order(schema: ModelSchema, given: Iterable[object]) -> tuple[tuple[Column, bool], ...]:
    """The columns to sort by, each with whether it is descending."""
    order = tuple(_order(schema, each) for each in given)
    columns = [column for column, _ in order]
    for column in columns:
        if columns.count(column) > 1:
            raise InvalidQueryError(f"order_by() of {schema.model} names {column.field!r} twice; name it once")
    return order


def _order(schema: ModelSchema, given: object) -> tuple[Column, bool]:
    if isinstance(given, expressions.Ordering):
        return column_named(schema, given.column, "order_by()"), given.descending
    if isinstance(given, str):
        return column_named(schema, given.removeprefix("-"), "order_by()"), given.startswith("-")
    if isinstance(given, expressions.Column):
        return column_named(schema, cast("object", given), "order_by()"), False
    raise InvalidQueryError(f'order_by() takes names of fields, "-name" for descending, not {type(given).__name__}')


def turned(schema: ModelSchema, state: QueryState) -> QueryState:
    """The state whose rows come in the reverse of the order that they have: of the table, or asked for before.

    Raises:
        InvalidQueryError: the rows have no order, or are some of those that have one: the server would turn it first.
    """
    if state.limit is not None or state.more.skip:
        fix = "call reverse() before, or turn the list that all() returns"
        raise InvalidQueryError(f"reverse() behind a limit or slice would take the rows of the other end; {fix}")
    order = state.order or tuple((column, column.descending) for column in schema.clustering_key)
    if not order:
        problem = f"{schema.model} has no clustering key, and so no order of its rows"
        raise InvalidQueryError(f"reverse(): {problem}; call order_by() before")
    turned = state.shape.turned or not state.order
    return state.ordered(tuple((column, not down) for column, down in order), turned=turned)


def limited(state: QueryState, count: object) -> QueryState:
    """The state with at most this many of the rows that it has: a limit, as a slice, only narrows.

    Raises:
        InvalidQueryError: it is no positive whole number of 32 bits.
    """
    if type(count) is not int or not 0 < count <= _MOST:
        count = whole_number("limit()", count)
    skip = state.more.skip
    if skip:  # a state's limit counts from its first row, and so those that are left out
        count = min(skip + count, _MOST)
    if state.limit is not None and state.limit < count:
        return state
    return state.limited_to(count)


def whole_number(verb: str, count: object, most: int = _MOST) -> int:
    """A number of rows, or of what is under way at once.

    Raises:
        InvalidQueryError: it is no whole number from 1 to the most.
    """
    if type(count) is not int or not 0 < count <= most:
        raise InvalidQueryError(f"{verb} takes a whole number from 1 to {most}")
    return count


def refuse_uncalled(verb: str, progress: object) -> None:
    """Refuse to tell what cannot be called how far it is, or of which a call would run nothing.

    Raises:
        InvalidQueryError: it is neither a plain function nor None.
    """
    if progress is None:
        return
    if not callable(progress):
        raise InvalidQueryError(f"{verb}(progress=...) takes a function to call, not {type(progress).__name__}")
    if waits_or_yields(progress):
        takes = f"{verb}(progress=...) takes a plain function, which neither awaits nor yields"
        raise InvalidQueryError(f"{takes}; start a task in one, or put what it is told into a queue")


def refuse_null(schema: ModelSchema, named: object, operator: str) -> NoReturn:
    """Refuse to look for nulls.

    Raises:
        InvalidQueryError: always; says what to do instead.
        UnknownNameError: a name that is no field.
    """
    column = column_named(schema, named, f"{operator.lower().replace(' ', '_')}()")
    where = f"{schema.model}.{column.field}"
    if column.in_key:
        raise InvalidQueryError(f"{where} is part of the primary key, which is never null")
    raise InvalidQueryError(
        f"{where}: a SELECT of CQL has no {operator}: store a marker value and query that, or filter in Python"
    )


def name_of_keyspace(given: object) -> str:
    """The name of a keyspace, which is a tenant's perhaps and comes from anywhere.

    Raises:
        InvalidQueryError: it is no text of 1 to 48 letters, digits and underscores (CQL reference, "Keyspaces").
    """
    if not isinstance(given, str) or not re.fullmatch(r"[A-Za-z0-9_]{1,48}", given):
        raise InvalidQueryError("a keyspace's name is a text of 1 to 48 letters, digits and underscores")
    return given


def name_of_connection(given: object) -> str:
    """The name of a connection.

    Raises:
        InvalidQueryError: it is no text.
    """
    if not isinstance(given, str) or not given:
        raise InvalidQueryError("a connection's name is a text, as it was given to init_coodie(name=...)")
    return given


def sliced(state: QueryState, given: slice) -> QueryState:
    """The state that leaves out rows in front and ends before a place, as a slice of a list does.

    Raises:
        InvalidQueryError: the slice counts from the end, has a step, or is empty.
    """
    start, stop = 0 if given.start is None else given.start, given.stop
    fix = "write [:10] or [20:30], counted from the front"
    if given.step is not None or type(start) is not int or not 0 <= start <= _MOST:
        raise InvalidQueryError(f"a query has no end to count from, no steps, and places up to {_MOST}; {fix}")
    if stop is not None and (type(stop) is not int or stop <= start):
        raise InvalidQueryError(f"the slice of a query holds at least one place; {fix}")
    skip = state.more.skip
    ends = [each for each in (state.limit, None if stop is None else min(skip + stop, _MOST)) if each is not None]
    return state.narrowed_to(min(ends) if ends else None, skip + start) if start or stop is not None else state


def at_place(state: QueryState, place: object) -> QueryState:
    """The state that finds the row of one place.

    Raises:
        InvalidQueryError: it is no whole number from 0 on.
    """
    if type(place) is not int or place < 0:
        raise InvalidQueryError("the place of a row is a whole number from 0 on: a query has no end to count from")
    return sliced(state, slice(place, place + 1))


def validating(enabled: object, on_invalid: object) -> dict[str, Any]:
    """What becomes of rows, as `validate()` says.

    Raises:
        InvalidQueryError: it is none of what is known.
    """
    if type(enabled) is not bool:
        raise InvalidQueryError("validate() takes True or False")
    if on_invalid not in ("raise", "skip", "collect"):
        raise InvalidQueryError("validate(on_invalid=...) is 'raise', 'skip' or 'collect'")
    return {"validated": enabled, "on_invalid": on_invalid}
