"""What CQL text tells without a parser: its kind, and a cautious guess at the rest. For a driver, once per text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cql_builder.analysis.kinds import StatementKind
from cql_builder.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

SCANNED_CHARACTERS = 1_000_000
"""How much of a text is looked at. What is longer counts as conditional where it could be: nobody can tell."""

_KINDS = {
    "select": StatementKind.SELECT,
    "insert": StatementKind.INSERT,
    "update": StatementKind.UPDATE,
    "delete": StatementKind.DELETE,
    "truncate": StatementKind.TRUNCATE,
    "begin": StatementKind.BATCH,
    "create": StatementKind.SCHEMA,
    "alter": StatementKind.SCHEMA,
    "drop": StatementKind.SCHEMA,
    "comment": StatementKind.SCHEMA,
    "security": StatementKind.SCHEMA,
}
_NO_SCHEMA = frozenset({"role", "user", "generated", "identity", "service", "service_level"})
"""What CREATE, ALTER and DROP are about when it is not the schema."""

_CAN_BE_CONDITIONAL = frozenset({StatementKind.INSERT, StatementKind.UPDATE, StatementKind.DELETE, StatementKind.BATCH})

_LINE_END = re.compile("[\\n\\r]")


class Classification(NamedTuple):
    """What is known of a text.

    Attributes:
        kind: what the statement does.
        idempotent: whether running it twice surely leaves what running it once does.
        conditional: whether it is, or cannot be told not to be, a lightweight transaction.

    >>> from cql_builder.analysis import classify
    >>> kind, idempotent, conditional = classify("DELETE FROM t WHERE id = ? IF EXISTS")
    >>> kind, idempotent, conditional
    (<StatementKind.DELETE: 'delete'>, False, True)
    """

    kind: StatementKind
    idempotent: bool
    conditional: bool


def classify(text: str) -> Classification:
    """Return what a text tells without being parsed, in time linear in the text.

    No text is refused.

    Only SELECT counts as idempotent. Any IF outside strings, names in quotes and comments counts as a condition.

    Raises:
        ArgumentError: if it is no str.

    >>> classify("/* by key */ SELECT name FROM t WHERE id = ?")
    Classification(kind=<StatementKind.SELECT: 'select'>, idempotent=True, conditional=False)
    >>> classify("UPDATE t SET a = 'if' WHERE id = ? IF a = ?").conditional
    True
    """
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance] - texts come from anywhere
        raise ArgumentError("classify", "the text", "a str", text)
    words = _words(text[:SCANNED_CHARACTERS])
    kind = _KINDS.get(next(words, ""), StatementKind.OTHER)
    if kind is StatementKind.SCHEMA:
        kind = StatementKind.OTHER if next(words, "") in _NO_SCHEMA else StatementKind.SCHEMA
    conditional = kind in _CAN_BE_CONDITIONAL and (len(text) > SCANNED_CHARACTERS or "if" in words)
    return Classification(kind, kind is StatementKind.SELECT, conditional)


def _words(text: str) -> Iterator[str]:
    """Yield the words of a text in lower case, without what stands in quotes and comments."""
    position, end = 0, len(text)
    while position < end:
        character = text[position]
        if character.isalnum() or character == "_":
            start = position
            while position < end and (text[position].isalnum() or text[position] == "_"):
                position += 1
            word = text[start:position].lower()
            if not character.isdigit() and text[start - 1 : start] != "-":
                yield word
            elif word.endswith("if"):
                # A number, a blob, a duration or a part of a UUID needs no space behind it: `WHERE k = 1IF EXISTS`.
                yield "if"
        else:
            position = _after_quoted(text, position)


def _after_quoted(text: str, position: int) -> int:
    """Return where text goes on after the quoted text, comment or single character at `position`."""
    if text.startswith(("--", "//"), position):
        # A carriage return ends a comment as a line feed does: what follows it is run.
        line_end = _LINE_END.search(text, position)
        return len(text) if line_end is None else line_end.end()
    for opening, closing in (("'", "'"), ('"', '"'), ("$$", "$$"), ("/*", "*/")):
        if text.startswith(opening, position):
            closed = text.find(closing, position + len(opening))
            return len(text) if closed < 0 else closed + len(closing)
    return position + 1
