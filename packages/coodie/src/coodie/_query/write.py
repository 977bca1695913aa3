"""Writes → their plans: INSERT, UPDATE and DELETE of one row, made once per shape."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

from coodie._model.extract import (
    Extractor,
    compile_extractor,
    compile_fitting_extractor,
    compile_null_test,
    misfit_of,
    null_form,
    part_of,
)
from coodie._query.plans import Plan, Slot
from coodie._query.relations import places_in_order, relations, where
from coodie._schema.fitting import compile_fitting
from coodie.errors import InvalidValueError
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.messages import Request
from cql_builder import col, delete_from, insert_into, update

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from coodie._model.base import DocumentBase
    from coodie._model.extract import Part
    from coodie._query.assignments import Assignment
    from coodie._query.lookups import Lookup
    from coodie._query.options import WriteOptions
    from coodie._query.target import Target
    from coodie._schema.columns import Column, ModelSchema

_new = object.__new__

INSERT, INSERT_NEW, DELETE = 0, 4, 8
"""What the shapes of the most frequent writes are counted from: a number is found sooner than a tuple."""


class RowPlan:
    """A write of one row.

    Its inputs are the extracted values of the document, then the values that the call adds, then ttl and timestamp.

    Attributes:
        plan: the statement and the order of its values.
        extract: takes the row's values out of a document.
        has_null: whether one of the row's values is a null to the server.
        taken: takes the row out of a document as `extract` does, for a batch: None where a driver may not take one of
            the values.
        columns: those that `extract` takes, in order.
    """

    __slots__ = ("_fits", "_model", "_parts", "columns", "extract", "has_null", "plan", "taken")

    def __init__(
        self, plan: Plan, target: Target[Any], columns: tuple[Column, ...], added: Sequence[Part] = ()
    ) -> None:
        """Hold the statement, and make what takes these columns out of a document.

        Args:
            plan: the statement and the order of its values.
            target: the model and its table.
            columns: those of the row.
            added: what each call adds to the row's values.
        """
        self.plan = plan
        self.columns = columns
        self.extract: Extractor = compile_extractor(target.schema.model, columns)
        self.has_null = compile_null_test(tuple(map(null_form, columns)))
        self._model = target.schema.model
        self._parts = (*map(part_of, columns), *added)
        self._fits: Callable[[Sequence[object]], bool] | None = None
        self.taken: Callable[[Any], tuple[Any, ...] | None] = self._first_taken

    def misfit(self, values: tuple[object, ...]) -> InvalidValueError | None:
        """The error for the first of the row's and the added values that a driver cannot take, or None."""
        return misfit_of(self._model, self._parts, values)

    def raise_misfit(self, values: tuple[object, ...], error: BaseException) -> None:
        """Name the field where a request was refused because a driver cannot take a value for it; else do nothing.

        Raises:
            InvalidValueError: there is such a value.
        """
        refused = isinstance(error, InvalidQueryError) and not isinstance(error, InvalidValueError)
        misfit = self.misfit(values) if refused else None
        if misfit is not None:
            raise misfit from error

    def checked_params(self, row: tuple[object, ...], options: WriteOptions, *added: object) -> Sequence[object]:
        """The values of one write, as `params` gives them, of which a driver can take each.

        Raises:
            InvalidValueError: a value, of the row or added, is of the wrong type for its column.
        """
        if self._fits is None:  # only batches ask
            self._fits = compile_fitting([held for _, held in self._parts])
        values = (*row, *added) if added else row
        misfit = None if self._fits(values) else self.misfit(values)
        if misfit is not None:
            raise misfit
        as_it_is = not options.using and len(values) == self.plan.takes_all
        return values if as_it_is else self.params(row, options, *added)

    def _first_taken(self, document: DocumentBase) -> tuple[Any, ...] | None:
        """Do what `taken` does, and make the function that does it from now on: only batches ask."""
        self.taken = compile_fitting_extractor(self.columns)
        return self.taken(document)

    def request(self, row: tuple[object, ...], options: WriteOptions, *added: object) -> Request:
        """The request for one write."""
        plan = self.plan
        as_it_is = not (added or options.using) and len(row) == plan.takes_all
        request = _new(Request)  # filled in: that costs a third of a call of its class
        request.statement = plan.statement
        request.params = row if as_it_is else self.params(row, options, *added)
        request.consistency, request.timeout = options.consistency, options.timeout
        request.fetch_size = request.paging_state = None
        return request

    def params(self, row: tuple[object, ...], options: WriteOptions, *added: object) -> Sequence[object]:
        """The values of one write, in the order of the statement's markers."""
        if not options.using:
            values = (*row, *added) if added else row
            return values if len(values) == self.plan.takes_all else self.plan.params(values)
        return self.plan.params((*row, *added, options.ttl, options.timestamp))


def plan_insert(target: Target[Any], options: WriteOptions, *, if_not_exists: bool) -> RowPlan:
    """The plan that writes a whole row."""
    key = (INSERT_NEW if if_not_exists else INSERT) + options.using
    found: RowPlan | None = target.plans.known(key)
    if found is not None:
        return found
    columns = target.schema.columns
    return target.plans.get(key, lambda: plan_insert_part(target, columns, options, if_not_exists=if_not_exists))


def plan_insert_part(
    target: Target[Any], columns: tuple[Column, ...], options: WriteOptions, *, if_not_exists: bool
) -> RowPlan:
    """The plan that writes these columns of a row, the key's among them."""

    def make() -> RowPlan:
        built: Any = insert_into(target.table).values(
            {column.name: Slot(place) for place, column in enumerate(columns)}
        )
        built = built.if_not_exists() if if_not_exists else built
        return RowPlan(Plan(using(built, options, len(columns))), target, columns)

    return target.plans.get(("insert", columns, options.shape(), if_not_exists), make)


def plan_update(
    target: Target[Any], assignments: tuple[Assignment, ...], guard: Guard, options: WriteOptions
) -> RowPlan:
    """The plan that changes some columns of a row, found by its key; static ones, by that of the partition."""
    # A key of two tells itself from all others, which begin with a word.
    key = (assignments, options.using) if guard is NO_GUARD else ("update", assignments, guard.shape(), options.using)
    found: RowPlan | None = target.plans.known(key)
    return _make_update(target, assignments, guard, options, key) if found is None else found


def _make_update(
    target: Target[Any], assignments: tuple[Assignment, ...], guard: Guard, options: WriteOptions, shape: Hashable
) -> RowPlan:
    def make() -> RowPlan:
        mentioned = [each.column for each in assignments] + [each.column for each in guard.lookups]
        key = target.schema.key_of(mentioned)
        first = len(key)
        then = first + sum(each.width for each in assignments)
        built: Any = using(update(target.table), options, then + len(guard.lookups))
        starts = list(accumulate((each.width for each in assignments), initial=first))
        # In one order, however the fields are named: the text is prepared once.
        for place in places_in_order(target.schema, [each.column for each in assignments]):
            at, each = starts[place], assignments[place]
            built = built.set(each.built(*map(Slot, range(at, at + each.width))))
        built = guard.guarded(_where_key(built, key), target.schema, then)
        idempotent = not guard and all(each.idempotent for each in assignments)
        added = (*(part for each in assignments for part in each.parts), *(each.part for each in guard.lookups))
        return RowPlan(Plan(built, idempotent=idempotent), target, key, added)

    return target.plans.get(shape, make)


def plan_delete(target: Target[Any], guard: Guard, options: WriteOptions) -> RowPlan:
    """The plan that deletes a row, found by its key."""
    shape = DELETE + options.using if guard is NO_GUARD else ("delete", guard.shape(), options.using)
    found: RowPlan | None = target.plans.known(shape)
    return _make_delete(target, guard, options, shape) if found is None else found


def _make_delete(target: Target[Any], guard: Guard, options: WriteOptions, shape: Hashable) -> RowPlan:
    def make() -> RowPlan:
        _check_counter_delete(target, options, conditional=bool(guard))
        key = target.schema.key
        built: Any = using(delete_from(target.table), options, len(key) + len(guard.lookups))
        built = guard.guarded(_where_key(built, key), target.schema, len(key))
        return RowPlan(Plan(built), target, key, [each.part for each in guard.lookups])

    return target.plans.get(shape, make)


def plan_delete_range(target: Target[Any], lookups: tuple[Lookup, ...], options: WriteOptions) -> Plan:
    """The plan that deletes what lies in a partition, or between bounds of its clustering key."""

    def make() -> Plan:
        _check_counter_delete(target, options, conditional=False)
        return Plan(where(using(delete_from(target.table), options, len(lookups)), target.schema, lookups))

    return target.plans.get(("delete range", lookups, options.shape()), make)


def plan_delete_columns(
    target: Target[Any], columns: tuple[Column, ...], elements: tuple[Column, ...], options: WriteOptions
) -> RowPlan:
    """The plan that deletes columns of a row, and elements of collections by key or index."""

    def make() -> RowPlan:
        _check_counter_delete(target, options, conditional=False)
        key = target.schema.key_of((*columns, *elements))
        built: Any = delete_from(target.table).columns(
            *(col(columns[place].name) for place in places_in_order(target.schema, columns)),
            *(col(column.name)[Slot(len(key) + place)] for place, column in enumerate(elements)),
        )
        built = _where_key(using(built, options, len(key) + len(elements)), key)
        # Deleting by index is another element the second time, if the first one was applied.
        idempotent = not any(column.type.collection == "list" for column in elements)
        return RowPlan(Plan(built, idempotent=idempotent), target, key, [_element_part(column) for column in elements])

    return target.plans.get(("delete columns", columns, elements, options.shape()), make)


def _element_part(column: Column) -> Part:
    """What an element is removed by: a key of a dict, a value of a set; the index of a list was checked whole."""
    return column.field, None if column.type.collection == "list" else column.type.elements[0]


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

    def guarded(self, built: Any, schema: ModelSchema, first: int) -> Any:
        """The statement with this condition, its values the inputs from `first` on."""
        if self.lookups:
            return built.if_(*relations(schema, self.lookups, first))
        return built.if_exists() if self.if_exists else built


NO_GUARD = Guard(if_exists=False)
"""No condition: what most writes have."""


def _check_counter_delete(target: Target[Any], options: WriteOptions, *, conditional: bool) -> None:
    """Refuse what no server does for counters: only it knows when they were counted, and it compares none."""
    if not target.model.__coodie_counters__ or not (conditional or options.timestamp is not None):
        return
    refused = "no condition: leave if_exists and if_conditions out" if conditional else "no timestamp: leave it out"
    raise InvalidQueryError(f"{target.schema.model} is a counter table, whose deletes take {refused}")


def _where_key(built: Any, key: Sequence[Column]) -> Any:
    return built.where(*(col(column.name) == Slot(place) for place, column in enumerate(key)))


def using(built: Any, options: WriteOptions, first: int) -> Any:
    """The statement with USING; the values are the last two inputs, ttl at place `first`."""
    given: dict[str, Slot] = {}
    if options.ttl is not None:
        given["ttl"] = Slot(first)
    if options.timestamp is not None:
        given["timestamp"] = Slot(first + 1)
    return built.using(**given) if given else built
