"""Which definitions of models are refused, each with the way out."""

from __future__ import annotations

import collections
import datetime as dt
import re
from collections import defaultdict, deque
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar
from uuid import UUID

import pytest
from pydantic import Field, create_model

from coodie import aio
from coodie.exceptions import ConfigurationError, InvalidModelError, InvalidQueryError
from coodie.fields import (
    BigInt,
    ClusteringKey,
    Counter,
    Discriminator,
    Frozen,
    Indexed,
    PrimaryKey,
    Protected,
    SmallInt,
    Static,
    Vector,
    VectorIndex,
    Version,
)
from coodie.sync import CounterDocument, Document, MaterializedView, QuerySet
from coodie.types import CqlDuration

if TYPE_CHECKING:
    from coodie_drivers.testing.scripted import ScriptedDriver


T = TypeVar("T")


class Bare(Enum):
    """Is a base of enums, and none itself."""


class Counted(defaultdict[str, int]):
    """Is made as a defaultdict is: of what a new key has, and then of entries."""


class Named(list[str]):
    def __init__(self, *, name: str = "") -> None:
        self.name = name


class ByName(dict[str, T]):
    """A dict of which one parameter is open."""


def wrong(name: str, **namespace: Any) -> type[Document]:
    annotations = {key: value for key, value in namespace.items() if key != "Settings"}
    body = {"__annotations__": annotations, "__module__": __name__, "__qualname__": name}
    if "Settings" in namespace:
        body["Settings"] = namespace["Settings"]
    metaclass: Any = type(Document)
    made: type[Document] = metaclass(name, (Document,), body)
    return made


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"value": complex}, r"field 'value': complex has no CQL type; a field is one of str, int"),
        ({"value": list}, r"field 'value': list does not say what it holds; write list\[\.\.\.\]"),
        ({"value": list[int | None]}, "holds no null; leave None out"),
        ({"value": int | str}, "has no CQL type"),
        ({"value": Callable[[], int]}, "field 'value': Callable has no CQL type"),
        ({"value": list[Callable[[int], int]]}, "Callable has no CQL type"),
        ({"value": set[list[int]]}, r"what a set holds must be hashable, .*; write tuple\[\.\.\., \.\.\.\]"),
        ({"value": frozenset[set[int]]}, "what a frozenset holds must be hashable"),
        ({"value": dict[tuple[int, list[int]], int]}, "the keys of a dict must be hashable"),
        ({"value": set[CqlDuration]}, r"'value': what a set holds must have an order in CQL, which durations have not"),
        (
            {"value": frozenset[dt.timedelta]},
            "durations have not; hold durations in a list, or as the values of a dict",
        ),
        ({"value": list[set[CqlDuration]]}, "what a set holds must have an order in CQL"),
        ({"value": dict[CqlDuration, int]}, "the keys of a dict must have an order in CQL"),
        ({"id": Annotated[dt.timedelta, PrimaryKey()]}, "CQL allows no duration in a key"),
        ({"value": Annotated[dt.timedelta, SmallInt()]}, r"SmallInt\(\) belongs on int, not on CqlDuration"),
        ({"value": collections.Counter}, r"Counter does not say what it holds; write Counter\[\.\.\.\]"),
        ({"value": deque[int]}, "deque has no CQL type"),
        (
            {"value": Counted},
            r"Counted cannot be made of entries alone, .* super\(\).__init__\(int, entries\), or take defaultdict\[",
        ),
        ({"value": list[Named]}, r"Named cannot .* elements alone, .*; let Named\(elements\) make one, or take list\["),
        ({"value": ByName}, "T has no CQL type"),
        ({"value": dict[tuple[int, defaultdict[str, int]], int]}, "the keys of a dict must be hashable"),
        ({"value": frozenset[defaultdict[str, int]]}, "what a frozenset holds must be hashable"),
        ({"value": Annotated[str, BigInt()]}, r"BigInt\(\) belongs on int, not on str"),
        ({"value": Literal["a", 1]}, "of several types"),
        (
            {"value": list[Bare]},
            "Bare has no members, of which .*; give it some, or take its values' type",
        ),
        (
            {"value": list[Annotated[str, Indexed()]]},
            r"'value': Indexed\(\) is for whole columns, and marks what a list holds here; write Annotated\[list\[",
        ),
        (
            {"value": dict[str, Annotated[int, Indexed(on="entries")]]},
            r"write Annotated\[dict\[\.\.\.\], Indexed\(\)\]$",
        ),
        ({"value": dict[Annotated[str, Static()], int]}, r"Static\(\) is for whole columns"),
        ({"value": tuple[Annotated[str, Protected()], int] | None}, r"Protected\(\) .* what a tuple holds here; write"),
        ({"value": tuple[Annotated[int, ClusteringKey()], ...]}, r"ClusteringKey\(\) is for whole columns"),
        ({"value": set[Annotated[int, PrimaryKey()]]}, r"PrimaryKey\(\) is for whole columns, and marks what a set"),
        ({"value": list[list[Annotated[int, Version()]]]}, r"Version\(\) .* a list holds here; leave it out"),
        ({"value": list[Annotated[int, Counter()] | None]}, r"Counter\(\) .* a list holds here; leave it out"),
        ({"value": frozenset[Annotated[str, Discriminator()]]}, r"Discriminator\(\) .* a frozenset holds here; leave"),
        (
            {"value": list[Annotated[list[float], Vector(2), VectorIndex()]]},
            r"VectorIndex\(\) is for whole columns, and marks what a list holds here; leave it out",
        ),
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
        (
            {"id": Annotated[str, PrimaryKey(), Indexed()]},
            r"field 'id' is the whole partition key, which is found without an index; leave Indexed\(\) out",
        ),
        ({"value": Annotated[int, BigInt]}, r"write BigInt\(\) with parentheses"),
        ({"value": Annotated[str, Indexed]}, r"write Indexed\(\) with parentheses"),
        ({"value": list[Annotated[int, BigInt]]}, r"write BigInt\(\) with parentheses"),
        ({"value": Annotated[int, BigInt(), SmallInt()]}, r"BigInt\(\) and SmallInt\(\) choose several CQL types"),
        ({"value": Annotated[int, Frozen()]}, r"Frozen\(\) is for collections"),
        ({"update": str}, r'would hide the method Document\.update; write update_: \.\.\. = Field\(alias="update"\)'),
        (
            {"model_extra": str},
            r"would be hidden by the property BaseModel\.model_extra; write model_extra_: \.\.\. = Field\(alias=",
        ),
        ({"model_fields_set": str}, r"would be hidden by the property BaseModel\.model_fields_set"),
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
        ({"default_ttl": 1, "__default_ttl__": 2}, "has both default_ttl and __default_ttl__; leave one out"),
        ({"__default_ttl__": "1h"}, "whole number of seconds"),
        ({"__default_ttl__": 10**10}, "whole number of seconds from 0 to 630720000"),
        ({"name": ""}, "is a text, not an empty one"),
        ({"name": "my-table"}, r"the name of a table has letters .*; set it as Settings\.name$"),
        ({"name": "größen"}, "the name of a table has letters"),
        ({"name": "a" * 223}, "at most 222 characters long"),
        ({"keyspace": ""}, r"Settings\.keyspace is a text, not an empty one"),
        ({"keyspace": 5}, r"Settings\.keyspace is a text, not int"),
        ({"keyspace": "my ks"}, r"the name of a keyspace has letters .*; set it as Settings\.keyspace$"),
        ({"keyspace": "a" * 49}, "at most 48 characters long"),
        ({"abstract": "yes"}, "True or False"),
        ({"__options__": {"foo": 3}}, r"Settings\.options has no table option 'foo'"),
        ({"options": {"gc_grace_second": 3}}, "did you mean 'gc_grace_seconds'"),
        ({"options": {3: 3}}, "has no table option '3'"),
    ],
)
def test_a_wrong_setting_is_refused_with_the_way_out(settings: dict[str, Any], sentence: str) -> None:
    inner = {"__module__": __name__, "__qualname__": "Wrong.Settings", **settings}
    with pytest.raises(InvalidModelError, match=sentence):
        wrong("Wrong", id=Annotated[int, PrimaryKey()], Settings=type("Settings", (), inner))


def test_options_of_every_kind_of_server_and_what_can_be_hashed_are_taken(driver: ScriptedDriver) -> None:
    options = {"memtable": "trie", "tombstone_gc": {"mode": "repair"}, "comment": "x"}
    inner = type("Settings", (), {"__module__": __name__, "__qualname__": "Right.Settings", "options": options})
    wrong(
        "Right",
        id=Annotated[int, PrimaryKey()],
        pairs=set[tuple[int, ...]],
        keyed=dict[frozenset[int], list[int]],
        Settings=inner,
    ).sync_table()
    assert driver.tables[-1][3] == options


def test_a_table_is_named_by_its_settings_where_its_class_cannot(driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidModelError, match="the name of a table has letters"):
        wrong("Größe", id=Annotated[int, PrimaryKey()])
    wrong("GrößenBasis", value=int)  # without a key it is no table yet
    inner = type(
        "Settings",
        (),
        {"__qualname__": "Größe.Settings", "__module__": __name__, "name": "groesse", "keyspace": "a" * 48},
    )
    wrong("Größe", id=Annotated[int, PrimaryKey()], Settings=inner).sync_table()
    assert driver.tables[-1][:2] == ("groesse", "a" * 48)


def test_an_index_on_a_part_of_the_partition_key_is_right(driver: ScriptedDriver) -> None:
    settings = type("Settings", (), {"__module__": __name__, "__qualname__": "Base.Settings", "abstract": True})
    base = wrong("Base", id=Annotated[int, PrimaryKey(), Indexed()], Settings=settings)
    made = create_model("Made", __base__=base, shard=(Annotated[int, PrimaryKey(1)], ...))
    made.sync_table()
    assert [column.index for column in driver.tables[-1][2]] == [True, False]


@pytest.mark.parametrize("name", ["settings", "SETTINGS", "Setting"])
def test_a_misspelt_inner_class_is_refused(name: str) -> None:
    inner = type(name, (), {"__module__": __name__, "__qualname__": f"Wrong.{name}", "name": "paints"})
    body = {"__annotations__": {"id": Annotated[int, PrimaryKey()]}, "__module__": __name__, "__qualname__": "Wrong"}
    metaclass: Any = type(Document)
    with pytest.raises(InvalidModelError, match=rf"Wrong: the inner class '{name}' .*did you mean 'Settings'\?"):
        metaclass("Wrong", (Document,), {**body, name: inner})


@pytest.mark.parametrize(
    ("annotation", "default", "fix"),
    [
        (int, BigInt(), r"write value: Annotated\[int, BigInt\(\)\]"),
        (int, BigInt, r"Annotated\[int, BigInt\(\)\]"),
        (str, Indexed(), r"Annotated\[str, Indexed\(\)\]"),
        (list[int], Field(default=Frozen()), r"Annotated\[list\[int\], Frozen\(\)\]"),
        (UUID, PrimaryKey(), r"Annotated\[UUID, PrimaryKey\(partition_key_index=0\)\]"),
    ],
)
def test_a_marker_given_as_default_is_refused(annotation: Any, default: Any, fix: str) -> None:
    with pytest.raises(InvalidModelError, match=rf"field 'value' has a marker as its default; .*{fix}"):
        create_model("Wrong", __base__=Document, id=(Annotated[int, PrimaryKey()], ...), value=(annotation, default))


def test_a_counter_document_has_a_counter() -> None:
    with pytest.raises(InvalidModelError, match=r"Hits: has no counter; add a field: Annotated\[int, Counter\(\)\]"):

        class Hits(CounterDocument):  # pyright: ignore[reportUnusedClass]
            url: Annotated[str, PrimaryKey()]


def test_two_fields_cannot_be_one_column() -> None:
    with pytest.raises(InvalidModelError, match="fields 'a' and 'b' are both column 'a'"):

        class Twice(Document):  # pyright: ignore[reportUnusedClass]
            id: Annotated[int, PrimaryKey()]
            a: int
            b: int = Field(alias="a")


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


class Blocking(Document):
    id: Annotated[int, PrimaryKey()]


class Awaited(aio.Document):
    id: Annotated[int, PrimaryKey()]


class Shared:
    """Methods that models of both kinds have."""


@pytest.mark.parametrize(
    ("bases", "sentence"),
    [
        (
            (Document, aio.Document),
            r"^Mixed: is of coodie\.sync\.document\.Document and coodie\.aio\.document\.Document; ",
        ),
        (
            (aio.Document, Document),
            r"^Mixed: is of coodie\.sync\.document\.Document and coodie\.aio\.document\.Document; ",
        ),
        (
            (aio.CounterDocument, Document),
            r"derive it from one, and put fields that both kinds have into a class of pydantic",
        ),
        ((Blocking, Awaited), r"derive it from one"),
        (
            (CounterDocument, MaterializedView),
            r"is of CounterDocument and of MaterializedView; derive it from one of them",
        ),
        ((aio.MaterializedView, aio.CounterDocument), r"a server has no views of counter tables$"),
    ],
)
def test_a_model_is_of_one_kind(bases: tuple[type[Any], ...], sentence: str) -> None:
    metaclass: Any = type(Document)
    with pytest.raises(InvalidModelError, match=sentence):
        metaclass("Mixed", bases, {"__module__": __name__})
    assert metaclass("Right", (Shared, bases[0]), {"__module__": __name__})


def test_a_query_is_of_the_kind_of_its_model(driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match=r"^Awaited is a document of coodie\.aio; write coodie\.aio\.QuerySet"):
        QuerySet(Awaited)
    with pytest.raises(InvalidQueryError, match=r"^Blocking is a document of coodie\.sync; .*, or Blocking\.find\(\)$"):
        aio.QuerySet(Blocking)
    assert QuerySet(Blocking).all() == []
    assert len(driver.requests) == 1
    assert repr(aio.QuerySet(Awaited)) == "<QuerySet Awaited.find()>"
