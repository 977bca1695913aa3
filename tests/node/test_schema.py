"""Schemas on a real node: what is executed is introspected back equal, and options are spelled as they are compared."""

from __future__ import annotations

import secrets
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from tests.node.schemas import differences, execute, introspected, is_refused, wanted

from coodie_drivers.errors import CoodieError, InvalidSyntaxError
from cql_builder.errors import SchemaError
from cql_builder.schema import TableSchema, apply, diff_schema, schema_from_cql, schema_from_rows

pytestmark = pytest.mark.node

FIRST = """
CREATE TYPE money (amount decimal, currency varchar);
CREATE TYPE "Box" (price frozen<money>, tags list<int>, pair tuple<int, text>);
CREATE TABLE products (
    shop uuid, at timestamp, "Name" text MASKED WITH mask_inner(1, null), secret int MASKED WITH DEFAULT, price money,
    boxes map<text, frozen<"Box">>, shared int STATIC, old text, older int, v vector<float, 3>,
    PRIMARY KEY (shop, at)
) WITH CLUSTERING ORDER BY (at DESC) AND comment = 'it''s' AND gc_grace_seconds = '100'
    AND compaction = {'class': 'LeveledCompactionStrategy'} AND speculative_retry = '95PERCENTILE';
CREATE INDEX ON products ("Name");
CREATE INDEX ON products (keys(boxes));
CREATE INDEX ON products (boxes);
CREATE INDEX by_old ON products (old);
CREATE CUSTOM INDEX near ON products (v) USING 'StorageAttachedIndex' WITH OPTIONS = {'similarity_function': 'cosine'};
CREATE TABLE plain (id int PRIMARY KEY, n int, gone text);
CREATE MATERIALIZED VIEW by_n AS SELECT * FROM plain WHERE n IS NOT NULL AND id IS NOT NULL PRIMARY KEY (n, id)
    WITH comment = 'by n';
CREATE MATERIALIZED VIEW few AS SELECT id, n FROM plain WHERE id >= 3 AND id < 10 AND n IS NOT NULL
    PRIMARY KEY (n, id) WITH CLUSTERING ORDER BY (id DESC);
CREATE TABLE unwanted (id int PRIMARY KEY);
CREATE FUNCTION next (s int, v int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return s;';
CREATE FUNCTION done (s int) RETURNS NULL ON NULL INPUT RETURNS text LANGUAGE java AS $$return "it's";$$;
CREATE FUNCTION boxed (b "Box", l list<frozen<money>>) CALLED ON NULL INPUT RETURNS tuple<int, text> LANGUAGE java
    AS 'return null;';
CREATE AGGREGATE total (int) SFUNC next STYPE int FINALFUNC done INITCOND 1;
"""
SECOND = """
CREATE TYPE lone (a int);
CREATE TYPE money (amount decimal, currency text, lone frozen<lone>);
CREATE TYPE "Box" (price frozen<money>, tags list<int>, pair frozen<tuple<int, text>>, more text);
CREATE TABLE products (
    shop uuid, at timestamp, "Name" text MASKED WITH DEFAULT, secret int, price money,
    boxes map<text, frozen<"Box">>, shared int STATIC, v vector<float, 3>, extra set<frozen<lone>>, also text STATIC,
    PRIMARY KEY (shop, at)
) WITH CLUSTERING ORDER BY (at DESC) AND compression = {'enabled': false} AND default_time_to_live = 60;
CREATE INDEX ON products (keys(boxes));
CREATE INDEX by_old ON products (entries(boxes));
CREATE CUSTOM INDEX near ON products (v) USING 'sai' WITH OPTIONS = {'similarity_function': 'euclidean'};
CREATE TABLE plain (id int PRIMARY KEY, n int, new blob);
CREATE MATERIALIZED VIEW by_n AS SELECT * FROM plain WHERE n IS NOT NULL AND id IS NOT NULL PRIMARY KEY (n, id)
    WITH gc_grace_seconds = 1000;
CREATE MATERIALIZED VIEW few AS SELECT id, n FROM plain WHERE id >= 3 AND n IS NOT NULL PRIMARY KEY (n, id);
CREATE TABLE fresh (id int, "I d" text, b int, PRIMARY KEY ((id, "I d"), b));
CREATE FUNCTION next (s int, w int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return w;';
CREATE FUNCTION done (s int) RETURNS NULL ON NULL INPUT RETURNS bigint LANGUAGE java AS 'return 1L;';
CREATE AGGREGATE total (int) SFUNC next STYPE int FINALFUNC done INITCOND 2;
CREATE AGGREGATE plainly (int) SFUNC next STYPE int;
"""


def test_what_is_created_is_introspected_back_equal(driver: Any, cql_keyspace: str) -> None:
    empty = introspected(driver, cql_keyspace)
    first = wanted(FIRST, empty)
    steps = diff_schema(empty, first)
    assert {step.safety for step in steps} == {"additive"}
    execute(driver, steps)
    there = introspected(driver, cql_keyspace)
    assert differences(there, first) == []
    assert there == first == apply(empty, steps)


def test_any_change_that_is_possible_is_introspected_back_equal(driver: Any, cql_keyspace: str) -> None:
    empty = introspected(driver, cql_keyspace)
    execute(driver, diff_schema(empty, wanted(FIRST, empty)))
    before = introspected(driver, cql_keyspace)
    second = wanted(SECOND, empty)
    steps = diff_schema(before, second)
    assert {step.safety for step in steps} == {"additive", "rewrite", "destructive"}
    execute(driver, steps)
    there = introspected(driver, cql_keyspace)
    assert differences(there, second) == []
    assert there == second == apply(before, steps)
    execute(driver, diff_schema(there, empty))
    assert introspected(driver, cql_keyspace) == empty


def test_a_keyspace_is_changed_and_dropped(driver: Any, cql_keyspace: str) -> None:
    there = introspected(driver, cql_keyspace)
    second = replace(
        there,
        replication={"class": "NetworkTopologyStrategy", "datacenter1": 1},
        durable_writes=not there.durable_writes,
    )
    execute(driver, diff_schema(there, second))
    assert introspected(driver, cql_keyspace) == second
    anywhere = replace(second, replication={"class": "NetworkTopologyStrategy", "replication_factor": "1"})
    assert diff_schema(introspected(driver, cql_keyspace), anywhere) == ()
    more = replace(second, replication={"class": "NetworkTopologyStrategy", "replication_factor": 2})
    execute(driver, diff_schema(second, more))
    assert introspected(driver, cql_keyspace).replication["datacenter1"] == "2"
    assert diff_schema(introspected(driver, cql_keyspace), more) == ()
    execute(driver, diff_schema(introspected(driver, cql_keyspace), second))
    execute(driver, diff_schema(second, None))
    rows = driver.execute("SELECT * FROM system_schema.keyspaces WHERE keyspace_name = ?", [cql_keyspace])
    assert schema_from_rows(cql_keyspace, {"keyspaces": rows}) is None
    execute(driver, diff_schema(None, second))
    assert introspected(driver, cql_keyspace) == second


def test_a_function_goes_after_the_mask_that_it_was(driver: Any, cql_keyspace: str) -> None:
    hide = "CREATE FUNCTION hide (v text) CALLED ON NULL INPUT RETURNS text LANGUAGE java AS 'return null;';"
    plain = "CREATE TABLE t (id int PRIMARY KEY, a text);"
    masked = hide + plain.replace("a text", "a text MASKED WITH hide()")
    empty = introspected(driver, cql_keyspace)
    for script in (masked, masked.replace("return null", "return v"), plain):
        desired = wanted(script, empty)
        execute(driver, diff_schema(introspected(driver, cql_keyspace), desired))
        assert introspected(driver, cql_keyspace) == desired
    execute(driver, diff_schema(introspected(driver, cql_keyspace), wanted(masked, empty)))
    anew = wanted(masked.replace("CALLED", "RETURNS NULL"), empty)
    (step,) = diff_schema(introspected(driver, cql_keyspace), anew)
    assert step.safety == "impossible"
    assert is_refused(driver, f"DROP FUNCTION {cql_keyspace}.hide")
    unmasked = wanted(masked.replace("CALLED", "RETURNS NULL").replace("hide()", "DEFAULT"), empty)
    execute(driver, diff_schema(introspected(driver, cql_keyspace), unmasked))
    assert introspected(driver, cql_keyspace) == unmasked


@pytest.mark.parametrize("mask", ["hide()", "hide(1)", "hid()", "tell()", "cover()", "mask_null()", "system.hide()"])
def test_a_mask_is_refused_here_where_the_server_refuses_it(driver: Any, cql_keyspace: str, mask: str) -> None:
    text = "CALLED ON NULL INPUT RETURNS {} LANGUAGE java AS 'return null;'"
    script = ";".join(
        [
            f"CREATE FUNCTION hide (v text) {text.format('text')}",
            f"CREATE FUNCTION tell (v text) {text.format('int')}",
            f"CREATE FUNCTION cover (v blob) {text.format('ascii')}",
            "CREATE TABLE t (id int PRIMARY KEY, a text, b ascii, c int)",
        ]
    )
    empty = introspected(driver, cql_keyspace)
    execute(driver, diff_schema(empty, wanted(script, empty)))
    for column in ("a", "b", "c"):
        alteration = f"ALTER TABLE t ALTER {column} MASKED WITH {mask}"
        refused = is_refused(driver, alteration.replace("TABLE t", f"TABLE {cql_keyspace}.t"))
        try:
            schema_from_cql(f"{script}; {alteration}", cql_keyspace)
        except SchemaError:
            assert refused, alteration
        else:
            assert not refused, alteration


def test_each_column_that_is_added_has_its_own_mask(driver: Any, cql_keyspace: str) -> None:
    empty = introspected(driver, cql_keyspace)
    execute(driver, diff_schema(empty, wanted("CREATE TABLE t (id int PRIMARY KEY)", empty)))
    columns = "a text MASKED WITH DEFAULT, b text, c text MASKED WITH mask_null(), d text"
    desired = wanted(f"CREATE TABLE t (id int PRIMARY KEY, {columns})", empty)
    (step,) = diff_schema(introspected(driver, cql_keyspace), desired)
    execute(driver, [step])
    assert introspected(driver, cql_keyspace) == desired


@pytest.mark.parametrize("word", ["'false'", "'no'", "'0'", "0", "'YES'", "1", "'banana'", "2", "1.0"])
def test_a_switch_means_to_the_server_what_it_means_here(driver: Any, cql_keyspace: str, word: str) -> None:
    text = f"ALTER KEYSPACE {cql_keyspace} WITH durable_writes = {word}"
    try:
        driver.execute(text, [])
    except InvalidSyntaxError:
        with pytest.raises(SchemaError, match="the option 'durable_writes' is true or false"):
            schema_from_cql(text)
    else:
        assert schema_from_cql(text).durable_writes is introspected(driver, cql_keyspace).durable_writes


@pytest.mark.parametrize(
    "options",
    [
        "cdc = 'YES' AND allow_auto_snapshot = 'no' AND incremental_backups = '0'",
        "compression = {'enabled': 'no'}",
        "comment = 'A b'",
        "gc_grace_seconds = '100' AND default_time_to_live = 60",
        "bloom_filter_fp_chance = 1 AND crc_check_chance = '0.5'",
        "speculative_retry = '99PERCENTILE' AND additional_write_policy = 'NONE'",
        "speculative_retry = '50.0MS' AND additional_write_policy = '99.5percentile'",
        "speculative_retry = 'max(99PERCENTILE,50MS)' AND additional_write_policy = 'ALWAYS'",
        "read_repair = 'none' AND cdc = 'true' AND memtable = 'default' AND incremental_backups = 'true'",
        "allow_auto_snapshot = false AND incremental_backups = false",
        "compression = {'enabled': 'false'}",
        "compression = {'class': 'org.apache.cassandra.io.compress.LZ4Compressor', 'enabled': true}",
        "compression = {'class': 'ZstdCompressor', 'compression_level': 3, 'min_compress_ratio': '1.1'}",
        "compaction = {'class': 'LeveledCompactionStrategy'}",
        "compaction = {'class': 'SizeTieredCompactionStrategy', 'enabled': 'false', 'bucket_high': 1.5}",
        "compaction = {'class': 'UnifiedCompactionStrategy', 'scaling_parameters': 'T4'}",
        "caching = {'keys': 'ALL'}",
        "caching = {'rows_per_partition': 'all'}",
        "caching = {'keys': 'none', 'rows_per_partition': 10}",
    ],
)
def test_options_mean_to_the_server_what_they_mean_here(driver: Any, cql_module_keyspace: str, options: str) -> None:
    """As CREATE TABLE gives them, and as ALTER TABLE does to a table that had defaults, and back to the defaults."""
    keyspace = cql_module_keyspace
    said = f"CREATE TABLE {keyspace}.o (id int PRIMARY KEY) WITH {options}"
    driver.execute(f"DROP TABLE IF EXISTS {keyspace}.o", [])
    driver.execute(said, [])
    desired = wanted(said, introspected(driver, keyspace))
    there = introspected(driver, keyspace)
    assert differences(there, desired) == []
    plain = replace(desired, tables=(TableSchema(keyspace, "o", desired.tables[0].columns, ("id",)),))
    for goal in (plain, desired):
        execute(driver, diff_schema(introspected(driver, keyspace), goal))
        assert introspected(driver, keyspace) == goal


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a int, b text", "a int, b text, c int"),
        ("a int, b text", "a text, b text"),
        ("a int, b text, s int STATIC", "a int, b text"),
        ("a int, b blob", "a int, b text"),
        ("a int, b text, m frozen<money>", "a int, b text"),
    ],
)
def test_a_column_comes_back_where_the_server_lets_it(driver: Any, cql_keyspace: str, before: str, after: str) -> None:
    """`before` loses a and b and gets what `after` has: `impossible` is exactly what the server refuses."""
    script = "CREATE TYPE money (x int); CREATE TABLE t (id int, k int, {}PRIMARY KEY (id, k));"
    empty = introspected(driver, cql_keyspace)
    for columns in (f"{before}, ", ""):
        execute(driver, diff_schema(introspected(driver, cql_keyspace), wanted(script.format(columns), empty)))
    there = introspected(driver, cql_keyspace)
    for column in [*before.split(", "), *after.split(", ")]:
        (step,) = diff_schema(there, wanted(script.format(f"{column}, "), empty))
        if is_refused(driver, f"ALTER TABLE {cql_keyspace}.t ADD {column}"):
            assert step.safety == "impossible"
            continue
        assert step.safety == "additive"
        driver.execute(f"ALTER TABLE {cql_keyspace}.t DROP {column.split()[0]}", [])
        there = introspected(driver, cql_keyspace)


CALLED = ["CALLED ON NULL INPUT", "RETURNS NULL ON NULL INPUT"]


def random_script(random: Random) -> str:
    """A keyspace of at most two tables, as a script."""
    fields = ["amount decimal", "currency text", "note list<int>"]
    lines = [f"CREATE TYPE money ({', '.join(fields[: random.randint(1, 3)])})"]
    body = random.choice(["return 1;", "return 2;"])
    lines.append(f"CREATE FUNCTION f (a int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS '{body}'")
    columns = ["a int", "b text", '"C d" set<int>', "e map<text, frozen<money>>", "p frozen<tuple<int, text>>"]
    columns.append("s int STATIC")
    options = ["comment = 'x'", "caching = {'keys': 'ALL'}", "compaction = {'class': 'LeveledCompactionStrategy'}"]
    for table, view in random.sample([("t", "v"), ('"U"', "w")], random.randint(1, 2)):
        chosen = random.sample(columns, random.randint(1, len(columns)))
        mask = random.choice(["", " MASKED WITH DEFAULT", " MASKED WITH hide()"])
        defined = ", ".join([each + mask if each == "b text" else each for each in chosen])
        said = " AND ".join(random.sample(options, random.randint(1, 3)))
        lines.append(f"CREATE TABLE {table} (id int, k int, {defined}, PRIMARY KEY (id, k)) WITH {said}")
        if "a int" in chosen:
            lines.append(f"CREATE INDEX ON {table} (a){random.choice(['', ' USING sai'])}".replace("sai", "'sai'"))
        if random.random() < 0.5:
            selected = random.choice(["id, k", "id, k" if "s int STATIC" in chosen else "*"])
            where = "id IS NOT NULL AND k IS NOT NULL PRIMARY KEY (k, id)"
            lines.append(f"CREATE MATERIALIZED VIEW {view} AS SELECT {selected} FROM {table} WHERE {where}")
    if any("hide()" in line for line in lines):
        lines.insert(
            0, f"CREATE FUNCTION hide (v text) {random.choice(CALLED)} RETURNS text LANGUAGE java AS 'return v;'"
        )
    return ";\n".join(lines)


@pytest.mark.parametrize("count", [4, pytest.param(40, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_random_schemas_are_reached_one_from_the_other(driver: Any, cql_keyspace: str, count: int) -> None:
    """Others in each run: what fails says the seed with which it fails again."""
    seed = secrets.randbits(32)
    random, reached = Random(seed), 0  # noqa: S311 - no secret
    empty = introspected(driver, cql_keyspace)
    before = empty
    for _ in range(50 * count):
        script = random_script(random)
        desired = wanted(script, empty)
        steps = diff_schema(before, desired)
        if any(step.safety == "impossible" for step in steps):
            continue
        said = f"seed {seed}, script {reached}:\n{script}"
        try:
            execute(driver, steps)
        except CoodieError as error:
            pytest.fail(f"{error}\n{said}")
        there = introspected(driver, cql_keyspace)
        assert differences(there, desired) == [], said
        assert there == desired == apply(before, steps), said
        before, reached = there, reached + 1
        if reached == count:
            return
    pytest.fail(f"seed {seed}: only {reached} of the random schemas could be reached")
