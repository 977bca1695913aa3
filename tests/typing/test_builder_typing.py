"""What type checkers say about code that uses the builder: right use passes, each wrong line is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

RIGHT = """
import cql_builder
from datetime import datetime, timedelta, timezone
from typing_extensions import assert_type
from cql_builder import (
    Compiled, TableName, alter_table, alter_type, batch, bind, col, columns, comment_on, create_aggregate,
    create_function, create_index, create_role, create_table, create_type, delete_from, describe, duration, expr, fn,
    grant, insert_into, keyspace, lit, map_of, mask, prune_materialized_view, row, select, table, transaction,
    truncate, tuple_of, type_hint, update,
)
from cql_builder.ast import Arithmetic, Bind, IntegerLiteral, Select, Term
from cql_builder.builder.batches import BatchBuilder
from cql_builder.builder.columns import CollectionElement, CollectionSlice, TokenOf, UserField
from cql_builder.builder.expressions import Expression, FunctionTerm
from cql_builder.builder.insert import InsertBuilder
from cql_builder.builder.parts import Condition
from cql_builder.builder.select import SelectBuilder
from cql_builder.dialects import DEFAULT_DIALECT, DIALECTS, find_dialect

query = select("id", col("name"), fn.count().as_("n")).from_("products").where(col("price") >= 3, fn.token("a") < 1)
assert_type(query.order_by("price", desc=True).limit(10), SelectBuilder)
assert_type(query.compile(dialect="scylla"), Compiled)
assert_type(insert_into(TableName("a.b")).values({"a": 1}, b=object()).using(ttl=5), InsertBuilder)
update("t").set({"a": 1}, col("m")["k"].set(2), b=3).where(col("a") == 1).if_(col("b") != None)
delete_from("t").columns("a", col("m")["k"]).where(col("a").in_([1]))
create_table("t").column("a", "int").partition_key("a").clustering_order(b="DESC").options({"a": "x", "c": {"d": 1}})
cql, params, names = query.compile()
assert_type(cql, str)
assert_type(params, tuple[object, ...])
assert_type(query.tree, Select)
assert_type(col("m")["k"], CollectionElement)
assert_type(col("m")["a":"c"], CollectionSlice)
assert_type(col("u").field("f"), UserField)
assert_type((col("a") + col("b")) * 2, Expression[Arithmetic])
assert_type(fn.token("a"), TokenOf)
assert_type(fn.token(bind(1)), FunctionTerm)
assert_type(bind(1), Expression[Bind])
assert_type(lit(1), Expression[IntegerLiteral])
assert_type(lit("a"), Expression[Term])
assert_type(columns("a", "b") > (1, 2), Condition)
select(col("a") - 1, -col("a"), tuple_of(col("a"), 1), type_hint("int", 1), fn.cast(col("m")["k"], "text")).from_("t")
query.group_by("a", fn.floor("b", duration("1h"))).order_by_nearest("v", [0.1]).using(timeout="1s").bypass_cache()
query.where(col("a").between(1, 2), col("a").not_in([1]), expr("i", "q"), columns("a", "b").in_([(1, 2)]))
assert_type(batch(insert_into("t").values(a=1)).unlogged().using(timestamp=1), BatchBuilder)
update("t").set(col("u").field("f").set(1), a=col("a") + 1).if_(col("u").field("f") == 1)
transaction().let("r", query).if_(row("r").column("a") == 1).then(update("t").set(a=row("r").column("a")))
create_table("t").column("a", "int", mask=mask("mask_inner", 1), check=[col("a") > lit(1), fn.call("json")])
alter_table("t").if_exists().rename({"a": "b"}, c="d")
create_index("i").on("t", "a", "keys").and_column("b").custom("x", {"a": True})
create_type("a", {"b": "int"}, c="text")
alter_type("a").add("b", "int")
create_function("f", {"a": "int"}, returns="int", language="java", body="x")
create_aggregate("a", ["int"], state_function="f", state_type="int", initial_state=0)
create_role("r", password="x", login=True, access_to_datacenters="ALL")
grant("SELECT", on=table("t"), to="r")
grant(["SELECT", "MODIFY"], on=keyspace("k"), to="r")
comment_on(table("t"), None)
describe("full schema", internals=True)
truncate("t").using(timeout="1s")
query.limit(lit(5)).per_partition_limit(bind(object())).limit(None).using(timeout=timedelta(seconds=1))
insert_into("t").using(ttl=timedelta(1), timestamp=datetime.now(timezone.utc), timeout=duration("1s"))
update("t").using(ttl=bind(object(), name="ttl"), timestamp=lit(5), timeout=bind(object()))
delete_from("t").using(timestamp=datetime.now(timezone.utc))
prune_materialized_view("v").using(concurrency=5, timeout="1s")
numbers = [1, 2]
query.where(col("a").in_(numbers), col("a").in_((1, "a")), col("a").in_({1}), col("a").in_(frozenset(numbers)))
query.where(col("a").in_(n for n in numbers), col("a").in_({"a": 1}.keys()), col("a").in_({"a": 1}.values()))
query.where(*[col("a") == 1, col("b") == 2]).where(col("a") == 1, *[col("b") == 2])
update("t").set(col("n").increment(2), m=1).where(*[col("a") == 1]).if_(*[col("b") == 2])
update("t").set(col("n").increment(bind(object())), col("n").decrement(lit(2)))
update("t").set(col("n").increment(row("r").column("n")))
query.compile("cassandra-4.0").cql.join(query.compile(dialect=DEFAULT_DIALECT).cql)
query.compile(find_dialect("any".lower()))
for known in DIALECTS:
    query.compile(known)
query.where(col("a").in_([]), col("a").in_(range(3)), col("a").in_([fn.now(), 1]), col("a").in_(bind(object())))
select(map_of({"a": 1}), map_of(("a", 1), (bind(2), fn.now())), map_of()).from_("t")
def page(query: cql_builder.SelectBuilder, *conditions: cql_builder.Condition) -> cql_builder.SelectBuilder:
    return query.where(*conditions).limit(10)
page(query, col("a") == 1)
writes: list[cql_builder.Write] = [insert_into("t").values(a=1), delete_from("t").where(col("a") == 1)]
assert_type(batch(*writes), cql_builder.BatchBuilder)
assert_type(insert_into("t"), cql_builder.InsertBuilder)
assert_type(update("t").set(a=1), cql_builder.UpdateBuilder)
assert_type(delete_from("t"), cql_builder.DeleteBuilder)
transaction().then(*writes)
insert_into("t").json("{}").using(ttl=5)
insert_into("t").json(bind(object())).using(ttl=5)
insert_into("t").json(lit("{}"))
"""

WRONG = """
from cql_builder import alter_table, alter_type, batch, bind, col, columns, comment_on, create_function, create_index
from cql_builder import create_keyspace, create_role, create_table, create_table_like, create_type, create_user
from cql_builder import delete_from, describe, describe_named, duration, expr, fn, grant, insert_into, keyspace
from cql_builder import list_roles, lit, map_of, mask, prune_materialized_view, row, select, table, transaction
from cql_builder import compile_statement, create_materialized_view, parse_type, truncate, type_text, update, use
from cql_builder.schema import KeyspaceSchema, creation_steps, diff_schema, schema_from_cql, system_queries

select(3)
select().from_(None)
select().from_("t").where(True)
select().from_("t").where("a = 1")
select().from_("t").order_by("a", "DESC")
select().from_("t").order_by(1)
select().from_("t").if_exists()
select().from_("t").limit(1).values
select().from_("t").using(ttl=5)
select().from_("t").group_by(1)
select().from_("t").group_by(col("a").as_("b"))
select().from_("t").order_by_nearest("v")
select().from_("t").using(service_level=5)
select(col("a") == 1)
insert_into("t").where(col("a") == 1)
insert_into("t").values([("a", 1)])
insert_into("t").using(tll=5)
insert_into("t").limit(5)
update("t").set("a")
update("t").if_(False)
update("t").allow_filtering()
update("t").set(col("a")[1:].set(1))
update("t").set(fn.now())
delete_from("t").columns(3)
delete_from("t").columns(col("m")["a":"b"])
delete_from("t").using(ttl=5)
truncate("t").where(col("a") == 1)
batch(select().from_("t"))
batch().using(ttl=5)
batch().where(col("a") == 1)
transaction().then(select().from_("t"))
transaction().let("r", update("t"))
transaction().answer("r")
row("r").set(1)
create_table("t").column("a", int)
create_table("t").column("a", "int", mask="default")
create_table("t").column("a", "int", check=True)
create_table("t").clustering_order(a="down")
create_table("t").options({"a": None})
create_table("t").if_exists()
create_table_like("a", "b", including=["views"])
create_keyspace("k", ["class"])
alter_table("t").drop(1)
alter_table("t").drop("a", timestamp="now")
alter_table("t").rename(a=1)
alter_type("a").drop("b")
create_type("a", {"b": 1})
create_function("f", {}, returns="int", language="java")
create_index("i").on("t", "a", "half")
create_role("r", pasword="x")
create_role("r", login="yes")
create_user("u", login=True)
grant("SELCT", on=table("t"), to="r")
grant("SELECT", on="t", to="r")
grant("SELECT", on=table("t"))
comment_on("t", "x")
comment_on(keyspace("k"), 3)
describe("table")
describe_named("t", "tabel")
list_roles("r")
use(None)
col(3)
col("a").contains()
col("a").between(1)
col("a").field(3)
columns(1)
columns("a").contains(1)
fn.token("a").in_([1])
fn.nwo()
fn.token(1)
fn.token("a", bind(1))
fn.writetime(fn.now())
fn.cast("a")
fn.abs(3)
lit()
select().from_("t").limit("ten")
select().from_("t").limit(1.5)
select().from_("t").limit([1])
select().from_("t").limit(object())
select().from_("t").limit(col("a"))
select().from_("t").limit(fn.now())
select().from_("t").limit(lit("ten"))
select().from_("t").per_partition_limit("ten")
select().from_("t").using(timeout=50)
insert_into("t").using(ttl="60")
insert_into("t").using(ttl=1.5)
insert_into("t").using(timestamp="now")
update("t").using(ttl="60")
update("t").using(timestamp=1.5)
update("t").using(timeout=5)
delete_from("t").using(timestamp="now")
batch().using(timestamp="now")
truncate("t").using(timeout=5)
prune_materialized_view("v").using(concurrency="5")
col("a").in_("abc")
col("a").in_(b"abc")
col("a").in_(5)
col("a").in_(None)
col("a").in_(col("b"))
col("a").in_(select("b").from_("t"))
col("a").not_in("abc")
columns("a", "b").in_("ab")
map_of("ab")
map_of(("a", 1, "b"))
map_of({"a": 1}, {"b": 2})
fn.toJson("a")
(col("a") == 1) | (col("b") == 2)
(col("a") == 1) & (col("b") == 2)
duration(5)
expr("i")
mask(3)
col("n").increment("x")
col("n").increment(1.5)
col("n").decrement(None)
col("n").decrement([1])
select().from_("t").where()
select().from_("t").where([col("a") == 1])
select().from_("t").where(a=1)
update("t").where()
update("t").where(a=1)
update("t").if_()
delete_from("t").where()
delete_from("t").if_(a=1)
prune_materialized_view("v").where()
create_materialized_view("v").where()
transaction().if_()
select().from_("t").compile("cassandra-5")
select().from_("t").compile("scyla")
select().from_("t").compile(dialect=5)
compile_statement(truncate("t").tree, dialect="cassandra-5.1")
type_text(parse_type("int"), dialect="Scylla")
schema_from_cql("", dialect="cassandra")
diff_schema(KeyspaceSchema("k"), KeyspaceSchema("k"), dialect="cassandra_5_0")
creation_steps(KeyspaceSchema("k"), dialect="5.0")
system_queries("k", dialect="cassandra5.0")
select().from_("t").from_("u", "v")
select().from_("t").limit(1, 2)
select().from_("t").limit(rows="ten")
select().from_("t").allow_filtering(True)
select().from_("t").distinct("a")
select().from_("t").order_by("a", "b")
insert_into("t").json({"a": 1})
insert_into("t").json(5)
insert_into("t").json(b"{}")
insert_into("t").json(None)
col("a").in_({"a": 1})
col("a").not_in({1: 2})
columns("a", "b").in_({(1, 2): 3})
insert_into("t").values(a=1).if_exists()
insert_into("t").values(a=1).set(a=2)
insert_into("t").if_(col("a") == 1)
update("t").values(a=1)
update("t").limit(1)
update("t").from_("t")
delete_from("t").set(a=1)
delete_from("t").limit(1)
delete_from("t").from_("t")
"""


@pytest.mark.once
def test_right_use_passes(checked: Callable[[str], dict[str, set[int]]]) -> None:
    assert checked(RIGHT) == {"mypy": set(), "pyright": set()}


@pytest.mark.once
def test_every_wrong_line_is_refused(checked: Callable[[str], dict[str, set[int]]]) -> None:
    lines = WRONG.strip().splitlines()
    wrong = {number for number, line in enumerate(lines, 1) if line and not line.startswith("from ")}
    assert checked(WRONG) == {"mypy": wrong, "pyright": wrong}
