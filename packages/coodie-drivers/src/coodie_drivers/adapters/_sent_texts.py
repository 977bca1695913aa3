"""What a statement's text alone tells the retry decisions: for those without values, and for prepared ones."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from coodie_drivers.retries import Sent
from cql_builder.analysis import StatementKind

if TYPE_CHECKING:
    from coodie_drivers.messages import Statement

_KEPT_CHARACTERS: Final = 10_000
"""How long a text may be whose record is kept."""

_IN: Final = re.compile(r"\bIN\b", re.IGNORECASE)


def writes_one_partition(statement: Statement) -> bool:
    """Return whether a statement certainly writes to one partition only.

    The server takes no write without its whole partition key, and only an `IN` names several. A batch that goes as one
    text is none of these kinds.
    """
    kind = statement.kind
    if kind is StatementKind.UPDATE or kind is StatementKind.DELETE:
        return _IN.search(statement.cql) is None
    return kind is StatementKind.INSERT


def sent_text(statement: Statement) -> Sent:
    """Return what the retry decisions need to know of a statement without values."""
    return _kept(statement) if len(statement.cql) <= _KEPT_CHARACTERS else _made(statement)


def _made(statement: Statement) -> Sent:
    return Sent(statement.kind, statement.idempotent, statement.conditional, writes_one_partition(statement))


_kept: Final = lru_cache(maxsize=2_000)(_made)
"""Makes the record once for all requests of a statement."""
