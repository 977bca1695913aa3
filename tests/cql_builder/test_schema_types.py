"""User-defined types in a schema: which fields no server takes, and which columns of them."""

from __future__ import annotations

import pytest

from cql_builder import parse_type, type_text
from cql_builder.errors import SchemaError
from cql_builder.schema import KeyspaceSchema, apply, canonical_type, diff_schema, schema_from_cql

MONEY = "CREATE TYPE money (amount decimal, currency text);"
TAGS = "CREATE TYPE tags (every list<text>);"
UNFROZEN = "a field with a user-defined type must be frozen: write frozen<…> around it"


def read(*texts: str) -> KeyspaceSchema:
    return schema_from_cql("\n".join(texts), "ks")


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("counter", "field 'a' (counter): a field cannot be a counter: take bigint"),
        ("money", f"field 'a' (money): {UNFROZEN}"),
        ("list<counter>", "field 'a' (list<counter>): a counter cannot stand inside another type"),
        ("list<money>", "field 'a' (list<money>): what is in a collection must be frozen: write frozen<…> around it"),
        ("list<list<int>>", "what is in a collection must be frozen"),
        ("set<duration>", "a duration cannot stand in a set"),
        ("map<duration, int>", "a duration cannot be a map key"),
        ("int, a text", "field 'a' is defined twice"),
    ],
)
def test_a_field_that_no_server_takes_is_refused(field: str, sentence: str) -> None:
    with pytest.raises(SchemaError) as caught:
        read(MONEY, f"CREATE TYPE u (a {field})")
    assert str(caught.value).startswith("type 'ks.u': ")
    assert sentence in str(caught.value)
    if "," not in field:
        with pytest.raises(SchemaError) as added:
            read(MONEY, f"CREATE TYPE u (x int); ALTER TYPE u ADD a {field}")
        assert str(added.value) == str(caught.value)


@pytest.mark.parametrize("field", ["frozen<money>", "list<frozen<purse>>", "frozen<map<int, bag>>"])
def test_a_type_is_not_put_into_itself(field: str) -> None:
    there = "CREATE TYPE purse (m frozen<money>); CREATE TYPE bag (p list<frozen<purse>>);"
    with pytest.raises(SchemaError, match=r"^type 'ks\.money': field 'x' would put it into itself: leave the type out"):
        read(MONEY, there, f"ALTER TYPE money ADD x {field}")


@pytest.mark.parametrize(
    "field", ["frozen<money>", "list<int>", "list<frozen<money>>", "tuple<money, int>", "vector<money, 2>", "duration"]
)
def test_a_field_that_a_server_takes_is_read(field: str) -> None:
    (*_, schema) = read(MONEY, f"CREATE TYPE u (a {field})").types
    assert [each.name for each in schema.fields] == ["a"]


NESTED = "column 'a' is not frozen, nor is the collection in field 'every' of its type 'tags': write frozen<tags>"


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE t (id int PRIMARY KEY, a tags)",
        "CREATE TABLE t (id int PRIMARY KEY); ALTER TABLE t ADD a tags",
    ],
)
def test_a_column_of_a_type_with_a_collection_must_be_frozen(script: str) -> None:
    with pytest.raises(SchemaError) as caught:
        read(TAGS, script)
    assert str(caught.value) == f"table 'ks.t': {NESTED}"
    for frozen in ("frozen<tags>", "list<frozen<tags>>"):
        assert "a" in read(TAGS, script.replace("a tags", f"a {frozen}")).table("t").columns_by_name


def test_such_a_column_that_is_there_cannot_be_made_anew() -> None:
    """A server takes a field with a collection while columns have the type, and no such column afterwards."""
    there = read(
        "CREATE TYPE tags (one int); CREATE TABLE t (id int PRIMARY KEY, a tags); ALTER TYPE tags ADD every list<text>"
    )
    steps = diff_schema(read(), there)
    assert [step.safety for step in steps] == ["additive", "impossible"]
    assert steps[1].reason == f"there is no table 't', and no server makes one like this: {NESTED}"
    before = read(TAGS, "CREATE TABLE t (id int PRIMARY KEY)")
    assert [step.safety for step in diff_schema(before, there)] == ["impossible", "impossible"]
    assert f"table 't': {NESTED}" in [step.reason for step in diff_schema(before, there)]
    assert apply(read(), steps) == read("CREATE TYPE tags (one int, every list<text>)")


PACKAGE = "org.apache.cassandra.db.marshal."


@pytest.mark.parametrize(
    ("class_name", "name"),
    [
        ("Int32Type", "int"),
        (f"{PACKAGE}Int32Type", "int"),
        ("UTF8Type", "text"),
        ("DateType", "timestamp"),
        (" ListType( Int32Type ) ", "list<int>"),
        (f"{PACKAGE}MapType({PACKAGE}Int32Type,{PACKAGE}UTF8Type)", "map<int, text>"),
        ("FrozenType(SetType(UTF8Type))", "frozen<set<text>>"),
        ("ListType(ListType(Int32Type))", "list<frozen<list<int>>>"),
        ("FrozenType(ListType(ListType(Int32Type)))", "frozen<list<frozen<list<int>>>>"),
        ("FrozenType(FrozenType(ListType(Int32Type)))", "frozen<list<int>>"),
        ("FrozenType(Int32Type)", "int"),
        ("TupleType(Int32Type,ListType(UTF8Type))", "frozen<tuple<int, frozen<list<text>>>>"),
        ("ListType(TupleType(Int32Type))", "list<frozen<tuple<int>>>"),
        ("VectorType(FloatType , 3)", "vector<float, 3>"),
        ("VectorType(FloatType,2147483647)", "vector<float, 2147483647>"),
        ("VectorType(ListType(Int32Type),2)", "vector<frozen<list<int>>, 2>"),
        ("UserType(ks,6d6f6e6579,61:Int32Type)", "money"),
        ("FrozenType(UserType(ks,6d6f6e6579,61:ListType(Int32Type)))", "frozen<money>"),
    ],
)
def test_a_java_class_is_the_type_that_cql_has_a_name_for(class_name: str, name: str) -> None:
    assert type_text(canonical_type(parse_type(f"'{class_name}'"), "ks")) == name
    named, classed = [
        read(MONEY, f"CREATE TABLE t (id int PRIMARY KEY, a {each})") for each in (name, f"'{class_name}'")
    ]
    assert named == classed
    assert diff_schema(named, classed) == ()


@pytest.mark.parametrize(
    "class_name",
    [
        "int32type",
        "x.Int32Type",
        "LexicalUUIDType",
        "CompositeType(Int32Type,UTF8Type)",
        "DynamicCompositeType(a=>Int32Type)",
        "ListType(LexicalUUIDType)",
        "ListType",
        "ListType(Int32Type",
        "ListType(Int32Type))",
        "ListType(Int32Type,Int32Type)",
        "MapType(Int32Type)",
        "VectorType(FloatType)",
        "VectorType(FloatType,0)",
        "VectorType(FloatType,2147483648)",
        "VectorType(FloatType,9999999999)",
        "VectorType(FloatType," + "9" * 5000 + ")",
        "ListType(Int32Type,3)",
        "UserType",
        "UserType(ks",
        "ListType(" * 10_000,
        "UserType(ks,zz,61:Int32Type)",
        "(",
        "",
    ],
)
def test_another_class_stays_as_it_is(class_name: str) -> None:
    data_type = parse_type(f"'{class_name}'")
    assert canonical_type(data_type, "ks") == data_type
