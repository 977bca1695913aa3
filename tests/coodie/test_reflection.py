"""Models of tables that are there: what rows of the server's own tables become, and what is refused."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from coodie import aio, using
from coodie.exceptions import ConfigurationError, InvalidModelError, InvalidQueryError, UnknownNameError
from coodie.fields import Indexed, VectorIndex
from coodie.sync import Document, MaterializedView, reflect_table
from documented_driver import DocumentedDriver, as_default

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = dict[str, Any]

NAMES = {"columns": "table_name", "indexes": "table_name", "tables": "table_name", "views": "view_name"}


class Schema(DocumentedDriver):
    """Answers questions about its schema as a server does; it has the documented methods alone."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {name: [] for name in (*NAMES, "types", "keyspaces")}
        self.asked: list[str] = []
        self.rows["keyspaces"] = [{"keyspace_name": "ks"}, {"keyspace_name": "shop"}]

    def table(self, name: str, *columns: Row, keyspace: str = "ks") -> None:
        self.rows["tables"].append({"table_name": name, "keyspace_name": keyspace})
        self.rows["columns"] += [{"table_name": name, "keyspace_name": keyspace, **column} for column in columns]

    def execute(self, stmt: str, params: list[Any], *_: Any, **__: Any) -> list[Row]:
        self.asked.append(stmt)
        if "system_schema." not in stmt:
            return []
        system_table = stmt.partition("system_schema.")[2].split()[0]
        names = ["keyspace_name", NAMES.get(system_table, "")]
        wanted = dict(zip(names, params, strict=False))
        return [row for row in self.rows[system_table] if wanted.items() <= row.items()]


@pytest.fixture
def schema() -> Iterator[Schema]:
    """The default connection."""
    with as_default(Schema()) as driver:
        yield driver


def column(name: str, kind: str, place: str = "regular", position: int = -1, order: str = "none") -> Row:
    return {"column_name": name, "type": kind, "kind": place, "position": position, "clustering_order": order}


KEY = column("id", "int", "partition_key", 0)


def index(name: str, target: str, options: Row | None = None) -> Row:
    given = {"target": target, **(options or {})}
    return {"keyspace_name": "ks", "table_name": "t", "index_name": name, "kind": "CUSTOM", "options": given}


def names_of(schema: Schema, *columns: str) -> dict[str, str]:
    """The fields of a table with these columns, each with its column."""
    schema.table("t", KEY, *(column(name, "int") for name in columns))
    model: type[Any] = reflect_table("t")
    return {info.alias or name: name for name, info in model.model_fields.items() if name != "id"}


@pytest.mark.parametrize(
    ("there", "field"),
    [
        ("price", "price"),
        ("Price", "Price"),
        ("_price", "price"),
        ("__price", "price"),
        ("price__gt", "price__gt"),
        ("unit - price", "unit_price"),
        ("class", "class_"),
        ("None", "None_"),
        ("copy", "copy_"),
        ("model_config", "model_config_"),
        ("model_dump_all", "column_model_dump_all"),
        ("model_id", "model_id"),
        ("Settings", "Settings_"),
        ("if_exists", "if_exists_"),
        ("2nd", "column_2nd"),
        ("_", "column"),
        ("!", "column"),
        ("ﬁrst", "first"),
        ("größe", "größe"),
        ("ID", "ID"),
    ],
)
def test_a_field_is_called_as_its_column_or_nearly_so(schema: Schema, there: str, field: str) -> None:
    assert names_of(schema, there) == {there: field}


def test_no_two_fields_have_one_name_and_none_that_of_another_column(schema: Schema) -> None:
    assert names_of(schema, "a b", "a-b", "a_b", "class", "class_", "_id") == {
        "a b": "a_b_2",
        "a-b": "a_b_3",
        "a_b": "a_b",
        "class": "class_2",
        "class_": "class_",
        "_id": "id_2",
    }


def test_a_view_is_one_whatever_its_table_is_called(schema: Schema) -> None:
    row = {"base_table_name": "2024", "include_all_columns": True, "where_clause": "id IS NOT NULL"}
    schema.rows["views"] = [{"keyspace_name": "ks", "view_name": "t", **row}]
    schema.rows["columns"] = [{"keyspace_name": "ks", "table_name": "t", **KEY}]
    model = reflect_table("t")
    assert issubclass(model, MaterializedView)
    assert model.find(id=1).all() == []


def test_classes_are_called_as_their_tables_or_as_it_is_said(schema: Schema) -> None:
    for table, name in (("order_items", "OrderItems"), ("2024", "Table2024"), ("none", "None_"), ("Orders", "Orders")):
        schema.table(table, KEY)
        assert reflect_table(table).__name__ == name
    assert reflect_table("none", model_name="Nothing").__qualname__ == "Nothing"
    for wrong in ("order items", "class", "", 5):
        with pytest.raises(InvalidQueryError, match="model_name is the name of a class, such as 'Order'"):
            reflect_table("none", model_name=wrong)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def test_awaited_it_gives_the_other_kind(schema: Schema) -> None:
    schema.table("t", KEY)
    assert issubclass(await aio.reflect_table("t"), aio.Document)
    assert issubclass(reflect_table("t"), Document)


def test_an_own_class_can_be_derived_from_it(schema: Schema) -> None:
    schema.table("t", KEY, column("price", "int"))
    base: Any = reflect_table("t")

    class Priced(base):  # type: ignore[misc]  # of a class that is made at run time no checker knows more
        def doubled(self) -> int:
            return int(self.price) * 2

    assert Priced.table_name() == "t"
    assert Priced(id=1, price=4).doubled() == 8


def test_two_tables_have_one_class_for_a_type_and_another_one_when_it_has_changed(schema: Schema) -> None:
    def classes(*fields: str) -> list[Any]:
        names, kinds = [each.split(":")[0] for each in fields], [each.split(":")[1] for each in fields]
        row = {"keyspace_name": "ks", "type_name": "spot", "field_names": names, "field_types": kinds}
        schema.rows["types"] = [row]
        models: list[Any] = [reflect_table(name) for name in ("one", "other")]
        return [model(id=1, spot={}).spot.__class__ for model in models]

    schema.table("one", KEY, column("spot", "frozen<spot>"))
    schema.table("other", KEY, column("spot", "spot"))
    first, same = classes("x:int")
    assert first is same
    assert classes("x:int", "class:text")[0] is not first
    assert list(classes("x:int", "class:text")[0].model_fields) == ["x", "class_"]


def test_values_that_are_hashed_are_such_as_can_be(schema: Schema) -> None:
    row = {"keyspace_name": "ks", "type_name": "spot", "field_names": ["tags"], "field_types": ["list<text>"]}
    schema.rows["types"] = [row]
    kinds = {"spots": "set<frozen<spot>>", "one": "frozen<spot>", "lists": "map<frozen<list<int>>, int>"}
    schema.table("t", KEY, *(column(name, kind) for name, kind in kinds.items()))
    model: Any = reflect_table("t")
    made = model(id=1, spots=[{"tags": ["a"]}], one={"tags": ["a"]}, lists={(1, 2): 3})
    assert made.one in made.spots
    assert made.one.tags == ("a",)


MARKERS: list[tuple[str, str, Row, object]] = [
    ("a", "a", {}, Indexed("i")),
    ("a", "a", {"class_name": "sai"}, Indexed("i", using="sai")),
    (
        "a",
        "a",
        {"class_name": "StorageAttachedIndex", "case_sensitive": "false", "ascii": "true"},
        Indexed("i", using="sai", case_sensitive=False, ascii=True),
    ),
    (
        "a",
        "a",
        {
            "class_name": "org.apache.cassandra.index.sasi.SASIIndex",
            "mode": "contains",
            "analyzer_class": "org.apache.cassandra.index.sasi.analyzer.StandardAnalyzer",
            "tokenization_locale": "en",
        },
        Indexed("i", using="sasi", mode="CONTAINS", analyzer="standard", options={"tokenization_locale": "en"}),
    ),
    ("m", "keys(m)", {}, Indexed("i", on="keys")),
    ("m", "values(m)", {}, Indexed("i")),
    ("m", "entries(m)", {"class_name": "sai"}, Indexed("i", on="entries", using="sai")),
    ("f", "full(f)", {}, Indexed("i")),
    ("v", "v", {"class_name": "sai", "similarity_function": "euclidean"}, VectorIndex("EUCLIDEAN", index_name="i")),
    ("v", "v", {"class_name": "sai"}, VectorIndex(index_name="i")),
]
COLUMNS = [
    KEY,
    column("a", "text"),
    column("m", "map<text, text>"),
    column("f", "frozen<list<int>>"),
    column("v", "vector<float, 3>"),
]


@pytest.mark.parametrize(("field", "target", "options", "marker"), MARKERS)
def test_indexes_become_markers(schema: Schema, field: str, target: str, options: Row, marker: object) -> None:
    schema.table("t", *COLUMNS)
    schema.rows["indexes"] = [index("i", target, options)]
    model: Any = reflect_table("t")
    assert [each for each in model.model_fields[field].metadata if isinstance(each, type(marker))] == [marker]


@pytest.mark.parametrize(
    ("target", "options"),
    [
        ("a", {"class_name": "org.example.Lucene"}),
        ("(a, b)", {"class_name": "org.example.Lucene"}),
        ("v", {"class_name": "sai", "construction_beam_width": "200"}),
        ("a", {"strange": "x"}),
    ],
)
def test_an_index_of_another_kind_is_told_of(
    schema: Schema, target: str, options: Row, caplog: pytest.LogCaptureFixture
) -> None:
    schema.table("t", *COLUMNS)
    schema.rows["indexes"] = [index("i", target, options)]
    with caplog.at_level(logging.WARNING, "coodie.tables"):
        model: Any = reflect_table("t")
    assert not any(info.metadata for name, info in model.model_fields.items() if name in ("a", "m", "f"))
    assert [
        record.getMessage().partition(", so")[0] for record in caplog.records if record.name == "coodie.tables"
    ] == [f"T: index 'i' on '{target}' is of a kind that no marker says"]


REFUSED = [
    (column("x", "vector<int, 3>"), r"vectors are of float; write the class by hand and leave the column out"),
    (column("x", "'org.example.Type'"), r"CQL 'org.example.Type': no field has that type; write the class by hand"),
    (column("x", "frozen<gone>"), r"CQL gone is a type that the keyspace does not have"),
    (
        column("x", 'list<frozen<"Weird Ty">>'),
        r"CQL Weird Ty is a type whose name no class can say: .* underscores; write the class by hand",
    ),
    (column("x", "set<frozen<map<int, int>>>"), r"is hashed by Python, which cannot hash a map; write the class"),
    (column("x", "map<vector<float, 2>, int>"), r"cannot hash a vector; write the class by hand"),
    (
        column("x", "'org.example.Type'", "clustering", 0, "asc"),
        r"no field has that type; it is part of the key, so query the table with execute_raw\(\)$",
    ),
]


@pytest.mark.parametrize(("strange", "sentence"), REFUSED)
def test_a_column_that_no_field_holds_is_named_with_the_way_out(schema: Schema, strange: Row, sentence: str) -> None:
    schema.table("t", KEY, strange)
    row = {"keyspace_name": "ks", "type_name": "Weird Ty", "field_names": ["a"], "field_types": ["int"]}
    schema.rows["types"] = [row]
    with pytest.raises(InvalidModelError, match=rf"^T: column 'x': .*{sentence}"):
        reflect_table("t")


def test_what_is_not_there_is_told_with_what_is(schema: Schema) -> None:
    schema.table("orders", KEY)
    schema.rows["views"] = [{"keyspace_name": "ks", "view_name": "orders_by_day"}]
    with pytest.raises(UnknownNameError, match=r"^keyspace 'ks' has no table or view 'order'; did you mean 'orders'"):
        reflect_table("order")
    with pytest.raises(UnknownNameError, match="'ORDERS_BY_DAY'; known: 'orders_by_day'"):
        reflect_table("ORDERS_BY_DAY")
    with pytest.raises(UnknownNameError, match=r"'x'; known: 'orders', 'orders_by_day'$"):
        reflect_table("x")
    with pytest.raises(ConfigurationError, match=r"^keyspace 'shap' does not exist; did you mean 'shop'\?$"):
        reflect_table("orders", keyspace="shap")
    with pytest.raises(ConfigurationError, match=r"^keyspace 'shop' has no table 'orders', and no other one$"):
        reflect_table("orders", keyspace="shop")


@pytest.mark.parametrize("name", ["shop.orders", '"Orders"', "", "orders;", 5])
def test_what_is_no_name_is_refused_before_anything_is_asked(schema: Schema, name: Any) -> None:
    with pytest.raises(InvalidQueryError, match="a table's name is a text of letters, digits and underscores, without"):
        reflect_table(name)
    with pytest.raises(InvalidQueryError, match="a keyspace's name is a text"):
        reflect_table("orders", keyspace="sh op")
    assert schema.asked == []


def test_the_place_is_that_of_the_argument_or_of_whoever_uses_the_model(schema: Schema) -> None:
    schema.table("t", KEY)
    schema.table("t", KEY, keyspace="shop")

    def asked(model: Any) -> str:
        model.find(id=1).all()
        return schema.asked[-1].partition("FROM ")[2].partition(" ")[0]

    assert asked(reflect_table("t")) == "ks.t"
    assert asked(reflect_table("t", keyspace="shop")) == "shop.t"
    with using(keyspace="shop"):
        model = reflect_table("t")
        assert asked(model) == "shop.t"
    assert asked(model) == "ks.t"
    with pytest.raises(ConfigurationError, match="'elsewhere'"):
        reflect_table("t", connection="elsewhere")


def test_without_a_keyspace_it_says_where_to_name_one(schema: Schema) -> None:
    held: Any = schema
    held.default_keyspace = None
    with pytest.raises(ConfigurationError, match=r"^no keyspace is known: pass keyspace=\.\.\., here or to init"):
        reflect_table("t")
