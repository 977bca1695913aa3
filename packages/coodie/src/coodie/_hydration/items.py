"""Rows → what a query was asked to make of them: documents, tuples, single values, or instances of another model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from coodie._hydration.families import family_hydrator
from coodie._hydration.invalid import leaving_out
from coodie._hydration.rows import hydrator_of, key_of, unreadable
from coodie._schema.compiled import REFUSALS, compile_function
from coodie.errors import InvalidRowError

if TYPE_CHECKING:
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
            if not column.nullable and (column.type.empty is not None or column.default is not None):
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
    return InvalidRowError(model, "?", "a row could not be read")


def _model_reader(target: Target[Any], columns: Sequence[Column], into: Any) -> Reader:
    """Make the function that turns rows into instances of another Pydantic model, which it validates.

    What the other model has no field for, such as the rest of the key, is left out.
    """
    tuples = _tuples(target.schema.model, columns, {}, extra=0)
    names = [column.field for column in columns if column.field in into.model_fields]

    def read(rows: Rows) -> list[Any]:
        return [_instance(into, names, values, columns, row) for values, row in zip(tuples(rows), rows, strict=True)]

    return read


def _instance(
    into: Any, names: Sequence[str], values: tuple[Any, ...], columns: Sequence[Column], row: tuple[Any, ...]
) -> Any:
    try:
        return into.model_validate(dict(zip(names, values, strict=False)), by_name=True, by_alias=False)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"])) or "?"
        raise InvalidRowError(into.__name__, field, first["msg"], key_of(columns, row)) from None
