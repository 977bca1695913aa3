"""`save_json`: a document written as one text of JSON, in CQL's forms."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, Any, TypeVar, cast

from coodie._model.at_once import begin_writing, doubt_met, end_writing
from coodie._model.extract import Extractor, compile_extractor
from coodie._ops.batched_cells import JsonValues
from coodie._ops.counters import refuse_write
from coodie._ops.doubting import doubt
from coodie._ops.partial_rows import columns_held, without_skipped, written_of
from coodie._ops.placing import know_in, know_sent, knowing_in
from coodie._ops.remembering import saving
from coodie._query.plans import Plan, Slot
from coodie._query.write import using
from coodie._schema.fitting import compile_fitting
from coodie._schema.parts import misfit_in, parts_of
from coodie.errors import InvalidValueError
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.messages import Request
from coodie_drivers.values import INT32, UNSET, CqlDate, CqlDuration
from cql_builder import bind, insert_into

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coodie._model.base import DocumentBase
    from coodie._query.options import Call, WriteOptions
    from coodie._query.target import Target
    from coodie._schema.columns import Column
    from coodie._schema.cql_types import ColumnType
    from coodie._schema.user_types import UserTypeSchema
    from coodie_drivers.operations import Op

D = TypeVar("D", bound="DocumentBase")

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_PLAIN = 2**63
_LEAST = frozenset({(-(2**31), 32), (-(2**63), 64)})
"""The least numbers of so many bits."""
_LOSSY = ("decimal", "duration", "inet")
"""The types of which JSON does not carry every value."""
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
        yield from saving(target, document, options, lambda: _write(target, document, options))
    else:
        yield from _write(target, document, options)


def _write(target: Target[D], document: D, options: WriteOptions) -> Op[None]:
    held: dict[str, Any] = vars(document)
    columns = columns_held(target.schema, document)
    extract: Extractor = target.plans.get(("extract", columns), lambda: compile_extractor(target.schema.model, columns))
    row = extract(document)
    _check_carried(target, columns, row, held)
    sent = without_skipped(target, document, columns, row, options.batch) if target.schema.skips_nulls else row
    text = json_of(columns, sent)
    written = written_of(columns, sent)
    whole, knowing = len(written) == len(target.schema.columns), know_in if len(written) == len(columns) else know_sent

    def make() -> Plan:
        built: Any = insert_into(target.table).json(bind(Slot(0)), default_unset=not whole)
        return Plan(using(built, options, 1))

    plan = target.plans.get(("insert json", whole, options.shape()), make)
    values = plan.params((text, options.ttl, options.timestamp))
    if options.batch is None:
        writing = begin_writing(document, written)
        try:
            yield Request(plan.statement, values, options.consistency, options.timeout)
            end_writing(document, writing)
            knowing(target, document, columns, sent)
        except BaseException as error:  # an interrupt may come at any line: the row is written then
            end_writing(document, writing)
            doubt(error, knowing, target, document, columns, sent)
            raise
        doubt_met(document, target.schema, writing)
    else:
        args = (target, document, columns, sent)
        then: Call = knowing_in(*args) if knowing is know_in else (knowing, args)
        said = JsonValues(values)
        said.columns, said.row = columns, sent
        options.batch.collect(target, plan.statement, said, options, then)


def _check_carried(
    target: Target[Any], columns: tuple[Column, ...], row: Sequence[object], held: Mapping[str, Any]
) -> None:
    """Refuse what no driver takes, and what the server would read from JSON as something else, before it is sent.

    Of the whole text a driver could not tell which field it is about.

    Raises:
        InvalidValueError: such a value is there; names the field and its place.
    """
    model = target.schema.model

    def make() -> tuple[Any, list[tuple[Column, int]]]:
        lossy = [(column, place) for place, column in enumerate(columns) if _may_lose(column.type)]
        return compile_fitting([column.type for column in columns]), lossy

    fits, lossy = target.plans.get(("json carries", columns), make)
    for column in () if fits(row) else columns:
        value = held.get(column.field)
        misfit = None if value is None else misfit_in(column.type, value)
        if misfit is not None:
            raise InvalidValueError(model, column.field, misfit[1], misfit[0])
    for column, place in lossy:
        lost = None if row[place] is None else _lost(column.type, held[column.field])
        if lost is not None:
            raise InvalidValueError(model, column.field, f"{lost[1]}; use save()", lost[0])


def _may_lose(held: ColumnType) -> bool:
    if held.user_type is not None:
        return any(_may_lose(each.type) for each in held.user_type.__coodie_user_type__().fields)
    return held.cql in _LOSSY or any(map(_may_lose, held.elements))


def _lost(held: ColumnType, value: object) -> tuple[str, str] | None:
    """Where in a field's value JSON would not carry something, and why; None where it carries all."""
    if held.cql in _LOSSY:
        # An address is looked at before it is encoded, which makes an IPv4 address of a mapped one in a collection.
        problem = _loss(value if held.encode is None or held.cql == "inet" else held.encode(value))
        return None if problem is None else ("", problem)
    for part in parts_of(held, value):
        lost = None if part.type is None or part.value is None else _lost(part.type, part.value)
        if lost is not None:
            return f"{part.place}{lost[0]}", lost[1]
    return None


def _loss(value: object) -> str | None:
    if isinstance(value, IPv6Address) and value.ipv4_mapped is not None:
        return "from JSON the server makes the IPv4 address that is in this IPv6 address"
    if isinstance(value, CqlDuration) and _LEAST & {(value.months, 32), (value.days, 32), (value.nanoseconds, 64)}:
        return "from JSON the server reads no duration of which a part is the least number that it can be"
    if isinstance(value, Decimal) and value.adjusted() >= INT32.stop:
        return f"from JSON the server reads no decimal that is written with an exponent above {INT32.stop - 1}"
    return None


def json_of(columns: Sequence[Column], row: Sequence[object]) -> str:
    """A row, but for what is `UNSET`, as the JSON that the server reads (CQL reference, "JSON encoding")."""
    # A name that is not all lower case stands in quotes, which belong to the name.
    named = {
        column.name if column.name == column.name.lower() else f'"{column.name}"': _json(column.type, value)
        for column, value in zip(columns, row, strict=True)
        if value is not UNSET
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
        return str((aware - _EPOCH) // _MILLISECOND)  # as text, for the server takes no number of less than 33 bits
    if isinstance(value, CqlDate):
        return str(value.days + 2**31)
    if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):  # noqa: PLR0124 - NaN
        return str(value).replace("inf", "Infinity").replace("nan", "NaN")
    if isinstance(value, int) and not -_PLAIN < value < _PLAIN:
        # As text, for servers read no number of more than 1,000 digits; Python writes no int of more than 4,300.
        return str(Decimal(value))
    return value if isinstance(value, (int, float)) else str(value)
