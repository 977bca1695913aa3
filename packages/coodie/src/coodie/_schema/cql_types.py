"""`ColumnType`, a CQL type as a field uses it, and the types that are made of others: collections and tuples."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, cast

from coodie._schema.compiled import with_usual_copy
from coodie._schema.hashing import hashable
from coodie._schema.scalars import NULL_ELEMENT, Convert

CollectionKind = Literal["list", "set", "map"]

_HOLDERS: dict[str | None, Convert] = {"list": list, "set": set, "map": dict}


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
        dimensions: how many numbers a vector has; None for anything else.
        user_type: the class of a user type; None for anything else.
    """

    cql: str
    encode: Convert | None = None
    decode: Convert | None = None
    collection: CollectionKind | None = None
    empty: Callable[[], object] | None = None
    elements: tuple[ColumnType, ...] = ()
    frozen: bool = False
    dimensions: int | None = None
    user_type: type[Any] | None = None

    @property
    def is_native(self) -> bool:
        """Whether it is one of CQL's own types and not made of others."""
        return "<" not in self.cql and self.user_type is None

    @property
    def is_changing(self) -> bool:
        """Whether parts of it can be changed in place: a collection or user type that is not frozen."""
        return (self.collection is not None or self.user_type is not None) and not self.frozen

    @property
    def has_user_type(self) -> bool:
        """Whether it is a user type, or made of some."""
        return self.user_type is not None or any(element.has_user_type for element in self.elements)

    @property
    def fresh(self) -> Convert | None:
        """`decode`, or what copies a value that can change in place: the row is kept beside the field."""
        return self.decode or (_HOLDERS.get(self.collection) if self.dimensions is None else list)

    def inside(self) -> ColumnType:
        """The type as it stands inside another one: there Cassandra takes collections and user types frozen only."""
        return frozen(self) if self.is_changing else self


def frozen(column: ColumnType) -> ColumnType:
    """The type as a value that is only replaced whole."""
    if column.frozen:
        return column
    return replace(column, cql=f"frozen<{column.cql}>", frozen=True)


def sequence_of(kind: Literal["list", "set"], element: ColumnType, holder: Callable[..., Any]) -> ColumnType:
    """A CQL list or set of such elements, which Python holds in this class."""
    read = element.fresh if kind == "list" else element.decode  # what stands in a set cannot change
    return ColumnType(
        f"{kind}<{element.cql}>",
        encode=each_written(_hashable_encode(element) if kind == "set" else element.encode, holder),
        decode=None if holder in (list, set) and read is None else each_read(read, holder),
        collection=kind,
        empty=holder,
        elements=(element,),
    )


def map_of(elements: tuple[ColumnType, ...]) -> ColumnType:
    """A CQL map of such keys and values."""
    key, value = elements
    encode_key, encode_value = _hashable_encode(key), value.encode
    decode_key, decode_value = key.decode, value.fresh

    def encode(values: Mapping[Any, Any]) -> Any:
        held = {
            (k if encode_key is None else encode_key(k)): (v if encode_value is None else encode_value(v))
            for k, v in values.items()
        }
        if None in held or None in held.values():
            raise ValueError(NULL_ELEMENT)
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


def tuple_of(elements: tuple[ColumnType, ...]) -> ColumnType:
    """A CQL tuple: always frozen, and the only composite whose parts may be null."""
    size = len(elements)

    def encode(values: Sequence[Any]) -> Any:
        if hasattr(values.__class__, "__next__"):
            refuse_iterator(values, tuple)
        if len(values) != size:
            raise ValueError(f"this tuple has {size} parts")
        return tuple(
            v if v is None or part.encode is None else part.encode(v) for v, part in zip(values, elements, strict=True)
        )

    def decode(values: Sequence[Any]) -> Any:
        return tuple(v if v is None or read is None else read(v) for v, read in zip(values, reads, strict=True))

    reads = [element.fresh for element in elements]
    cql = f"tuple<{', '.join(element.cql for element in elements)}>"
    return ColumnType(cql, encode, decode if any(reads) else None, elements=elements, frozen=True)


def held_in(found: ColumnType, holder: Callable[..., Any]) -> ColumnType:
    """A collection whose values in Python are of a class of their own."""
    decode = found.decode
    if decode is None:
        return replace(found, decode=holder, empty=holder)

    def made(values: Any) -> Any:
        return holder(decode(values))

    return replace(found, decode=made, empty=holder)


_NO_COLLECTIONS = (
    "list, set and dict are not",
    "write tuple[..., ...] or frozenset[...]: CQL has the same of them",
)
_NO_VECTORS = ("a vector is not", "hold vectors in a list")


def unhashable_in(element: ColumnType) -> tuple[str, str] | None:
    """What keeps Python from holding such values in a set, and the way out; None where it can hold them.

    It holds no list, set or dict, no tuple with one in it, and no instance of a user type that has no hash.
    """
    if element.user_type is not None:
        return _unhashable_type(element.user_type)
    if element.dimensions is not None:
        return _NO_VECTORS
    made: Any = element.empty
    holder: Any = made.func if isinstance(made, partial) else made
    if holder is not None and holder.__hash__ is None:
        return _NO_COLLECTIONS
    return next(filter(None, map(unhashable_in, element.elements)), None)


def _unhashable_type(cls: type[Any]) -> tuple[str, str] | None:
    """The same of a user type: a frozen one has the hash of its fields, unless it says one itself."""
    name, own = cls.__name__, cls.__hash__
    if cast("object", own) is None:
        return f"{name} is not", f"write model_config = ConfigDict(frozen=True) in {name}"
    if getattr(own, "__module__", "").partition(".")[0] != "pydantic":
        return None
    for field in cls.__coodie_user_type__().fields:
        found = unhashable_in(field.type)
        if found in (_NO_COLLECTIONS, _NO_VECTORS):
            fix = f"write tuple[..., ...] or frozenset[...] there, or a __hash__ of its own in {name}"
            return f"field {field.field!r} of {name} is not", fix
        if found is not None:
            return found
    return None


def each_written(encode: Convert | None, holder: Callable[..., Any]) -> Convert:
    """The encoding of all elements."""

    def convert(values: Any) -> Any:
        if isinstance(values, (str, bytes, Mapping)):
            kind = type(cast("object", values)).__name__
            raise ValueError(f"a {kind} is no collection of single values; put it into one")  # noqa: TRY004 - one kind of refusal
        if hasattr(values.__class__, "__next__"):  # not ABC's `Iterator`, which would be asked by a call
            refuse_iterator(values, holder)
        held = holder(values) if encode is None else holder(map(encode, values))
        if None in held:
            raise ValueError(NULL_ELEMENT)
        return held

    return convert if encode is not None else with_usual_copy(convert, holder)


def refuse_iterator(values: object, holder: Callable[..., Any]) -> None:
    """Refuse what gives its elements only once: whoever looks first, to compare or to write, leaves the field empty.

    Args:
        values: what has a `__next__`; one that is a collection all the same can be gone through again.
        holder: the class that holds the elements.

    Raises:
        ValueError: it is no collection.
    """
    if isinstance(values, Collection):
        return
    problem = f"an iterator ({type(values).__name__}) gives its elements only once"
    raise ValueError(f"{problem}; write {holder.__name__}(...) around it")


def refuse_iterators_inside(value: object) -> None:
    """Refuse iterators at any depth of what is only a stand-in for a value, which each look validates anew.

    Raises:
        ValueError: there is one.
    """
    if hasattr(value.__class__, "__next__"):
        refuse_iterator(value, list)
    if isinstance(value, Mapping):
        value = cast("Mapping[object, object]", value).values()
    if isinstance(value, Collection) and not isinstance(value, (str, bytes)):
        for each in cast("Collection[object]", value):
            refuse_iterators_inside(each)


def _hashable_encode(element: ColumnType) -> Convert | None:
    """The encoding of an element of a set or a key of a map, which Python must be able to hash."""
    encode = element.encode
    if encode is None or not element.has_user_type:
        return encode
    return lambda value: hashable(encode(value))


def each_read(decode: Convert | None, holder: Callable[..., Any]) -> Convert:
    """The decoding of all elements."""
    if decode is None:
        return holder
    return lambda values: holder(map(decode, values))
