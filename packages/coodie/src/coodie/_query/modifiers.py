"""The modifiers that few queries have."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Hashable

    from coodie._query.lookups import Lookup
    from coodie._schema.columns import Column

Items = Literal["documents", "tuples", "values", "model"]
"""What each row becomes: a document, a tuple, its only value, or an instance of another model."""


@dataclass(frozen=True, slots=True, eq=False)
class Modifiers:
    """What a query says that most do not.

    Attributes:
        items: what each row becomes.
        into: the model of the items, where that is another one.
        columns: the columns that are fetched; None for all of them.
        casts: the CQL types that columns are converted to by the server.
        with_token: whether each row ends with the token of its partition.
        distinct: whether each partition is one row.
        groups: the columns whose values make a group.
        nearest: the column whose vectors are compared with `vector`; the nearest rows come first.
        vector: what they are compared with, as a driver takes it.
        skip: how many rows in front are left out, here: CQL has no OFFSET.
        per_partition_limit: how many rows of each partition to return at most.
        fetch_size: rows in a page.
        paging_state: where to go on.
        validated: whether rows are validated as documents that are constructed; None leaves it to the driver.
        on_invalid: what becomes of rows that cannot be read: `raise`, `skip` or `collect`.
        ttl: seconds until written values expire.
        timestamp: when the write happened, in microseconds since 1970.
        consistency: the consistency level.
        timeout: seconds to wait for the answer.
        if_exists: whether a row must exist to be written.
        if_not_exists: whether a row must not exist to be written.
        conditions: how columns are compared before a write.
        condition_values: what they are compared with, as a driver takes it.
        keyspace: the keyspace, instead of the model's.
        connection: the name of the connection, instead of the model's.
        shape: everything but the values.
    """

    items: Items = "documents"
    into: type | None = None
    columns: tuple[Column, ...] | None = None
    casts: tuple[tuple[Column, str], ...] = ()
    with_token: bool = False
    distinct: bool = False
    groups: tuple[Column, ...] = ()
    nearest: Column | None = None
    vector: object = None
    skip: int = 0
    per_partition_limit: int | None = None
    fetch_size: int | None = None
    paging_state: bytes | None = None
    validated: bool | None = None
    on_invalid: str = "raise"
    ttl: int | None = None
    timestamp: int | None = None
    consistency: str | None = None
    timeout: float | None = None
    if_exists: bool = False
    if_not_exists: bool = False
    conditions: tuple[Lookup, ...] = ()
    condition_values: tuple[object, ...] = ()
    keyspace: str | None = None
    connection: str | None = None
    shape: Hashable = field(init=False)

    def __post_init__(self) -> None:
        """Take everything together that makes another statement or other items of it."""
        shape = (
            (self.items, self.into, self.columns, self.casts, self.with_token, self.distinct, self.groups),
            (self.nearest, self.per_partition_limit is not None, self.validated, self.ttl is not None),
            (self.timestamp is not None, self.if_exists, self.if_not_exists, self.conditions),
            # What is in a page, or on its way, makes no other statement, but a terminal may not heed it.
            (self.fetch_size is not None, self.paging_state is not None, self.skip > 0, self.on_invalid),
            self.consistency == "ANY",
        )
        object.__setattr__(self, "shape", shape)

    def but(self, **changes: Any) -> Modifiers:
        """These modifiers, but for some."""
        return replace(self, **changes)


NOTHING_MORE = Modifiers()
