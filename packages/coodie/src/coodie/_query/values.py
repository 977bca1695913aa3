"""Values given by keyword → values as a driver takes them, checked as Pydantic checks the field.

A value that is compared is checked for its type alone: `priority__gte=0` is right also where the field says `gt=0`. A
value that is written is checked with everything that the field demands, and so is one that a field of the key equals: a
row has the key that its validators have made. What any other field equals or contains is looked for as its validators
make it, and as it is given where they refuse it: see `FieldChecker.stored`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from ipaddress import IPv4Network, IPv6Network
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError

from coodie import fields as markers
from coodie._model.assigning import field_assigner
from coodie._model.extract import EMPTY_KEY, encode_value, long_key, null_inside
from coodie._model.far_dates import taking_far_dates
from coodie._schema.annotations import bare, metadata_within, peel
from coodie._schema.column_types import collection_of
from coodie._schema.compiled import compile_function, present_converted, with_usual_of
from coodie._schema.faults import place_of_fault
from coodie._schema.hashing import hashable
from coodie._schema.key_bytes import has_any_length, safe_length
from coodie.errors import InvalidValueError

if TYPE_CHECKING:
    from coodie._schema.columns import Column

ValueReader = Callable[[object], Any]


_SINGLE = (str, bytes, Mapping, BaseModel, IPv4Network, IPv6Network)
"""What Python can iterate over and is one value of a column all the same."""


def several(value: object) -> list[object] | None:
    """The values of a list, set or other iterable; None for a single value, as a text, a dict or a user type is too."""
    if isinstance(value, _SINGLE) or not isinstance(value, Iterable):
        return None
    return list(cast("Iterable[object]", value))


def plain_type(column: Column) -> type | None:
    """The Python type of a scalar field, of whose instances only the column's own check is to be made."""
    core = bare(column.annotation)
    return core if isinstance(core, type) and not column.type.elements else None


def quick_reader(column: Column, plain: type, checked: ValueReader, *, exact: bool) -> ValueReader:
    """Reads what is exactly of the field's type without asking Pydantic, and leaves all else to `checked`."""
    measured = exact and _may_be_long(column)
    if measured and plain not in (str, bytes):
        return checked
    kind = plain.__name__ if plain.__module__ == "builtins" else f"plain_{id(plain)}"  # whoever has the name, keeps it
    names: dict[str, object] = {kind: plain, "checked": checked}
    test = f"type({{0}}) is {kind}"
    if exact and column.never_empty:
        test += " and {0}"
    safe = safe_length([column]) if measured else None
    if safe is not None:
        test += f" and len({{0}}) <= {safe}"
    encode = column.type.encode
    if encode is None:
        lines = [f"return value if {test.format('value')} else checked(value)"]
    else:
        made = present_converted("value", "encode", encode, names)
        # What is wrong with a value is said by `checked`.
        lines = [f"if {test.format('value')}:", "    try:", f"        return {made}", "    except ValueError:"]
        lines += ["        pass", "return checked(value)"]
    read: ValueReader = compile_function("read", "value", lines, names)
    return with_usual_of(read, test, encode, **{kind: plain})


def _may_be_long(column: Column) -> bool:
    return column.kind == "partition_key" and has_any_length(column.type)


def value_reader(model: str, column: Column, *, exact: bool, checker: FieldChecker | None = None) -> ValueReader:
    """Reads a value to compare the column with; an exact one is refused that no row can have: an empty or long key.

    A checker checks it as what is written, with all that the field demands.
    """
    check = _checker(model, column, bare(column.annotation)) if checker is None else checker.reader(column)
    measured = exact and _may_be_long(column)
    may_be_empty = not (exact and column.never_empty)

    def read(value: object) -> Any:
        try:
            checked = encode_value(model, column, check(value))
        except InvalidValueError as error:
            raise null_inside(model, column, value) or error from None
        if not (may_be_empty or checked):
            raise InvalidValueError(model, column.field, EMPTY_KEY)
        fault = long_key(model, [column], [checked]) if measured else None
        if fault is not None:
            raise fault
        return checked

    return read


def element_reader(model: str, column: Column) -> ValueReader:
    """Reads a value to look for among the elements of a list or set, or the values of a dict."""
    return _part_reader(model, column, -1)


def key_reader(model: str, column: Column) -> ValueReader:
    """Reads a value to look for among the keys of a dict."""
    return _part_reader(model, column, 0)


def key_checker(model: str, column: Column) -> ValueReader:
    """Reads a key of a dict, or an element of a set, and leaves it as a field may hold it."""
    return _part_checker(model, column, 0)


def _part_reader(model: str, column: Column, place: int) -> ValueReader:
    check = _part_checker(model, column, place)
    return lambda value: encode_part(model, column, place, check(value))


def _part_checker(model: str, column: Column, place: int) -> ValueReader:
    core = peel(column.annotation).core
    arguments = [each for each in collection_of(core, get_origin(core) or core)[1] if each is not Ellipsis]
    return _checker(model, column, bare(arguments[place]))


def encode_part(model: str, column: Column, place: int, value: Any) -> Any:
    """A key, element or value of a collection as a driver takes it.

    Raises:
        InvalidValueError: it does not fit the column.
    """
    part = column.type.elements[place]
    if part.encode is None:
        return value
    try:
        # Keys, and elements of sets, stand in a set when they are sent.
        return hashable(part.encode(value)) if part.has_user_type and place == 0 else part.encode(value)
    except ValueError as error:
        raise InvalidValueError(model, column.field, str(error)) from error


class FieldChecker:
    """Checks values that are to be written, as constructing the model would check its fields."""

    __slots__ = ("_assign", "_model", "_thawed")

    def __init__(self, model: type[BaseModel], *, thawed: bool = False) -> None:
        """Check for this model; Pydantic's part is made at the first use, since many models are never updated.

        Fields that never change are refused, unless `thawed`: to look for their values is no change.
        """
        self._model = model
        self._thawed = thawed
        self._assign: Callable[[dict[str, Any], str, object], Any] = self._first_assign

    def _first_assign(self, held: dict[str, Any], field: str, value: object) -> Any:
        self._assign = field_assigner(self._model, thawed=self._thawed)
        return self._assign(held, field, value)

    def checks_type_only(self, column: Column) -> bool:
        """Whether the model demands nothing of the field but its type."""
        model = self._model
        info = model.model_fields[column.field]
        decorators = model.__pydantic_decorators__
        validated = {name for each in decorators.field_validators.values() for name in each.info.fields}
        own_schema: Any = model.__get_pydantic_core_schema__
        core = bare(column.annotation)
        if isinstance(core, type) and issubclass(core, Enum) and model.model_config.get("use_enum_values"):
            return False  # a member is given, and its value is what the field holds
        if decorators.validators or validated & {column.field, "*"} or _TRANSFORMS.intersection(model.model_config):
            return False
        if own_schema.__func__ is not vars(BaseModel)["__get_pydantic_core_schema__"].__func__:
            return False
        metadata = peel(info.annotation, tuple(info.metadata)).metadata
        return all(type(each).__module__ == markers.__name__ for each in metadata)

    def stored(self, column: Column, operator: str) -> ValueReader | None:
        """Makes of a value that is looked for what rows have of it; None where that is the value itself.

        It stays as it is where the model refuses it, which a row may have all the same; and where what is made of it
        would become something else once more, so that nobody can tell which of the two was given: of a text that is
        decoded, or hashed, rows are asked for what they have.

        Args:
            column: the column that is compared.
            operator: how: by `=` and `IN` with values of the field, else with its parts.
        """
        if operator not in ("=", "IN", "CONTAINS", "CONTAINS KEY") or not self._may_change(column):
            return None
        kind = column.type.collection
        if operator in ("=", "IN"):
            return _settled(lambda value: self.check(column, value, {}))
        if kind == "map":
            return _settled(self._part(column, 0 if operator == "CONTAINS KEY" else -1))

        def element(value: object) -> object:
            (made,) = self.check(column, {value} if kind == "set" else [value], {})
            return made

        return _settled(element)

    def _may_change(self, column: Column) -> bool:
        """Whether what the model demands of a field may make another value of one that is of its type."""
        model = self._model
        info = model.model_fields[column.field]
        decorators = model.__pydantic_decorators__
        validated = {name for each in decorators.field_validators.values() for name in each.info.fields}
        if decorators.validators or validated & {column.field, "*"} or _CHANGES.intersection(model.model_config):
            return True
        constraints = (markers.__name__, "annotated_types")
        hung = (*info.metadata, *metadata_within(info.annotation))
        return not all(type(each).__module__ in constraints for each in hung)

    def _part(self, column: Column, place: int) -> ValueReader:
        """Makes keys or values of a dict, by what is hung on their type and the texts of the model's configuration."""
        arguments = get_args(peel(column.annotation).core)
        config = {name: given for name, given in self._model.model_config.items() if name in _CHANGES}
        made: list[Callable[[object], Any]] = []

        def check(value: object) -> object:
            if not made:
                made.append(_adapter(arguments[place], config).validate_python)
            return made[0](value)

        return check

    def reader(self, column: Column) -> ValueReader:
        """Reads values of one column, of which validators see no others."""
        return lambda value: self.check(column, value, {})

    def check(self, column: Column, value: object, held: dict[str, Any]) -> Any:
        """The value as the field holds it.

        Args:
            column: the column of the field.
            value: what is to be written.
            held: the values by field, of which validators see the others; Pydantic may put the checked value there.

        Raises:
            InvalidValueError: the field's type, a constraint, a validator or the model's configuration refuses it; or a
                validator takes the value of another field, which is not held.
        """
        try:
            return self._assign(held, column.field, value)[0][column.field]
        except KeyError as error:
            other = error.args[0] if error.args else None
            if other not in self._model.model_fields or other in held:
                raise
            problem = f"its validator takes info.data[{other!r}], and here the field is checked without that one"
            fix = f"use info.data.get({other!r}) in the validator"
            raise InvalidValueError(self._model.__name__, column.field, f"{problem}; {fix}") from error
        except ValidationError as error:
            model = self._model.__name__
            null = null_inside(model, column, value)
            place = place_of_fault(column.type, _path(error)[1:])  # it begins with the field
            raise null or InvalidValueError(model, column.field, _problem(column, error), place) from None


def _settled(make: ValueReader) -> ValueReader:
    """What is made of a value, where the same is made of that again; else the value."""

    def read(value: object) -> object:
        if isinstance(value, Iterator):  # what is refused or made otherwise would be used up
            value = list(cast("Iterator[object]", value))
        try:
            made = make(value)
            return made if made is not None and (made == value or make(made) == made) else value
        except Exception:  # noqa: BLE001 - validators may raise anything; what is wrong with its type is said later
            return value

    return read


def chained(first: ValueReader | None, then: ValueReader) -> ValueReader:
    """Reads by one after the other."""
    return then if first is None else lambda value: then(first(value))


_CHANGES = frozenset({"coerce_numbers_to_str", "str_strip_whitespace", "str_to_lower", "str_to_upper"})
"""What a model's configuration may do to values whose type is right."""

_TRANSFORMS = frozenset(
    {
        "coerce_numbers_to_str",
        "str_max_length",
        "str_min_length",
        "str_strip_whitespace",
        "str_to_lower",
        "str_to_upper",
        "allow_inf_nan",
    }
)
"""What a model's configuration may demand of, or do to, values whose type is right."""


def _checker(model: str, column: Column, annotation: Any) -> ValueReader:
    """The check of one annotation; Pydantic's part is made at its first use, since most fields are never compared."""
    made: list[Callable[[object], Any]] = []

    def check(value: object) -> Any:
        if not made:
            adapter = _adapter(annotation)
            again = attrgetter("validate_python")
            made.append(taking_far_dates(adapter.validate_python, adapter.core_schema, again))
        try:
            return made[0](value)
        except ValidationError as error:
            place = place_of_fault(column.type, _path(error))
            raise InvalidValueError(model, column.field, _problem(column, error), place) from None

    return check


def _adapter(annotation: Any, config: Any = None) -> Any:
    from pydantic import (  # noqa: PLC0415 - most programs never compare or update through it
        ConfigDict,
        PydanticSchemaGenerationError,
        TypeAdapter,
    )

    try:
        if config:
            return TypeAdapter(annotation, config=config)
        # Without a configuration: Pydantic takes none for a dataclass, which a duration is.
        return TypeAdapter(annotation)
    except PydanticSchemaGenerationError:
        # A class that Pydantic does not know, as documents may have: its instances are right.
        return TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))


def _path(error: ValidationError) -> tuple[int | str, ...]:
    """Where the first fault stands."""
    return error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]


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
