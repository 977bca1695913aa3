"""What a model's annotations say about its table, and which definitions are refused with the way out."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Literal, NewType, Optional, TypeVar
from uuid import UUID

import pytest
from pydantic import Field, NaiveDatetime, create_model

from coodie import aio
from coodie.exceptions import ConfigurationError, InvalidModelError
from coodie.fields import (
    Ascii,
    BigInt,
    ClusteringKey,
    Counter,
    Double,
    Frozen,
    Indexed,
    PrimaryKey,
    SmallInt,
    Static,
    Time,
    TimeUUID,
    TinyInt,
    VarInt,
)
from coodie.sync import CounterDocument, Document
from coodie.types import CqlDuration

if TYPE_CHECKING:
    from coodie_drivers.testing.scripted import ScriptedDriver
    from cql_builder.schema import ColumnDefinition

Sku = NewType("Sku", str)
Item = TypeVar("Item")


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


def columns_of(model: type[Document], driver: ScriptedDriver) -> dict[str, ColumnDefinition]:
    model.sync_table()
    return {column.name: column for column in driver.tables[-1][2]}


TYPES: list[tuple[Any, str]] = [
    (str, "text"),
    (int, "int"),
    (float, "float"),
    (bool, "boolean"),
    (UUID, "uuid"),
    (dt.datetime, "timestamp"),
    (NaiveDatetime, "timestamp"),
    (dt.date, "date"),
    (dt.time, "time"),
    (Decimal, "decimal"),
    (bytes, "blob"),
    (ipaddress.IPv4Address, "inet"),
    (ipaddress.IPv6Address, "inet"),
    (CqlDuration, "duration"),
    (list[int], "list<int>"),
    (Sequence[int], "list<int>"),
    (set[str], "set<text>"),
    (frozenset[str], "frozen<set<text>>"),
    (dict[str, int], "map<text, int>"),
    (Mapping[str, int], "map<text, int>"),
    (tuple[int, str], "tuple<int, text>"),
    (tuple[int, ...], "frozen<list<int>>"),
    (list[list[int]], "list<frozen<list<int>>>"),
    (dict[str, set[Annotated[int, BigInt()]]], "map<text, frozen<set<bigint>>>"),
    (Annotated[int, BigInt()], "bigint"),
    (Annotated[int, SmallInt()], "smallint"),
    (Annotated[int, TinyInt()], "tinyint"),
    (Annotated[int, VarInt()], "varint"),
    (Annotated[float, Double()], "double"),
    (Annotated[str, Ascii()], "ascii"),
    (Annotated[UUID, TimeUUID()], "timeuuid"),
    (Annotated[dt.time, Time()], "time"),
    (Annotated[list[int], Frozen()], "frozen<list<int>>"),
    (Optional[Annotated[int, BigInt()]], "bigint"),  # noqa: UP045 - the older spelling works too
    (Annotated[int | None, BigInt()], "bigint"),
    (Annotated[int, Field(gt=0), BigInt()], "bigint"),
    (Colour, "text"),
    (Level, "int"),
    (list[Colour], "list<text>"),
    (Literal["a", "b"], "text"),
    (Literal[1, 2], "int"),
    (Sku, "text"),
]


@pytest.mark.parametrize(("annotation", "cql"), TYPES)
def test_each_documented_type_is_its_cql_type(annotation: Any, cql: str, driver: ScriptedDriver) -> None:
    model = create_model("Model", __base__=Document, id=(Annotated[int, PrimaryKey()], ...), value=(annotation, ...))
    assert columns_of(model, driver)["value"].cql_type == cql


def test_keys_order_static_and_index_reach_the_table(driver: ScriptedDriver) -> None:
    class Event(Document):
        region: Annotated[str, PrimaryKey(partition_key_index=1)]
        tenant: Annotated[str, PrimaryKey(partition_key_index=0)]
        day: Annotated[dt.date, ClusteringKey(clustering_key_index=0)]
        rank: Annotated[int, ClusteringKey(order="DESC", clustering_key_index=1)]
        owner: Annotated[str, Static()] = ""
        label: Annotated[str, Indexed(index_name="by_label")] = ""

        class Settings:
            name = "events"
            keyspace = "metrics"

    columns = columns_of(Event, driver)
    assert driver.tables[-1][:2] == ("events", "metrics")
    assert [(columns[name].primary_key, columns[name].partition_key_index) for name in ("tenant", "region")] == [
        (True, 0),
        (True, 1),
    ]
    assert [(columns[name].clustering_key_index, columns[name].clustering_order) for name in ("day", "rank")] == [
        (0, "ASC"),
        (1, "DESC"),
    ]
    assert columns["owner"].static
    assert (columns["label"].index, columns["label"].index_name) == (True, "by_label")


def test_an_alias_is_the_column_and_the_field_stays(driver: ScriptedDriver) -> None:
    class Account(Document):
        id: Annotated[int, PrimaryKey()]
        full_name: str = Field(alias="fullName")

    assert list(columns_of(Account, driver)) == ["id", "fullName"]
    Account.find(full_name="x").allow_filtering().all()
    assert '"fullName" = ?' in driver.requests[-1].statement.cql


def test_settings_merge_along_the_bases_and_abstract_is_not_inherited(driver: ScriptedDriver) -> None:
    class Base(Document):
        id: Annotated[int, PrimaryKey()]

        class Settings:
            keyspace = "shop"
            __abstract__ = True
            __default_ttl__ = 60

    class Order(Base):
        class Settings(Base.Settings):
            name = "orders"

    Order.sync_table()
    assert driver.tables[-1][:2] == ("orders", "shop")
    assert driver.tables[-1][3] == {"default_time_to_live": 60}


def test_the_table_is_named_after_the_class_unless_settings_say_otherwise() -> None:
    class HTTPRequestLog(Document):
        id: Annotated[int, PrimaryKey()]

    assert HTTPRequestLog.table_name() == "http_request_log"


def test_enum_fields_hold_values_also_by_default() -> None:
    class Shirt(Document):
        id: Annotated[int, PrimaryKey()]
        colour: Colour = Colour.RED
        level: Level = Field(default=Level.HIGH)

    held = vars(Shirt(id=1))
    assert held == {"id": 1, "colour": "red", "level": 2}
    assert type(held["level"]) is int


def test_enum_fields_hold_members_where_the_model_says_so() -> None:
    class Shirt(Document):
        model_config: ClassVar[Any] = {"use_enum_values": False}
        id: Annotated[int, PrimaryKey()]
        colour: Colour = Colour.RED

    assert Shirt(id=1).colour is Colour.RED


def test_counters_start_at_zero() -> None:
    class Hits(CounterDocument):
        url: Annotated[str, PrimaryKey()]
        views: Annotated[int, Counter()]

    assert Hits(url="/").views == 0  # type: ignore[call-arg]  # checkers see a required field


def test_a_forward_reference_is_read_when_it_is_resolved(driver: ScriptedDriver) -> None:
    class Later(Document):
        id: Annotated[int, PrimaryKey()]
        kind: Kind  # type: ignore[name-defined]  # pyright: ignore[reportUndefinedVariable]  # noqa: F821

    with pytest.raises(InvalidModelError, match="mention 'Kind', which is not defined"):
        Later.table_name()
    Later.model_rebuild(_types_namespace={"Kind": Colour})
    assert columns_of(Later, driver)["kind"].cql_type == "text"


def wrong(name: str, **namespace: Any) -> None:
    annotations = {key: value for key, value in namespace.items() if key != "Settings"}
    body = {"__annotations__": annotations, "__module__": __name__, "__qualname__": name}
    if "Settings" in namespace:
        body["Settings"] = namespace["Settings"]
    metaclass: Any = type(Document)
    metaclass(name, (Document,), body)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"value": complex}, r"field 'value': complex has no CQL type; a field is one of str, int"),
        ({"value": list}, r"field 'value': list does not say what it holds; write list\[\.\.\.\]"),
        ({"value": list[int | None]}, "holds no null; leave None out"),
        ({"value": int | str}, "has no CQL type"),
        ({"value": dt.timedelta}, "use CqlDuration"),
        ({"value": Annotated[str, BigInt()]}, r"BigInt\(\) belongs on int, not on str"),
        ({"value": Literal["a", 1]}, "of several types"),
        ({"id": Annotated[int | None, PrimaryKey()]}, "is a key and cannot be None"),
        ({"id": Annotated[list[int], PrimaryKey()]}, r"a collection in a key is marked Frozen\(\)"),
        ({"id": Annotated[CqlDuration, PrimaryKey()]}, "CQL allows no duration in a key"),
        ({"id": Annotated[int, PrimaryKey(), ClusteringKey()]}, "partition_key and clustering_key"),
        ({"at": Annotated[int, ClusteringKey()]}, "a clustering key needs a partition key"),
        (
            {
                "id": Annotated[int, PrimaryKey()],
                "a": Annotated[int, ClusteringKey(clustering_key_index=1)],
                "b": Annotated[int, ClusteringKey(clustering_key_index=1)],
            },
            "two fields have the same clustering_key_index",
        ),
        ({"id": Annotated[int, PrimaryKey()], "s": Annotated[int, Static()]}, "only beside a clustering key"),
        ({"id": Annotated[int, PrimaryKey()], "n": Annotated[int, Counter()]}, "derive the model from CounterDocument"),
        ({"value": Annotated[int, BigInt]}, r"write BigInt\(\) with parentheses"),
        ({"value": Annotated[str, Indexed]}, r"write Indexed\(\) with parentheses"),
        ({"value": list[Annotated[int, BigInt]]}, r"write BigInt\(\) with parentheses"),
        ({"value": Annotated[int, BigInt(), SmallInt()]}, r"BigInt\(\) and SmallInt\(\) choose several CQL types"),
        ({"value": Annotated[int, Frozen()]}, r"Frozen\(\) is for collections"),
        ({"update": str}, r'would hide the method Document\.update; write update_: \.\.\. = Field\(alias="update"\)'),
    ],
)
def test_a_wrong_definition_is_refused_with_the_way_out(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidModelError, match=sentence):
        wrong("Wrong", **fields)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"nam": "x"}, "no setting 'nam'; did you mean 'name'"),
        ({"name": 3}, r"Settings\.name is a text, not int"),
        ({"name": "shop.users"}, 'write name = "users" and keyspace = "shop"'),
        ({"__default_ttl__": "1h"}, "whole number of seconds"),
        ({"__default_ttl__": 10**10}, "whole number of seconds from 0 to 630720000"),
        ({"name": ""}, "is a text, not an empty one"),
        ({"abstract": "yes"}, "True or False"),
    ],
)
def test_a_wrong_setting_is_refused_with_the_way_out(settings: dict[str, Any], sentence: str) -> None:
    inner = {"__module__": __name__, "__qualname__": "Wrong.Settings", **settings}
    with pytest.raises(InvalidModelError, match=sentence):
        wrong("Wrong", id=Annotated[int, PrimaryKey()], Settings=type("Settings", (), inner))


def test_two_fields_cannot_be_one_column() -> None:
    with pytest.raises(InvalidModelError, match="fields 'a' and 'b' are both column 'a'"):

        class Twice(Document):  # pyright: ignore[reportUnusedClass]
            id: Annotated[int, PrimaryKey()]
            a: int
            b: int = Field(alias="a")


def test_a_model_without_key_is_refused_at_its_first_verb(driver: ScriptedDriver) -> None:
    class NoKey(Document):
        name: str

    assert NoKey(name="works without a key").name
    with pytest.raises(ConfigurationError, match=r"needs a partition key; mark at least one field"):
        NoKey.sync_table()
    assert driver.tables == []


def test_the_configuration_is_the_documented_one() -> None:
    documented = {
        "arbitrary_types_allowed": True,
        "populate_by_name": True,
        "revalidate_instances": "never",
        "use_enum_values": True,
        "validate_by_alias": True,
        "validate_by_name": True,
    }
    for model in (Document, CounterDocument, aio.Document, aio.CounterDocument):
        assert dict(model.model_config) == documented


def test_an_abstract_model_is_no_table(driver: ScriptedDriver) -> None:
    class Base(Document):
        id: Annotated[int, PrimaryKey()]

        class Settings:
            abstract = True

    for verb in (Base.table_name, Base.sync_table, Base.find().all):
        with pytest.raises(InvalidModelError, match="Base: is abstract"):
            verb()
    assert (driver.tables, driver.requests) == ([], [])


def test_a_generic_model_is_a_table_once_it_is_filled_in(driver: ScriptedDriver) -> None:
    class Box(Document, Generic[Item]):
        id: Annotated[int, PrimaryKey()]
        item: Item

    with pytest.raises(InvalidModelError, match=r"is generic and has no table; fill it in, as in Box\[int\]"):
        Box.sync_table()
    assert columns_of(Box[bool], driver)["item"].cql_type == "boolean"
    assert Box[bool].table_name() == "box_bool"


def test_enum_fields_hold_values_also_in_collections_by_default() -> None:
    class Wardrobe(Document):
        id: Annotated[int, PrimaryKey()]
        listed: list[Colour] = [Colour.RED]
        keyed: dict[Colour, int] = {Colour.BLUE: 1}
        made: list[Colour] = Field(default_factory=lambda: [Colour.RED])
        maybe: Colour | None = Colour.BLUE

    assert vars(Wardrobe(id=1)) == {"id": 1, "listed": ["red"], "keyed": {"blue": 1}, "made": ["red"], "maybe": "blue"}
    assert vars(Wardrobe(id=1))["listed"] is not vars(Wardrobe(id=2))["listed"]


def test_a_field_named_like_an_option_warns() -> None:
    with pytest.warns(UserWarning, match=r"Cache\.ttl is also an option of update\(\)"):
        create_model("Cache", __base__=Document, id=(Annotated[int, PrimaryKey()], ...), ttl=(int, 0))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: PrimaryKey(partition_key_index=None), "partition_key_index=...) is a whole number"),  # type: ignore[arg-type]
        (lambda: ClusteringKey(clustering_key_index="a"), "clustering_key_index=...) is a whole number"),  # type: ignore[arg-type]
        (lambda: ClusteringKey(order="DOWN"), "is 'ASC' or 'DESC'"),  # type: ignore[arg-type]
        (lambda: Indexed(index_name=5), "index_name=...) is a text"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_marker_is_refused_where_it_is_written(make: Any, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(sentence)):
        make()


def test_counters_cannot_expire() -> None:
    with pytest.raises(InvalidModelError, match="counters cannot expire"):

        class Hits(CounterDocument):  # pyright: ignore[reportUnusedClass]
            url: Annotated[str, PrimaryKey()]
            views: Annotated[int, Counter()] = 0

            class Settings:
                default_ttl = 5
