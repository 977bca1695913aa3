"""Laws that hold for any two keyspaces: what `diff_schema` says and what `apply` makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from cql_builder import parse_type
from cql_builder.ast import (
    ColumnName,
    FunctionName,
    IntegerLiteral,
    IsNotNull,
    Mask,
    NamedType,
)
from cql_builder.dialects import DIALECTS
from cql_builder.parser.parse import parse_cql
from cql_builder.schema import (
    AggregateSchema,
    ClusteringColumn,
    ColumnSchema,
    FunctionSchema,
    IndexSchema,
    KeyspaceSchema,
    Step,
    TableSchema,
    TriggerSchema,
    TypeSchema,
    ViewSchema,
    apply,
    canonical_type,
    diff_schema,
    schema_from_cql,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cql_builder.ast.types import DataType
    from cql_builder.dialects import DialectName

pytestmark = pytest.mark.once  # the laws are the same on every Python, and take 20 s

PAIRS = [100, pytest.param(5000, marks=[pytest.mark.long, pytest.mark.timeout(1800)])]
"""How many pairs of keyspaces the law is tried on."""

T = TypeVar("T")

TYPE_FIELDS = {
    "money": [("amount", "decimal"), ("currency", "text"), ("note", "text")],
    "Box": [("What", "text"), ("price", "frozen<money>"), ("tags", "list<int>")],
    "crate": [("id", "uuid"), ("boxes", 'map<int, frozen<"Box">>')],
}
COLUMN_TYPES = {
    "a": ["int"],
    "b": ["text", "text", "text", "int"],
    "C d": ["list<int>"],
    "e": ["frozen<money>", "text"],
    "f": ['map<text, frozen<"Box">>'],
    "g": ["money"],
    "select": ["tuple<int, text>"],
}
NEEDED_TYPES = {"e": {"money"}, "f": {"Box"}, "g": {"money"}}
KEY_TYPES = {
    "id": ["uuid", "text"],
    "at": ["timestamp", "timeuuid"],
    "Key": ["int", "bigint"],
    "order": ["text"],
    'p "q"': ["frozen<list<int>>", "tuple<int, text>"],
    "b2": ["blob", "date"],
}
"""The columns of primary keys: with names that need quotes, and types that are more than a word."""
OPTIONS: dict[str, list[object]] = {
    "comment": ["", "x", "it's"],
    "gc_grace_seconds": [864000, "864000", 100],
    "bloom_filter_fp_chance": [0.01, "0.1", 0.5],
    "caching": [{"keys": "ALL", "rows_per_partition": "NONE"}, {"rows_per_partition": "all"}, {"keys": "ALL"}],
    "compaction": [
        {"class": "SizeTieredCompactionStrategy", "min_threshold": 4},
        {"class": "org.apache.cassandra.db.compaction.LeveledCompactionStrategy"},
        {"class": "LeveledCompactionStrategy", "enabled": False},
        {"class": "TimeWindowCompactionStrategy", "compaction_window_size": "2"},
    ],
    "compression": [{"enabled": "false"}, {"class": "LZ4Compressor", "chunk_length_in_kb": 16}],
    "speculative_retry": ["99PERCENTILE", "99p", "NONE", "50MS", "MIN(99p, 50ms)"],
    "cdc": [True, "false", "no", 1],
    "default_time_to_live": [0, 60, "90"],
}
TABLES = ["t", "U", "select"]
MASKS = [
    None,
    Mask(),
    Mask(FunctionName("mask_default", "system")),
    Mask(FunctionName("mask_null")),
    Mask(FunctionName("hide")),
]


class Key(NamedTuple):
    """The primary key of a table."""

    types: dict[str, DataType]
    partition: tuple[str, ...]
    clustering: tuple[ClusteringColumn, ...]


def typed(text: str) -> DataType:
    return canonical_type(parse_type(text), "ks")


def subset(items: Sequence[T]) -> st.SearchStrategy[list[T]]:
    return st.lists(st.sampled_from(items), unique_by=repr) if items else st.just([])


@st.composite
def types(draw: st.DrawFn) -> tuple[TypeSchema, ...]:
    wanted = draw(st.integers(0, 3))
    found: list[TypeSchema] = []
    for name, fields in list(TYPE_FIELDS.items())[:wanted]:
        count = draw(st.integers(1, len(fields)))
        found.append(TypeSchema("ks", name, tuple([NamedType(field, typed(text)) for field, text in fields[:count]])))
    return tuple(draw(st.permutations(found)))


@st.composite
def options(draw: st.DrawFn) -> dict[str, object]:
    return {name: draw(st.sampled_from(OPTIONS[name])) for name in draw(subset(list(OPTIONS)))}


@st.composite
def keys(draw: st.DrawFn) -> Key:
    """A key of one to six columns, the partition key having at least one of them."""
    names = draw(st.lists(st.sampled_from(list(KEY_TYPES)), unique=True, min_size=1))
    count = draw(st.integers(1, len(names)))
    found = {name: typed(draw(st.sampled_from(KEY_TYPES[name]))) for name in names}
    descending = st.sampled_from([False, False, False, True])
    return Key(found, tuple(names[:count]), tuple([ClusteringColumn(name, draw(descending)) for name in names[count:]]))


@st.composite
def tables(draw: st.DrawFn, name: str, key: Key, known: frozenset[str], indexes: set[str]) -> TableSchema:
    usable = [column for column in COLUMN_TYPES if known >= NEEDED_TYPES.get(column, set())]
    columns = [ColumnSchema(column, data_type) for column, data_type in key.types.items()]
    # Without clustering columns, no column is static.
    for column in draw(subset([each for each in usable if key.clustering or each != "C d"])):
        data_type = typed(draw(st.sampled_from(COLUMN_TYPES[column])))
        masks = MASKS if column in {"a", "b"} else [None]
        columns.append(ColumnSchema(column, data_type, column == "C d", draw(st.sampled_from(masks))))
    found: list[IndexSchema] = []
    for each in columns:
        index = f"i{draw(st.integers(0, 3))}"
        plain = each.mask is None and each.name in {"a", "b", *[column.name for column in key.clustering]} - {'p "q"'}
        if plain and index not in indexes and draw(st.booleans()):
            indexes.add(index)
            index_class = draw(st.sampled_from([None, "sai", "StorageAttachedIndex"]))
            found.append(IndexSchema(index, each.name, None, index_class))
    return TableSchema(
        "ks",
        name,
        tuple(draw(st.permutations(columns))),
        key.partition,
        key.clustering,
        tuple(found),
        draw(options()),
        tuple([TriggerSchema("tr", using) for using in draw(st.lists(st.sampled_from(["x.Y", "x.Z"]), max_size=1))]),
    )


@st.composite
def views(draw: st.DrawFn, name: str, table: TableSchema) -> ViewSchema:
    key = [*table.partition_key, *[column.name for column in table.clustering_key]]
    names = [column.name for column in table.columns if not column.static]
    others = draw(subset([each for each in names if each not in key]))
    statics = any(column.static for column in table.columns)
    whole = not statics and draw(st.booleans())
    ordered = draw(st.permutations(key))
    count = draw(st.integers(1, len(key)))
    return ViewSchema(
        "ks",
        name,
        table.name,
        () if whole else (*key, *others),
        tuple(draw(st.permutations([IsNotNull(ColumnName(each)) for each in key]))),
        tuple(ordered[:count]),
        tuple([ClusteringColumn(each, draw(st.booleans())) for each in ordered[count:]]),
        {} if draw(st.booleans()) else {"comment": "a view"},
    )


@st.composite
def programs(draw: st.DrawFn) -> tuple[tuple[FunctionSchema, ...], tuple[AggregateSchema, ...]]:
    number, text = typed("int"), typed("text")
    step = [NamedType(draw(st.sampled_from(["s", "state"])), number), NamedType("v", number)]
    body, called = draw(st.sampled_from(["return 1;", "return 2;"])), draw(st.booleans())
    final = draw(st.sampled_from([number, text]))
    functions = [
        FunctionSchema("ks", "next", tuple(step), number, "java", body, called_on_null=called),
        FunctionSchema("ks", "end", (NamedType("s", number),), final, "java", "return null;", called_on_null=True),
        FunctionSchema("ks", "next", (NamedType("s", text),), text, "java", body, called_on_null=True),
    ]
    if draw(st.booleans()):
        return tuple(draw(subset(functions))), ()
    closing = draw(st.sampled_from([None, "end"]))
    initial = draw(st.sampled_from([None, IntegerLiteral("0"), IntegerLiteral("1")]))
    aggregate = AggregateSchema("ks", "total", (number,), "next", number, closing, initial)
    return tuple(draw(st.permutations(functions))), (aggregate,)


@st.composite
def hiding(draw: st.DrawFn, found: Sequence[TableSchema]) -> list[FunctionSchema]:
    """What masks are made of: a function for each type of column that has one."""
    masked = {column.type for table in found for column in table.columns if column.mask == Mask(FunctionName("hide"))}
    functions: list[FunctionSchema] = []
    for data_type in sorted(masked, key=repr):
        body, called = draw(st.sampled_from(["return null;", "return v;"])), draw(st.sampled_from([True, True, False]))
        arguments = (NamedType("v", data_type),)
        functions.append(FunctionSchema("ks", "hide", arguments, data_type, "java", body, called_on_null=called))
    return functions


@st.composite
def keyspaces(draw: st.DrawFn, of_tables: dict[str, Key] | None = None) -> KeyspaceSchema:
    """A keyspace, its tables with these keys, or with any."""
    defined = draw(types())
    known, indexes = frozenset({each.name for each in defined}), set[str]()
    found = [
        draw(tables(name, draw(keys()) if of_tables is None else of_tables[name], known, indexes))
        for name in draw(subset(TABLES))
    ]
    functions, aggregates = draw(programs())
    functions += tuple(draw(hiding(found)))
    factor: object = draw(st.sampled_from([1, "1", 2]))
    names = draw(subset(["v", "w"])) if found else []
    seen = [draw(views(name, draw(st.sampled_from(found)))) for name in names]
    return KeyspaceSchema(
        "ks",
        {"class": "SimpleStrategy", "replication_factor": factor},
        durable_writes=draw(st.booleans()),
        types=defined,
        tables=tuple(found),
        views=tuple(seen),
        functions=functions,
        aggregates=aggregates,
    )


@st.composite
def pairs(draw: st.DrawFn) -> tuple[KeyspaceSchema, KeyspaceSchema]:
    """Two keyspaces, the tables of one name mostly with one key: no step leads from a key to another."""
    if draw(st.sampled_from([False, False, False, True])):
        return draw(keyspaces()), draw(keyspaces())
    of_tables = {name: draw(keys()) for name in TABLES}
    return draw(keyspaces(of_tables)), draw(keyspaces(of_tables))


def is_possible(steps: tuple[Step, ...]) -> bool:
    return all(step.safety != "impossible" for step in steps)


@pytest.mark.parametrize("count", PAIRS)
def test_applying_the_difference_makes_the_wanted_keyspace(count: int) -> None:
    possible = 0

    @settings(max_examples=count)
    @given(pairs())
    def makes_the_wanted_keyspace(pair: tuple[KeyspaceSchema, KeyspaceSchema]) -> None:
        nonlocal possible
        actual, desired = pair
        steps = diff_schema(actual, desired)
        after = apply(actual, steps)
        event(f"possible: {is_possible(steps)}")
        if is_possible(steps):
            possible += 1
            assert after == desired
            assert hash(after) == hash(desired)
            assert diff_schema(after, desired) == ()

    makes_the_wanted_keyspace()
    assert possible > count / 5


@given(pairs(), st.sampled_from(list(DIALECTS)))
def test_applying_the_difference_leaves_none_in_any_dialect(
    pair: tuple[KeyspaceSchema, KeyspaceSchema], dialect: DialectName
) -> None:
    """Equal to the server of a dialect is what has no step between it; `==` knows the defaults of Cassandra."""
    actual, desired = pair
    steps = diff_schema(actual, desired, dialect=dialect)
    assume(is_possible(steps))
    after = apply(actual, steps)
    assert diff_schema(after, desired, dialect=dialect) == ()
    assert after == desired or dialect == "scylla"


@given(keyspaces())
def test_there_is_nothing_between_a_keyspace_and_itself(keyspace: KeyspaceSchema) -> None:
    assert diff_schema(keyspace, keyspace) == ()
    assert apply(keyspace, ()) == keyspace


@given(keyspaces())
def test_a_keyspace_is_created_and_dropped_whole(keyspace: KeyspaceSchema) -> None:
    creation = diff_schema(None, keyspace)
    assert {step.safety for step in creation} == {"additive"}
    assert apply(None, creation) == keyspace
    (drop,) = diff_schema(keyspace, None)
    assert apply(keyspace, [drop]) is None
    assert apply(None, [Step(statement, "additive", "back") for statement in drop.inverse]) == keyspace


@given(pairs())
def test_an_inverse_takes_its_step_back(pair: tuple[KeyspaceSchema, KeyspaceSchema]) -> None:
    actual, desired = pair
    state: KeyspaceSchema | None = actual
    for step in diff_schema(actual, desired):
        after = apply(state, [step])
        if step.inverse:
            assert apply(after, [Step(statement, "additive", "back") for statement in step.inverse]) == state
        state = after


@given(pairs())
def test_options_that_are_not_wanted_stay_where_they_are_kept(pair: tuple[KeyspaceSchema, KeyspaceSchema]) -> None:
    actual, desired = pair
    steps = diff_schema(actual, desired, keep_options=True)
    assume(is_possible(steps))
    after = apply(actual, steps)
    assert after is not None
    there = {table.name: table for table in actual.tables}
    wanted = {table.name: table for table in desired.tables}
    for table in after.tables:
        before: Mapping[str, object] = there[table.name].options if table.name in there else {}
        kept = {name: value for name, value in before.items() if name not in wanted[table.name].options}
        assert {name: table.options[name] for name in kept} == kept
    assert diff_schema(after, desired, keep_options=True) == ()


@given(pairs())
def test_only_equal_meanings_are_equal(pair: tuple[KeyspaceSchema, KeyspaceSchema]) -> None:
    one, other = pair
    assert (one == other) is (diff_schema(one, other) == ())
    assert (one == other) is (diff_schema(other, one) == ())


@given(pair=pairs())
def test_every_step_is_text_that_a_server_reads_as_the_same(
    refusal: Callable[[str], str | None], pair: tuple[KeyspaceSchema, KeyspaceSchema]
) -> None:
    for step in diff_schema(*pair):
        for statement in (*step.inverse, *([step.statement] if step.statement is not None else [])):
            cql = statement.compile().cql
            assert refusal(cql) is None
            assert parse_cql(cql) == statement.tree


@given(keyspaces())
def test_a_keyspace_is_read_from_the_text_that_creates_it(keyspace: KeyspaceSchema) -> None:
    texts = [step.cql for step in diff_schema(None, keyspace)]
    assert schema_from_cql(";\n".join([text for text in texts if text is not None])) == keyspace
