"""Values that scylladb-rs-driver cannot write: refused by column and type, before anything is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from coodie_drivers import BatchRequest, CqlDuration, Request, errors, statement_of

if TYPE_CHECKING:
    from collections.abc import Callable

pytest.importorskip("scylla", reason="needs scylladb-rs-driver")

pytestmark = [
    pytest.mark.node,
    pytest.mark.adapter,
    pytest.mark.excepted(driver_type="scylla", reason="about what scylladb-rs-driver cannot write"),
]

COLUMNS = {
    "numbers": "list<int>",
    "texts": "list<text>",
    "price": "decimal",
    "prices": "list<decimal>",
    "times": "list<duration>",
    "pair": "tuple<duration, int>",
}


@pytest.fixture(scope="module")
def rust(connect: Callable[..., Any], cql_module_keyspace: str) -> Any:
    """A driver over the library, and a table."""
    driver = connect(driver_type="rust", keyspace=cql_module_keyspace)
    columns = ", ".join(f"{name} {cql_type}" for name, cql_type in COLUMNS.items())
    driver.execute(f"CREATE TABLE {cql_module_keyspace}.refused (id int PRIMARY KEY, {columns})", [])
    return driver


@pytest.mark.parametrize("batch", [False, True], ids=["alone", "in a batch"])
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("numbers", [2**31]),
        ("texts", ["\ud800"]),
        ("price", Decimal("1E-2147483648")),
        ("prices", [Decimal("1E-2147483648")]),
        ("times", [CqlDuration(0, 0, -(2**63))]),
        ("pair", (CqlDuration(-(2**31), 0, 0), None)),
    ],
)
def test_column_and_type_are_named(rust: Any, column: str, value: object, *, batch: bool) -> None:
    insert = f"INSERT INTO {rust.default_keyspace}.refused (id, {column}) VALUES (?, ?)"
    request = Request(statement_of(insert), (1, value))
    with pytest.raises(errors.InvalidQueryError) as caught:
        rust.send(BatchRequest([(request.statement, request.params)]) if batch else request)
    assert str(caught.value).startswith(f"column '{column}' ({COLUMNS[column]}): ")
    assert (caught.value.outcome, caught.value.retryable) == ("not_applied", False)
    assert not any(figure in str(caught.value) for figure in (r"\ud800", "E-2147483648", "9223372036854775808"))
