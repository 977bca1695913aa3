"""What a model's annotations say about its table."""

from __future__ import annotations

import datetime as dt
import inspect
import ipaddress
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Literal, NewType, Optional, TypeVar
from uuid import UUID

import pytest
from pydantic import Field, NaiveDatetime, create_model

from coodie import aio
from coodie.exceptions import ConfigurationError, InvalidModelError, InvalidValueError
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
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver
    from cql_builder.schema import ColumnDefinition

Sku = NewType("Sku", str)
Item = TypeVar("Item")
LetterOrNone = Literal["a", None]  # noqa: PYI061 - the other way to write it
NumberOrNone = Literal[1, 1099511627776, None]  # noqa: PYI061


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
    (LetterOrNone, "text"),
    (LetterOrNone | None, "text"),
    (tuple[LetterOrNone, int], "tuple<text, int>"),
    (Sku, "text"),
]


@pytest.mark.parametrize(("annotation", "cql"), TYPES)
def test_each_documented_type_is_its_cql_type(annotation: Any, cql: str, driver: ScriptedDriver) -> None:
    model = create_model("Model", __base__=Document, id=(Annotated[int, PrimaryKey()], ...), value=(annotation, ...))
    assert columns_of(model, driver)["value"].cql_type == cql


def test_a_literal_that_allows_none_holds_and_reads_null(script: Callable[..., ScriptedDriver]) -> None:
    class Task(Document):
        id: Annotated[int, PrimaryKey()]
        letter: LetterOrNone = "a"
        level: Annotated[NumberOrNone, BigInt()]

    driver = script(Reply([]), Reply([]), Reply([(1, None, None)], ("id", "letter", "level")))
    Task(id=1, letter=None, level=None).save()
    Task(id=1, letter="a", level=None).update(letter=None)
    assert [list(request.params) for request in driver.requests] == [[1, None, None], [None, 1]]
    assert Task.get(id=1) == Task(id=1, letter=None, level=None)
    with pytest.raises(InvalidValueError, match=r"^Task\.letter: "):
        Task.find(id=1).update(letter="b")
    with pytest.raises(InvalidModelError, match="'x': a CQL collection holds no null"):
        create_model("Wrong", __base__=Document, id=(Annotated[int, PrimaryKey()], ...), x=(list[LetterOrNone], ...))


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

    assert Hits(url="/").views == 0


def test_a_forward_reference_is_read_when_it_is_resolved(driver: ScriptedDriver) -> None:
    class Later(Document):
        id: Annotated[int, PrimaryKey()]
        kind: Kind  # type: ignore[name-defined]  # pyright: ignore[reportUndefinedVariable]  # noqa: F821

    with pytest.raises(InvalidModelError, match="mention 'Kind', which is not defined"):
        Later.table_name()
    Later.model_rebuild(_types_namespace={"Kind": Colour})
    assert columns_of(Later, driver)["kind"].cql_type == "text"


def test_keys_without_numbers_are_in_the_order_of_the_class(driver: ScriptedDriver) -> None:
    class Visit(Document):
        tenant: Annotated[str, PrimaryKey()]
        region: Annotated[str, PrimaryKey()]
        day: Annotated[dt.date, ClusteringKey()]
        hour: Annotated[int, ClusteringKey()]

    columns = columns_of(Visit, driver)
    assert [columns[name].partition_key_index for name in ("tenant", "region")] == [0, 1]
    assert [columns[name].clustering_key_index for name in ("day", "hour")] == [0, 1]


def test_a_base_of_counter_documents_needs_none(driver: ScriptedDriver) -> None:
    class Hits(CounterDocument):
        url: Annotated[str, PrimaryKey()]

        class Settings:
            abstract = True

    class PageHits(Hits):
        views: Annotated[int, Counter()] = 0

    PageHits.sync_table()
    assert [column.name for column in driver.tables[-1][2]] == ["url", "views"]


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


def test_the_warning_of_a_field_named_like_an_option_points_at_the_class() -> None:
    base_line = inspect.currentframe().f_lineno  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    with pytest.warns(UserWarning, match=r"Cached\.ttl is also an option") as caught:

        class Cached(Document):
            id: Annotated[int, PrimaryKey()]
            ttl: int = 0

    assert [(each.filename, each.lineno) for each in caught] == [(__file__, base_line + 3)]
    with pytest.warns(UserWarning, match=r"Made\.ttl is also an option") as caught:
        create_model("Made", __base__=Cached, ttl=(int, 1))
    assert [each.filename for each in caught] == [__file__]


def test_a_field_named_like_an_option_warns() -> None:
    with pytest.warns(UserWarning, match=r"Cache\.ttl is also an option of update\(\)"):
        create_model("Cache", __base__=Document, id=(Annotated[int, PrimaryKey()], ...), ttl=(int, 0))
