"""How keyspaces are replicated: the step that is taken leads to what is wanted, whatever the server makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cql_builder.schema import KeyspaceSchema, apply, diff_schema, schema_from_cql

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cql_builder.schema import Step

SIMPLE, BY_DATACENTER = "SimpleStrategy", "NetworkTopologyStrategy"
FACTOR = "replication_factor"


def simple(factor: object) -> dict[str, object]:
    return {"class": SIMPLE, FACTOR: factor}


def topology(factor: object = None, **datacenters: object) -> dict[str, object]:
    common = {} if factor is None else {FACTOR: factor}
    return {"class": BY_DATACENTER, **common, **datacenters}


def found(actual: Mapping[str, object], desired: Mapping[str, object]) -> tuple[Step, ...]:
    return diff_schema(KeyspaceSchema("ks", actual), KeyspaceSchema("ks", desired))


@pytest.mark.parametrize(
    ("actual", "desired", "said"),
    [
        (topology(a="1"), topology(3), {FACTOR: 3, "a": 3}),
        (topology(a="1", b="3"), topology(3, c=2), {FACTOR: 3, "c": 2, "a": 3, "b": 3}),
        (topology(3, a="1"), topology(3), {FACTOR: 3, "a": 3}),
        (topology(a="1"), topology(a=1, b=2), {"a": 1, "b": 2}),
        (simple(1), topology(3), {FACTOR: 3}),
    ],
)
def test_datacenters_that_are_there_are_named(
    actual: dict[str, object], desired: dict[str, object], said: dict[str, object]
) -> None:
    (step,) = found(actual, desired)
    after = apply(KeyspaceSchema("ks", actual), [step])
    assert after is not None
    assert step.cql == (
        "ALTER KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', "
        + ", ".join([f"'{name}': {value}" for name, value in said.items()])
        + "}"
    )
    assert diff_schema(after, KeyspaceSchema("ks", desired)) == ()


@pytest.mark.parametrize(
    ("actual", "desired"),
    [
        (topology(a="3", b="3"), topology(3)),
        (topology(a="3"), topology(3, b=0)),
        (topology(a="3"), topology(a=3, b=0)),
        (topology(3, a="3"), topology(3)),
        (topology(a="3"), topology()),
        (simple("2"), {"class": SIMPLE}),
    ],
)
def test_what_the_server_would_leave_as_it_is_needs_no_step(
    actual: dict[str, object], desired: dict[str, object]
) -> None:
    assert found(actual, desired) == ()


@pytest.mark.parametrize(
    ("actual", "desired", "safety"),
    [
        (topology(a="1"), topology(3), "rewrite"),
        (topology(a="3"), topology(1), "destructive"),
        (topology(a="3", b="3"), topology(3, b=0), "destructive"),
    ],
)
def test_a_factor_for_all_is_as_safe_as_those_of_the_datacenters(
    actual: dict[str, object], desired: dict[str, object], safety: str
) -> None:
    (step,) = found(actual, desired)
    assert (step.safety, FACTOR in step.reason) == (safety, False)


@pytest.mark.parametrize("actual", [topology(1), topology()])
def test_datacenters_that_nobody_knows_are_changed_by_no_factor_for_all(actual: dict[str, object]) -> None:
    (step,) = found(actual, topology(3))
    assert (step.safety, step.statement) == ("impossible", None)
    assert "'replication_factor' changes no datacenter that is there" in step.reason


def test_equal_is_what_says_the_same_of_all_datacenters() -> None:
    assert KeyspaceSchema("ks", topology(3, a=3)) == KeyspaceSchema("ks", topology("3"))
    assert KeyspaceSchema("ks", topology(a=3, b=0)) == KeyspaceSchema("ks", topology(a=3))
    assert KeyspaceSchema("ks", topology(3, b=0)) != KeyspaceSchema("ks", topology(3))
    assert KeyspaceSchema("ks", topology(a=3)) != KeyspaceSchema("ks", topology(3))


def test_a_script_that_alters_keeps_the_datacenters_that_were_there() -> None:
    script = (
        "CREATE KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', 'a': 1};"
        "ALTER KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', 'replication_factor': 3};"
    )
    assert schema_from_cql(script).replication == topology(3, a="1")
    same = script.replace(", 'replication_factor': 3", "")
    assert schema_from_cql(same) == KeyspaceSchema("ks", topology(a="1"))


DATACENTERS = ("a", "b", "c")
factors = st.sampled_from([1, "2", 3])


def is_somewhere(replication: dict[str, object]) -> bool:
    return any(str(value) != "0" for name, value in replication.items() if name != "class")


@st.composite
def by_datacenter(draw: st.DrawFn) -> dict[str, object]:
    named = draw(st.dictionaries(st.sampled_from(DATACENTERS), st.sampled_from([0, 1, "2", 3])))
    return topology(draw(st.none() | factors), **named)


replications = st.one_of(st.builds(simple, factors), by_datacenter().filter(is_somewhere))


def stored(before: Mapping[str, object], said: Mapping[str, object], cluster: set[str]) -> dict[str, object]:
    """What Cassandra 5.0.9 writes into its table for a statement, in a cluster of these datacenters."""
    options = {name: str(value) for name, value in said.items()}
    if options["class"] == SIMPLE:
        return dict(options)
    factor = options.pop(FACTOR, None)
    if factor is not None:
        earlier = {name: str(value) for name, value in before.items() if name not in {"class", FACTOR}}
        options = {**dict.fromkeys(cluster, factor), **earlier, **options}
    kept: dict[str, object] = {name: value for name, value in options.items() if value != "0"}
    assume(len(kept) > 1)  # a server refuses a keyspace that is nowhere
    return kept


@given(replications, replications, st.sets(st.sampled_from(DATACENTERS), min_size=1))
def test_one_step_is_enough_whatever_the_server_stores(
    first: dict[str, object], desired: dict[str, object], cluster: set[str]
) -> None:
    actual = stored({}, first, cluster)
    steps = found(actual, desired)
    assert len(steps) <= 1
    for step in steps:
        assert step.statement is not None
        said = schema_from_cql((step.cql or "").replace("ALTER", "CREATE")).replication
        after = stored(actual, said, cluster)
        assert found(after, desired) == ()
        (back,) = step.inverse_cql
        assert found(stored(after, schema_from_cql(back.replace("ALTER", "CREATE")).replication, cluster), actual) == ()


@given(replications, replications)
def test_interpreted_steps_lead_to_what_is_wanted(actual: dict[str, object], desired: dict[str, object]) -> None:
    steps = found(actual, desired)
    after = apply(KeyspaceSchema("ks", actual), steps)
    assert after is not None
    if all(step.statement is not None for step in steps):
        assert diff_schema(after, KeyspaceSchema("ks", desired)) == ()
