"""What is said of queries that no server takes, or that would read too much."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest

from coodie.exceptions import (
    InvalidModelError,
    InvalidQueryError,
    InvalidValueError,
    UnknownNameError,
)
from coodie.fields import Frozen, Indexed, PrimaryKey
from coodie.sync import Document, QuerySet
from coodie.types import CqlDuration
from coodie_drivers.messages import Reply
from task_models import Task, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


COLUMNS = "tenant, project, day, rank, status, priority, tags, notes"
DAY = dt.date(2026, 1, 2)


def sent(driver: ScriptedDriver) -> tuple[str, list[Any]]:
    request = driver.requests[-1]
    return request.statement.cql, list(request.params)


@pytest.mark.parametrize(
    ("lookups", "error", "sentence"),
    [
        ({"nmae": "x"}, UnknownNameError, "User has no field 'nmae'; did you mean 'name'"),
        ({"name__gtt": "x"}, UnknownNameError, "User.name has no lookup 'gtt'; did you mean 'gt'"),
        ({"name__startswith": "x"}, UnknownNameError, "no lookup 'startswith'; known: 'gt'"),
        ({"name__ne": "x"}, InvalidQueryError, "CQL has no != in WHERE"),
        ({"name__isnull": True}, InvalidQueryError, "CQL has no IS NULL"),
        ({"id": None}, InvalidValueError, "part of the primary key, which is never null"),
        ({"name": None}, InvalidValueError, "compared with None"),
        ({"id": "not a uuid"}, InvalidValueError, "User.id: .*valid UUID"),
        ({"score": "high"}, InvalidValueError, r"^User\.score: .*\(given: str\); the column is CQL int$"),
        ({"score": 1 << 40}, InvalidValueError, r"User.score: .*from -2147483648 to 2147483647; mark the field BigInt"),
        ({"id__in": "abc"}, InvalidValueError, r"takes a list of values, not one str; write id__in=\[\.\.\.\]"),
        ({"id__in": [None]}, InvalidValueError, "__in holds None"),
        ({"name__contains": "x"}, InvalidQueryError, "User.name is no collection"),
        ({"name__contains_key": "x"}, InvalidQueryError, "User.name is no dict"),
        ({"name__token__gt": 1}, InvalidQueryError, "__token compares the partition key, which is 'id' here"),
        ({"id__token__gt": "x"}, InvalidValueError, "a token is a whole number of 64 bits"),
        ({"name__like": 3}, InvalidValueError, "__like takes a text"),
        ({"score__like": "1%"}, InvalidQueryError, "User.score is CQL int; __like compares fields of text"),
    ],
)
def test_a_wrong_lookup_is_refused_before_anything_is_sent(
    lookups: dict[str, Any], error: type[Exception], sentence: str, driver: ScriptedDriver
) -> None:
    for verb in (User.get, User.find_one, User.find, User.find().filter):
        with pytest.raises(error, match=sentence) as caught:
            verb(**lookups)
        assert isinstance(caught.value, InvalidQueryError)
    assert driver.requests == []


@pytest.mark.parametrize("count", [0, -1, 1.5, "ten", True, None, 1 << 31])
def test_a_limit_is_a_positive_whole_number(count: Any) -> None:
    with pytest.raises(InvalidQueryError, match="limit"):
        User.find().limit(count)


@pytest.mark.parametrize("fields", [("score", "score"), ("score", "-score"), ("-name", "score", "name")])
def test_a_field_to_sort_by_is_named_once(fields: tuple[str, ...]) -> None:
    with pytest.raises(InvalidQueryError, match=rf"^order_by\(\) of User names '{fields[-1].strip('-')}' twice"):
        User.find().order_by(*fields)
    assert repr(User.find().order_by("score").order_by("-score")) == "<QuerySet User.find().order_by('-score')>"


def test_one_document_is_not_told_to_go_on_with_a_chain(driver: ScriptedDriver) -> None:
    way_out = r"or write User\.find\(\.\.\.\)\.allow_filtering\(\)\.first\(\) to let the server read the whole table$"
    for verb in (User.get, User.find_one):
        with pytest.raises(InvalidQueryError, match=way_out):
            verb(name="Alice")
    with pytest.raises(
        InvalidQueryError, match=r"or call \.allow_filtering\(\) to let the server read the whole table$"
    ):
        User.find(name="Alice").first()
    assert driver.requests == []


class Film(Document):
    title: Annotated[str, PrimaryKey()]
    casts: Annotated[dict[str, str], Indexed()] = {}
    rooms: Annotated[list[int], Frozen(), Indexed()] = []


@pytest.mark.parametrize(
    ("lookups", "limits"),
    [
        (
            {"casts__contains_key": "a"},
            r"'casts' \(the index of 'casts' serves __contains only\); give the partition key",
        ),
        ({"rooms__contains": 1}, r"'rooms' \(the index of 'rooms' serves equality only\);"),
        (
            {"casts__contains_key": "a", "rooms__gt": [1]},
            r"\(the index of 'casts' serves __contains only, the index of 'rooms' serves equality only\)",
        ),
        (
            {"title__gt": "a"},
            r"^Film: no key and no index serves 'title'; compare the partition key by equality or __in",
        ),
    ],
)
def test_what_an_index_does_not_serve_is_said_of_it(
    lookups: dict[str, Any], limits: str, driver: ScriptedDriver
) -> None:
    with pytest.raises(InvalidQueryError, match=limits):
        Film.find(**lookups).all()
    assert driver.requests == []


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        (User.find, "<QuerySet User.find()>"),
        (lambda: User.find(name="secret"), "<QuerySet User.find(name=...)>"),
        (
            lambda: User.find(name="secret", score__gte=7).filter(id__token__gt=5).order_by("-score", "name").limit(3),
            "<QuerySet User.find(name=..., score__gte=..., id__token__gt=...).order_by('-score', 'name').limit(3)>",
        ),
        (lambda: Film.find(casts__contains_key="secret").allow_filtering(), None),
    ],
)
def test_a_query_shows_what_it_asks_for_and_no_values(query: Callable[[], object], shown: str | None) -> None:
    expected = shown or "<QuerySet Film.find(casts__contains_key=...).allow_filtering()>"
    assert repr(query()) == expected


@pytest.mark.parametrize(
    ("lookups", "way_out"),
    [
        ({"tags": {"a"}}, r"look into it with __contains, or mark the field Frozen\(\)"),
        ({"notes__gt": {}}, "look into it with __contains"),
        ({"tenant": None}, "part of the primary key, which is never null"),
        (
            {"tenant": "a", "project__gt": "b"},
            r"; compare every column of the partition key \('tenant', 'project'\) by equality or __in, or call",
        ),
        ({"tenant__gt": "a"}, r"; compare every column of the partition key \('tenant', 'project'\) by equality or"),
        ({"project__in": ["a"]}, r"; give the whole partition key \('tenant' is missing\), or call"),
        (
            {"status__gt": "done"},
            r"no index serves 'status' \(the index of 'status' serves equality only\); give .* call \.allow_filtering",
        ),
        ({"status__in": ["done"]}, r"\(the index of 'status' serves equality only\); give the partition key"),
    ],
)
def test_the_way_out_fits_what_was_asked(lookups: dict[str, Any], way_out: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match=way_out) as caught:
        Task.find(**lookups).all()
    assert ("Indexed()" in str(caught.value)) is False
    assert driver.requests == []


@pytest.mark.parametrize(
    ("lookups", "added", "sentence"),
    [
        ({"name": "a"}, {"name": "b"}, r"^User\.name is compared twice: .*; give one of them, or __in with every"),
        ({"name": "a"}, {"name__gt": "b"}, r"^User\.name is compared twice"),
        ({"id": UUID(int=1)}, {"id": UUID(int=1)}, r"^User\.id is compared twice: .*, and filter\(\) adds to what was"),
        ({"id": UUID(int=1), "id__in": [UUID(int=1)]}, {}, r"^User\.id is compared twice: Cassandra takes two"),
        ({"name__in": ["a"]}, {"name": "b"}, r"^User\.name is compared twice"),
        ({"name__like": "a"}, {"name": "b"}, r"^User\.name is compared twice"),
        ({"score__gt": 1}, {"score__gte": 2}, r"^User\.score has two lower bounds; give the narrower one alone$"),
        ({"score__lt": 1}, {"score__lt": 2}, r"^User\.score has two upper bounds"),
        ({"id__token__lt": 1}, {"id__token__lte": 2}, r"^User\.id has two upper bounds"),
    ],
)
def test_two_comparisons_of_one_field_that_no_server_takes_are_refused(
    lookups: dict[str, Any], added: dict[str, Any], sentence: str, driver: ScriptedDriver
) -> None:
    query = User.find(**lookups).filter(**added).allow_filtering()
    for verb in (query.all, query.first, query.count, lambda: list(query)):
        with pytest.raises(InvalidQueryError, match=sentence):
            verb()
    assert driver.requests == []


def test_a_range_a_token_beside_a_key_and_several_elements_are_sent(driver: ScriptedDriver) -> None:
    User.find(score__gt=1, score__lte=5).allow_filtering().all()
    User.find(id=UUID(int=1), id__token__gt=1).allow_filtering().all()
    Task.find(tags__contains="a").filter(tags__contains="b").all()
    assert len(driver.requests) == 3


def test_a_pattern_without_an_index_says_what_cassandra_needs_besides(driver: ScriptedDriver) -> None:
    with pytest.raises(
        InvalidQueryError, match=r"in Cassandra __like needs a SASI index besides: Indexed\(using=.sasi.\)$"
    ):
        User.find(name__like="A%").all()
    assert driver.requests == []


class Spot(Document):
    id: Annotated[int, PrimaryKey()]
    place: tuple[int | None, str] = (1, "")


class Marked(Document):
    id: Annotated[int, PrimaryKey()]
    marks: tuple[frozenset[int], str] = (frozenset(), "")
    lasted: tuple[CqlDuration, ...] = ()


def test_values_that_have_no_order_name_the_field_and_the_way_out(script: Callable[..., ScriptedDriver]) -> None:
    # As the driver of somebody else may answer.
    script(Reply([(1, (1, "a")), (2, ("1", "b"))], ("id", "place")))
    with pytest.raises(InvalidQueryError, match=r"^Spot\.place holds values that cannot .*; leave it out of order_by"):
        Spot.find().allow_filtering().order_by("place").all()


def test_what_has_no_order_is_not_sorted(script: Callable[..., ScriptedDriver]) -> None:
    driver = script()
    for field in ("tags", "notes"):
        with pytest.raises(InvalidQueryError, match="has no order to sort by"):
            Task.find(status="open").order_by(field).all()
    for field in ("marks", "lasted"):
        with pytest.raises(InvalidQueryError, match=rf"^Marked\.{field}: a .*<.*> has no order to sort by"):
            Marked.find().allow_filtering().order_by(field).all()
    assert driver.requests == []
    wrong: Any
    for wrong in (5, ["name"]):
        with pytest.raises(InvalidQueryError, match=r"order_by\(\) takes names of fields"):
            User.find().order_by(wrong)


@pytest.mark.usefixtures("driver")
@pytest.mark.parametrize("other", [int, dict, "text", None, 5])
def test_a_query_of_what_is_no_document_is_refused(other: Any) -> None:
    with pytest.raises(InvalidModelError, match=r"is no document; derive it from coodie\.sync\.Document"):
        QuerySet(other).all()


def test_a_query_of_a_document_is_told_to_take_its_class() -> None:
    document: Any = User(id=UUID(int=1))
    with pytest.raises(InvalidModelError, match=r"^User: is queried by its class, .* documents; write User$"):
        QuerySet(document)


@pytest.mark.parametrize(
    ("groups", "sentence"),
    [
        (["tenant"], r"group_by\(\) of Task: a part of the partition key makes no group; .* \('tenant', 'project'\)$"),
        (["day"], r"group_by\(\) takes the columns of the primary key from the left .*'day' does not follow"),
    ],
)
def test_groups_that_no_server_makes_are_refused(groups: list[str], sentence: str, driver: ScriptedDriver) -> None:
    query = Task.find().group_by(*groups)
    for verb in (query.all, query.first, lambda: query.aggregate(n="count(*)")):
        with pytest.raises(InvalidQueryError, match=sentence):
            verb()
    assert driver.requests == []


def test_groups_of_rows_are_not_of_distinct_partitions(driver: ScriptedDriver) -> None:
    with pytest.raises(
        InvalidQueryError, match=r"'day' tells rows apart, and distinct\(\) makes one of each partition"
    ):
        Task.find().distinct().group_by("tenant", "project", "day").all()
    Task.find().distinct().group_by("tenant", "project").all()
    assert len(driver.requests) == 1
