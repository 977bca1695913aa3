"""From a field's annotation to its CQL type, and the two conversions between field and driver.

`encode` turns a field's value into what a driver takes, `decode` what a driver returns into the field's value; None
means that they are the same. Both are put together once per class, from the leaves up.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, MutableSet, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from enum import Enum
from functools import cache, partial
from ipaddress import IPv6Address
from typing import Any, Generic, Literal, cast, get_args, get_origin

from coodie import fields
from coodie._schema.annotations import Peeled, peel
from coodie._schema.cql_types import (
    ColumnType,
    frozen,
    held_in,
    map_of,
    refuse_iterator,
    sequence_of,
    tuple_of,
    unhashable_in,
)
from coodie._schema.scalars import (
    MARKER_TO_CQL,
    NULL_ELEMENT,
    PYTHON_TO_CQL,
    Rules,
    address_check,
    fits_float,
    is_any_address,
    mapped,
    pydantic_datetime,
    scalar_check,
    timestamp_check,
    unmapped,
    without_zone,
    wrong_type,
)
from coodie._schema.stand_ins import StandIn, stand_in

_LISTS = (list, Sequence, MutableSequence)
_SETS = (set, frozenset, AbstractSet, MutableSet)
_MAPS = (dict, Mapping, MutableMapping)


OF_COLUMNS = (
    *(fields.PrimaryKey, fields.ClusteringKey, fields.Static, fields.Counter, fields.Indexed, fields.VectorIndex),
    *(fields.Version, fields.Protected, fields.Discriminator),
)
"""The markers that say something of a whole column."""

_AROUND_COLLECTIONS = (fields.PrimaryKey, fields.ClusteringKey, fields.Static, fields.Indexed, fields.Protected)


class UnsupportedTypeError(TypeError):
    """The annotation has no CQL type; the sentence says which would do."""


def column_type(peeled: Peeled, rules: Rules) -> ColumnType:
    """The CQL type of a peeled annotation.

    Args:
        peeled: the annotation without what stands around it.
        rules: what the model says of all its fields.

    Raises:
        UnsupportedTypeError: no CQL type fits, or a marker does not fit the type.
    """
    core: object = peeled.core
    if not peeled.metadata and isinstance(core, type) and core in PYTHON_TO_CQL:
        return _plain(core, rules)
    _check_markers(peeled)
    origin: Any = get_origin(peeled.core) or peeled.core
    plain, arguments, holder = collection_of(peeled.core, origin)
    if plain is not None:
        _refuse_outside(peeled)
    vector = peeled.marker(fields.Vector)
    if vector is not None:
        return _vector(peeled, vector.dimensions)
    if hasattr(peeled.core, "__coodie_user_type__"):
        made: ColumnType = peeled.core.__coodie_user_type__().type
        return frozen(made) if peeled.marker(fields.Frozen) is not None else made
    if plain is not None:
        found = _collection(plain, arguments, holder, rules)
        return frozen(found) if peeled.marker(fields.Frozen) is not None else found
    return _scalar(peeled, rules)


@cache
def _plain(core: type, rules: Rules) -> ColumnType:
    """The type of most fields: a plain Python type without markers, worked out once."""
    return _scalar(Peeled(core), rules)


def _check_markers(peeled: Peeled) -> None:
    bare = next(
        (each for each in peeled.metadata if isinstance(each, type) and each.__module__ == fields.__name__), None
    )
    if bare is not None:
        raise UnsupportedTypeError(f"write {bare.__name__}() with parentheses; without them it is no marker")
    chosen = [type(each).__name__ for each in peeled.metadata if type(each) in MARKER_TO_CQL]
    if len(chosen) > 1:
        raise UnsupportedTypeError(f"{'() and '.join(chosen)}() choose several CQL types; a column has one")


def _refuse_outside(peeled: Peeled) -> None:
    """Refuse a marker of a single value around a collection, where it would choose nothing."""
    marker = peeled.marker(*MARKER_TO_CQL)
    if marker is not None:
        name, python = type(marker).__name__, _name(MARKER_TO_CQL[type(marker)][1])
        fix = f"mark the type in the brackets, as in list[Annotated[{python}, {name}()]]"
        raise UnsupportedTypeError(f"{name}() belongs on {python}, not on a collection; {fix}")


def _refuse_inside(element: Peeled, holder: str) -> None:
    """Refuse a marker of a whole column on what a collection holds, where it would make and protect nothing."""
    marker = element.marker(*OF_COLUMNS)
    if marker is not None:
        name = f"{type(marker).__name__}()"
        around = f"write Annotated[{holder}[...], {name}]"
        fix = around if isinstance(marker, _AROUND_COLLECTIONS) else "leave it out: no column of collections is one"
        raise UnsupportedTypeError(f"{name} is for whole columns, and marks what a {holder} holds here; {fix}")


def _scalar(peeled: Peeled, rules: Rules) -> ColumnType:
    core: Any = peeled.core
    if peeled.marker(fields.Frozen) is not None:
        raise UnsupportedTypeError("Frozen() is for collections; a single value is always replaced whole")
    if get_origin(core) is Literal:
        return _literal(get_args(core), peeled, rules)
    if _is_enum(core):
        return _enum(core, peeled, rules)
    kept = stand_in(peeled)
    if kept is not None:
        return _kept(kept, _scalar(Peeled(kept.base, peeled.metadata), rules))
    marker = peeled.marker(*MARKER_TO_CQL)
    if marker is not None:
        cql, python = MARKER_TO_CQL[type(marker)]
        if core is not python:
            raise UnsupportedTypeError(f"{type(marker).__name__}() belongs on {_name(python)}, not on {_name(core)}")
        return ColumnType(cql, encode=scalar_check(cql))
    datetime = pydantic_datetime(core)
    if datetime is not None:
        decode = without_zone if datetime == "NaiveDatetime" else None
        return ColumnType("timestamp", timestamp_check(rules, naive=datetime == "NaiveDatetime"), decode)
    if is_any_address(core):
        return ColumnType("inet", encode=address_check(object))
    cql = PYTHON_TO_CQL.get(core, "") if isinstance(core, type) else ""
    if not cql:
        raise UnsupportedTypeError(_unsupported(core))
    check = timestamp_check(rules) if cql == "timestamp" else scalar_check(cql)
    return ColumnType(cql, encode=check or address_check(core))


def _kept(kept: StandIn, base: ColumnType) -> ColumnType:
    """The type of what stands in for a field's value, between which it converts besides."""
    check, stand, restore, read = base.encode, kept.encode, kept.decode, base.decode

    def encode(value: Any) -> Any:
        if value is None:  # inside a collection; `str()` would make a text of it
            raise ValueError(NULL_ELEMENT)
        return stand(value) if check is None else check(stand(value))

    if restore is None or read is None:
        return replace(base, encode=encode, decode=restore or read)

    def decode(value: Any) -> Any:
        return restore(read(value))

    return replace(base, encode=encode, decode=decode)


def _literal(values: tuple[Any, ...], peeled: Peeled, rules: Rules) -> ColumnType:
    found = _scalar(Peeled(_common_type(values), peeled.metadata), rules)
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


def _enum(core: type[Enum], peeled: Peeled, rules: Rules) -> ColumnType:
    if not len(core):
        fix = "give it some, or take its values' type, such as str"
        raise UnsupportedTypeError(f"{core.__name__} has no members, of which the column's values would be; {fix}")
    value_type = _scalar(Peeled(_common_type(tuple(m.value for m in core)), peeled.metadata), rules.by_value())
    check = value_type.encode
    known = frozenset(member.value for member in core)

    def encode(value: Any) -> Any:
        plain = value.value if isinstance(value, Enum) else value
        if plain not in known:
            plain = _value_of(core, plain)
        return plain if check is None else check(plain)

    return ColumnType(value_type.cql, encode=encode, decode=None if rules.enum_values else core)


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


def collection_of(core: Any, origin: Any) -> tuple[Any, tuple[Any, ...], Callable[..., Any] | None]:
    """The plain collection that a type is, what it holds, and the subclass that makes the field's value, if it is one.

    `core` is a peeled annotation, `origin` its class. The first is None where the type is no collection.
    """
    if origin in _LISTS or origin in _SETS or origin in _MAPS or origin is tuple:
        return origin, get_args(core), None
    plain = next((each for each in _PLAIN if isinstance(origin, type) and issubclass(origin, each)), None)
    # A TypedDict (it has `__total__`) is no class of its own values.
    if plain is None or hasattr(origin, "__total__"):
        return None, (), None
    arguments = get_args(core)
    if origin is Counter:
        return plain, (*arguments, int) if arguments else (), origin
    for base in _filled_bases(origin, arguments):
        found, inherited, _ = collection_of(base, get_origin(base) or base)
        if found is plain and inherited:
            return plain, inherited, origin
    return plain, arguments, origin


def _filled_bases(origin: Any, arguments: tuple[Any, ...]) -> list[Any]:
    """What a class says that it is derived from, where its type parameters stand for these arguments."""
    bases: tuple[Any, ...] = getattr(origin, "__orig_bases__", ())
    if not arguments:
        return [*bases]
    used = [each for base in bases for each in getattr(base, "__parameters__", ())]
    given: dict[Any, Any] = dict(zip(getattr(origin, "__parameters__", dict.fromkeys(used)), arguments, strict=False))
    # `Generic[K, V]` only names the parameters.
    bases = tuple([base for base in bases if get_origin(base) is not Generic])
    parameters = [getattr(base, "__parameters__", ()) for base in bases]
    filled = [tuple([given.get(each, each) for each in names]) for names in parameters]
    return [base[arguments] if arguments else base for base, arguments in zip(bases, filled, strict=True)]


_PLAIN: tuple[type, ...] = (list, set, frozenset, dict)


def _collection(origin: Any, arguments: tuple[Any, ...], holder: Callable[..., Any] | None, rules: Rules) -> ColumnType:
    demanded = len(arguments) or 1 if origin is tuple else 2 if origin in _MAPS else 1
    if len(arguments) != demanded:
        name = _name(holder or origin)
        plain = _name(origin)
        is_own = holder is not None and holder.__module__ != "collections"
        fix = f"derive it from {plain}[...]" if is_own else f"write {name}[...]"
        raise UnsupportedTypeError(f"{name} does not say what it holds; {fix} with the type of its elements")
    endless = origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis  # noqa: PLR2004 - X and ...
    inner = [peel(argument) for argument in (arguments[:1] if endless else arguments)]
    for element in inner:
        _refuse_inside(element, _name(holder or origin))
    if any(element.nullable for element in inner) and (endless or origin is not tuple):
        raise UnsupportedTypeError("a CQL collection holds no null; leave None out of its element type")
    elements = tuple(column_type(element, rules).inside() for element in inner)
    if "inet" in (elements[0].cql, elements[-1].cql) and (endless or origin is not tuple):
        elements = tuple(_rewritten(held, element.core) for held, element in zip(elements, inner, strict=True))
    if origin in _SETS or origin in _MAPS:
        _check_ordered(origin, elements[0])
    found = _plain_collection(origin, elements, endless=endless)
    if holder is defaultdict:
        return held_in(found, _made_by_default(arguments))
    if holder is None:
        return found
    _check_made_of_elements(holder, origin)
    return held_in(found, holder)


def _check_made_of_elements(holder: Callable[..., Any], plain: type[Any]) -> None:
    """Refuse a class that is not made of its elements alone, as rows are read; a `defaultdict` takes something else."""
    try:
        holder(plain())
    except TypeError:
        name, of = _name(holder), "entries" if plain is dict else "elements"
        base, fix = plain, f"let {name}({of}) make one"
        if isinstance(holder, type) and issubclass(holder, defaultdict):
            base, fix = defaultdict, "write def __init__(self, entries=()) in it, with super().__init__(int, entries)"
        problem = f"{name} cannot be made of {of} alone, as rows are read"
        raise UnsupportedTypeError(f"{problem}; {fix}, or take {_name(base)}[...]") from None


def _made_by_default(arguments: tuple[Any, ...]) -> Callable[..., Any]:
    """What makes a defaultdict of entries: Pydantic chooses what a new key has, by the type of the values."""
    from pydantic import ConfigDict, TypeAdapter  # noqa: PLC0415 - few models have such a field

    holder: Any = defaultdict
    adapter = TypeAdapter(holder[arguments], config=ConfigDict(arbitrary_types_allowed=True))
    return partial(holder, adapter.validate_python({}).default_factory)


def _check_ordered(origin: Any, element: ColumnType) -> None:
    """Refuse what no set holds and no dict has as keys: what Python cannot hash, and CQL cannot put in an order."""
    what = f"the keys of a {_name(origin)}" if origin in _MAPS else f"what a {_name(origin)} holds"
    unhashable = unhashable_in(element)
    if unhashable is not None:
        raise UnsupportedTypeError(f"{what} must be hashable, which {unhashable[0]}; {unhashable[1]}")
    if element.cql == "duration":
        fix = "hold durations in a list, or as the values of a dict"
        raise UnsupportedTypeError(f"{what} must have an order in CQL, which durations have not; {fix}")


def _rewritten(element: ColumnType, core: object) -> ColumnType:
    """The type of an element that a server reads and writes anew, as it does in collections and not in tuples.

    Of an address that has one it makes the IPv4 address: that is sent, so that all look for the same bytes, and is read
    as what the field says.
    """
    check = element.encode
    if element.cql != "inet" or check is None:
        return element

    def encode(value: Any) -> Any:
        return unmapped(check(value))

    return replace(element, encode=encode, decode=mapped if core is IPv6Address else element.decode)


def _plain_collection(origin: Any, elements: tuple[ColumnType, ...], *, endless: bool) -> ColumnType:
    if origin in _MAPS:
        return map_of(elements)
    if origin is tuple and not endless:
        return tuple_of(elements)
    if origin is tuple:
        return frozen(sequence_of("list", elements[0], tuple))
    if origin is frozenset:
        return frozen(sequence_of("set", elements[0], frozenset))
    if origin in _SETS:  # what promises no way to change it, Pydantic makes a frozenset
        return sequence_of("set", elements[0], frozenset if origin is AbstractSet else set)
    return sequence_of("list", elements[0], list)


def _vector(peeled: Peeled, dimensions: int) -> ColumnType:
    arguments = get_args(peeled.core)
    if get_origin(peeled.core) is not list or peel(arguments[0]).core is not float or peel(arguments[0]).metadata:
        raise UnsupportedTypeError(f"Vector() belongs on list[float], not on {_name(peeled.core)}")
    if peeled.marker(fields.Frozen) is not None:
        raise UnsupportedTypeError("Frozen() is for collections; a vector is always replaced whole")

    def encode(values: Any) -> Any:
        if hasattr(values.__class__, "__next__"):
            refuse_iterator(values, list)
        if isinstance(values, (str, bytes, Mapping)) or len(values) != dimensions:
            raise ValueError(f"the vectors of this field have {dimensions} numbers")
        held = list(values)
        for value in held:
            if type(value) not in (float, int):
                raise ValueError(wrong_type("float", value))
            if not fits_float(value):
                raise ValueError("a vector holds CQL floats of 32 bits, and a number of it is too large for one")
        return held

    return ColumnType(f"vector<float, {dimensions}>", encode=encode, dimensions=dimensions)


def _unsupported(core: Any) -> str:
    known = ", ".join(python.__name__ for python in PYTHON_TO_CQL)
    if hasattr(core, "model_fields"):
        return f"{_name(core)} has no CQL type; derive it from coodie.usertype.UserType and it is a user type"
    return f"{_name(core)} has no CQL type; a field is one of {known}, an enum, or list, set, dict or tuple of these"


def _name(python: Any) -> str:
    return getattr(python, "__name__", None) or str(python)
