"""Conditions of a document's write, as its row has what they compare.

A null reads as its field's default, which a server does not know: it is asked about null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._model.tracking import ReadAs, as_field, before_doubt, known_values
from coodie._query.keywords import keywords_of
from coodie._query.options import USUAL
from coodie._query.write import NO_GUARD, Guard
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.values import UNSET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coodie._model.base import DocumentBase
    from coodie._query.assignments import Assignment
    from coodie._query.lookups import Lookup
    from coodie._query.options import WriteOptions
    from coodie._query.target import Target

_COMPARABLE = frozenset(
    {"ascii", "bigint", "boolean", "int", "smallint", "text", "timeuuid", "tinyint", "uuid", "varint"}
)
"""The types of which a server compares exactly what it has given out."""


def as_read(target: Target[Any], document: DocumentBase, conditions: Mapping[str, object]) -> Mapping[str, object]:
    """Conditions with null for what the document shows of a null: the server compares the row, not the document.

    Args:
        target: the model and its table.
        document: what is written.
        conditions: what must hold of the row, by field or field and lookup.
    """
    row = known_values(document, target.schema)
    nulls: dict[str, object] = {}
    for keyword, value in conditions.items():
        column = target.schema.by_name.get(keyword)
        if column is None or value is None or column.in_key or column not in row:
            continue
        there = before_doubt(row[column])
        is_null = there is None or isinstance(there, ReadAs)
        if is_null and not target.schema.equalities[column].differ(value, as_field(column, there)):
            nulls[keyword] = None
    return {**conditions, **nulls} if nulls else conditions


def with_read(target: Target[Any], document: DocumentBase, options: WriteOptions) -> WriteOptions:
    """The options of a write with its conditions as `as_read` gives them."""
    conditions = options.if_conditions
    if conditions is None:
        return options
    read = as_read(target, document, conditions)
    return options if read is conditions else options.on_condition(read, if_exists=False)


def witness(target: Target[Any], document: DocumentBase, conditions: Iterable[str]) -> dict[str, object]:
    """A value that the row has, by field, of one that no condition is about; nothing where none is known.

    A condition on null alone holds of a row that is gone as well, and the write would make it anew.
    """
    known = keywords_of(target.model).lookups
    others = {known.condition(keyword).column for keyword in conditions}
    for column, stored in known_values(document, target.schema).items():
        value = before_doubt(stored)
        if column in others or value is None or isinstance(value, ReadAs):
            continue
        if column.kind == "regular" and column.type.cql in _COMPARABLE:
            return {column.field: as_field(column, value)}
    return {}


def guard_of(target: Target[Any], options: WriteOptions) -> Guard:
    """The condition of a write, its values read."""
    if options is USUAL:
        return NO_GUARD
    read: Guard | None = options.guard
    if read is not None:
        return read
    conditions = options.if_conditions
    if conditions is None:
        return Guard(if_exists=True) if options.if_exists else NO_GUARD
    known = keywords_of(target.model).lookups
    lookups = tuple(known.condition(keyword) for keyword in conditions)
    if len(lookups) > 1:
        _refuse_twice(target, lookups)
    values = tuple(lookup.read_condition(value) for lookup, value in zip(lookups, conditions.values(), strict=True))
    return Guard(lookups, values, if_exists=False)


def _refuse_twice(target: Target[Any], lookups: Sequence[Lookup]) -> None:
    """Refuse a field that is compared by equality twice: by its name and by its alias.

    Raises:
        InvalidQueryError: names the field.
    """
    equal = [each.column for each in lookups if each.operator == "="]
    twice = next((each for each in equal if equal.count(each) > 1), None)
    if twice is not None:
        where = f"{target.schema.model}.{twice.field}"
        raise InvalidQueryError(f"{where} is compared twice, by its name and by its alias; give one of them")


def of_the_row(
    target: Target[Any], assignments: tuple[Assignment, ...], sent: Sequence[object], guard: Guard
) -> tuple[tuple[Assignment, ...], Sequence[object]]:
    """What an update writes, with a column that stays as it is where only that lets a server look for the row.

    Of static columns alone, `IF EXISTS` asks whether the partition has static values: a row beside them is not seen.

    Raises:
        InvalidQueryError: no column of the row can be named, or the driver cannot leave one as it is.
    """
    if not guard.if_exists or any(each.column.kind != "static" for each in assignments):
        return assignments, sent
    model, fields = target.schema.model, ", ".join(repr(each.column.field) for each in assignments)
    named = next((each for each in target.schema.columns if each.kind == "regular"), None)
    problem = f"whether the row exists cannot be asked where {model} changes static fields alone ({fields})"
    if named is None:
        raise InvalidQueryError(f"{problem} and has no others; compare one of them by if_conditions or iff() instead")
    if not target.supports_unset:
        fix = "compare a field of the row by if_conditions or iff(), or use another driver"
        raise InvalidQueryError(f"{problem}, for this driver cannot leave a column as it is; {fix}")
    return (*assignments, keywords_of(target.model).assignments.whole(named)), (*sent, UNSET)
