"""How names and strings are written in CQL: the only file of the package that knows about quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.errors import IdentifierError, LiteralError

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

EMPTY_IDENTIFIER = '""'
"""The empty name of a column, which Cassandra has in old compact tables, and which is no name anywhere else."""

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_NAME_CHARACTERS = _LETTERS | frozenset("0123456789_")


def quote_identifier(name: str, reserved: AbstractSet[str]) -> str:
    """Return `name` as an identifier that keeps its exact case.

    It is in quotes where CQL needs them.

    Quotes are needed unless the name is `[a-z][a-z0-9_]*` and no reserved word, as in the server's own
    `ColumnIdentifier.maybeQuote`. Every character is possible inside quotes, NUL and line breaks too.

    Raises:
        IdentifierError: if the name is empty, no str, or cannot be encoded (a lone surrogate).

    >>> quote_identifier("price", {"select"}), quote_identifier("select", {"select"})
    ('price', '"select"')
    >>> quote_identifier('a "b" c', {"select"})
    '"a ""b"" c"'
    """
    # What `is_bare` says, without the call: every name of every statement comes through here. A member of an
    # enumeration of texts has a hash and a format of its own, which are not those of its text.
    try:
        name = str.__str__(name)
        if name[:1] in _LETTERS and _NAME_CHARACTERS.issuperset(name) and name not in reserved:
            return name
    except TypeError:
        pass  # no str: refused below
    _check_identifier(name)
    return '"' + name.replace('"', '""') + '"'


def unquote_identifier(text: str) -> str:
    """Return the exact name that an identifier stands for.

    It is without its quotes, or in small letters.

    >>> unquote_identifier('"a ""b"" c"'), unquote_identifier("Price")
    ('a "b" c', 'price')
    """
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"')
    return text.lower()


def is_bare(name: object) -> bool:
    """Whether a name needs no quotes unless it is a reserved word.

    It is `[a-z][a-z0-9_]*` then.
    """
    return isinstance(name, str) and name[:1] in _LETTERS and _NAME_CHARACTERS.issuperset(name)


def quote_string(text: str) -> str:
    """Return `text` as a CQL string; CQL has no escape but the doubled quote.

    Raises:
        LiteralError: if the text cannot be encoded (a lone surrogate).

    >>> quote_string("it's")
    "'it''s'"
    """
    text = str.__str__(text)
    if not _is_encodable(text):
        raise LiteralError("the text has a lone surrogate, which UTF-8 cannot carry")
    return "'" + text.replace("'", "''") + "'"


def quote_body(text: str) -> str:
    """Return the source of a function as a CQL string, between `$$` where that is possible.

    Between `$$` nothing is escaped, so a text with `$$` in it or with `$` at its end is written between quotes.

    Raises:
        LiteralError: if the text cannot be encoded (a lone surrogate).

    >>> quote_body("return 'a';"), quote_body("$")
    ("$$return 'a';$$", "'$'")
    """
    quoted, text = quote_string(text), str.__str__(text)
    return quoted if "$$" in text or text.endswith("$") else f"$${text}$$"


def _check_identifier(name: object) -> None:
    if not isinstance(name, str):
        raise IdentifierError(name, f"a name is a str, not {type(name).__name__}")
    if not name:
        raise IdentifierError(name, "it is empty")
    if not _is_encodable(name):
        raise IdentifierError(name, "it has a lone surrogate, which UTF-8 cannot carry")


def _is_encodable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
