"""The chainable half of a `QuerySet`: each method returns another one and sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from coodie._model.base import DocumentBase, complete_schema
from coodie._query.keywords import keywords_of
from coodie._query.state import QueryState
from coodie.errors import UnknownNameError
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from typing_extensions import Self

    from coodie._schema.columns import Column, ModelSchema

D = TypeVar("D", bound=DocumentBase)


class Chain(Generic[D]):
    """A query being built: immutable, and nothing is sent until a terminal method is called."""

    __slots__ = ("_model", "_state")

    def __init__(self, model: type[D], state: QueryState | None = None) -> None:
        """Ask for every document of a model, or for what a state says."""
        self._model = model
        self._state = QueryState() if state is None else state

    @property
    def state(self) -> QueryState:
        """What has been asked for so far."""
        return self._state

    def filter(self, **lookups: object) -> Self:
        """Keep the documents that match, besides what was asked for before.

        Each keyword is a field, or a field with a lookup: `price__gte=10`, `status__in=["new", "paid"]`.

        Raises:
            UnknownNameError: a keyword names no field, or a lookup that does not exist.
            InvalidValueError: a value does not fit its field.
        """
        if not lookups:
            return self
        table = keywords_of(self._model).lookups
        found = [table.filter(keyword) for keyword in lookups]
        read = [lookup.read(value) for lookup, value in zip(found, lookups.values(), strict=True)]
        state = self._state
        return self._with(lookups=(*state.lookups, *found), values=(*state.values, *read))

    def limit(self, count: int) -> Self:
        """Return at most this many documents.

        Raises:
            InvalidQueryError: the count is not a positive whole number.
        """
        if type(count) is not int or not 0 < count < 1 << 31:
            raise InvalidQueryError(f"limit() takes a whole number from 1 to {(1 << 31) - 1}")
        return self._with(limit=count)

    def order_by(self, *fields: str) -> Self:
        """Sort by these fields, `"-price"` descending; replaces an earlier order.

        Clustering columns of a known partition are sorted by the server. Other columns are sorted here, where a key or
        an index bounds the query or filtering was allowed: the limit is applied after sorting, None comes last.

        Raises:
            UnknownNameError: a name that is no field.
            InvalidQueryError: a field is named twice.
        """
        schema = complete_schema(self._model)
        order = tuple(_order(schema, written) for written in fields)
        columns = [column for column, _ in order]
        for column in columns:
            if columns.count(column) > 1:
                raise InvalidQueryError(f"order_by() of {schema.model} names {column.field!r} twice; name it once")
        return self._with(order=order)

    def allow_filtering(self) -> Self:
        """Let the server read rows that it then leaves out (`ALLOW FILTERING`): its work grows with the table."""
        return self._with(allow_filtering=True)

    def __repr__(self) -> str:
        """Show the chain without its values, which may be secrets: `<QuerySet User.find(name=...).limit(3)>`."""
        state = self._state
        calls = [f"find({', '.join(f'{lookup.keyword}=...' for lookup in state.lookups)})"]
        if state.order:
            fields = (repr(f"{'-' if down else ''}{column.field}") for column, down in state.order)
            calls.append(f"order_by({', '.join(fields)})")
        if state.limit is not None:
            calls.append(f"limit({state.limit})")
        if state.allow_filtering:
            calls.append("allow_filtering()")
        return f"<{type(self).__name__} {self._model.__name__}.{'.'.join(calls)}>"

    def _with(self, **changes: Any) -> Self:
        return type(self)(self._model, self._state.with_changes(**changes))


def _order(schema: ModelSchema, written: str) -> tuple[Column, bool]:
    given = cast("object", written)
    if not isinstance(given, str):
        raise InvalidQueryError(f'order_by() takes names of fields, "-name" for descending, not {type(given).__name__}')
    name = written.removeprefix("-")
    column = schema.by_name.get(name)
    if column is None:
        raise UnknownNameError(schema.model, "field", name, (each.field for each in schema.columns))
    return column, written.startswith("-")
