"""What type checkers say about code that uses the builder: right use passes, each wrong line is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

RIGHT = """
from typing_extensions import assert_type
from cql_builder import Compiled, TableName, col, create_table, delete_from, fn, insert_into, select, update
from cql_builder.builder.insert import InsertBuilder
from cql_builder.builder.select import SelectBuilder

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
"""

WRONG = """
from cql_builder import alter_table, col, create_index, create_table, delete_from, fn, insert_into, select, update

select(3)
select().from_(None)
select().from_("t").where(True)
select().from_("t").where("a = 1")
select().from_("t").order_by("a", "DESC")
select().from_("t").order_by(1)
select().from_("t").if_exists()
select().from_("t").limit(1).values
insert_into("t").where(col("a") == 1)
insert_into("t").values([("a", 1)])
insert_into("t").using(tll=5)
update("t").set("a")
update("t").if_(False)
update("t").allow_filtering()
delete_from("t").columns(3)
delete_from("t").using(ttl=5)
create_table("t").column("a", int)
create_table("t").clustering_order(a="down")
create_table("t").options({"a": None})
alter_table("t").drop(1)
create_index("i").on("t", "a", "half")
col(3)
col("a").contains()
fn.nwo()
fn.token(1)
"""


@pytest.mark.once
def test_right_use_passes(checked: Callable[[str], dict[str, set[int]]]) -> None:
    assert checked(RIGHT) == {"mypy": set(), "pyright": set()}


@pytest.mark.once
def test_every_wrong_line_is_refused(checked: Callable[[str], dict[str, set[int]]]) -> None:
    lines = WRONG.strip().splitlines()
    wrong = {number for number, line in enumerate(lines, 1) if line and not line.startswith("from ")}
    assert checked(WRONG) == {"mypy": wrong, "pyright": wrong}
