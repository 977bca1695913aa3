"""Rows → what a query was asked to make of them: documents, tuples, single values, or instances of another model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from coodie._hydration.families import by_class, family_hydrator
from coodie._hydration.invalid import leaving_out
from coodie._hydration.rows import hydrator_of, key_of, unreadable
from coodie._query.matching import classes_of, matches_of, takes_aliases
from coodie._schema.compiled import REFUSALS, compile_function
from coodie.errors import InvalidRowError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coodie._query.matching import Match
    from coodie._query.select import SelectPlan
    from coodie._query.state import QueryState
    from coodie._query.target import Target
    from coodie._schema.columns import Column

Rows = Sequence[tuple[Any, ...]]
Reader = Callable[[Rows], list[Any]]


def reader_of(target: Target[Any], plan: SelectPlan, state: QueryState) -> Reader:
    """The function that turns the rows of a plan into the items of its query, made at its first use."""
    found = plan.reader
    if found is None:
        found = plan.reader = _reader_of(target, plan, state)
    return found


def _reader_of(target: Target[Any], plan: SelectPlan, state: QueryState) -> Reader:
    more = state.more
    if more.on_invalid != "raise":
        model, hooked = target.schema.model, "after_load" in target.hooks
        read = reader_of(target, plan, state.with_more(on_invalid="raise"))
        return leaving_out(read, model, gathers=more.on_invalid == "collect", hooked=hooked)
    if more.items == "documents":
        if target.schema.family is None:
            return hydrator_of(target, plan.columns, validated=more.validated)
        key = ("family", plan.columns, more.validated)
        return target.plans.get(key, lambda: family_hydrator(target, plan.columns, validated=more.validated))
    shape = ("items", more.items, more.into, plan.columns, more.casts, more.with_token)
    return target.plans.get(shape, lambda: _reader(target, plan, state))


def _reader(target: Target[Any], plan: SelectPlan, state: QueryState) -> Reader:
    more = state.more
    cast_to = dict(more.casts)
    if more.items == "model":
        return _model_reader(target, plan.columns, cast("Any", more.into))
    decoded = _tuples(target.schema.model, plan.columns, cast_to, extra=plan.width - len(plan.columns))
    if any(column.made_of is not None for column in plan.columns):
        shown = len(plan.columns if more.columns is None else more.columns)
        decoded = _with_defaults(decoded, plan.columns, cast_to, shown=shown)
    if more.items == "tuples":
        return decoded
    return lambda rows: [value for (value,) in decoded(rows)]


def _tuples(model: str, columns: Sequence[Column], cast_to: dict[Column, str], *, extra: int) -> Reader:
    """Make the function that turns rows into tuples of what fields hold; what is `extra` stays as the server has it."""
    names: dict[str, object] = {}
    parts: list[str] = []
    for place, column in enumerate(columns):
        value = f"v{place}"
        if column not in cast_to:
            if column.type.decode is not None:
                names[f"decode{place}"] = column.type.decode
                value = f"None if {value} is None else decode{place}({value})"
            if not column.keeps_null and column.made_of is None:
                names[f"absent{place}"] = column.absent
                value = f"absent{place}() if v{place} is None else {value}"
        parts.append(f"({value})")
    parts += [f"v{place}" for place in range(len(columns), len(columns) + extra)]
    row = "".join(f"v{place}, " for place in range(len(columns) + extra))
    if all(part == f"(v{place})" for place, part in enumerate(parts[: len(columns)])):
        return list
    body = [f"return [({''.join(f'{part}, ' for part in parts)}) for {row}in rows]"]
    read: Reader = compile_function("read", "rows", body, names)

    def checked(rows: Rows) -> list[Any]:
        try:
            return read(rows)
        except REFUSALS:
            # Not chained: what an enum says of an unknown value contains it.
            raise _fault(model, columns, cast_to, rows) from None

    return checked


def _with_defaults(read: Reader, columns: Sequence[Column], cast_to: dict[Column, str], *, shown: int) -> Reader:
    """Make the function that puts the defaults into tuples that are made of other fields, of which some may be hidden.

    Args:
        read: makes the tuples.
        columns: what they have first.
        cast_to: the columns that the server converts: they hold no values of their fields.
        shown: how many of the columns are asked for; the others are there to make defaults of.
    """
    made = [(place, column) for place, column in enumerate(columns) if column.made_of is not None]
    made.sort(key=lambda each: len(each[1].made_of or ()))  # it counts the fields before this one

    def whole(values: tuple[Any, ...]) -> tuple[Any, ...]:
        items = [*values]
        held = {column.field: value for column, value in zip(columns, values, strict=False) if column not in cast_to}
        for place, column in made:
            if items[place] is None and column.field in held:
                items[place] = held[column.field] = column.absent(held)
        return (*items[:shown], *items[len(columns) :])

    return lambda rows: [whole(values) for values in read(rows)]


def _fault(model: str, columns: Sequence[Column], cast_to: dict[Column, str], rows: Rows) -> InvalidRowError:
    """Find the value that cannot be read."""
    for row in rows:
        for column, value in zip(columns, row, strict=False):
            if value is None or column.type.decode is None or column in cast_to:
                continue
            try:
                column.type.decode(value)
            except REFUSALS:
                return unreadable(model, column, key_of(columns, row))
    return InvalidRowError(model, "", "a row could not be read")


def _model_reader(target: Target[Any], columns: tuple[Column, ...], into: Any) -> Reader:
    """Make the function that turns rows into instances of another Pydantic model, which it validates.

    What the other model has no field for, such as the rest of the key, is left out, and so is of a row of a family what
    its class has no field for.
    """
    model = target.schema.model
    if target.schema.family is None or not any(column.discriminates for column in columns):
        matches = [each for schema in classes_of(target.schema) for each in matches_of(schema, into)]
        return _instances(model, columns, into, matches)
    return by_class(target, columns, lambda schema, own: _instances(model, own, into, matches_of(schema, into)))


def _instances(model: str, columns: Sequence[Column], into: Any, matches: Iterable[Match]) -> Reader:
    """Make the function that turns rows of these columns into instances of another model."""
    tuples = _tuples(model, columns, {}, extra=0)
    if any(column.made_of is not None for column in columns):
        tuples = _with_defaults(tuples, columns, {}, shown=len(columns))
    places = {column.name: place for place, column in enumerate(columns)}
    filled = {each.text: places[each.column.name] for each in matches if each.column.name in places}
    fields = {each.text: each.field for each in matches}
    by_alias = takes_aliases(into)

    def read(rows: Rows) -> list[Any]:
        return [instance(values, row) for values, row in zip(tuples(rows), rows, strict=True)]

    def instance(values: tuple[Any, ...], row: tuple[Any, ...]) -> Any:
        given = {text: values[place] for text, place in filled.items()}
        try:
            # A value of a user type becomes another model by its attributes.
            return into.model_validate(given, from_attributes=True, by_alias=by_alias, by_name=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = [str(each) for each in first["loc"]] or [""]
            field = ".".join([fields.get(where[0], where[0]), *where[1:]])
            raise InvalidRowError(into.__name__, field, first["msg"], key_of(columns, row)) from None

    return read
