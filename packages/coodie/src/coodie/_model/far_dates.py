"""Dates beyond the years 1 to 9999, as rows may have them, where Pydantic checks values: it knows Python's alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from operator import is_
from typing import Any, cast

from pydantic_core import SchemaValidator, ValidationError, core_schema

from coodie_drivers.values import CqlDate

Check = Callable[..., Any]


def taking_far_dates(check: Check, schema: Any, again: Callable[[SchemaValidator], Check], config: Any = None) -> Check:
    """A check of values that takes a `CqlDate` wherever its schema has a date.

    Only what is refused on its account is checked once more, so that others cost what they did.

    Args:
        check: what Pydantic checks by.
        schema: its core schema.
        again: gives the same check of another validator.
        config: its configuration.
    """
    wider = _with_far_dates(schema)
    if wider is schema:
        return check
    made: list[Check] = []

    def checked(*given: object) -> Any:
        try:
            return check(*given)
        except ValidationError as error:
            if not _refuses_far_date(error):
                raise
            refused = error
        if not made:
            made.append(again(SchemaValidator(wider, config)))
        try:
            return made[0](*given)
        except (AttributeError, TypeError):  # a validator of the field's own that knows Python's dates alone
            raise refused from None

    return checked


def _refuses_far_date(error: ValidationError) -> bool:
    return any(type(fault["input"]) is CqlDate for fault in error.errors(include_url=False, include_context=False))


_NO_SCHEMAS = frozenset({"default", "expected", "metadata", "serialization"})
"""What a schema says beside the schemas in it: values, which may look like one."""


def _with_far_dates(schema: Any) -> Any:
    """The schema, in which a `CqlDate` is a date too; the same one, where it has none."""
    if isinstance(schema, dict):
        held = cast("dict[str, Any]", schema)
        is_schema = isinstance(held.get("type"), str)  # else it is a dict of them, by the names of fields
        parts = {
            name: part if is_schema and name in _NO_SCHEMAS else _with_far_dates(part) for name, part in held.items()
        }
        if is_schema and held["type"] == "date":
            return core_schema.no_info_wrap_validator_function(_taken, cast("Any", held))
        return held if all(parts[name] is part for name, part in held.items()) else parts
    if isinstance(schema, (list, tuple)):
        items = cast("list[Any]", schema)
        made = [_with_far_dates(each) for each in items]
        return items if all(map(is_, made, items)) else type(items)(made)
    return schema


def _taken(value: object, check: Callable[[object], Any]) -> Any:
    if type(value) is not CqlDate:
        return check(value)
    day = CqlDate.from_days(value.days)
    if isinstance(day, dt.date):
        return check(day)
    check(dt.date.max if value.days > 0 else dt.date.min)  # as near as Python gets, for what the field demands
    return value
