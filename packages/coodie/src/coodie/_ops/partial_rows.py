"""Rows that are written in part: the fields that a document has, and those that are no null to the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from coodie._model.tracking import is_skipped, perhaps_of
from coodie._model.under_way import assigned_since
from coodie._ops.batches import BatchState
from coodie._ops.placing import known_before
from coodie._ops.remembering import as_batched, settle
from coodie._query.write import RowPlan, plan_insert_part
from coodie_drivers.values import UNSET

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coodie._model.base import DocumentBase
    from coodie._model.under_way import Since
    from coodie._ops.changed import Changes
    from coodie._query.options import Collector, WriteOptions
    from coodie._query.target import Target
    from coodie._schema.columns import Column, ModelSchema

D = TypeVar("D", bound="DocumentBase")


def part_held(
    target: Target[D], document: D, options: WriteOptions, *, if_not_exists: bool
) -> tuple[RowPlan, tuple[object, ...]]:
    """The plan that writes the fields that a document has, and their values."""
    columns = columns_held(target.schema, document)
    plan = plan_insert_part(target, columns, options, if_not_exists=if_not_exists)
    return plan, plan.extract(document)


def columns_held(schema: ModelSchema, document: DocumentBase) -> tuple[Column, ...]:
    """The columns that a document has, and those without which there is no row of its class."""
    held: dict[str, Any] = vars(document)
    return tuple([each for each in schema.columns if each.field in held or each.in_key or each.own_value is not None])


def without_nulls(columns: Sequence[Column], row: Sequence[object]) -> tuple[object, ...]:
    """A new row with `UNSET` for its nulls: in a static column one would be the whole partition's."""
    return tuple([UNSET if column.is_null(value) else value for column, value in zip(columns, row, strict=True)])


def with_unsure(document: DocumentBase, columns: Sequence[Column], row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A new row with `UNSET` for the nulls that were left out where it may have something, else the very same.

    Static values are there without it, and what is in doubt may come to it yet.
    """
    perhaps = perhaps_of(document)
    doubted = () if perhaps is None else perhaps.columns
    unsure = {each for each in columns if each.kind == "static" or each in doubted}
    if not unsure:
        return row
    return tuple(
        [UNSET if each in unsure and each.is_null(value) else value for each, value in zip(columns, row, strict=True)]
    )


def without_skipped(
    target: Target[D], document: D, columns: Sequence[Column], row: Sequence[object], batch: Collector | None
) -> tuple[object, ...]:
    """A row with `UNSET` for the nulls that saving leaves as they are.

    What a batch has collected before is seen as written: a collection that it fills has been emptied since.
    """
    then = document if batch is None else as_batched(document, batch)
    before = dict(known_before(target, then, columns, row))
    if batch is not None:
        before.update(_overridden(target, document, batch))
    return tuple(
        [UNSET if is_skipped(column, value, before) else value for column, value in zip(columns, row, strict=True)]
    )


def written_of(columns: Sequence[Column], sent: Sequence[object]) -> tuple[Column, ...]:
    """The columns of a row that are written: those that are not `UNSET`."""
    return tuple([column for column, value in zip(columns, sent, strict=True) if value is not UNSET])


def _overridden(target: Target[D], document: D, batch: Collector) -> Iterator[tuple[Column, object]]:
    """What updates of a batch give by name and the document will not hold: the program has assigned to it since.

    What hooks have assigned beside it the document holds already, or the program has assigned to it since.
    """
    for call, args in batch.calls_with(document) if isinstance(batch, BatchState) else ():
        if call is settle:
            then, changes = cast("tuple[Since, Changes]", args[-2:])
            for place, (assignment, value) in enumerate(zip(changes.assignments, changes.held, strict=False)):
                column, is_held = assignment.column, place >= changes.given
                if assignment.operation == "set" and (is_held or assigned_since(document, target.schema, column, then)):
                    yield column, value


def without_unset(
    target: Target[Any], plan: RowPlan, row: tuple[object, ...], options: WriteOptions, *, if_not_exists: bool
) -> tuple[RowPlan, tuple[object, ...]]:
    """The plan and the values of a row of which some are unset: without them, where the driver takes no `UNSET`."""
    if target.supports_unset:
        return plan, row
    columns = tuple(column for column, value in zip(plan.columns, row, strict=True) if value is not UNSET)
    part = plan_insert_part(target, columns, options, if_not_exists=if_not_exists)
    return part, tuple(value for value in row if value is not UNSET)
