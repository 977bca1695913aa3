"""`PageCursors`: page states as texts that a web API can hand out, and that it knows again when they come back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn, cast, overload

from coodie._query.chain import Chain
from coodie._query.fingerprint import fingerprint
from coodie._query.select import plan_select
from coodie._shell.connections import link_of
from coodie.errors import InvalidCursorError
from coodie_drivers.errors import ConfigurationError, InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PageCursors"]

_LEAST_KEY = 32
"""How many bytes a key has at least: as many as SHA-256 gives (RFC 2104, section 3)."""

_MOST_CHARACTERS = 1 << 18
"""How long a cursor may be: a page state holds a key, of which a server takes 64 KiB at most."""

_LONGEST = timedelta.max.total_seconds()

_VERSION = b"\x01"
_PURPOSE = b"coodie page cursor 1"
_HEAD = struct.Struct(">c4sQ")
_MAC = 32
_REFUSED = "the cursor is none of this query: it was changed, is of another query or tenant, or its key is gone"


class PageCursors:
    """Turns page states into cursors for clients that are not trusted, and back.

    A cursor is good for the query that it was made for, and nothing else: the model, its table, keyspace and
    connection, what is compared, with which values (those of a list in their order), the order and the limits; how
    many rows a page has, and how it is fetched, may change. It is signed with HMAC-SHA256, so that a client can neither
    make nor change one. It is not encrypted: a page state says where the page ended, which is the primary key of its
    last row, readable for whoever has the cursor. Where keys are secret to those who may see the page, keep page states
    on the server.

    Args:
        key: at least 32 random bytes that only the application knows, such as `secrets.token_bytes(32)`; all processes
            that serve an API have the same. Of several, the first signs, and those that follow are still known: so keys
            are changed.
        max_age: how long a cursor is good for, in seconds or as a timedelta; None for ever.

    Raises:
        ConfigurationError: a key is too short, or max_age is not positive or no number.

    >>> from typing import Annotated
    >>> from pydantic import create_model
    >>> from coodie.fields import PrimaryKey
    >>> from coodie.sync import Document
    >>> from coodie_drivers import register_driver, unregister_driver
    >>> from coodie_drivers.testing.scripted import ScriptedDriver
    >>> register_driver("example", ScriptedDriver(), default=True)
    >>> Post = create_model("Post", __base__=Document, blog=(Annotated[str, PrimaryKey()], ...))
    >>> cursors = PageCursors(b"an example: take random bytes ...", max_age=3600)
    >>> query = Post.find(blog="coodie").fetch_size(20)
    >>> cursor = cursors.sign(query, b"the paging_state of a page")
    >>> cursors.open(query, cursor)
    b'the paging_state of a page'
    >>> cursors.open(Post.find(blog="another"), cursor)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    coodie.errors.InvalidCursorError: the cursor is none of this query: ...
    >>> unregister_driver("example").close()
    """

    __slots__ = ("_keys", "_lifetime")

    def __init__(self, key: bytes | Sequence[bytes], *, max_age: float | timedelta | None = None) -> None:
        """Sign and open with these keys."""
        several = isinstance(cast("object", key), Iterable) and not isinstance(key, (bytes, str))
        given: list[Any] = list(cast("Iterable[Any]", key)) if several else [key]
        if not given:
            raise ConfigurationError("PageCursors takes a key, or several; make one by secrets.token_bytes(32)")
        for each in given:
            if not isinstance(each, bytes) or len(each) < _LEAST_KEY:
                fix = "make one by secrets.token_bytes(32), and keep it with the application's other secrets"
                raise ConfigurationError(f"a key of PageCursors has at least {_LEAST_KEY} bytes; {fix}")
        # Keys of another purpose may be the same: what is signed for one is nothing for the other.
        derived = [hmac.digest(each, _PURPOSE, hashlib.sha256) for each in given]
        self._keys = {hashlib.sha256(each).digest()[:4]: each for each in reversed(derived)}
        seconds: object = max_age.total_seconds() if isinstance(max_age, timedelta) else max_age
        if seconds is not None and (type(seconds) not in (int, float) or not 0 < cast("float", seconds) <= _LONGEST):
            problem = "max_age of PageCursors is a positive number of seconds, or a timedelta"
            raise ConfigurationError(f"{problem}; leave it out for cursors that are good for ever")
        self._lifetime = cast("float | None", seconds)

    @overload
    def sign(self, query: Chain[Any], paging_state: bytes, *, tenant: str | None = None) -> str: ...
    @overload
    def sign(self, query: Chain[Any], paging_state: None, *, tenant: str | None = None) -> None: ...
    def sign(self, query: Chain[Any], paging_state: bytes | None, *, tenant: str | None = None) -> str | None:
        """Return a page state as a text for URLs and JSON; None, which says that there are no more pages, stays None.

        Args:
            query: the query whose page it is.
            paging_state: that of the page.
            tenant: for whom; only the same one can open it.

        Raises:
            InvalidQueryError: the query has no pages, or the state is no bytes.
        """
        if paging_state is None:
            return None
        if not isinstance(cast("object", paging_state), bytes):
            raise InvalidQueryError("sign() takes the paging_state of a PagedResult, which is bytes or None")
        identity, key = list(self._keys.items())[-1]
        expiry = 0 if self._lifetime is None else max(1, int(time.time() + self._lifetime))
        body = _HEAD.pack(_VERSION, identity, expiry) + paging_state
        return _text(body + _mac(key, body, query, tenant))

    @overload
    def open(self, query: Chain[Any], cursor: str, *, tenant: str | None = None) -> bytes: ...
    @overload
    def open(self, query: Chain[Any], cursor: str | None, *, tenant: str | None = None) -> bytes | None: ...
    def open(self, query: Chain[Any], cursor: str | None, *, tenant: str | None = None) -> bytes | None:
        """Return the page state of a cursor, for `page()`; None, which asks for the first page, stays None.

        No server is asked.

        Args:
            query: the query that is to go on.
            cursor: what `sign()` gave, as the client sent it.
            tenant: who asks.

        Raises:
            InvalidCursorError: the cursor was forged, changed or made for another query or tenant, or has expired.
            InvalidQueryError: the query has no pages.
        """
        if cursor is None:
            return None
        data = _bytes(cursor)
        body, mac = data[:-_MAC], data[-_MAC:]
        version, identity, expiry = _HEAD.unpack_from(body)
        key = self._keys.get(identity)
        if version != _VERSION or key is None or not hmac.compare_digest(mac, _mac(key, body, query, tenant)):
            _refuse()
        if expiry and time.time() > expiry:
            raise InvalidCursorError("the cursor has expired; begin with the first page", expired=True)
        return body[_HEAD.size :]


def _mac(key: bytes, body: bytes, query: Chain[Any], tenant: str | None) -> bytes:
    """The signature of a cursor: its parts cannot be told apart wrongly, since all but the last have a known length."""
    if tenant is not None and not isinstance(cast("object", tenant), str):
        raise InvalidQueryError("the tenant of a cursor is a text, or None")
    if not isinstance(cast("object", query), Chain):
        raise InvalidQueryError(f"a cursor is of a query, such as Product.find(), and not of {type(query).__name__}")
    # Whether the query stands on a page already makes no other query of it.
    state = query.state.with_more(paging_state=None)
    target = link_of(query.model, state.more.connection, state.more.keyspace).target
    of_query = fingerprint(target, plan_select(target, state, "pages"), state)
    whose = b"\x00" if tenant is None else b"\x01" + tenant.encode("utf-8", "surrogatepass")
    return hmac.digest(key, struct.pack(">Q", len(body)) + body + of_query + whose, hashlib.sha256)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bytes(cursor: object) -> bytes:
    """The bytes of a text; another text of the same bytes is none of ours."""
    if not isinstance(cursor, str) or len(cursor) > _MOST_CHARACTERS or not cursor.isascii():
        _refuse()
    try:
        data = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        _refuse()
    if len(data) < _HEAD.size + _MAC or _text(data) != cursor:
        _refuse()
    return data


def _refuse() -> NoReturn:
    raise InvalidCursorError(_REFUSED) from None
