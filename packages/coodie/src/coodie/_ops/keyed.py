"""Verbs that choose rows by whole keys: many documents by their keys, and one that is fetched or created."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

from coodie._hydration.items import reader_of
from coodie._hydration.rows import hydrator_of
from coodie._model.extract import encode_value
from coodie._model.tracking import know_not
from coodie._ops import counters, saves
from coodie._ops.many import side_by_side
from coodie._ops.query_writes import options_of, refuse_view
from coodie._ops.reads import all_rows, fetch_one
from coodie._query.choosing import compared, whole_number
from coodie._query.guarding import refuse_many_keys
from coodie._query.heeding import refuse_options, refuse_unheeded
from coodie._query.select import plan_select
from coodie.errors import ConditionFailedError
from coodie_drivers.errors import DriverError, InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from coodie._model.base import DocumentBase
    from coodie._query.state import QueryState
    from coodie._query.target import Target
    from coodie_drivers.operations import Op

D = TypeVar("D", bound="DocumentBase")

_CHUNK = 500
"""How many keys are looked up before more are taken."""


def fetch_by_keys(target: Target[Any], state: QueryState, keys: Iterable[Hashable], at_once: int) -> Op[dict[Any, Any]]:
    """Fetch the items of these keys, by key; a key without a row is left out.

    Raises:
        InvalidQueryError: a key is not whole, or the verb does not heed what the query says.
        InvalidValueError: a value does not fit its field.
    """
    refuse_unheeded(target.schema.model, state, "in_bulk")
    whole_number("in_bulk(at_once=...)", at_once)
    found: dict[Any, Any] = {}
    given = _distinct(keys)
    bounds = target.schema.guardrails
    if bounds is not None and bounds.max_rows is not None:
        first = list(islice(given, bounds.max_rows + 1))
        refuse_many_keys(target.schema, first)
        given = iter(first)
    while chunk := list(islice(given, _CHUNK)):
        wanted = [_fetch(target, _of_key(target, state, key)) for key in chunk]
        strands = yield from side_by_side(wanted, at_once, stops=True)
        failed = next((strand.error for strand in strands if strand.error is not None), None)
        if failed is not None:
            raise failed
        found.update((key, strand.answer[0]) for key, strand in zip(chunk, strands, strict=True) if strand.answer)
    return found


def _refuse_unhashable(key: object, fix: str) -> NoReturn:
    """Say what of a key the dict that is returned cannot have for a key: it, or what stands in it.

    Raises:
        InvalidQueryError: always.
    """
    what = f"a {type(key).__name__}"
    if not isinstance(key, (list, dict, set)):
        fix = "read this one by get()"
    if isinstance(key, tuple):
        kinds: list[type[Any]] = [type(part) for part in cast("tuple[object, ...]", key)]
        inner = [kind.__name__ for kind in kinds if not issubclass(kind, Hashable)]
        what += f" with a {inner[0]} in it" if inner else " with such a value in it"
    problem = f"a key is a key of the dict that is returned, which {what} cannot be"
    raise InvalidQueryError(f"in_bulk(): {problem}; {fix}") from None


def _distinct(keys: Iterable[Hashable]) -> Iterator[Hashable]:
    seen: set[Hashable] = set()
    fix = "give a list of values, or of tuples where the primary key has several fields"
    try:
        iterator = iter(keys)
    except TypeError:
        raise InvalidQueryError(f"in_bulk() takes keys, not {type(keys).__name__}; {fix}") from None
    if isinstance(keys, (str, bytes)):
        raise InvalidQueryError(f"in_bulk() takes keys, not {type(keys).__name__}; {fix}")
    for key in iterator:
        known = len(seen)
        try:
            seen.add(key)  # `in` would look for a set as for a frozen one
        except TypeError:
            _refuse_unhashable(key, fix)
        if len(seen) > known:
            yield key


def _of_key(target: Target[Any], state: QueryState, key: Hashable) -> QueryState:
    """The query for the row of a key."""
    schema = target.schema
    values = cast("tuple[object, ...]", key if isinstance(key, tuple) and len(schema.key) > 1 else (key,))
    if len(values) != len(schema.key):
        fields = ", ".join(column.field for column in schema.key)
        raise InvalidQueryError(f"in_bulk() of {schema.model}: each key is a tuple ({fields})")
    by_field = {column.field: value for column, value in zip(schema.key, values, strict=True)}
    return compared(target.model, state, (), by_field)


def _fetch(target: Target[Any], state: QueryState) -> Op[list[Any]]:
    plan = plan_select(target, state, "keys")
    rows = yield from all_rows(target, plan, state)
    return reader_of(target, plan, state)(rows)


def get_or_create(target: Target[D], state: QueryState, values: Mapping[str, object]) -> Op[tuple[D, bool]]:
    """Create a document unless its row exists, and return it or the one that is there, and whether it was created.

    Raises:
        InvalidQueryError: the key is not whole, or the verb does not heed what the query says.
        ConditionFailedError: the row was there, and is gone again.
    """
    schema = target.schema
    refuse_view(target, "get_or_create")
    refuse_unheeded(schema.model, state, "get_or_create")
    if target.model.__coodie_counters__:
        counters.refuse_write("get_or_create", schema.model)
    refuse_options(target.model, "get_or_create", values)
    missing = [column.field for column in schema.key if column.field not in values and column.name not in values]
    if missing:
        names = ", ".join(map(repr, missing))
        raise InvalidQueryError(f"get_or_create() of {schema.model} finds a row by its key; give {names} too")
    document = target.model(**values)
    result = yield from saves.insert(target, document, options_of(state))
    by_field: dict[str, object] = {column.field: vars(document)[column.field] for column in schema.key}
    one = compared(target.model, state.with_more(ttl=None, consistency="SERIAL"), (), by_field)
    if result is None or result.applied:
        return (yield from _with_statics(target, document, one)), True
    existing = result.existing
    own = _is_own(target, existing)
    if own and all(column.field in existing for column in schema.columns):
        # A null stays one, also in the discriminator of a base, which reads as its value.
        held = [(column, existing[column.field]) for column in schema.columns]
        row = tuple([None if value is None else encode_value(schema.model, each, value) for each, value in held])
        return hydrator_of(target, schema.columns)([row])[0], False
    # A row of a class below, or a driver that tells only that it was not applied: read what was there.
    known = yield from fetch_one(target, one)
    if known is None:
        raise ConditionFailedError(schema.model, existing)
    return known, False


def _with_statics(target: Target[D], document: D, one: QueryState) -> Op[D]:
    """A document of a new row with the static values that its partition had and the write left as they are.

    Where they cannot be read, they are left out: the row is made, which no error may hide.
    """
    held = vars(document)
    unseen = [each for each in target.schema.columns if each.kind == "static" and each.is_null(held[each.field])]
    if not unseen:
        return document
    with suppress(DriverError):
        found = yield from fetch_one(target, one)
        if found is not None:
            return found
    for column in unseen:
        del held[column.field]
        document.__pydantic_fields_set__.discard(column.field)
    know_not(document, target.schema, unseen)
    return document


def _is_own(target: Target[Any], existing: Mapping[str, object]) -> bool:
    """Whether a row that is there is of the very class, and not of one below it.

    Raises:
        ConditionFailedError: it is of another class of the family.
    """
    family = target.schema.family
    if family is None or family.discriminator.field not in existing:
        return True
    value = existing[family.discriminator.field]
    member = family.members.get(value) if isinstance(value, str) else None
    if member is not None and member.model is not target.model and issubclass(member.model, target.model):
        return False
    if family.base.model is not target.model and (member is None or member.model is not target.model):
        there = family.base.schema.model if member is None else member.schema.model
        raise ConditionFailedError(target.schema.model, existing, there)
    return True
