"""What is asked when a text is refused: whether other dialects read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.dialects import DIALECTS
from cql_builder.errors import CqlSyntaxError, DialectSyntaxError
from cql_builder.parser.cursor import Cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cql_builder.dialects import Feature


def naming_readers(
    error: CqlSyntaxError, cursor: Cursor, read: Callable[[Cursor], object], start: int = 0
) -> CqlSyntaxError:
    """Return the error to be raised for a text: the one that there is, or one that names the dialects that read it.

    Args:
        error: why the dialect refuses the text.
        cursor: what has read it.
        read: the whole grammar, up to the end of a statement.
        start: the index of the token that the statement at fault begins with; no more than that one is read again.
    """
    if isinstance(error, DialectSyntaxError) or cursor.refused_by_all:
        return error
    readers = list(_readers(cursor, read, start))
    if not readers:
        return error
    return DialectSyntaxError(
        "",
        cursor.dialect.name,
        readers,
        text=error.text,
        position=error.position,
        token=error.token,
        reason=error.reason,
        expected=error.expected,
    )


def _readers(cursor: Cursor, read: Callable[[Cursor], object], start: int) -> Iterator[str]:
    tokens = cursor.tokens
    for dialect in DIALECTS.values():
        if dialect.name == cursor.dialect.name:
            continue
        tokens, start = tokens.begun_at(start, dialect), 0
        try:
            read(_TacitCursor(tokens, dialect))
        except CqlSyntaxError:
            continue
        yield dialect.name


class _TacitCursor(Cursor):
    """Reads like any cursor, and refuses without the sentence and the place, which take more time than the reading."""

    __slots__ = ()

    def error(self, expected: str, at: int | None = None) -> CqlSyntaxError:  # noqa: ARG002 - of what is refused, nothing is told
        return CqlSyntaxError("", "", 0)

    def no_name(self, expected: str) -> CqlSyntaxError:  # noqa: ARG002 - as above
        return CqlSyntaxError("", "", 0)

    def refusal(
        self,
        reason: str,  # noqa: ARG002 - as above
        at: int | None = None,  # noqa: ARG002 - as above
        expected: str = "",  # noqa: ARG002 - as above
        *,
        of_all: bool = False,  # noqa: ARG002 - as above
    ) -> CqlSyntaxError:
        return CqlSyntaxError("", "", 0)

    def require(self, feature: Feature, at: int | None = None) -> None:  # noqa: ARG002 - as above
        if feature not in self.dialect.features:
            raise CqlSyntaxError("", "", 0)
