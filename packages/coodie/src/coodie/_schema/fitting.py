"""The second look at a value that a driver would refuse: which part of it is of the wrong Python type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any, cast

from coodie._schema.compiled import COPIES, compile_function, usual_of
from coodie._schema.scalars import DRIVER_TYPES, wrong_type
from coodie_drivers.values import UNSET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from coodie._schema.cql_types import ColumnType


def fault_of(column_type: ColumnType, value: object) -> str | None:
    """What keeps a driver from taking this value for this type, or None.

    The value is one that was encoded already; a null and what is left unset fit every type.
    """
    found = fault_in(column_type, value)
    return None if found is None else found[1]


def fault_in(column_type: ColumnType, value: object) -> tuple[str, str] | None:
    """Which field of a user type keeps a driver from taking a value, and what is wrong; None where a driver takes it.

    The first is how Python gets to the field, such as `[3].street`; empty where no user type is on the way.
    """
    if value is None or value is UNSET:
        return None
    if column_type.elements:
        return _fault_inside(column_type, value)
    if column_type.user_type is not None:
        return _fault_of_fields(column_type.user_type, value)
    if not _is_taken(column_type.cql, value):
        return "", wrong_type(column_type.cql, value)
    fault = _fault_of_text(value) if isinstance(value, str) else None
    return None if fault is None else ("", fault)


def compile_fitting(column_types: Sequence[ColumnType | None]) -> Callable[[Sequence[Any]], bool]:
    """Make the function that tells of a row of values whether a driver takes each for its type; None takes anything.

    Most values are of exactly the type that a driver gives, and are told by that; others are looked at one by one.
    """
    names: dict[str, object] = {}
    tests = fitting_tests(column_types, names)
    cells = "".join(f"v{place}, " for place in range(len(column_types)))
    lines = [f"{cells}= values", f"return {' and '.join(tests)}"] if tests else ["return True"]
    # A list that is thought to hold texts may hold anything.
    fits: Callable[[Sequence[Any]], bool] = compile_function(
        "fits", "values", ["try:", *(f"    {line}" for line in lines), "except TypeError:", "    return False"], names
    )
    return fits


def fitting_tests(column_types: Sequence[ColumnType | None], names: dict[str, object]) -> list[str]:
    """The sources of tests of values that are called v0, v1 and so on: whether a driver takes each for its type.

    Args:
        column_types: the types; None takes anything.
        names: what the sources mention; more is added.
    """
    tests: list[str] = []
    for place, column_type in enumerate(column_types):
        if column_type is None:
            continue
        names[f"fits{place}"] = partial(_fits, column_type)
        usual = _usual_test(column_type, f"v{place}", f"kind{place}", names)
        tests.append(f"({usual}v{place} is None or fits{place}(v{place}))")
    return tests


def told_at_once(column_type: ColumnType, value: str) -> tuple[str, str] | None:
    """The sources of a test that most values of a type pass, and of what is sent of these, which a driver takes.

    So it is with whole numbers, and with lists and sets of texts: of what is no text the test raises a TypeError.
    """
    usual = None if column_type.encode is None else usual_of(column_type.encode)
    if usual is None:
        return None
    if usual.test.startswith("type({0}) is int and "):
        return (usual.test.format(value), value) if usual.made == "{0}" else None
    if not column_type.elements or usual.made not in COPIES:
        return None
    texts = _usual_test(column_type, value, "", {})
    return (texts.removesuffix(" or "), usual.made.format(value)) if texts else None


def _usual_test(column_type: ColumnType, value: str, kind: str, names: dict[str, object]) -> str:
    """The source of a test that is true of most values of a type that fit, and of no other."""
    kinds = DRIVER_TYPES.get(column_type.cql)
    if kinds is not None and not column_type.elements:
        names[kind] = kinds[0]
        return f"type({value}) is {kind} {f'and {value}.isascii() ' if kinds[0] is str else ''}or "
    holder: Any = {"list": list, "set": set}.get(column_type.collection or "")
    inner = DRIVER_TYPES.get(column_type.elements[0].cql) if column_type.elements else None
    if holder is None or inner is None or inner[0] is not str:
        return ""
    return f"type({value}) is {holder.__name__} and ''.join({value}).isascii() or "


def _fits(column_type: ColumnType, value: object) -> bool:
    return fault_of(column_type, value) is None


def _is_taken(cql: str, value: object) -> bool:
    kinds = DRIVER_TYPES.get(cql)
    if kinds is None:
        return True
    # Python counts a bool as an int and a datetime as a date; CQL counts neither.
    if isinstance(value, bool):
        return bool in kinds
    if isinstance(value, dt.datetime):
        return dt.datetime in kinds
    return isinstance(value, kinds)


def _fault_of_text(value: str) -> str | None:
    try:
        value.encode()
    except UnicodeEncodeError:
        return "the text holds half of a surrogate pair, which UTF-8 cannot carry"
    return None


def _fault_of_fields(user_type: Any, value: object) -> tuple[str, str] | None:
    """What is wrong with the fields of a user type, which a driver takes by their names in CQL."""
    held = cast("Mapping[str, object]", value if isinstance(value, Mapping) else {})
    for each in user_type.__coodie_user_type__().fields:
        inside = fault_in(each.type, held.get(each.name))
        if inside is not None:
            return f".{each.field}{inside[0]}", inside[1]
    return None


def _fault_inside(column_type: ColumnType, value: object) -> tuple[str, str] | None:
    types = column_type.elements
    if column_type.collection == "map":
        if not isinstance(value, Mapping):
            return "", f"CQL {column_type.cql} takes dict, not {type(value).__name__}"
        entries = cast("Mapping[object, object]", value)
        keys = _first_fault(zip(repeat(types[0]), entries), ".keys()")
        return keys or _first_fault(zip(repeat(types[1]), entries.values()), ".values()")
    if not isinstance(value, (list, tuple, set, frozenset)):
        return "", f"CQL {column_type.cql} takes a collection, not {type(value).__name__}"
    parts = cast("Iterable[Any]", value)
    if column_type.collection is None:
        return _first_fault(zip(types, parts, strict=False))
    return _first_fault(zip(repeat(types[0]), parts), has_order=column_type.collection == "list")


def _first_fault(
    parts: Iterable[tuple[ColumnType, object]], holder: str = "", *, has_order: bool = True
) -> tuple[str, str] | None:
    for place, (column_type, part) in enumerate(parts):
        inside = fault_in(column_type, part)
        if inside is not None:
            way, fault = inside
            at = f"{holder}[{place}]" if has_order else holder  # what a set holds has no place in it
            return f"{at}{way}" if way else "", fault
    return None
