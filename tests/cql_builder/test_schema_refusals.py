"""Scripts that are CQL and that no server takes, and what is read as a server reads it."""

from __future__ import annotations

import re

import pytest

from cql_builder.ast.definitions import SchemaStatement
from cql_builder.ast.indexes import DropIndex
from cql_builder.errors import SchemaError
from cql_builder.schema import KeyspaceSchema, TableSchema, schema_from_cql, subjects

TABLE = "CREATE TABLE t (id int, k int, a text, PRIMARY KEY (id, k));"
VIEW = "CREATE MATERIALIZED VIEW v AS SELECT id, k FROM t WHERE id IS NOT NULL AND k > 3 PRIMARY KEY (k, id);"
MONEY = "CREATE TYPE money (amount decimal, currency text);"
DIGITS = "9" * 5000


def read(*texts: str) -> KeyspaceSchema:
    return schema_from_cql("\n".join(texts), "ks")


def table(*texts: str) -> TableSchema:
    return read(*texts).table("t")


@pytest.mark.parametrize(("word", "durable"), [("'false'", 0), ("'no'", 0), ("0", 0), ("'YES'", 1), ("1", 1)])
def test_a_switch_is_read_as_the_server_does(word: str, durable: int) -> None:
    keyspace = schema_from_cql(
        f"CREATE KEYSPACE ks WITH replication = {{'class': 'SimpleStrategy'}} AND durable_writes = {word};"
        f"USE ks; CREATE TABLE t (id int PRIMARY KEY) WITH cdc = {word};"
    )
    assert keyspace.durable_writes is bool(durable)
    assert keyspace.table("t") == schema_from_cql(
        f"CREATE TABLE ks.t (id int PRIMARY KEY) WITH cdc = {str(bool(durable)).lower()}"
    ).table("t")


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (
            f"{TABLE[:-1]} WITH gc_grace_seconds = {DIGITS}",
            "the option 'gc_grace_seconds' is a whole number",
        ),
        (f"{TABLE} ALTER TABLE t WITH gc_grace_seconds = '{DIGITS}'", "the option 'gc_grace_seconds' is a whole"),
        (f"{TABLE[:-1]} WITH default_time_to_live = 1.5", "the option 'default_time_to_live' is a whole number"),
        (f"{TABLE[:-1]} WITH cdc = 'on'", "table 'ks.t': the option 'cdc' is true or false"),
        (f"{TABLE} {VIEW[:-1]} WITH gc_grace_seconds = 'x'", "view 'ks.v': the option 'gc_grace_seconds' is a whole"),
        (
            "ALTER KEYSPACE ks WITH durable_writes = 'banana'",
            "keyspace 'ks': the option 'durable_writes' is true",
        ),
        (
            f"ALTER KEYSPACE ks WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': {DIGITS}}}",
            "keyspace 'ks': its replication has a number under 'replication_factor' that is not one of at most 32 bits",
        ),
    ],
)
def test_an_option_that_no_server_reads_is_refused(script: str, sentence: str) -> None:
    with pytest.raises(SchemaError) as caught:
        read(script)
    assert sentence in str(caught.value)
    assert "999" not in str(caught.value)


def test_a_long_number_in_an_option_of_another_is_carried_as_its_text() -> None:
    script = f"{TABLE[:-1]} WITH compaction = {{'class': 'x.Y', 'n': {DIGITS}}}"
    assert table(script).options["compaction"] == {"class": "x.Y", "n": DIGITS}
    assert table(script) != table(script.replace(DIGITS, DIGITS[1:] + "8"))


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("CREATE TABLE t (id int)", "it has no partition key"),
        ("CREATE TABLE t (id list<int> PRIMARY KEY)", "a collection in the primary key must be frozen"),
        (
            MONEY + "CREATE TABLE t (id money PRIMARY KEY)",
            "'money' is no type of CQL's own, and a user-defined type",
        ),
        ("CREATE TABLE t (id money PRIMARY KEY)", "column 'id' has a type 'money' that there is not"),
        ("CREATE TABLE t (id int PRIMARY KEY, n int, c counter)", "column 'c' is a counter, so all columns outside"),
        ("CREATE TABLE t (id int PRIMARY KEY, s int STATIC)", "column 's' is static, which needs a clustering column"),
        ("CREATE TABLE t (id int STATIC, k int, PRIMARY KEY (id, k))", "'id' is in the primary key, so it cannot be"),
        ("CREATE TABLE t (id int, PRIMARY KEY (id, id))", "column 'id' is in the primary key twice"),
        ("CREATE TABLE t (id int PRIMARY KEY, a list<list<int>>)", "what is in a collection must be frozen"),
        ('CREATE TABLE "a b" (id int PRIMARY KEY)', "the name of a table has letters"),
        ("CREATE TABLE t (id int PRIMARY KEY); ALTER TABLE t ADD s int STATIC", "'s' is static, and a table without"),
        (TABLE + "ALTER TABLE t ADD c counter", "'c' is a counter, and only a table of counters gets more of them"),
        (TABLE + "ALTER TABLE t ADD c set<duration>", "a duration cannot stand in a set"),
        (TABLE + "CREATE INDEX ON t (zz)", "table 'ks.t': an index is on 'zz', which is no column"),
        ("CREATE TABLE t (id int PRIMARY KEY); CREATE INDEX ON t (id)", "it is the whole partition key"),
        (TABLE + 'CREATE INDEX "by a" ON t (a)', "the name of an index has letters"),
        (TABLE + "ALTER TABLE t ADD d duration; CREATE INDEX ON t (d)", "durations have no order"),
    ],
)
def test_a_table_that_no_server_takes_is_refused(script: str, sentence: str) -> None:
    with pytest.raises(SchemaError) as caught:
        read(script)
    assert sentence in str(caught.value)


FROZEN = "a frozen collection is found as a whole; write full(…)"
MAPS = "is for maps that are not frozen"
COLLECTIONS = "is for collections that are not frozen"


@pytest.mark.parametrize(
    ("column", "faults"),
    [
        ("text", {"values": COLLECTIONS, "keys": COLLECTIONS, "entries": COLLECTIONS, "full": "is for frozen"}),
        ("tuple<int, text>", {"values": COLLECTIONS, "keys": COLLECTIONS, "entries": COLLECTIONS, "full": "is for"}),
        ("vector<float, 3>", {"values": COLLECTIONS, "keys": COLLECTIONS, "entries": COLLECTIONS, "full": "is for"}),
        ("list<int>", {"keys": MAPS, "entries": MAPS, "full": "is for frozen collections"}),
        ("set<int>", {"keys": MAPS, "entries": MAPS, "full": "is for frozen collections"}),
        ("map<text, int>", {"full": "is for frozen collections"}),
        ("frozen<list<int>>", {"": FROZEN, "values": FROZEN, "keys": FROZEN, "entries": FROZEN}),
        ("frozen<map<text, int>>", {"": FROZEN, "values": FROZEN, "keys": FROZEN, "entries": FROZEN}),
    ],
)
def test_an_index_is_of_a_part_that_the_column_has(column: str, faults: dict[str, str]) -> None:
    for using in ("", " USING 'sai'"):
        for part in ("", "values", "keys", "entries", "full"):
            script = f"CREATE TABLE t (id int PRIMARY KEY, c {column}); CREATE INDEX i ON t ({part}(c)){using}"
            script = script if part else script.replace("((c))", "(c)")
            if part not in faults:
                assert [index.column for index in table(script).indexes] == ["c"]
                continue
            with pytest.raises(SchemaError, match="column 'c' cannot have an index of this kind") as caught:
                read(script)
            assert faults[part] in str(caught.value)


def test_what_masks_a_column_is_not_dropped() -> None:
    hide = "CREATE FUNCTION hide (v text) CALLED ON NULL INPUT RETURNS text LANGUAGE java AS 'return null;';"
    masked = TABLE.replace("a text", "a text MASKED WITH hide()")
    with pytest.raises(SchemaError, match="it cannot be dropped, for it masks column 'a' of table 't'"):
        read(hide, masked, "DROP FUNCTION hide")
    assert read(hide, masked, "ALTER TABLE t ALTER a DROP MASKED; DROP FUNCTION hide").functions == ()


HIDE = "CREATE FUNCTION hide (v text) CALLED ON NULL INPUT RETURNS text LANGUAGE java AS 'return null;';"
TELL = "CREATE FUNCTION tell (v text, n int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return 1;';"


@pytest.mark.parametrize(
    ("mask", "sentence"),
    [
        ("hid()", "column 'a' cannot be masked: there is no function 'hid' (did you mean 'hide'?)"),
        ("mask_nul()", "there is no function 'mask_nul' (did you mean 'mask_null'?)"),
        ("system.hide()", "column 'a' cannot be masked: the server has no masking function 'hide'"),
        ("hide(1)", "no function 'hide' takes text and 1 more; there is hide(text)"),
        ("tell(1)", "function tell(text, int) returns int, and a mask returns the type of its column, text"),
        ("other.hide()", "with function 'hide' of keyspace 'other': take one of 'ks' or of the server"),
    ],
)
def test_a_mask_without_its_function_is_refused(mask: str, sentence: str) -> None:
    masked = f"a text MASKED WITH {mask}"
    for script in (
        TABLE.replace("a text", masked),
        f"{TABLE} ALTER TABLE t ALTER {masked.replace('text ', '')}",
        f"{TABLE.replace('a text, ', '')} ALTER TABLE t ADD {masked}",
    ):
        with pytest.raises(SchemaError, match=re.escape(sentence)):
            read(HIDE, TELL, script)


@pytest.mark.parametrize(
    ("data_type", "argument", "taken"),
    [("text", "text", True), ("varchar", "text", True), ("ascii", "text", False), ("int", "text", False)],
)
def test_a_mask_takes_the_type_of_its_column(data_type: str, argument: str, taken: bool) -> None:
    function = HIDE.replace("text", argument)
    script = TABLE.replace("a text", f"a {data_type} MASKED WITH ks.hide()")
    if taken:
        assert table(function, script).columns_by_name["a"].mask is not None
        return
    with pytest.raises(SchemaError, match="cannot be masked"):
        read(function, script)


def test_a_function_that_takes_what_the_column_has_masks_it_too() -> None:
    function = HIDE.replace("v text", "v blob").replace("RETURNS text", "RETURNS ascii")
    masked = TABLE.replace("a text", "a ascii MASKED WITH hide()")
    with pytest.raises(SchemaError, match="it cannot be dropped, for it masks column 'a' of table 't'"):
        read(function, masked, "DROP FUNCTION hide")


def test_each_statement_about_the_schema_says_its_keyspace() -> None:
    groups = [
        subjects.ON_KEYSPACES,
        subjects.ON_TABLES,
        subjects.ON_VIEWS,
        subjects.ON_TYPES,
        subjects.ON_FUNCTIONS,
        subjects.ON_AGGREGATES,
        subjects.REMARKS,
        (DropIndex,),
    ]
    listed = [kind for group in groups for kind in group]
    assert sorted(listed, key=repr) == sorted(SchemaStatement.__subclasses__(), key=repr)
    fields = {kind for kind in SchemaStatement.__subclasses__() if {"table", "if_exists"} <= set(kind.field_names)}
    assert fields == set(subjects.ALTERING_TABLES)


def test_tables_types_and_views_are_found_by_name() -> None:
    keyspace = read(MONEY, TABLE, VIEW)
    found = (keyspace.table("t"), keyspace.type("money"), keyspace.view("v"))
    assert found == (*keyspace.tables, *keyspace.types, *keyspace.views)
    for find, sentence in (
        (keyspace.table, r"table 'ks\.mony': there is no such table"),
        (keyspace.type, r"type 'ks\.mony': there is no such type \(did you mean 'money'\?\)"),
        (keyspace.view, r"view 'ks\.mony': there is no such view"),
    ):
        with pytest.raises(SchemaError, match=f"^{sentence}$"):
            find("mony")
