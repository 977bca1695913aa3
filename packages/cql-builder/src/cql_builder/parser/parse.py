"""Statements from text: `parse_cql` for one, `parse_script` for all of a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.ast.node import children
from cql_builder.ast.terms import Arithmetic
from cql_builder.dialects import DEFAULT_DIALECT
from cql_builder.errors import CqlSyntaxError
from cql_builder.parser.cursor import MAX_DEPTH, Cursor
from cql_builder.parser.definition_statements import READERS as DEFINITION_READERS
from cql_builder.parser.lexer import END, tokens_of
from cql_builder.parser.other_dialects import naming_readers
from cql_builder.parser.reading import read_text
from cql_builder.parser.rows import WRITES, batch, prune, select, truncate, use
from cql_builder.parser.transactions import transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cql_builder.ast.statements import Statement
    from cql_builder.ast.terms import Selectable
    from cql_builder.dialects import Dialect, DialectName

_MAX_LEVELS = 3 * MAX_DEPTH
"""How many levels a tree may have, where nested terms have elements and fields behind them."""


def parse_cql(text: str, *, dialect: DialectName | Dialect = DEFAULT_DIALECT) -> Statement:
    """Return the statement that a text spells; semicolons may follow it.

    Raises:
        CqlSyntaxError: if it is no statement, or more than one, with the place where it goes wrong.
        DialectSyntaxError: if it is a statement that only other dialects have.
        UnknownDialectError: if there is no such dialect.
        ArgumentError: if it is no str.

    >>> from cql_builder import parse_cql
    >>> parse_cql("USE shop")
    Use(keyspace='shop')
    >>> parse_cql("SELECT name FORM products")
    Traceback (most recent call last):
    ...
    cql_builder.errors.CqlSyntaxError: line 1, column 13: expected FROM, found 'FORM' (did you mean 'FROM'?)
      SELECT name FORM products
                  ^
    """
    return read_text(_only_statement, text, dialect, "parse_cql")


def parse_script(text: str, *, dialect: DialectName | Dialect = DEFAULT_DIALECT) -> list[Statement]:
    r"""Return the statements of a script, which semicolons part.

    Those without content are left out.

    Raises:
        CqlSyntaxError: if one is no statement, with the place in the whole script where it goes wrong.
        DialectSyntaxError: if one is a statement that only other dialects have.
        UnknownDialectError: if there is no such dialect.
        ArgumentError: if it is no str.

    >>> from cql_builder import parse_script
    >>> [type(statement).__name__ for statement in parse_script("USE shop; -- and then\nTRUNCATE products;")]
    ['Use', 'Truncate']
    """
    return read_text(_statements, text, dialect, "parse_script")


def _only_statement(text: str, dialect: Dialect) -> Statement:
    cursor = Cursor(tokens_of(text, dialect), dialect)
    try:
        return _alone(cursor)
    except CqlSyntaxError as error:
        raise naming_readers(error, cursor, _alone) from None


def _alone(cursor: Cursor) -> Statement:
    """Read a statement that nothing follows but semicolons."""
    statement = _statement(cursor)
    while cursor.accept(";"):
        pass
    if cursor.kinds[cursor.position] in _READERS:
        raise cursor.refusal("expected one statement, found two; parse_script reads several", expected="the end")
    if cursor.kinds[cursor.position] != END:
        raise cursor.error("the end")
    return statement


def _statements(text: str, dialect: Dialect) -> list[Statement]:
    cursor = Cursor(tokens_of(text, dialect, script=True), dialect)
    statements: list[Statement] = []
    start = 0
    try:
        while True:
            while cursor.accept(";"):
                pass
            start = cursor.position
            if cursor.kinds[start] == END:
                return statements
            statements.append(_among_others(cursor))
    except CqlSyntaxError as error:
        raise naming_readers(error, cursor, _among_others, start) from None


def _among_others(cursor: Cursor) -> Statement:
    """Read a statement that a semicolon parts from what follows."""
    statement = _statement(cursor)
    if cursor.kinds[cursor.position] not in {";", END}:
        raise cursor.error("';' or the end")
    return statement


def _statement(cursor: Cursor) -> Statement:
    start = cursor.position
    read = _READERS.get(cursor.kinds[start])
    if read is None:
        raise cursor.error("a statement")
    cursor.position = start + 1
    cursor.operations = 0
    statement = read(cursor)
    if cursor.operations > MAX_DEPTH and _is_deeper(statement, _MAX_LEVELS):
        reason = f"elements, fields and terms are nested deeper than {_MAX_LEVELS} levels together"
        raise cursor.refusal(reason, start, of_all=True)
    return statement


def _begin(cursor: Cursor) -> Statement:
    return transaction(cursor) if cursor.accept("transaction") else batch(cursor)


_READERS: dict[str, Callable[[Cursor], Statement]] = {
    "begin": _begin,
    "prune": prune,
    "select": select,
    "truncate": truncate,
    "use": use,
    **WRITES,
    **DEFINITION_READERS,
}


def _is_deeper(statement: Statement, limit: int) -> bool:
    """Whether a tree has more levels than what reads trees by recursion could bear."""
    level: list[object] = [statement]
    for _ in range(limit):
        level = [child for part in level for child in _operands(part)]
        if not level:
            return False
    return True


def _operands(part: object) -> Sequence[object]:
    """Return what is one level below; a sum of many operands is one level, as what reads trees takes it."""
    if not isinstance(part, Arithmetic):
        return children(part)
    operands: list[object] = []
    left: Selectable = part
    while isinstance(left, Arithmetic):
        operands.append(left.right)
        left = left.left
    return [*operands, left]
