"""`QuerySet`: the terminal methods of a query, asynchronous."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeVar, cast, overload

from coodie._ops import figures, keyed, query_writes, reads
from coodie._query import choosing, explaining, forms
from coodie._query.ungrouped import ungrouped
from coodie._shell.awaited import (
    AwaitedChain as Chain,  # sync: use from coodie._shell.loaded import LoadedChain as Chain
)
from coodie._shell.connections import keyspace_of
from coodie._shell.running import (  # sync: use from coodie._shell.running import linked, query, run_over, stream_pages
    aquery,
    arun_over,
    astream,
    astream_pages,
    linked,
)
from coodie._shell.scanning import AsyncScan
from coodie.aio.batch import batch_among, checked_batch
from coodie.aio.bulk import BulkQuery

if TYPE_CHECKING:
    from collections.abc import (  # sync: use from collections.abc import Callable, Iterable, Iterator
        AsyncIterator,
        Awaitable,
        Callable,
        Iterable,
    )

    from pydantic import BaseModel
    from typing_extensions import Self

    from coodie._model.expressions import Column
    from coodie._query.explaining import Explanation
    from coodie.aio.batch import AsyncBatchQuery
    from coodie.lazy import LazyDocument
    from coodie.results import PagedResult, WriteResult

__all__ = ["GroupedQuerySet", "QuerySet"]

T_co = TypeVar("T_co", covariant=True)
S = TypeVar("S", bound="BaseModel")


class Query(Chain[T_co]):
    """The terminal methods that read items."""

    __slots__ = ()

    @overload
    async def all(self, lazy: Literal[False] = False) -> list[T_co]: ...
    @overload
    async def all(self, lazy: Literal[True]) -> list[LazyDocument[T_co]]: ...
    async def all(self, lazy: bool = False) -> Any:
        """Return every matching item.

        Args:
            lazy: return rows that become documents when they are first looked at; see `LazyDocument`.

        Raises:
            InvalidQueryError: the server would refuse the query, or no key and no index serves it.
        """
        link, fetch = linked(self), reads.fetch_all if lazy is False else reads.fetch_by(lazy)
        return await arun_over(link, fetch(link.target, self._state))

    async def first(self) -> T_co | None:
        """Return the first matching item, or None.

        Raises:
            InvalidQueryError: the server would refuse the query, or no key and no index serves it.
        """
        found: T_co | None = await aquery(self, reads.fetch_first)
        return found

    async def paged_all(self) -> PagedResult[T_co]:
        """Return one page, of `fetch_size()` items, that goes on where `page()` says; see `PagedResult`.

        Raises:
            InvalidQueryError: the server would refuse the query, or has no pages of it because it is sorted here.
        """
        return await aquery(self, reads.fetch_page)

    def pages(self) -> AsyncIterator[PagedResult[T_co]]:
        """Iterate over the pages of the query, each with where the next one begins.

        Raises:
            InvalidQueryError: the server would refuse the query, or has no pages of it because it is sorted here.
        """
        return astream_pages(self)

    def explain(self) -> Explanation:
        """Return how `all()` would reach the rows: the statement, why, what it costs; nothing is sent.

        Raises:
            InvalidQueryError: `all()` would refuse the query. That it may hold too many rows is a warning instead: a
                loop over it need not.
            InvalidModelError: the model has no table: it is abstract, or no field is marked `PrimaryKey()`.
        """
        more = self._state.more
        return explaining.explanation_of(
            self._model, self._state, keyspace_of(self._model, more.connection, more.keyspace)
        )

    @overload
    def __getitem__(self, at: slice) -> Self: ...
    @overload
    def __getitem__(self, at: int) -> Awaitable[T_co]: ...  # sync: use def __getitem__(self, at: int) -> T_co: ...
    def __getitem__(self, at: slice | int) -> Any:
        """Narrow the query to a slice, `[:10]` or `[20:30]`; or return the item of one place, `await query[5]`.

        CQL has no OFFSET: what lies in front is fetched and left out.

        Raises:
            IndexError: there are fewer items.
            InvalidQueryError: a place is counted from the end.
        """
        if isinstance(at, slice):
            return self._like(choosing.sliced(self._state, at))
        return aquery(self._like(choosing.at_place(self._state, at)), reads.fetch_place)

    def __aiter__(self) -> AsyncIterator[T_co]:
        """Iterate over the matching items; the next page is fetched while this one is looked at."""
        return astream(self)  # sync: use return self._looped()


class QuerySet(Query[T_co], BulkQuery[T_co]):
    """A query of one model: chain methods narrow it, terminal methods send it.

    It is immutable: each chain method returns another one, and the same one can be sent many times.
    """

    __slots__ = ()

    @overload
    def values_list(self, *fields: str | Column[Any], flat: Literal[False] = False) -> QuerySet[tuple[Any, ...]]: ...
    @overload
    def values_list(self, *fields: str | Column[Any], flat: Literal[True]) -> QuerySet[Any]: ...
    def values_list(self, *fields: str | Column[Any], flat: bool = False) -> QuerySet[Any]:
        """Return tuples of these fields instead of documents; with `flat=True` the values of a single field.

        Raises:
            UnknownNameError: a name that is no field.
            InvalidQueryError: `flat` with more than one field, or a field that `only()` or `defer()` leaves out.
        """
        return QuerySet(cast("type[Any]", self._model), forms.as_values(self._schema, self._state, fields, flat=flat))

    def select_token(self) -> QuerySet[tuple[Any, ...]]:
        """Return tuples that end with the token of the partition, which says where in the cluster it lies."""
        return QuerySet(cast("type[Any]", self._model), forms.with_token(self._schema, self._state))

    def into(self, model: type[S]) -> QuerySet[S]:
        """Return instances of another Pydantic model, validated, of the fields that it shares with this one.

        A field is filled by its alias for validation or, where that is none here, by its name: either may name a field
        of this model or a column. What is found by neither has its default. A user type becomes a model of yours that
        has some of its fields; in a family, the fields of derived classes are found as well.

        Raises:
            InvalidQueryError: the other model has no field of this one, requires one that this one has not, or has an
                `AliasPath` into a user type.
        """
        return QuerySet(cast("type[Any]", self._model), forms.into(self._schema, self._state, model))

    def group_by(self, *fields: str | Column[Any]) -> GroupedQuerySet[T_co]:
        """Take the rows together that are alike in these fields, the primary key's from the left.

        Raises:
            UnknownNameError: a name that is no field.
            InvalidQueryError: a field is named twice, or none is; or a slice stands before.
        """
        choosing.refuse_slice(self._state.shape, "group_by()", "group the list that all() returns")
        groups = choosing.columns_named(self._schema, fields, "group_by()")
        return GroupedQuerySet(cast("type[Any]", self._model), self._state.with_more(groups=groups))

    def scan(
        self,
        *,
        splits: int | None = None,
        at_once: int = 8,
        resume: str | None = None,
        progress: Callable[[int, int], object] | None = None,
    ) -> AsyncScan[T_co]:
        """Iterate over the whole table, of which several parts are read at once, in no order.

        Each item is given out once. `position` of what is returned says, at any time, how far the loop is; a program
        that was interrupted goes on from there, and gives out what is left. What is written meanwhile may or may not
        be among it. For tables of Murmur3Partitioner, which is the default of Cassandra and all that ScyllaDB has.

        Args:
            splits: into how many ranges of tokens the table is split; 256, or what the scan had that is resumed.
            at_once: how many ranges are read at once; two pages of each are in memory at most.
            resume: the `position` of a scan of the same query.
            progress: called after each range with how many are done, and how many there are.

        Raises:
            InvalidCursorError: the position is none of this query.
            InvalidQueryError: the query names partitions, or says something that a scan does not heed.

        ```python
        scan = User.find().only("name").scan(resume=stored)
        async for user in scan:
            work_on(user)
            store(scan.position)
        ```
        """
        return AsyncScan(self, splits, at_once, resume, progress)

    async def in_bulk(self, keys: Iterable[Any], *, at_once: int = 32) -> dict[Any, T_co]:
        """Return the documents of these primary keys, by key; a key that has no row is left out.

        Each is read by a request of its own, to the nodes that have it, which is faster than `__in` of many.

        Args:
            keys: values of the key's field, or tuples where it has several fields.
            at_once: how many are read at once.

        Raises:
            InvalidQueryError: a key is not whole.
            InvalidValueError: a value does not fit its field.

        ```python
        users = await User.find().in_bulk([first_id, second_id])
        users[first_id].name
        ```
        """
        return await aquery(self, keyed.fetch_by_keys, keys, at_once)

    async def count(self) -> int:
        """Return how many documents match; with a limit, never more than that.

        The server reads every matching row to count it.

        Raises:
            InvalidQueryError: the server would refuse the query, or no key and no index serves it.
        """
        link = linked(self)
        return await arun_over(link, figures.count(link.target, self._state))

    async def exists(self) -> bool:
        """Return whether any document matches.

        Raises:
            InvalidQueryError: the server would refuse the query, or no key and no index serves it.
        """
        return await aquery(self, figures.exists)

    async def aggregate(self, /, **figures_by_name: str) -> dict[str, Any]:
        """Return figures of the matching rows: `aggregate(total="sum(price)", n="count(*)")`.

        The functions are `count`, `sum`, `avg`, `min` and `max`; see `sum` and `avg` for the types.

        Raises:
            InvalidQueryError: a text is no function of a field, or the field's type has no such figure.
        """
        return await aquery(self, figures.aggregate, figures_by_name)

    async def sum(self, field: str | Column[Any]) -> Any:
        """Return the sum of a field: of whole numbers as int of any size, of floats with 64 bits; 0 of no rows.

        That of time spans stored as numbers (`timedelta` with `BigInt()`) is a `timedelta`, that of an enum's values a
        number.

        Raises:
            InvalidQueryError: the field is no number.
        """
        return await aquery(self, figures.one_figure, "sum", field)

    async def avg(self, field: str | Column[Any]) -> Any:
        """Return the mean of a field: a float, a Decimal or timedelta where the field is one; None of no rows.

        That of decimals is their sum divided by their number, with 28 digits or, where the sum has more, with those.

        Raises:
            InvalidQueryError: the field is no number.
        """
        return await aquery(self, figures.one_figure, "avg", field)

    async def min(self, field: str | Column[Any]) -> Any:
        """Return the least value of a field, or None of no rows.

        Raises:
            InvalidQueryError: the field's type has no order.
        """
        return await aquery(self, figures.one_figure, "min", field)

    async def max(self, field: str | Column[Any]) -> Any:
        """Return the greatest value of a field, or None of no rows.

        Raises:
            InvalidQueryError: the field's type has no order.
        """
        return await aquery(self, figures.one_figure, "max", field)

    async def json(self) -> list[str]:
        """Return each matching row as a text of JSON, made by the server: blobs as `"0x…"`, durations as `"1d"`.

        Raises:
            InvalidQueryError: the server would refuse the query.
        """
        return await aquery(self, figures.json)

    async def writetime(self, col: str | Column[Any]) -> Any:
        """Return when a field of the only matching row was written, in microseconds since 1970; None of no value.

        Raises:
            InvalidQueryError: the field is part of the key.
            MultipleDocumentsFound: there is more than one row.
        """
        return await aquery(self, figures.written_fact, "writetime", col)

    async def column_ttl(self, col: str | Column[Any]) -> Any:
        """Return the seconds until a field of the only matching row expires; None where it does not.

        Raises:
            InvalidQueryError: the field is part of the key.
            MultipleDocumentsFound: there is more than one row.
        """
        return await aquery(self, figures.written_fact, "column_ttl", col)

    async def create(self, /, **values: Any) -> T_co:
        """Construct a document and save it, and return it; with `if_not_exists()` only where its row does not exist.

        `batch=` is a batch that saves it later, unless a field is called so. Other options are steps before it.

        Raises:
            ValidationError: Pydantic's, as constructing raises it.
            InvalidQueryError: a keyword is such an option, as `ttl` is, and no field is called so.
            ConditionFailedError: its row exists.
        """
        batch = batch_among(self._model, values)
        created: T_co = await aquery(self, query_writes.create, values, batch)
        return created

    async def get_or_create(self, /, **values: Any) -> tuple[T_co, bool]:
        """Return the document whose row has this key, and False; or create it with these values, and True.

        It is one lightweight transaction (`IF NOT EXISTS`): of several who do this at the same time, one creates it.

        Args:
            values: the fields of the key, which find the row; the others are for the document that is created.
                Options are steps before it, such as `ttl(60)`; no batch takes it, whose answer comes later.

        Raises:
            ValidationError: Pydantic's, as constructing raises it.
            InvalidQueryError: a field of the key is missing; or a keyword is an option, and no field is called so.

        ```python
        user, created = await User.find().get_or_create(id=user_id, name="Alice")
        ```
        """
        found: tuple[T_co, bool] = await aquery(self, keyed.get_or_create, values)
        return found

    @overload
    async def update(self, /, *, batch: None = None, **changes: Any) -> WriteResult: ...
    @overload
    async def update(self, /, **changes: Any) -> WriteResult | None: ...
    async def update(self, /, **changes: Any) -> WriteResult | None:
        """Change fields of every matching row, and return how many.

        Where the query gives the whole key by equality, that row is written, whether it exists or not, or its partition
        where nothing but static fields change; of one class of a family only where it is of that class, so that none is
        made. Else the keys are read page by page and each row is written by its key, many at once: this is not atomic,
        and a row that is deleted meanwhile comes back with the new values alone, which `if_exists()` prevents. A
        partition that has static columns alone has no row, and is written only where nothing but static columns change.

        Args:
            changes: as for `Document.update`: fields with new values, `add__tags={"x"}` and so on. `batch=` is a batch
                that takes the write of a single row, unless a field is called so.

        Returns:
            How many rows were written, and whether all were; None when a batch took the write, whose `result` tells.

        Raises:
            UnknownNameError: a keyword names no field.
            InvalidValueError: a value does not fit its field.
            InvalidQueryError: nothing says which rows, or a field is part of the key.
            BulkWriteError: a row was not written, and others were.
        """
        batch = batch_among(self._model, changes)
        return await aquery(self, query_writes.update, changes, batch=batch)

    @overload
    async def update_from(self, instance: BaseModel, *, batch: None = None) -> WriteResult: ...
    @overload
    async def update_from(self, instance: BaseModel, *, batch: AsyncBatchQuery | None) -> WriteResult | None: ...
    async def update_from(self, instance: BaseModel, *, batch: AsyncBatchQuery | None = None) -> WriteResult | None:
        """Change, of every matching row, the fields that were set in an instance of another Pydantic model.

        It is `update()` of those fields: what a client of a web API left out of its request stays as it is. A user type
        is set as a whole, from an instance of its class or of a plain model with its fields.

        Args:
            instance: its fields that were set are fields of this model.
            batch: a batch that takes the write of a single row.

        Returns:
            How many rows were written, and whether all were; None when a batch took the write, whose `result` tells.

        Raises:
            UnknownNameError: a field was set that this model has not.
            InvalidValueError: a value does not fit its field.
            InvalidQueryError: a field of the key was set, none was, or nothing says which rows.
            BulkWriteError: a row was not written, and others were.

        ```python
        class UserPatch(BaseModel):
            name: str | None = None
            score: int | None = None


        await User.find(id=user_id).if_exists().update_from(UserPatch(name="Alice"))
        ```
        """
        return await aquery(self, query_writes.update_from, instance, checked_batch(batch))

    @overload
    async def delete(self, *, batch: None = None) -> WriteResult: ...
    @overload
    async def delete(self, *, batch: AsyncBatchQuery | None) -> WriteResult | None: ...
    async def delete(self, *, batch: AsyncBatchQuery | None = None) -> WriteResult | None:
        """Delete every matching row, and return how many, where that is known.

        What lies in one partition, or between bounds of its clustering key, is deleted by one statement, of whose rows
        nobody knows the number: `written` is None. Else the keys are read page by page and each row is deleted by its
        key, many at once: this is not atomic, and a partition that has static columns alone has no row and is left as
        it is.

        Args:
            batch: a batch that takes the one statement, or the write of a single row.

        Returns:
            How many rows were deleted, and whether all were; None when a batch took the write, whose `result` tells.

        Raises:
            InvalidQueryError: nothing says which rows, or the documents have versions and `iff()` names none.
            BulkWriteError: a row was not deleted, and others were.
        """
        return await aquery(self, query_writes.delete, checked_batch(batch))


class GroupedQuerySet(Query[T_co]):
    """A query whose rows are taken together in groups: as documents, the first of each group."""

    __slots__ = ()

    if not TYPE_CHECKING:  # to checkers it is unknown

        def __getattr__(self, name: str) -> NoReturn:
            """Refuse what groups have not and rows have.

            Raises:
                InvalidQueryError: says what to do instead.
                AttributeError: no query has it.
            """
            if not name.startswith("_") and hasattr(QuerySet, name):
                raise ungrouped(self._model.__name__, name)
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    async def aggregate(self, /, **figures_by_name: str) -> list[dict[str, Any]]:
        """Return figures of each group, with the fields that make it: `aggregate(total="sum(price)")`.

        Raises:
            InvalidQueryError: a text is no function of a field, or the field's type has no such figure.
        """
        return await aquery(self, figures.aggregate_groups, figures_by_name)
