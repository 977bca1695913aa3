"""Calls that Python takes, and that would quietly mean something else than was meant."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any, cast

import pytest

import cql_builder as cql
from cql_builder import (
    alter_role,
    alter_table,
    batch,
    bind,
    col,
    columns,
    create_index,
    create_materialized_view,
    create_role,
    create_table,
    delete_from,
    fn,
    insert_into,
    list_of,
    lit,
    map_of,
    prune_materialized_view,
    select,
    set_of,
    transaction,
    truncate,
    update,
)
from cql_builder.errors import (
    ArgumentError,
    CqlError,
    LiteralError,
    MissingClauseError,
    StatementError,
    UnknownClauseError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

T = select().from_("t")
ID = col("id") == 1
U = update("t").set(a=1).where(ID)
D = delete_from("t").where(ID)
SELF: list[Any] = []
SELF.append(SELF)
SELF_MAP: dict[str, Any] = {}
SELF_MAP["a"] = SELF_MAP


def made(name: str, /, *arguments: object, **keywords: object) -> Callable[[], object]:
    """Return a call of a name of the package that type checkers would refuse."""
    return lambda: getattr(cql, name)(*arguments, **keywords)


def on(subject: object, name: str, /, *arguments: object, **keywords: object) -> Callable[[], object]:
    """Return a call of a method that type checkers would refuse."""
    return lambda: getattr(subject, name)(*arguments, **keywords)


Mistake = tuple["Callable[[], object]", type[CqlError], str]

EMPTY: list[Mistake] = [
    (on(D, "columns"), MissingClauseError, "DELETE: what to delete is missing; columns() takes at least one column"),
    (on(D, "where"), MissingClauseError, "DELETE: WHERE is missing; where() takes at least one condition"),
    (on(D, "if_"), MissingClauseError, "DELETE: IF is missing; if_() takes at least one condition"),
    (on(U, "where"), MissingClauseError, "UPDATE: WHERE is missing"),
    (on(U, "if_"), MissingClauseError, "UPDATE: IF is missing"),
    (on(transaction(), "if_"), MissingClauseError, "TRANSACTION: IF is missing"),
    (on(prune_materialized_view("v"), "where"), MissingClauseError, "PRUNE MATERIALIZED VIEW: WHERE is missing"),
    (on(create_materialized_view("v"), "select"), MissingClauseError, "leave it out to take all"),
]

COLLECTIONS: list[Mistake] = [
    (made("map_of", ("a", 1, "b"), ("c",)), StatementError, "an entry is a pair of key and value, not of 3 things"),
    (made("map_of", ("a",)), StatementError, "an entry is a pair of key and value, not of 1 things"),
    (made("map_of", "ab"), ArgumentError, "map_of(): an entry takes a pair of key and value"),
    (made("map_of", {"k": 1}, ("a", 1)), ArgumentError, "map_of() one mapping of all, not dict"),
    (on(col("a"), "in_", {"k": 1}), ArgumentError, "IN: it takes a collection of values, not dict"),
    (on(col("a"), "in_", 5), ArgumentError, "IN: it takes a collection of values, not int"),
]

STATEMENTS_AS_VALUES: list[Mistake] = [
    (on(insert_into("t"), "values", a=T), StatementError, "VALUES: a statement cannot stand where a value stands"),
    (on(update("t"), "set", a=T), StatementError, "SET: a statement cannot stand"),
    (on(col("a"), "__eq__", T), StatementError, "=: a statement cannot stand"),
    (on(col("a"), "in_", T), StatementError, "IN: a statement cannot stand"),
    (on(col("a"), "in_", [T]), StatementError, "IN: a statement cannot stand"),
    (on(fn, "call", "f", T), StatementError, "fn.call(): a statement cannot stand"),
    (on(T, "limit", T), ArgumentError, "LIMIT takes a whole number, not SelectBuilder"),
    (on(T, "using", timeout=T), ArgumentError, "TIMEOUT takes a duration"),
    (made("bind", T), ArgumentError, "bind(): it takes a value, not SelectBuilder"),
    (made("bind", col("a")), ArgumentError, "bind(): it takes a value, not Column"),
]

NUMBERS: list[Mistake] = [
    (on(U, "using", ttl=timedelta(seconds=1, milliseconds=5)), StatementError, "TTL has whole seconds"),
    (on(U, "using", ttl=timedelta(days=-1)), StatementError, "TTL is a whole number from 0"),
    (
        on(U, "using", ttl=datetime.now(timezone.utc)),
        ArgumentError,
        "TTL takes a whole number of seconds or a timedelta",
    ),
    (on(U, "using", ttl=bind("x")), ArgumentError, "or a timedelta, not str"),
    (on(U, "using", timestamp=datetime(2024, 1, 1)), StatementError, "a datetime without a time zone is no moment"),  # noqa: DTZ001 - the fault
    (
        on(U, "using", timestamp=timedelta(1)),
        ArgumentError,
        "TIMESTAMP takes a whole number of microseconds or a datetime",
    ),
    (on(T, "limit", timedelta(1)), ArgumentError, "LIMIT takes a whole number, not timedelta"),
    (on(T, "limit", lit(10**5000)), StatementError, "LIMIT is a whole number from 1"),
    (on(T, "using", timeout=timedelta(microseconds=5)), StatementError, "TIMEOUT has whole milliseconds"),
    (on(T, "using", timeout=timedelta(-1)), StatementError, "TIMEOUT has whole milliseconds from 0"),
    (on(alter_table("t"), "drop", "a", timestamp=10**5000), StatementError, "TIMESTAMP is a whole number from"),
]

NAMES: list[Mistake] = [
    (made("select", "*"), StatementError, "'*' is no column; select() without arguments takes all"),
    (made("select", "count(*)"), StatementError, "'count(*)' is not taken for a column; a function is fn.count()"),
    (made("select", "a, b"), StatementError, "'a, b' is not taken for a column; give each column as an argument"),
    (on(T, "group_by", "a, b"), StatementError, "a column of that very name is col(…)"),
    (on(fn, "count", "*"), StatementError, "fn.count(): '*' is no column; fn.count() counts all rows"),
    (on(D, "columns", "a,b"), StatementError, "'a,b' is not taken for a column"),
    (on(D, "columns", "*"), StatementError, "leave columns() out to delete whole rows"),
    (on(create_materialized_view("v"), "select", "*"), StatementError, "leave select() out to take all"),
    (lambda: cast("Any", fn).nwo, UnknownClauseError, "fn: there is no 'nwo' here (did you mean 'now'?); a function"),
    (lambda: cast("Any", fn).toJson, UnknownClauseError, "(did you mean 'to_json'?)"),
    (lambda: cast("Any", fn).discount, UnknownClauseError, 'that has no method here is fn.call("discount", …)'),
    (on(col("a"), "as_", 5), ArgumentError, "another name takes a str, not int"),
]

OPERATORS: list[Mistake] = [
    (lambda: cast("Any", ID) | ID, StatementError, "CQL has no OR; of one column write in_([...])"),
    (lambda: True | cast("Any", ID), StatementError, "CQL has no OR"),
    (lambda: cast("Any", ID) & ID, StatementError, "give each condition as an argument of its own"),
    (lambda: ~cast("Any", ID), StatementError, "CQL has no NOT before a condition"),
]

LITERALS: list[Mistake] = [
    (made("lit", SELF), LiteralError, "it is nested too deep, or holds itself"),
    (made("lit", datetime(2024, 1, 1, 0, 0, 0, 5, timezone.utc)), LiteralError, "a timestamp has milliseconds"),
    (made("lit", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))), LiteralError, "beyond the years"),
    (made("lit", time(1, tzinfo=timezone.utc)), LiteralError, "a time of CQL has no time zone"),
    (
        made("create_role", "r", options=SELF_MAP),
        ArgumentError,
        "an option among options takes a str, int, float or bool, not dict",
    ),
    (on(create_table("t"), "options", {"a": SELF_MAP}), ArgumentError, "the option \"a['a']\" takes a str"),
]

PARTS_INSIDE: list[Mistake] = [
    (
        on(insert_into("t"), "values", a=[fn.now()]),
        StatementError,
        "a list with a piece of CQL in it is no value",
    ),
    (on(insert_into("t"), "values", a={"k": fn.now()}), StatementError, "a dict with a piece of CQL in it is no value"),
    (on(insert_into("t"), "values", a=[1, {"k": (2, fn.now())}]), StatementError, "write tuple_of(…) instead"),
    (on(update("t"), "set", a=(1, fn.now())), StatementError, "SET: a tuple with a piece of CQL in it is no value"),
    (on(col("a"), "__eq__", [fn.now()]), StatementError, "=: a list with a piece of CQL in it is no value"),
    (on(col("a"), "contains", [fn.now()]), StatementError, "write list_of(…) instead"),
    (made("bind", [fn.now()]), StatementError, "bind(): a list with a piece of CQL in it is no value"),
]

KINDS: list[Mistake] = [
    (on(create_index("i").on("t", "a"), "using", "sai", "x"), ArgumentError, "options takes a mapping"),
    (made("create_table_like", "a", "b", including=5), ArgumentError, "including takes a list of what is copied too"),
    (on(fn, "cast", "a", []), ArgumentError, "fn.cast(): the type takes a str, not list"),
    (on(fn, "as_blob", [], "a"), ArgumentError, "fn.as_blob(): the type takes a str, not list"),
    (on(T, "order_by", "a", desc=[]), ArgumentError, "SELECT: desc takes a bool, not list"),
    (made("drop_table", "t", if_exists={}), ArgumentError, "DROP TABLE: if_exists takes a bool, not dict"),
    (
        made("create_function", "f", {}, returns="int", language="l", body="b", called_on_null=1),
        ArgumentError,
        "a bool",
    ),
    (made("create_keyspace", "k", {"class": "S"}, durable_writes=[]), ArgumentError, "durable_writes takes a bool"),
    (made("alter_keyspace", "k", durable_writes=[]), ArgumentError, "durable_writes takes a bool, not list"),
    (made("create_user", "u", superuser=[]), ArgumentError, "superuser takes a bool, not list"),
    (made("create_role", "r", generated_password="x"), ArgumentError, "generated_password takes a bool, not str"),
    (on(alter_table("t"), "drop", "a", if_exists=[]), ArgumentError, "ALTER TABLE: if_exists takes a bool, not list"),
    (on(alter_table("t"), "add", "a", "int", if_not_exists=[]), ArgumentError, "if_not_exists takes a bool, not list"),
    (on(create_table("t"), "column", "a", "int", static=[]), ArgumentError, "static takes a bool, not list"),
    (on(insert_into("t"), "json", "{}", default_unset=[]), ArgumentError, "default_unset takes a bool, not list"),
    (made("drop_function", "f", 5), ArgumentError, "types takes a list of types, not int"),
    (made("describe", []), ArgumentError, "DESCRIBE: a group takes a str, not list"),
]


@pytest.mark.parametrize(
    ("mistake", "error", "sentence"),
    [*EMPTY, *COLLECTIONS, *STATEMENTS_AS_VALUES, *NUMBERS, *NAMES, *OPERATORS, *LITERALS, *PARTS_INSIDE, *KINDS],
)
def test_a_mistake_is_refused_with_a_sentence(
    mistake: Callable[[], object], error: type[CqlError], sentence: str
) -> None:
    with pytest.raises(error) as caught:
        mistake()
    assert type(caught.value) is error
    assert sentence in str(caught.value)


def test_a_select_without_conditions_reads_all() -> None:
    wanted: list[Any] = []
    assert T.where(*wanted).compile().cql == "SELECT * FROM t"


def test_a_map_is_given_as_a_mapping_or_as_pairs() -> None:
    for made_map in (map_of({"k": 1, "l": fn.now()}), map_of(("k", 1), ("l", fn.now()))):
        assert insert_into("t").values(a=made_map).compile() == (
            "INSERT INTO t (a) VALUES ({?: ?, ?: now()})",
            ("k", 1, "l"),
            (None, None, None),
        )
    assert select(map_of({}), map_of()).from_("t").compile().cql == "SELECT {}, {} FROM t"


def test_a_list_that_is_given_to_list_of_is_one_element() -> None:
    assert select(list_of([1, 2]), list_of(*[1, 2]), set_of((1, 2))).from_("t").compile()[:2] == (
        "SELECT [?], [?, ?], {?} FROM t",
        ([1, 2], 1, 2, (1, 2)),
    )


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (timedelta(days=1), 86400),
        (bind(timedelta(minutes=1)), 60),
        (60, 60),
    ],
)
def test_a_length_of_time_is_seconds(given: Any, sent: int) -> None:
    for statement in (insert_into("t").values(a=0), update("t").set(a=0).where(ID)):
        assert sent in statement.using(ttl=given).params
        assert "TTL ?" in statement.using(ttl=given).compile().cql


@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        (datetime(1970, 1, 1, 0, 0, 1, tzinfo=timezone.utc), 1_000_000),
        (datetime(1970, 1, 1, 2, 0, 0, 3, tzinfo=timezone(timedelta(hours=2))), 3),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone.utc), -1),
        (datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone.utc), 253402300799999999),
    ],
)
def test_a_moment_is_microseconds_since_1970(moment: datetime, sent: int) -> None:
    for statement in (insert_into("t").values(a=0), U, D, batch(U)):
        assert sent in statement.using(timestamp=moment).params
    named = D.using(timestamp=bind(moment, name="at")).compile()
    assert (named.params[0], named.names[0]) == (sent, "at")
    assert alter_table("t").drop("a", timestamp=moment).compile().cql.endswith(f" USING TIMESTAMP {sent}")


def test_a_timeout_can_be_a_length_of_time() -> None:
    assert truncate("t").using(timeout=timedelta(seconds=1.5)).compile("scylla").cql.endswith("TIMEOUT 1500ms")


def test_what_is_added_to_a_collection_later_is_not_in_the_condition() -> None:
    ids, tags = [1, 2], {1}
    condition, other = col("id").in_(ids), col("id").in_(tags)
    pairs = columns("a", "b").in_(pairs_given := [(1, 2)])
    ids.append(3)
    tags.add(2)
    pairs_given.clear()
    assert (condition.values, other.values, pairs.values) == (([1, 2],), ({1},), ([(1, 2)],))
    assert col("id").in_(number for number in (1, 2)).values == ([1, 2],)
    assert col("id").in_({"a": 1}.keys()).values == (["a"],)
    assert col("id").in_(range(2)).values == ([0, 1],)
    assert col("id").in_(iter([fn.now(), 1])).values == (1,)
    assert col("id").not_in((1, 2)).values == ((1, 2),)


def test_a_password_is_never_part_of_a_repr() -> None:
    shown = [
        repr(create_role("r", password="s3cret")),
        repr(create_role("r", hashed_password="s3cret")),
        repr(alter_role("r", options={"password": "s3cret", "pin": 1234})),
        repr(alter_role("r", options={"password": "s3cret", "pin": 1234}).tree),
    ]
    assert not [text for text in shown if "s3cret" in text or "1234" in text]
    assert shown[2] == "<SecretStatement ALTER ROLE r WITH OPTIONS = {'password': '…', 'pin': '…'}>"


def test_a_column_of_an_unlikely_name_is_selected_exactly() -> None:
    odd = [col("*"), col("count(*)"), col("a, b")]
    assert select(*odd).from_("t").compile().cql == 'SELECT "*", "count(*)", "a, b" FROM t'
    assert delete_from("t").columns(*odd[1:]).where(ID).compile().cql.startswith('DELETE "count(*)", "a, b" FROM t')
    assert select(fn.count(odd[0])).from_("t").compile().cql == 'SELECT count("*") FROM t'


def test_long_numbers_and_odd_zones_are_written_exactly() -> None:
    def text(value: object) -> str:
        return select("a").from_("t").where(col("a") == lit(value)).compile().cql.partition(" = ")[2]

    assert text(10**5000) == "1" + "0" * 5000
    assert text(-(10**5000) - 1) == "-1" + "0" * 4999 + "1"
    odd = timezone(timedelta(hours=5, seconds=30))
    assert text(datetime(2024, 1, 1, 5, 0, 30, tzinfo=odd)) == "'2024-01-01T00:00:00.000+00:00'"
    assert text(time(1, 2, 3, 4)) == "'01:02:03.000004'"


def test_a_str_is_a_value_in_call_and_a_column_elsewhere() -> None:
    assert select(fn.call("f", "a"), fn.call("f", col("a")), fn.max("a")).from_("t").compile()[:2] == (
        "SELECT f(?), f(a), max(a) FROM t",
        ("a",),
    )
