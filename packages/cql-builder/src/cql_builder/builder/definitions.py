"""What the statements that change the schema share: options, IF [NOT] EXISTS, data types."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from cql_builder.analysis.walking import find
from cql_builder.ast.definitions import SchemaStatement
from cql_builder.ast.programs import NamedType
from cql_builder.ast.types import DataType, UserType
from cql_builder.builder.literals import is_mapping, options_of
from cql_builder.builder.names import checked_name, once_named
from cql_builder.builder.parts import is_iterable
from cql_builder.builder.statement import StatementBuilder
from cql_builder.errors import ArgumentError, CqlSyntaxError, RepeatedClauseError, StatementError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import Self

    from cql_builder.ast.definitions import Option
    from cql_builder.builder.literals import OptionValue


N = TypeVar("N", bound=SchemaStatement)

_PYTHON_TYPES = {
    "bool": "boolean",
    "bytearray": "blob",
    "bytes": "blob",
    "datetime": "timestamp",
    "dict": "map<…, …>",
    "frozenset": "set<…>",
    "list": "list<…>",
    "map": "map<…, …>",
    "str": "text",
    "string": "text",
    "timedelta": "duration",
    "tuple": "tuple<…>",
}
"""What is hardly meant as the name of a user-defined type, with the type that is."""


class CreatingBuilder(StatementBuilder):
    """A statement that makes something with options, which may be there already."""

    _options: tuple[Option, ...] = ()
    _if_not_exists: bool = False

    def options(self, options: Mapping[str, OptionValue]) -> Self:
        """Set options, after those given before.

        They are a mapping such as `{"comment": "…", "gc_grace_seconds": 0}`.

        Raises:
            StatementError: if a value is neither a constant nor a map of constants, or an option is given twice.
        """
        return self._with(_options=further_options(self._options, options, self.kind))

    def if_not_exists(self) -> Self:
        """Do nothing where something has the name already, whatever it is like.

        Raises:
            RepeatedClauseError: if that was said before.
        """
        return self._switched_on("_if_not_exists", "IF NOT EXISTS")


class AlteringBuilder(StatementBuilder):
    """A statement that changes something, which may not be there."""

    _if_exists: bool = False

    def if_exists(self) -> Self:
        """Do nothing where nothing has the name: Cassandra 4.1.

        Raises:
            RepeatedClauseError: if that was said before.
        """
        return self._switched_on("_if_exists", "IF EXISTS")


def where_there(statement: N) -> N:
    """Return a statement with IF EXISTS."""
    fields = {field: getattr(statement, field) for field in type(statement).field_names}
    made: Callable[..., N] = type(statement)
    return made(**{**fields, "if_exists": True})


def further_options(before: tuple[Option, ...], given: object, statement: str) -> tuple[Option, ...]:
    """Return options with others after them.

    Raises:
        StatementError: if a value is neither a constant nor a map of constants, or an option is there twice.
    """
    further = options_of(given, statement)
    names = {option.name for option in before}
    for option in further:
        if option.name in names:
            raise RepeatedClauseError(statement, f"the option {option.name!r}")
    return before + further


def data_type(cql_type: object, statement: str, argument: str) -> DataType:
    """Return a data type given as CQL spells it or as a tree.

    Raises:
        ArgumentError: if it is neither.
        CqlSyntaxError: if the text is no type.
        StatementError: if it names a type of Python.
    """
    if isinstance(cql_type, DataType):
        return cql_type
    if isinstance(cql_type, str):
        return _parsed(cql_type, statement, argument)
    raise ArgumentError(statement, argument, "CQL text or a data type of the tree", cql_type)


def data_types(types: object, statement: str) -> tuple[DataType, ...]:
    """Return data types given as CQL spells them or as trees.

    Raises:
        ArgumentError: if one is neither, or they are one text instead of several.
        CqlSyntaxError: if a text is no type.
    """
    if isinstance(types, str) or not is_iterable(types):
        raise ArgumentError(statement, "types", "a list of types", types)
    return tuple([data_type(cql_type, statement, "a type") for cql_type in types])


def named_type(name: object, cql_type: object, statement: str) -> NamedType:
    """Return a field of a type or an argument of a function.

    Raises:
        ArgumentError: if the name is no str, or the type none.
        CqlSyntaxError: if the text is no type.
    """
    return NamedType(
        checked_name(name, statement, "the name of a field"), data_type(cql_type, statement, f"the type of {name!r}")
    )


def named_types(
    mapping: object, keywords: Mapping[str, object], argument: str, statement: str
) -> tuple[NamedType, ...]:
    """Return fields of a type or arguments of a function, by name.

    Raises:
        ArgumentError: if the mapping is none, a name no str or a type none.
        CqlSyntaxError: if a text is no type.
        StatementError: if a name is given twice.
    """
    if mapping is not None and not is_mapping(mapping):
        raise ArgumentError(statement, argument, "a mapping of names to types", mapping)
    together = once_named(mapping, keywords, argument, statement)
    return tuple([named_type(name, cql_type, statement) for name, cql_type in together.items()])


def new_names(
    names: object, keywords: Mapping[str, object], before: tuple[tuple[str, str], ...], statement: str
) -> tuple[tuple[str, str], ...]:
    """Return pairs of old and new name, after those given before.

    Raises:
        ArgumentError: if a name is no str.
        StatementError: if a name is given twice, or there are none.
    """
    if names is not None and not is_mapping(names):
        raise ArgumentError(statement, "rename()", "a mapping of old names to new ones", names)
    together = once_named(names, keywords, "rename()", statement)
    pairs = (*before, *[(old, checked_name(new, statement, "a new name")) for old, new in together.items()])
    if not pairs:
        raise StatementError(statement, "rename() takes at least one name")
    for side in zip(*pairs, strict=True):
        for name in side:
            if side.count(name) > 1:
                raise StatementError(statement, f"RENAME has {name!r} twice")
    return pairs


def _parsed(text: str, statement: str, argument: str) -> DataType:
    from cql_builder.parser.types import parse_type  # noqa: PLC0415 - a type given as a text needs it, an import does not

    try:
        tree = parse_type(text)
    except CqlSyntaxError as error:
        if type(error) is not CqlSyntaxError:
            raise
        reason = f"{argument}: {error.reason}"
        where = (error.text, error.position)
        raise CqlSyntaxError(reason, *where, token=error.token, expected=error.expected) from None
    # Quotes say that a name is meant as it is.
    for named in () if '"' in text else find(tree, UserType):
        if named.keyspace is None and named.name in _PYTHON_TYPES:
            meant = _PYTHON_TYPES[named.name]
            raise StatementError(
                statement,
                f"{argument}: {named.name!r} is no type of CQL (did you mean {meant!r}?); "
                f"a user-defined type of that name is UserType({named.name!r})",
            )
    return tree
