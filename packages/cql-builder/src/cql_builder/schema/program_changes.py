"""What the statements about types, functions and aggregates do to a keyspace."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cql_builder.ast import programs
from cql_builder.ast.programs import NamedType
from cql_builder.compiler import type_text
from cql_builder.errors import suggestion
from cql_builder.schema.catalog import user_types
from cql_builder.schema.programs import TypeSchema, argument_type, signature_text
from cql_builder.schema.reading import read_aggregate, read_function
from cql_builder.schema.types import canonical_type, field_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cql_builder.ast.definitions import SchemaStatement
    from cql_builder.ast.types import DataType
    from cql_builder.schema.catalog import Catalog
    from cql_builder.schema.programs import Signature


def _create_type(catalog: Catalog, node: programs.CreateType) -> None:
    name = node.type.name
    if name in catalog.types:
        if node.if_not_exists:
            return
        raise catalog.refuse("type", name, "there is one already")
    fields = tuple([_field(catalog, name, field) for field in node.fields])
    names = [field.name for field in fields]
    for twice in sorted({each for each in names if names.count(each) > 1}):
        raise catalog.refuse("type", name, f"field {twice!r} is defined twice")
    catalog.types[name] = TypeSchema(catalog.name, name, fields)


def _add_field(catalog: Catalog, node: programs.AddField) -> None:
    name = node.type.name
    if node.if_exists and name not in catalog.types:
        return
    schema = catalog.find("type", catalog.types, name)
    if any(field.name == node.field.name for field in schema.fields):
        if node.if_not_exists:
            return
        raise catalog.refuse("type", name, f"it has a field {node.field.name!r} already")
    field = _field(catalog, name, node.field)
    if name in _all_uses(catalog, field.type):
        raise catalog.refuse("type", name, f"field {field.name!r} would put it into itself: leave the type out there")
    catalog.types[name] = replace(schema, fields=(*schema.fields, field))


def _rename_fields(catalog: Catalog, node: programs.RenameFields) -> None:
    name = node.type.name
    if node.if_exists and name not in catalog.types:
        return
    fields = list(catalog.find("type", catalog.types, name).fields)
    for old, new in node.names:
        there = [field.name for field in fields]
        if old not in there:
            if node.if_fields_exist:
                continue
            raise catalog.refuse("type", name, f"it has no field {old!r}{suggestion(old, there)}")
        if new in there:
            raise catalog.refuse("type", name, f"it has a field {new!r} already")
        place = there.index(old)
        fields[place] = NamedType(new, fields[place].type)
    catalog.types[name] = replace(catalog.types[name], fields=tuple(fields))


def _drop_type(catalog: Catalog, node: programs.DropType) -> None:
    name = node.type.name
    if node.if_exists and name not in catalog.types:
        return
    catalog.find("type", catalog.types, name)
    users = catalog.users_of_type(name)
    if users:
        raise catalog.refuse("type", name, f"it cannot be dropped, for {', '.join(users)} has it")
    del catalog.types[name]


def _create_function(catalog: Catalog, node: programs.CreateFunction) -> None:
    function = read_function(node, catalog.name)
    if function.signature in catalog.functions and not node.or_replace:
        if node.if_not_exists:
            return
        raise catalog.refuse("function", signature_text(function.signature), "there is one already")
    for data_type in (function.returns, *function.signature[1]):
        _require_types(catalog, "function", function.name, data_type)
    there = catalog.functions.get(function.signature)
    if there is not None and there.called_on_null != function.called_on_null:
        reason = "OR REPLACE cannot change what happens where an argument is null"
        raise catalog.refuse("function", signature_text(function.signature), reason)
    if there is not None and there.returns != function.returns:
        reason = "OR REPLACE cannot change the type that it returns"
        raise catalog.refuse("function", signature_text(function.signature), reason)
    catalog.functions[function.signature] = function


def _drop_function(catalog: Catalog, node: programs.DropFunction) -> None:
    found = _matching(catalog, catalog.functions, node.function.name, node.argument_types)
    if not found and node.if_exists:
        return
    signature = _only(catalog, "function", found, node.function.name, catalog.functions)
    users = catalog.users_of_function(signature)
    if users:
        reason = f"it cannot be dropped before the aggregates {', '.join(users)}"
        raise catalog.refuse("function", signature_text(signature), reason)
    masked = catalog.masked_with(signature)
    if masked:
        reason = f"it cannot be dropped, for it masks {', '.join(masked)}"
        raise catalog.refuse("function", signature_text(signature), reason)
    del catalog.functions[signature]


def _create_aggregate(catalog: Catalog, node: programs.CreateAggregate) -> None:
    aggregate = read_aggregate(node, catalog.name)
    label = signature_text(aggregate.signature)
    if aggregate.signature in catalog.aggregates and not node.or_replace:
        if node.if_not_exists:
            return
        raise catalog.refuse("aggregate", label, "there is one already")
    for function in aggregate.functions:
        if function not in catalog.functions:
            raise catalog.refuse("aggregate", label, f"there is no function {signature_text(function)}")
    catalog.aggregates[aggregate.signature] = aggregate


def _drop_aggregate(catalog: Catalog, node: programs.DropAggregate) -> None:
    found = _matching(catalog, catalog.aggregates, node.aggregate.name, node.argument_types)
    if found or not node.if_exists:
        del catalog.aggregates[_only(catalog, "aggregate", found, node.aggregate.name, catalog.aggregates)]


def _matching(
    catalog: Catalog, there: Iterable[Signature], name: str, types: tuple[DataType, ...] | None
) -> list[Signature]:
    """Return the signatures that a DROP may mean, given with or without the types of the arguments."""
    wanted = None if types is None else tuple([argument_type(each, catalog.name) for each in types])
    return [each for each in there if each[0] == name and (wanted is None or each[1] == wanted)]


def _only(catalog: Catalog, kind: str, found: list[Signature], name: str, there: Iterable[Signature]) -> Signature:
    if len(found) == 1:
        return found[0]
    if found:
        choices = ", ".join([signature_text(each) for each in found])
        raise catalog.refuse(kind, name, f"there are {choices}; give the types of the arguments")
    others = [signature_text(each) for each in there if each[0] == name]
    if others:
        raise catalog.refuse(kind, name, f"none takes these arguments; there is {', '.join(others)}")
    raise catalog.refuse(kind, name, f"there is no such {kind}{suggestion(name, [each[0] for each in there])}")


def _field(catalog: Catalog, name: str, field: NamedType) -> NamedType:
    data_type = canonical_type(field.type, catalog.name)
    _require_types(catalog, "type", name, data_type)
    fault = field_fault(data_type)
    if fault:
        raise catalog.refuse("type", name, f"field {field.name!r} ({type_text(data_type)}): {fault}")
    return NamedType(field.name, data_type)


def _all_uses(catalog: Catalog, data_type: DataType) -> set[str]:
    """Return the names of the user-defined types in a type, and of those in their fields."""
    found: set[str] = set()
    left = list(user_types(data_type))
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left.extend([used for field in catalog.types[name].fields for used in user_types(field.type)])
    return found


def _require_types(catalog: Catalog, kind: str, name: str, data_type: DataType) -> None:
    for used in user_types(data_type):
        if used not in catalog.types:
            raise catalog.refuse(kind, name, f"there is no type {used!r}{suggestion(used, catalog.types)}")


CHANGES: dict[type[SchemaStatement], Callable[..., None]] = {
    programs.CreateType: _create_type,
    programs.AddField: _add_field,
    programs.RenameFields: _rename_fields,
    programs.DropType: _drop_type,
    programs.CreateFunction: _create_function,
    programs.DropFunction: _drop_function,
    programs.CreateAggregate: _create_aggregate,
    programs.DropAggregate: _drop_aggregate,
}
"""What each statement does."""
