"""Column types as the package `scylla` describes them: their names in CQL, and what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._rust_library import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

NATIVE_NAMES: Final[dict[Any, str]] = {
    getattr(metadata, f"Cql{name}"): name.lower()
    for name in (
        "Ascii",
        "BigInt",
        "Blob",
        "Boolean",
        "Counter",
        "Date",
        "Decimal",
        "Double",
        "Duration",
        "Float",
        "Inet",
        "Int",
        "SmallInt",
        "Text",
        "Time",
        "Timestamp",
        "Timeuuid",
        "TinyInt",
        "Uuid",
        "Varint",
    )
}
"""The class of each native type, and the type's name in CQL."""

CqlList: Final[Any] = metadata.CqlList
CqlMap: Final[Any] = metadata.CqlMap
CqlSet: Final[Any] = metadata.CqlSet
CqlTuple: Final[Any] = metadata.CqlTuple
CqlUserDefinedType: Final[Any] = metadata.CqlUserDefinedType
CqlVector: Final[Any] = metadata.CqlVector


def type_name(cql_type: Any) -> str:
    """Return the type as CQL spells it."""
    native = NATIVE_NAMES.get(type(cql_type))
    if native is not None:
        return native
    if isinstance(cql_type, CqlUserDefinedType):
        return str(cql_type.name)
    names = [type_name(each) for each in parts_of(cql_type)]
    if isinstance(cql_type, CqlVector):
        names.append(str(cql_type.dimensions))
    kind = _kind_of(cql_type)
    return f"{kind}<{', '.join(names)}>" if names else kind


def hint_of(cql_type: Any) -> str:
    """Return the type as a hint in a statement has it: as the server takes it for a literal."""
    if isinstance(cql_type, CqlUserDefinedType):
        return f"{_quoted(cql_type.keyspace)}.{_quoted(cql_type.name)}"
    parts = parts_of(cql_type)
    if not parts:
        return type_name(cql_type)
    frozen = (CqlList, CqlSet, CqlMap, CqlUserDefinedType)
    names = [f"frozen<{hint_of(part)}>" if isinstance(part, frozen) else hint_of(part) for part in parts]
    if isinstance(cql_type, CqlVector):
        names.append(str(cql_type.dimensions))
    return f"{_kind_of(cql_type)}<{', '.join(names)}>"


def _kind_of(cql_type: Any) -> str:
    return type(cql_type).__name__.removeprefix("Cql").lower()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def parts_of(cql_type: Any) -> list[Any]:
    """Return the types that this one is made of; none for a native type."""
    if isinstance(cql_type, (CqlList, CqlSet)):
        return [cql_type.column_type]
    if isinstance(cql_type, CqlMap):
        return [cql_type.key_type, cql_type.value_type]
    if isinstance(cql_type, CqlVector):
        return [cql_type.typ]
    if isinstance(cql_type, CqlTuple):
        return list(cql_type.element_types)
    if isinstance(cql_type, CqlUserDefinedType):
        return [field_type for _, field_type in cql_type.field_types]
    return []


def all_parts_of(cql_type: Any) -> Iterator[Any]:
    """Give the type itself and all that it is made of, however deep."""
    yield cql_type
    for part in parts_of(cql_type):
        yield from all_parts_of(part)
