"""A loop over a query, or over its pages, is of the place where it was begun, also when the block has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie import aio, using
from coodie.exceptions import ConfigurationError
from coodie.fields import PrimaryKey
from coodie.sync import Document
from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Note(Document):
    id: Annotated[int, PrimaryKey()]


class AsyncNote(aio.Document):
    id: Annotated[int, PrimaryKey()]

    class Settings:
        name = "note"


class Pages(ScriptedDriver):
    """Gives out two pages, of one row each."""

    def send(self, request: Any) -> Reply:
        super().send(request)
        return Reply([(1,)], ("id",), None if request.paging_state else b"more")

    @property
    def asked(self) -> set[str]:
        """The keyspaces that were asked."""
        return {request.statement.cql.split(" FROM ")[1].split(".")[0] for request in self.requests}


@pytest.fixture
def here() -> Iterator[Pages]:
    """The default connection."""
    yield from registered("here", default=True)


@pytest.fixture
def there() -> Iterator[Pages]:
    """Another connection."""
    yield from registered("there", default=False)


def registered(name: str, *, default: bool) -> Iterator[Pages]:
    driver = Pages()
    register_driver(name, driver, default=default)
    yield driver
    unregister_driver(name)


BEGUN: dict[str, Callable[[], Iterator[Any]]] = {
    "loop": lambda: iter(Note.find(id=1)),
    "pages": lambda: Note.find(id=1).pages(),
    "loop over tuples": lambda: iter(Note.find().filter(id=1).values_list("id")),
}


@pytest.mark.parametrize("name", BEGUN)
def test_a_loop_stays_where_it_was_begun(name: str, here: Pages, there: Pages) -> None:
    with using(keyspace="ann", connection="there"):
        begun = BEGUN[name]()
    assert there.requests == []
    with using(keyspace="bob"):
        assert len(list(begun)) == 2
    assert (there.asked, here.asked) == ({"ann"}, set())


@pytest.mark.parametrize("name", ["loop", "pages"])
async def test_an_asynchronous_loop_stays_where_it_was_begun(name: str, here: Pages, there: Pages) -> None:
    with using(keyspace="ann", connection="there"):
        query = AsyncNote.find(id=1)
        begun: Any = aiter(query) if name == "loop" else query.pages()
    with using(keyspace="bob"):
        assert len([each async for each in begun]) == 2
    assert (there.asked, here.asked) == ({"ann"}, set())


def test_the_length_of_another_place_is_not_the_loops(here: Pages) -> None:
    query = Note.find(id=1)
    with using(keyspace="ann"):
        begun = iter(query)
    with using(keyspace="bob"):
        assert len(query) == 2
        assert here.asked == {"bob"}
        assert len(list(begun)) == 2
    assert here.asked == {"ann", "bob"}


def test_what_a_query_says_goes_before_the_block(here: Pages) -> None:
    with using(keyspace="ann"):
        begun = iter(Note.find(id=1).using(keyspace="eve"))
    assert len(list(begun)) == 2
    assert here.asked == {"eve"}


def test_a_loop_that_has_no_place_says_so_where_it_begins() -> None:
    with using(connection="nowhere"), pytest.raises(ConfigurationError, match="no driver is registered"):
        iter(Note.find(id=1))
