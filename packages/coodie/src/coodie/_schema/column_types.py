"""From a field's annotation to its CQL type, and the two conversions between field and driver.

`encode` turns a field's value into what a driver takes, `decode` what a driver returns into the field's value; None
means that they are the same. Both are put together once per class, from the leaves up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, MutableSet, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, cast, get_args, get_origin

from coodie import fields
from coodie._schema.annotations import Peeled, peel
from coodie._schema.scalars import (
    MARKER_TO_CQL,
    PYTHON_TO_CQL,
    Convert,
    is_any_address,
    pydantic_datetime,
    scalar_check,
    version_check,
    without_zone,
)

CollectionKind = Literal["list", "set", "map"]

_LISTS = (list, Sequence, MutableSequence)
_SETS = (set, frozenset, AbstractSet, MutableSet)
_MAPS = (dict, Mapping, MutableMapping)


@dataclass(frozen=True, slots=True, eq=False)
class ColumnType:
    """A CQL type as a field uses it.

    Attributes:
        cql: the type as CQL spells it.
        encode: from the field's value to the driver's; None when they are the same.
        decode: from the driver's value to the field's; None when they are the same.
        collection: which kind of unfrozen or frozen collection it is, if it is one.
        empty: makes what a null reads as, where the field does not allow None: an empty collection, which Cassandra
            cannot tell from null.
        elements: the types of its elements: one for a list or set, key and value for a map.
        frozen: whether it can only be replaced whole.
    """

    cql: str
    encode: Convert | None = None
    decode: Convert | None = None
    collection: CollectionKind | None = None
    empty: Callable[[], object] | None = None
    elements: tuple[ColumnType, ...] = ()
    frozen: bool = False


class UnsupportedTypeError(TypeError):
    """The annotation has no CQL type; the sentence says which would do."""


def column_type(peeled: Peeled, *, enum_values: bool) -> ColumnType:
    """The CQL type of a peeled annotation.

    Args:
        peeled: the annotation without what stands around it.
        enum_values: whether the model holds the values of enums instead of their members.

    Raises:
        UnsupportedTypeError: no CQL type fits, or a marker does not fit the type.
    """
    _check_markers(peeled)
    origin = get_origin(peeled.core) or peeled.core
    if origin in _LISTS or origin in _SETS or origin in _MAPS or origin is tuple:
        found = _collection(peeled, origin, enum_values=enum_values)
        return _frozen(found) if peeled.marker(fields.Frozen) is not None else found
    return _scalar(peeled, enum_values=enum_values)


def _check_markers(peeled: Peeled) -> None:
    bare = next(
        (each for each in peeled.metadata if isinstance(each, type) and each.__module__ == fields.__name__), None
    )
    if bare is not None:
        raise UnsupportedTypeError(f"write {bare.__name__}() with parentheses; without them it is no marker")
    chosen = [type(each).__name__ for each in peeled.metadata if type(each) in MARKER_TO_CQL]
    if len(chosen) > 1:
        raise UnsupportedTypeError(f"{'() and '.join(chosen)}() choose several CQL types; a column has one")


def _scalar(peeled: Peeled, *, enum_values: bool) -> ColumnType:
    core: Any = peeled.core
    if peeled.marker(fields.Frozen) is not None:
        raise UnsupportedTypeError("Frozen() is for collections; a single value is always replaced whole")
    if get_origin(core) is Literal:
        return _literal(get_args(core), peeled, enum_values=enum_values)
    if _is_enum(core):
        return _enum(core, peeled, enum_values=enum_values)
    marker = peeled.marker(*MARKER_TO_CQL)
    if marker is not None:
        cql, python = MARKER_TO_CQL[type(marker)]
        if core is not python:
            raise UnsupportedTypeError(f"{type(marker).__name__}() belongs on {_name(python)}, not on {_name(core)}")
        return ColumnType(cql, encode=scalar_check(cql))
    datetime = pydantic_datetime(core)
    if datetime is not None:
        decode = without_zone if datetime == "NaiveDatetime" else None
        return ColumnType("timestamp", encode=scalar_check("timestamp"), decode=decode)
    if is_any_address(core):
        return ColumnType("inet")
    cql = PYTHON_TO_CQL.get(core, "") if isinstance(core, type) else ""
    if not cql:
        raise UnsupportedTypeError(_unsupported(core))
    return ColumnType(cql, encode=scalar_check(cql) or version_check(core))


def _literal(values: tuple[Any, ...], peeled: Peeled, *, enum_values: bool) -> ColumnType:
    found = _scalar(Peeled(_common_type(values), peeled.metadata), enum_values=enum_values)
    check = found.encode
    # A model that holds the values of enums holds them for the members of a Literal too.
    known = frozenset((*values, *(value.value for value in values if isinstance(value, Enum))))

    def encode(value: Any) -> Any:
        if value not in known:
            raise ValueError(f"the field's type allows only {', '.join(map(repr, values))}")
        return value if check is None else check(value)

    return ColumnType(found.cql, encode=encode, decode=found.decode)


def _is_enum(core: object) -> bool:
    return isinstance(core, type) and issubclass(core, Enum)


def _enum(core: type[Enum], peeled: Peeled, *, enum_values: bool) -> ColumnType:
    value_type = _scalar(Peeled(_common_type(tuple(m.value for m in core)), peeled.metadata), enum_values=True)
    check = value_type.encode
    known = frozenset(member.value for member in core)

    def encode(value: Any) -> Any:
        plain = value.value if isinstance(value, Enum) else value
        if plain not in known:
            plain = _value_of(core, plain)
        return plain if check is None else check(plain)

    return ColumnType(value_type.cql, encode=encode, decode=None if enum_values else core)


def _value_of(core: type[Enum], plain: object) -> object:
    """The value, where the enum makes a member of it that has this very value, as flags do of their combinations."""
    refusal = ValueError(f"{core.__name__} has no such member")
    try:
        made = cast("object", core(plain))
    except ValueError:
        # Not chained: what an enum says of an unknown value contains it.
        raise refusal from None
    # Flags drop bits that they do not know where their boundary says so, and under Python 3.11.2 in any case.
    if not isinstance(made, Enum) or made.value != plain:
        raise refusal
    return made.value


def _common_type(values: tuple[Any, ...]) -> type:
    kinds: set[type] = {type(value) for value in values}
    found = sorted(kinds, key=_name)
    if len(found) != 1:
        raise UnsupportedTypeError(
            f"its values are of several types ({', '.join(map(_name, found))}); a column has one"
        )
    return found[0]


def _collection(peeled: Peeled, origin: Any, *, enum_values: bool) -> ColumnType:
    arguments = get_args(peeled.core)
    if not arguments:
        raise UnsupportedTypeError(
            f"{_name(origin)} does not say what it holds; write {_name(origin)}[...] with the type of its elements"
        )
    endless = origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis  # noqa: PLR2004 - X and ...
    inner = [peel(argument) for argument in (arguments[:1] if endless else arguments)]
    if any(element.nullable for element in inner) and (endless or origin is not tuple):
        raise UnsupportedTypeError("a CQL collection holds no null; leave None out of its element type")
    elements = tuple(_inside(column_type(element, enum_values=enum_values)) for element in inner)
    if origin in _MAPS:
        return _map(elements)
    if origin is tuple and not endless:
        return _tuple(elements)
    if origin is tuple:
        return _frozen(_sequence("list", elements[0], tuple))
    if origin is frozenset:
        return _frozen(_sequence("set", elements[0], frozenset))
    if origin in _SETS:
        return _sequence("set", elements[0], set)
    return _sequence("list", elements[0], list)


def _inside(element: ColumnType) -> ColumnType:
    """A collection inside a collection is frozen: Cassandra allows nothing else."""
    return _frozen(element) if element.collection is not None and not element.frozen else element


def _frozen(column: ColumnType) -> ColumnType:
    if column.frozen:
        return column
    return ColumnType(
        f"frozen<{column.cql}>",
        column.encode,
        column.decode,
        column.collection,
        column.empty,
        column.elements,
        frozen=True,
    )


def _sequence(kind: Literal["list", "set"], element: ColumnType, holder: Callable[..., Any]) -> ColumnType:
    return ColumnType(
        f"{kind}<{element.cql}>",
        encode=_each(element.encode, holder),
        decode=None if holder in (list, set) and element.decode is None else _each_read(element.decode, holder),
        collection=kind,
        empty=holder,
        elements=(element,),
    )


def _each(encode: Convert | None, holder: Callable[..., Any]) -> Convert:
    def convert(values: Any) -> Any:
        if isinstance(values, (str, bytes, Mapping)):
            kind = type(cast("object", values)).__name__
            raise ValueError(f"a {kind} is no collection of single values; put it into one")  # noqa: TRY004 - one kind of refusal
        held = holder(values) if encode is None else holder(map(encode, values))
        if None in held:
            raise ValueError(_NULL_ELEMENT)
        return held

    return convert


_NULL_ELEMENT = "a CQL collection holds no null; take None out"


def _each_read(decode: Convert | None, holder: Callable[..., Any]) -> Convert:
    if decode is None:
        return holder
    return lambda values: holder(map(decode, values))


def _map(elements: tuple[ColumnType, ...]) -> ColumnType:
    key, value = elements
    encode_key, encode_value, decode_key, decode_value = key.encode, value.encode, key.decode, value.decode

    def encode(values: Mapping[Any, Any]) -> Any:
        held = {
            (k if encode_key is None else encode_key(k)): (v if encode_value is None else encode_value(v))
            for k, v in values.items()
        }
        if None in held or None in held.values():
            raise ValueError(_NULL_ELEMENT)
        return held

    def decode(values: Mapping[Any, Any]) -> Any:
        return {
            (k if decode_key is None else decode_key(k)): (v if decode_value is None else decode_value(v))
            for k, v in values.items()
        }

    return ColumnType(
        f"map<{key.cql}, {value.cql}>",
        encode=encode,
        decode=None if decode_key is None and decode_value is None else decode,
        collection="map",
        empty=dict,
        elements=elements,
    )


def _tuple(elements: tuple[ColumnType, ...]) -> ColumnType:
    """A CQL tuple: always frozen, and the only composite whose parts may be null."""
    size = len(elements)

    def encode(values: Sequence[Any]) -> Any:
        if len(values) != size:
            raise ValueError(f"this tuple has {size} parts")
        return tuple(
            v if v is None or part.encode is None else part.encode(v) for v, part in zip(values, elements, strict=True)
        )

    def decode(values: Sequence[Any]) -> Any:
        return tuple(
            v if v is None or part.decode is None else part.decode(v) for v, part in zip(values, elements, strict=True)
        )

    plain = all(element.decode is None for element in elements)
    cql = f"tuple<{', '.join(element.cql for element in elements)}>"
    return ColumnType(cql, encode, None if plain else decode, elements=elements, frozen=True)


def _unsupported(core: Any) -> str:
    known = ", ".join(python.__name__ for python in PYTHON_TO_CQL)
    if core is dt.timedelta:
        return "timedelta has no CQL type of its own; use CqlDuration, or store seconds in an int or float field"
    return f"{_name(core)} has no CQL type; a field is one of {known}, an enum, or list, set, dict or tuple of these"


def _name(python: Any) -> str:
    return getattr(python, "__name__", None) or str(python)
