"""What users define beyond tables, as values: their types, functions and aggregates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cql_builder.ast.types import FrozenType, UserType
from cql_builder.compiler import type_text
from cql_builder.schema.meanings import ComparedByMeaning, term_meaning
from cql_builder.schema.types import canonical_type

if TYPE_CHECKING:
    from collections.abc import Hashable

    from cql_builder.ast.programs import NamedType
    from cql_builder.ast.terms import Term
    from cql_builder.ast.types import DataType


@dataclass(frozen=True, slots=True)
class TypeSchema:
    """One user-defined type of a keyspace.

    Attributes:
        keyspace: the keyspace's name.
        name: the type's name.
        fields: the fields, in their order: it is the order in which values are written.

    >>> from cql_builder.schema import schema_from_cql
    >>> money = schema_from_cql("CREATE TYPE shop.money (amount decimal, currency varchar)").types[0]
    >>> [(field.name, type_text(field.type)) for field in money.fields]
    [('amount', 'decimal'), ('currency', 'text')]
    """

    keyspace: str
    name: str
    fields: tuple[NamedType, ...]

    @property
    def type(self) -> UserType:
        """The type as statements take it."""
        return UserType(self.name, self.keyspace)


@dataclass(frozen=True, slots=True)
class FunctionSchema:
    """One function of a keyspace; several may have a name when their arguments differ.

    Attributes:
        keyspace: the keyspace's name.
        name: the function's name.
        arguments: the arguments: names and types.
        returns: the type of what it returns.
        language: the language of the body, in lower case.
        body: the text of the function.
        called_on_null: whether it is called where an argument is null; else it returns null there.

    >>> from cql_builder.schema import schema_from_cql
    >>> text = "CREATE FUNCTION f (a int) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE java AS 'return a;'"
    >>> schema_from_cql(text, "shop").functions[0].signature
    ('f', (NativeType(name='int'),))
    """

    keyspace: str
    name: str
    arguments: tuple[NamedType, ...]
    returns: DataType
    language: str
    body: str
    called_on_null: bool = False

    @property
    def signature(self) -> Signature:
        """The name and the types of the arguments.

        No two functions of a keyspace share both.
        """
        return self.name, tuple([argument.type for argument in self.arguments])


@dataclass(frozen=True, slots=True, eq=False)
class AggregateSchema(ComparedByMeaning):
    """One aggregate of a keyspace.

    It has a state, a function that takes each row into it, and one that makes the answer of it.

    Attributes:
        keyspace: the keyspace's name.
        name: the aggregate's name.
        argument_types: the types of the arguments.
        state_function: the function that takes each row into the state.
        state_type: the type of the state.
        final_function: the function that makes the answer of the state; None where the state is the answer.
        initial_state: the state at the beginning, as a literal; None for null.
        reduce_function: ScyllaDB's function that makes one state of two.

    >>> from cql_builder import parse_type
    >>> number = parse_type("int")
    >>> signature_text(AggregateSchema("shop", "total", (number,), "next", number).functions[0])
    'next(int, int)'
    """

    keyspace: str
    name: str
    argument_types: tuple[DataType, ...]
    state_function: str
    state_type: DataType
    final_function: str | None = None
    initial_state: Term | None = None
    reduce_function: str | None = None

    @property
    def signature(self) -> Signature:
        """The name and the types of the arguments.

        No two aggregates of a keyspace share both.
        """
        return self.name, self.argument_types

    @property
    def functions(self) -> tuple[Signature, ...]:
        """The signatures of the functions that it is made of, as its types say them."""
        found: list[Signature] = [(self.state_function, (self.state_type, *self.argument_types))]
        if self.final_function is not None:
            found.append((self.final_function, (self.state_type,)))
        if self.reduce_function is not None:
            found.append((self.reduce_function, (self.state_type, self.state_type)))
        return tuple(found)

    @property
    def meaning(self) -> Hashable:
        """What the aggregate comes to on a server, its initial state by value."""
        programs = (self.state_function, self.final_function, self.reduce_function)
        return self.keyspace, self.signature, programs, self.state_type, term_meaning(self.initial_state)


Signature = tuple[str, "tuple[DataType, ...]"]
"""A name and the types of arguments."""


def signature_text(signature: Signature) -> str:
    """Return a signature as people write it.

    >>> from cql_builder import parse_type
    >>> signature_text(("area", (parse_type("int"), parse_type("list<text>"))))
    'area(int, list<text>)'
    """
    name, types = signature
    return f"{name}({', '.join([type_text(data_type) for data_type in types])})"


def argument_type(data_type: DataType, keyspace: str) -> DataType:
    """Return the type of an argument or result of a function in canonical spelling.

    It is frozen inside only: Cassandra refuses `frozen<…>` around the whole.
    """
    canonical = canonical_type(data_type, keyspace)
    return canonical.inner if isinstance(canonical, FrozenType) else canonical
