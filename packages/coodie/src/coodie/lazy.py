"""`LazyDocument`: a row that becomes a document when it is first looked at."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["LazyDocument"]

D = TypeVar("D")

_OWN = ("_document", "_make", "_row")


class LazyDocument(Generic[D]):
    """A row of `all(lazy=True)`, that becomes a document when one of its attributes is first asked for.

    It then answers as the document would: comparing, printing, `isinstance` and what a web framework makes of it
    included. `resolve()` returns the document itself.
    """

    __slots__ = _OWN

    _document: D | None

    def __init__(self, make: Callable[[Any], list[D]], row: tuple[Any, ...]) -> None:
        """Keep a row and what makes a document of it."""
        object.__setattr__(self, "_make", make)
        object.__setattr__(self, "_row", row)
        object.__setattr__(self, "_document", None)

    def resolve(self) -> D:
        """Return the document, made at the first call.

        Raises:
            InvalidRowError: the row holds what its model cannot.
        """
        document = self._document
        if document is None:
            make: Callable[[Any], list[D]] = object.__getattribute__(self, "_make")
            row: tuple[Any, ...] = object.__getattribute__(self, "_row")
            document = make([row])[0]
            object.__setattr__(self, "_document", document)
        return document

    @property  # type: ignore[misc]  # it is asked for, and never assigned
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride] - as above
        """The class of the document: Pydantic and FastAPI would take any other instance by its `vars`."""
        return type(self.resolve())

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the document, which gives the names and values of its fields."""
        return iter(cast("Iterable[Any]", self.resolve()))

    def __getattr__(self, name: str) -> Any:
        """Return what the document has under this name."""
        return getattr(self.resolve(), name)

    def __setattr__(self, name: str, value: object) -> None:
        """Assign to the document."""
        setattr(self.resolve(), name, value)

    def __eq__(self, other: object) -> bool:
        """Whether the document equals the other one."""
        known: object = cast("LazyDocument[object]", other).resolve() if isinstance(other, LazyDocument) else other
        return bool(self.resolve() == known)

    def __hash__(self) -> int:
        """The hash of the document, where its model has one."""
        return hash(self.resolve())

    def __copy__(self) -> LazyDocument[D]:
        """A copy that has its own copy of the document."""
        return _resolved(copy(self.resolve()))

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes with the document, which is made for it: what makes it belongs to its query."""
        return _resolved, (self.resolve(),)

    def __repr__(self) -> str:
        """The document, as it prints itself."""
        return repr(self.resolve())


def _resolved(document: D) -> LazyDocument[D]:
    """A row that has become this document."""
    return LazyDocument(lambda _: [document], ())
