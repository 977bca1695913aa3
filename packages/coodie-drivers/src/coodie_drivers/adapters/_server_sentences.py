"""The server's own sentences, and what they may repeat of bound values."""

from __future__ import annotations

import re
from typing import Final

_ECHOES: Final = re.compile(
    r"""'[^']*' | 0[xX][0-9a-fA-F]+ | (?:(?<=\bwas\ ) | (?<=\bindex\ ) | (?<=\brequested\ \()) [-+]?\d[\w.+-]*""",
    re.IGNORECASE | re.VERBOSE,
)


def without_values(sentence: str) -> str:
    """Return the server's sentence without what it may repeat of bound values.

    Cassandra repeats values when it reads JSON ("Error decoding JSON value for age: … got a String: …"), in functions
    over blobs ("value 0x0102 is not a valid …"), where it parses texts ("unable to coerce '…' to a date"), and numbers
    that are out of bounds ("A TTL must be greater or equal to 0, but was …", "requested (…) maximum (630720000)", "List
    index … out of bound").
    """
    if "JSON" in sentence:
        sentence = re.split(r":| \(", sentence, maxsplit=1)[0]
    return _ECHOES.sub("…", sentence)
