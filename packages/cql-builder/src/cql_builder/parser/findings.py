"""How an error speaks of what it found: by its kind and never by its value, and with what was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cql_builder.errors import suggestion
from cql_builder.parser.lexer import (
    BLOB,
    DURATION,
    EMPTY_NAME,
    END,
    ERROR,
    FLOAT,
    INTEGER,
    NEGATIVE_INFINITY,
    NEGATIVE_NAN,
    QUOTED,
    STRING,
    SYMBOLS,
    UUID,
    is_number,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_BY_KIND = {
    END: "the end",
    STRING: "a string",
    QUOTED: "a name in double quotes",
    EMPTY_NAME: "an empty name",
    INTEGER: "a number",
    FLOAT: "a number",
    NEGATIVE_INFINITY: "a number",
    NEGATIVE_NAN: "a number",
    UUID: "a UUID",
    BLOB: "a blob",
    DURATION: "a duration",
}
_NUMBERS = frozenset({INTEGER, FLOAT})
_UNCLOSED = {
    "'": "a quote that is never closed",
    '"': "a quote that is never closed",
    "$$": "'$$' that is never closed",
    "/*": "a comment that is never closed",
    "--": "a comment that no line break ends",
    "//": "a comment that no line break ends",
}
_ROLE_STATEMENTS = frozenset(
    {(verb, noun) for verb in ("create", "alter") for noun in ("role", "user", "generated")},
)
_SECRETS = frozenset({"hashed", "options", "password"})
"""After these words of a statement on a role, anything may be a secret, or a piece of one whose quotes are wrong."""

_CLAUSES = frozenset({"from", "where", "group", "order", "per", "limit", "allow"})
_ORDER_OF_CLAUSES = "FROM, WHERE, GROUP BY, ORDER BY, PER PARTITION LIMIT, LIMIT and ALLOW FILTERING come in this order"
_NO_OR = "CQL has no OR: use IN, or send a statement for each"
_INSTEAD = {
    ("=", "="): "CQL compares with one =",
    ("<", ">"): "CQL writes != where SQL writes <>",
    ("begin", "logged"): "BEGIN BATCH begins a logged batch; leave LOGGED out",
    ("is", "null"): "WHERE cannot ask for null; IS NOT NULL stands in materialized views",
}
"""What SQL or a programming language writes otherwise, by the token before the wrong one and the wrong one."""

_NO_NULL_IN_IF = "IF compares with null: a = NULL, a != NULL"
_VALUE = "a value"


def describe_token(kind: str, raw: str, *, secret: bool = False) -> str:
    """Return how an error speaks of a token: words and symbols are shown, unless they may be secret; values never."""
    described = _BY_KIND.get(kind)
    if described is not None:
        return described
    if kind == ERROR:
        return _describe_wrong(raw, secret=secret)
    if secret:
        return "a symbol" if kind in SYMBOLS else "a word"
    return repr(raw)


def _describe_wrong(raw: str, *, secret: bool) -> str:
    for start, described in _UNCLOSED.items():
        if raw.startswith(start):
            return described
    if is_number(raw):
        return "a number beyond the range of a double"
    if raw.lstrip("-")[:1].isdecimal():
        return "a malformed number"
    return "a character that CQL does not have" if secret or len(raw) > 1 else repr(raw)


def may_be_secret(kinds: Sequence[str], index: int) -> bool:
    """Whether a token stands where a password should, or behind one: the quotes of that may end too early."""
    end = index
    # What follows a semicolon may be the rest of a password that has one.
    while end > 0 and kinds[end - 1] == ";":
        end -= 1
    start = end
    while start > 0 and kinds[start - 1] != ";":
        start -= 1
    return tuple(kinds[start : start + 2]) in _ROLE_STATEMENTS and not _SECRETS.isdisjoint(kinds[start:end])


def explain(expected: str, kinds: Sequence[str], raws: Sequence[str], index: int, *, touches: bool) -> str:
    """Return the sentence that something else was expected where a token is, with what was probably meant.

    Args:
        expected: what was expected, with its article.
        kinds: the kinds of all tokens.
        raws: all tokens as they are written.
        index: which of them is wrong.
        touches: whether the token before the wrong one ends where this one begins.
    """
    kind, raw = kinds[index], raws[index]
    if may_be_secret(kinds, index):
        return f"expected {expected}, found {describe_token(kind, raw, secret=True)}"
    if touches and kind not in SYMBOLS and kind != END:
        if kinds[index - 1] == STRING:
            return f"expected {expected}, found more right after a string; a quote inside a string is doubled"
        if kinds[index - 1] in _NUMBERS:  # -0xCAFE is one: a blob has no sign
            return f"expected {expected}, found more right after a number"
    words = [word.strip(",;'") for word in expected.split()]
    meant = suggestion(raw.upper(), [word for word in words if word.isupper()])
    hint = "" if meant else _hint(expected, kinds, index)
    return f"expected {expected}, found {describe_token(kind, raw)}{meant}{hint and f'; {hint}'}"


def _hint(expected: str, kinds: Sequence[str], index: int) -> str:
    kind = kinds[index]
    before = kinds[index - 1] if index else END
    if (before, kind) in _INSTEAD:
        return _INSTEAD[before, kind]
    if expected.startswith(_VALUE) and kind == QUOTED:
        return "a string is in single quotes"
    if index > 2 and kinds[index - 3] == "add" and kinds[index - 2] == "column":  # noqa: PLR2004 - words before this one
        return "ADD is followed by the name itself: leave COLUMN out"
    if index > 1 and kinds[index - 2] == "drop" and before == "column":
        return "DROP is followed by the name itself: leave COLUMN out"
    if expected == "FROM" and suggestion(before.upper(), [expected]):
        return "the word before it may be meant as FROM"
    start = index
    while start > 0 and kinds[start - 1] != ";":
        start -= 1
    if expected != "the end":
        return _NO_NULL_IN_IF if kind == "is" and "if" in kinds[start:index] and kinds[start] != "begin" else ""
    if kind == "or":
        return _NO_OR
    return _ORDER_OF_CLAUSES if kinds[start] == "select" and kind in _CLAUSES else ""
