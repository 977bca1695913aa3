"""Renderers of the statements on user-defined types, functions and aggregates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast import programs
from cql_builder.compiler.definitions import altered_if_exists, if_exists, if_not_exists, part_if
from cql_builder.compiler.names import bare_word, called_name, function_name
from cql_builder.compiler.rendering import Rule
from cql_builder.compiler.terms import TERM
from cql_builder.compiler.types import TYPE, user_type
from cql_builder.dialects.features import REDUCE_FUNCTION, REPLACE_IF_NOT_EXISTS
from cql_builder.quoting import quote_body

if TYPE_CHECKING:
    from cql_builder.ast.types import DataType
    from cql_builder.compiler.definitions import Creation
    from cql_builder.compiler.rendering import Rendering


def _named_type(node: programs.NamedType, rendering: Rendering) -> str:
    return f"{rendering.identifier(node.name)} {TYPE.text(node.type, rendering)}"


def _create_type(node: programs.CreateType, rendering: Rendering) -> str:
    rendering.require_some(node.fields, "the field of a type", "give at least one")
    name, fields = user_type(node.type, rendering), [_named_type(field, rendering) for field in node.fields]
    return f"CREATE TYPE{if_not_exists(node)} {name} ({', '.join(fields)})"


def _alter_type(node: programs.AddField | programs.RenameFields | programs.AlterFieldType, rendering: Rendering) -> str:
    return f"ALTER TYPE{altered_if_exists(node, rendering)} {user_type(node.type, rendering)}"


def _add_field(node: programs.AddField, rendering: Rendering) -> str:
    text = f"{_alter_type(node, rendering)} ADD{part_if(node.if_not_exists, 'IF NOT EXISTS', rendering)}"
    return f"{text} {_named_type(node.field, rendering)}"


def _rename_fields(node: programs.RenameFields, rendering: Rendering) -> str:
    rendering.require_some(node.names, "the field to rename", "give at least one pair of old and new name")
    text = f"{_alter_type(node, rendering)} RENAME{part_if(node.if_fields_exist, 'IF EXISTS', rendering)}"
    pairs = [f"{rendering.identifier(old)} TO {rendering.identifier(new)}" for old, new in node.names]
    return f"{text} {' AND '.join(pairs)}"


def _alter_field_type(node: programs.AlterFieldType, rendering: Rendering) -> str:
    name, data_type = rendering.identifier(node.field.name), TYPE.text(node.field.type, rendering)
    return f"{_alter_type(node, rendering)} ALTER {name} TYPE {data_type}"


def _drop_type(node: programs.DropType, rendering: Rendering) -> str:
    return f"DROP TYPE{if_exists(node)} {user_type(node.type, rendering)}"


def _create_function(node: programs.CreateFunction, rendering: Rendering) -> str:
    arguments = ", ".join([_named_type(argument, rendering) for argument in node.arguments])
    on_null = "CALLED" if node.called_on_null else "RETURNS NULL"
    if node.or_replace and node.if_not_exists:
        rendering.require(REPLACE_IF_NOT_EXISTS)
    text = f"{_create('FUNCTION', node, or_replace=node.or_replace)} {function_name(node.function, rendering)}"
    text += f" ({arguments}) {on_null} ON NULL INPUT RETURNS {TYPE.text(node.returns, rendering)}"
    language = bare_word(node.language, "the language of a function", rendering)
    return f"{text} LANGUAGE {language} AS {quote_body(node.body)}"


def _drop_function(node: programs.DropFunction, rendering: Rendering) -> str:
    name, types = function_name(node.function, rendering), _argument_types(node.argument_types, rendering)
    return f"DROP FUNCTION{if_exists(node)} {name}{types}"


def _create_aggregate(node: programs.CreateAggregate, rendering: Rendering) -> str:
    name, types = function_name(node.aggregate, rendering), _argument_types(node.argument_types, rendering)
    text = f"{_create('AGGREGATE', node, or_replace=node.or_replace)} {name}{types}"
    text += f" SFUNC {called_name(node.state_function, rendering)} STYPE {TYPE.text(node.state_type, rendering)}"
    if node.reduce_function is not None:
        rendering.require(REDUCE_FUNCTION)
        text += f" REDUCEFUNC {called_name(node.reduce_function, rendering)}"
    if node.final_function is not None:
        text += f" FINALFUNC {called_name(node.final_function, rendering)}"
    return text if node.initial_state is None else f"{text} INITCOND {TERM.text(node.initial_state, rendering)}"


def _drop_aggregate(node: programs.DropAggregate, rendering: Rendering) -> str:
    name, types = function_name(node.aggregate, rendering), _argument_types(node.argument_types, rendering)
    return f"DROP AGGREGATE{if_exists(node)} {name}{types}"


def _create(what: str, node: Creation, *, or_replace: bool) -> str:
    return f"CREATE {'OR REPLACE ' if or_replace else ''}{what}{if_not_exists(node)}"


def _argument_types(types: tuple[DataType, ...] | None, rendering: Rendering) -> str:
    return "" if types is None else f" ({TYPE.join(types, rendering)})"


PROGRAM_STATEMENT = Rule(
    "a statement",
    {
        programs.CreateType: _create_type,
        programs.AddField: _add_field,
        programs.RenameFields: _rename_fields,
        programs.AlterFieldType: _alter_field_type,
        programs.DropType: _drop_type,
        programs.CreateFunction: _create_function,
        programs.DropFunction: _drop_function,
        programs.CreateAggregate: _create_aggregate,
        programs.DropAggregate: _drop_aggregate,
    },
)
