"""What kinds of statements there are."""

from __future__ import annotations

from enum import Enum


class StatementKind(Enum):
    """What a statement does.

    >>> from cql_builder.analysis import StatementKind, classify
    >>> classify("TRUNCATE t").kind is StatementKind.TRUNCATE
    True
    """

    SELECT = "select"
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
    BATCH = "batch"
    TRUNCATE = "truncate"
    SCHEMA = "schema"
    """Anything that changes the schema: CREATE, ALTER, DROP."""
    OTHER = "other"
    """USE, roles, permissions and whatever a later server understands."""
