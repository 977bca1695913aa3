"""Queries that ask for figures about rows instead of the rows: counts, sums, times of writing, JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context
from typing import TYPE_CHECKING, Any

from coodie._query.access import access_of, needs_filtering, refuse_repeated
from coodie._query.choosing import column_named
from coodie._query.continuing import limits_behind_page, page_size
from coodie._query.guarding import refuse_whole_table
from coodie._query.heeding import refuse_unheeded
from coodie._query.levels import refuse_level_of_read
from coodie._query.ordering import server_sorts
from coodie._query.partitions import check_groups
from coodie._query.plans import Plan, Slot
from coodie._query.relations import where
from coodie._query.sort_keys import sorts
from coodie._schema.annotations import peel
from coodie.errors import UnknownNameError
from coodie_drivers.errors import InvalidQueryError
from coodie_drivers.messages import Request
from cql_builder import col, fn, select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from coodie._query.state import QueryState
    from coodie._query.target import Target
    from coodie._schema.columns import Column, ModelSchema
    from coodie._schema.cql_types import ColumnType

FUNCTIONS = ("count", "sum", "avg", "min", "max")

_WHOLE = frozenset({"tinyint", "smallint", "int", "bigint", "varint", "counter"})
_NUMBERS = _WHOLE | {"float", "double", "decimal"}
_CALL = re.compile(r"\s*(\w+)\s*\(\s*(\*|\w+)\s*\)\s*")


@dataclass(frozen=True, slots=True)
class Figure:
    """A function of the matching rows.

    Attributes:
        function: one of `FUNCTIONS`.
        column: what it is of; None for whole rows.
    """

    function: str
    column: Column | None

    def selected(self) -> Any:
        """The figure in cql_builder's terms.

        Whole numbers are added as `varint` and their mean is taken as `double`, and the sum of floats as `double`: in
        their own types the server's sums wrap around and its means are cut to whole numbers. Of decimals the sum is
        asked for, of which `read` makes the mean: the server's own has no more places than the values.
        """
        if self.column is None:
            return fn.count()
        name, wider = self.column.name, self._wider()
        if self.function in ("count", "min", "max"):
            return getattr(fn, self.function)(name)
        operand = col(name) if wider is None else fn.cast(name, wider)
        return fn.sum(operand) if self._asked == "sum" else fn.avg(operand)

    @property
    def _asked(self) -> str:
        """The server's function."""
        column = self.column
        return (
            "sum" if self.function == "avg" and column is not None and column.type.cql == "decimal" else self.function
        )

    def _wider(self) -> str | None:
        """The type as which the column is added up; None where its own will do."""
        cql = "" if self.column is None else self.column.type.cql
        if self.function not in ("sum", "avg") or (cql != "float" and cql not in _WHOLE):
            return None
        return "double" if cql == "float" or self.function == "avg" else "varint"

    @property
    def called(self) -> str:
        """What a server calls the figure in an answer, unless the statement says another name (Cassandra 5.0)."""
        if self.column is None:
            return "count"
        name, wider = self.column.name, self._wider()
        return f"system.{self._asked}({name if wider is None else f'cast({name} as {wider})'})"

    def read(self, value: Any, count: Any) -> Any:
        """The figure as Python has it: as the field holds its values, where it is one of these or a sum of time spans.

        Sums and means of what else is stored as a number, such as the values of an enum, are numbers.

        Args:
            value: what the server said.
            count: of how many values a mean is.
        """
        column = self.column
        if self._asked != self.function:
            return _mean(value, count)
        decode = None if value is None or column is None else column.type.decode
        if column is None or decode is None or self.function == "count":
            return value
        of_sums = self.function in ("sum", "avg")
        return value if of_sums and peel(column.annotation).core is not timedelta else decode(value)


def _mean(total: Decimal | None, count: int) -> Decimal | None:
    """The mean of decimals with 28 digits, or as many as their sum and number have, whatever the program's context."""
    if total is None:
        return None
    digits = max(28, len(total.as_tuple().digits) + len(str(count)))
    return Context(digits, ROUND_HALF_EVEN, MIN_EMIN, MAX_EMAX).divide(total, count)


def figure_of(schema: ModelSchema, function: str, named: object) -> Figure:
    """A function of one field, or of whole rows where `named` is `*`.

    Raises:
        UnknownNameError: there is no such function or field.
        InvalidQueryError: the field's type has no such figure.
    """
    if function not in FUNCTIONS:
        raise UnknownNameError("aggregate()", "function", function, FUNCTIONS)
    if isinstance(named, str) and named == "*":
        if function != "count":
            raise InvalidQueryError(f"{function}() is of a field: {function}(price); only count(*) is of whole rows")
        return Figure(function, None)
    column = column_named(schema, named, f"{function}()")
    cql = column.type.cql
    where = f"{function}(): {schema.model}.{column.field} is CQL {cql}"
    if function in ("sum", "avg") and cql not in _NUMBERS:
        raise InvalidQueryError(f"{where}, which is no number")
    if function in ("min", "max") and not _has_order(column.type):
        raise InvalidQueryError(f"{where}, which has no order")
    return Figure(function, column)


def _has_order(held: ColumnType) -> bool:
    """Whether a least and a greatest value mean something: of durations a server compares bytes, of sets likewise."""
    return held.cql != "duration" and (held.collection is None or sorts(held))


def figures_of(schema: ModelSchema, written: Mapping[str, object]) -> dict[str, Figure]:
    """Figures by the name that each gets, from texts such as `sum(price)`.

    Raises:
        InvalidQueryError: nothing is asked for, or a text is no call of a function.
        UnknownNameError: there is no such function or field.
    """
    if not written:
        raise InvalidQueryError('aggregate() asks for nothing; write aggregate(total="sum(price)")')
    figures: dict[str, Figure] = {}
    for name, text in written.items():
        call = _CALL.fullmatch(text) if isinstance(text, str) else None
        if call is None:
            raise InvalidQueryError(
                f'aggregate({name}=...) takes a function of a field, such as {name}="sum(price)", or "count(*)"'
            )
        figures[name] = figure_of(schema, call[1].lower(), call[2])
    return figures


class FiguresPlan:
    """How figures about rows are fetched.

    Attributes:
        plan: the statement and the order of its values.
        access: how it reaches its rows.
    """

    __slots__ = ("_sends_limit", "access", "plan")

    def __init__(
        self, target: Target[Any], state: QueryState, terminal: str, selected: Sequence[Any], *, as_json: bool = False
    ) -> None:
        """Make the plan of a state's shape.

        Raises:
            InvalidQueryError: the server would refuse the query, it would read the whole table unasked, or the
                terminal does not heed what it says.
        """
        schema = target.schema
        refuse_unheeded(schema.model, state, terminal)
        refuse_level_of_read(state.more.consistency)
        refuse_repeated(schema, state.lookups)
        check_groups(schema, state)
        self.access = access = access_of(schema, state.lookups)
        refuse_whole_table(schema, access, terminal)
        filtering = needs_filtering(schema, access, allowed=state.allow_filtering)
        built: Any = select(*selected).from_(target.table)
        built = where(built.json() if as_json else built, schema, state.lookups)
        more = state.more
        self._sends_limit = state.limit is not None and terminal != "count" and not limits_behind_page(state)
        if more.groups:
            built = built.group_by(*(each.name for each in more.groups))
        place = len(state.lookups)
        if as_json and state.order:
            if not server_sorts(schema, access, state.order):
                fix = "give the partition key and sort by clustering columns, or sort documents with all()"
                raise InvalidQueryError(
                    f"{schema.model}: the server cannot sort the JSON texts as {state.sorted_by} says; {fix}"
                )
            for column, down in state.order:
                built = built.order_by(column.name, desc=down)
        if more.per_partition_limit is not None:
            built = built.per_partition_limit(Slot(place))
            place += 1
        if self._sends_limit:
            built = built.limit(Slot(place))
        self.plan = Plan(built.allow_filtering() if filtering else built)

    def request(self, state: QueryState, paging_state: bytes | None = None) -> Request:
        """The request for one page of figures."""
        more, values = state.more, state.values
        if more.per_partition_limit is not None:
            values = (*values, more.per_partition_limit)
        if self._sends_limit:
            values = (*values, state.limit)
        return Request(
            self.plan.statement,
            self.plan.params(values),
            more.consistency,
            more.timeout,
            page_size(state),
            more.paging_state if paging_state is None else paging_state,
        )
