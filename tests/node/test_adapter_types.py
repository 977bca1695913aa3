"""Any value of every CQL type, through the adapter and back; chosen ones are in the conformance suite."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coodie_drivers.testing.conformance.samples import SAMPLES, exactly
from cql_values import STRATEGIES

pytestmark = [pytest.mark.node, pytest.mark.adapter]


@pytest.fixture(scope="module")
def table(driver: Any, cql_module_keyspace: str) -> str:
    """A table with a list of each type."""
    name = f"{cql_module_keyspace}.lists"
    columns = ", ".join(f"{cql_type}_list list<{cql_type}>" for cql_type in STRATEGIES)
    driver.execute(f"CREATE TABLE {name} (id int PRIMARY KEY, {columns})", [])
    return name


def test_every_native_type_is_here() -> None:
    assert set(STRATEGIES) == set(SAMPLES)


@pytest.mark.parametrize("cql_type", sorted(STRATEGIES))
def test_any_value_comes_back_as_it_was(driver: Any, table: str, cql_type: str) -> None:
    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(st.lists(STRATEGIES[cql_type], min_size=1, max_size=30))
    def holds(values: list[Any]) -> None:
        driver.execute(f"INSERT INTO {table} (id, {cql_type}_list) VALUES (-1, ?)", [values])
        (row,) = driver.execute(f"SELECT {cql_type}_list FROM {table} WHERE id = ?", [-1])
        assert exactly(row[f"{cql_type}_list"], values)

    holds()
