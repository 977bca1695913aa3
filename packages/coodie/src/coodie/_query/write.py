"""Writes → their plans: INSERT, UPDATE and DELETE of one row, made once per shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coodie._model.extract import Extractor, compile_extractor
from coodie._query.plans import Plan, Slot
from coodie._query.select import relation
from cql_builder import col, delete_from, insert_into, update

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._query.assignments import Assignment
    from coodie._query.lookups import Lookup
    from coodie._query.options import WriteOptions
    from coodie._query.target import Target
    from coodie._schema.columns import Column


class RowPlan:
    """A write of one row.

    Its inputs are the extracted values of the document, then the values that the call adds, then ttl and timestamp.

    Attributes:
        plan: the statement and the order of its values.
        extract: takes the row's values out of a document.
    """

    __slots__ = ("extract", "plan")

    def __init__(self, plan: Plan, extract: Extractor) -> None:
        """Hold both halves."""
        self.plan = plan
        self.extract = extract

    def params(self, row: tuple[object, ...], options: WriteOptions, *added: object) -> Sequence[object]:
        """The values of one write, in the order of the statement's markers."""
        if options.ttl is None and options.timestamp is None and not added:
            return self.plan.params(row)
        return self.plan.params((*row, *added, options.ttl, options.timestamp))


def plan_insert(
    target: Target[Any], options: WriteOptions, *, if_not_exists: bool, only: tuple[int, ...] | None = None
) -> RowPlan:
    """The plan that writes a whole row, or only the columns of these places."""

    def make() -> RowPlan:
        columns = target.schema.columns
        written = columns if only is None else tuple(columns[place] for place in only)
        places = range(len(columns)) if only is None else only
        built: Any = insert_into(target.table).values(
            {column.name: Slot(place) for column, place in zip(written, places, strict=True)}
        )
        built = built.if_not_exists() if if_not_exists else built
        return RowPlan(Plan(_using(built, options, len(columns))), compile_extractor(target.schema.model, columns))

    return target.plans.get(("insert", options.shape(), if_not_exists, only), make)


def plan_update(
    target: Target[Any], assignments: tuple[Assignment, ...], guard: Guard, options: WriteOptions
) -> RowPlan:
    """The plan that changes some columns of a row, found by its key."""

    def make() -> RowPlan:
        key = target.schema.key
        first = len(key)
        then = first + len(assignments)
        built: Any = _using(update(target.table), options, then + len(guard.lookups))
        built = built.set(*(each.built(Slot(first + place)) for place, each in enumerate(assignments)))
        built = guard.guarded(_where_key(built, key), then)
        idempotent = not guard and all(each.idempotent for each in assignments)
        return RowPlan(Plan(built, idempotent=idempotent), compile_extractor(target.schema.model, key))

    return target.plans.get(("update", assignments, guard.shape(), options.shape()), make)


def plan_delete(target: Target[Any], guard: Guard, options: WriteOptions) -> RowPlan:
    """The plan that deletes a row, found by its key."""

    def make() -> RowPlan:
        key = target.schema.key
        built: Any = _using(delete_from(target.table), options, len(key) + len(guard.lookups))
        built = guard.guarded(_where_key(built, key), len(key))
        return RowPlan(Plan(built), compile_extractor(target.schema.model, key))

    return target.plans.get(("delete", guard.shape(), options.shape()), make)


def plan_delete_columns(
    target: Target[Any], columns: tuple[Column, ...], elements: tuple[Column, ...], options: WriteOptions
) -> RowPlan:
    """The plan that deletes columns of a row, and elements of collections by key or index."""

    def make() -> RowPlan:
        key = target.schema.key
        built: Any = delete_from(target.table).columns(
            *(column.name for column in columns),
            *(col(column.name)[Slot(len(key) + place)] for place, column in enumerate(elements)),
        )
        built = _where_key(_using(built, options, len(key) + len(elements)), key)
        # Deleting by index is another element the second time, if the first one was applied.
        idempotent = not any(column.type.collection == "list" for column in elements)
        return RowPlan(Plan(built, idempotent=idempotent), compile_extractor(target.schema.model, key))

    return target.plans.get(("delete columns", columns, elements, options.shape()), make)


class Guard:
    """The condition of a lightweight transaction: `IF EXISTS`, `IF a = ? AND …`, or none.

    Attributes:
        if_exists: whether the row must exist.
        lookups: how columns are compared.
        values: what they are compared with, as a driver takes it.
    """

    __slots__ = ("if_exists", "lookups", "values")

    def __init__(self, lookups: tuple[Lookup, ...] = (), values: tuple[object, ...] = (), *, if_exists: bool) -> None:
        """Hold the condition."""
        self.if_exists = if_exists
        self.lookups = lookups
        self.values = values

    def __bool__(self) -> bool:
        """Whether there is a condition at all."""
        return self.if_exists or bool(self.lookups)

    def shape(self) -> tuple[bool, tuple[Lookup, ...]]:
        """Everything but the values."""
        return self.if_exists, self.lookups

    def guarded(self, built: Any, first: int) -> Any:
        """The statement with this condition, its values the inputs from `first` on."""
        if self.lookups:
            return built.if_(*(relation(each, Slot(first + place)) for place, each in enumerate(self.lookups)))
        return built.if_exists() if self.if_exists else built


def _where_key(built: Any, key: Sequence[Column]) -> Any:
    return built.where(*(col(column.name) == Slot(place) for place, column in enumerate(key)))


def _using(built: Any, options: WriteOptions, first: int) -> Any:
    """The statement with USING; the values are the last two inputs, ttl at place `first`."""
    given: dict[str, Slot] = {}
    if options.ttl is not None:
        given["ttl"] = Slot(first)
    if options.timestamp is not None:
        given["timestamp"] = Slot(first + 1)
    return built.using(**given) if given else built
