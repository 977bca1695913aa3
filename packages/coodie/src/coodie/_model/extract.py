"""Document → values: a function compiled per model and column list, and the words for a value that does not fit."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from coodie._model.tracking import before_doubt, known_values, unknown_class_of
from coodie._schema.compiled import REFUSALS, compile_function, converted
from coodie._schema.families import names_values, of_another_class
from coodie._schema.fitting import fault_in, fitting_tests, told_at_once
from coodie._schema.key_bytes import has_any_length, key_fault, safe_length
from coodie._schema.parts import misfit_in, place_of_null
from coodie._schema.scalars import NULL_ELEMENT
from coodie.errors import InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    from coodie._schema.columns import Column
    from coodie._schema.cql_types import ColumnType

    Part = tuple[str, ColumnType | None]
    """A field, and the type that a driver takes a value for; None where the value was checked whole."""

Extractor = Callable[[Any], tuple[Any, ...]]

EMPTY_KEY = "is the whole partition key and is empty, which no server stores; give it a value"


def compile_extractor(model: str, columns: Sequence[Column]) -> Extractor:
    """Make the function that takes these columns' values out of a document, ready for a driver.

    The function raises `InvalidValueError` where a value does not fit its column, or a key has none.
    """
    names: dict[str, object] = {"REFUSALS": REFUSALS, "refusal": partial(_refusal, model, columns)}
    lines, parts = _taking(columns, names)
    lines += _returning(columns, parts, names)
    refusing = ["except REFUSALS as error:", "    raise refusal(document, error) from error"]
    extract: Extractor = compile_function(
        "extract", "document", ["try:", *(f"    {line}" for line in lines), *refusing], names
    )
    return extract


def compile_fitting_extractor(columns: Sequence[Column]) -> Callable[[Any], tuple[Any, ...] | None]:
    """Make the function that does as an extractor does and looks whether a driver takes each of the values.

    It gives None where one is to be looked at by itself.
    """
    names: dict[str, object] = {"REFUSALS": REFUSALS}
    lines, parts = _taking(columns, names)
    values = [f"v{place}" for place in range(len(columns))]
    tests = fitting_tests([column.type for column in columns], names)
    others: list[str] = []
    for place, (column, value) in enumerate(zip(columns, values, strict=True)):
        told = told_at_once(column.type, value)
        if told is None:
            lines.append(f"{value} = {parts[place]}")
            others.append(tests[place])
            continue
        test, made = told
        lines += [
            f"{value} = held[{column.field!r}]",
            f"if {test}:",
            f"    {value} = {made}",
            f"elif {value} is not None:",
            f"    {value} = encode{place}({value})",
            f"    if not {tests[place]}: return None",
        ]
    if others:
        lines.append(f"if not ({' and '.join(others)}): return None")
    lines += _returning(columns, values, names)
    refusing = ["except REFUSALS:", "    return None"]
    take: Callable[[Any], tuple[Any, ...] | None] = compile_function(
        "take", "document", ["try:", *(f"    {line}" for line in lines), *refusing], names
    )
    return take


def null_form(column: Column) -> str | None:
    """The source that asks of a value what `Column.is_null` does; None where no row has a null there."""
    if column.in_key:
        return None
    return "not {}" if column.type.collection is not None and not column.type.frozen else "{} is None"


@lru_cache(maxsize=1_000)
def compile_null_test(forms: tuple[str | None, ...]) -> Callable[[tuple[object, ...]], bool]:
    """Make the function that tells whether a row has a null: `in` would ask each value whether it equals one.

    Args:
        forms: of each value of the row, what `null_form` says.
    """
    tests = [form.format(f"v{place}") for place, form in enumerate(forms) if form is not None]
    if not tests:
        return lambda _: False
    names = "".join("_, " if form is None else f"v{place}, " for place, form in enumerate(forms))
    lines = [f"{names}= row", f"return {' or '.join(tests)}"]
    test: Callable[[tuple[object, ...]], bool] = compile_function("has_null", "row", lines, {})
    return test


def _taking(columns: Sequence[Column], names: dict[str, object]) -> tuple[list[str], list[str]]:
    """The lines that begin an extractor, and the source of each value."""
    parts: list[str] = []
    lines = ["held = document.__dict__"]
    for place, column in enumerate(columns):
        value = f"held[{column.field!r}]"
        if column.in_key:
            lines.append(f"if {f'not {value}' if column.never_empty else f'{value} is None'}: raise KeyError")
        if column.own_value is not None:  # a conversion never sees a None
            names.update({f"column{place}": column, f"own{place}": column.own_value, "is_its_class": is_its_class})
            lines.append(
                f"if {value} != own{place} and not is_its_class(document, column{place}, {value}): raise ValueError"
            )
        if column.type.encode is not None:
            value = converted(value, f"encode{place}", column.type.encode, names)
        parts.append(value)
    return lines, parts


def _returning(columns: Sequence[Column], parts: list[str], names: dict[str, object]) -> list[str]:
    """The lines that return the values; before, where a key can be too long, they look whether it is."""
    tests: list[str] = []
    for kind in ("partition_key", "clustering_key"):
        key = [column for column in columns if column.kind == kind]
        sized = [columns.index(column) for column in key if has_any_length(column.type)]
        if not sized:
            continue
        for place in sized:
            parts[place] = f"(key{place} := {parts[place]})"
        safe = safe_length(key)
        tests.append("True" if safe is None else f"{' + '.join(f'len(key{place})' for place in sized)} > {safe}")
    if not tests:
        return [f"return ({', '.join(parts)},)" if parts else "return ()"]
    names.update(key_fault=key_fault, columns=tuple(columns))
    # A key that is long for sure is measured; which column it is about is found out again for the sentence.
    measured = f"if ({' or '.join(tests)}) and key_fault(columns, row): raise KeyError"
    return [f"row = ({', '.join(parts)},)", measured, "return row"]


def _refusal(model: str, columns: Sequence[Column], document: BaseModel, error: Exception) -> InvalidValueError:
    """Find the field that the compiled function stumbled over."""
    for column in columns:
        if column.field not in document.__dict__:
            return InvalidValueError(model, column.field, "has no value; it was not loaded or not set")
        value = document.__dict__[column.field]
        if value is None and column.in_key:
            return InvalidValueError(model, column.field, "is part of the primary key and is None; give it a value")
        if column.never_empty and not value:
            return InvalidValueError(model, column.field, EMPTY_KEY)
        try:
            encode_held(model, document, column, value)
        except InvalidValueError as found:
            return found
    held = document.__dict__
    row = [encode_value(model, column, held[column.field]) for column in columns]
    misfit = misfit_of(model, [part_of(column) for column in columns], row)
    return misfit or long_key(model, columns, row) or InvalidValueError(model, "?", str(error))


def long_key(model: str, columns: Sequence[Column], values: Sequence[object]) -> InvalidValueError | None:
    """The error for a key that is too long for any server; None where it fits.

    Args:
        model: the model's name.
        columns: all those of the partition key, and perhaps others.
        values: of each column the value, as a driver takes it.
    """
    fault = key_fault(columns, values)
    return None if fault is None else InvalidValueError(model, fault[0].field, fault[1])


def is_its_class(document: BaseModel, column: Column, value: Any) -> bool:
    """Whether a discriminator's value is its document's own: that of the class, or what the row is known to have.

    Rows of classes that this program does not know are read as documents of the base. So are those of which the base
    says by a `Literal` or an enum that there are such, and that no class has. A document of such a row that was pickled
    or deleted since keeps its class, too.
    """
    own = column.own_value
    if own is None or value is None:
        return own is None
    taken = value if column.type.encode is None else column.type.encode(value)
    schema: Any = getattr(type(document), "__coodie_schema__", None)
    if taken == own or schema is None or schema.family is None:
        return bool(taken == own)
    there = {each.name: before_doubt(stored) for each, stored in known_values(document, schema).items()}
    if taken in (there.get(column.name), unknown_class_of(document)):
        return True
    return taken not in schema.family.members and names_values(column, schema)


def encode_held(model: str, document: BaseModel, column: Column, value: Any) -> Any:
    """One value of a document as a driver takes it, of the discriminator its own only.

    Raises:
        InvalidValueError: the value does not fit the column.
    """
    taken = encode_value(model, column, value)
    if column.own_value is not None and not is_its_class(document, column, value):
        raise InvalidValueError(model, column.field, of_another_class(model, column.own_value))
    return taken


def encode_value(model: str, column: Column, value: Any) -> Any:
    """One value as a driver takes it.

    Raises:
        InvalidValueError: the value does not fit the column.
    """
    if value is None:
        if column.own_value is not None:
            raise InvalidValueError(model, column.field, of_another_class(model, column.own_value))
        return value
    if column.type.encode is None:
        return value
    try:
        return column.type.encode(value)
    except REFUSALS as error:
        place, problem = misfit_in(column.type, value) or ("", f"a {type(value).__name__} is no value for it")
        raise null_inside(model, column, value) or InvalidValueError(model, column.field, problem, place) from error


def null_inside(model: str, column: Column, value: object) -> InvalidValueError | None:
    """The error for a None inside a collection, which says where it stands; None where there is none."""
    place = None if value is None else place_of_null(column.type, value)
    return None if place is None else InvalidValueError(model, column.field, NULL_ELEMENT, place)


def misfit_of(model: str, parts: Sequence[Part], values: Sequence[object]) -> InvalidValueError | None:
    """The error for the first value that a driver cannot take for its type, or None.

    Extracting and reading leave the plainest types to the driver, which looks at every value anyway: this finds the
    field.
    """
    for (field, column_type), value in zip(parts, values, strict=True):
        fault = None if column_type is None else fault_in(column_type, value)
        if column_type is not None and fault is not None:
            inside = misfit_in(column_type, value) if column_type.encode is None else None
            place, problem = inside or fault
            return InvalidValueError(model, field, problem, place)
    return None


def part_of(column: Column) -> Part:
    """A column's field with the type of its values."""
    return column.field, column.type
