"""What operations return besides documents, and what is raised where only some of many writes were made."""

from __future__ import annotations

from collections.abc import Sequence  # noqa: TC003 - Pydantic reads it
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Literal, TypeVar

from coodie.errors import ConditionFailedError, may_be_applied
from coodie_drivers.errors import CoodieError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from typing_extensions import Self

__all__ = ["BulkResult", "BulkWriteError", "LWTResult", "PagedResult", "WriteResult"]

T = TypeVar("T")


def _no_values() -> dict[str, Any]:
    """No values; to call `dict[str, Any]` takes ten times as long."""
    return {}


@dataclass(frozen=True, slots=True)
class LWTResult:
    """The answer to a lightweight transaction.

    It is always true in a boolean context: ask `applied`.

    Attributes:
        applied: whether the write was made.
        existing: when it was not, the values that stood in the way, by field name, as a document read from the row
            holds them; but a null is None where a document has the field's default, so that a condition on it holds.
            Empty when there was no row.

    >>> result = LWTResult(applied=False, existing={"name": "Alice"})
    >>> result.applied, result.existing["name"]
    (False, 'Alice')
    """

    applied: bool
    existing: dict[str, Any] = field(default_factory=_no_values)

    def raise_on_conflict(self) -> Self:
        """Return the result itself if the write was made, for who counts anything else as an error.

        Raises:
            ConditionFailedError: it was not; the error has `existing`, too.

        >>> LWTResult(applied=True).raise_on_conflict().applied
        True
        """
        if not self.applied:
            raise ConditionFailedError(None, self.existing)
        return self


@dataclass(frozen=True, slots=True)
class WriteResult(LWTResult):
    """What `update()` and `delete()` of a query did; each row is a write of its own.

    Attributes:
        applied: whether every row was written; also true when no row matched, but where a condition was to hold of the
            one whose key the query gave.
        existing: when a single row's condition did not hold, the values that stood in the way.
        written: how many rows were written; None where one statement deleted what lies in a partition, or between
            bounds in it, of whose rows nobody knows the number.
        rejected: the primary keys, by field, of the rows whose condition did not hold; that of the partition where
            static fields alone were to change.

    >>> WriteResult(applied=True, written=3).written
    3
    """

    written: int | None = 0
    rejected: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What became of each of many documents; what is not listed here was written.

    Attributes:
        count: how many documents were taken.
        rejected: the answers about rows whose condition did not hold, by the place of the document, counted from 0.
        failed: what went wrong, by the place of the document; an error's `outcome`, where it has one, says whether the
            write may have been applied all the same.
        left: the places of the documents that were taken and not begun, because one before them failed.
        hook_errors: what a hook raised behind a write, by the place of the document, whose row was written.

    >>> result = BulkResult(count=3, rejected={1: LWTResult(applied=False)})
    >>> result.written, result.outcome_of(0), result.outcome_of(1)
    (2, 'written', 'rejected')
    """

    count: int = 0
    rejected: dict[int, LWTResult] = field(default_factory=dict[int, LWTResult])
    failed: dict[int, Exception] = field(default_factory=dict[int, Exception])
    left: frozenset[int] = frozenset()
    hook_errors: dict[int, Exception] = field(default_factory=dict[int, Exception])

    @property
    def written(self) -> int:
        """How many documents were written; one of which nothing had changed counts, its row is what it says."""
        return self.count - len(self.rejected) - len(self.failed) - len(self.left)

    @property
    def complete(self) -> bool:
        """Whether every document was written."""
        return self.written == self.count

    def outcome_of(self, place: int) -> Literal["written", "rejected", "failed", "not begun"]:
        """What became of the document in this place, counted from 0.

        Raises:
            IndexError: there were fewer documents.
        """
        if not 0 <= place < self.count:
            raise IndexError(f"there is no document in place {place} of {self.count}")
        if place in self.failed:
            return "failed"
        if place in self.left:
            return "not begun"
        return "rejected" if place in self.rejected else "written"


class BulkWriteError(CoodieError):
    """Some rows were written, and others were not; the first error is the cause.

    Besides the failure of a write it may be one of the caller's own code: of a hook behind a write, of the iterable of
    documents, or of `progress`; or the failure to find the other rows of a query.

    Attributes:
        outcome: `not_applied` when it is certain of every row that it was not changed; `unknown` where one was written,
            or may have been. Of each row the error in `failed` says it, but for one that is none of coodie's, such as
            that of a hook: nothing was sent where a hook before the write raised it.
        model: the model's name.
        written: the primary keys, by field, of the rows that were written.
        failed: the primary keys of the rows whose write failed, each with its error, whose `outcome` says whether it
            may have been applied all the same.
        left: how many rows were known and not begun; where rows are found by a query, there may be more.
        result: what became of each document, where documents were given; `written` names those of the last chunk then.
    """

    def __init__(  # noqa: PLR0913 - what became of the rows, one for each outcome
        self,
        model: str,
        written: list[dict[str, object]],
        failed: list[tuple[dict[str, object], Exception]],
        left: int,
        result: BulkResult | None = None,
        *,
        unsent: Collection[int] = (),
        interrupted_by: Exception | None = None,
    ) -> None:
        """Count what became of the rows; what interrupted it is an error of the caller's own code.

        Of the documents in the places of `unsent` the result says that they failed before anything was sent.
        """
        done, wrong, hooks = len(written), [error for _, error in failed], list[Exception]()
        sent = wrong
        if result is not None:
            done, wrong, hooks = result.written, [*result.failed.values()], [*result.hook_errors.values()]
            sent = [error for place, error in result.failed.items() if place not in unsent]
        if interrupted_by is not None:
            first, what = interrupted_by, "the iterable of documents, or progress, raised"
            what = "finding the others failed with" if result is None else what
        elif wrong:
            first, what = wrong[0], "the first failed with"
        else:
            first, what = hooks[0], f"of those written, a hook behind the write of {len(hooks):,} raised"
        super().__init__(
            f"{model}: {done:,} rows were written, {len(wrong):,} failed and {left:,} were not begun; {what} "
            f"{type(first).__name__}: {first}"
        )
        self.outcome = "unknown" if done or any(map(may_be_applied, sent)) else "not_applied"
        self.model = model
        self.written = written
        self.failed = failed
        self.left = left
        self.result = result


class _Told:
    """Lets Pydantic write errors as their sentences; it imports nothing before Pydantic asks."""

    @staticmethod
    def __get_pydantic_core_schema__(source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema  # noqa: PLC0415 - whoever calls this has loaded it

        texts = core_schema.list_schema(core_schema.str_schema())
        told = core_schema.plain_serializer_function_ser_schema(_sentences, return_schema=texts, when_used="json")
        return {**handler(source), "serialization": told}


def _sentences(errors: Sequence[object]) -> list[str]:
    return [str(error) for error in errors]


@dataclass(frozen=True)  # no slots: before Python 3.12 a generic alias of such a class cannot be called
class PagedResult(Generic[T]):
    """One page of a query: iterate over it, and ask for the next one with `page(result.paging_state)`.

    A page may be empty and have more behind it: only `has_more` tells the end. As the type of a response, such as
    `PagedResult[Product]`, it is JSON with the page state in base64; sign that with `PageCursors` for clients that are
    not trusted.

    Attributes:
        data: the items of this page.
        paging_state: where the next page begins; None, and only None, at the end.
        invalid: the `InvalidRowError` of each row that could not be read, where the query gathers them by
            `validate(on_invalid="collect")`.

    >>> page = PagedResult(["a", "b"], b"state")
    >>> list(page), len(page), page.has_more
    (['a', 'b'], 2, True)
    """

    # What Pydantic reads of a dataclass: a page state is no text.
    __pydantic_config__: ClassVar[dict[str, str]] = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}

    data: list[T]
    paging_state: bytes | None = None
    invalid: Annotated[Sequence[Any], _Told] = ()

    @property
    def has_more(self) -> bool:
        """Whether there may be items behind this page."""
        return self.paging_state is not None

    def __iter__(self) -> Iterator[T]:
        """Iterate over the items of this page."""
        return iter(self.data)

    def __len__(self) -> int:
        """Return how many items this page has."""
        return len(self.data)
