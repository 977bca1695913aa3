"""What is of another kind than a call takes: named by the call, before anything is read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cql_builder.errors import ArgumentError, SchemaError
from cql_builder.schema import (
    ColumnDefinition,
    IndexSchema,
    KeyspaceSchema,
    TableSchema,
    apply,
    canonical_type,
    creation_steps,
    diff_schema,
    diff_table,
    schema_from_cql,
    schema_from_rows,
    system_queries,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SHOP = schema_from_cql("CREATE TABLE shop.t (id int PRIMARY KEY)")
(TABLE,) = SHOP.tables
KEY = ColumnDefinition("id", "int", primary_key=True)


def given(value: object) -> Any:
    """A value as a caller without a type checker gives it."""
    return value


def of(*columns: object, options: object = None) -> TableSchema:
    return TableSchema.from_columns("t", "s", given(columns), given(options))


WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: diff_schema(given(1), SHOP), "diff_schema: the actual keyspace takes a KeyspaceSchema or None, not int"),
    (
        lambda: diff_schema(SHOP, given("x")),
        "the desired keyspace takes a KeyspaceSchema or None, not str",
    ),
    (lambda: apply(given(1), []), "apply: the schema takes a KeyspaceSchema or None, not int"),
    (lambda: apply(SHOP, given(["x"])), "apply: one of the steps takes a Step, not str"),
    (lambda: apply(SHOP, given(None)), "apply: the steps takes a list in which each is a Step, not None"),
    (lambda: diff_table(None, given(None)), "diff_table: the desired table takes a TableSchema, not None"),
    (lambda: diff_table(given(SHOP), TABLE), "diff_table: the actual table takes a TableSchema or None, not Keyspace"),
    (lambda: creation_steps(given(None)), "creation_steps: the schema takes a KeyspaceSchema, not None"),
    (lambda: system_queries(given(1)), "system_queries: the keyspace takes a str, not int"),
    (lambda: schema_from_rows(given(5), {}), "schema_from_rows: the keyspace takes a str, not int"),
    (lambda: canonical_type(given("int")), "canonical_type: the type takes a DataType, not str"),
    (lambda: KeyspaceSchema(given(1)), "KeyspaceSchema: the name takes a str, not int"),
    (lambda: KeyspaceSchema("s", given(5)), "KeyspaceSchema: replication takes a mapping of names to values, not int"),
    (lambda: KeyspaceSchema("s", {}, given(5)), "KeyspaceSchema: durable_writes takes a bool, not int"),
    (lambda: KeyspaceSchema("s", tables=given(("x",))), "KeyspaceSchema: one of tables takes a TableSchema, not str"),
    (lambda: KeyspaceSchema("s", aggregates=given(5)), "aggregates takes a list in which each is an AggregateSchema"),
    (lambda: of("a"), "TableSchema.from_columns: one of the columns takes a ColumnDefinition, not str"),
    (
        lambda: TableSchema.from_columns(given(5), "s", [KEY]),
        "the name of the table takes a str, not int",
    ),
    (lambda: TableSchema.from_columns("t", given(None), [KEY]), "the name of the keyspace takes a str, not None"),
    (lambda: of(ColumnDefinition(given(5), "int")), "the name of a column takes a str, not int"),
    (lambda: of(ColumnDefinition("a", given(5))), "from_columns: cql_type of column 'a' takes a str, not int"),
    (lambda: of(ColumnDefinition("a", "int", given("x"))), "primary_key of column 'a' takes a bool, not str"),
    (lambda: of(ColumnDefinition("a", "int", index_name=given(5))), "index_name of column 'a' takes a str, not int"),
    (lambda: of(KEY, options=5), "from_columns: options takes a mapping of names to values, not int"),
    (lambda: of(KEY, options={5: 1}), "from_columns: the name of an option takes a str, not int"),
    (lambda: of(KEY, options={"comment": object()}), "the option 'comment' takes a str, int, float, bool or UUID"),
]


@pytest.mark.parametrize(("call", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
def test_what_is_of_another_kind_is_named(call: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        call()
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"gc_grace_seconds": "x"}, "table 's.t': the option 'gc_grace_seconds' is a whole number"),
        ({"cdc": 5}, "table 's.t': the option 'cdc' is true or false"),
        ({"compaction": 5}, "table 's.t': the option 'compaction' is a map"),
        ({"bloom_filter_fp_chance": "x"}, "table 's.t': the option 'bloom_filter_fp_chance' is a number"),
        ({"crc_check_chance": True}, "table 's.t': the option 'crc_check_chance' is a number"),
    ],
)
def test_an_option_that_no_server_reads_makes_no_table(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(SchemaError) as caught:
        of(KEY, options=options)
    assert sentence in str(caught.value)


def test_a_list_of_what_is_in_a_keyspace_does_as_well() -> None:
    keyspace = KeyspaceSchema("shop", tables=given([TABLE]))
    assert keyspace == SHOP
    assert keyspace.tables == (TABLE,)


def test_a_similarity_function_has_no_case() -> None:
    one, other = (IndexSchema("i", "v", None, "sai", {"similarity_function": word}) for word in ("cosine", "COSINE"))
    assert one == other
    assert hash(one) == hash(other)
    assert one != IndexSchema("i", "v", None, "sai", {"similarity_function": "euclidean"})


def test_a_keyspace_has_a_name() -> None:
    sentence = r"^keyspace '': the name of a keyspace has at least one letter"
    with pytest.raises(SchemaError, match=sentence):
        KeyspaceSchema("", {})
    with pytest.raises(SchemaError, match=sentence):
        schema_from_cql("CREATE TABLE t (id int PRIMARY KEY)", "")
