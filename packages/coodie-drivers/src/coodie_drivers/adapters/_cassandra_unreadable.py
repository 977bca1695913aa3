"""Answers of the server that the package `cassandra` cannot read: told for what they are, and the connection lives on.

A timestamp may lie outside the years that Python has, written by somebody else. The library then gives up the whole
connection, and with it the requests of all who use it at that moment.
"""

from __future__ import annotations

import re
from typing import Any, Final

from coodie_drivers.adapters._cassandra_library import errors

_FAILED_COLUMN: Final = re.compile(r'Failed decoding result column "(.*?)" of type (.*?): ', re.DOTALL)


def surviving(protocol_handler: Any) -> Any:
    """Return a protocol handler for a session that gives the failure to read a value to the request alone.

    The frame has been taken off the connection whole by then, so what follows on it is read as ever.
    """
    read: Any = protocol_handler.decode_message

    def decode_message(*arguments: Any) -> Any:
        try:
            return read(*arguments)
        except errors.DriverException as error:
            if unreadable_column(error) is None:
                raise
            return error  # the library hands an exception that comes as an answer to whoever waits for it

    return type("SurvivingProtocolHandler", (protocol_handler,), {"decode_message": staticmethod(decode_message)})


def unreadable_column(error: object) -> tuple[str, str] | None:
    """Return the name and the type of the column whose value the library could not read, if this says so."""
    found = _FAILED_COLUMN.match(str(error)) if type(error) is errors.DriverException else None
    return (found.group(1), found.group(2)) if found else None
