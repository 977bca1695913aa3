"""What is said of wrong use: each sentence names what is wrong, and says the fix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from cql_builder import (
    alter_role,
    alter_type,
    batch,
    col,
    create_function,
    create_role,
    delete_from,
    fn,
    grant,
    lit,
    parse_cql,
    row,
    select,
    table,
    transaction,
    update,
)
from cql_builder.analysis import transform
from cql_builder.errors import ArgumentError, CqlError, RepeatedClauseError, StatementError

if TYPE_CHECKING:
    from collections.abc import Callable

WRITES = "what is written takes what insert_into(…), update(…) and delete_from(…) make, not"
READ = cast("Any", row("r").column("n"))
COMPUTED = 'row(): CQL computes nothing of what was read; add it to a column: set(n=col("n") + row(…).column(…))'
INSERT = parse_cql("INSERT INTO t (a) VALUES (1)")


def role(**options: Any) -> object:
    return create_role("r", **options)


def granted(permissions: Any) -> object:
    return grant(permissions, on=table("t"), to="r")


def function(arguments: Any) -> object:
    return create_function("f", arguments, returns="int", language="java", body="")


@pytest.mark.parametrize(
    ("write", "kind", "sentence"),
    [
        (
            lambda: cast("Any", fn.count().as_("a")).as_("b"),
            RepeatedClauseError,
            "as_(): another name was given twice; give it once",
        ),
        (
            lambda: transform(INSERT, cast("Any", None)),
            ArgumentError,
            "transform: change takes a function that takes a node and returns one, not None",
        ),
        (
            lambda: col("a").in_(cast("Any", lit([1]))),
            ArgumentError,
            "IN: it takes a collection of values, such as [1, 2] or [fn.now(), 2], not ListLiteral",
        ),
        (lambda: READ + 1, StatementError, COMPUTED),
        (lambda: 1 - READ, StatementError, COMPUTED),
        (lambda: -READ, StatementError, COMPUTED),
        (
            lambda: role(options={"l": ["x"]}),
            ArgumentError,
            "CREATE ROLE: an option among options takes a str, int, float or bool, not list",
        ),
        (
            lambda: role(options={"l": lit(["x"])}),
            ArgumentError,
            "CREATE ROLE: an option among options takes a str, int,",
        ),
        (
            lambda: role(options=[("a", 1)]),
            ArgumentError,
            "CREATE ROLE: options takes a mapping of names to values, not list",
        ),
        (
            lambda: role(access_to_datacenters=[]),
            StatementError,
            'CREATE ROLE: access_to_datacenters has no name in it; give at least one, or "ALL"',
        ),
        (
            lambda: role(access_from_cidrs=5),
            ArgumentError,
            'CREATE ROLE: access_from_cidrs takes "ALL" or a list of names, not',
        ),
        (
            lambda: granted(["ALL", "SELECT"]),
            StatementError,
            'GRANT: ALL stands for every permission; give "ALL" alone, or those that you mean',
        ),
        (
            lambda: granted(name for name in ("SELECT",)),
            ArgumentError,
            'GRANT: permissions takes one, a list of them or "ALL", not generator',
        ),
        (
            lambda: delete_from("t").columns("k").where(col("k") == 1).compile(),
            StatementError,
            "DELETE: 'k' names the row in WHERE, and a key is never written; leave it out of columns()",
        ),
        (
            lambda: update("t").set(k=1).where(col("k") == 1).compile(),
            StatementError,
            "UPDATE: 'k' names the row in WHERE, and a key is never written; insert a new row",
        ),
        (lambda: batch(cast("Any", INSERT)), ArgumentError, f"BATCH: {WRITES} Insert"),
        (lambda: transaction().then(cast("Any", select())), ArgumentError, f"TRANSACTION: {WRITES} SelectBuilder"),
        (
            lambda: function([("a", "int")]),
            ArgumentError,
            "CREATE FUNCTION: arguments takes a mapping of names to types, not list",
        ),
        (
            lambda: alter_type("u").rename(cast("Any", [("a", "b")])),
            ArgumentError,
            "ALTER TYPE: rename() takes a mapping of old names to new ones, not list",
        ),
    ],
)
def test_wrong_use_is_refused_with_the_fix(write: Callable[[], object], kind: type[CqlError], sentence: str) -> None:
    with pytest.raises(kind) as caught:
        write()
    assert str(caught.value).startswith(sentence)


def test_an_option_of_a_role_is_never_part_of_an_error() -> None:
    with pytest.raises(StatementError) as caught:
        role(options={"hunter2": object()})
    assert "hunter2" not in str(caught.value)


def test_options_of_a_role_are_not_shown() -> None:
    for secret in (
        create_role("r", options={"a": "s3cret"}),
        alter_role("r", options={"a": "s3cret"}),
        create_role("r", superuser=True, options={"a": "s3cret"}),
    ):
        assert "s3cret" not in repr(secret.compile())
        assert "OPTIONS = …" in repr(secret.compile())
