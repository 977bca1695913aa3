"""What a counter document sends, and what is refused before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import Field

from coodie.exceptions import InvalidQueryError
from coodie.fields import Counter, PrimaryKey
from coodie.sync import BatchQuery, CounterDocument, Document
from coodie_drivers.messages import BatchRequest, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Hits(CounterDocument):
    url: Annotated[str, PrimaryKey()]
    views: Annotated[int, Counter()] = 0
    clicks: Annotated[int, Counter()] = 0


def sent(driver: ScriptedDriver) -> tuple[str, list[Any]]:
    request = driver.requests[-1]
    return request.statement.cql, list(request.params)


def test_counters_are_added_on_the_document_and_on_the_class(driver: ScriptedDriver) -> None:
    Hits(url="/").increment(views=1, clicks=2)
    assert sent(driver) == ("UPDATE ks.hits SET views = views + ?, clicks = clicks + ? WHERE url = ?", [1, 2, "/"])
    assert not driver.requests[-1].statement.idempotent
    Hits.decrement(url="/home", views=3)
    assert sent(driver) == ("UPDATE ks.hits SET views = views - ? WHERE url = ?", [3, "/home"])


@pytest.mark.usefixtures("driver")
def test_counters_leave_the_object_in_memory_alone() -> None:
    hits = Hits(url="/")
    hits.increment(views=5)
    assert hits.views == 0


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: Hits(url="/").increment(), r"names no counter; write increment\(views=1\)"),
        (lambda: Hits(url="/").increment(view=1), "did you mean 'views'"),
        (lambda: Hits(url="/").increment(views=1.5), r"whole number above -2\*\*63 and below 2\*\*63"),  # type: ignore[arg-type]  # what the test is about
        (lambda: Hits(url="/").increment(views=-(2**63)), r"a whole number above -2\*\*63 and below 2\*\*63"),
        (lambda: Hits(url="/").increment(url="/other", views=1), "which the document has already"),  # type: ignore[arg-type]  # as above
        (lambda: Hits.increment(views=1), r"give the whole primary key \('url' is missing\)"),
        (lambda: Hits(url="/").save(), r"which save\(\) cannot write; use increment"),
        (lambda: Hits(url="/").update(), r"Hits is a counter table, which update\(\) cannot write; use increment"),
        (lambda: Hits(url="/").update(if_exists=True), r"which update\(\) cannot write; use increment"),
        (lambda: Hits(url="/").insert(), r"which insert\(\) cannot write"),
        (lambda: Hits(url="/").save_json(), r"which save_json\(\) cannot write"),
        (lambda: Hits.create(url="/"), r"which create\(\) cannot write"),
        (lambda: Hits.create(url="/", batch=BatchQuery()), r"which create\(\) cannot write"),
        (lambda: Hits.find().create(url="/"), r"which create\(\) cannot write"),
        (lambda: Hits(url="/").update(views=1), "is a counter, which cannot be set"),
        (lambda: Hits(url="/").delete(timestamp=5), "whose deletes take no timestamp"),
        (lambda: Hits(url="/").delete(if_exists=True), "whose deletes take no condition"),
        (lambda: Hits(url="/").delete(if_conditions={"views": 1}), "whose deletes take no condition"),
        (lambda: Hits(url="/").delete_columns("views", timestamp=5), "whose deletes take no timestamp"),
        (lambda: Hits(url="").increment(views=1), r"Hits\.url: is the whole partition key and is empty"),
        (lambda: Hits.increment(url="", views=1), r"Hits\.url: is the whole partition key and is empty"),
    ],
)
def test_wrong_counting_is_refused_before_anything_is_sent(call: Any, sentence: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match=sentence):
        call()
    assert driver.requests == []


def test_a_counter_document_of_another_row_is_not_told_to_be_saved(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([("/", 1, 2)], ("url", "views", "clicks")))
    hits = Hits.get(url="/")
    hits.url = "/home"
    with pytest.raises(InvalidQueryError, match=r"^Hits is a counter table, which update\(\) cannot write; use incr"):
        hits.update()


@pytest.mark.parametrize(
    ("verb", "given"),
    [
        ("save", {"changed_only": True}),
        ("save", {"nulls": "skip"}),
        ("save", {"ttl": 3, "batch": BatchQuery()}),
        ("insert", {"batch": BatchQuery()}),
    ],
    ids=["what changed", "but nulls", "in a batch", "new in a batch"],
)
def test_what_counters_lack_is_refused_with_every_keyword(
    verb: str, given: dict[str, Any], driver: ScriptedDriver
) -> None:
    with pytest.raises(InvalidQueryError, match=rf"^Hits is a counter table, which {verb}\(\) cannot write; use incr"):
        getattr(Hits(url="/"), verb)(**given)
    assert driver.requests == []


class Named(CounterDocument):
    url: Annotated[str, PrimaryKey()] = Field(alias="u")
    views: Annotated[int, Counter()] = Field(default=0, alias="v")


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: Named.increment(url="/", views=1, v=2), r"^increment\(\): Named\.views is given twice, by its name"),
        (lambda: Named(u="/").increment(views=1, v=2), r"^increment\(\): Named\.views is given twice"),
        (
            lambda: Named.decrement(url="/", views=1, v=2),
            r"^decrement\(\): Named\.views is given twice.*; give it once$",
        ),
        (lambda: Named(u="/").decrement(views=1, v=1), r"^decrement\(\): Named\.views is given twice"),
        (lambda: Named.increment(url="/", u="/x", views=1), r"^increment\(\): Named\.url is given twice"),
    ],
)
def test_a_field_is_not_counted_by_its_name_and_its_alias(call: Any, sentence: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match=sentence):
        call()
    assert driver.requests == []
    Named.increment(u="/", v=2)
    assert sent(driver)[1] == [2, "/"]


def test_counters_can_be_deleted(driver: ScriptedDriver) -> None:
    Hits(url="/").delete()
    assert sent(driver) == ("DELETE FROM ks.hits WHERE url = ?", ["/"])
    Hits(url="/").delete_columns("views")
    assert sent(driver) == ("DELETE views FROM ks.hits WHERE url = ?", ["/"])


class Plain(Document):
    id: Annotated[int, PrimaryKey()]


class Packed(CounterDocument):
    id: Annotated[int, PrimaryKey()]
    batch: Annotated[int, Counter()] = 0


def test_a_counter_batch_takes_increments_and_decrements(driver: ScriptedDriver) -> None:
    with BatchQuery(batch_type="counter") as batch:
        Hits(url="/").increment(views=1, batch=batch)
        Hits.decrement(url="/home", clicks=2, batch=batch)
        assert driver.requests == []
    (request,) = driver.requests
    assert isinstance(request, BatchRequest)
    assert (request.kind, [list(values) for _, values in request.parts]) == ("counter", [[1, "/"], [2, "/home"]])


def test_a_counter_called_batch_is_that_counter(driver: ScriptedDriver) -> None:
    Packed(id=1).increment(batch=3)
    assert sent(driver) == ('UPDATE ks.packed SET "batch" = "batch" + ? WHERE id = ?', [3, 1])


def test_what_a_batch_cannot_take_is_refused_when_it_is_given(driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match="int cannot take the write"):
        Hits(url="/").increment(views=1, batch=3)
    with pytest.raises(InvalidQueryError, match=r"url: CQL text takes str, not int"):
        Hits.model_construct(url=5).increment(views=1, batch=BatchQuery(batch_type="counter"))
    with pytest.raises(InvalidQueryError, match="Hits is a counter table, whose writes no logged batch takes"):
        Hits(url="/").increment(views=1, batch=BatchQuery())
    with pytest.raises(InvalidQueryError, match="Plain is no counter table, and a counter batch takes writes of these"):
        Plain(id=1).save(batch=BatchQuery(batch_type="counter"))
    assert driver.requests == []
