"""From CQL types to annotations: what a field is that holds what a column has, the way back of `column_types`."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Annotated, Any

from coodie import fields
from coodie._schema.column_types import UnsupportedTypeError
from coodie._schema.scalars import MARKER_TO_CQL, PYTHON_TO_CQL
from cql_builder.ast.types import (
    DataType,
    FrozenType,
    ListType,
    MapType,
    NativeType,
    SetType,
    TupleType,
    UserType,
    VectorType,
)
from cql_builder.compiler import type_text
from cql_builder.schema.types import inner_types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# To type checkers an annotation that is put together is none.
_annotated: Any = Annotated
_list: Any = list
_set: Any = set
_frozenset: Any = frozenset
_dict: Any = dict
_tuple: Any = tuple


def _plain_annotations() -> dict[str, Any]:
    found: dict[str, Any] = {cql: python for python, cql in reversed(PYTHON_TO_CQL.items())}
    found["inet"] = IPv4Address | IPv6Address
    for marker, (cql, python) in MARKER_TO_CQL.items():
        found.setdefault(cql, _annotated[python, marker()])
    return found


_PLAIN = _plain_annotations()


class Annotations:
    """Makes annotations of the types of one table."""

    def __init__(self, user_type: Callable[[str], Any]) -> None:
        """Make annotations, user types with what gives the class for each by its name."""
        self._user_type = user_type

    def of(self, data_type: DataType, *, hashable: bool = False) -> Any:
        """The annotation of a field that holds values of a type, none of them null.

        Args:
            data_type: the type, in canonical spelling.
            hashable: whether the values are elements of sets or keys of maps, which Python must be able to hash.

        Raises:
            UnsupportedTypeError: no field holds such values; the sentence says why.
        """
        if isinstance(data_type, FrozenType):
            return self._of_frozen(data_type.inner, hashable=hashable)
        if isinstance(data_type, NativeType) and data_type.name in _PLAIN:
            return _PLAIN[data_type.name]
        if isinstance(data_type, (ListType, SetType, MapType)):
            return self._of_collection(data_type, hashable=hashable)
        if isinstance(data_type, TupleType):
            # A part of a tuple may be null.
            return _tuple[tuple(self._inside(each, hashable=hashable) | None for each in data_type.elements)]
        if isinstance(data_type, UserType):
            return self._user_type(data_type.name)
        return self._of_vector(data_type, hashable=hashable)

    def _of_frozen(self, inner: DataType, *, hashable: bool) -> Any:
        found = self.of(inner, hashable=hashable)
        return found if hashable or isinstance(inner, TupleType) else _annotated[found, fields.Frozen()]

    def _inside(self, data_type: DataType, *, hashable: bool) -> Any:
        """The annotation of what stands inside another type, where it is frozen without being marked."""
        return self.of(data_type.inner if isinstance(data_type, FrozenType) else data_type, hashable=hashable)

    def _of_collection(self, data_type: ListType | SetType | MapType, *, hashable: bool) -> Any:
        if isinstance(data_type, MapType):
            if hashable:
                raise UnsupportedTypeError(f"{_UNHASHABLE} a map")
            return _dict[self._inside(data_type.key, hashable=True), self._inside(data_type.value, hashable=False)]
        if isinstance(data_type, SetType):
            return (_frozenset if hashable else _set)[self._inside(data_type.element, hashable=True)]
        inner = self._inside(data_type.element, hashable=hashable)
        return _tuple[inner, ...] if hashable else _list[inner]

    def _of_vector(self, data_type: DataType, *, hashable: bool) -> Any:
        if not isinstance(data_type, VectorType) or data_type.element != NativeType("float"):
            known = "vectors are of float" if isinstance(data_type, VectorType) else "no field has that type"
            raise UnsupportedTypeError(f"CQL {type_text(data_type)}: {known}")
        if hashable:
            raise UnsupportedTypeError(f"{_UNHASHABLE} a vector")
        return _annotated[_list[float], fields.Vector(data_type.dimension)]


def hashed_types(types: Iterable[DataType], fields_of: Callable[[str], Iterable[DataType]]) -> frozenset[str]:
    """The names of the user types that stand in a set, or as a key of a map, somewhere in these types.

    Args:
        types: the types of columns.
        fields_of: gives the types of the fields of a user type.
    """
    return frozenset(name for each in types for name in _hashed(each, fields_of, inside=False))


def _hashed(data_type: DataType, fields_of: Callable[[str], Iterable[DataType]], *, inside: bool) -> Iterator[str]:
    if isinstance(data_type, FrozenType):
        yield from _hashed(data_type.inner, fields_of, inside=inside)
    elif isinstance(data_type, UserType):
        if inside:
            yield data_type.name
        for each in fields_of(data_type.name):
            yield from _hashed(each, fields_of, inside=inside)
    elif isinstance(data_type, MapType):
        yield from _hashed(data_type.key, fields_of, inside=True)
        yield from _hashed(data_type.value, fields_of, inside=inside)
    else:
        for each in inner_types(data_type):
            yield from _hashed(each, fields_of, inside=inside or isinstance(data_type, SetType))


_UNHASHABLE = "an element of a set or a key of a map is hashed by Python, which cannot hash"
