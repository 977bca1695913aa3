"""Answers over which the package `cassandra` gives up a sound connection: told for what they are, and it lives on.

A timestamp may lie outside the years that Python has, written by somebody else; a paging state may come from a web page
that somebody has edited, and the server calls that a protocol error. The library then closes the whole connection, and
with it fail the requests of all who use it at that moment, and those who come until the node counts as up again.

And an answer after which the library would send old bytes: a node forgets a prepared statement when its table changes,
and the library prepares it again and sends what was bound for the columns before, whatever their types are now.
"""

from __future__ import annotations

import io
import re
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final
from weakref import WeakValueDictionary

from coodie_drivers.adapters._cassandra_classes import UnknownTypeError, parsing
from coodie_drivers.adapters._cassandra_library import errors, protocol
from coodie_drivers.interrupts import is_interrupt

WRONG_PAGING_STATE: Final = "Invalid value for the paging state"
"""What the server says, as a protocol error, when it cannot read the paging state of a request."""

_FLAGS, _OPCODE = -5, -4
"""Which arguments of `decode_message` they are, in both libraries: body, decompressor and metadata come after it."""

_RESULT: Final = 0x08

_COMPRESSED, _TRACED, _WARNS = 0x01, 0x02, 0x08
_TRACE_ID: Final = 16

_FAILED_COLUMN: Final = re.compile(r'Failed decoding result column "(.*?)" of type (.*?): ', re.DOTALL)


class DamagedAnswerError(errors.DriverException):  # type: ignore[misc]  # the library carries no types
    """The bytes of an answer are not what they say they are: a length points beyond them."""


class ForgottenError(errors.DriverException):  # type: ignore[misc]  # the library carries no types
    """The node holds no such prepared statement any more; it has done nothing."""


def surviving(protocol_handler: Any) -> Any:
    """Return a protocol handler for a session that tells a failure to the one request that it is about.

    The frame has been taken off the connection whole by then, so what follows on it is read as ever. The library hands
    an exception that comes as an answer to whoever waits for it. Types that the server names by its own classes are
    parsed here.

    Its attribute `bound_anew` holds, by their ids, the prepared statements whose user binds the values anew when a node
    has forgotten one: he is told with a `ForgottenError`.
    """
    bound_anew: WeakValueDictionary[bytes, Any] = WeakValueDictionary()

    def decode_message(*arguments: Any) -> Any:
        try:
            answer = _with_warnings(read, arguments) if arguments[_FLAGS] & _WARNS else read(*arguments)
        except Exception as error:
            if arguments[_OPCODE] != _RESULT:
                raise
            return told_alone(error)
        if arguments[_OPCODE] == _RESULT:
            return answer
        if isinstance(answer, protocol.PreparedQueryNotFound) and answer.info in bound_anew:
            return ForgottenError()
        wrong = isinstance(answer, protocol.ProtocolException) and answer.message == WRONG_PAGING_STATE
        return errors.InvalidRequest(answer.message) if wrong else answer

    kinds = dict(protocol_handler.message_types_by_opcode)
    kinds[_RESULT] = parsing(kinds[_RESULT])
    handler = type("ParsingProtocolHandler", (protocol_handler,), {"message_types_by_opcode": kinds})
    read: Any = handler.decode_message  # type: ignore[attr-defined]
    members = {"decode_message": staticmethod(decode_message), "bound_anew": bound_anew}
    return type("SurvivingProtocolHandler", (handler,), members)


@lru_cache(maxsize=8)
def surviving_preparing(connection_class: Any) -> Any:
    """Return a class of connections like this one, on which an answer to a PREPARE is read as `surviving` has it.

    The library has a handler of its own read these answers, whichever the session has.
    """
    decode_message = surviving(protocol.ProtocolHandler).decode_message

    def send_msg(self: Any, msg: Any, *arguments: Any, **options: Any) -> Any:
        if type(msg) is protocol.PrepareMessage:
            options["decoder"] = decode_message
        try:
            return connection_class.send_msg(self, msg, *arguments, **options)
        except Exception as error:
            if is_interrupt(error):
                _ask_no_other(options.get("cb"))
            raise

    return type(connection_class.__name__, (connection_class,), {"send_msg": send_msg})


def _ask_no_other(callback: Any) -> None:
    """Have the library go to no other node with a request whose sending was interrupted: it may be on its way.

    The library takes whatever comes while it sends for a failure of the node, and goes on to the next.
    """
    future = getattr(getattr(callback, "func", None), "__self__", None)
    with suppress(ValueError):  # another thread is looking for a node just now
        for _ in getattr(future, "query_plan", ()):
            pass


def _with_warnings(read: Any, arguments: tuple[Any, ...]) -> Any:
    """Return the answer with the server's warnings, read here: the library logs them with the values in them."""
    *before, flags, opcode, body, decompressor, metadata = arguments
    if flags & _COMPRESSED and decompressor is not None:  # as it does up to version 4, from where on segments are
        flags, body = flags ^ _COMPRESSED, decompressor(body)
    trace_id = body[:_TRACE_ID] if flags & _TRACED else b""
    rest = io.BytesIO(body[len(trace_id) :])
    warnings = protocol.read_stringlist(rest)
    answer = read(*before, flags ^ _WARNS, opcode, trace_id + rest.read(), decompressor, metadata)
    answer.warnings = warnings
    return answer


def told_alone(error: Exception) -> Exception:
    """Return what the one request is told whose answer could not be read."""
    tells = isinstance(error, UnknownTypeError) or unreadable_column(error) is not None
    return error if tells else DamagedAnswerError()


def unreadable(column: str, cql_type: str) -> Any:
    """Return the library's error for a column whose value cannot be read, as it words it."""
    return errors.DriverException(f'Failed decoding result column "{column}" of type {cql_type}: ')


def unreadable_column(error: object) -> tuple[str, str] | None:
    """Return the name and the type of the column whose value the library could not read, if this says so."""
    found = _FAILED_COLUMN.match(str(error)) if type(error) is errors.DriverException else None
    return (found.group(1), found.group(2)) if found else None
