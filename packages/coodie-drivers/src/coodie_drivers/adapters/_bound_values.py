"""The bound values of one request, taken out of what the server says about it.

The server's sentences have no grammar, so rules alone do not find each value that they repeat: an algorithm that is not
found, a text with an apostrophe in it. But what was bound is known here. Nothing is done for a request about which the
server says nothing.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import date, datetime, time
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from coodie_drivers.adapters._server_sentences import (
    without_conditions,
    without_values,
    without_words_of_function,
)
from coodie_drivers.errors import ClusterUnavailableError, FunctionFailureError, InvalidRequestError, ServerError
from coodie_drivers.hiding import forget_values
from coodie_drivers.messages import BatchRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from coodie_drivers.errors import CoodieError
    from coodie_drivers.messages import Request

_MOST: Final = 200_000
"""Texts that are looked for, at most: a batch may hold some millions."""

_ANYWHERE: Final = 6
"""How many characters a text has, at least, that is found as a part of words, too."""

_COUNT: Final = re.compile(r"-?\d{1,5}")
"""A number that a warning may count with, whatever was bound: what is told of values there is told by rules."""

_OWN_WORDS: Final = ["a", "an", "and", "for", "in", "is", "not", "of", "or", "the", "this", "to", "was", "with"]
"""Words of all sentences: that one stands there tells nothing of a value."""

_JSON: Final = ("{", "[", '"')
_INSERTS_JSON: Final = re.compile(r"\bJSON\b", re.IGNORECASE)
_CONTAINERS: Final[Any] = (dict, list, tuple, set, frozenset)
_BYTES: Final[Any] = (bytes, bytearray, memoryview)
_WORD: Final = re.compile(r"\w{3,}")


def forget_bound(error: CoodieError, request: Request | BatchRequest) -> None:
    """Forget the bound values of a request that failed: in its error, and in the frames through which that came."""
    _hide_bound(error, request)
    forget_values(error)


def _hide_bound(error: CoodieError, request: Request | BatchRequest) -> None:
    """Take the bound values of a request out of its error, where that tells a sentence of the server.

    What led to the error goes with them: the library's own error has the whole sentence.
    """
    if not isinstance(error, (InvalidRequestError, ServerError, ClusterUnavailableError, FunctionFailureError)):
        return
    texts = _texts_of(request)
    sentence = told = str(error)
    of_function = isinstance(error, FunctionFailureError)  # which names it, and nothing else of the sentence
    if isinstance(error, ClusterUnavailableError):
        for host, reason in error.reasons.items():
            error.reasons[host] = _without(texts, reason)
            told = told.replace(reason, error.reasons[host])
    elif not of_function:
        told = _without(texts, sentence)
    causes = [str(each) for each in (error.__cause__, error.__context__) if each is not None]
    if of_function or told != sentence or any(each != _told_of_cause(each, texts) for each in causes):
        error.args = (told, *error.args[1:])
        error.__cause__ = error.__context__ = None
        error.__suppress_context__ = True


def _told_of_cause(sentence: str, texts: set[str]) -> str:
    """Return what of the library's own sentence may be told: what a function says is of any value, bound or not."""
    told = without_words_of_function(sentence)
    return without_values(_without(texts, told)) if texts else told


def told_warnings(warnings: Sequence[str], request: Request | BatchRequest) -> tuple[str, ...]:
    """Return the server's warnings without the bound values of the request."""
    texts = _texts_of(request)
    if not texts:
        return tuple(warnings)
    texts = {text for text in texts if not _COUNT.fullmatch(text)}
    return tuple([_without(texts, without_values(without_conditions(each))) for each in warnings])


def _without(texts: Iterable[str], sentence: str) -> str:
    """Return a sentence without these texts, the longest first: a shorter one may be a part of it."""
    lower = sentence.lower()
    for text in sorted((text for text in texts if text.lower() in lower), key=len, reverse=True):
        before = r"(?<![\w.])" if text[0].isdigit() or len(text) < _ANYWHERE else ""
        behind = r"(?!\.?\w)" if text[-1].isdigit() or len(text) < _ANYWHERE else ""
        flags = re.IGNORECASE if len(text) >= _ANYWHERE else 0
        sentence = re.sub(before + re.escape(text) + behind, "…", sentence, flags=flags)
    return sentence


def _texts_of(request: Request | BatchRequest) -> set[str]:
    """Return how the server may write what was bound, but for what stands in the statement, which is no secret."""
    parts = request.parts if isinstance(request, BatchRequest) else [(request.statement, request.params)]
    found: set[str] = set()
    written = set(_OWN_WORDS)
    for statement, values in parts:
        cql = getattr(statement, "cql", "")
        written.update(re.findall(r"\w+", cql))
        inserts_json = _INSERTS_JSON.search(cql) is not None
        for value in _listed(values):
            found.update(islice(_texts(value, inserts_json), _MOST - len(found)))
    return {text for text in found if text and text not in written}


def _listed(values: object) -> list[Any]:
    """Return the values as a list; what was refused may be anything."""
    return [*values] if isinstance(values, (list, tuple)) else []


def _texts(value: Any, inserts_json: bool = False) -> Iterator[str]:  # noqa: FBT001, FBT002 - of the statement
    if value is None or value is True or value is False:
        return
    if isinstance(value, str):
        yield from _texts_in(value, inserts_json)
    elif isinstance(value, _BYTES):
        yield bytes(value).hex()
        yield bytes(value).decode(errors="replace")
    elif isinstance(value, _CONTAINERS):
        held: list[Any] = [*value, *(value.values() if isinstance(value, dict) else ())]
        for item in held:
            yield from _texts(item)
    else:
        with suppress(Exception):  # anybody's class
            yield str(value)
            if isinstance(value, (datetime, date, time)):
                yield value.isoformat()


def _texts_in(value: str, inserts_json: bool) -> Iterator[str]:  # noqa: FBT001 - of the statement
    """Give a text, what stands between its apostrophes, where rules take a text to end, and what it has of JSON."""
    yield value
    if "'" in value:
        yield from value.split("'")
    if not value.lstrip().startswith(_JSON):
        return
    try:
        read: Any = json.loads(value, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        yield from _WORD.findall(value)
        return
    if isinstance(read, dict) and inserts_json:
        read = [*read.values()]  # the keys are columns
    if read != value:
        yield from _texts(read)
