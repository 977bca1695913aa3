"""Statements that every server refuses though its grammar takes them, and others, close to those, that it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cql_builder import (
    batch,
    bind,
    col,
    columns,
    delete_from,
    expr,
    fn,
    insert_into,
    select,
    transaction,
    update,
)
from cql_builder.errors import (
    ClauseConflictError,
    CqlError,
    StatementError,
    UnsupportedFeatureError,
)

if TYPE_CHECKING:
    from cql_builder.builder.statement import StatementBuilder

T = select("id").from_("t")
ID = col("id") == 1
I = insert_into("t").values(id=1)  # noqa: E741 - as T, U and D
U = update("t").set(a=1).where(ID)
D = delete_from("t").where(ID)
MORE = update("t").set(col("n").increment()).where(ID)
NEAR = T.order_by_nearest("v", [1.0]).limit(3)
READ = transaction().let("r", T.where(ID))
AT: dict[str, Any] = {"timestamp": 5}
Refused = tuple["StatementBuilder", type[CqlError], str]

WRITES: list[Refused] = [
    (I.if_not_exists().using(**AT), ClauseConflictError, "INSERT: TIMESTAMP and IF cannot stand in one statement"),
    (insert_into("t").json("{}").if_not_exists().using(**AT), ClauseConflictError, "INSERT: TIMESTAMP and IF"),
    (U.using(**AT).if_(col("b") == 1), ClauseConflictError, "UPDATE: TIMESTAMP and IF"),
    (U.if_exists().using(**AT), ClauseConflictError, "UPDATE: TIMESTAMP and IF"),
    (D.if_exists().using(**AT), ClauseConflictError, "DELETE: TIMESTAMP and IF"),
    (D.using(**AT).if_(col("a") == 1), ClauseConflictError, "DELETE: TIMESTAMP and IF"),
    (U.set(id=2), StatementError, "UPDATE: 'id' names the row in WHERE, and a key is never written; insert a new row"),
    (U.set(col("c").add({1})).where(col("c") == 1), StatementError, "UPDATE: 'c' names the row in WHERE"),
    (U.where(columns("b", "c") == (1, 2)).set(c=1), StatementError, "UPDATE: 'c' names the row in WHERE"),
    (U.if_(ID), StatementError, "UPDATE: 'id' names the row in WHERE, and IF takes no key; leave it out of IF"),
    (D.if_(col("id").in_([1])), StatementError, "DELETE: 'id' names the row in WHERE, and IF takes no key"),
    (D.columns("id"), StatementError, "DELETE: 'id' names the row in WHERE, and a key is never written"),
    (D.columns(col("id")["k"]), StatementError, "DELETE: 'id' names the row in WHERE"),
    (update("t").set(a=1).where(fn.token("id") > 1), StatementError, "UPDATE: token() names no row to write; name the"),
    (
        D.where(fn.token("id", "b") == 1),
        StatementError,
        "DELETE: token() names no row to write; name the partition key",
    ),
    (U.where(col("c").in_([1])).if_exists(), StatementError, "UPDATE: IF needs one row, named with ="),
    (U.where(columns("c", "d").in_([(1, 2)])).if_(col("a") == 1), StatementError, "UPDATE: IF needs one row"),
    (D.where(col("c").in_([fn.now(), 2])).if_exists(), StatementError, "DELETE: IF needs one row, named with ="),
    (D.where(columns("c", "c") == (1, 2)), StatementError, "DELETE: 'c' is twice in columns(…); name it once"),
    (U.where(expr("i", "x")), StatementError, "UPDATE: WHERE of a write has no expr()"),
    (D.where(expr("i", "x")), StatementError, "DELETE: WHERE of a write has no expr()"),
    (U.where(col("c") > 1), StatementError, "UPDATE: WHERE names each row with = and IN, not with >"),
    (U.where(columns("c", "d") <= (1, 2)), StatementError, "UPDATE: WHERE names each row with = and IN, not with <="),
    (U.where(col("c") != 1), StatementError, "UPDATE: WHERE names each row with = and IN, not with !="),
    (D.columns("a").where(col("c") > 1), StatementError, "DELETE: a range is deleted as whole rows"),
    (D.where(col("c") > 1).if_exists(), StatementError, "DELETE: IF needs one row, named with ="),
    (D.where(col("c") < 1).if_(col("a") == 1), StatementError, "DELETE: IF needs one row, named with ="),
    (D.where(col("c").is_not_null()), StatementError, "DELETE: IS NOT NULL stands in a view alone"),
]

COUNTERS: list[Refused] = [
    (MORE.using(ttl=5), ClauseConflictError, "UPDATE: a counter and TTL cannot stand in one statement"),
    (MORE.using(**AT), ClauseConflictError, "UPDATE: a counter and TIMESTAMP"),
    (MORE.if_exists(), ClauseConflictError, "UPDATE: a counter and IF"),
    (MORE.if_(col("n") == 1), ClauseConflictError, "UPDATE: a counter and IF"),
    (MORE.set(a=1), StatementError, "UPDATE: a table with counters has nothing else to write; set other columns in"),
    (MORE.set(col("n").decrement()).using(ttl=bind(5)), ClauseConflictError, "a counter and TTL"),
]

BATCHES: list[Refused] = [
    (batch(MORE), StatementError, "BATCH: counters are written in a batch of their own; call counter()"),
    (batch(MORE, U).unlogged(), StatementError, "BATCH: counters are written in a batch of their own"),
    (batch(MORE, I).counter(), StatementError, "BATCH: counters are written by UPDATE alone; leave INSERT out"),
    (batch(MORE, U).counter(), StatementError, "BATCH: a counter is not set; write col(…).increment() or decrement()"),
    (batch(MORE, D.if_exists()).counter(), ClauseConflictError, "BATCH: COUNTER and IF"),
    (batch(D.using(**AT)).counter(), ClauseConflictError, "BATCH: COUNTER and TIMESTAMP"),
    (batch(D).counter().using(**AT), ClauseConflictError, "BATCH: COUNTER and TIMESTAMP"),
    (
        batch(update("t").set(n=col("n") + 1).where(ID).using(ttl=1)).counter(),
        ClauseConflictError,
        "BATCH: COUNTER and TTL",
    ),
    (batch(MORE).unlogged().using(**AT), ClauseConflictError, "BATCH: a counter and TIMESTAMP"),
    (
        batch(U.if_exists(), update("s").set(a=1).where(ID)),
        StatementError,
        "BATCH: IF holds for one partition, and so the batch for one table; give 's' a batch of its own",
    ),
    (
        batch(insert_into("k.t").values(a=1), insert_into("l.t").values(a=1).if_not_exists()),
        StatementError,
        "BATCH: IF holds for one partition",
    ),
    (batch(U.set(id=1)), StatementError, "UPDATE: 'id' names the row in WHERE"),
    (
        batch(U.if_exists(), D.where(col("c").in_([1]))),
        UnsupportedFeatureError,
        "has no IN in a batch with IF; scylla has it; instead, give each row a statement of its own",
    ),
]

READS: list[Refused] = [
    (T.distinct().per_partition_limit(1), ClauseConflictError, "SELECT: DISTINCT and PER PARTITION LIMIT"),
    (
        select(fn.count().as_("n")).from_("t").per_partition_limit(1),
        StatementError,
        "SELECT: an aggregate is of the rows of all partitions; leave PER PARTITION LIMIT out, or add group_by",
    ),
    (
        select(fn.max("a")).from_("t").per_partition_limit(1),
        StatementError,
        "SELECT: an aggregate is of the rows of all partitions; leave PER PARTITION LIMIT out, or add group_by",
    ),
    (NEAR.per_partition_limit(1), ClauseConflictError, "SELECT: ANN OF and PER PARTITION LIMIT"),
    (NEAR.group_by("id"), ClauseConflictError, "SELECT: ANN OF and GROUP BY"),
    (
        select(fn.count()).from_("t").order_by_nearest("v", [1.0]).limit(1),
        ClauseConflictError,
        "SELECT: ANN OF and an aggregate",
    ),
    (
        select(fn.max("a")).from_("t").order_by_nearest("v", [1.0]).limit(1),
        ClauseConflictError,
        "SELECT: ANN OF and an aggregate",
    ),
    (T.order_by("c"), StatementError, "SELECT: ORDER BY is of the rows of a partition; name its key in where(...)"),
    (T.group_by("id", "id"), StatementError, "SELECT: GROUP BY has 'id' twice"),
    (T.where(columns("c", "c") > (1, 2)), StatementError, "SELECT: 'c' is twice in columns(…)"),
    (T.where(columns("c", "c").in_([(1, 2)])), StatementError, "SELECT: 'c' is twice in columns(…)"),
    (T.where(col("a").is_not_null()), StatementError, "SELECT: IS NOT NULL stands in a view alone"),
    (T.where(fn.token("id") != 1), StatementError, "SELECT: no server compares a token with !="),
]

TRANSACTIONS: list[Refused] = [
    (READ.then(U.using(**AT)), StatementError, "TRANSACTION: what is written has no TIMESTAMP of its own"),
    (READ.then(U.using(ttl=5)), StatementError, "TRANSACTION: what is written has no TTL of its own"),
    (READ.then(U.set(id=5)), StatementError, "UPDATE: 'id' names the row in WHERE"),
    (transaction().answer(T.where(ID).order_by("a")), StatementError, "TRANSACTION: its SELECT has no ORDER BY"),
    (transaction().answer(T.where(ID).group_by("a")), StatementError, "TRANSACTION: its SELECT has no GROUP BY"),
    (READ.then(MORE), StatementError, "TRANSACTION: counters cannot be written in one"),
]

REFUSED = [*WRITES, *COUNTERS, *BATCHES, *READS]
"""Each with the class of the error and what its sentence has in it."""

TAKEN: list[StatementBuilder] = [
    I.if_not_exists().using(ttl=5),
    U.where(col("c").in_([fn.now()]), columns("d", "e") == (1, 2)).if_exists(),
    U.where(col("c").in_([1, 2])),
    U.where(fn.token("id") > 1),
    D.where(fn.token("id", "b") == 1, col("b").in_([1, 2])),
    D.where(fn.token("id") >= 1, fn.token("id") < 9),
    batch(U.if_exists(), D.where(col("c").in_([fn.now()]))),
    T.where(ID).order_by("c"),
    T.where(col("id").in_([1])).order_by("c"),
    T.where(col("m")["a"] == 1, col("m")["a"] == 1, col("s").contains(1), col("s").contains(2)),
    T.where(ID, columns("c", "d") > (1, 2), col("c") < 9),
    T.where(ID, col("c") > 1, col("c") <= 9, fn.token("id") == 1),
    U.if_(col("b") == 1).using(ttl=5),
    U.set(col("n").append([1])).using(ttl=5, timestamp=5),
    D.where(col("c") > 1),
    D.columns("a").where(col("c").in_([1])),
    D.columns("a").if_(col("a") == 1),
    batch(MORE, MORE).counter(),
    batch(MORE, D).counter(),
    batch(MORE).unlogged(),
    batch(U.if_exists(), update("k.t").set(a=1).where(ID)),
    batch(U, update("s").set(a=1).where(ID)).using(**AT),
    batch(U.using(**AT), U),
    T.distinct().limit(5),
    select(fn.count()).from_("t").group_by("id").per_partition_limit(1),
    T.where(col("a").contains(1), col("b") > 1).allow_filtering(),
    NEAR.allow_filtering(),
]
"""What is close to one of those, and right."""
