"""From text to tokens: what the words, symbols and literals of CQL look like."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from cql_builder.compiler.numbers import is_in_range
from cql_builder.dialects import DIALECTS, features

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cql_builder.dialects import Dialect

STRING = "STRING"
QUOTED = "QUOTED"
EMPTY_NAME = "EMPTY_NAME"
INTEGER = "INTEGER"
FLOAT = "FLOAT"
UUID = "UUID"
BLOB = "BLOB"
DURATION = "DURATION"
NEGATIVE_INFINITY = "-infinity"
NEGATIVE_NAN = "-nan"
END = "END"
ERROR = "ERROR"

LITERAL_KINDS = frozenset(
    {STRING, QUOTED, EMPTY_NAME, INTEGER, FLOAT, UUID, BLOB, DURATION, NEGATIVE_INFINITY, NEGATIVE_NAN, END, ERROR}
)
"""The kinds of tokens that are neither a word nor a symbol."""

INDEX_EXPRESSION = "expr("
"""One token, in lower case only, to Cassandra's lexer."""

SYMBOLS = frozenset([*"()[]{}<>=,;:.?*/%+-", "..", "+=", "-=", "<=", ">=", "!="]) | {INDEX_EXPRESSION}
"""The tokens that are their own kind."""

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_HEX = "[0-9a-fA-F]"
_UUID = f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
_UNIT = "(?:[yYwWdDhHsS]|[mM][oOsS]|[mM](?![oOsS])|[uUµnN][sS])"
_TIME = r"T(?:\d+H(?:\d+M)?(?:\d+S)?|\d+M(?:\d+S)?|\d+S)"
_PERIOD = r"(?:\d+Y(?:\d+M)?(?:\d+D)?|\d+M(?:\d+D)?|\d+D)"
_DESIGNATED = rf"P(?:\d+W|{_PERIOD}(?:{_TIME})?|{_TIME})"
_DATED = r"P\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"
_DURATION = rf"-?\d+{_UNIT}(?:\d+{_UNIT})*(?!\d)|-?{_DATED}|-{_DESIGNATED}(?![\dT])"
_FLOAT = r"-?\d+(?:\.(?!\.(?!\.))\d*(?![\deE])|(?:\.\d*)?[eE][+-]?\d+)"
_INTEGER = r"-?\d+(?![\deEyYmMwWdDhHsSuUµnN]|\.(?!\.(?!\.)))"


class _Kinds(dict[str, str]):
    """The kind of each token by its text: of symbols and keywords looked up, of all else worked out each time.

    Nothing of a text is kept here, as it may be a password, even one whose quotes were forgotten.
    """

    _bounded = True
    """Whether the server's parser works out numbers, and ends at one that is beyond the range of a double."""

    def __missing__(self, raw: str) -> str:
        """Work out the kind of a text that is no symbol and no keyword."""
        first = raw[0]
        # What begins with such a letter has no other letters in it.
        if first in _LETTERS and raw.isidentifier():
            return DURATION if first == "P" and _number().fullmatch(raw) else raw.lower()
        if first == "'":
            return STRING if len(raw) > 1 and raw[-1] == "'" else ERROR
        return self._literal_kind(raw)

    def _literal_kind(self, raw: str) -> str:
        kind = _literal_kind(raw)
        return ERROR if kind == FLOAT and self._bounded and not is_in_range(raw) else kind


class _ScyllaKinds(_Kinds):
    """The same for ScyllaDB, whose parser leaves numbers as they are written."""

    _bounded = False


@cache
def _number() -> re.Pattern[str]:
    """Return what tells numbers and the like apart; compiled when the first text is read."""
    return re.compile(
        rf"(?P<UUID>{_UUID})|(?P<BLOB>0[xX]{_HEX}*)|(?P<DURATION>{_DURATION}|{_DESIGNATED})|(?P<FLOAT>{_FLOAT})"
        rf"|(?P<INTEGER>{_INTEGER})",
        re.ASCII,
    )


def is_number(raw: str) -> bool:
    """Whether a text is a number with a point or exponent, of whatever size."""
    number = _number().fullmatch(raw)
    return number is not None and number.lastgroup == FLOAT


def _literal_kind(raw: str) -> str:
    first = raw[0]
    if raw.isdigit() and raw.isascii():
        return INTEGER
    if first == '"':
        return QUOTED if len(raw) > 2 and raw[-1] == '"' else EMPTY_NAME if raw == '""' else ERROR  # noqa: PLR2004
    if first == "$":
        return STRING if len(raw) >= 4 and raw.endswith("$$") else ERROR  # noqa: PLR2004 - two at each end
    number = _number().fullmatch(raw)
    if number is not None:
        return number.lastgroup or ERROR
    lowered = raw.lower()
    return lowered if lowered in {NEGATIVE_INFINITY, NEGATIVE_NAN} else ERROR


def _kinds_of_keywords() -> dict[str, str]:
    """Return the kind of every keyword of every dialect, in small letters, capitals and with a capital first."""
    words = {word for dialect in DIALECTS.values() for word in dialect.reserved | dialect.unreserved}
    return {spelt: word for word in words for spelt in (word, word.upper(), word.capitalize())}


_KNOWN = _kinds_of_keywords() | {symbol: symbol for symbol in SYMBOLS} | {"": END}
_KINDS = _Kinds(_KNOWN)
_SCYLLA_KINDS = _ScyllaKinds(_KNOWN | {"P": DURATION, "PT": DURATION})


@lru_cache(maxsize=4)
def _token_pattern(*, scylla: bool, script: bool) -> re.Pattern[str]:
    """Return what matches one token with all that is skipped before it.

    What is never closed is one token that reaches to the end of the text, so that no text takes more than linear time.
    Where the server's lexer gives up after the first characters of a number or word, so does this.
    """
    line_end = r"(?:[\n\r]|\Z)" if script else r"[\n\r]"
    tokens = [
        # First what is most frequent and can be nothing else.
        "[g-zG-OQ-Z][A-Za-z0-9_]*",
        r"[()\[\]{},;:=?*%]",
        _UUID,
        rf"{_HEX}{{8}}-",
        rf"{_DESIGNATED}(?![A-Za-z0-9_])",
        r"P\d{4}-(?:\d\d-\d\dT\d\d:\d\d:\d\d)?",
        "[A-Za-z][A-Za-z0-9_]*" if scylla else r"expr\(|[A-Za-z][A-Za-z0-9_]*",
        r"'[^']*(?:''[^']*)*'",
        r'"[^"]*(?:""[^"]*)*"',
        r"(?!\d{8})\d+[abcfABCF]|(?![\ddDeE]{8})(?:\d+[eE]\d+|(?:\d+[dD])+)[a-fA-F]",
        rf"0[xX]{_HEX}*",
        _DURATION,
        _FLOAT,
        _INTEGER,
        r"-?\d[\wµ.]*",
        "-(?:[iI](?:[nN][fF][iI][nN][iI][tT][yY])?|[nN](?:[aA][nN])?|P)",
        r"\$\$[\s\S]*?\$\$",
        # What is never closed, then symbols, then any character, then the end.
        r"""(?:['"]|\$\$|/\*|--|//)[\s\S]*""",
        r"\.\.|[+\-<>!]=|[\s\S]|\Z",
    ]
    skipped = rf"(?:[ \t\n\r]+|(?:--|//)[^\n\r]*{line_end}|/\*[\s\S]*?\*/)*"
    return re.compile(f"{skipped}({'|'.join(tokens)})", re.ASCII)


class Tokens:
    """The tokens of a text, as they are written and as their kinds.

    A word's kind is its text in lower case, a symbol's is itself; literals and the end have kinds in upper case.

    Attributes:
        text: the text.
        raws: each token as it is written; the last is empty.
        kinds: the kind of each token; the last is `END`.
    """

    __slots__ = ("_pattern", "_script", "_scylla", "kinds", "raws", "text")

    def __init__(self, text: str, *, scylla: bool = False, script: bool = False) -> None:
        """Find the tokens of `text`.

        Args:
            text: what is read.
            scylla: whether to read as ScyllaDB does: `expr(` is no token, and a lone `P` is a duration.
            script: whether the end of the text ends a line's comment; for a server, only a line break does.
        """
        self.text = text
        self._scylla = scylla
        self._script = script
        self._pattern = _token_pattern(scylla=scylla, script=script)
        self.raws: Sequence[str] = self._pattern.findall(text)
        kinds = _SCYLLA_KINDS if scylla else _KINDS
        self.kinds: Sequence[str] = list(map(kinds.__getitem__, self.raws))

    def begun_at(self, index: int, dialect: Dialect) -> Tokens:
        """Return the tokens of what is left of the text from a token on, as the server of a dialect finds them."""
        scylla = _is_lexed_as_scylla(dialect)
        if not index and scylla == self._scylla:
            return self
        return Tokens(self.text[self.position(index) :], scylla=scylla, script=self._script)

    def position(self, index: int) -> int:
        """Return where a token starts, in characters from 0; only errors ask, so nothing is kept for it."""
        return next(islice(self._pattern.finditer(self.text), index, None)).start(1)


def tokens_of(text: str, dialect: Dialect, *, script: bool = False) -> Tokens:
    """Return the tokens of a text as the server of a dialect finds them; a `script` may hold several statements."""
    return Tokens(text, scylla=_is_lexed_as_scylla(dialect), script=script)


def _is_lexed_as_scylla(dialect: Dialect) -> bool:
    return features.INDEX_EXPRESSION not in dialect.features


def token_value(kind: str, raw: str) -> str:
    """Return what a token stands for: strings and names without their quotes, all else as written."""
    if kind == STRING:
        return raw[2:-2] if raw[0] == "$" else raw[1:-1].replace("''", "'")
    if kind in {QUOTED, EMPTY_NAME}:
        return raw[1:-1].replace('""', '"')
    return raw
