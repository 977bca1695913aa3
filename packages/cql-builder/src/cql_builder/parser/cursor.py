"""`Cursor`: the place in the tokens that all rules of the grammar read from."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from cql_builder.ast.names import ColumnName
from cql_builder.ast.terms import Bind
from cql_builder.dialects import DIALECTS, features
from cql_builder.errors import CqlSyntaxError, DialectSyntaxError
from cql_builder.parser.findings import describe_token, explain, may_be_secret
from cql_builder.parser.lexer import (
    EMPTY_NAME,
    INTEGER,
    LITERAL_KINDS,
    QUOTED,
    STRING,
    SYMBOLS,
    token_value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet

    from cql_builder.dialects import Dialect, Feature
    from cql_builder.parser.lexer import Tokens

T = TypeVar("T")

MAX_DEPTH = 100
"""How many levels deep types, terms and relations may be nested."""

_POSITIONAL_MARKER = Bind()
_CASED_KEYWORDS = frozenset({"included_indexes", "excluded_indexes"})
"""Keywords in lower case alone: in capitals they are names."""


@lru_cache(maxsize=32)
def _kinds_that_are_no_names(dialect: Dialect) -> AbstractSet[str]:
    return dialect.reserved | SYMBOLS | LITERAL_KINDS


class Cursor:
    """Reads tokens one after another.

    The kind of a word is its text in lower case, that of a symbol is itself; the others are those of `lexer`.

    Attributes:
        dialect: whose grammar is read.
        kinds: the kinds of all tokens; `peek()` without a call, for the rules that everything passes through.
        raws: all tokens as they are written.
        position: the index of the current token.
        depth: how many levels deep the current token is nested.
        operations: how many elements and fields were read, each of which makes the tree deeper.
        in_transaction: whether a transaction is read, where rows that it has read can stand for values.
        refused_by_all: whether the last refusal is for a reason that holds for all servers.
        tokens: all tokens, and the text that they are of.
    """

    __slots__ = (
        "_no_names",
        "depth",
        "dialect",
        "in_transaction",
        "kinds",
        "operations",
        "position",
        "raws",
        "refused_by_all",
        "tokens",
    )

    def __init__(self, tokens: Tokens, dialect: Dialect) -> None:
        """Stand before the first of the tokens that `tokens_of` finds for the dialect."""
        self.dialect = dialect
        self.tokens = tokens
        self.kinds: Sequence[str] = tokens.kinds
        self.raws: Sequence[str] = tokens.raws
        self._no_names = _kinds_that_are_no_names(dialect)
        self.position: int = 0
        self.depth: int = 0
        self.operations: int = 0
        self.in_transaction: bool = False
        self.refused_by_all: bool = False

    def peek(self, ahead: int = 0) -> str:
        """Return the kind of the current token, or of one further on."""
        index = self.position + ahead
        return self.kinds[index] if index < len(self.kinds) else self.kinds[-1]

    def at(self, *kinds: str) -> bool:
        """Whether the tokens from here on are of these kinds."""
        position = self.position
        if len(kinds) == 1:
            return self.kinds[position] == kinds[0]
        return tuple(self.kinds[position : position + len(kinds)]) == kinds

    def accept(self, *kinds: str) -> bool:
        """Read these tokens if all of them are next, and say whether they were."""
        if not self.at(*kinds):
            return False
        self.position += len(kinds)
        return True

    def expect(self, *kinds: str) -> None:
        """Read these tokens.

        Raises:
            CqlSyntaxError: if the next ones are others.
        """
        for kind in kinds:
            if self.kinds[self.position] != kind:
                raise self.error(kind.upper() if kind.isalpha() else repr(kind))
            self.position += 1

    def take(self) -> str:
        """Read any token and return its text: strings and names without quotes, all else as written."""
        position = self.position
        self.position = min(position + 1, len(self.kinds) - 1)
        return token_value(self.kinds[position], self.raws[position])

    def is_name(self, ahead: int = 0) -> bool:
        """Whether the token is a name: a word that the dialect does not reserve, or a text in double quotes."""
        kind = self.peek(ahead)
        if kind not in self._no_names or kind == QUOTED:
            return True
        return kind in _CASED_KEYWORDS and self.raws[self.position + ahead] != kind

    def is_column(self, ahead: int = 0) -> bool:
        """Whether the token is a column and not the start of a function call."""
        if self.peek(ahead) == EMPTY_NAME:
            return True
        if not self.is_name(ahead):
            return False
        following = self.peek(ahead + 1)
        return following != "(" and not (following == "." and self.peek(ahead + 3) == "(")

    def identifier(self, what: str) -> str:
        """Read a name: words in lower case, names in quotes as they are.

        Args:
            what: what the name is of, with its article, for the error.

        Raises:
            CqlSyntaxError: if there is none.
        """
        position = self.position
        kind = self.kinds[position]
        if kind not in self._no_names:
            self.position = position + 1
            return kind
        if kind == QUOTED:
            self.position = position + 1
            return token_value(kind, self.raws[position])
        if kind in _CASED_KEYWORDS and self.raws[position] != kind:
            self.position = position + 1
            return kind
        raise self.no_name(what)

    def word(self, what: str) -> str:
        """Read a word without quotes that is no keyword at all, in lower case.

        Raises:
            CqlSyntaxError: if there is none.
        """
        kind = self.kinds[self.position]
        if kind in self._no_names or kind in self.dialect.unreserved:
            raise self.error(what)
        self.position += 1
        return kind

    def column(self, what: str = "a column") -> ColumnName:
        """Read the name of a column, which may be empty where the dialect has such.

        Raises:
            CqlSyntaxError: if there is none.
        """
        kind = self.kinds[self.position]
        if kind not in self._no_names:
            self.position += 1
            return ColumnName(kind)
        if kind == EMPTY_NAME:
            self.require(features.EMPTY_COLUMN_NAME)
            self.position += 1
            return ColumnName("")
        return ColumnName(self.identifier(what))

    def string(self, what: str) -> str:
        """Read a string.

        Raises:
            CqlSyntaxError: if there is none.
        """
        if self.kinds[self.position] != STRING:
            raise self.error(what)
        return self.take()

    def integer(self, what: str) -> str:
        """Read a whole number and return its digits, with its sign.

        Raises:
            CqlSyntaxError: if there is none.
        """
        if self.kinds[self.position] != INTEGER:
            raise self.error(what)
        return self.take()

    def marker(self) -> Bind | None:
        """Read a bind marker if one is next.

        Raises:
            CqlSyntaxError: if no name follows a colon.
        """
        kind = self.kinds[self.position]
        if kind == "?":
            self.position += 1
            return _POSITIONAL_MARKER
        if kind == ":":
            self.position += 1
            return Bind(self.identifier("the name of a bind marker"))
        return None

    def error(self, expected: str, at: int | None = None) -> CqlSyntaxError:
        """Return the error that something else was expected, to be raised.

        Args:
            expected: what was expected, with its article.
            at: the index of the token that is wrong; the current one unless given.
        """
        index = self.position if at is None else at
        position = self.tokens.position
        touches = index > 0 and position(index - 1) + len(self.raws[index - 1]) == position(index)
        return self.refusal(explain(expected, self.kinds, self.raws, index, touches=touches), at, expected)

    def no_name(self, expected: str) -> CqlSyntaxError:
        """Return the error that a name was expected, to be raised: a reserved word is one in double quotes."""
        position = self.position
        if self.kinds[position] not in self.dialect.reserved or may_be_secret(self.kinds, position):
            return self.error(expected)
        found = f"the reserved word {self.raws[position]!r}; a name is in double quotes"
        return self.refusal(f"expected {expected}, found {found}", expected=expected)

    def found(self, at: int | None = None) -> str:
        """Return how a sentence speaks of a token: by its kind where it is a value, or a name in double quotes."""
        index = self.position if at is None else at
        return describe_token(self.kinds[index], self.raws[index])

    def refusal(
        self, reason: str, at: int | None = None, expected: str = "", *, of_all: bool = False
    ) -> CqlSyntaxError:
        """Return the error that a token is wrong for a reason, to be raised.

        Args:
            reason: the sentence.
            at: the index of the token that is wrong; the current one unless given.
            expected: what would be right there.
            of_all: whether the reason holds for all servers, even where a parser leaves it to what comes after it.
        """
        self.refused_by_all = of_all
        index = self.position if at is None else at
        return CqlSyntaxError(
            reason, self.tokens.text, self.tokens.position(index), token=self.raws[index], expected=expected
        )

    def require(self, feature: Feature, at: int | None = None) -> None:
        """Refuse what another dialect has and this one lacks.

        Args:
            feature: what the text needs.
            at: the index of the token that needs it; the current one unless given.

        Raises:
            DialectSyntaxError: if the dialect lacks it.
        """
        if feature in self.dialect.features:
            return
        index = self.position if at is None else at
        supported_by = [other.name for other in DIALECTS.values() if feature in other.features]
        raise DialectSyntaxError(
            feature.name,
            self.dialect.name,
            supported_by,
            feature.alternative,
            text=self.tokens.text,
            position=self.tokens.position(index),
            token=self.raws[index],
        )

    def mark(self) -> int:
        """Return where the cursor stands, for `rewind` and `require`."""
        return self.position

    def rewind(self, mark: int) -> None:
        """Go back to where the cursor stood."""
        self.position = mark

    def nested(self, what: str = "parts") -> _Nesting:
        """Return a context that holds one level of nesting.

        Raises:
            CqlSyntaxError: on entering it, past the deepest level.
        """
        return _Nesting(self, what)

    def comma_separated(self, read: Callable[[], T]) -> tuple[T, ...]:
        """Read one part or more, with commas between them."""
        parts = [read()]
        while self.kinds[self.position] == ",":
            self.position += 1
            parts.append(read())
        return tuple(parts)


class _Nesting:
    __slots__ = ("_cursor", "_what")

    def __init__(self, cursor: Cursor, what: str) -> None:
        self._cursor = cursor
        self._what = what

    def __enter__(self) -> None:
        cursor = self._cursor
        cursor.depth += 1
        if cursor.depth > MAX_DEPTH:
            raise cursor.refusal(f"{self._what} are nested deeper than {MAX_DEPTH} levels", of_all=True)

    def __exit__(self, *_: object) -> None:
        self._cursor.depth -= 1
