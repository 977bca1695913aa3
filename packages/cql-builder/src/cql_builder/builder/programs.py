"""`create_type`, `create_function`, `create_aggregate` and their kin: what users define beyond tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from cql_builder.ast.programs import (
    AddField,
    AlterFieldType,
    CreateAggregate,
    CreateFunction,
    CreateType,
    DropAggregate,
    DropFunction,
    DropType,
    RenameFields,
)
from cql_builder.ast.terms import Term
from cql_builder.builder.definitions import (
    AlteringBuilder,
    data_type,
    data_types,
    named_type,
    named_types,
    new_names,
    where_there,
)
from cql_builder.builder.names import checked_flag, checked_name, function_name, own_function_name, type_name
from cql_builder.builder.parts import is_part
from cql_builder.builder.statement import FinishedStatement
from cql_builder.builder.values import literal_of
from cql_builder.errors import ClauseConflictError, MissingClauseError, RepeatedClauseError, StatementError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from typing_extensions import Self

    from cql_builder.ast.names import FunctionName
    from cql_builder.ast.types import DataType, UserType

D = TypeVar("D", DropFunction, DropAggregate)


class AlterTypeBuilder(AlteringBuilder):
    """An ALTER TYPE, which adds a field or renames fields. Made by `alter_type`."""

    kind: ClassVar[str] = "ALTER TYPE"
    _type: UserType
    _change: AddField | RenameFields | AlterFieldType | None = None

    def __init__(self, user_type: UserType) -> None:
        """Start with the type."""
        self.__dict__.update(_type=user_type)

    def add(self, name: str, cql_type: str | DataType, *, if_not_exists: bool = False) -> Self:
        """Add a field, its type as CQL spells it or as a tree.

        `if_not_exists` is Cassandra 4.1's.

        Raises:
            CqlSyntaxError: if the type is none.
            StatementError: if something is done already.
        """
        return self._once(
            AddField(
                self._type,
                named_type(name, cql_type, self.kind),
                if_not_exists=checked_flag(if_not_exists, "if_not_exists", self.kind),
            )
        )

    def rename(self, names: Mapping[str, str] | None = None, /, *, if_exists: bool = False, **more: str) -> Self:
        """Rename fields, old names to new ones; `if_exists` is Cassandra 4.1's.

        Raises:
            StatementError: if a name is none, there twice, or something is done already.
        """
        pairs = new_names(names, more, (), self.kind)
        return self._once(
            RenameFields(self._type, pairs, if_fields_exist=checked_flag(if_exists, "if_exists", self.kind))
        )

    def alter_field(self, name: str, cql_type: str | DataType) -> Self:
        """Change the type of a field, which the grammar knows and current servers refuse.

        Raises:
            CqlSyntaxError: if the type is none.
            StatementError: if something is done already.
        """
        return self._once(AlterFieldType(self._type, named_type(name, cql_type, self.kind)))

    @property
    def tree(self) -> AddField | RenameFields | AlterFieldType:
        """The statement as a tree.

        Raises:
            MissingClauseError: if there is nothing to do.
        """
        change = self._change
        if change is None:
            raise MissingClauseError(self.kind, "what to do", "call add(...) or rename(...)")
        if not self._if_exists:
            return change
        return where_there(change)

    def _once(self, change: AddField | RenameFields | AlterFieldType) -> Self:
        if self._change is not None:
            raise RepeatedClauseError(self.kind, "what to do")
        return self._with(_change=change)


def create_type(
    name: str | UserType,
    fields: Mapping[str, str | DataType] | None = None,
    /,
    *,
    if_not_exists: bool = False,
    **more: str | DataType,
) -> FinishedStatement:
    """Return a CREATE TYPE, its fields given by name.

    Types are as CQL spells them, or trees.

    Raises:
        CqlSyntaxError: if a type is none.
        StatementError: if the name is none, or there are no fields.

    >>> from cql_builder import create_type
    >>> create_type("shop.address", street="text", zip="int").compile().cql
    'CREATE TYPE shop.address (street text, zip int)'
    """
    statement = "CREATE TYPE"
    given = named_types(fields, more, "fields", statement)
    if not given:
        raise MissingClauseError(statement, "a field", "a type has at least one")
    return FinishedStatement(CreateType(type_name(name, statement), given, if_not_exists))


def alter_type(name: str | UserType) -> AlterTypeBuilder:
    """Return an ALTER TYPE.

    Raises:
        StatementError: if the name is none.

    >>> from cql_builder import alter_type
    >>> alter_type("shop.address").add("country", "text").compile().cql
    'ALTER TYPE shop.address ADD country text'
    >>> alter_type("shop.address").rename(zip="code").compile().cql
    'ALTER TYPE shop.address RENAME zip TO code'
    """
    return AlterTypeBuilder(type_name(name, AlterTypeBuilder.kind))


def drop_type(name: str | UserType, *, if_exists: bool = False) -> FinishedStatement:
    """Return a DROP TYPE; the server refuses it where a table has the type.

    Raises:
        StatementError: if the name is none.

    >>> from cql_builder import drop_type
    >>> drop_type("shop.address", if_exists=True).compile().cql
    'DROP TYPE IF EXISTS shop.address'
    """
    return FinishedStatement(DropType(type_name(name, "DROP TYPE"), if_exists))


def create_function(  # noqa: PLR0913 - one keyword for each clause
    name: str | FunctionName,
    arguments: Mapping[str, str | DataType],
    *,
    returns: str | DataType,
    language: str,
    body: str,
    called_on_null: bool = False,
    or_replace: bool = False,
    if_not_exists: bool = False,
) -> FinishedStatement:
    """Return a CREATE FUNCTION.

    Args:
        name: its name, as `"function"`, `"keyspace.function"` or `FunctionName`.
        arguments: their types, by name, as CQL spells them or as trees.
        returns: the type of what it returns.
        language: what its body is written in: `java` for Cassandra, `lua` or `wasm` for ScyllaDB.
        body: its source.
        called_on_null: whether it is called where an argument is null; otherwise it returns null there.
        or_replace: take the place of a function of this name.
        if_not_exists: do nothing where there is such a function.

    Raises:
        CqlSyntaxError: if a type is none.
        StatementError: if a name is none, or a function is to be replaced and left alone.

    >>> from cql_builder import create_function
    >>> create_function("f", {"a": "int"}, returns="int", language="java", body="return a;").compile().cql
    'CREATE FUNCTION f (a int) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE java AS $$return a;$$'
    """
    statement = "CREATE FUNCTION"
    if or_replace and if_not_exists:
        raise ClauseConflictError(statement, "OR REPLACE", "IF NOT EXISTS")
    return FinishedStatement(
        CreateFunction(
            function_name(name, statement),
            named_types(arguments, {}, "arguments", statement),
            data_type(returns, statement, "returns"),
            checked_name(language, statement, "language"),
            checked_name(body, statement, "body"),
            called_on_null,
            or_replace,
            if_not_exists,
        )
    )


def drop_function(
    name: str | FunctionName, argument_types: Iterable[str | DataType] | None = None, *, if_exists: bool = False
) -> FinishedStatement:
    """Return a DROP FUNCTION; argument types choose one of several with the same name.

    Raises:
        CqlSyntaxError: if a type is none.
        StatementError: if the name is none.

    >>> from cql_builder import drop_function
    >>> drop_function("shop.discount", ["int", "text"]).compile().cql
    'DROP FUNCTION shop.discount (int, text)'
    """
    return _drop(DropFunction, "DROP FUNCTION", name, argument_types, if_exists=if_exists)


def create_aggregate(  # noqa: PLR0913 - one keyword for each clause
    name: str | FunctionName,
    argument_types: Iterable[str | DataType],
    *,
    state_function: str | FunctionName,
    state_type: str | DataType,
    final_function: str | FunctionName | None = None,
    initial_state: object = None,
    reduce_function: str | FunctionName | None = None,
    or_replace: bool = False,
    if_not_exists: bool = False,
) -> FinishedStatement:
    """Return a CREATE AGGREGATE.

    Args:
        name: its name, as `"aggregate"`, `"keyspace.aggregate"` or `FunctionName`.
        argument_types: the types of what it is called with, as CQL spells them or as trees.
        state_function: the name of the function that takes each row into the state: SFUNC.
        state_type: the type of the state: STYPE.
        final_function: the name of the function that makes the answer of the state: FINALFUNC.
        initial_state: the state before the first row, as a literal: INITCOND; None is null.
        reduce_function: the name of the function that makes one state of two: REDUCEFUNC, ScyllaDB.
        or_replace: take the place of an aggregate of this name.
        if_not_exists: do nothing where there is such an aggregate.

    Raises:
        CqlSyntaxError: if a type is none.
        LiteralError: if CQL has no literal for the state.
        StatementError: if a name is none, or an aggregate is to be replaced and left alone.

    >>> from cql_builder import create_aggregate
    >>> create_aggregate("total", ["int"], state_function="plus", state_type="int", initial_state=0).compile().cql
    'CREATE AGGREGATE total (int) SFUNC plus STYPE int INITCOND 0'
    """
    statement = "CREATE AGGREGATE"
    if or_replace and if_not_exists:
        raise ClauseConflictError(statement, "OR REPLACE", "IF NOT EXISTS")
    return FinishedStatement(
        CreateAggregate(
            function_name(name, statement),
            data_types(argument_types, statement),
            own_function_name(state_function, statement, "state_function"),
            data_type(state_type, statement, "state_type"),
            None if final_function is None else own_function_name(final_function, statement, "final_function"),
            _state(initial_state, statement),
            None if reduce_function is None else own_function_name(reduce_function, statement, "reduce_function"),
            or_replace,
            if_not_exists,
        )
    )


def drop_aggregate(
    name: str | FunctionName, argument_types: Iterable[str | DataType] | None = None, *, if_exists: bool = False
) -> FinishedStatement:
    """Return a DROP AGGREGATE.

    Argument types choose one of several with the same name.

    Raises:
        CqlSyntaxError: if a type is none.
        StatementError: if the name is none.

    >>> from cql_builder import drop_aggregate
    >>> drop_aggregate("shop.total", if_exists=True).compile().cql
    'DROP AGGREGATE IF EXISTS shop.total'
    """
    return _drop(DropAggregate, "DROP AGGREGATE", name, argument_types, if_exists=if_exists)


def _drop(
    kind: type[D], statement: str, name: object, argument_types: Iterable[object] | None, *, if_exists: bool
) -> FinishedStatement:
    types = None if argument_types is None else data_types(argument_types, statement)
    return FinishedStatement(kind(function_name(name, statement), types, if_exists))


def _state(initial: object, statement: str) -> Term | None:
    if initial is None:
        return None
    if not is_part(initial):
        return literal_of(initial)
    if isinstance(initial.node, Term) and not initial.values:
        return initial.node
    raise StatementError(statement, "INITCOND has no markers; give a plain value or lit(...)")
