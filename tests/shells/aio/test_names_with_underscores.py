"""Fields whose names have underscores where lookups begin: each comparison compares the column that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import Field

from coodie import Token, col
from coodie.aio import Document, QuerySet, reflect_table
from coodie.exceptions import InvalidQueryError, UnknownNameError
from coodie.fields import ClusteringKey, Discriminator, Indexed, PrimaryKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers import AbstractDriver

pytestmark = [pytest.mark.node, pytest.mark.usefixtures("rows")]


class Price(Document):
    """Has fields that are named as lookups of others are written."""

    id: Annotated[int, PrimaryKey()]
    x: int | None = None
    x__gt: int | None = None
    x__in: int | None = None
    id__token: int = 0
    id__token__gt: int = 0

    class Settings:
        name = "prices_named_as_lookups"


class Event(Document):
    """Has fields whose names end in underscores."""

    id: Annotated[int, PrimaryKey()]
    type: int = 0
    type_: int = 0
    kind__: int = 0
    tags_: list[int] = []
    limits_: dict[str, int] = {}
    class_: Annotated[int, Field(alias="class")] = 0

    class Settings:
        name = "events_with_underscores"


class Ranked(Document):
    id_: Annotated[int, PrimaryKey()]
    at_: Annotated[int, ClusteringKey()]

    class Settings:
        name = "ranked_with_underscores"


class Animal(Document):
    id: Annotated[int, PrimaryKey()]
    kind_: Annotated[str, Discriminator(), Indexed()] = ""
    kind___in: str = ""
    age_: int = 0

    class Settings:
        name = "animals_with_underscores"


class Dog(Animal):
    class Settings(Animal.Settings):
        discriminator_value = "dog"


class Puppy(Dog):
    class Settings(Dog.Settings):
        discriminator_value = "puppy"


@pytest.fixture
async def rows(connection: AbstractDriver) -> None:
    """Two rows of each model, and three of the family."""
    for model in (Price, Event, Ranked, Animal):
        await model.sync_table()
        await model.truncate()
    await Price(id=1, x=5, x__gt=0, x__in=0, id__token=1, id__token__gt=6).save()
    await Price(id=2, x=0, x__gt=3, x__in=5, id__token=5).save()
    await Event(id=1, type=0, type_=1, kind__=1, tags_=[1], limits_={"a": 1}, **{"class": 1}).save()
    await Event(id=2, type=1, type_=0, kind__=0, tags_=[2], limits_={"a": 2}).save()
    for at in (1, 2):
        await Ranked(id_=1, at_=at).save()
    await Animal(id=1, age_=9).save()
    await Dog(id=2, age_=1, kind___in="puppy").save()
    await Puppy(id=3, age_=2).save()


async def priced(*conditions: Any, **lookups: Any) -> list[int]:
    return await Price.find(*conditions, **lookups).allow_filtering().values_list("id", flat=True).all()


async def test_an_expression_compares_the_field_that_it_names() -> None:
    for way in (Price.find, Price.find().filter):
        found = way(col(Price.x) > 3).allow_filtering().values_list("id", flat=True)
        assert await found.all() == [1]
    assert await priced(col(Price.x__gt) > 2) == [2]
    assert await priced(col(Price.x) == 0) == [2]
    assert (await Price.find(id=2).iff(col(Price.x) > 3).update(x=9)).applied is False
    assert (await Price.find(id=1).iff(col(Price.x).in_([5])).update(x=9)).applied
    assert (await Price.find(id=2).iff(col(Price.x).in_([5])).delete()).applied is False
    assert await Price.find().count() == 2


async def test_a_keyword_that_is_a_fields_name_is_that_field() -> None:
    assert await priced(x__gt=3) == [2]
    assert await priced(x__gt__gt=2) == [2]
    assert await priced(x__lt=3) == [2]
    assert (await Price.find(id=2).iff(x__gt=3).update(x=9)).applied
    assert (await Price(id=1).update(if_conditions={"x__gt": 3}, x=9)).applied is False


async def test_tokens_and_fields_named_as_such() -> None:
    assert await priced(Token(Price.id) > Token(1)) != await priced(Token(Price.id) <= Token(1)) == [1]
    assert await priced(id__token__gt=6) == [1]  # the field
    assert await priced(id__token__gte=5) == [2]  # a lookup of the field `id__token`
    ranked = Ranked.find(id___token__gte=Token(1), id___token__lte=Token(1))
    assert await ranked.values_list("at_", flat=True).all() == [1, 2]
    assert await Ranked.find(Token(Ranked.id_) >= Token(1), Token(Ranked.id_) <= Token(1)).count() == 2
    with pytest.raises(InvalidQueryError, match=r"Ranked\.at_: __token compares the partition key, which is 'id_'"):
        Ranked.find(at___token__gt=1)


OF_THE_FIRST: list[Callable[[], dict[str, Any] | tuple[Any, ...]]] = [
    lambda: {"type___gte": 1},
    lambda: (Event.type_ >= 1,),
    lambda: {"type___in": [1]},
    lambda: {"kind____gt": 0},
    lambda: (col(Event.kind__) > 0,),
    lambda: {"tags___contains": 1},
    lambda: (col(Event.tags_).contains(1),),
    lambda: {"limits___contains_key": "a", "limits___contains": 1},
    lambda: {"class___gt": 0},
    lambda: {"class__gt": 0},
    lambda: (Event.class_ > 0,),
    lambda: {"type__lt": 1},
]
"""What holds of the first event alone: as keywords, or as expressions, which are made while a test runs."""


@pytest.mark.parametrize("made", OF_THE_FIRST)
async def test_lookups_of_names_that_end_in_underscores(made: Callable[[], dict[str, Any] | tuple[Any, ...]]) -> None:
    given = made()
    for way in (Event.find, Event.find().filter, QuerySet(Event).filter):
        found: QuerySet[Event] = way(**given) if isinstance(given, dict) else way(*given)
        assert await found.allow_filtering().values_list("id", flat=True).all() == [1]


async def test_they_order_and_bound_rows_of_a_partition() -> None:
    assert await Ranked.find(id___in=[1], at___gte=2).values_list("at_", flat=True).all() == [2]
    assert await Ranked.find(Ranked.id_ == 1, Ranked.at_ < 2).values_list("at_", flat=True).all() == [1]
    await Ranked.find(Ranked.id_ == 1, Ranked.at_ < 2).delete()
    assert await Ranked.find(id_=1).values_list("at_", flat=True).all() == [2]


async def test_conditions_of_writes_compare_them() -> None:
    row, other = Event.find(id=1), Event.find(id=2)
    for conditions, lookups in (((Event.type_ >= 1,), {}), ((), {"type___gte": 1}), ((), {"type___in": [1, 2]})):
        assert (await other.iff(*conditions, **lookups).update(kind__=7)).applied is False
        assert (await row.iff(*conditions, **lookups).update(kind__=7)).applied
    document = await Event.get(id=1)
    assert (await document.update(if_conditions={"type___ne": 1}, type_=5)).applied is False
    assert (await document.update(if_conditions={"type___lt": 2, "class___gte": 1}, type_=5)).applied
    assert (await Event.get(id=1)).type_ == 5
    assert (await document.delete(if_conditions={"type___gt": 5})).applied is False


async def test_classes_of_a_family_are_told_apart_by_them() -> None:
    assert {type(each) for each in await QuerySet(Dog).all()} == {Dog, Puppy}
    assert await Dog.find(Dog.age_ >= 2).allow_filtering().values_list("id", flat=True).all() == [3]
    assert await Animal.find(age___gte=9).allow_filtering().values_list("id", flat=True).all() == [1]
    assert await Animal.find(col(Animal.kind_).in_(["dog"])).allow_filtering().values_list("id", flat=True).all() == [2]


async def test_columns_of_reserved_names_of_a_table_that_is_there(connection: AbstractDriver) -> None:
    table = f"{connection.default_keyspace}.lessons_with_underscores"
    await connection.execute_async(f"CREATE TABLE IF NOT EXISTS {table} (id int PRIMARY KEY, class int)", [])
    lesson: Any = await reflect_table("lessons_with_underscores")
    await lesson(id=1, class_=3).save()
    assert await lesson.find(class___gt=2).allow_filtering().count() == 1
    assert await lesson.find(lesson.class_ > 3).allow_filtering().count() == 0


async def test_what_no_field_has_names_what_is_there() -> None:
    with pytest.raises(UnknownNameError, match="no field 'typ'; did you mean 'type'"):
        Event.find(typ__gte=1)
    with pytest.raises(UnknownNameError, match="no lookup 'gtt'"):
        Event.find(type___gtt=1)
    written: Any = {("type_", "gt"): 1}
    with pytest.raises(InvalidQueryError, match="names a field as text, not as tuple"):
        await Event(id=1).update(if_conditions=written, type_=1)


class Group(Document):
    """Has fields that are named as the operators of another are written."""

    id: Annotated[int, PrimaryKey()]
    tags: set[str] = set()
    add__tags: set[str] = set()
    remove__tags: set[str] = set()
    lines: list[str] = []
    append__lines: list[str] = []

    class Settings:
        name = "groups_named_as_operators"


async def test_what_changed_is_written_where_it_changed() -> None:
    await Group.sync_table()
    await Group(id=1, tags={"a", "b"}, lines=["a"]).save()
    group = await Group.get(id=1)
    group.tags ^= {"a", "c"}
    group.lines.append("b")
    await group.update()
    assert await Group.get(id=1) == group
    await group.delete_columns(collection_elements=[("tags", "b")])
    assert group.tags == {"c"}
    assert await Group.get(id=1) == group


async def test_a_keyword_that_ends_where_a_lookup_begins_names_none() -> None:
    tries: list[Callable[[], Any]] = [
        lambda: Price.find(id__=1).delete(),
        lambda: Price.find().filter(x__=5).allow_filtering().all(),
        lambda: Price.get(id__=1),
        lambda: Price(id=1).update(x=6, if_conditions={"x__": 5}),
        lambda: Price.find(id=1).iff(x__=5).update(x=6),
        lambda: Price.find(pk__=1).all(),
    ]
    for attempt in tries:
        with pytest.raises(UnknownNameError, match=r"^Price(\.(id|x) has no lookup ''| has no field 'pk')"):
            await attempt()
    for keyword in ("type__", "type___", "kind____"):
        with pytest.raises(UnknownNameError, match=r"^Event\.(type_?|kind__) has no lookup ''"):
            await Event.find(**{keyword: 0}).allow_filtering().all()
    assert (await Price.find().count(), (await Price.get(id=1)).x) == (2, 5)
    assert await Event.find(kind__=1).allow_filtering().values_list("id", flat=True).all() == [1]


def test_a_comparison_is_not_shown_by_the_name_of_another_field() -> None:
    assert repr(col(Price.x) > 2) == "<Condition Price.x > ...>"
    assert repr(col(Price.x).in_([2])) == "<Condition col(Price.x).in_(...)>"
    assert repr(col(Price.x) < 2) == "<Condition Price.x__lt=...>"
    assert repr(col(Price.x__gt) > 2) == "<Condition Price.x__gt__gt=...>"
    query = Price.find(col(Price.x__gt) == 3, col(Price.x) > 2, x__lt=5).allow_filtering()
    assert repr(query) == "<QuerySet Price.find(Price.x > ..., x__gt=..., x__lt=...).allow_filtering()>"
    filtered = "filtered, the server reads rows and leaves out those that do not match"
    assert query.explain().why == tuple([f"{each}: {filtered}" for each in ("x__gt", "Price.x > ...", "x__lt")])
    tokens = Price.find(pk__token__gt=5)
    assert repr(tokens) == "<QuerySet Price.find(pk__token__gt=...)>"
    assert repr(Price.find(id__token__gt=5)) == "<QuerySet Price.find(id__token__gt=...)>"
    assert tokens.explain().why == ("pk__token__gt: bounds the tokens of partitions",)
