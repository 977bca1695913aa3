"""The chainable half of a `QuerySet`: each method returns another one and sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, NoReturn, TypeVar, cast

from coodie._model.base import DocumentBase, complete_schema
from coodie._query import casting, choosing, forms, keywords, nearest, showing
from coodie._query.options import checked_timeout, checked_timestamp, checked_ttl
from coodie_drivers.consistency import checked_consistency
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from typing_extensions import Self

    from coodie._model.expressions import Column, Condition, Ordering
    from coodie._query.state import QueryState
    from coodie._schema.columns import ModelSchema

T_co = TypeVar("T_co", covariant=True)

_new = object.__new__
"""Makes another query without asking it to make a state of its own."""


class Chain(Generic[T_co]):
    """A query being built: immutable, and nothing is sent until a terminal method is called."""

    __slots__ = ("_loaded", "_model", "_state")

    _awaited: ClassVar[bool | None] = None
    """Whether the terminals are awaited; None where there are none."""

    def __init__(self, model: type[T_co], state: QueryState | None = None) -> None:
        """Ask for every document of a model, or for what a state says.

        Raises:
            InvalidModelError: it is no model.
            InvalidQueryError: the model is of the other kind, whose queries are awaited where these are not.
        """
        document: Any = model  # a cast would be a call of a function
        self._model: type[DocumentBase] = document
        if state is None:
            state = keywords.keywords_of(self._model).everything
            self._refuse_other_kind()
        self._state = state
        self._loaded: Callable[[], object] | None = None

    @property
    def model(self) -> type[DocumentBase]:
        """The model that is queried."""
        return self._model

    @property
    def state(self) -> QueryState:
        """What has been asked for so far."""
        return self._state

    def filter(self, /, *conditions: Condition | bool, **lookups: object) -> Self:
        """Keep the documents that match, besides what was asked for before.

        Each keyword is a field, or a field with a lookup: `price__gte=10`, `status__in=["new", "paid"]`. Each condition
        is a comparison of a field: `Product.price >= 10`, `col(Product.tags).contains("vip")`.

        Raises:
            UnknownNameError: a keyword names no field, or a lookup that does not exist.
            InvalidValueError: a value does not fit its field.
            InvalidQueryError: CQL has no such comparison in WHERE; or a slice stands before, whose rows would be
                others.
        """
        if not lookups and not conditions:
            return self
        return self._like(choosing.compared(self._model, self._state, conditions, lookups))

    def limit(self, count: int) -> Self:
        """Return at most this many documents, of those that an earlier limit or slice leaves.

        It is the LIMIT of the statement wherever it stands: `limit(3).order_by("-price")` are the first three by price.

        Raises:
            InvalidQueryError: the count is not a positive whole number.
        """
        return self._like(choosing.limited(self._state, count))

    def order_by(self, *fields: str | Column[Any] | Ordering) -> Self:
        """Sort by these fields, `"-price"` or `col(Product.price).desc()` descending; replaces an earlier order.

        Clustering columns of a known partition are sorted by the server. Other columns are sorted here, where a key or
        an index bounds the query or filtering was allowed: the limit is applied after sorting, None comes last.

        Raises:
            UnknownNameError: a name that is no field.
            InvalidQueryError: a field is named twice; or a slice stands before, whose rows would be others.
        """
        return self._like(choosing.ordered(self._model, self._state, fields))

    def reverse(self) -> Self:
        """Turn the order around: that of `order_by()`, or without it the order in which a partition is stored.

        So the page before can be shown: `Message.find(room=room, sent__lt=first_shown).reverse().limit(20)` are the 20
        messages before the first that is shown, the latest first.

        Raises:
            InvalidQueryError: the model has no clustering key, and no order was asked for; or a limit or slice stands
                before, whose rows would be others.
        """
        return self._like(choosing.turned(self._schema, self._state))

    def order_by_ann(self, column: str | Column[Any], vector: Sequence[float]) -> Self:
        """Sort by how near the vectors of a field are to this one, the nearest first; `limit()` says how many.

        The field has a `VectorIndex()`, whose similarity function measures (Cassandra 5.0, "Vector search").

        Raises:
            UnknownNameError: a name that is no field.
            InvalidQueryError: the field has no vectors, or no index of them; or a slice stands before.
            InvalidValueError: the vector has another number of dimensions, or is a set, which has no order.
        """
        choosing.refuse_slice(self._state.shape, "order_by_ann()", "sort the list that all() returns")
        found = choosing.column_named(self._schema, column, "order_by_ann()")
        return self._with_more(nearest=found, vector=nearest.vector_of(self._schema, found, vector))

    def allow_filtering(self) -> Self:
        """Let the server read rows that it then leaves out (`ALLOW FILTERING`): its work grows with the table."""
        return self._like(self._state.filtering())

    def only(self, *fields: str | Column[Any]) -> Self:
        """Fetch these fields, the key and the version; reading another of such a document is a `FieldNotLoadedError`.

        Saving such a document writes what was fetched or assigned since, and nothing else. A field whose default is
        made of others, as by `Field(default_factory=lambda data: ...)`, brings along those before it.

        Raises:
            UnknownNameError: a name that is no field.
            InvalidQueryError: rows become no documents, as `values_list()` and `into()` say.
        """
        return self._like(forms.only(self._schema, self._state, fields))

    def defer(self, *fields: str | Column[Any]) -> Self:
        """Fetch every field but these, and those that were left out before; see `only`.

        Raises:
            UnknownNameError: a name that is no field.
            InvalidQueryError: a field is part of the key, or rows become no documents.
        """
        return self._like(forms.without(self._schema, self._state, fields))

    def distinct(self, *fields: str | Column[Any]) -> Self:
        """Return each partition once: documents of the partition key, or of these fields, which may be static too.

        Behind `values_list()` or `into()`, which name the fields, it takes none.

        Raises:
            UnknownNameError: a name that is no field.
            InvalidQueryError: a field is neither part of the partition key nor static, or the fields were said before;
                or a slice stands before.
        """
        choosing.refuse_slice(self._state.shape, "distinct()", "choose from the list that all() returns")
        return self._like(forms.once_per_partition(self._schema, self._state, fields))

    def cast(self, col: str | Column[Any], cql_type: str) -> Self:
        """Have the server convert a field to another CQL type (`CAST(price AS int)`); for `values_list()` and `json()`.

        What sends the query refuses a field that `values_list()` or `only()` leaves out.

        Raises:
            UnknownNameError: a name that is no field.
            InvalidQueryError: there is no such type, or the field's cannot be converted to it.
        """
        found = choosing.column_named(self._schema, col, "cast()")
        others = tuple(each for each in self._state.more.casts if each[0] is not found)
        return self._with_more(casts=(*others, (found, casting.castable(self._schema, found, cql_type))))

    def per_partition_limit(self, count: int) -> Self:
        """Return at most this many documents of each partition.

        Raises:
            InvalidQueryError: the count is not a positive whole number; or a slice stands before.
        """
        choosing.refuse_slice(self._state.shape, "per_partition_limit()", "choose from the list that all() returns")
        return self._with_more(per_partition_limit=choosing.whole_number("per_partition_limit()", count))

    def fetch_size(self, rows: int) -> Self:
        """Fetch this many rows at a time, instead of as many as the connection's default says.

        Raises:
            InvalidQueryError: it is not a positive whole number.
        """
        return self._with_more(fetch_size=choosing.whole_number("fetch_size()", rows))

    def page(self, paging_state: bytes | None) -> Self:
        """Go on where a page ended: with the `paging_state` of a `PagedResult`; None begins at the start.

        A limit counts from there; what the state leaves of the limit that its page was fetched with ends the rows, too.

        Raises:
            InvalidQueryError: it is no bytes.
        """
        given = cast("object", paging_state)
        if given is not None and not isinstance(given, bytes):
            fix = "give the paging_state of a PagedResult, or None for the first page"
            raise InvalidQueryError(f"page() takes bytes, not {type(given).__name__}; {fix}")
        return self._with_more(paging_state=paging_state)

    def validate(
        self,
        enabled: bool = True,  # noqa: FBT001, FBT002 - users type validate(False)
        *,
        on_invalid: Literal["raise", "skip", "collect"] = "raise",
    ) -> Self:
        """Validate each row as constructing the model would, its validators included; else trust what was written.

        Args:
            enabled: whether rows are validated, as `into()` always does. One that is not may be invalid all the same:
                of an enum that holds members, say, which does not know the value.
            on_invalid: what becomes of rows that cannot be read: `raise` an `InvalidRowError` at the first, `skip`
                them, or `collect` them: pages have them as `invalid`, and other terminals raise one `InvalidRowsError`
                when everything was read. A limit, and the places of a slice, count rows: those that cannot be read as
                well. `first()` is the first that can be.

        Raises:
            InvalidQueryError: an argument is none of these.
        """
        return self._with_more(**choosing.validating(enabled, on_invalid))

    def if_exists(self) -> Self:
        """Write only rows that exist (`IF EXISTS`): a lightweight transaction for each.

        To update static fields alone it takes the whole key of one row.
        """
        return self._with_more(if_exists=True)

    def if_not_exists(self) -> Self:
        """Create only what does not exist (`IF NOT EXISTS`): a lightweight transaction."""
        return self._with_more(if_not_exists=True)

    def iff(self, /, *conditions: Condition | bool, **lookups: object) -> Self:
        """Write only rows of which this holds (`IF status = ?`): a lightweight transaction for each.

        Raises:
            UnknownNameError: a keyword names no field, or a lookup that does not exist.
            InvalidValueError: a value does not fit its field.
            InvalidQueryError: a field is part of the key, or nothing is compared.
        """
        return self._like(choosing.on_condition(self._model, self._state, conditions, lookups))

    def ttl(self, seconds: int | None) -> Self:
        """Let what is written expire after this many seconds; None leaves it to the table's default.

        Raises:
            InvalidQueryError: it is out of range.
        """
        return self._with_more(ttl=None if seconds is None else checked_ttl(seconds))

    def timestamp(self, microseconds: int | None) -> Self:
        """Say when the write happened, in microseconds since 1970; None for now.

        One that is hardly meant, such as -1 or a number of seconds, is written with a `DistantTimestampWarning`.

        Raises:
            InvalidQueryError: it is out of range.
        """
        return self._with_more(timestamp=None if microseconds is None else checked_timestamp(microseconds))

    def consistency(self, level: str | None) -> Self:
        """Ask this many replicas, such as `"QUORUM"`; None for the connection's default.

        Raises:
            ConfigurationError: there is no such consistency level.
        """
        return self._with_more(consistency=None if level is None else checked_consistency(level))

    def timeout(self, seconds: float | None) -> Self:
        """Wait this many seconds for each answer; None for the connection's default.

        Raises:
            InvalidQueryError: it is not a positive number.
        """
        return self._with_more(timeout=None if seconds is None else checked_timeout(seconds))

    def using(  # noqa: PLR0913 - one for each option
        self,
        *,
        ttl: int | None = None,
        timestamp: int | None = None,
        consistency: str | None = None,
        timeout: float | None = None,
        keyspace: str | None = None,
        connection: str | None = None,
    ) -> Self:
        """Set several options at once; None leaves an option as it was.

        Args:
            ttl: see `ttl`.
            timestamp: see `timestamp`.
            consistency: see `consistency`.
            timeout: see `timeout`.
            keyspace: the keyspace to look in, instead of the model's.
            connection: the name of the connection to use, instead of the model's.

        Raises:
            InvalidQueryError: a value is out of range.
            ConfigurationError: there is no such consistency level.
        """
        checks = {
            "ttl": (ttl, checked_ttl),
            "timestamp": (timestamp, checked_timestamp),
            "consistency": (consistency, checked_consistency),
            "timeout": (timeout, checked_timeout),
            "keyspace": (keyspace, choosing.name_of_keyspace),
            "connection": (connection, choosing.name_of_connection),
        }
        changes = {name: cast("Any", check)(given) for name, (given, check) in checks.items() if given is not None}
        return self._with_more(**changes) if changes else self

    def is_null(self, column: str | Column[Any]) -> Self:
        """Refused: CQL has no `IS NULL` in WHERE.

        Raises:
            InvalidQueryError: always; says what to do instead.
        """
        choosing.refuse_null(self._schema, column, "IS NULL")

    def is_not_null(self, column: str | Column[Any]) -> Self:
        """Refused: CQL has `IS NOT NULL` in the definitions of views only.

        Raises:
            InvalidQueryError: always; says what to do instead.
        """
        choosing.refuse_null(self._schema, column, "IS NOT NULL")

    def __copy__(self) -> Self:
        """Give itself: a query never changes."""
        return self

    def __deepcopy__(self, memo: Mapping[int, object]) -> Self:
        """Give itself: a query never changes, nor does what it compares."""
        return self

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: a query belongs to this process.

        Raises:
            TypeError: always.
        """
        raise TypeError(f"a query of {self._model.__name__} is not for pickling; pickle what it compares, or all()")

    def __repr__(self) -> str:
        """Show the chain without its values, which may be secrets: `<QuerySet User.find(name=...).limit(3)>`."""
        return f"<{type(self).__name__} {self._model.__name__}.{showing.shown(self._state)}>"

    def _refuse_other_kind(self) -> None:
        awaited = self._model.__coodie_awaited__
        if awaited is None or self._awaited is None or awaited is self._awaited:
            return
        name, kind = self._model.__name__, "coodie.aio" if awaited else "coodie.sync"
        raise InvalidQueryError(f"{name} is a document of {kind}; write {kind}.QuerySet({name}), or {name}.find()")

    @property
    def _schema(self) -> ModelSchema:
        return complete_schema(self._model)

    def _with_more(self, **changes: Any) -> Self:
        return self._like(self._state.with_more(**changes))

    def _like(self, state: QueryState) -> Self:
        other = _new(self.__class__)
        other._model = self._model  # noqa: SLF001 - of the same class
        other._state = state  # noqa: SLF001 - as above
        other._loaded = None  # noqa: SLF001 - as above
        return other
