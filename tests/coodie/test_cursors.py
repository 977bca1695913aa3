"""Cursors of pages: good for one query and one tenant, for a time, and for nobody who made his own."""

from __future__ import annotations

import asyncio
import math
import os
import random
import string
import subprocess
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie import aio, using
from coodie.cursors import PageCursors
from coodie.exceptions import ConfigurationError, InvalidCursorError, InvalidQueryError
from coodie.fields import ClusteringKey, PrimaryKey
from coodie.sync import Document, col
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver
from task_models import User

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = bytes(range(32))
STATE = b"\x00\x08where it ended\xff" * 2
ALPHABET = string.ascii_letters + string.digits + "-_"


class Post(Document):
    blog: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    tags: set[str] = set()
    text: str = ""


class AsyncPost(aio.Document):
    blog: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]

    class Settings:
        name = "post"


class Article(Document):
    blog: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    tags: set[str] = set()
    text: str = ""

    class Settings:
        name = "post"


def posts() -> Any:
    return Post.find(blog="a", number__gte=3).limit(100)


@pytest.mark.usefixtures("driver")
def test_a_cursor_comes_back_as_the_state_that_it_was_made_of() -> None:
    cursors = PageCursors(KEY)
    for state in (b"", b"\x00", STATE, bytes(range(256)) * 40):
        cursor = cursors.sign(posts(), state)
        assert set(cursor) <= set(ALPHABET)
        assert cursors.open(posts(), cursor) == state
    assert cursors.sign(posts(), None) is None
    assert cursors.open(posts(), None) is None


@pytest.mark.parametrize("order", [("text",), ("-number", "text")])
def test_a_query_that_is_sorted_here_has_no_cursors(order: tuple[str, ...], driver: ScriptedDriver) -> None:
    cursors, sorted_here = PageCursors(KEY), Post.find(blog="a").order_by(*order)
    cursor = cursors.sign(Post.find(blog="a"), STATE)
    for ask in (lambda: cursors.sign(sorted_here, STATE), lambda: cursors.open(sorted_here, cursor)):
        with pytest.raises(InvalidQueryError, match=r"^Post: the server has no pages of what is sorted here"):
            ask()
    assert driver.requests == []


@pytest.mark.usefixtures("driver")
def test_how_pages_are_fetched_may_change() -> None:
    cursors = PageCursors(KEY)
    cursor = cursors.sign(posts(), STATE)
    assert cursors.open(posts().fetch_size(7).consistency("ONE").timeout(3).page(STATE), cursor) == STATE


OTHERS: dict[str, Callable[[], Any]] = {
    "value": lambda: Post.find(blog="b", number__gte=3).limit(100),
    "type of a value": lambda: Post.find(blog="a", number__gte=33).limit(100),
    "limit": lambda: Post.find(blog="a", number__gte=3).limit(101),
    "no limit": lambda: Post.find(blog="a", number__gte=3),
    "slice": lambda: Post.find(blog="a", number__gte=3)[:100][1:],
    "operator": lambda: Post.find(blog="a", number__gt=3).limit(100),
    "order": lambda: posts().order_by("-number"),
    "columns": lambda: posts().only("text"),
    "filter": lambda: posts().filter(text="x"),
    "keyspace": lambda: posts().using(keyspace="other"),
    "model": lambda: Article.find(blog="a", number__gte=3).limit(100),
    "partitions": lambda: posts().per_partition_limit(100),
    "another table": User.find,
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_cursor_of_another_query_is_refused_before_the_network(what: str, driver: ScriptedDriver) -> None:
    cursors = PageCursors(KEY)
    cursor = cursors.sign(posts(), STATE)
    if what == "slice":
        with pytest.raises(InvalidQueryError):
            cursors.open(OTHERS[what](), cursor)
    else:
        with pytest.raises(InvalidCursorError, match="the cursor is none of this query"):
            cursors.open(OTHERS[what](), cursor)
    assert driver.requests == []


KINDS: list[Callable[[list[int]], Any]] = [set, frozenset, lambda values: dict.fromkeys(values).keys()]


@pytest.mark.parametrize("kind", KINDS)
def test_a_set_of_values_is_the_same_in_every_order(kind: Callable[[list[int]], Any], driver: ScriptedDriver) -> None:
    """The numbers fall together in the table of a set, where the first comes first: as texts do by chance."""
    one, other = kind([1, 9]), kind([9, 1])
    assert [*one] != [*other]
    cursors = PageCursors(KEY)
    cursor = cursors.sign(Post.find(blog="a", number__in=one), STATE)
    assert cursors.open(Post.find(blog="a", number__in=other), cursor) == STATE
    assert cursors.open(Post.find(Post.blog == "a", col(Post.number).in_(other)), cursor) == STATE
    with pytest.raises(InvalidCursorError):
        cursors.open(Post.find(blog="a", number__in={1, 2}), cursor)
    Post.find(blog="a", number__in=one).all()
    Post.find(blog="a", number__in=other).all()
    assert driver.requests[0].params == driver.requests[1].params


@pytest.mark.usefixtures("driver")
def test_a_list_of_values_keeps_its_order() -> None:
    cursors = PageCursors(KEY)
    cursor = cursors.sign(Post.find(blog="a", number__in=[9, 1]), STATE)
    with pytest.raises(InvalidCursorError):
        cursors.open(Post.find(blog="a", number__in=[1, 9]), cursor)


def test_another_process_knows_the_cursor_of_a_set() -> None:
    code = """
from typing import Annotated
from coodie.cursors import PageCursors
from coodie.fields import PrimaryKey
from coodie.sync import Document
from coodie_drivers import register_driver
from coodie_drivers.testing.scripted import ScriptedDriver

class Post(Document):
    blog: Annotated[str, PrimaryKey()]

register_driver("scripted", ScriptedDriver(), default=True)
blogs = {f"blog {number}" for number in range(20)}
print(list(blogs)[0], PageCursors(bytes(32)).sign(Post.find(blog__in=blogs), b"state"), sep=";")
"""
    said = [
        subprocess.check_output([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, text=True)
        for seed in ("1", "2")
    ]
    (first, one), (second, other) = (each.strip().split(";") for each in said)
    assert first != second
    assert one == other


@pytest.mark.usefixtures("driver")
def test_a_cursor_is_of_its_context_and_tenant() -> None:
    cursors = PageCursors(KEY)
    with using(keyspace="tenant_a"):
        cursor = cursors.sign(posts(), STATE, tenant="a")
        assert cursors.open(posts(), cursor, tenant="a") == STATE
        for tenant in (None, "b", "A", ""):
            with pytest.raises(InvalidCursorError):
                cursors.open(posts(), cursor, tenant=tenant)
    with pytest.raises(InvalidCursorError):
        cursors.open(posts(), cursor, tenant="a")


@pytest.mark.usefixtures("driver")
def test_values_that_look_alike_are_told_apart() -> None:
    cursors = PageCursors(KEY)
    cursor = cursors.sign(Post.find(blog__in=["a", "b"]), STATE)
    for blogs in (["b", "a"], ["a,b"], ["ab"], ["a", "b", "c"]):
        with pytest.raises(InvalidCursorError):
            cursors.open(Post.find(blog__in=blogs), cursor)


@pytest.mark.usefixtures("driver")
def test_cursors_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    for cursors in (PageCursors(KEY, max_age=60), PageCursors(KEY, max_age=timedelta(minutes=1))):
        monkeypatch.setattr(time, "time", lambda: now)
        cursor = cursors.sign(posts(), STATE)
        monkeypatch.setattr(time, "time", lambda: now + 58)
        assert cursors.open(posts(), cursor) == STATE
        monkeypatch.setattr(time, "time", lambda: now + 62)
        with pytest.raises(InvalidCursorError, match="has expired; begin with the first page") as refused:
            cursors.open(posts(), cursor)
        assert refused.value.expired


@pytest.mark.usefixtures("driver")
def test_keys_are_changed_one_after_the_other() -> None:
    old, new = PageCursors(KEY), PageCursors([bytes(32), KEY])
    assert new.open(posts(), old.sign(posts(), STATE)) == STATE
    with pytest.raises(InvalidCursorError):
        old.open(posts(), new.sign(posts(), STATE))
    with pytest.raises(InvalidCursorError):
        PageCursors(bytes(32)).open(posts(), old.sign(posts(), STATE))


def check_flips(count: int, driver: ScriptedDriver) -> None:
    """Change one bit of the bytes, or one character of the text, many times: nothing is accepted."""
    cursors, chance, query = PageCursors(KEY, max_age=3_600), random.Random(4), posts()  # noqa: S311 - to be the same each time
    cursor = cursors.sign(query, STATE)
    accepted = 0
    for _ in range(count):
        place = chance.randrange(len(cursor))
        flipped = chr(ord(cursor[place]) ^ (1 << chance.randrange(7)))
        changed = cursor[:place] + flipped + cursor[place + 1 :]
        try:
            cursors.open(query, changed)
        except InvalidCursorError:
            continue
        accepted += 1
    assert accepted == 0
    assert driver.requests == []


def test_no_changed_cursor_is_accepted(driver: ScriptedDriver) -> None:
    check_flips(20_000, driver)


@pytest.mark.long
def test_of_very_many_changed_cursors_none_is_accepted(driver: ScriptedDriver) -> None:
    check_flips(100_000, driver)


@pytest.mark.parametrize("wrong", ["", "x", "ä", "A" * 60, "=" * 60, "A" * 300_000, "A A" * 40, 5, b"AAAA"])
def test_what_is_no_cursor_is_refused(wrong: Any, driver: ScriptedDriver) -> None:
    cursors = PageCursors(KEY)
    with pytest.raises(InvalidCursorError):
        cursors.open(posts(), wrong)
    with pytest.raises(InvalidCursorError):
        cursors.open(posts(), cursors.sign(posts(), STATE)[:-1])
    with pytest.raises(InvalidCursorError):
        cursors.open(posts(), cursors.sign(posts(), STATE) + "=")
    assert driver.requests == []


@pytest.mark.parametrize(
    "key", [b"", b"short", "x" * 40, [], [KEY, b"short"], bytes(31), None, 5, [None], bytearray(40)]
)
def test_weak_keys_are_refused(key: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"secrets\.token_bytes\(32\)"):
        PageCursors(key)


@pytest.mark.parametrize("max_age", [0, -1, "60", timedelta(0), True, math.inf, math.nan, 1e20, 10**400])
def test_an_age_is_positive_and_has_an_end(max_age: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^max_age .* leave it out for cursors that are good for ever"):
        PageCursors(KEY, max_age=max_age)


@pytest.mark.usefixtures("driver")
@pytest.mark.parametrize("max_age", [1, 10**12, timedelta.max])
def test_the_shortest_and_the_longest_age_are_taken(max_age: Any) -> None:
    cursors = PageCursors(KEY, max_age=max_age)
    assert cursors.open(posts(), cursors.sign(posts(), STATE)) == STATE


@pytest.mark.usefixtures("driver")
def test_what_is_no_state_or_tenant_is_refused() -> None:
    wrong: Any = "text"
    number: Any = 5
    with pytest.raises(InvalidQueryError, match="which is bytes or None"):
        PageCursors(KEY).sign(posts(), wrong)
    with pytest.raises(InvalidQueryError, match="is a text, or None"):
        PageCursors(KEY).sign(posts(), STATE, tenant=number)
    nothing: Any = None
    model: Any = Post
    for query, kind in ((nothing, "NoneType"), (model, "DocumentMetaclass")):
        told = rf"a cursor is of a query, such as Product\.find\(\), and not of {kind}"
        with pytest.raises(InvalidQueryError, match=told):
            PageCursors(KEY).sign(query, STATE)
        with pytest.raises(InvalidQueryError, match=told):
            PageCursors(KEY).open(query, PageCursors(KEY).sign(posts(), STATE))


class Pages(ScriptedDriver):
    """Answers ten pages of one row, each with a state that only its own query may bring back."""

    def send(self, request: Any) -> Reply:
        blog = request.params[0]
        owner, _, number = (request.paging_state or f"{blog} 0".encode()).decode().partition(" ")
        assert owner == blog, "a state of another query"
        following = f"{blog} {int(number) + 1}".encode() if int(number) < 9 else None
        return Reply([(blog, int(number))], ("blog", "number"), following)


async def walk(blog: str, cursors: PageCursors) -> list[int]:
    """Look at the pages of one blog, each asked for by a cursor, while others look at theirs."""
    seen: list[int] = []
    query, cursor = AsyncPost.find(blog=blog), None
    while True:
        await asyncio.sleep(0)
        page = await query.page(cursors.open(query, cursor)).paged_all()
        assert all(post.blog == blog for post in page)
        seen += [post.number for post in page]
        if page.paging_state is None:
            return seen
        cursor = cursors.sign(query, page.paging_state)


async def check_concurrent_pages(pages: int, register: Callable[[ScriptedDriver], None]) -> None:
    register(Pages())
    cursors = PageCursors(KEY)
    for batch in range(pages // 1_000):
        seen = await asyncio.gather(*(walk(f"{batch}.{number}", cursors) for number in range(100)))
        assert seen == [list(range(10))] * 100


async def test_pages_of_queries_at_the_same_time_do_not_mix(register: Callable[[ScriptedDriver], None]) -> None:
    await check_concurrent_pages(3_000, register)


@pytest.mark.long
async def test_very_many_pages_of_queries_at_the_same_time_do_not_mix(
    register: Callable[[ScriptedDriver], None],
) -> None:
    await check_concurrent_pages(100_000, register)
