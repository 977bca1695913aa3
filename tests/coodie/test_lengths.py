"""What the length of a query costs, and who gets the items that were fetched for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest

from coodie.exceptions import GuardrailExceededError
from coodie.fields import PrimaryKey
from coodie.sync import Document, using
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.messages import BatchRequest, Request

    Register = Callable[[ScriptedDriver], None]


class Note(Document):
    id: Annotated[int, PrimaryKey()]


class Guarded(Document):
    id: Annotated[int, PrimaryKey()]

    class Settings:
        guardrails = {"max_rows": 10}


class Tenants(ScriptedDriver):
    """Answers with the rows of the keyspace that a statement names."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[int]] = {"a": [1], "b": [2, 3]}

    def send(self, request: Request | BatchRequest) -> Reply:
        super().send(request)
        tenant = cast("Request", request).statement.cql.partition(" FROM ")[2].partition(".")[0]
        return Reply([(number,) for number in self.rows[tenant]], ("id",))


@pytest.fixture
def tenants(register: Register) -> Tenants:
    driver = Tenants()
    register(driver)
    return driver


def numbers(items: Any) -> list[int]:
    return [item.id for item in items]


LOOKS: dict[str, Callable[[Any], object]] = {
    "list": list,
    "tuple": tuple,
    "length": len,
    "truth": bool,
    "sorted": lambda query: sorted(query, key=str),
    "contains": lambda query: Note(id=9) in query,
    "reversed": lambda query: list(reversed(query)),
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_query_serves_no_rows_of_another_keyspace(tenants: Tenants, look: str) -> None:
    looked_at = LOOKS[look]
    query = Note.find()
    for _ in range(2):
        with using(keyspace="a"):
            looked_at(query)
            assert numbers(list(query)) == [1]
        with using(keyspace="b"):
            assert len(query) == 2
            looked_at(query)
            assert numbers(query) == [2, 3]
            assert numbers(query.all()) == [2, 3]


def test_a_loop_looks_where_it_was_made(tenants: Tenants) -> None:
    query = Note.find()
    with using(keyspace="b"):
        loop = iter(query)
    with using(keyspace="a"):
        assert len(query) == 1  # which is not for the loop
        assert numbers(loop) == [2, 3]


def test_a_list_is_one_query(tenants: Tenants) -> None:
    query = Note.find().using(keyspace="b")
    assert numbers(list(query)) == numbers(tuple(query)) == numbers([*query]) == [2, 3]
    assert numbers(sorted(query, key=lambda note: note.id)) == [2, 3]
    assert len(tenants.requests) == 4


def test_the_last_item_comes_first_by_one_query_where_it_was_asked_for(tenants: Tenants) -> None:
    query = Note.find()
    with using(keyspace="b"):
        backward = reversed(query)
        ends = reversed(query.limit(2).values_list("id", flat=True))
    assert (numbers(backward), list(ends)) == ([3, 2], [3, 2])
    assert len(tenants.requests) == 2
    assert numbers(query.using(keyspace="b")) == [2, 3]


def test_what_a_loop_refuses_is_refused_backward_too(driver: ScriptedDriver) -> None:
    with pytest.raises(GuardrailExceededError):
        reversed(Guarded.find())
    assert driver.requests == []


def test_a_row_that_was_saved_meanwhile_is_seen(tenants: Tenants) -> None:
    query = Note.find().using(keyspace="a")
    tenants.rows["a"] = []
    assert not query
    assert list(query) == []
    tenants.rows["a"] = [7]
    assert query
    assert len(query) == 1
    tenants.rows["a"] = [7, 8]
    assert numbers(query) == [7, 8]


def test_a_guardrail_of_a_length_names_exists(driver: ScriptedDriver) -> None:
    with pytest.raises(GuardrailExceededError, match=r"exists\(\)"):
        bool(Guarded.find())
    assert driver.requests == []
