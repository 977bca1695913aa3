"""`Document`: the verbs of a model, asynchronous."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

from coodie._model.base import DocumentBase, build_in_subclasses
from coodie._model.metaclass import CounterMetaclass
from coodie._ops import column_deletes, counters, json_writes, reads, saves, tables, views, writes
from coodie._query import choosing
from coodie._query.options import write_options
from coodie._shell.connections import link_for, places_named, using
from coodie._shell.running import arun, arun_for, arun_over
from coodie.aio.batch import batch_among, checked_batch
from coodie.aio.counters import DECREMENT, INCREMENT, CounterVerb
from coodie.aio.query import QuerySet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self

    from coodie._model.expressions import Condition
    from coodie.aio.batch import AsyncBatchQuery
    from coodie.results import LWTResult

__all__ = ["CounterDocument", "Document", "MaterializedView"]


class Document(DocumentBase, defer_build=True):
    """Base class for asynchronous documents: a Pydantic model that is a table.

    A `datetime` keeps milliseconds in the table, and one without a time zone is taken as UTC: `coodie.fields` says of
    each type what its column keeps.
    """

    @classmethod
    async def sync_table(
        cls,
        dry_run: bool = False,
        drop_removed_indexes: bool = False,
        *,
        keyspaces: Sequence[str] = (),
        connections: Sequence[str] = (),
    ) -> list[str]:
        """Create the table, or add to it the columns and indexes that it lacks.

        Args:
            dry_run: return the CQL that would be executed, and execute nothing.
            drop_removed_indexes: drop the secondary indexes that the model no longer has.
            keyspaces: where the table is to be, one keyspace after another; the model's own unless said.
            connections: the names of the connections over which, each with all the keyspaces; the model's own unless
                said.

        Returns:
            The CQL statements that were, or would be, executed; none when the table is as it should be.

        Raises:
            ConfigurationError: the model has no keyspace, or the keyspace is not there.
            InvalidQueryError: the table cannot become what the model says, such as a column of another type.
        """
        executed: list[str] = []
        for connection, keyspace in places_named(keyspaces, connections):
            with using(keyspace=keyspace, connection=connection):
                executed += await arun(cls, tables.sync_table, dry_run, drop_removed_indexes)
        return executed

    @classmethod
    async def drop_table(cls) -> None:
        """Drop the table with all its rows, if it is there."""
        await arun(cls, tables.drop_table)

    @classmethod
    async def truncate(cls) -> None:
        """Remove every row of the table."""
        await arun(cls, tables.truncate)

    async def save(
        self,
        ttl: int | None = None,
        timestamp: int | None = None,
        consistency: str | None = None,
        timeout: float | None = None,
        batch: AsyncBatchQuery | None = None,
        *,
        changed_only: bool = False,
        nulls: Literal["write", "skip"] | None = None,
    ) -> None:
        """Write every column of this document, whether its row exists or not; None is written as null.

        A document that was fetched in part (`only`, `defer`) writes what was fetched or assigned since.

        Args:
            ttl: seconds until the written values expire; None for the table's default.
            timestamp: when the write happened, in microseconds since 1970; None for now.
            consistency: the consistency level, such as `"QUORUM"`; None for the driver's default.
            timeout: seconds to wait for the answer; None for the driver's default.
            batch: the batch that takes the write and sends it later.
            changed_only: write what changed since the document was read or written, as `update()` does; all of one
                that was neither. The hooks are those of `save()`.
            nulls: `"skip"` to leave columns alone whose field is None, or an empty collection that was not emptied
                since the document was read, so that no tombstone is written; None for what `Settings.nulls` says.

        Raises:
            InvalidValueError: a value does not fit its column, or a part of the key is None.
        """
        options = write_options(ttl, timestamp, consistency, timeout, None if batch is None else checked_batch(batch))
        verb = saves.save_changed if changed_only else saves.save
        await arun_over(link := link_for(self), verb(link.target, self, options, nulls))

    async def save_json(
        self,
        ttl: int | None = None,
        timestamp: int | None = None,
        consistency: str | None = None,
        timeout: float | None = None,
        *,
        batch: AsyncBatchQuery | None = None,
    ) -> None:
        """Write every column of this document as `save` does, by way of `INSERT INTO … JSON`.

        The arguments are those of `save`. The JSON has CQL's forms: a blob as `"0x…"`, a moment as milliseconds. None
        is written as null, or left out where `Settings.nulls` is `"skip"`.

        Raises:
            InvalidValueError: a value does not fit its column, or a part of the key is None.
        """
        options = write_options(ttl, timestamp, consistency, timeout, checked_batch(batch))
        await arun_for(self, json_writes.save_json, options)

    @overload
    async def insert(
        self,
        ttl: int | None = None,
        timestamp: int | None = None,
        consistency: str | None = None,
        timeout: float | None = None,
        batch: None = None,
    ) -> LWTResult: ...
    @overload
    async def insert(
        self,
        ttl: int | None = None,
        timestamp: int | None = None,
        consistency: str | None = None,
        timeout: float | None = None,
        batch: AsyncBatchQuery | None = None,
    ) -> LWTResult | None: ...
    async def insert(
        self,
        ttl: int | None = None,
        timestamp: int | None = None,
        consistency: str | None = None,
        timeout: float | None = None,
        batch: AsyncBatchQuery | None = None,
    ) -> LWTResult | None:
        """Write this document only if its row does not exist (`IF NOT EXISTS`); None is left unset.

        The arguments are those of `save`, but for `timestamp`: a lightweight transaction is timed by the server.

        Returns:
            Whether it was written and, if not, what was there; None when a batch took the write.

        Raises:
            InvalidValueError: a value does not fit its column, or a part of the key is None.
        """
        options = write_options(ttl, timestamp, consistency, timeout, None if batch is None else checked_batch(batch))
        return await arun_over(link := link_for(self), saves.insert(link.target, self, options))

    async def delete_columns(
        self,
        *column_names: str,
        timestamp: int | None = None,
        consistency: str | None = None,
        timeout: float | None = None,
        batch: AsyncBatchQuery | None = None,
        collection_elements: list[tuple[str, Any]] | None = None,
    ) -> None:
        """Set columns of this document's row to null, and remove single elements of its collections.

        The document is changed as well: where a batch takes the write, when it was sent. A static column is that of the
        whole partition.

        Args:
            column_names: the fields whose columns are set to null.
            timestamp: when the write happened, in microseconds since 1970; None for now.
            consistency: the consistency level; None for the driver's default.
            timeout: seconds to wait for the answer; None for the driver's default.
            batch: the batch that takes the write and sends it later.
            collection_elements: pairs of a field and the key (dict), index (list) or element (set) to remove.

        Raises:
            InvalidQueryError: a name is no field or part of the key, or a key does not fit its collection.
            StaleDocumentError: the document has a version, and somebody else has written it.
        """
        options = write_options(None, timestamp, consistency, timeout, None if batch is None else checked_batch(batch))
        await arun_for(self, column_deletes.delete_columns, column_names, collection_elements or (), options)

    @overload
    async def delete(
        self,
        if_exists: Literal[True],
        if_conditions: None = None,
        timestamp: int | None = None,
        consistency: str | None = None,
        timeout: float | None = None,
        batch: None = None,
    ) -> LWTResult: ...
    @overload
    async def delete(
        self,
        if_exists: Literal[False] = False,
        *,
        if_conditions: dict[str, Any],
        timestamp: int | None = None,
        consistency: str | None = None,
        timeout: float | None = None,
        batch: None = None,
    ) -> LWTResult: ...
    @overload
    async def delete(
        self,
        if_exists: bool = False,
        if_conditions: dict[str, Any] | None = None,
        timestamp: int | None = None,
        consistency: str | None = None,
        timeout: float | None = None,
        batch: AsyncBatchQuery | None = None,
    ) -> LWTResult | None: ...
    async def delete(
        self,
        if_exists: bool = False,
        if_conditions: dict[str, Any] | None = None,
        timestamp: int | None = None,
        consistency: str | None = None,
        timeout: float | None = None,
        batch: AsyncBatchQuery | None = None,
    ) -> LWTResult | None:
        """Delete this document's row, found by its primary key.

        Args:
            if_exists: delete only if the row exists, and return the answer.
            if_conditions: delete only if these hold, and return the answer; `{"price__lt": 10}` compares by lookup.
            timestamp: when the write happened, in microseconds since 1970; None for now.
            consistency: the consistency level; None for the driver's default.
            timeout: seconds to wait for the answer; None for the driver's default.
            batch: the batch that takes the write and sends it later.

        Returns:
            With a condition, whether it held and, if not, what stood in the way; else None.

        Raises:
            InvalidQueryError: a part of the key is None, or a condition is none.
        """
        options = write_options(None, timestamp, consistency, timeout, None if batch is None else checked_batch(batch))
        if if_conditions is not None or if_exists is not False:
            options = options.on_condition(if_conditions, if_exists=if_exists)
        return await arun_over(link := link_for(self), writes.delete(link.target, self, options))

    @overload
    async def update(
        self, /, *, if_conditions: dict[str, Any] | None = None, if_exists: bool = False, ttl: int | None = None
    ) -> LWTResult | None: ...
    @overload
    async def update(
        self,
        /,
        *,
        if_conditions: dict[str, Any],
        if_exists: Literal[False] = False,
        ttl: int | None = None,
        batch: None = None,
        **kwargs: Any,
    ) -> LWTResult: ...
    @overload
    async def update(
        self,
        /,
        *,
        if_conditions: None = None,
        if_exists: Literal[True],
        ttl: int | None = None,
        batch: None = None,
        **kwargs: Any,
    ) -> LWTResult: ...
    @overload
    async def update(
        self,
        /,
        *,
        if_conditions: dict[str, Any] | None = None,
        if_exists: bool = False,
        ttl: int | None = None,
        **kwargs: Any,
    ) -> LWTResult | None: ...
    async def update(
        self,
        /,
        *,
        if_conditions: dict[str, Any] | None = None,
        if_exists: bool = False,
        ttl: int | None = None,
        **kwargs: Any,
    ) -> LWTResult | None:
        """Change only the given fields, in the row and, where the change was made, in this document.

        Without fields it writes what changed in this document since it was read or written; of a set, list or dict
        what came and what went, so that others may change them too. A condition is asked about also where nothing did.

        Each value that is given is checked as constructing the model would check its field, with the
        `@field_validator`s and the configuration of the model; of a collection that changes in place they see what is
        added or removed. What the document holds already is written as it holds it, as `save` does. The
        validators of the whole model (`@model_validator`) do not run: a document that was read may hold nulls that
        they refuse, and the row may differ from the document by now. A model that is frozen as a whole
        (`ConfigDict(frozen=True)`) refuses to be assigned to, not to be updated; `Field(frozen=True)` is refused.

        Where only static columns are changed and compared, the partition key alone chooses what is written;
        `if_exists` asks for this document's own row all the same.

        Args:
            if_conditions: change only if these hold, and return the answer; `{"price__lt": 10}` compares by lookup.
            if_exists: change only if the row exists, and return the answer.
            ttl: seconds until the written values expire; None for the table's default.
            kwargs: fields with their new values; `add__tags={"x"}`, `remove__tags=...`, `append__scores=[1]` and
                `prepend__scores=[1]` change a collection in place. `batch=` is the batch that takes the write and sends
                it later, when this document changes too; unless a field is called so.

        Returns:
            With a condition, whether it held and, if not, what stood in the way; else None.

        Raises:
            UnknownNameError: a keyword names no field.
            InvalidValueError: a value does not fit its field, or the field is fixed by `Field(frozen=True)`.
            InvalidQueryError: a field is part of the key, or the operation is not one of its type.
        """
        batch = batch_among(type(self), kwargs) if "batch" in kwargs else None
        options = write_options(ttl, None, None, None, batch)
        if if_conditions is not None or if_exists is not False:
            options = options.on_condition(if_conditions, if_exists=if_exists)
        return await arun_over(link := link_for(self), writes.update(link.target, self, kwargs, options))

    @classmethod
    async def create(cls, /, **kwargs: Any) -> Self:
        """Construct a document, save it and return it; `batch=` is a batch that saves it later.

        Other options are said before it: `Note.find().ttl(60).create(...)`.

        Raises:
            ValidationError: Pydantic's, as constructing raises it.
            InvalidQueryError: it is a document of counters, or of a view; or a keyword is an option of other verbs,
                such as `ttl`, and no field is called so.
        """
        views.refuse_create(cls, kwargs)
        batch = batch_among(cls, kwargs) if "batch" in kwargs else None
        document = cls(**kwargs)
        await document.save(batch=batch)
        return document

    @classmethod
    async def get(cls, /, **kwargs: Any) -> Self:
        """Return the only document that matches.

        Raises:
            DocumentNotFound: there is none.
            MultipleDocumentsFound: there is more than one.
            InvalidQueryError: a keyword names no field, or no key and no index serves it.
        """
        return await arun(cls, reads.fetch_known, choosing.matching(cls, (), kwargs))

    @classmethod
    async def find_one(cls, /, **kwargs: Any) -> Self | None:
        """Return the only document that matches, or None.

        Raises:
            MultipleDocumentsFound: there is more than one.
            InvalidQueryError: a keyword names no field, or no key and no index serves it.
        """
        return await arun(cls, reads.fetch_one, choosing.matching(cls, (), kwargs))

    @classmethod
    def find(cls, /, *conditions: Condition | bool, **kwargs: Any) -> QuerySet[Self]:
        """Return a query for the documents that match; nothing is sent before a terminal method.

        Each keyword is a field, or a field with a lookup: `price__gte=10`, `status__in=["new", "paid"]`. Each condition
        is a comparison of a field: `Product.price >= 10`, `col(Product.tags).contains("vip")`.

        Raises:
            UnknownNameError: a keyword names no field, or a lookup that does not exist.
            InvalidValueError: a value does not fit its field.
        """
        return QuerySet(cls, choosing.matching(cls, conditions, kwargs))


class CounterDocument(Document, metaclass=CounterMetaclass, defer_build=True):
    """Base class for asynchronous documents of counters: every field outside the key is a `Counter()`.

    A counter can only be added to and subtracted from: `save`, `insert` and `update` are refused. A counter that was
    never written reads as 0, and in a new document each counter starts at 0. The object in memory stays as it is when
    the row is counted up or down, for only the server knows the sum: read it again to see it.

    Type checkers let every keyword pass when a counter document is made, since they would demand the counters
    otherwise; under mypy with Pydantic's plugin, write `= 0` behind each.
    """

    __coodie_counters__: ClassVar[bool] = True

    if TYPE_CHECKING:

        def __init__(self, /, **values: Any) -> None: ...

    increment: ClassVar[CounterVerb] = CounterVerb(1, INCREMENT)
    decrement: ClassVar[CounterVerb] = CounterVerb(-1, DECREMENT)

    async def save(  # type: ignore[override]  # to type checkers it takes nothing that counters lack
        self,
        ttl: int | None = None,
        timestamp: int | None = None,
        consistency: str | None = None,
        timeout: float | None = None,
        *,
        batch: None = None,
        changed_only: Literal[False] = False,
        nulls: None = None,
    ) -> None:
        """Refused: counter tables have no save.

        Raises:
            InvalidQueryError: always.
        """
        counters.refuse_write("save", type(self).__name__)

    async def insert(  # type: ignore[override]  # to type checkers it takes nothing that counters lack
        self,
        ttl: int | None = None,
        timestamp: int | None = None,
        consistency: str | None = None,
        timeout: float | None = None,
        *,
        batch: None = None,
    ) -> LWTResult | None:
        """Refused: counter tables have no insert.

        Raises:
            InvalidQueryError: always.
        """
        counters.refuse_write("insert", type(self).__name__)


class MaterializedView(Document, defer_build=True):
    """Base class for asynchronous documents of a materialized view, which only reads: the server writes it.

    Subclasses say in `Settings`: `__base_table__`, the name of the table that the view is made of; `__view_columns__`,
    the columns that it has (`["*"]`, all of the table, unless said otherwise); `__where_clause__`, the condition of its
    rows (by default that no part of its key is null); `__clustering_order__`, `{"price": "DESC"}`.
    """

    __coodie_view__: ClassVar[bool] = True

    @classmethod
    async def sync_view(cls) -> None:
        """Create the view, if it is not there; its rows appear as the server builds it.

        Raises:
            ConfigurationError: the model has no keyspace, the table of the view is not there, or its key is not in the
                view's.
            TableConflictError: the view that is there is another one.
        """
        await arun(cls, views.sync_view)

    @classmethod
    async def drop_view(cls) -> None:
        """Drop the view, if it is there; its table stays as it is."""
        await arun(cls, views.drop_view)

    @classmethod
    async def sync_table(
        cls,
        dry_run: bool = False,
        drop_removed_indexes: bool = False,
        *,
        keyspaces: Sequence[str] = (),
        connections: Sequence[str] = (),
    ) -> list[str]:
        """Create the view, if it is not there, as `sync_view` does.

        Args:
            dry_run: return the CQL that would be executed, and execute nothing.
            drop_removed_indexes: of no meaning here: views have no indexes of the model's.
            keyspaces: where the view is to be, one keyspace after another; the model's own unless said.
            connections: the names of the connections over which; the model's own unless said.

        Returns:
            The CQL statements that were, or would be, executed; none when the view is as it should be.

        Raises:
            ConfigurationError: the model has no keyspace, the table of the view is not there, or its key is not in the
                view's.
            TableConflictError: the view that is there is another one.
        """
        return await super().sync_table(dry_run, drop_removed_indexes, keyspaces=keyspaces, connections=connections)

    @classmethod
    async def drop_table(cls) -> None:
        """Refused: it is no table; `drop_view` drops the view.

        Raises:
            InvalidQueryError: always.
        """
        views.refuse_table_verb("drop_table", cls.__name__)

    @classmethod
    async def truncate(cls) -> None:
        """Refused: the server writes the view.

        Raises:
            InvalidQueryError: always.
        """
        views.refuse_write("truncate", cls.__name__)

    async def save(self, /, **kwargs: Any) -> None:  # type: ignore[override]  # documented: it takes, and does, nothing
        """Refused: the server writes the view.

        Raises:
            InvalidQueryError: always.
        """
        views.refuse_write("save", type(self).__name__)

    async def save_json(self, /, **kwargs: Any) -> None:  # type: ignore[override]  # as save
        """Refused: the server writes the view.

        Raises:
            InvalidQueryError: always.
        """
        views.refuse_write("save_json", type(self).__name__)

    async def insert(self, /, **kwargs: Any) -> None:  # type: ignore[override]  # as save
        """Refused: the server writes the view.

        Raises:
            InvalidQueryError: always.
        """
        views.refuse_write("insert", type(self).__name__)

    async def delete(self, /, **kwargs: Any) -> LWTResult | None:  # type: ignore[override]  # as save
        """Refused: the server writes the view.

        Raises:
            InvalidQueryError: always.
        """
        views.refuse_write("delete", type(self).__name__)

    async def delete_columns(self, /, *column_names: str, **kwargs: Any) -> None:
        """Refused: the server writes the view.

        Raises:
            InvalidQueryError: always.
        """
        views.refuse_write("delete_columns", type(self).__name__)

    async def update(self, /, **kwargs: Any) -> LWTResult | None:  # type: ignore[override]  # as save
        """Refused: the server writes the view.

        Raises:
            InvalidQueryError: always.
        """
        views.refuse_write("update", type(self).__name__)


build_in_subclasses(Document, awaited=True)  # sync: use build_in_subclasses(Document, awaited=False)
build_in_subclasses(CounterDocument)
build_in_subclasses(MaterializedView)
