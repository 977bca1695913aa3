"""Rows → documents: a function compiled per model and column list.

A driver that vouches for the Python types of the type table is trusted: each row becomes an instance without running
Pydantic's validators, whole in every way that Pydantic looks at (fields set, extra, private attributes). A driver
that does not vouch (`needs_row_validation`) has each row validated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from coodie._hydration.blanks import BLANK, can_become
from coodie._model.assigning import fields_validator
from coodie._model.base import DocumentBase
from coodie._model.tracking import SLOT, KnownPart, know_made, made_anew
from coodie._schema.compiled import REFUSALS, compile_function, present_converted
from coodie.errors import InvalidRowError

if TYPE_CHECKING:
    from coodie._model.hooking import Hooks
    from coodie._model.tracking import Place
    from coodie._query.target import Target
    from coodie._schema.columns import Column

D = TypeVar("D", bound=DocumentBase)
Hydrator = Callable[[Sequence[tuple[Any, ...]]], list[Any]]

_SLOTS = ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")


def hydrator_of(
    target: Target[D], columns: tuple[Column, ...], *, validated: bool | None = None
) -> Callable[[Sequence[tuple[Any, ...]]], list[D]]:
    """The function that turns rows of these columns into documents, made at its first use.

    Args:
        target: the model and its table.
        columns: those of a row, in order; a document has no other fields.
        validated: whether each row is validated; None leaves it to what the driver says of itself.
    """
    key = ("hydrate", columns is target.schema.columns or columns, validated)
    known: Hydrator | None = target.plans.known(key)
    if known is not None:
        return known
    return target.plans.get(key, lambda: hydrator_for(target, target.model, columns, validated=validated))


def hydrator_for(
    target: Target[Any], model: type[BaseModel], columns: tuple[Column, ...], *, validated: bool | None = None
) -> Hydrator:
    """Make the function that turns rows of these columns into documents of a model, as the target's driver demands."""
    whole = len(columns) == len(model.model_fields)
    if not (target.validates_rows if validated is None else validated):
        in_order = [column.field for column in columns] == list(model.model_fields)
        methods = _methods(model)
        return _compile_hydrator(model, columns, methods, whole=whole, in_order=in_order, place=target.place)
    return (_validating_hydrator if whole else _checking_hydrator)(model, columns, target.place)


def _compile_hydrator(  # noqa: PLR0913 - what a document is made of
    model: type[BaseModel],
    columns: Sequence[Column],
    methods: Sequence[str],
    *,
    whole: bool,
    in_order: bool,
    place: Place | None,
) -> Hydrator:
    """Make the function that turns rows of these columns into documents.

    The function raises `InvalidRowError` where a value cannot become the field's, such as an unknown value of an enum
    whose members the model holds.

    Args:
        model: the model.
        columns: those of a row, in order.
        methods: the lines that run when a document was made, see `_methods`.
        whole: whether a row has all columns.
        in_order: whether it has them in the order of the model's fields.
        place: where the rows are, if somebody has said so.
    """
    names = _names_of(model, columns)
    names["place"] = place
    names["anew"] = anew = _made_anew(model, columns)
    nulls = " or ".join(f"v{each} is None" for each in anew)
    display = ", ".join(f"{column.field!r}: {_value(place, column, names)}" for place, column in enumerate(columns))
    making = _making_defaults(model, columns, names)
    slots = {
        "__dict__": "held" if making else f"{{{display}}}",
        # Where every field stands in it, nothing is ever added, and the documents of a page may have one together.
        "__pydantic_fields_set__": "fields" if whole else "loaded.copy()",
        "__pydantic_extra__": "None",
        SLOT: "row" if in_order and place is None else "KnownPart(columns, row, place)",
        "__pydantic_private__": "None",
    }
    body = [
        "documents = []",
        "add = documents.append",
        "fields = loaded.copy()",
        *_reading(
            [
                f"{''.join(f'v{place}, ' for place in range(len(columns)))} = row",
                *([f"held = {{{display}}}"] if making else []),
                *making,
                *_making(model, slots),
                *([f"if {nulls}: know_made(document, columns, anew)"] if anew else []),
            ],
            methods,
        ),
        "return documents",
    ]
    hydrate: Hydrator = compile_function("hydrate", "rows", body, names)
    return hydrate


def _reading(making: Sequence[str], methods: Sequence[str]) -> list[str]:
    """The lines that go through the rows: those that make a document of one, and those that run its methods.

    What the methods raise does not say that the row could not be read, so they stand outside of what is tried.
    """
    # Not chained: what an enum says of an unknown value contains it.
    if not methods:
        each = [f"        {line}" for line in (*making, "add(document)")]
        return [
            "try:",
            "    for row in rows:",
            *each,
            "except REFUSALS as error:",
            "    raise refusal(rows, error) from None",
        ]
    return [
        "for row in rows:",
        "    try:",
        *(f"        {line}" for line in making),
        "    except REFUSALS as error:",
        "        raise refusal((row,), error) from None",
        *(f"    {line}" for line in (*methods, "add(document)")),
    ]


def _methods(model: type[BaseModel]) -> list[str]:
    """The lines that run the methods of a model when a document was made from a row.

    As Pydantic has it, what `model_post_init` refuses by a ValueError or an assertion is not valid.
    """
    lines: list[str] = []
    if model.__pydantic_post_init__:
        lines += ["try:", "    document.model_post_init(None)"]
        lines += ["except (ValueError, AssertionError) as error:", "    raise unready(row, error) from error"]
    return [*lines, *(f"document.{name}()" for name in _loading(model))]


def _making_defaults(model: type[BaseModel], columns: Sequence[Column], names: dict[str, object]) -> list[str]:
    """The lines that put defaults into `held` that are made of other fields, in the order of the model's fields."""
    order = [*model.model_fields]
    made = sorted(
        (order.index(column.field), place) for place, column in enumerate(columns) if column.made_of is not None
    )
    names.update({f"absent{place}": columns[place].absent for _, place in made})
    return [f"if v{place} is None: held[{columns[place].field!r}] = absent{place}(held)" for _, place in made]


def _making(model: type[BaseModel], slots: Mapping[str, str]) -> list[str]:
    """The lines that make a document whose slots hold these, given as source."""
    if can_become(model):
        filled = [f"document.{slot} = {given}" for slot, given in slots.items()]
        return ["document = BLANK()", *filled, "document.__class__ = model"]
    return ["document = new(model)", *(f"set{slot}(document, {given})" for slot, given in slots.items())]


def _names_of(model: type[BaseModel], columns: Sequence[Column]) -> dict[str, object]:
    """What the function that makes documents knows by name."""
    return {
        "BLANK": BLANK,
        "new": model.__new__,
        "model": model,
        **{f"set{slot}": BaseModel.__dict__[slot].__set__ for slot in _SLOTS},
        f"set{SLOT}": getattr(model, SLOT).__set__,
        "loaded": {column.field for column in columns},
        "KnownPart": KnownPart,
        "columns": tuple(columns),
        "know_made": know_made,
        "REFUSALS": REFUSALS,
        "refusal": partial(_refusal, model, columns),
        "unready": partial(_unready, model, columns),
    }


def _made_anew(model: type[BaseModel], columns: Sequence[Column]) -> tuple[int, ...]:
    """The places of the columns whose null reads as something else each time; in a key it reads as None."""
    return tuple([place for place in made_anew(model, columns) if not columns[place].in_key])


def _loading(model: type[BaseModel]) -> tuple[str, ...]:
    """The names of the methods that run when a document was made from a row."""
    hooks: Hooks = getattr(model, "__coodie_hooks__", {})
    return hooks.get("after_load", ())


def _validating_hydrator(model: type[BaseModel], columns: Sequence[Column], place: Place | None) -> Hydrator:
    """Make the function that validates each row of these columns into a document."""
    loading, anew = _loading(model), _made_anew(model, columns)

    def validated(row: tuple[Any, ...]) -> BaseModel:
        try:
            document = model.model_validate(_present(columns, row))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            field = ".".join(map(str, first["loc"]))
            raise InvalidRowError(model.__name__, field, first["msg"], key_of(columns, row)) from None
        except REFUSALS as error:  # of a validator, or of a default that is made of other fields
            problem = f"a row could not be validated, a validator or default raised {type(error).__name__}"
            raise InvalidRowError(model.__name__, "", problem, key_of(columns, row)) from None
        known = row if place is None else KnownPart(tuple(columns), row, place)
        object.__setattr__(document, SLOT, known)
        if any(row[each] is None for each in anew):
            know_made(document, columns, anew)
        for name in loading:
            getattr(document, name)()
        return document

    return lambda rows: [validated(row) for row in rows]


def _checking_hydrator(model: type[BaseModel], columns: Sequence[Column], place: Place | None) -> Hydrator:
    """Make the function that validates each field of rows that are not whole documents.

    The validators of the model as a whole see whole documents only; its other methods run when the fields are valid.
    """
    hydrate = _compile_hydrator(model, columns, (), whole=False, in_order=False, place=place)
    run_methods: Callable[..., None] = compile_function(
        "run_methods", "document, row", [*_methods(model), "return"], _names_of(model, columns)
    )
    assign = fields_validator(model).validate_assignment

    def checked(document: BaseModel, row: tuple[Any, ...]) -> BaseModel:
        held: dict[str, Any] = vars(document)
        for column in columns:
            if held[column.field] is None:
                continue
            try:
                assigned: Any = assign(dict(held), column.field, held[column.field])
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                raise InvalidRowError(model.__name__, column.field, first["msg"], key_of(columns, row)) from None
            held[column.field] = assigned[0][column.field]
        run_methods(document, row)
        return document

    return lambda rows: [checked(document, row) for document, row in zip(hydrate(rows), rows, strict=True)]


def _present(columns: Sequence[Column], row: tuple[Any, ...]) -> dict[str, Any]:
    """A row by field name; where a null reads as the field's default it is left out, for Pydantic checks no default."""
    return {
        column.field: column.absent() if value is None else _read(column, value)
        for column, value in zip(columns, row, strict=True)
        if value is not None or column.keeps_null or column.type.empty is not None
    }


def _read(column: Column, value: Any) -> Any:
    """A value as the field holds it; as it is where it cannot be read so, for Pydantic to say why."""
    if column.type.decode is None:
        return value
    try:
        return column.type.decode(value)
    except REFUSALS:
        return value


def _value(place: int, column: Column, names: dict[str, object]) -> str:
    """The source of one field's value, from the row's value of that place."""
    value = f"v{place}"
    if column.type.decode is None and column.type.collection is not None:
        present = f"{value}.copy()"  # the field's value can change in place, and the row is kept
    elif column.type.dimensions is not None:
        present = f"[*{value}]"
    elif column.type.decode is not None:
        present = present_converted(value, f"decode{place}", column.type.decode, names)
    else:
        present = value
    absent = _absent(place, column, names)
    if absent == "None" and present == value:
        return value
    return f"{absent} if {value} is None else {present}"


def _absent(place: int, column: Column, names: dict[str, object]) -> str:
    """The source of what a null reads as.

    Cassandra does not tell an empty collection from none, and a column that was added later is null in older rows:
    there a collection is empty and another field has its default. One that is made of other fields is put in later.
    """
    if column.keeps_null or column.made_of is not None:
        return "None"
    names[f"absent{place}"] = column.absent
    return f"absent{place}()"


def _refusal(
    model: type[BaseModel], columns: Sequence[Column], rows: Sequence[tuple[Any, ...]], error: Exception
) -> InvalidRowError:
    """Find the field that the compiled function stumbled over."""
    for row in rows:
        for column, value in zip(columns, row, strict=False):
            if value is None or column.type.decode is None:
                continue
            try:
                column.type.decode(value)
            except REFUSALS:
                return unreadable(model.__name__, column, key_of(columns, row))
        told = _unmade(columns, row)
        if told is not None:
            return InvalidRowError(model.__name__, *told, key_of(columns, row))
    return InvalidRowError(model.__name__, "", f"a row could not be read: {type(error).__name__}")


def _unready(
    model: type[BaseModel], columns: Sequence[Column], row: tuple[Any, ...], error: Exception
) -> InvalidRowError:
    """The error for a row whose document `model_post_init` refuses, in Pydantic's words."""
    what = "Assertion failed" if isinstance(error, AssertionError) else "Value error"
    return InvalidRowError(model.__name__, "", f"{what}, {error}", key_of(columns, row))


def _unmade(columns: Sequence[Column], row: tuple[Any, ...]) -> tuple[str, str] | None:
    """The field of a row that is null and whose default cannot be made of the others, and why; None where none is."""
    pairs = [*zip(columns, row, strict=False)]
    held = {column.field: _read(column, value) for column, value in pairs if value is not None}
    for column in [column for column, value in pairs if value is None]:
        try:
            held[column.field] = column.absent(held)
        except REFUSALS as error:
            return column.field, f"is null, and its default could not be made: {type(error).__name__}"
    return None


def key_of(columns: Sequence[Column], row: tuple[Any, ...]) -> dict[str, object]:
    """The primary key of a row by field, as far as these columns have it."""
    return {column.field: value for column, value in zip(columns, row, strict=False) if column.in_key}


def unreadable(model: str, column: Column, key: Mapping[str, object] | None = None) -> InvalidRowError:
    """The error for a value that cannot become the field's; `key` is that of its row, by field."""
    problem = f"column {column.name!r} holds what the field's type does not allow"
    return InvalidRowError(model, column.field, problem, key)
