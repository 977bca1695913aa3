"""Indexes of models: what their markers make, which definitions and lookups are refused."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import create_model

from coodie.exceptions import ConfigurationError, InvalidModelError, InvalidQueryError, InvalidValueError
from coodie.fields import BigInt, ClusteringKey, Counter, Frozen, Indexed, PrimaryKey, Vector, VectorIndex
from coodie.sync import CounterDocument, Document
from coodie.types import CqlDuration
from coodie.usertype import UserType
from cql_builder.schema import TableSchema

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver

Key = Annotated[int, PrimaryKey()]
Vector3 = Annotated[list[float], Vector(3)]


class Pause(UserType):
    length: CqlDuration | None = None
    number: int = 0


class Break(UserType):
    pause: Pause | None = None


class DurationOfCall(UserType):
    seconds: int = 0


def model(**fields: Any) -> type[Document]:
    given: dict[str, Any] = {"id": (Key, ...), **{name: (kind, ...) for name, kind in fields.items()}}
    return create_model("Made", __base__=Document, **given)


MADE: list[tuple[Any, tuple[str, str | None, str | None, dict[str, str]]]] = [
    (Annotated[str, Indexed()], ("made_x_idx", None, None, {})),
    (Annotated[str, Indexed("named")], ("named", None, None, {})),
    (Annotated[str, Indexed(using="secondary")], ("made_x_idx", None, "legacy_local_table", {})),
    (
        Annotated[str, Indexed(using="sai", case_sensitive=False, ascii=True)],
        ("made_x_idx", None, "sai", {"case_sensitive": "false", "ascii": "true"}),
    ),
    (Annotated[set[int], Indexed(using="sai")], ("made_x_idx", "values", "sai", {})),
    (Annotated[dict[str, int], Indexed(on="keys")], ("made_x_idx", "keys", None, {})),
    (Annotated[list[int], Frozen(), Indexed(on="full")], ("made_x_idx", "full", None, {})),
    (
        Annotated[str, Indexed(using="sasi", case_sensitive=False)],
        (
            "made_x_idx",
            None,
            "sasi",
            {
                "case_sensitive": "false",
                "analyzer_class": "org.apache.cassandra.index.sasi.analyzer.NonTokenizingAnalyzer",
            },
        ),
    ),
    (
        Annotated[str, Indexed(using="sasi", mode="CONTAINS", options={"max_compaction_flush_memory_in_mb": "9"})],
        ("made_x_idx", None, "sasi", {"mode": "CONTAINS", "max_compaction_flush_memory_in_mb": "9"}),
    ),
    (
        Annotated[list[float], Vector(3), VectorIndex("EUCLIDEAN")],
        ("made_x_idx", None, "sai", {"similarity_function": "EUCLIDEAN"}),
    ),
]


def indexes(made: type[Document], driver: ScriptedDriver) -> list[tuple[str, str | None, str | None, dict[str, str]]]:
    made.sync_table()
    name, keyspace, columns, options, *_ = driver.tables[-1]
    table = TableSchema.from_columns(name, keyspace, columns, options)
    return [(each.name, each.part, each.index_class, dict(each.options)) for each in table.indexes]


@pytest.mark.parametrize(("kind", "index"), MADE)
def test_what_a_marker_makes(kind: Any, index: tuple[Any, ...], driver: ScriptedDriver) -> None:
    assert indexes(model(x=kind), driver) == [index]


def test_several_indexes_of_a_column_have_names_of_their_own(driver: ScriptedDriver) -> None:
    made = model(x=Annotated[dict[str, int], Indexed(), Indexed(on="keys"), Indexed(using="sai", on="keys")])
    assert [name for name, *_ in indexes(made, driver)] == ["made_x_idx", "made_x_keys_idx", "made_x_sai_keys_idx"]


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (Annotated[CqlDuration, Indexed()], "durations have no order"),
        (Annotated[list[CqlDuration], Indexed()], "durations have no order, so no index either; leave Indexed"),
        (Annotated[tuple[int, CqlDuration], Indexed()], "durations have no order"),
        (Annotated[dict[str, CqlDuration], Indexed(on="keys")], "durations have no order"),
        (
            Annotated[Pause, Frozen(), Indexed()],
            r"durations have no order \(Pause\.length is one\), so no index either",
        ),
        (Annotated[Pause | None, Frozen(), Indexed(using="sai")], r"durations have no order \(Pause\.length is one\)"),
        (Annotated[list[Pause], Indexed()], r"durations have no order \(Pause\.length is one\)"),
        (Annotated[Break, Frozen(), Indexed()], r"durations have no order \(Pause\.length is one\)"),
        (Annotated[int, Indexed(on="values")], r"on='values'\) is for collections; leave on=... out"),
        (Annotated[list[int], Frozen(), Indexed(on="values")], "a frozen one is indexed as a whole, by on='full'"),
        (Annotated[list[int], Indexed(on="full")], r"is for frozen collections; mark the field Frozen\(\)"),
        (Annotated[set[int], Indexed(on="keys")], "is for dict"),
        (Annotated[bytes, Indexed(using="sai")], "SAI takes no blob; leave using='sai' out"),
        (Annotated[int, Indexed(using="sai", normalize=True)], r"Indexed\(normalize=...\) is for text"),
        (
            Annotated[dict[str, str], Indexed(using="sai", on="entries", case_sensitive=False)],
            "which compares entries as they are; leave case_sensitive out, or write on='values' or on='keys'",
        ),
        (Annotated[dict[int, str], Indexed(using="sai", on="entries", ascii=False)], "leave ascii out"),
        (Annotated[set[int], Indexed(using="sasi")], "SASI takes no collection that changes; write using='sai'"),
        (Annotated[str, Indexed(using="sasi", mode="SPARSE")], "mode='SPARSE' is for numbers"),
        (Annotated[int, Indexed(using="sasi", analyzer="standard")], "SASI analyses text only"),
        (Annotated[str, Indexed(), Indexed("again")], "two indexes of the kind 'secondary'"),
        (
            Annotated[str, Indexed(), Indexed(using="sai", ascii=True)],
            "plain index, which is used instead of the one of",
        ),
        (Annotated[Vector3, Indexed(using="sai")], r"VectorIndex\(\), which finds the most alike"),
        (Annotated[list[float], VectorIndex()], r"belongs on a vector; write Annotated\[list\[float\], Vector"),
        (Annotated[list[float], Vector(1), VectorIndex()], "similarity_function='EUCLIDEAN'"),
        (Annotated[list[int], Vector(3)], r"Vector\(\) belongs on list\[float\], not on list"),
        (Annotated[float, Vector(3)], r"Vector\(\) belongs on list\[float\], not on float"),
        (Annotated[list[float], Vector(3), Frozen()], "a vector is always replaced whole"),
    ],
)
def test_an_index_or_vector_that_no_server_makes_is_refused(kind: Any, sentence: str) -> None:
    with pytest.raises(InvalidModelError, match=rf"field 'x': .*{sentence}"):
        model(x=kind)


def test_a_type_that_only_is_called_so_has_no_durations(
    driver: ScriptedDriver, refused: Callable[[Callable[[], object], str], None]
) -> None:
    made = model(x=Annotated[DurationOfCall, Frozen(), Indexed()], y=Annotated[DurationOfCall, Frozen()])
    made.find(x=DurationOfCall()).all()
    assert len(driver.requests) == 1
    refused(lambda: made.find(y=DurationOfCall()).all(), r"or mark the field Indexed\(\)")
    held = model(x=Annotated[Pause, Frozen()])
    with pytest.raises(InvalidQueryError) as told:
        held.find(x=Pause()).all()
    assert "Indexed" not in str(told.value)


def test_what_belongs_to_the_whole_table_is_refused_too() -> None:
    with pytest.raises(InvalidModelError, match="SASI takes no column of the partition key"):
        model(x=Annotated[int, PrimaryKey(partition_key_index=1), Indexed(using="sasi")])
    with pytest.raises(InvalidModelError, match="tables of counters have none"):
        create_model(
            "Made",
            __base__=CounterDocument,
            id=(Key, ...),
            at=(Annotated[int, ClusteringKey(), Indexed()], ...),
            n=(Annotated[int, Counter()], 0),
        )
    with pytest.raises(InvalidModelError, match="fields 'x' and 'y' both have an index named 'same'"):
        model(x=Annotated[int, Indexed("same")], y=Annotated[int, Indexed("same")])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"using": "btree"}, "is 'secondary', 'sai' or 'sasi', or left out"),
        ({"on": "key"}, "is 'keys', 'values', 'entries' or 'full'"),
        ({"using": "sasi", "mode": "SUFFIX"}, "is 'PREFIX', 'CONTAINS' or 'SPARSE'"),
        ({"mode": "CONTAINS"}, r"mode=...\) belongs to Indexed\(using='sasi'\)"),
        ({"case_sensitive": False}, r"belongs to Indexed\(using='sai'\) or Indexed\(using='sasi'\)"),
        ({"using": "sai", "case_sensitive": "no"}, "is True or False"),
        ({"using": "sasi", "analyzer": "standard", "case_sensitive": False}, "belongs to analyzer='non_tokenizing'"),
        ({"using": "sai", "options": {"a": 1}}, "is a dict of texts"),
    ],
)
def test_arguments_that_say_nothing_are_refused(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        Indexed(**arguments)


def test_markers_of_vectors_refuse_what_is_none() -> None:
    for dimensions in (0, 8193, 1.5, True):
        wrong: Any = dimensions
        with pytest.raises(ConfigurationError, match="whole number from 1 to 8192"):
            Vector(wrong)
    manhattan: Any = "MANHATTAN"
    with pytest.raises(ConfigurationError, match="is 'COSINE', 'DOT_PRODUCT' or 'EUCLIDEAN'"):
        VectorIndex(manhattan)


def test_markers_are_values() -> None:
    one = Indexed(using="sasi", options={"mode": "PREFIX"})
    assert one == Indexed(using="sasi", options={"mode": "PREFIX"})
    assert len({one, Indexed(), Indexed(), Vector(3), VectorIndex()}) == 4
    assert repr(Indexed("x", on="keys")) == "Indexed(index_name='x', on='keys')"


class Place(Document):
    id: Key
    at: Vector3 | None = None
    name: Annotated[str, Indexed(using="sasi")] = ""
    text: Annotated[str, Indexed(using="sasi", mode="CONTAINS", analyzer="standard")] = ""


@pytest.mark.parametrize(
    ("vector", "problem"),
    [
        ([1.0, 2.0], "the vectors of this field have 3 numbers"),
        ([1.0, 2.0, 3.0, 4.0], "the vectors of this field have 3 numbers"),
        ([1.0, 2.0, 1e39], "32 bits"),
    ],
)
def test_a_vector_that_does_not_fit_is_refused(vector: list[float], problem: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match=rf"Place\.at: .*{problem}"):
        Place(id=1, at=vector).save()
    with pytest.raises(InvalidQueryError, match=rf"Place\.at: .*{problem}"):
        Place(id=1).update(at=vector)
    assert not driver.requests


def test_a_vector_of_what_python_counts_as_numbers_is_checked_too(driver: ScriptedDriver) -> None:
    place = Place(id=1)
    for wrong in ([1.0, None, 2.0], [True, 1.0, 2.0], "abc"):
        held: Any = wrong
        place.at = held
        with pytest.raises(InvalidQueryError, match=r"Place\.at(\[1\])?: "):
            place.save()
    place.at = [1, -math.inf, 0.5]
    place.save()
    assert list(driver.requests[-1].params)[1] == [1, -math.inf, 0.5]


@pytest.mark.parametrize(
    ("lookup", "served"),
    [
        ({"name__like": "a%"}, True),
        ({"name__like": "a"}, True),
        ({"name__like": "%a"}, False),
        ({"name__like": "%a%"}, False),
        ({"text__like": "%a%"}, True),
        ({"text__like": "%%%"}, True),
        ({"text__like": "a%"}, False),
    ],
)
def test_like_is_refused_where_the_index_has_no_such_pattern(
    lookup: dict[str, str], served: bool, driver: ScriptedDriver
) -> None:
    if not served:
        with pytest.raises(InvalidQueryError, match=r"the SASI index of this column serves .* only; "):
            Place.find(**lookup)
        return
    Place.find(**lookup).all()
    assert driver.requests[-1].statement.cql.endswith("LIKE ?")


@pytest.mark.parametrize("pattern", ["", "%", "%%"])
@pytest.mark.parametrize("field", ["name", "text"])
def test_like_is_refused_where_nothing_is_looked_for(field: str, pattern: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidValueError, match=rf"^Place\.{field}: the pattern is empty; leave it out, for all rows"):
        Place.find(**{f"{field}__like": pattern}).all()
    assert driver.requests == []


def test_no_index_is_used_beside_several_partitions(driver: ScriptedDriver) -> None:
    made = model(n=Annotated[int, Indexed()])
    for query in (made.find(id__in=[1, 2], n=1), made.find(id__in=[1, 2], n=1).allow_filtering()):
        with pytest.raises(
            InvalidQueryError, match=r"no index is used beside id__in .*; query each partition by itself"
        ):
            query.all()
    made.find(id__in=[1, 2], n__gt=1).all()
    assert driver.requests[-1].statement.cql.endswith("ALLOW FILTERING")


def test_a_refused_lookup_says_what_the_index_serves_and_which_would(driver: ScriptedDriver) -> None:
    made = model(
        x=Annotated[dict[str, int], Indexed()], n=Annotated[int, Indexed(using="sai"), BigInt()], m=dict[str, int]
    )
    with pytest.raises(
        InvalidQueryError, match=r"the index of 'x' serves __contains only.*mark the field Indexed\(on='keys'\)"
    ):
        made.find(x__contains_key="a").all()
    with pytest.raises(InvalidQueryError, match=r"the index of 'n' serves equality and ranges only"):
        made.find(n__in=[1]).all()
    with pytest.raises(InvalidQueryError, match=r"mark the field Indexed\(\), or call"):
        made.find(m__contains=1).all()
    assert not driver.requests


def test_of_two_plain_indexes_one_is_used(driver: ScriptedDriver) -> None:
    made = model(a=Annotated[str, Indexed()], b=Annotated[str, Indexed()])
    made.find(a="x", b="y").all()
    assert driver.requests[-1].statement.cql.endswith("WHERE a = ? AND b = ? ALLOW FILTERING")
