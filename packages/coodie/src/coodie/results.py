"""What operations return besides documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["LWTResult"]


@dataclass(frozen=True, slots=True)
class LWTResult:
    """The answer to a lightweight transaction.

    It is always true in a boolean context: ask `applied`.

    Attributes:
        applied: whether the write was made.
        existing: when it was not, the values that stood in the way, by field name, as a document read from the row
            holds them (a null as None, an empty collection or the field's default); empty when there was no row.

    >>> result = LWTResult(applied=False, existing={"name": "Alice"})
    >>> result.applied, result.existing["name"]
    (False, 'Alice')
    """

    applied: bool
    existing: dict[str, Any] = field(default_factory=dict[str, Any])
