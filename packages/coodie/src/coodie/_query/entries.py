"""Conditions on one entry of a dict or one place of a list, `Product.limits["day"] == 3` → column, operator, pairs.

No keyword says them: a key may be any text, and of any type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from coodie._model.expressions import EntryCondition
from coodie._query.comparable import IN_IF, without_order
from coodie._query.lookups import LOOKUPS, OF_ENTRY, FieldName, Lookup
from coodie._query.values import chained, element_reader, key_reader, several
from coodie._schema.cql_types import ColumnType
from coodie._schema.indexes import RANGES, holds_durations
from coodie.errors import InvalidValueError
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie._model.expressions import Condition
    from coodie._model.extract import Part
    from coodie._query.values import FieldChecker, ValueReader
    from coodie._schema.columns import Column, ModelSchema


class EntryName(NamedTuple):
    """How an entry is compared: what a keyword is to other comparisons."""

    field: str
    lookup: str
    mark: str = OF_ENTRY  # by which it differs from the `FieldName` of the whole field


Name: TypeAlias = str | FieldName | EntryName
"""What a comparison is remembered by: a keyword, a field or an entry."""


def named(condition: Condition) -> tuple[Name, object]:
    """What a condition is remembered by, and what is compared."""
    if isinstance(condition, EntryCondition):
        return EntryName(condition.field, condition.lookup), (condition.key, condition.value)
    # A keyword that is a field's name is that field: of equality nothing else can be meant.
    lookup = condition.lookup
    return (condition.field, lookup) if lookup else condition.field, condition.value


class EntryLookup(Lookup):
    """One way to compare one entry of a dict, or one place of a list: with pairs of where, and with what."""

    __slots__ = ("_compared", "_place")

    def __init__(self, model: str, column: Column, operator: str, checker: FieldChecker | None) -> None:
        """Compare an entry of this column by this operator of columns; a checker makes what rows have of it."""
        super().__init__(model, column, f"{OF_ENTRY}{operator}")
        self._compared = operator
        self._place: ValueReader = self._read_index
        if column.type.collection != "list":
            stored = None if checker is None else checker.stored(column, "CONTAINS KEY")
            self._place = chained(stored, key_reader(model, column))
        if checker is not None:
            self._reader = chained(checker.stored(column, "CONTAINS"), self._reader)
        self.read = self._read_pair

    @property
    def keyword(self) -> str:
        """The entry as it is written, without its key, which is a value."""
        return f"{self.column.field}[...]"

    @property
    def part(self) -> Part:
        """The field, and the type of the pairs."""
        elements = self.column.type.elements
        where = elements[0] if self.column.type.collection == "map" else ColumnType("int")
        what = elements[-1]
        if self._compared == "IN":
            what = ColumnType(f"list<{what.cql}>", list, collection="list", elements=(what,))
        # The pair is the condition's and no value of the field, in which a place could be told: it is made here.
        return self.column.field, ColumnType(f"tuple<{where.cql}, {what.cql}>", tuple, elements=(where, what))

    def read_condition(self, value: object) -> object:
        """The pair of a condition, where None may be compared for equality: it asks that there is no such entry.

        Raises:
            InvalidValueError: the key or the value does not fit the column.
        """
        place, compared = cast("tuple[object, object]", value)
        if compared is None and self._compared in ("=", "!="):
            return self._read_place(place), None
        return self._read_pair(value)

    def _read_pair(self, value: object) -> object:
        place, compared = cast("tuple[object, object]", value)
        return self._read_place(place), self._read_value(compared)

    def _read_place(self, place: object) -> object:
        if place is None:
            raise InvalidValueError(self._model, self.column.field, "no entry has None for its key; give the key")
        return self._place(place)

    def _read_index(self, place: object) -> object:
        if type(place) is not int or not 0 <= place < 1 << 31:
            problem = "the place in a list is a whole number from 0 on: CQL counts from the front alone"
            raise InvalidValueError(self._model, self.column.field, problem)
        return place

    def _read_value(self, compared: object) -> object:
        where = f"{self._model}.{self.column.field}"
        if self._compared == "IN":
            values = several(compared)
            if values is None:
                fix = f"write col({where}[...]).in_([...])"
                problem = f"in_() takes a list of values, not one {type(compared).__name__}; {fix}"
                raise InvalidValueError(self._model, self.column.field, problem)
            return [self._read_value_of(each) for each in values]
        return self._read_value_of(compared)

    def _read_value_of(self, compared: object) -> object:
        if compared is None:
            problem = "an entry compared with None, which CQL cannot; only == and != of conditions of writes can"
            raise InvalidValueError(self._model, self.column.field, problem)
        return self._reader(compared)

    def _choose_reader(self) -> ValueReader:
        return element_reader(self._model, self.column)


class EntryTable:
    """The comparisons of entries of one model, found by name and remembered."""

    __slots__ = ("_checker", "_conditions", "_filters", "_schema")

    def __init__(self, schema: ModelSchema, checker: FieldChecker) -> None:
        """Start with nothing remembered; what WHERE compares is made by the checker as rows have it."""
        self._schema = schema
        self._checker = checker
        self._filters: dict[EntryName, Lookup] = {}
        self._conditions: dict[EntryName, Lookup] = {}

    def filter(self, name: EntryName) -> Lookup:
        """The comparison of an entry in WHERE.

        Raises:
            InvalidQueryError: CQL has no such comparison in WHERE.
        """
        found = self._filters.get(name)
        if found is None:
            found = self._filters[name] = self._made(name, _fault_in_where, self._checker)
        return found

    def condition(self, name: EntryName) -> Lookup:
        """The comparison of an entry in IF.

        Raises:
            InvalidQueryError: CQL has no such comparison in IF, or the column is part of the key.
        """
        found = self._conditions.get(name)
        if found is None:
            found = self._conditions[name] = self._made(name, _fault_in_if, None)
        return found

    def _made(
        self, name: EntryName, fault_of: Callable[[Column, str], str | None], checker: FieldChecker | None
    ) -> Lookup:
        column = self._schema.by_name[name.field]
        held = column.type
        operator = LOOKUPS[name.lookup] if name.lookup else "="
        fault = fault_of(column, operator)
        if held.collection not in ("map", "list"):
            fault = f"CQL {held.cql} has no entries; compare the field as a whole"
        if fault is not None:
            raise InvalidQueryError(f"{self._schema.model}.{column.field}[...]: {fault}")
        return EntryLookup(self._schema.model, column, operator, checker)


def _fault_in_where(column: Column, operator: str) -> str | None:
    if column.type.collection == "list":
        return "a SELECT of CQL compares no place of a list; look into it with contains(), or filter in Python"
    if column.type.frozen:
        return "the field is frozen and compared as a whole; leave Frozen() out to compare its entries"
    if operator != "=":
        return "a SELECT of CQL compares an entry by == only; filter in Python, or keep the value in a field of its own"
    return None


def _fault_in_if(column: Column, operator: str) -> str | None:
    if column.in_key:
        return "the field is part of the primary key, which a condition cannot compare; the row is chosen by it"
    if operator not in IN_IF:
        return "a condition compares an entry by ==, !=, <, <=, >, >= or in_()"
    held = column.type.elements[-1:]
    if operator in RANGES and any(map(holds_durations, held)):
        return f"{without_order(held[0])}; ask by equality, or compare in Python"
    return None
