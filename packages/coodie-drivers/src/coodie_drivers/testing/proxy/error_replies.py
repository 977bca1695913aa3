"""The errors that a node can answer with, each made by a function of its name (`native_protocol_v5.spec`, section 8).

```python
proxy.rules.add(answer(write_timeout("COUNTER")), text="UPDATE page_views")
```
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coodie_drivers.consistency import checked_consistency
from coodie_drivers.errors import ConfigurationError
from coodie_drivers.spelling import did_you_mean
from coodie_drivers.testing.frames import string_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WRITE_TYPES = ("SIMPLE", "BATCH", "UNLOGGED_BATCH", "COUNTER", "BATCH_LOG", "CAS", "VIEW", "CDC")
"""What a write timeout or a write failure can be about."""

# In the order of their codes.
_LEVELS = (
    "ANY",
    "ONE",
    "TWO",
    "THREE",
    "QUORUM",
    "ALL",
    "LOCAL_QUORUM",
    "EACH_QUORUM",
    "SERIAL",
    "LOCAL_SERIAL",
    "LOCAL_ONE",
)
_REASONS_SINCE = 5
_UNKNOWN_REASON, _LOOPBACK = 0, b"\x04\x7f\x00\x00\x01"


@dataclass(frozen=True)
class Asked:
    """What an error's content may depend on.

    Attributes:
        version: the version of the protocol.
        prepared: the ids of the prepared statements that were to be executed.
    """

    version: int
    prepared: Sequence[bytes] = ()


@dataclass(frozen=True)
class ErrorReply:
    r"""An error as a node sends it, of any code.

    >>> ErrorReply(0x1001, "busy").body(Asked(4))
    b'\x00\x00\x10\x01\x00\x04busy'

    Attributes:
        code: the code that says which error it is.
        message: its words.
        payload: what follows the words: bytes, or a function that makes them from what was asked.
    """

    code: int
    message: str
    payload: bytes | Callable[[Asked], bytes] = b""

    def body(self, asked: Asked) -> bytes:
        """The body of the ERROR message."""
        rest = self.payload if isinstance(self.payload, bytes) else self.payload(asked)
        return struct.pack(">I", self.code) + string_bytes(self.message) + rest


def server_error(message: str = "an unexpected error") -> ErrorReply:
    """Something unexpected went wrong in the node (0x0000)."""
    return ErrorReply(0x0000, message)


def protocol_error(message: str = "a malformed message") -> ErrorReply:
    """The node did not understand the message (0x000A)."""
    return ErrorReply(0x000A, message)


def bad_credentials(message: str = "the provided credentials are wrong") -> ErrorReply:
    """The login failed (0x0100)."""
    return ErrorReply(0x0100, message)


def unavailable(consistency: str = "QUORUM", *, required: int = 2, alive: int = 1) -> ErrorReply:
    """Too few replicas are alive for the consistency level, so nothing was tried (0x1000)."""
    payload = _level(consistency) + struct.pack(">II", required, alive)
    return ErrorReply(0x1000, "Cannot achieve consistency level", payload)


def overloaded(message: str = "the coordinator is overloaded") -> ErrorReply:
    """The coordinator sheds load (0x1001)."""
    return ErrorReply(0x1001, message)


def is_bootstrapping() -> ErrorReply:
    """The node is not ready to coordinate, and nothing was tried (0x1002)."""
    return ErrorReply(0x1002, "the coordinator is bootstrapping")


def truncate_error(message: str = "the table could not be truncated") -> ErrorReply:
    """A TRUNCATE failed (0x1003)."""
    return ErrorReply(0x1003, message)


def write_timeout(
    write_type: str = "SIMPLE",
    consistency: str = "QUORUM",
    *,
    received: int = 1,
    required: int = 2,
    contentions: int = 0,
) -> ErrorReply:
    """Replicas did not acknowledge a write in time (0x1100); `contentions` is told for `CAS` from version 5 on."""
    kind = _write_type(write_type)
    payload = _level(consistency) + struct.pack(">II", received, required) + string_bytes(kind)

    def for_version(asked: Asked) -> bytes:
        told = kind == "CAS" and asked.version >= _REASONS_SINCE
        return payload + (struct.pack(">H", contentions) if told else b"")

    return ErrorReply(0x1100, "Operation timed out", for_version)


def read_timeout(
    consistency: str = "QUORUM", *, received: int = 1, required: int = 2, data_present: bool = False
) -> ErrorReply:
    """Replicas did not answer a read in time (0x1200)."""
    payload = _level(consistency) + struct.pack(">II?", received, required, data_present)
    return ErrorReply(0x1200, "Operation timed out", payload)


def read_failure(
    consistency: str = "QUORUM", *, received: int = 1, required: int = 2, failures: int = 1, data_present: bool = False
) -> ErrorReply:
    """Replicas failed at a read (0x1300)."""
    start = _level(consistency) + struct.pack(">II", received, required)
    end = struct.pack(">?", data_present)
    return ErrorReply(0x1300, "Operation failed", lambda asked: start + _failures(failures, asked) + end)


def function_failure(keyspace: str, function: str, argument_types: Sequence[str] = ()) -> ErrorReply:
    """A user-defined function failed (0x1400)."""
    types = struct.pack(">H", len(argument_types)) + b"".join(map(string_bytes, argument_types))
    message = f"execution of '{keyspace}.{function}' failed"
    return ErrorReply(0x1400, message, string_bytes(keyspace) + string_bytes(function) + types)


def write_failure(
    write_type: str = "SIMPLE",
    consistency: str = "QUORUM",
    *,
    received: int = 1,
    required: int = 2,
    failures: int = 1,
) -> ErrorReply:
    """Replicas failed at a write (0x1500)."""
    start = _level(consistency) + struct.pack(">II", received, required)
    end = string_bytes(_write_type(write_type))
    return ErrorReply(0x1500, "Operation failed", lambda asked: start + _failures(failures, asked) + end)


def cdc_write_failure(message: str = "the space for changed data is full") -> ErrorReply:
    """A write to a table with change data capture was refused (0x1600)."""
    return ErrorReply(0x1600, message)


def cas_write_unknown(consistency: str = "SERIAL", *, received: int = 1, required: int = 2) -> ErrorReply:
    """A conditional write may have been applied, or be applied yet (0x1700)."""
    payload = _level(consistency) + struct.pack(">II", received, required)
    return ErrorReply(0x1700, "CAS operation result is unknown", payload)


def syntax_error(message: str = "the statement has a syntax error") -> ErrorReply:
    """The statement is no CQL (0x2000)."""
    return ErrorReply(0x2000, message)


def unauthorized(message: str = "the user lacks a permission") -> ErrorReply:
    """The user may not do this (0x2100)."""
    return ErrorReply(0x2100, message)


def invalid(message: str = "the statement is invalid") -> ErrorReply:
    """The statement is CQL, but cannot be run (0x2200)."""
    return ErrorReply(0x2200, message)


def configuration_error(message: str = "the options do not fit each other") -> ErrorReply:
    """A keyspace or a table cannot be made with these options (0x2300)."""
    return ErrorReply(0x2300, message)


def already_exists(keyspace: str, table: str = "") -> ErrorReply:
    """The keyspace, or the table in it, is there already (0x2400)."""
    name = f"{keyspace}.{table}" if table else keyspace
    return ErrorReply(0x2400, f"'{name}' already exists", string_bytes(keyspace) + string_bytes(table))


def unprepared(statement_id: bytes | None = None) -> ErrorReply:
    """The node does not know the prepared statement (0x2500): by default the one that is executed."""

    def payload(asked: Asked) -> bytes:
        known = asked.prepared[0] if asked.prepared else b""
        told = known if statement_id is None else statement_id
        return struct.pack(">H", len(told)) + told

    return ErrorReply(0x2500, "Prepared query not found", payload)


def _failures(count: int, asked: Asked) -> bytes:
    """How many replicas failed, from version 5 on each with its address and a reason."""
    if asked.version < _REASONS_SINCE:
        return struct.pack(">I", count)
    return struct.pack(">I", count) + (_LOOPBACK + struct.pack(">H", _UNKNOWN_REASON)) * count


def _level(consistency: str) -> bytes:
    return struct.pack(">H", _LEVELS.index(checked_consistency(consistency)))


def _write_type(name: str) -> str:
    if name not in WRITE_TYPES:
        message = f"'{name}' is no write type{did_you_mean(name, WRITE_TYPES)}"
        raise ConfigurationError(message)
    return name
