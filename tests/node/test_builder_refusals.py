"""What is not compiled because every server refuses it: the server does, and it takes what is close to that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers.errors import InvalidQueryError, InvalidRequestError, ServerError
from cql_builder import compile_statement
from cql_builder.analysis import transform
from cql_builder.ast import TableName
from cql_builder.errors import StatementError
from cql_goldens.refusals import REFUSED, TAKEN

if TYPE_CHECKING:
    from cql_builder.ast import Node
    from cql_builder.builder.statement import StatementBuilder

pytestmark = pytest.mark.node

OTHERS = "a int, n int, v vector<float, 1>, m map<text, int>, s set<int>"
SHAPES = {
    "of_one": f"id int PRIMARY KEY, b int, c int, d int, e int, {OTHERS}",
    "of_sets": "id int PRIMARY KEY, a set<int>, b int, c set<int>, d int, e int",
    "of_two": f"id int, c int, b int, d int, e int, {OTHERS}, PRIMARY KEY (id, c)",
    "of_five": f"id int, b int, c int, d int, e int, {OTHERS}, PRIMARY KEY (id, c, d, e)",
    "of_pairs": f"id int, b int, c int, d int, e int, {OTHERS}, PRIMARY KEY ((id, b), c, d)",
    "of_times": "id int, c timeuuid, d int, e int, a int, PRIMARY KEY (id, c, d, e)",
    "of_shared": "id int, c timeuuid, b int, a int STATIC, PRIMARY KEY (id, c)",
    "of_lists": "id int PRIMARY KEY, a int, b int, n list<int>, m map<text, int>, s set<int>",
    "of_counts": "id int PRIMARY KEY, n counter, a counter",
    "of_keys": "a int PRIMARY KEY, id int, b int",
}
"""The columns that the statements name, in tables of all the keys that they are right for."""


@pytest.fixture(scope="module")
def tables(connect_for_module: Any, cql_module_keyspace: str) -> list[str]:
    """The names of the tables, with their keyspace."""
    driver = connect_for_module()
    for name, shape in SHAPES.items():
        for table in (name, f"{name}_again"):
            driver.execute(f"CREATE TABLE {cql_module_keyspace}.{table} ({shape})", [])
        if OTHERS in shape:
            # The similarity of one dimension alone has no cosine.
            options = "{'similarity_function': 'euclidean'}"
            driver.execute(f"CREATE INDEX ON {cql_module_keyspace}.{name} (v) USING 'sai' WITH OPTIONS = {options}", [])
    for target in ("entries(m)", "s"):
        driver.execute(f"CREATE INDEX ON {cql_module_keyspace}.of_lists ({target}) USING 'sai'", [])
    return [f"{cql_module_keyspace}.{name}" for name in SHAPES]


def answer(driver: Any, statement: StatementBuilder, table: str) -> str:
    """Give what the server says to a statement about a table; nothing where it takes it."""
    keyspace, name = table.split(".")

    def renamed(node: Node) -> Node:
        if not isinstance(node, TableName):
            return node
        return TableName(name if node in {TableName("t"), TableName("t", "k")} else f"{name}_again", keyspace)

    cql = compile_statement(transform(statement.tree, renamed)).cql
    try:
        driver.execute(cql, list(statement.params))
    except (InvalidQueryError, ServerError) as error:  # some it answers with an exception of its own
        return "" if "disable paging" in str(error) else str(error)
    return ""


def has_tree(statement: StatementBuilder) -> bool:
    """Tell whether it is not even built."""
    try:
        return bool(statement.tree)
    except StatementError:
        return False


@pytest.mark.parametrize("statement", [statement for statement, _, _ in REFUSED if has_tree(statement)])
def test_the_server_refuses_it_whatever_the_key_is(driver: Any, tables: list[str], statement: StatementBuilder) -> None:
    assert all(answer(driver, statement, table) for table in tables)


@pytest.mark.parametrize(
    "text",
    [
        "UPDATE {} USING TTL 5 SET n = n + 1 WHERE id = 1",
        "UPDATE {} USING TIMESTAMP 5 SET n = n + 1 WHERE id = 1",
        "UPDATE {} SET n = n + 1 WHERE id = 1 IF EXISTS",
        "UPDATE {} SET n = n + 1 WHERE id = 1 IF n = 1",
        "UPDATE {} SET n = n + 1, a = 1 WHERE id = 1",
        "BEGIN UNLOGGED BATCH USING TIMESTAMP 5 UPDATE {} SET n = n + 1 WHERE id = 1; APPLY BATCH",
    ],
)
def test_the_server_refuses_of_counters_what_is_not_even_built(driver: Any, tables: list[str], text: str) -> None:
    counts = next(table for table in tables if table.endswith("of_counts"))
    with pytest.raises(InvalidRequestError):
        driver.execute(text.format(counts), [])
    assert driver.execute(f"UPDATE {counts} SET n = n + 1, a = a - 1 WHERE id = 1", []) == []


@pytest.mark.parametrize("statement", TAKEN)
def test_the_server_takes_what_is_close_to_that(driver: Any, tables: list[str], statement: StatementBuilder) -> None:
    answers = [answer(driver, statement, table) for table in tables]
    assert "" in answers, answers
