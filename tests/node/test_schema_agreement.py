"""What a schema makes of a text is what a real node makes of it: what is equal, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.node.schemas import differences, execute, introspected, is_refused, wanted

from cql_builder.errors import SchemaError
from cql_builder.schema import diff_schema

if TYPE_CHECKING:
    from cql_builder.schema import KeyspaceSchema

pytestmark = pytest.mark.node

ONE_REPLICA = "{'class': 'SimpleStrategy', 'replication_factor': 1}"

BASE = "CREATE TABLE t (k int, c int, a int, b int, PRIMARY KEY (k, c));"
VIEW = "CREATE MATERIALIZED VIEW v AS SELECT {} FROM t WHERE k IS NOT NULL AND c IS NOT NULL PRIMARY KEY (c, k);"


@pytest.mark.parametrize("selected", ["a", "k, a", "k, c, a", "a, c, k", "k, c"])
def test_a_view_has_its_key_whatever_it_selects(driver: Any, cql_keyspace: str, selected: str) -> None:
    empty = introspected(driver, cql_keyspace)
    desired = wanted(BASE + VIEW.format(selected), empty)
    execute(driver, diff_schema(empty, desired))
    there = introspected(driver, cql_keyspace)
    assert differences(there, desired) == []
    assert there == desired
    assert there.view("v").columns


FALLING = "CREATE TABLE {}t (k int, c int, a int, PRIMARY KEY (k, c)) WITH CLUSTERING ORDER BY (c DESC);"
ORDERED = (
    "CREATE MATERIALIZED VIEW {}v AS SELECT a, k, c FROM {}t WHERE k IS NOT NULL AND c IS NOT NULL"
    " PRIMARY KEY (k, c){};"
)


@pytest.mark.parametrize("order", ["", " WITH CLUSTERING ORDER BY (c ASC)", " WITH CLUSTERING ORDER BY (c DESC)"])
def test_a_view_has_the_order_that_its_text_gives_it(driver: Any, cql_keyspace: str, order: str) -> None:
    empty, place = introspected(driver, cql_keyspace), f"{cql_keyspace}."
    driver.execute(FALLING.format(place), [])
    driver.execute(ORDERED.format(place, place, order), [])
    there = introspected(driver, cql_keyspace)
    assert differences(there, wanted(FALLING.format("") + ORDERED.format("", "", order), empty)) == []


TYPES = "CREATE TYPE u (a int); CREATE TYPE tags (every list<text>); CREATE TYPE box (u frozen<u>);"
WIDE = "CREATE TABLE w (k int, c int, a int, b int, l list<int>, s int STATIC, PRIMARY KEY (k, c));"
SHORT = "CREATE TABLE short (k int, c int, PRIMARY KEY (k, c)) WITH gc_grace_seconds = 0;"


def view(selected: str, where: str, key: str) -> str:
    return f"CREATE MATERIALIZED VIEW {{}}v AS SELECT {selected} FROM {{}}w WHERE {where} PRIMARY KEY ({key})"


BOTH = "k IS NOT NULL AND c IS NOT NULL"


class Keyspaces:
    """Keyspaces with these types and tables, each for many tests: what the server refuses leaves it as it is."""

    def __init__(self, driver: Any, name: str) -> None:
        self.driver = driver
        self._name = name
        self._there: KeyspaceSchema | None = None

    def there(self) -> KeyspaceSchema:
        """The keyspace, as it was without them."""
        if self._there is None:
            self._there = introspected(self.driver, self._name)
            execute(self.driver, diff_schema(self._there, wanted(TYPES + WIDE + SHORT, self._there)))
        return self._there

    def changed(self) -> None:
        """Have the next test find the keyspace without anything in it."""
        self.driver.execute(f"DROP KEYSPACE {self._name}", [])
        self.driver.execute(f"CREATE KEYSPACE {self._name} WITH replication = {ONE_REPLICA}", [])
        self._there = None


@pytest.fixture(scope="module")
def keyspaces(driver: Any, cql_module_keyspace: str) -> Keyspaces:
    return Keyspaces(driver, cql_module_keyspace)


@pytest.mark.parametrize(
    "statement",
    [
        *[
            f"CREATE TYPE {{}}n (x {field})"
            for field in (
                *("counter", "u", "frozen<u>", "list<int>", "list<u>", "list<list<int>>", "list<counter>"),
                *("tuple<u, int>", "set<duration>", "map<duration, int>", "vector<u, 2>", "int, x text", "tags"),
            )
        ],
        "ALTER TYPE {}u ADD x counter",
        "ALTER TYPE {}u ADD x tags",
        "ALTER TYPE {}u ADD x frozen<tags>",
        "ALTER TYPE {}u ADD x frozen<u>",
        "ALTER TYPE {}u ADD x list<frozen<box>>",
        "ALTER TYPE {}box ADD x list<frozen<u>>",
        "CREATE TABLE {}n (k int PRIMARY KEY, x tags)",
        "CREATE TABLE {}n (k int PRIMARY KEY, x frozen<tags>)",
        "ALTER TABLE {}w ADD x tags",
        "ALTER TABLE {}w ADD x list<frozen<tags>>",
        view("k, c, a", BOTH, "c, k"),
        view("k, c, a", "k IS NOT NULL", "c, k"),
        view("k, c, a", "k = 3 AND c > 3", "c, k"),
        view("k, c, a, b", f"{BOTH} AND a IS NOT NULL AND b IS NOT NULL", "a, b, c, k"),
        view("k, c, a", f"{BOTH} AND a IS NOT NULL", "a, c, k"),
        view("k, c, l", f"{BOTH} AND l IS NOT NULL", "l, c, k"),
        view("k, c, s", BOTH, "c, k"),
        view("*", BOTH, "c, k"),
        view("k, c", BOTH, "c, k, k"),
        view("k, c", f"{BOTH} AND zz IS NOT NULL", "c, k"),
        view("k, c", f"{BOTH} AND a IS NOT NULL", "c, k"),
        view("k, c", f"{BOTH} AND a = 3", "c, k"),
        view("k, c, a", f"{BOTH} AND a > 3", "a, c, k"),
        view("k, c", f"{BOTH} AND token(k) > 3", "c, k"),
        view("k, c", f"{BOTH} AND expr(i, 'x')", "c, k"),
        view("k, c", BOTH, "c, k") + " WITH default_time_to_live = 5",
        view("k, c", BOTH, "c, k") + " WITH default_time_to_live = 0 AND gc_grace_seconds = 0",
        view("k, c", BOTH, "c, k").replace("{}w", "{}short"),
        *[
            f"ALTER TABLE {{}}w WITH speculative_retry = {text}"
            for text in (
                "'foo'",
                "'10'",
                "'0p'",
                "'.5p'",
                "'99.p'",
                "' 9p'",
                "'MIN(9p,8p)'",
                "'max(9p , 8MS)'",
                "'x(9p,8ms)'",
            )
        ],
        "ALTER TABLE {}w WITH caching = {{'keys': 'some'}}",
        "ALTER TABLE {}w WITH caching = {{'key': 'ALL'}}",
        "ALTER TABLE {}w WITH caching = {{'rows_per_partition': ' 3'}}",
        "ALTER TABLE {}w WITH caching = {{'rows_per_partition': '3'}}",
    ],
)
def test_what_the_server_refuses_is_refused_here(keyspaces: Keyspaces, statement: str) -> None:
    there = keyspaces.there()
    refused = is_refused(keyspaces.driver, statement.format(*[f"{there.name}."] * 2))
    if not refused:
        keyspaces.changed()
    try:
        wanted(TYPES + WIDE + SHORT + statement.format("", ""), there)
    except SchemaError:
        assert refused
    else:
        assert not refused


def compaction(name: str, entries: str) -> str:
    return f"compaction = {{{{'class': '{name}CompactionStrategy'{entries}}}}}"


@pytest.mark.parametrize(
    ("short", "said"),
    [
        (compaction("SizeTiered", ""), compaction("SizeTiered", ", 'bucket_low': 0.5, 'min_sstable_size': 52428800")),
        (compaction("Leveled", ""), compaction("Leveled", ", 'single_sstable_uplevel': false, 'bucket_low': 0.5")),
        (compaction("TimeWindow", ""), compaction("TimeWindow", ", 'provide_overlapping_tombstones': 'none'")),
        (
            compaction("Unified", ""),
            compaction("Unified", ", 'scaling_parameters': 'T4', 'target_sstable_size': '1GiB', 'base_shard_count': 4"),
        ),
        (
            compaction("Unified", ", 'overlap_inclusion_method': 'transitive', 'max_sstables_to_compact': 0"),
            compaction("Unified", ", 'sstable_growth': '0.333', 'min_sstable_size': '100MiB'"),
        ),
        (
            "compression = {{'class': 'ZstdCompressor'}}",
            "compression = {{'class': 'ZstdCompressor', 'compression_level': 3}}",
        ),
        (
            "compression = {{'class': 'LZ4Compressor'}}",
            "compression = {{'class': 'LZ4Compressor', 'lz4_compressor_type': 'fast'}}",
        ),
    ],
)
def test_entries_with_defaults_are_taken_and_make_no_difference(
    driver: Any, cql_keyspace: str, short: str, said: str
) -> None:
    empty = introspected(driver, cql_keyspace)
    script = "CREATE TABLE t (id int PRIMARY KEY) WITH "
    one, other = [wanted(script + options.format(), empty) for options in (short, said)]
    assert one == other
    for desired in (one, other):
        execute(driver, diff_schema(empty, desired))
        there = introspected(driver, cql_keyspace)
        assert (differences(there, one), differences(there, other)) == ([], [])
        driver.execute(f"DROP TABLE {cql_keyspace}.t", [])


@pytest.mark.parametrize(
    ("column", "options"),
    [
        ("a", "{'case_sensitive': 'true', 'normalize': 'FALSE', 'ascii': false}"),
        ("v", "{'similarity_function': 'COSINE', 'optimize_for': 'latency'}"),
    ],
)
def test_options_of_an_index_with_defaults_make_no_difference(
    driver: Any, cql_keyspace: str, column: str, options: str
) -> None:
    empty = introspected(driver, cql_keyspace)
    script = (
        f"CREATE TABLE t (id int PRIMARY KEY, a text, v vector<float, 3>); CREATE INDEX i ON t ({column}) USING 'sai'"
    )
    short, said = wanted(script, empty), wanted(f"{script} WITH OPTIONS = {options}", empty)
    execute(driver, diff_schema(empty, said))
    there = introspected(driver, cql_keyspace)
    assert (differences(there, short), differences(there, said)) == ([], [])


CLASSES = [
    *("AsciiType", "BooleanType", "ByteType", "BytesType", "DateType", "DecimalType", "DoubleType", "DurationType"),
    *("FloatType", "InetAddressType", "Int32Type", "IntegerType", "LegacyTimeUUIDType", "LongType", "ShortType"),
    *("SimpleDateType", "TimeType", "TimeUUIDType", "TimestampType", "UTF8Type", "UUIDType"),
    *(
        "FrozenType(Int32Type)",
        " ListType( Int32Type ) ",
        "ListType(ListType(Int32Type))",
        "MapType(Int32Type,UTF8Type)",
    ),
    *("FrozenType(SetType(UTF8Type))", "ListType(TupleType(Int32Type))", "TupleType(ListType(Int32Type))"),
    *("FrozenType(ListType(ListType(Int32Type)))", "VectorType(FloatType, 3)", "VectorType(ListType(Int32Type),2)"),
    *("org.apache.cassandra.db.marshal.Int32Type", "UserType({},75,61:Int32Type)"),
    *("ListType(UserType({},75,61:Int32Type))", "FrozenType(UserType({},75,61:Int32Type))"),
]


def test_a_java_class_is_the_type_that_the_server_shows(driver: Any, cql_keyspace: str) -> None:
    empty = introspected(driver, cql_keyspace)
    columns = ", ".join([f"c{number} '{name.format(cql_keyspace)}'" for number, name in enumerate(CLASSES)])
    definitions = ["CREATE TYPE {}u (a int)", "CREATE TABLE {}t (id int PRIMARY KEY, " + columns + ")"]
    for text in definitions:
        driver.execute(text.format(f"{cql_keyspace}."), [])
    desired = wanted("; ".join([text.format("") for text in definitions]), empty)
    assert differences(introspected(driver, cql_keyspace), desired) == []


@pytest.mark.parametrize(
    ("data_type", "said", "meant"),
    [
        *[("int", text, "0") for text in ("(0)", "((0))", "(int) 0")],
        *[("tuple<int>", text, "(0)") for text in ("0", "((0))")],
        ("list<int>", "[(0)]", "[0]"),
    ],
)
def test_parentheses_around_the_initial_state_make_no_difference(
    driver: Any, cql_keyspace: str, data_type: str, said: str, meant: str
) -> None:
    empty = introspected(driver, cql_keyspace)
    script = f"CREATE FUNCTION f (s {data_type}, v int) CALLED ON NULL INPUT RETURNS {data_type} LANGUAGE java"
    script += f" AS 'return s;'; CREATE AGGREGATE a (int) SFUNC f STYPE {data_type} INITCOND "
    one, other = wanted(script + said, empty), wanted(script + meant, empty)
    execute(driver, diff_schema(empty, one))
    there = introspected(driver, cql_keyspace)
    assert (differences(there, one), differences(there, other)) == ([], [])
