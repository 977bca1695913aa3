"""What lies between the types, functions and aggregates of two keyspaces, in groups of steps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cql_builder.ast.names import FunctionName
from cql_builder.ast.programs import AddField, DropAggregate, DropFunction, DropType
from cql_builder.compiler import type_text
from cql_builder.schema.catalog import Catalog, function_uses, type_uses, user_types
from cql_builder.schema.creation import aggregate_creation, function_creation, type_creation
from cql_builder.schema.masks import mask_at_first, mask_at_last
from cql_builder.schema.programs import signature_text
from cql_builder.schema.steps import executable, impossible
from cql_builder.schema.table_changes import drop_fault
from cql_builder.schema.types import type_rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cql_builder.dialects import Dialect
    from cql_builder.schema.programs import AggregateSchema, FunctionSchema, Signature, TypeSchema
    from cql_builder.schema.steps import Step
    from cql_builder.schema.structure import ColumnSchema

NEW_TYPE = "make another type, add columns of it and copy the values"


def type_drops(actual: Catalog, desired: Catalog, *, late: bool = False) -> Iterator[Step]:
    """Yield the steps that drop types which are not wanted, the users of others first.

    Types of functions that mask columns are dropped late, after these functions.
    """
    for name in reversed(_dependency_order(actual.types)):
        if name in desired.types:
            continue
        users = _staying_users(name, actual, desired)
        if users:
            if not late:
                reason = f"type {name!r} is not wanted, but {', '.join(users)} keeps it; drop what uses it first"
                yield impossible(reason)
            continue
        if _of_late_functions(name, actual, desired) is not late:
            continue
        schema = actual.types[name]
        yield executable(DropType(schema.type), "destructive", f"type {name!r} is not wanted", type_creation(schema))


def _of_late_functions(name: str, actual: Catalog, desired: Catalog) -> bool:
    """Return whether a function that is dropped after the masks has a type in it, at any depth."""
    holding = _holding(name, actual.types.values())
    staying = _staying(actual, desired)
    return any(
        holding.intersection(function_uses(function)) and signature not in desired.functions
        for signature, function in actual.functions.items()
        if staying.masked_with(signature)
    )


def type_changes(actual: Catalog, desired: Catalog, dialect: Dialect) -> Iterator[Step]:
    """Yield the steps that create types and add fields, what others are made of first."""
    for name in _dependency_order(desired.types):
        wanted, there = desired.types[name], actual.types.get(name)
        if there is None:
            reason = f"there is no type {name!r}"
            yield executable(type_creation(wanted), "additive", reason, DropType(wanted.type))
        elif there != wanted:
            rule = type_rule(dialect.name, "ALTER TYPE")
            yield from _field_changes(there, wanted, _keyed_tables(name, actual, desired), rule)


def _field_changes(there: TypeSchema, wanted: TypeSchema, keyed: list[str], rule: str) -> Iterator[Step]:
    possible = True
    for place, (before, after) in enumerate(zip(there.fields, wanted.fields, strict=False), 1):
        if before.name != after.name:
            reason = f"field {place} of type {there.name!r} is {before.name!r} and wanted as {after.name!r}"
            hint = (
                "if it is the same under another name, use ALTER TYPE … RENAME; else fields are only added at the end"
            )
            yield impossible(f"{reason}: {hint}, or {NEW_TYPE}")
            possible = False
        elif before.type != after.type:
            texts = f"is {type_text(before.type)} and wanted as {type_text(after.type)}"
            yield impossible(f"field {before.name!r} of type {there.name!r} {texts}; {rule}: {NEW_TYPE}")
            possible = False
    for field in there.fields[len(wanted.fields) :]:
        yield impossible(f"field {field.name!r} of type {there.name!r} is not wanted; no server drops it: {NEW_TYPE}")
    if not possible:
        return
    for field in wanted.fields[len(there.fields) :]:
        if keyed:
            what = f"type {there.name!r} gets no field {field.name!r}: it is in the partition key of {', '.join(keyed)}"
            yield impossible(f"{what}; {NEW_TYPE}")
        else:
            reason = f"type {there.name!r} has no field {field.name!r}"
            yield executable(AddField(there.type, field), "additive", reason)


def program_drops(actual: Catalog, desired: Catalog) -> Iterator[Step]:
    """Yield the steps that drop aggregates and functions which are not wanted, or must be made anew."""
    remade_functions, remade_aggregates = _remade(actual, desired)
    staying = _staying(actual, desired)
    for signature, aggregate in actual.aggregates.items():
        if signature in desired.aggregates and signature not in remade_aggregates:
            continue
        tree = DropAggregate(FunctionName(aggregate.name, aggregate.keyspace), aggregate.argument_types)
        yield executable(
            tree,
            "rewrite" if signature in remade_aggregates else "destructive",
            _drop_reason("aggregate", signature, remade=signature in remade_aggregates),
            aggregate_creation(aggregate),
        )
    for signature, function in actual.functions.items():
        if signature in desired.functions and signature not in remade_functions:
            if _is_stuck(signature, actual, desired):
                yield _masking(signature, staying)
            continue
        if signature not in desired.functions and staying.masked_with(signature):
            continue  # only after the masks
        yield executable(
            DropFunction(FunctionName(function.name, function.keyspace), signature[1]),
            "rewrite" if signature in remade_functions else "destructive",
            _drop_reason("function", signature, remade=signature in remade_functions),
            function_creation(function),
        )


def mask_drops(actual: Catalog, desired: Catalog) -> Iterator[Step]:
    """Yield the steps that drop functions which are not wanted and masked a column until another did."""
    staying, reached = _staying(actual, desired), _staying(actual, desired, at_last=True)
    for signature, function in actual.functions.items():
        if signature in desired.functions or not staying.masked_with(signature):
            continue
        masked = reached.masked_with(signature)
        if masked:
            reason = (
                f"{_drop_reason('function', signature, remade=False)}, but it masks {', '.join(masked)}, which stays"
            )
            yield impossible(f"{reason}; no server drops it before")
            continue
        tree = DropFunction(FunctionName(function.name, function.keyspace), signature[1])
        reason = _drop_reason("function", signature, remade=False)
        yield executable(tree, "destructive", reason, function_creation(function))


def _staying(actual: Catalog, desired: Catalog, *, at_last: bool = False) -> Catalog:
    """Return the keyspace with the columns only that no step drops, masked as when programs are dropped, or at last."""
    mask_then = mask_at_last if at_last else mask_at_first
    staying = Catalog(actual.name, exists=True)
    staying.functions = {**actual.functions, **desired.functions} if at_last else actual.functions
    for name, table in actual.tables.items():
        if name not in desired.tables:
            continue
        wanted = desired.tables[name].columns_by_name
        columns: list[ColumnSchema] = []
        for column in table.columns:
            if column.name in wanted:
                columns.append(replace(column, mask=mask_then(column, wanted[column.name], actual.name)))
            elif drop_fault(table, column):
                columns.append(column)
        staying.tables[name] = replace(table, columns=tuple(columns))
    return staying


def _is_stuck(signature: Signature, actual: Catalog, desired: Catalog) -> bool:
    """Return whether a function must be made anew and cannot, for it masks a column that stays."""
    if _is_replaceable(actual.functions[signature], desired.functions[signature]):
        return False
    return bool(_staying(actual, desired).masked_with(signature))


def _masking(signature: Signature, staying: Catalog) -> Step:
    label, masked = f"function {signature_text(signature)}", ", ".join(staying.masked_with(signature))
    return impossible(
        f"{label} is wanted otherwise, and no server drops it while it masks {masked}: take the mask away first, or"
        " make another function and mask with that one"
    )


def program_changes(actual: Catalog, desired: Catalog) -> Iterator[Step]:
    """Yield the steps that create or replace functions, then aggregates."""
    remade_functions, remade_aggregates = _remade(actual, desired)
    for signature, function in desired.functions.items():
        before = actual.functions.get(signature)
        if before == function and signature not in remade_functions:
            continue
        if before is not None and signature not in remade_functions:
            if not _is_stuck(signature, actual, desired):
                yield _replacement(before, function, _staying(actual, desired))
            continue
        drop = DropFunction(FunctionName(function.name, function.keyspace), signature[1])
        reason = f"there is no function {signature_text(signature)}"
        yield executable(function_creation(function), "additive" if before is None else "rewrite", reason, drop)
    for signature, aggregate in desired.aggregates.items():
        earlier = actual.aggregates.get(signature)
        if earlier == aggregate and signature not in remade_aggregates:
            continue
        if earlier is not None and signature not in remade_aggregates:
            replaced = aggregate_creation(aggregate, or_replace=True)
            again = aggregate_creation(earlier, or_replace=True)
            reason = f"aggregate {signature_text(signature)} is wanted otherwise, and answers otherwise from then on"
            yield executable(replaced, "rewrite", reason, again)
            continue
        gone = DropAggregate(FunctionName(aggregate.name, aggregate.keyspace), aggregate.argument_types)
        reason = f"there is no aggregate {signature_text(signature)}"
        yield executable(aggregate_creation(aggregate), "additive" if earlier is None else "rewrite", reason, gone)


def _replacement(before: FunctionSchema, after: FunctionSchema, staying: Catalog) -> Step:
    tree, back = function_creation(after, or_replace=True), function_creation(before, or_replace=True)
    reason = f"function {signature_text(after.signature)} is wanted otherwise, and answers otherwise from then on"
    masked = staying.masked_with(after.signature)
    if not masked:
        return executable(tree, "rewrite", reason, back)
    return executable(tree, "destructive", f"{reason}: it may show more of {', '.join(masked)}", back)


def _remade(actual: Catalog, desired: Catalog) -> tuple[set[Signature], set[Signature]]:
    """Return what OR REPLACE cannot change, and what it is part of: Cassandra refuses another type of answer.

    For functions, 5.0.9 also refuses another answer to null arguments.
    """
    functions = {
        signature
        for signature, function in actual.functions.items()
        if signature in desired.functions
        and not _is_replaceable(function, desired.functions[signature])
        and not _is_stuck(signature, actual, desired)
    }
    aggregates = {
        signature
        for signature, aggregate in actual.aggregates.items()
        if signature in desired.aggregates
        and (
            functions.intersection(aggregate.functions)
            or set(aggregate.functions) - set(desired.functions)
            or _answer(aggregate) != _answer(desired.aggregates[signature])
        )
    }
    return functions, aggregates


def _is_replaceable(before: FunctionSchema, after: FunctionSchema) -> bool:
    return (before.returns, before.called_on_null) == (after.returns, after.called_on_null)


def _answer(aggregate: AggregateSchema) -> object:
    return aggregate.state_type, aggregate.final_function


def _drop_reason(kind: str, signature: Signature, *, remade: bool) -> str:
    label = f"{kind} {signature_text(signature)}"
    return f"{label} is wanted otherwise and is made anew" if remade else f"{label} is not wanted"


def _dependency_order(types: dict[str, TypeSchema]) -> list[str]:
    """Return the names of types, each after those that it is made of."""
    ordered: dict[str, None] = {}

    def place(name: str, above: frozenset[str]) -> None:
        if name in ordered or name in above or name not in types:
            return
        for used in sorted(type_uses(types[name])):
            place(used, above | {name})
        ordered[name] = None

    for name in types:
        place(name, frozenset())
    return list(ordered)


def _staying_users(name: str, actual: Catalog, desired: Catalog) -> list[str]:
    """Return what will still use a type after all that can be dropped is: what no statement changes."""
    staying_types = [each for each in actual.types.values() if each.name in desired.types]
    users = [f"type {each.name!r}" for each in staying_types if name in type_uses(each)]
    for table in actual.tables.values():
        wanted = desired.tables.get(table.name)
        if wanted is None:
            continue
        staying = [each for each in table.columns if each.name in wanted.columns_by_name or drop_fault(table, each)]
        if any(name in user_types(column.type) for column in staying):
            users.append(f"table {table.name!r}")
    return users


def _keyed_tables(name: str, actual: Catalog, desired: Catalog) -> list[str]:
    """Return the tables that stay and whose partition key has a type in it, at any depth."""
    holding = _holding(name, actual.types.values())
    return [
        table.name
        for table in actual.tables.values()
        for column in table.columns
        if table.name in desired.tables
        and column.name in table.partition_key
        and holding.intersection(user_types(column.type))
    ]


def _holding(name: str, types: Iterable[TypeSchema]) -> set[str]:
    holding, known = {name}, list(types)
    while True:
        more = {each.name for each in known if holding.intersection(type_uses(each))} - holding
        if not more:
            return holding
        holding |= more
