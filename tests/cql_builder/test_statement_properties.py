"""What holds for every statement that can be built, whatever the names and whatever the order of the calls."""

from __future__ import annotations

import random
import re
import threading
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from cql_builder import (
    TableName,
    alter_table,
    bind,
    col,
    compile_statement,
    create_index,
    create_materialized_view,
    create_table,
    delete_from,
    fn,
    insert_into,
    select,
    truncate,
    update,
)
from cql_builder.ast import IndexName
from cql_builder.dialects import DIALECTS
from cql_builder.quoting import quote_identifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from cql_builder.builder.parts import Assignment, Condition
    from cql_builder.builder.statement import StatementBuilder
    from cql_builder.dialects import DialectName

    Call = tuple[str, tuple[Any, ...], dict[str, Any]]
    Refusal = Callable[[str], str | None]

WORDS = sorted(
    DIALECTS["scylla"].reserved | DIALECTS["cassandra-6.0"].reserved | {"ttl", "key", "json", "a", "b1", "c_d"}
)
NAMES = st.one_of(st.sampled_from(WORDS), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
TABLES = st.builds(TableName, NAMES, st.none() | NAMES)


class Marked:
    """A value that knows where in the text its marker must stand."""

    def __init__(self, place: str) -> None:
        self.place = place

    def __repr__(self) -> str:
        return self.place


def condition(kind: str, name: str) -> Condition:
    column, value = col(name), Marked(f"{name}")
    made: dict[str, Callable[[], Condition]] = {
        "column": lambda: column >= value,
        "equal": lambda: column == value,
        "element": lambda: column[Marked(f"{name}[]")] == value,
        "contains": lambda: column.contains(value),
        "key": lambda: column.contains_key(value),
        "in": lambda: column.in_(bind(value)),
        "like": lambda: column.like(value),
        "token": lambda: fn.token(name) > Marked(f"token({name})"),
    }
    return made[kind]()


def assignment(kind: str, name: str) -> Assignment:
    column, value = col(name), Marked(name)
    made: dict[str, Callable[[], Assignment]] = {
        "set": lambda: column.set(value),
        "add": lambda: column.add(value),
        "prepend": lambda: column.prepend(value),
        "remove": lambda: column.remove(value),
        "element": lambda: column[Marked(f"{name}[]")].set(value),
        "now": lambda: column.set(fn.now()),
    }
    return made[kind]()


def places_in(cql: str) -> list[str]:
    """Read from the text, marker by marker, what each stands for: independent of how the text was made."""
    places: list[str] = []
    for marker in re.finditer(r"\?", cql):
        before = cql[: marker.start()]
        if found := re.search(r"(TTL|TIMESTAMP|PER PARTITION LIMIT|LIMIT|token\(\w+\)(?= >)) (> )?$", before):
            places.append(found[1])
        elif found := re.search(r"(\w+)\[$", before):
            places.append(f"{found[1]}[]")
        else:
            found = re.search(r"(\w+)(?:\[\?\])? (?:[<>=!]+|IN|LIKE|CONTAINS|CONTAINS KEY|= \w+ [-+]) $", before)
            assert found is not None, before
            places.append(found[1])
    return places


def called(statement: Any, calls: list[Call]) -> StatementBuilder:
    for name, arguments, keywords in calls:
        statement = getattr(statement, name)(*arguments, **keywords)
    built: StatementBuilder = statement
    return built


def conditions(draw: st.DrawFn, prefix: str, kinds: list[str], at_least: int) -> list[Condition]:
    drawn = draw(st.lists(st.sampled_from(kinds), min_size=at_least, max_size=4))
    return [condition(kind, f"{prefix}{number}") for number, kind in enumerate(drawn)]


@st.composite
def selects(draw: st.DrawFn) -> StatementBuilder:
    kinds = ["column", "element", "contains", "key", "in", "like", "token"]
    calls: list[Call] = [("where", (made,), {}) for made in conditions(draw, "w", kinds, 0)]
    calls += [("limit", (Marked("LIMIT"),), {}), ("per_partition_limit", (Marked("PER PARTITION LIMIT"),), {})]
    calls += [("where", (condition("equal", "key"),), {})]  # or there could be no order
    calls += [("order_by", ("o",), {"desc": True}), ("allow_filtering", (), {}), ("from_", ("t",), {})]
    return called(select("a"), [*draw(st.permutations(calls))])


@st.composite
def updates(draw: st.DrawFn) -> StatementBuilder:
    kinds = draw(
        st.lists(st.sampled_from(["set", "add", "prepend", "remove", "element", "now"]), min_size=1, max_size=4)
    )
    calls: list[Call] = [("set", (assignment(kind, f"s{number}"),), {}) for number, kind in enumerate(kinds)]
    calls += [("set", ({"mapped": Marked("mapped")},), {"keyword": Marked("keyword")})]
    asked = conditions(draw, "i", ["column", "element", "in", "contains", "key"], 0)
    of_one_row = ["equal"] if asked else ["equal", "in"]
    calls += [("where", (made,), {}) for made in conditions(draw, "w", of_one_row, 1)]
    calls += [("if_", (made,), {}) for made in asked] or [("using", (), {"timestamp": Marked("TIMESTAMP")})]
    calls += [("using", (), {"ttl": Marked("TTL")})]
    return called(update("t"), [*draw(st.permutations(calls))])


@st.composite
def deletes(draw: st.DrawFn) -> StatementBuilder:
    targets = draw(st.lists(st.booleans(), max_size=3))
    calls: list[Call] = [
        ("columns", (col(f"d{number}")[Marked(f"d{number}[]")] if element else f"d{number}",), {})
        for number, element in enumerate(targets)
    ]
    asked = conditions(draw, "i", ["column", "element", "in"], 0)
    kinds = ["equal"] if asked else ["equal", "in"] if targets else ["equal", "in", "column"]
    calls += [("where", (made,), {}) for made in conditions(draw, "w", kinds, 1)]
    calls += [("if_", (made,), {}) for made in asked] or [("using", (), {"timestamp": Marked("TIMESTAMP")})]
    return called(delete_from("t"), [*draw(st.permutations(calls))])


@given(st.one_of(selects(), updates(), deletes()))
def test_parameters_come_in_the_order_of_the_markers(refusal: Refusal, statement: StatementBuilder) -> None:
    compiled = statement.compile()
    assert [repr(param) for param in compiled.params] == places_in(compiled.cql)
    assert compiled.names == (None,) * len(compiled.params)
    assert refusal(compiled.cql) is None


@given(st.permutations(["a", "b", "json", "c"]), st.permutations(["values", "ttl", "timestamp"]))
def test_an_insert_binds_its_values_before_its_options(columns: list[str], order: list[str]) -> None:
    statement: Any = insert_into("t")
    for clause in order:
        if clause == "values":
            statement = statement.values({name: Marked(name) for name in columns})
        else:
            statement = statement.using(**{clause: Marked(clause)})
    compiled = statement.compile()
    assert compiled.cql == f"INSERT INTO t ({', '.join(columns)}) VALUES (?, ?, ?, ?) USING TTL ? AND TIMESTAMP ?"
    assert [repr(param) for param in compiled.params] == [*columns, "ttl", "timestamp"]


@st.composite
def named_statements(draw: st.DrawFn) -> StatementBuilder:
    table, names = draw(TABLES), draw(st.lists(NAMES, unique=True, min_size=5, max_size=5))
    a, b, c, d, e = names
    made: list[StatementBuilder] = [
        select(col(a), fn.min(b).as_(c), fn.writetime(d), fn.ttl(e))
        .from_(table)
        .where(col(a) == 1, col(b)[1] > 2)
        .order_by(col(c)),
        select(fn.token(a, b), fn.count(col(c))).from_(table).distinct().where(fn.token(d, e) < 1).limit(2),
        select()
        .from_(table)
        .json()
        .where(col(a).in_([1]), col(b).contains_key(1), col(c).contains(1), col(d).like("x")),
        insert_into(table).values(dict.fromkeys(names)).if_not_exists().using(ttl=1),
        insert_into(table).values({a: 1}).using(timestamp=2),
        update(table)
        .set({a: 1}, col(b).add(1), col(c)[1].set(1), col(d).prepend(1))
        .where(col(e) == 1)
        .if_(col(a)[1] != 2),
        update(table).set(col(a).remove([1])).where(col(b) == 1).if_(col(c).contains(1), col(d).in_([1])),
        delete_from(table).columns(col(a), col(b)[1]).where(col(c) == 1).if_exists(),
        truncate(table),
        create_table(table)
        .column(a, "int")
        .column(b, "text")
        .partition_key(a)
        .clustering_key(b)
        .clustering_order({b: "DESC"}),
        alter_table(table).add(a, "int").add(b, "set<text>", static=True),
        alter_table(table).drop(a, b, c),
        create_index(IndexName(a)).on(table, b, "keys").custom(c, {d: e}).if_not_exists(),
        create_materialized_view(table)
        .select(col(a), col(b))
        .from_(table)
        .where(col(a).is_not_null())
        .partition_key(a, b)
        .clustering_key(c),
    ]
    return draw(st.sampled_from(made))


@given(named_statements())
def test_the_parser_of_cassandra_takes_every_statement(refusal: Refusal, statement: StatementBuilder) -> None:
    assert refusal(statement.compile().cql) is None


@given(named_statements(), st.sampled_from(sorted(DIALECTS)))
def test_a_dialect_changes_nothing_but_quotes(statement: StatementBuilder, dialect: DialectName) -> None:
    if dialect in {"cassandra-4.0", "scylla"} and " IF " in statement.compile().cql:
        return  # CONTAINS in IF is refused there
    compiled = statement.compile(dialect)
    assert compiled.cql.replace('"', "") == statement.compile().cql.replace('"', "")
    assert compiled.params == statement.params


@given(selects(), selects())
def test_equal_trees_have_equal_texts_and_hashes(one: StatementBuilder, other: StatementBuilder) -> None:
    assert (one.tree == other.tree) == (one.compile().cql == other.compile().cql)
    assert one.tree == one.tree
    assert hash(one.tree) == hash(one.tree)
    assert compile_statement(one.tree).cql == one.compile().cql


@given(NAMES)
def test_a_name_is_written_alike_everywhere(name: str) -> None:
    quoted = quote_identifier(name, DIALECTS["cassandra-5.0"].reserved)
    assert select(col(name)).from_("t").compile().cql == f"SELECT {quoted} FROM t"
    assert select().from_(TableName(name, name)).compile().cql == f"SELECT * FROM {quoted}.{quoted}"
    assert delete_from("t").where(col(name) == 1).compile().cql == f"DELETE FROM t WHERE {quoted} = ?"
    other = f"{name}2"
    expected = f"UPDATE t SET {quoted} = ? WHERE {quote_identifier(other, frozenset())} = ?"
    assert update("t").set({name: 1}).where(col(other) == 1).compile().cql == expected


def test_a_thread_that_draws_random_numbers_disturbs_nothing() -> None:
    done = threading.Event()

    def draw() -> None:
        while not done.is_set():
            random.random()  # noqa: S311 - as the client library does it

    drawing = threading.Thread(target=draw)
    drawing.start()
    try:
        test_an_insert_binds_its_values_before_its_options()
    finally:
        done.set()
        drawing.join()
