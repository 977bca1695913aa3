"""`save_json`: a document written as one text of JSON, in CQL's forms."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar, cast

from coodie._model.extract import Extractor, compile_extractor
from coodie._model.hooking import run_hooks
from coodie._model.tracking import with_known
from coodie._ops.counters import refuse_write
from coodie._ops.placing import know_in
from coodie._ops.writes import run_after
from coodie._query.plans import Plan, Slot
from coodie._query.write import using
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.messages import Request
from coodie_drivers.values import CqlDate
from cql_builder import bind, insert_into

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coodie._model.base import DocumentBase
    from coodie._query.options import WriteOptions
    from coodie._query.target import Target
    from coodie._schema.columns import Column
    from coodie._schema.cql_types import ColumnType
    from coodie._schema.user_types import UserTypeSchema
    from coodie_drivers.operations import Op

D = TypeVar("D", bound="DocumentBase")

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_MILLISECOND = dt.timedelta(milliseconds=1)


def save_json(target: Target[D], document: D, options: WriteOptions) -> Op[None]:
    """Write every column of a document as JSON; of one that was fetched in part, what was fetched or assigned."""
    if target.model.__coodie_counters__:
        refuse_write("save_json", target.schema.model)
    if target.schema.version is not None:
        raise InvalidQueryError(
            f"{target.schema.model} has a version, which INSERT … JSON cannot ask about; use save()"
        )
    if target.hooks:
        run_hooks(document, target.hooks, "before_save")
    held: dict[str, Any] = vars(document)
    columns = tuple(column for column in target.schema.columns if column.field in held or column.in_key)
    extract: Extractor = target.plans.get(("extract", columns), lambda: compile_extractor(target.schema.model, columns))
    row = extract(document)
    skips = target.schema.skips_nulls
    text = json_of(columns, row, skips_nulls=skips)
    whole = len(columns) == len(target.schema.columns) and not (skips and None in row)
    kept = with_known(document, target.schema, columns, row) if skips else row

    def make() -> Plan:
        built: Any = insert_into(target.table).json(bind(Slot(0)), default_unset=not whole)
        return Plan(using(built, options, 1))

    plan = target.plans.get(("insert json", whole, options.shape()), make)
    values = plan.params((text, options.ttl, options.timestamp))
    if options.batch is None:
        yield Request(plan.statement, values, options.consistency, options.timeout)
        know_in(target, document, columns, kept, None)
    else:
        options.batch.collect(target, plan.statement, values, options)
        know_in(target, document, columns, kept, options.batch)
    run_after(target, document, options, "after_save")


def json_of(columns: Sequence[Column], row: Sequence[object], *, skips_nulls: bool = False) -> str:
    """A row as the JSON from which the server makes it (CQL reference, "JSON encoding of Cassandra data types")."""
    # A name that is not all lower case stands in quotes, which belong to the name.
    named = {
        column.name if column.name == column.name.lower() else f'"{column.name}"': _json(column.type, value)
        for column, value in zip(columns, row, strict=True)
        if not (skips_nulls and value is None)
    }
    return json.dumps(named, ensure_ascii=False)


def _json(held: ColumnType, value: Any) -> Any:
    if value is None:
        return None
    if held.collection == "map":
        key, part = held.elements
        entries = cast("Mapping[object, object]", value).items()
        return {_key(key, each): _json(part, other) for each, other in entries}
    if held.dimensions is not None:
        return [_scalar(each) for each in value]
    if held.collection is not None:
        return [_json(held.elements[0], each) for each in value]
    if held.user_type is not None:
        described: UserTypeSchema = held.user_type.__coodie_user_type__()
        return {f'"{each.name}"': _json(each.type, value.get(each.name)) for each in described.fields}
    if held.elements:
        return [_json(part, each) for part, each in zip(held.elements, value, strict=True)]
    return _scalar(value)


def _key(held: ColumnType, key: object) -> str:
    found = _json(held, key)
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)


def _scalar(value: Any) -> Any:
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"0x{bytes(cast('bytes', value)).hex()}"
    if isinstance(value, dt.datetime):
        aware = value if value.tzinfo is not None else value.replace(tzinfo=dt.timezone.utc)
        return (aware - _EPOCH) // _MILLISECOND
    if isinstance(value, CqlDate):
        return str(value.days + 2**31)
    if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):  # noqa: PLR0124 - NaN
        return str(value).replace("inf", "Infinity").replace("nan", "NaN")
    return value if isinstance(value, (int, float)) and not isinstance(value, Decimal) else str(value)
