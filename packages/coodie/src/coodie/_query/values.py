"""Values given by keyword → values as a driver takes them, checked as Pydantic checks the field.

A value that is compared is checked for its type alone: `priority__gte=0` is right also where the field says `gt=0`. A
value that is written is checked with everything that the field demands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast, get_args

from pydantic import ValidationError

from coodie._model.assigning import fields_validator
from coodie._model.extract import EMPTY_KEY, encode_value
from coodie._schema.annotations import bare, peel
from coodie.errors import InvalidValueError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from coodie._schema.columns import Column

ValueReader = Callable[[object], Any]


def several(value: object) -> list[object] | None:
    """The values of a list, set or other iterable; None for a single value, which a text or a dict is too."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        return None
    return list(cast("Iterable[object]", value))


def value_reader(model: str, column: Column, *, may_be_empty: bool) -> ValueReader:
    """Reads a value to compare the column with, and refuses an empty one where no row can have it."""
    core = bare(column.annotation)
    check = _checker(model, column, core)
    plain = core if isinstance(core, type) and column.type.encode is None else None

    def read(value: object) -> Any:
        # A value of exactly the field's type needs no check: most are.
        if type(value) is plain and (may_be_empty or value):
            return value
        checked = encode_value(model, column, check(value))
        if may_be_empty or checked:
            return checked
        raise InvalidValueError(model, column.field, EMPTY_KEY)

    return read


def element_reader(model: str, column: Column) -> ValueReader:
    """Reads a value to look for among the elements of a list or set, or the values of a dict."""
    return _part_reader(model, column, -1)


def key_reader(model: str, column: Column) -> ValueReader:
    """Reads a value to look for among the keys of a dict."""
    return _part_reader(model, column, 0)


def _part_reader(model: str, column: Column, place: int) -> ValueReader:
    arguments = [argument for argument in get_args(peel(column.annotation).core) if argument is not Ellipsis]
    check = _checker(model, column, bare(arguments[place]))
    encode = column.type.elements[place].encode

    def read(value: object) -> Any:
        checked = check(value)
        if encode is None:
            return checked
        try:
            return encode(checked)
        except ValueError as error:
            raise InvalidValueError(model, column.field, str(error)) from error

    return read


class FieldChecker:
    """Checks values that are to be written, as constructing the model would check its fields."""

    __slots__ = ("_assign", "_model")

    def __init__(self, model: type[BaseModel]) -> None:
        """Check for this model; Pydantic's part is made at the first use, since many models are never updated."""
        self._model = model
        self._assign: Callable[[dict[str, Any], str, object], Any] = self._first_assign

    def _first_assign(self, held: dict[str, Any], field: str, value: object) -> Any:
        self._assign = fields_validator(self._model).validate_assignment
        return self._assign(held, field, value)

    def check(self, column: Column, value: object, held: dict[str, Any]) -> Any:
        """The value as the field holds it.

        Args:
            column: the column of the field.
            value: what is to be written.
            held: the values by field, of which validators see the others; Pydantic may put the checked value there.

        Raises:
            InvalidValueError: the field's type, a constraint, a validator or the model's configuration refuses it.
        """
        try:
            return self._assign(held, column.field, value)[0][column.field]
        except ValidationError as error:
            raise InvalidValueError(self._model.__name__, column.field, _problem(column, error)) from None


def _checker(model: str, column: Column, annotation: Any) -> ValueReader:
    """The check of one annotation; Pydantic's part is made at its first use, since most fields are never compared."""
    made: list[Callable[[object], Any]] = []

    def check(value: object) -> Any:
        if not made:
            from pydantic import TypeAdapter  # noqa: PLC0415 - most programs never compare or update through it

            # Without a configuration: Pydantic takes none for a dataclass, which a duration is.
            made.append(TypeAdapter(annotation).validate_python)
        try:
            return made[0](value)
        except ValidationError as error:
            raise InvalidValueError(model, column.field, _problem(column, error)) from None

    return check


def _problem(column: Column, error: ValidationError) -> str:
    """Pydantic's own sentences, without the value that it would repeat; about a type, they say which was given."""
    sentences: list[str] = []
    of_type = False
    for fault in error.errors(include_url=False, include_context=False):
        about_type = fault["type"].endswith(_TYPE_FAULTS)
        of_type = of_type or about_type
        sentences.append(f"{fault['msg']} (given: {type(fault['input']).__name__})" if about_type else fault["msg"])
    return "; ".join([*sentences, f"the column is CQL {column.type.cql}"] if of_type else sentences)


_TYPE_FAULTS = ("_type", "_parsing", "_instance_of", "_address")
"""How Pydantic ends the name of a fault that is about a value's type, not about what the field demands besides."""
