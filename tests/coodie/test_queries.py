"""What a query sends: its CQL, its values, what is added to it and what is refused before anything is sent."""

from __future__ import annotations

import datetime as dt
import time
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest

from coodie.exceptions import (
    DocumentNotFound,
    DriverError,
    GuardrailExceededError,
    InvalidQueryError,
    MultipleDocumentsFound,
    UnknownNameError,
)
from coodie.fields import PrimaryKey
from coodie.sync import Document, QuerySet
from coodie_drivers import CqlDate
from coodie_drivers.messages import Reply
from cql_builder.analysis import StatementKind
from task_models import Status, Task, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


COLUMNS = "tenant, project, day, rank, status, priority, tags, notes"
DAY = dt.date(2026, 1, 2)


class Visit(Document):
    id: Annotated[int, PrimaryKey()]
    day: dt.date
    host: IPv4Address | IPv6Address
    seen: UUID


def sent(driver: ScriptedDriver) -> tuple[str, list[Any]]:
    request = driver.requests[-1]
    return request.statement.cql, list(request.params)


@pytest.mark.parametrize(
    ("lookups", "where", "values"),
    [
        ({"tenant": "a", "project": "p"}, "tenant = ? AND project = ?", ["a", "p"]),
        ({"tenant": "a", "project__in": ["p", "q"]}, "tenant = ? AND project IN ?", ["a", ["p", "q"]]),
        (
            {"tenant": "a", "project": "p", "day": DAY, "rank__gte": 3},
            "tenant = ? AND project = ? AND day = ? AND rank >= ?",
            ["a", "p", DAY, 3],
        ),
        ({"tenant": "a", "project": "p", "day__lt": DAY}, "tenant = ? AND project = ? AND day < ?", ["a", "p", DAY]),
        ({"status": Status.OPEN}, "status = ?", ["open"]),
        ({"status": "done"}, "status = ?", ["done"]),
        ({"tags__contains": "x"}, "tags CONTAINS ?", ["x"]),
    ],
)
def test_what_a_key_or_an_index_serves_is_sent_as_it_is(
    lookups: dict[str, Any], where: str, values: list[Any], driver: ScriptedDriver
) -> None:
    Task.find(**lookups).all()
    assert sent(driver) == (f"SELECT {COLUMNS} FROM ks.task WHERE {where}", values)


@pytest.mark.parametrize(
    "lookups",
    [
        {"tenant": "a", "project": "p", "priority__gt": 3},
        {"tenant": "a", "project": "p", "rank": 3},
        {"tenant": "a", "project": "p", "day__gt": DAY, "rank": 3},
        {"status": "open", "priority": 3},
        {"status": "open", "tenant": "a"},
        {"tags__contains": "x", "notes__contains_key": "k"},
    ],
)
def test_filtering_beside_a_key_or_an_index_is_allowed_unasked(lookups: dict[str, Any], driver: ScriptedDriver) -> None:
    Task.find(**lookups).all()
    assert sent(driver)[0].endswith(" ALLOW FILTERING")


@pytest.mark.parametrize(
    ("lookups", "way_out"),
    [
        ({"priority": 3}, r"no key and no index serves 'priority'; .*mark the field Indexed\(\)"),
        ({"tenant": "a"}, r"give the whole partition key \('project' is missing\)"),
        ({"day": DAY}, r"give the partition key \('tenant', 'project'\) too"),
        ({"notes__contains": "x"}, r"call \.allow_filtering\(\)"),
        ({"status__in": ["open"]}, r"call \.allow_filtering\(\)"),
    ],
)
def test_what_would_read_the_whole_table_is_refused_until_it_is_allowed(
    lookups: dict[str, Any], way_out: str, driver: ScriptedDriver
) -> None:
    with pytest.raises(InvalidQueryError, match=way_out):
        Task.find(**lookups).all()
    assert driver.requests == []
    Task.find(**lookups).allow_filtering().all()
    assert sent(driver)[0].endswith(" ALLOW FILTERING")


def test_everything_is_asked_for_without_filtering(driver: ScriptedDriver) -> None:
    Task.find().all()
    assert sent(driver) == (f"SELECT {COLUMNS} FROM ks.task", [])


def test_a_limit_is_a_value_so_that_all_limits_share_a_statement(driver: ScriptedDriver) -> None:
    for count in (1, 2, 3):
        User.find().limit(count).all()
    assert {request.statement for request in driver.requests} == {driver.requests[0].statement}
    assert [list(request.params) for request in driver.requests] == [[1], [2], [3]]


def test_a_limit_is_that_of_the_statement_wherever_it_stands(driver: ScriptedDriver) -> None:
    Task.find(tenant="a", project="p").order_by("-day").filter(day__gt=DAY).limit(3).all()
    Task.find(tenant="a").limit(3).filter(project="p").order_by("-day").filter(day__gt=DAY).all()
    said, behind = driver.requests
    assert said.statement.cql == behind.statement.cql
    assert list(said.params) == list(behind.params) == ["a", "p", DAY, 3]


def test_tokens_compare_the_partition(driver: ScriptedDriver) -> None:
    User.find(id__token__gt=-5, id__token__lte=7).all()
    assert sent(driver) == ("SELECT id, name, score FROM ks.user WHERE token(id) > ? AND token(id) <= ?", [-5, 7])


def test_a_chain_never_changes_what_it_came_from(driver: ScriptedDriver) -> None:
    every = QuerySet(User)
    every.filter(id=uuid4()).limit(3).allow_filtering().order_by("name")
    every.all()
    assert sent(driver) == ("SELECT id, name, score FROM ks.user", [])


def test_filters_add_up(driver: ScriptedDriver) -> None:
    Task.find(tenant="a").filter(project="p").filter(day=DAY).all()
    assert sent(driver)[1] == ["a", "p", DAY]


@pytest.mark.parametrize("order", [("day",), ("day", "-rank"), ("-day", "rank"), ("-day",)])
def test_the_server_sorts_by_clustering_columns_of_one_partition(
    order: tuple[str, ...], driver: ScriptedDriver
) -> None:
    Task.find(tenant="a", project="p").order_by(*order).limit(5).all()
    direction = ", ".join(f"{name.removeprefix('-')} {'DESC' if name[0] == '-' else 'ASC'}" for name in order)
    assert f" ORDER BY {direction} LIMIT ?" in sent(driver)[0].replace("day LIMIT", "day ASC LIMIT").replace(
        "day,", "day ASC,"
    ).replace("rank LIMIT", "rank ASC LIMIT")


def test_other_orders_are_sorted_here_and_limited_afterwards(script: Callable[..., ScriptedDriver]) -> None:
    a, b, c, d = (UUID(int=n) for n in range(4))
    rows = [(a, "x", 2), (b, "y", None), (c, "x", 9), (d, "z", 5)]
    driver = script(*[Reply(rows, ("id", "name", "score"))] * 2)
    found = User.find(name__gt="").order_by("-score").limit(3).allow_filtering().all()
    assert [user.score for user in found] == [9, 5, 2]
    assert "LIMIT" not in sent(driver)[0]
    found = User.find(name__gt="").order_by("name", "-score").allow_filtering().all()
    assert [(user.name, user.score) for user in found] == [("x", 9), ("x", 2), ("y", None), ("z", 5)]


def test_first_of_an_order_is_the_first_after_sorting(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(UUID(int=1), "x", 1), (UUID(int=2), "y", 7)], ("id", "name", "score")))
    first = User.find(name__gt="").order_by("-score").allow_filtering().first()
    assert first is not None
    assert first.score == 7


def test_what_a_driver_returns_for_a_column_is_sorted_whatever_the_class(script: Callable[..., ScriptedDriver]) -> None:
    late, early = CqlDate(3_000_000), CqlDate(-800_000)
    days = (late, DAY, early)
    # A driver of somebody else may have texts for what Python has classes for.
    hosts = ("9.0.0.1", IPv4Address("10.0.0.1"), IPv6Address("::1"))
    ids = (str(UUID(int=1)), UUID(int=3), UUID(int=2))
    rows = list(zip((1, 2, 3), days, hosts, ids, strict=True))
    script(*[Reply(rows, ("id", "day", "host", "seen"))] * 3)
    numbers = Visit.find().allow_filtering().values_list("id", flat=True)
    assert numbers.order_by("day").all() == [3, 2, 1]
    assert numbers.order_by("host").all() == [3, 1, 2]
    assert numbers.order_by("seen").all() == [1, 3, 2]


def test_sorting_a_whole_table_is_refused(driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match="sorting by 'score' would fetch the whole table"):
        User.find().order_by("score").all()
    assert driver.requests == []


def test_a_stream_that_must_be_sorted_here_has_a_guardrail(script: Callable[..., ScriptedDriver]) -> None:
    page = Reply([(UUID(int=1), "x", 1)] * 6_000, ("id", "name", "score"), paging_state=b"more")
    script(page, page, page)
    with pytest.raises(GuardrailExceededError, match=r"more than 10,000 rows .* call \.all\(\)"):
        next(iter(User.find(name__gt="").order_by("score").allow_filtering()))


def test_pages_are_followed_until_the_paging_state_ends_not_until_one_is_empty(
    script: Callable[..., ScriptedDriver],
) -> None:
    names = ("id", "name", "score")
    pages = [
        Reply([(UUID(int=1), "a", 1)], names, paging_state=b"1"),
        Reply([], names, paging_state=b"2"),
        Reply([(UUID(int=2), "b", 2)], names),
    ]
    driver = script(*pages, *pages)
    assert [user.name for user in User.find().all()] == ["a", "b"]
    assert [request.paging_state for request in driver.requests] == [None, b"1", b"2"]
    assert [user.name for user in User.find()] == ["a", "b"]
    assert [request.paging_state for request in driver.requests[3:]] == [None, b"1", b"2"]


def test_a_stream_fetches_one_page_ahead(script: Callable[..., ScriptedDriver]) -> None:
    driver = script(*[Reply([(UUID(int=1), "a", 1)], ("id", "name", "score"), paging_state=b"1")] * 9)
    stream = iter(User.find())
    assert driver.requests == []
    for reached in (1, 2, 3):
        next(stream)
        ends = time.monotonic() + 5.0
        while len(driver.requests) <= reached and time.monotonic() < ends:
            time.sleep(0.001)
        time.sleep(0.01)
        assert len(driver.requests) == reached + 1


def test_count_asks_the_server_and_keeps_to_the_limit(script: Callable[..., ScriptedDriver]) -> None:
    driver = script(Reply([(12,)], ("count",)), Reply([(12,)], ("count",)))
    assert Task.find(status="open").count() == 12
    assert sent(driver) == ("SELECT COUNT(*) FROM ks.task WHERE status = ?", ["open"])
    assert Task.find(status="open").limit(5).count() == 5


@pytest.mark.parametrize("reply", [Reply(), Reply([()]), Reply([(None,)], ("count",)), Reply([("12",)], ("count",))])
def test_an_answer_without_a_count_is_no_count(reply: Reply, script: Callable[..., ScriptedDriver]) -> None:
    script(reply)
    sentence = r"^User: the driver answered 'SELECT COUNT\(\*\) FROM ks.user' without a figure$"
    with pytest.raises(DriverError, match=sentence) as caught:
        User.find().count()
    assert (caught.value.outcome, caught.value.statement_kind) == ("not_applied", StatementKind.SELECT)


def test_get_and_find_one_by_whole_key_need_no_limit_others_ask_for_two(driver: ScriptedDriver) -> None:
    key = uuid4()
    assert User.find_one(id=key) is None
    assert sent(driver) == ("SELECT id, name, score FROM ks.user WHERE id = ?", [key])
    assert Task.find_one(status="open") is None
    assert sent(driver) == (f"SELECT {COLUMNS} FROM ks.task WHERE status = ? LIMIT ?", ["open", 2])


@pytest.mark.usefixtures("driver")
def test_get_says_what_it_did_not_find() -> None:
    with pytest.raises(DocumentNotFound, match=r"^no User with the given 'id'$"):
        User.get(id=uuid4())


def test_get_and_find_one_refuse_to_choose(script: Callable[..., ScriptedDriver]) -> None:
    two = Reply([(UUID(int=1), "a", 1), (UUID(int=2), "a", 1)], ("id", "name", "score"))
    script(two, two)
    for verb in (User.get, User.find_one):
        with pytest.raises(MultipleDocumentsFound, match="more than one User"):
            verb(id__token__gt=0)


def test_get_needs_something_to_find_by(driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match="which one"):
        User.get()
    assert driver.requests == []


def test_a_value_is_compared_by_its_type_alone_not_by_the_rules_of_the_field(driver: ScriptedDriver) -> None:
    Task.find(tenant="a", project="p", priority__gte=0).all()
    assert sent(driver)[1] == ["a", "p", 0]


def test_an_unknown_field_to_sort_by_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'score'"):
        User.find().order_by("-scor")


def test_a_null_is_what_the_field_says_about_absence(script: Callable[..., ScriptedDriver]) -> None:
    columns = ("tenant", "project", "day", "rank", "status", "priority", "tags", "notes")
    script(Reply([("a", "p", DAY, 1, None, None, None, None)], columns))
    task = Task.get(tenant="a", project="p", day=DAY, rank=1)
    held = vars(task)
    assert [held[name] for name in ("status", "priority", "tags", "notes")] == ["open", 1, set(), {}]


NARROWED: list[Callable[[Any], Any]] = [
    lambda query: query.limit(2),
    lambda query: query[:2],
    lambda query: query[1:3],
]


@pytest.mark.parametrize("verb", ["sum", "avg", "min", "max"])
@pytest.mark.parametrize("narrow", NARROWED)
def test_a_figure_is_of_all_matching_rows(verb: str, narrow: Callable[[Any], Any], driver: ScriptedDriver) -> None:
    """The server would apply the limit to the one row of figures, and answer that of all rows."""
    query = narrow(Task.find(tenant="a", project="p"))
    with pytest.raises(InvalidQueryError, match=rf"^{verb}\(\) is of all matching rows|takes no slice\(\)"):
        getattr(query, verb)("priority")
    with pytest.raises(InvalidQueryError, match=r"takes no per_partition_limit\(\)"):
        getattr(Task.find(tenant="a", project="p").per_partition_limit(1), verb)("priority")
    assert driver.requests == []
