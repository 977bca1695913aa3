"""The errors of this package, drawn as a tree; each builds its sentence from facts.

None contains a value that was bound; what is wrong in a text is shown by a piece of that text.

```
CqlError
├── IdentifierError          a name that no server can have
├── LiteralError             a literal that CQL cannot carry
├── StatementError           a statement that was put together wrongly
│   ├── UnknownClauseError   a clause that this kind of statement does not have (also an AttributeError)
│   ├── RepeatedClauseError  a clause given twice that a statement has once
│   ├── MissingClauseError   a clause without which there is no statement
│   ├── ClauseConflictError  two clauses that exclude each other
│   └── ArgumentError        an argument of the wrong kind
├── UnknownDialectError      a dialect that is not known
├── UnsupportedFeatureError  something that the dialect lacks
├── CqlSyntaxError           text that is not CQL
│   └── DialectSyntaxError   text that is CQL of another dialect
└── SchemaError              a table that no server can have
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EXCERPT_WIDTH = 60
"""How many characters of a faulty text an error shows."""


class CqlError(Exception):
    """The base of every error that this package raises on purpose.

    Attributes:
        slug: the error's short name, the same in every version: the name of its page in the documentation.

    >>> from cql_builder import CqlError, parse_cql
    >>> try:
    ...     parse_cql("SELECT name FORM products")
    ... except CqlError as error:
    ...     print(error.slug)
    syntax-error
    """

    slug: ClassVar[str] = "cql-error"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy as what it is: its sentence and its attributes, not a call with the sentence alone."""
        return _again, (type(self), self.args), self.__dict__


class IdentifierError(CqlError):
    """A name cannot be written as a CQL identifier.

    Attributes:
        name: the name.
        reason: what is wrong with it.

    >>> from cql_builder import grant, keyspace
    >>> grant("SELECT", on=keyspace(""), to="reports").compile()
    Traceback (most recent call last):
    ...
    cql_builder.errors.IdentifierError: '' cannot be a CQL identifier: it is empty
    """

    slug = "invalid-identifier"

    def __init__(self, name: object, reason: str) -> None:
        """Say what is wrong with `name`."""
        self.name = name
        self.reason = reason
        super().__init__(f"{name!r} cannot be a CQL identifier: {reason}")


class LiteralError(CqlError):
    """A literal cannot be written in CQL.

    Attributes:
        reason: what is wrong with it.

    >>> from cql_builder import lit
    >>> lit(1j)
    Traceback (most recent call last):
    ...
    cql_builder.errors.LiteralError: a literal cannot be written in CQL: there is none for a complex; bind the value
    """

    slug = "invalid-literal"

    def __init__(self, reason: str) -> None:
        """Say what is wrong with the literal, without showing it."""
        self.reason = reason
        super().__init__(f"a literal cannot be written in CQL: {reason}")


class StatementError(CqlError):
    """A statement was put together wrongly.

    Attributes:
        statement: what kind of statement it is, such as `SELECT`.

    >>> from cql_builder import fn
    >>> fn.as_blob("intt", "a")
    Traceback (most recent call last):
    ...
    cql_builder.errors.StatementError: fn.as_blob(): there is no conversion of 'intt' (did you mean 'int'?)
    """

    slug = "wrong-statement"

    def __init__(self, statement: str, reason: str) -> None:
        """Say what is wrong with a statement of the kind `statement`."""
        self.statement = statement
        self.reason = reason
        super().__init__(f"{statement}: {reason}")


class UnknownClauseError(StatementError, AttributeError):
    """This kind of statement has no such clause.

    Attributes:
        clause: the clause that was asked for.
        clauses: the clauses that there are.

    >>> from cql_builder import select
    >>> try:
    ...     select("a").from_("t").order("a")
    ... except UnknownClauseError as error:
    ...     print(error.statement, error.clause, "order_by" in error.clauses)
    SELECT order True
    """

    slug = "unknown-clause"

    def __init__(self, statement: str, clause: str, clauses: Sequence[str], remedy: str = "") -> None:
        """Name the clauses that a `statement` has, or what else helps."""
        self.clause = clause
        self.clauses = tuple(clauses)
        there = remedy or (f"there is {', '.join(clauses)}" if clauses else "nothing can be added to it")
        super().__init__(statement, f"there is no {clause!r} here{suggestion(clause, clauses)}; {there}")


class RepeatedClauseError(StatementError):
    """A clause that a statement has once was given twice.

    Attributes:
        clause: the clause.

    >>> from cql_builder import select
    >>> select().from_("t").limit(1).limit(2)
    Traceback (most recent call last):
    ...
    cql_builder.errors.RepeatedClauseError: SELECT: LIMIT was given twice; give it once
    """

    slug = "repeated-clause"

    def __init__(self, statement: str, clause: str) -> None:
        """Name the clause that was given twice."""
        self.clause = clause
        super().__init__(statement, f"{clause} was given twice; give it once")


class MissingClauseError(StatementError):
    """A clause is missing without which there is no statement.

    Attributes:
        clause: the clause that is missing.

    >>> from cql_builder import select
    >>> select("a").compile()
    Traceback (most recent call last):
    ...
    cql_builder.errors.MissingClauseError: SELECT: FROM is missing; name the table with from_("…")
    """

    slug = "missing-clause"

    def __init__(self, statement: str, clause: str, remedy: str) -> None:
        """Name the missing clause and what adds it."""
        self.clause = clause
        super().__init__(statement, f"{clause} is missing; {remedy}")


class ClauseConflictError(StatementError):
    """Two clauses exclude each other.

    Attributes:
        clauses: the two clauses.

    >>> from cql_builder import col, delete_from
    >>> try:
    ...     delete_from("t").where(col("id") == 1).if_(col("a") == 2).if_exists()
    ... except ClauseConflictError as error:
    ...     print(error.clauses)
    ('IF EXISTS', 'IF with conditions')
    """

    slug = "clause-conflict"

    def __init__(self, statement: str, one: str, other: str) -> None:
        """Name the two clauses."""
        self.clauses = (one, other)
        super().__init__(statement, f"{one} and {other} cannot stand in one statement; leave one of them out")


class ArgumentError(StatementError):
    """An argument is of the wrong kind.

    Attributes:
        argument: what the argument is for.
        expected: what would be right.

    >>> from cql_builder import select
    >>> select().from_(5)
    Traceback (most recent call last):
    ...
    cql_builder.errors.ArgumentError: SELECT: a table takes a str or a TableName, not int
    """

    slug = "wrong-argument"

    def __init__(self, statement: str, argument: str, expected: str, given: object) -> None:
        """Name the argument, what it takes, and the type (not the value) of what was given."""
        self.argument = argument
        self.expected = expected
        got = "None" if given is None else type(given).__name__
        super().__init__(statement, f"{argument} takes {expected}, not {got}")


class UnknownDialectError(CqlError):
    """There is no dialect of this name.

    Attributes:
        name: the name that was given.
        known: the names that there are.

    >>> from cql_builder.dialects import find_dialect
    >>> try:
    ...     find_dialect("5.0")
    ... except UnknownDialectError as error:
    ...     print(error.name, error.known[:3])
    5.0 ('cassandra-4.0', 'cassandra-4.1', 'cassandra-5.0')
    """

    slug = "unknown-dialect"

    def __init__(self, name: object, known: Sequence[str]) -> None:
        """Name the dialects that there are."""
        self.name = name
        self.known = tuple(known)
        if isinstance(name, str):
            meant = [dialect for dialect in known if name and dialect.endswith(f"-{name}")]
            hint = f" (did you mean {meant[0]!r}?)" if meant else suggestion(name, known)
            reason = f"no dialect {name!r}{hint}"
        else:
            reason = f"a dialect is a name or a Dialect, not {'None' if name is None else type(name).__name__}"
        super().__init__(f"{reason}; known are {', '.join(known)}")


class UnsupportedFeatureError(CqlError):
    """The dialect lacks something that the statement needs.

    Attributes:
        feature: what is lacking.
        dialect: the name of the dialect.
        supported_by: the names of the dialects that have it.
        alternative: what the dialect has instead; empty where there is nothing.

    >>> from cql_builder import col, select
    >>> try:
    ...     select().from_("t").where(col("a").between(1, 2)).compile("cassandra-5.0")
    ... except UnsupportedFeatureError as error:
    ...     print(error.feature, error.supported_by, error.alternative)
    BETWEEN ('cassandra-6.0',) compare with >= and <=
    """

    slug = "unsupported-feature"

    def __init__(self, feature: str, dialect: str, supported_by: Sequence[str], alternative: str = "") -> None:
        """Name the feature, who has it, and what there is instead."""
        self.feature = feature
        self.dialect = dialect
        self.supported_by = tuple(supported_by)
        self.alternative = alternative
        super().__init__(_lack(feature, dialect, supported_by, alternative))


class CqlSyntaxError(CqlError):
    """A text is not CQL.

    Attributes:
        reason: what was expected and what was found, without values and without what stands in the place of a password.
        text: the text.
        position: where it goes wrong, counted in characters from 0.
        line: the line of that place, from 1.
        column: the column of that place, from 1.
        token: the word, symbol or literal at that place, as it is written; empty at the end.
        expected: what would be right there; empty where nothing would.

    >>> from cql_builder import parse_cql
    >>> try:
    ...     parse_cql("SELECT name FORM products")
    ... except CqlSyntaxError as error:
    ...     print(error.line, error.column, error.token, error.expected)
    1 13 FORM FROM
    """

    slug = "syntax-error"

    def __init__(self, reason: str, text: str, position: int, *, token: str = "", expected: str = "") -> None:
        """Say what is wrong at `position` of `text`, with an excerpt and a caret."""
        self.reason = reason
        self.text = text
        self.position = position
        self.token = token
        self.expected = expected
        self.line = text.count("\n", 0, position) + 1
        line_start = text.rfind("\n", 0, position) + 1
        self.column = position - line_start + 1
        super().__init__(f"line {self.line}, column {self.column}: {reason}\n{_excerpt(text, line_start, position)}")


class DialectSyntaxError(CqlSyntaxError):
    """A text is CQL of another dialect.

    Attributes:
        feature: what the dialect lacks; empty where it has no name, and other dialects just read the text.
        dialect: the name of the dialect.
        supported_by: the names of the dialects that have it; without a feature, of those that read the text.
        alternative: what the dialect has instead; empty where there is nothing.

    >>> from cql_builder import parse_cql
    >>> try:
    ...     parse_cql("LIST SUPERUSERS", dialect="cassandra-5.0")
    ... except DialectSyntaxError as error:
    ...     print(error.feature, error.supported_by)
    LIST SUPERUSERS ('cassandra-6.0',)
    """

    slug = "dialect-syntax"

    def __init__(  # noqa: PLR0913 - the facts of the feature and the place where it was needed
        self,
        feature: str,
        dialect: str,
        supported_by: Sequence[str],
        alternative: str = "",
        *,
        text: str,
        position: int,
        token: str = "",
        reason: str = "",
        expected: str = "",
    ) -> None:
        """Name the feature that is needed at `position` of `text`, who has it, and what there is instead.

        Where the feature has no name, say for what `reason` the dialect refuses the text, and who reads it.
        """
        self.feature = feature
        self.dialect = dialect
        self.supported_by = tuple(supported_by)
        self.alternative = alternative
        if feature:
            reason = _lack(feature, dialect, supported_by, alternative)
        else:
            read = "reads" if len(supported_by) == 1 else "read"
            reason = f"{reason}; {', '.join(supported_by)} {read} this text, {dialect} does not"
        super().__init__(reason, text, position, token=token, expected=expected)


class SchemaError(CqlError):
    """A definition in a schema is one that no server takes.

    Attributes:
        table: the name of the table, or of what else is defined, with its keyspace.
        reason: what is wrong with it.
        kind: what it is: a table, view, type, function, aggregate, index, trigger or keyspace.

    >>> from cql_builder.schema import schema_from_cql
    >>> schema_from_cql("CREATE TABLE shop.t (id int PRIMARY KEY, price money)")
    Traceback (most recent call last):
    ...
    cql_builder.errors.SchemaError: table 'shop.t': column 'price' has a type 'money' that there is not
    """

    slug = "wrong-schema"

    def __init__(self, table: str, reason: str, kind: str = "table") -> None:
        """Say what is wrong with the definition of `table`."""
        self.table = table
        self.reason = reason
        self.kind = kind
        super().__init__(f"{kind} {table!r}: {reason}")


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` for the name in `known` that is closest to `wrong`, or an empty text."""
    # Imported here: an error needs it, an import of the package does not.
    from difflib import get_close_matches  # noqa: PLC0415

    close = get_close_matches(wrong, list(known), 1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _again(kind: type[CqlError], args: tuple[object, ...]) -> CqlError:
    """Return an error with its sentence, whose attributes are set by what calls this."""
    return kind.__new__(kind, *args)


def _lack(feature: str, dialect: str, supported_by: Sequence[str], alternative: str) -> str:
    where = f"; {', '.join(supported_by)} {'has' if len(supported_by) == 1 else 'have'} it" if supported_by else ""
    instead = f"; instead, {alternative}" if alternative else ""
    return f"{dialect} has no {feature}{where}{instead}"


def _excerpt(text: str, line_start: int, position: int) -> str:
    line_end = text.find("\n", position)
    start = max(line_start, position - EXCERPT_WIDTH // 2)
    end = min(len(text) if line_end < 0 else line_end, start + EXCERPT_WIDTH)
    # A terminal obeys control characters, and a lone surrogate cannot be printed.
    shown = "".join(character if character.isprintable() else " " for character in text[start:end])
    return f"  {shown}\n  {' ' * (position - start)}^"
