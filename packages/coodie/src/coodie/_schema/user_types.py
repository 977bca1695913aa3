"""A user type as values: its name and fields, and the two conversions between an instance and what a driver takes.

A driver takes and returns a user type as a mapping by the names of its fields in CQL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ValidationError

from coodie import fields
from coodie._schema.annotations import peel
from coodie._schema.column_types import OF_COLUMNS, UnsupportedTypeError, column_type
from coodie._schema.compiled import REFUSALS
from coodie._schema.cql_types import ColumnType, refuse_iterators_inside
from coodie._schema.defaults import default_of
from coodie._schema.scalars import Rules
from coodie._schema.settings import OF_VALUES, refuse_extra, snake_case, user_type_settings
from coodie.errors import InvalidModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydantic.fields import FieldInfo

    from coodie._schema.defaults import Default


@dataclass(frozen=True, slots=True, eq=False)
class UserTypeField:
    """One field of a user type.

    Attributes:
        field: the field's name in Python.
        name: the field's name in CQL: its alias, where it has one.
        type: its CQL type and conversions.
        nullable: whether the field allows None.
        default: makes the field's default; None where the field is required.
    """

    field: str
    name: str
    type: ColumnType
    nullable: bool
    default: Default | None

    def absent(self, held: Mapping[str, Any]) -> Any:
        """What a null of this field reads as beside the fields before it, as for a column."""
        if self.nullable:
            return None
        if self.type.empty is not None:
            return self.type.empty()
        default = self.default
        if default is None:
            return None
        return default.make({}) if default.made_of is None else default.of(held)


@dataclass(frozen=True, slots=True, eq=False)
class UserTypeSchema:
    """What a class says about its user type.

    Attributes:
        cls: the class.
        name: the type's name.
        keyspace: the keyspace that the class names; None for that of the table, or the connection's own.
        fields: its fields, in the order of the class.
        type: the type as a field of a model uses it: not frozen.
    """

    cls: type[BaseModel]
    name: str
    keyspace: str | None
    fields: tuple[UserTypeField, ...]
    type: ColumnType

    @property
    def place(self) -> tuple[str, str]:
        """Where its class was defined: one that is defined again is in the same place."""
        return self.cls.__module__, self.cls.__qualname__

    @property
    def as_made(self) -> tuple[tuple[str, str], ...]:
        """The names and the types of its fields in CQL, in their order."""
        return tuple([(each.name, each.type.cql) for each in self.fields])


def describe_type(cls: type[BaseModel]) -> UserTypeSchema:
    """Read a complete class's fields and settings.

    Raises:
        InvalidModelError: the class cannot be a user type as it is written.
    """
    refuse_extra(cls)
    settings = user_type_settings(cls)
    name = settings.get("type_name") or snake_case(cls.__name__)
    by_value = bool(cls.model_config.get("use_enum_values"))
    rules = Rules(by_value, **{name: settings[name] for name in OF_VALUES if name in settings})
    found = tuple(_field(cls, field, info, rules) for field, info in cls.model_fields.items())
    names = [each.name for each in found]
    twice = next((each for each in names if names.count(each) > 1), None)
    if twice is not None:
        raise InvalidModelError(cls.__name__, f"two fields are both {twice!r} in CQL; give one another alias")
    if not found:
        raise InvalidModelError(cls.__name__, "has no fields, which no server takes; add one")
    made = ColumnType(_quoted(name), encode=_encoder(cls, found), decode=_decoder(cls, found), user_type=cls)
    described = UserTypeSchema(cls, name, settings.get("keyspace"), found, made)
    refuse_types_of_one_name(cls.__name__, [*user_types_in(each.type for each in found), described])
    return described


def nulls_of(found: Iterable[UserTypeField]) -> dict[str, Any]:
    """What the fields of a value read as that a row has none of; without those that nothing can be made for."""
    held: dict[str, Any] = {}
    for each in found:
        try:
            held[each.field] = each.absent(held)
        except Exception:  # noqa: BLE001, S112 - a `default_factory` is the program's own
            continue
    return held


def user_types_in(types: Iterable[ColumnType]) -> list[UserTypeSchema]:
    """The user types that these types are made of, each once, after those that it is made of itself."""
    found: dict[type, UserTypeSchema] = {}
    for each in types:
        for inner in _inside(each):
            found.setdefault(inner.cls, inner)
    return list(found.values())


def refuse_types_of_one_name(model: str, types: Iterable[UserTypeSchema]) -> None:
    """Refuse classes of one table that say different things of one type, which a keyspace has once.

    Those are let be that have the same fields in the same order, by which values are compared: they are one type.

    Raises:
        InvalidModelError: names two of them.
    """
    seen: dict[str, UserTypeSchema] = {}
    known = list(types)
    for each in known:
        other = seen.setdefault(each.name, each)
        if other.as_made != each.as_made:
            raise InvalidModelError(model, _two_of_one_name(model, known, other, each))


def _two_of_one_name(model: str, known: Sequence[UserTypeSchema], one: UserTypeSchema, other: UserTypeSchema) -> str:
    """What is wrong with two classes, and what to do: one that was defined again lives on in what holds it."""
    fix = "give one another type_name in its Settings"
    if one.place == other.place:
        holders = [
            each.cls.__name__
            for each in known
            if each.cls.__name__ != model
            and any(held in (one, other) for held in user_types_in(field.type for field in each.fields))
        ]
        problem = (
            f"{one.cls.__name__} was defined again, and is the user type {one.name!r} with other fields than before"
        )
        again = " and ".join(dict.fromkeys(holders)) or f"the bases of {model}"
        return f"{problem}; define {again} again too, or {fix}"
    names = [each.cls.__name__ for each in (one, other)]
    if names[0] == names[1]:
        names = [f"{module}.{name}" for module, name in (one.place, other.place)]
    problem = f"{' and '.join(names)} are both the user type {one.name!r}, and have different fields"
    return f"{problem}; {fix}, or take one class for both"


def _inside(column: ColumnType) -> Iterator[UserTypeSchema]:
    for element in column.elements:
        yield from _inside(element)
    if column.user_type is not None:
        described: UserTypeSchema = column.user_type.__coodie_user_type__()
        for field in described.fields:
            yield from _inside(field.type)
        yield described


def _field(cls: type[BaseModel], field: str, info: FieldInfo, rules: Rules) -> UserTypeField:
    peeled = peel(info.annotation, tuple(info.metadata))
    misplaced = next((each for each in peeled.metadata if isinstance(each, OF_COLUMNS)), None)
    if misplaced is not None:
        problem = f"field {field!r} is marked {type(misplaced).__name__}(), which is for columns of a table"
        fix = (
            "mark the column that holds the type" if isinstance(misplaced, fields.Protected) else "leave the marker out"
        )
        raise InvalidModelError(cls.__name__, f"{problem}; {fix}")
    try:
        found = column_type(peeled, rules)
    except UnsupportedTypeError as error:
        raise InvalidModelError(cls.__name__, f"field {field!r}: {error}") from None
    return UserTypeField(field, info.alias or field, found.inside(), peeled.nullable, default_of(cls, field, info))


def _quoted(name: str) -> str:
    from cql_builder.ast.types import UserType  # noqa: PLC0415 - only what has user types pays for them
    from cql_builder.compiler import type_text  # noqa: PLC0415

    return type_text(UserType(name))


def _encoder(cls: type[BaseModel], found: tuple[UserTypeField, ...]) -> Callable[[Any], Any]:
    parts = [(each.field, each.name, each.type.encode) for each in found]

    def encode(value: Any) -> dict[str, Any]:
        if not isinstance(value, cls):
            value = _validated(cls, value)
        held = value.__dict__
        encoded: dict[str, Any] = {}
        for field, name, convert in parts:
            inner = held.get(field)
            if inner is not None and convert is not None:
                try:
                    inner = convert(inner)
                except REFUSALS as error:
                    raise ValueError(f"{cls.__name__}.{field}: {_problem(error, inner, field)}") from None
            encoded[name] = inner
        return encoded

    return encode


def _problem(error: Exception, value: object, field: str) -> str:
    # Only this package's own sentences are repeated: any other may hold the value.
    return str(error) if type(error) is ValueError else f"a {type(value).__name__} is no value for field {field!r}"


def _validated(cls: type[BaseModel], value: object) -> BaseModel:
    if not isinstance(value, Mapping):
        raise ValueError(f"takes {cls.__name__} or a dict, not {type(value).__name__}")  # noqa: TRY004 - one kind of refusal
    refuse_iterators_inside(cast("Mapping[str, object]", value))
    try:
        return cls.model_validate(dict(cast("Mapping[str, object]", value)))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
    # Not chained: Pydantic's error holds the value.
    raise ValueError(f"{cls.__name__}.{where}: {first['msg']}")


def _decoder(cls: type[BaseModel], found: tuple[UserTypeField, ...]) -> Callable[[Any], Any]:
    parts = [(each.field, each.name, each.type.fresh, each.absent) for each in found]
    names = frozenset(each.field for each in found)
    slots = {slot: BaseModel.__dict__[slot].__set__ for slot in _SLOTS}

    def decode(value: Any) -> Any:
        if isinstance(value, cls):
            return value
        held: dict[str, Any] = {}
        for field, name, convert, absent in parts:
            inner = value.get(name)
            held[field] = absent(held) if inner is None else inner if convert is None else convert(inner)
        made = cls.__new__(cls)
        slots["__dict__"](made, held)
        slots["__pydantic_fields_set__"](made, set(names))
        slots["__pydantic_extra__"](made, None)
        slots["__pydantic_private__"](made, None)
        if cls.__pydantic_post_init__:
            made.model_post_init(None)
        return made

    return decode


_SLOTS = ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
