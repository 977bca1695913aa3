"""Verbs of counters: increment and decrement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from coodie._model.extract import Extractor, compile_extractor, long_key, misfit_of, part_of
from coodie._ops.placing import refuse_elsewhere
from coodie._query.keywords import keywords_of
from coodie._query.options import USUAL
from coodie._query.plans import Plan, Slot
from coodie._query.relations import places_in_order
from coodie.errors import InvalidValueError, UnknownNameError
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.messages import Request
from cql_builder import bind, col
from cql_builder import update as build_update

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coodie._model.base import DocumentBase
    from coodie._query.options import Batch
    from coodie._query.target import Target
    from coodie._schema.columns import Column, ModelSchema
    from coodie_drivers.operations import Op

D = TypeVar("D", bound="DocumentBase")


def add(
    target: Target[D], document: D | None, given: Mapping[str, object], sign: int, batch: Batch | None = None
) -> Op[None]:
    """Add to counters of one row; the object in memory stays as it is, for only the server knows the sum.

    The row is a document's, or, without one, that of the key fields among the given keywords. A batch takes the write
    instead of its being sent.
    """
    schema, verb = target.schema, "increment" if sign > 0 else "decrement"
    if document is not None:
        refuse_elsewhere(target, document, verb)
    deltas = {_counter(schema, name): value for name, value in given.items() if not _is_key(schema, name)}
    _refuse_twice(schema, given, verb)
    if not deltas:
        raise InvalidQueryError(f"{verb}() of {schema.model} names no counter; write {verb}({_example(schema)}=1)")
    for column, delta in deltas.items():
        if type(delta) is not int or not -(1 << 63) < delta < 1 << 63:
            # Servers subtract by adding the negative, which the least number of 64 bits does not have.
            problem = "a counter changes by a whole number above -2**63 and below 2**63"
            raise InvalidValueError(schema.model, column.field, problem)
    plan = target.plans.get(("add", tuple(deltas), sign), lambda: _plan(target, tuple(deltas), sign))
    columns = schema.key_of(deltas)
    key = _given_key(target, columns, given) if document is None else _document_key(target, columns, document, given)
    values = plan.params((*key, *deltas.values()))
    collector = None if batch is None else batch.writes.batch
    if collector is not None:
        misfit = misfit_of(schema.model, [part_of(column) for column in columns], key)
        if misfit is not None:
            raise misfit
        collector.collect(target, plan.statement, values, USUAL)
        return
    try:
        yield Request(plan.statement, values)
    except InvalidQueryError as error:
        misfit = misfit_of(schema.model, [part_of(column) for column in columns], key)
        if misfit is None:
            raise
        raise misfit from error


def refuse_write(verb: str, model: str) -> NoReturn:
    """Refuse a verb that counter tables do not have.

    Raises:
        InvalidQueryError: always.
    """
    raise InvalidQueryError(f"{model} is a counter table, which {verb}() cannot write; use increment() and decrement()")


def _plan(target: Target[Any], columns: tuple[Column, ...], sign: int) -> Plan:
    key = target.schema.key_of(columns)
    changes: list[Any] = []
    for place in places_in_order(target.schema, columns):
        column, slot = col(columns[place].name), bind(Slot(len(key) + place))
        changes.append(column.increment(slot) if sign > 0 else column.decrement(slot))
    built = build_update(target.table).set(*changes)
    return Plan(built.where(*(col(column.name) == Slot(place) for place, column in enumerate(key))))


def _document_key(
    target: Target[D], columns: tuple[Column, ...], document: D, given: Mapping[str, object]
) -> tuple[object, ...]:
    extract: Extractor = target.plans.get(("key", columns), lambda: compile_extractor(target.schema.model, columns))
    for name in given:
        if _is_key(target.schema, name):
            raise InvalidQueryError(
                f"{target.schema.model}.{name} is part of the primary key, which the document has already"
            )
    return extract(document)


def _given_key(target: Target[Any], columns: tuple[Column, ...], given: Mapping[str, object]) -> tuple[object, ...]:
    schema = target.schema
    by_column = {schema.by_name[name]: value for name, value in given.items() if _is_key(schema, name)}
    missing = [column.field for column in columns if column not in by_column]
    if missing:
        names = f"{', '.join(map(repr, missing))} {'is' if len(missing) == 1 else 'are'} missing"
        wanted = "primary" if columns == schema.key else "partition"
        raise InvalidQueryError(f"{schema.model}: which row? give the whole {wanted} key ({names})")
    lookups = keywords_of(target.model).lookups
    key = tuple(lookups.filter(column.field).read(by_column[column]) for column in columns)
    long = long_key(schema.model, columns, key)
    if long is not None:
        raise long
    return key


def _refuse_twice(schema: ModelSchema, given: Iterable[str], verb: str) -> None:
    """Refuse a field that is given by its name and by its alias, of which one would be lost.

    Raises:
        InvalidQueryError: names the field.
    """
    columns = [schema.by_name[name] for name in given]
    for column in columns:
        if columns.count(column) > 1:
            problem = f"{schema.model}.{column.field} is given twice, by its name and by its alias"
            raise InvalidQueryError(f"{verb}(): {problem}; give it once")


def _is_key(schema: ModelSchema, name: str) -> bool:
    column = schema.by_name.get(name)
    return column is not None and column.in_key


def _counter(schema: ModelSchema, name: str) -> Column:
    column = schema.by_name.get(name)
    if column is None:
        raise UnknownNameError(schema.model, "field", name, (each.field for each in schema.columns))
    return column


def _example(schema: ModelSchema) -> str:
    return next((column.field for column in schema.columns if not column.in_key), "counter")
