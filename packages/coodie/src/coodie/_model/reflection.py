"""Model classes for tables that are there: made as a class statement makes them, of what the server says."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from weakref import WeakValueDictionary

from pydantic import ConfigDict, Field

from coodie import fields
from coodie._model.defining import OPTIONS
from coodie._schema.column_types import UnsupportedTypeError
from coodie._schema.python_names import class_name, field_names
from coodie._schema.reflected_indexes import index_marker
from coodie._schema.reflected_types import Annotations, hashed_types
from coodie._schema.settings import SHORT_WORD, is_short_word
from coodie.errors import InvalidModelError
from cql_builder.ast.types import ListType, MapType, NativeType, SetType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from coodie._model.base import DocumentBase
    from coodie._model.user_types import UserTypeBase
    from coodie._schema.reflection import Reflected
    from cql_builder.schema import ColumnSchema, TypeSchema

# To type checkers an annotation that is put together is none, nor what is said of a field by names of its own.
_annotated: Any = Annotated
_field: Any = Field

_LOG = logging.getLogger("coodie.tables")


@dataclass(frozen=True, slots=True)
class Bases:
    """The classes that models of one kind, synchronous or asynchronous, are derived from.

    Attributes:
        document: of tables.
        counters: of tables of counters.
        view: of materialized views.
        user_type: of user types.
    """

    document: type[DocumentBase]
    counters: type[DocumentBase]
    view: type[DocumentBase]
    user_type: type[UserTypeBase]


def reflected_model(there: Reflected, bases: Bases, name: str | None, settings: Mapping[str, object]) -> type[Any]:
    """Make the model of a table or view.

    Args:
        there: the table or view.
        bases: what models are derived from.
        name: the class's name; None for one made of the table's.
        settings: what its `Settings` say besides.

    Raises:
        InvalidModelError: a column is of a type that no field has.
    """
    table = there.table
    name = name or class_name(table.name)
    base = bases.document
    said: dict[str, object] = {**settings, "name": table.name}
    if there.view is not None:
        view = there.view
        base = bases.view
        said |= {"base_table": view.base_table, "view_columns": view.columns, "where_clause": view.where_clause}
    elif any(column.type == NativeType("counter") for column in table.columns):
        base = bases.counters
    found = _Fields(there, bases.user_type, name)
    found.tell_unknown_indexes()
    names = field_names(table.columns_by_name, {*dir(base), *OPTIONS, "Settings"})
    body = _body(names, {column.name: found.of(column) for column in table.columns})
    return _made(base, name, body, said)


class _Fields:
    """Makes the fields of one table: of each column its annotation and its default."""

    def __init__(self, there: Reflected, user_type: type[UserTypeBase], model: str) -> None:
        self._table = there.table
        self._types = there.types
        self._model = model
        self._user_type = user_type
        self._annotations = Annotations(self._class_of)
        self._hashed = hashed_types(
            (column.type for column in there.table.columns),
            lambda name: [each.type for each in there.types[name].fields] if name in there.types else (),
        )

    def of(self, column: ColumnSchema) -> _Declared:
        try:
            annotation = self._annotations.of(column.type)
        except UnsupportedTypeError as error:
            raise InvalidModelError(self._model, f"column {column.name!r}: {error}; {self._way_out(column)}") from None
        key = self._key_marker(column)
        if key is not None:
            return _marked(annotation, key, *self._indexes(column)), {}
        declared, said = _declared(annotation, column)
        static = [fields.Static()] if column.static else []
        return _marked(declared, *static, *self._indexes(column)), said

    def _key_marker(self, column: ColumnSchema) -> object | None:
        name, table = column.name, self._table
        if name in table.partition_key:
            return fields.PrimaryKey(partition_key_index=table.partition_key.index(name))
        for place, each in enumerate(table.clustering_key):
            if each.name == name:
                return fields.ClusteringKey("DESC" if each.descending else "ASC", clustering_key_index=place)
        return None

    def _indexes(self, column: ColumnSchema) -> Iterator[object]:
        for index in self._table.indexes:
            marker = index_marker(index, column.type) if index.column == column.name else None
            if marker is not None:
                yield marker

    def tell_unknown_indexes(self) -> None:
        """Warn of the indexes that no marker asks for: the model does not know them."""
        columns = self._table.columns_by_name
        for index in self._table.indexes:
            column = columns.get(index.column)
            if column is None or index_marker(index, column.type) is None:
                _LOG.warning(
                    "%s: index %r on %r is of a kind that no marker says, so the model has it not: its lookups take "
                    "allow_filtering(), and sync_table(drop_removed_indexes=True) would drop it",
                    self._model,
                    index.name,
                    index.column,
                )

    def _way_out(self, column: ColumnSchema) -> str:
        if self._key_marker(column) is not None:
            return "it is part of the key, so query the table with execute_raw()"
        return "write the class by hand and leave the column out: it stays as it is"

    def _class_of(self, name: str) -> type[UserTypeBase]:
        """The class of a user type; the same one as long as the type is."""
        schema, hashable = self._type(name), name in self._hashed
        annotations = {each.name: self._annotations.of(each.type, hashable=hashable) for each in schema.fields}
        # Annotations are equal where the classes in them are the same.
        key = (self._user_type, schema, hashable, tuple(annotations.values()))
        made = _CLASSES.get(key)
        if made is None:
            made = _CLASSES[key] = _type_class(self._user_type, schema, annotations, hashable=hashable)
        return made

    def _type(self, name: str) -> TypeSchema:
        schema = self._types.get(name)
        if schema is None:
            raise UnsupportedTypeError(f"CQL {name} is a type that the keyspace does not have")
        if not is_short_word(name):
            raise UnsupportedTypeError(f"CQL {name} is a type whose name no class can say: it says {SHORT_WORD}")
        return schema


_Declared = tuple[Any, dict[str, Any]]
"""An annotation, and what the field says besides."""

_CLASSES: WeakValueDictionary[object, type[UserTypeBase]] = WeakValueDictionary()
"""The classes of user types, so that two tables of a keyspace have one class for the type that both are made of."""


def _marked(annotation: Any, *markers: object) -> Any:
    parts = (annotation, *markers)
    return _annotated[parts] if markers else annotation


def _declared(annotation: Any, column: ColumnSchema) -> _Declared:
    """What a column outside the key is: None where it is null, but empty where it is a collection that changes."""
    if column.type == NativeType("counter"):
        return annotation, {}
    kinds: tuple[tuple[type, Any], ...] = ((ListType, list), (SetType, set), (MapType, dict))
    empty = next((holder for kind, holder in kinds if isinstance(column.type, kind)), None)
    return (annotation | None, {"default": None}) if empty is None else (annotation, {"default_factory": empty})


def _type_class(
    base: type[UserTypeBase], schema: TypeSchema, annotations: Mapping[str, Any], *, hashable: bool
) -> type[UserTypeBase]:
    names = field_names(annotations, {*dir(base), *OPTIONS, "Settings"})
    declared = {name: (annotation | None, {"default": None}) for name, annotation in annotations.items()}
    body = _body(names, declared)
    if hashable:
        body["model_config"] = ConfigDict(frozen=True)
    return _made(base, class_name(schema.name), body, {"type_name": schema.name})


def _body(names: Mapping[str, str], declared: Mapping[str, _Declared]) -> dict[str, Any]:
    """What a class statement with these fields has in its body."""
    body: dict[str, Any] = {"__annotations__": {names[column]: each for column, (each, _) in declared.items()}}
    for column, (_, said) in declared.items():
        alias = {} if names[column] == column else {"alias": column}
        if said or alias:
            body[names[column]] = _field(**said, **alias)
    return body


def _made(base: type[Any], name: str, body: dict[str, Any], settings: dict[str, object]) -> type[Any]:
    # Pydantic takes for an inner class what says that it stands in the other.
    inner = type("Settings", (), {"__module__": __name__, "__qualname__": f"{name}.Settings", **settings})
    metaclass: Any = type(base)
    made: type[Any] = metaclass(
        name, (base,), {"__module__": __name__, "__qualname__": name, **body, "Settings": inner}
    )
    return made
