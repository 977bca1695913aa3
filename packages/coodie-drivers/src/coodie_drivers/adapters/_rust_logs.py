"""What the package `scylla` logs of the server's warnings, without the values that they repeat.

The library has no setting for it, and tells the warnings in no other way, so they are changed and not left out.
"""

from __future__ import annotations

import logging

from coodie_drivers.adapters._server_sentences import without_conditions, without_values

_LOGGER = "scylla.network.connection"
_BEGINNING = "Response from the database contains a warning"


class _WithoutValues(logging.Filter):
    """Takes values out of the warnings of all sessions: which one a warning is for, the library does not say."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        text = record.getMessage()
        if text.startswith(_BEGINNING):
            record.msg, record.args = without_values(without_conditions(text)), ()
        return True


_FILTER = _WithoutValues()


def hide_values() -> None:
    """Have no value logged from now on."""
    logging.getLogger(_LOGGER).addFilter(_FILTER)
