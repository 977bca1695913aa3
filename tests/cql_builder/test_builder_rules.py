"""What every server refuses though its grammar takes it: what is built is not compiled, what is parsed is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cql_builder import (
    Dialect,
    alter_keyspace,
    alter_materialized_view,
    alter_table,
    alter_type,
    col,
    compile_statement,
    create_index,
    create_keyspace,
    create_materialized_view,
    create_table,
    fn,
    grant,
    lit,
    mbean,
    mbeans,
    parse_cql,
    row,
    update,
)
from cql_builder.dialects import DIALECTS
from cql_builder.errors import (
    CqlError,
    StatementError,
    UnsupportedFeatureError,
)
from cql_goldens.refusals import ID, READ, REFUSED, TAKEN, TRANSACTIONS, T

if TYPE_CHECKING:
    from cql_builder.builder.statement import StatementBuilder
    from cql_builder.dialects import DialectName


@pytest.mark.parametrize(("statement", "error", "sentence"), REFUSED)
@pytest.mark.parametrize("dialect", ["cassandra-6.0", "cassandra-5.0"])
def test_what_every_server_refuses_is_not_compiled(
    dialect: DialectName, statement: StatementBuilder, error: type[CqlError], sentence: str
) -> None:
    with pytest.raises(error) as caught:
        statement.compile(dialect)
    assert type(caught.value) is error
    assert sentence in str(caught.value)


@pytest.mark.parametrize(("statement", "error", "sentence"), TRANSACTIONS)
def test_what_a_transaction_does_not_take_is_not_compiled(
    statement: StatementBuilder, error: type[CqlError], sentence: str
) -> None:
    with pytest.raises(error) as caught:
        statement.compile("cassandra-6.0")
    assert sentence in str(caught.value)


@pytest.mark.parametrize("statement", TAKEN)
def test_what_servers_take_is_compiled(statement: StatementBuilder) -> None:
    assert statement.compile().cql == compile_statement(statement.tree).cql


def test_not_equal_in_where_is_of_cassandra_6() -> None:
    statement = T.where(col("a") != 1).allow_filtering()
    assert statement.compile("cassandra-6.0").cql == "SELECT id FROM t WHERE a != ? ALLOW FILTERING"
    for dialect in ("cassandra-4.0", "cassandra-4.1", "cassandra-5.0", "scylla"):
        with pytest.raises(UnsupportedFeatureError) as caught:
            statement.compile(dialect)
        assert caught.value.feature == "!= in WHERE"
        assert caught.value.supported_by == ("cassandra-6.0",)


def test_a_view_says_what_is_not_null() -> None:
    view = create_materialized_view("v").select("a").from_("t").where(col("a").is_not_null()).partition_key("a")
    assert "a IS NOT NULL" in view.compile().cql


@pytest.mark.parametrize(
    "text",
    [
        "UPDATE t USING TIMESTAMP 5 SET a = 1 WHERE id = 1 IF b = 1",
        "UPDATE t SET id = 1 WHERE id = 1",
        "UPDATE t SET a = 1 WHERE token(id) > 1 AND c != 2",
        "DELETE a FROM t WHERE id = 1 AND c > 1",
        "SELECT DISTINCT id FROM t PER PARTITION LIMIT 1",
        "SELECT COUNT(*) FROM t WHERE a != 1 PER PARTITION LIMIT 1",
        "BEGIN COUNTER BATCH USING TIMESTAMP 5 INSERT INTO t (a) VALUES (1); APPLY BATCH",
    ],
)
def test_what_the_parser_of_the_server_takes_is_compiled_as_a_tree(text: str) -> None:
    tree = parse_cql(text)
    assert parse_cql(compile_statement(tree).cql) == tree


def test_a_row_that_was_read_can_be_written_in_a_transaction() -> None:
    sold = update("t").set(left=col("left") - 1, seen=row("r").column("at")).where(ID)
    assert "SET left = left - ?, seen = r.at" in READ.then(sold).compile("cassandra-6.0").cql


@pytest.mark.parametrize(
    ("option", "lacking"),
    [
        ("memtable", {"cassandra-4.0", "scylla"}),
        ("allow_auto_snapshot", {"cassandra-4.0", "cassandra-4.1", "scylla"}),
        ("transactional_mode", set(DIALECTS) - {"cassandra-6.0"}),
        ("tombstone_gc", set(DIALECTS) - {"scylla"}),
        ("read_repair", {"scylla"}),
        ("comment", set[str]()),
    ],
)
def test_an_option_of_other_servers_is_refused(option: str, lacking: set[str]) -> None:
    made = create_table("t").column("a", "int").partition_key("a").options({option: "x"})
    view = create_materialized_view("v").from_("t").where(col("a").is_not_null()).partition_key("a")
    changed = alter_table("t").options({option: "x"}), alter_materialized_view("v", {option: "x"})
    for statement in (made, view.options({option: "x"}), *changed):
        for name in DIALECTS:
            if name not in lacking:
                assert f"{option} = 'x'" in statement.compile(name).cql
                continue
            with pytest.raises(UnsupportedFeatureError) as caught:
                statement.compile(name)
            assert caught.value.feature == f"table option {option!r}"
            assert set(DIALECTS) - set(caught.value.supported_by) == lacking


def test_an_option_that_is_misspelt_is_refused_and_a_vendors_own_is_not() -> None:
    with pytest.raises(StatementError, match=r"ALTER TABLE: there is no option 'coment' \(did you mean 'comment'\?\)"):
        alter_table("t").options({"coment": "x"}).compile()
    assert alter_table("t").options({"nodesync": "x"}).compile().cql == "ALTER TABLE t WITH nodesync = 'x'"
    tree = parse_cql("ALTER TABLE t WITH memtable = 'x' AND coment = 'y'", dialect="cassandra-4.0")
    assert compile_statement(tree, dialect="cassandra-4.0").cql == "ALTER TABLE t WITH memtable = 'x' AND coment = 'y'"


def test_a_dialect_of_ones_own_has_options_of_its_own() -> None:
    base = DIALECTS["cassandra-4.0"]
    managed = Dialect("managed", base.reserved, base.features, base.unreserved, base.function_names)
    assert "memtable" in alter_table("t").options({"memtable": "x"}).compile(managed).cql


def test_another_type_for_what_is_there_is_scylladbs() -> None:
    column, field = alter_table("t").alter_type("a", "blob"), alter_type("u").alter_field("f", "blob")
    assert column.compile("scylla").cql == "ALTER TABLE t ALTER a TYPE blob"
    assert field.compile("scylla").cql == "ALTER TYPE u ALTER f TYPE blob"
    for statement in column, field:
        for name in set(DIALECTS) - {"scylla"}:
            with pytest.raises(UnsupportedFeatureError, match=r"has no ALTER … TYPE of what is there; scylla has it"):
                statement.compile(name)
        assert compile_statement(statement.tree).cql == statement.compile("scylla").cql


@pytest.mark.parametrize(
    ("option", "lacking"),
    [
        ("tablets", set(DIALECTS) - {"scylla"}),
        ("consistency", set(DIALECTS) - {"scylla"}),
        ("fast_path", set(DIALECTS) - {"cassandra-6.0"}),
    ],
)
def test_an_option_of_keyspaces_of_other_servers_is_refused(option: str, lacking: set[str]) -> None:
    replication: dict[str, str | int | list[str]] = {"class": "NetworkTopologyStrategy", "dc1": 1}
    for statement in (
        create_keyspace("k", replication, options={option: "x"}),
        alter_keyspace("k", options={option: "x"}),
    ):
        for name in DIALECTS:
            if name not in lacking:
                assert f"{option} = 'x'" in statement.compile(name).cql
                continue
            with pytest.raises(UnsupportedFeatureError) as caught:
                statement.compile(name)
            assert caught.value.feature == f"keyspace option {option!r}"


def test_an_option_of_keyspaces_that_is_misspelt_is_refused() -> None:
    with pytest.raises(
        StatementError, match=r"ALTER KEYSPACE: there is no option 'durable_write' \(did you mean 'durable_w"
    ):
        alter_keyspace("k", options={"durable_write": True}).compile()


def test_older_servers_want_custom_before_the_class_of_an_index() -> None:
    index = create_index("i").on("t", "a")
    for name in DIALECTS:
        assert index.custom("StorageAttachedIndex").compile(name).cql.endswith("USING 'StorageAttachedIndex'")
        if name in {"cassandra-5.0", "cassandra-6.0"}:
            assert index.using("sai").compile(name).cql.endswith("USING 'sai'")
            continue
        with pytest.raises(
            UnsupportedFeatureError, match=r"has no USING of an index that is not CUSTOM; .*; instead, crea"
        ):
            index.using("sai").compile(name)


def test_assignments_that_only_scylladbs_parser_takes_are_not_written_for_cassandra() -> None:
    for assigned in ("a = 1, a = 2", "a.b = 1, a.b = 2", "a = {}, a[1] = 1"):
        tree = parse_cql(f"UPDATE t SET {assigned} WHERE c = 3", dialect="scylla")
        assert compile_statement(tree, dialect="scylla").cql == f"UPDATE t SET {assigned} WHERE c = 3"
        for name in set(DIALECTS) - {"scylla"}:
            with pytest.raises(StatementError, match="column 'a' is assigned twice"):
                compile_statement(tree, dialect=name)


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (mbean("x'y"), "expected the name of an MBean, such as 'domain:key=value'"),
        (mbean("bad"), "expected the name of an MBean"),
        (mbeans("*"), "expected the name of an MBean"),
        (mbeans("a:b=c"), "MBEANS takes a pattern"),
        (mbeans("*:*"), "write ALL MBEANS"),
    ],
)
def test_the_name_of_an_mbean_is_one(resource: Any, reason: str) -> None:
    with pytest.raises(StatementError, match="GRANT") as caught:
        grant("SELECT", on=resource, to="r").compile()
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        (fn.call("k.length") > lit(3), "a function in CHECK is one that the server brings; leave the keyspace out"),
        (fn.call("foo"), "the function of a constraint is json or not_null here, not 'foo'"),
        (fn.call("length"), "the function of a constraint is json or not_null here, not 'length'"),
        (fn.call("json") == lit(1), "the function of a constraint is length or octet_length or regexp here"),
        (fn.call("length", col("b")) > lit(3), "a function in CHECK is of its column already; write fn.call('length')"),
    ],
)
def test_a_constraint_calls_a_function_that_the_server_has(check: Any, reason: str) -> None:
    begun = create_table("t").column("a", "int").partition_key("a")
    with pytest.raises(StatementError) as caught:
        begun.column("b", "text", check=[check]).compile("cassandra-6.0")
    assert reason in str(caught.value)


def test_constraints_that_stand_alone_are_found_in_any_letters() -> None:
    for text in ('"JSON"', '"JSON"()', '"Not_null"'):
        tree = parse_cql(f"ALTER TABLE t ALTER b CHECK {text}", dialect="cassandra-6.0")
        assert compile_statement(tree, dialect="cassandra-6.0").cql == f"ALTER TABLE t ALTER b CHECK {text}"
