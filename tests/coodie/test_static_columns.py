"""Which key chooses what is written: the partition's, where everything mentioned is static, else the row's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.exceptions import InvalidQueryError, InvalidValueError
from coodie.fields import ClusteringKey, Counter, PrimaryKey, Static
from coodie.sync import BatchQuery, CounterDocument, Document
from coodie.types import UNSET

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Basket(Document):
    owner: Annotated[str, PrimaryKey()]
    line: Annotated[int, ClusteringKey()]
    note: Annotated[str, Static()] = ""
    flags: Annotated[set[str], Static()] = set()
    steps: Annotated[list[str], Static()] = []
    extra: Annotated[dict[str, str], Static()] = {}
    amount: int = 1
    tags: set[str] = set()


class Visits(CounterDocument):
    site: Annotated[str, PrimaryKey()]
    page: Annotated[str, ClusteringKey()]
    total: Annotated[int, Counter(), Static()] = 0
    views: Annotated[int, Counter()] = 0


def basket() -> Basket:
    return Basket(owner="o", line=7)


OF_THE_PARTITION: list[tuple[Callable[[Basket], object], str, list[Any]]] = [
    (lambda b: b.update(note="n"), "UPDATE ks.basket SET note = ? WHERE owner = ?", ["n", "o"]),
    (lambda b: b.update(add__flags={"z"}), "UPDATE ks.basket SET flags = flags + ? WHERE owner = ?", [{"z"}, "o"]),
    (
        lambda b: b.update(note="n", append__steps="s"),
        "UPDATE ks.basket SET note = ?, steps = steps + ? WHERE owner = ?",
        ["n", ["s"], "o"],
    ),
    (
        lambda b: b.update(note="n", if_conditions={"note": "m"}),
        "UPDATE ks.basket SET note = ? WHERE owner = ? IF note = ?",
        ["n", "o", "m"],
    ),
    (
        lambda b: b.update(note="n", ttl=9),
        "UPDATE ks.basket USING TTL ? SET note = ? WHERE owner = ?",
        [9, "n", "o"],
    ),
    (lambda b: b.delete_columns("note", "flags"), "DELETE note, flags FROM ks.basket WHERE owner = ?", ["o"]),
    (
        lambda b: b.delete_columns(collection_elements=[("flags", "z"), ("steps", 0), ("extra", "k")]),
        "DELETE flags[?], steps[?], extra[?] FROM ks.basket WHERE owner = ?",
        ["z", 0, "k", "o"],
    ),
]

OF_THE_ROW: list[tuple[Callable[[Basket], object], str, list[Any]]] = [
    (
        lambda b: b.update(note="n", if_exists=True),
        "UPDATE ks.basket SET note = ?, amount = ? WHERE owner = ? AND line = ? IF EXISTS",
        ["n", UNSET, "o", 7],
    ),
    (
        lambda _: Basket.find(line=7, owner="o").if_exists().update(note="n", add__flags={"z"}),
        "UPDATE ks.basket SET note = ?, flags = flags + ?, amount = ? WHERE owner = ? AND line = ? IF EXISTS",
        ["n", {"z"}, UNSET, "o", 7],
    ),
    (
        lambda b: b.update(note="n", amount=2, if_exists=True),
        "UPDATE ks.basket SET note = ?, amount = ? WHERE owner = ? AND line = ? IF EXISTS",
        ["n", 2, "o", 7],
    ),
    (
        lambda b: b.update(note="n", amount=2),
        "UPDATE ks.basket SET note = ?, amount = ? WHERE owner = ? AND line = ?",
        ["n", 2, "o", 7],
    ),
    (
        lambda b: b.update(note="n", if_conditions={"amount": 1}),
        "UPDATE ks.basket SET note = ? WHERE owner = ? AND line = ? IF amount = ?",
        ["n", "o", 7, 1],
    ),
    (
        lambda b: b.update(amount=2, if_conditions={"note": "m"}),
        "UPDATE ks.basket SET amount = ? WHERE owner = ? AND line = ? IF note = ?",
        [2, "o", 7, "m"],
    ),
    (
        lambda b: b.delete_columns("note", "amount"),
        "DELETE note, amount FROM ks.basket WHERE owner = ? AND line = ?",
        ["o", 7],
    ),
    (
        lambda b: b.delete_columns("note", collection_elements=[("tags", "z")]),
        "DELETE note, tags[?] FROM ks.basket WHERE owner = ? AND line = ?",
        ["z", "o", 7],
    ),
    (
        lambda b: b.delete(if_conditions={"note": "m"}),
        "DELETE FROM ks.basket WHERE owner = ? AND line = ? IF note = ?",
        ["o", 7, "m"],
    ),
]


@pytest.mark.parametrize(("verb", "cql", "values"), [*OF_THE_PARTITION, *OF_THE_ROW])
def test_the_clustering_key_is_named_only_beside_columns_of_the_row(
    verb: Callable[[Basket], object], cql: str, values: list[Any], driver: ScriptedDriver
) -> None:
    verb(basket())
    request = driver.requests[-1]
    assert (request.statement.cql, list(request.params)) == (cql, values)


def test_a_query_with_the_whole_key_of_a_row_writes_static_columns_by_that_of_its_partition(
    driver: ScriptedDriver,
) -> None:
    query = Basket.find(line=7, owner="o")
    query.update(note="n")
    query.iff(note="m").update(note="n")
    with BatchQuery() as batch:
        query.update(note="n", batch=batch)
    alone, on_condition, batched = driver.requests
    assert (alone.statement.cql, list(alone.params)) == ("UPDATE ks.basket SET note = ? WHERE owner = ?", ["n", "o"])
    assert on_condition.statement.cql == "UPDATE ks.basket SET note = ? WHERE owner = ? IF note = ?"
    assert [(statement.cql, list(values)) for statement, values in batched.parts] == [
        ("UPDATE ks.basket SET note = ? WHERE owner = ?", ["n", "o"])
    ]


WITHOUT_A_ROW: list[Callable[[Any], object]] = [
    lambda query: query(owner="o"),
    lambda query: query(owner="o", line__gt=3),
    lambda query: query(owner__in=["o", "p"], line=3),
    lambda query: query(owner="o", line=3, amount=2).allow_filtering(),
]


@pytest.mark.parametrize("chosen", WITHOUT_A_ROW)
def test_static_columns_are_changed_if_a_row_exists_only_of_one_row(
    chosen: Callable[[Any], Any], driver: ScriptedDriver
) -> None:
    sentence = r"if_exists\(\) asks for a row, .*; say which by its whole key \('owner', 'line'\) and nothing besides"
    with pytest.raises(InvalidQueryError, match=sentence):
        chosen(Basket.find).if_exists().update(note="n")
    assert driver.requests == []


def test_whether_a_row_exists_is_asked_in_a_batch_too(driver: ScriptedDriver) -> None:
    with BatchQuery() as batch:
        basket().update(note="n", if_exists=True, batch=batch)
        basket().delete_columns("flags", batch=batch)
    assert [list(values) for _, values in driver.requests[-1].parts] == [["n", UNSET, "o", 7], ["o"]]


class Sign(Document):
    road: Annotated[str, PrimaryKey()]
    place: Annotated[int, ClusteringKey()]
    text: Annotated[str, Static()] = ""


def test_a_row_that_cannot_be_asked_for_is_refused(driver: ScriptedDriver) -> None:
    driver.supports_unset = False
    refused = r"Sign changes static fields alone \('text'\) and has no others; compare one of them by if_conditions"
    with pytest.raises(InvalidQueryError, match=refused):
        Sign(road="r", place=1).update(text="t", if_exists=True)
    with pytest.raises(InvalidQueryError, match="for this driver cannot leave a column as it is; compare a field"):
        basket().update(note="n", if_exists=True)
    basket().update(note="n", amount=1, if_exists=True)
    assert len(driver.requests) == 1


def test_a_batch_takes_both_kinds_of_write(driver: ScriptedDriver) -> None:
    with BatchQuery() as batch:
        basket().delete_columns("note", batch=batch)
        basket().delete_columns("amount", batch=batch)
    assert [(statement.cql, list(values)) for statement, values in driver.requests[-1].parts] == [
        ("DELETE note FROM ks.basket WHERE owner = ?", ["o"]),
        ("DELETE amount FROM ks.basket WHERE owner = ? AND line = ?", ["o", 7]),
    ]


def test_a_value_that_does_not_fit_is_named_where_only_the_partition_is_chosen(driver: ScriptedDriver) -> None:
    with BatchQuery() as batch:
        with pytest.raises(InvalidValueError, match=r"^Basket\.extra: .*half of a surrogate pair"):
            basket().delete_columns(collection_elements=[("extra", "\ud800")], batch=batch)
        with pytest.raises(InvalidValueError, match=r"^Basket\.owner: .*half of a surrogate pair"):
            Basket(owner="\ud800", line=1).delete_columns("note", batch=batch)
    assert driver.requests == []


def test_a_partition_that_has_only_static_columns_can_be_changed(driver: ScriptedDriver) -> None:
    # Such a partition reads as one row whose clustering columns are null.
    read = Basket.model_construct(owner="o", line=None, note="", flags=set(), steps=[], extra={}, amount=1, tags=set())
    read.update(note="n")
    assert list(driver.requests[-1].params) == ["n", "o"]
    with pytest.raises(InvalidValueError, match=r"^Basket\.line: is part of the primary key and is None"):
        read.update(amount=2)


def test_static_counters_are_those_of_the_partition(driver: ScriptedDriver) -> None:
    def sent() -> tuple[str, list[Any]]:
        return driver.requests[-1].statement.cql, list(driver.requests[-1].params)

    Visits(site="s", page="p").increment(total=1)
    assert sent() == ("UPDATE ks.visits SET total = total + ? WHERE site = ?", [1, "s"])
    Visits.decrement(site="s", total=2)
    assert sent() == ("UPDATE ks.visits SET total = total - ? WHERE site = ?", [2, "s"])
    Visits(site="s", page="p").increment(total=1, views=1)
    assert sent() == (
        "UPDATE ks.visits SET total = total + ?, views = views + ? WHERE site = ? AND page = ?",
        [1, 1, "s", "p"],
    )
    Visits(site="s", page="p").increment(total=3)
    assert sent() == ("UPDATE ks.visits SET total = total + ? WHERE site = ?", [3, "s"])
    with pytest.raises(InvalidQueryError, match=r"give the whole primary key \('page' is missing\)"):
        Visits.increment(site="s", views=1)
    with pytest.raises(InvalidQueryError, match=r"give the whole primary key \('site', 'page' are missing\)"):
        Visits.increment(views=1)
    with pytest.raises(InvalidQueryError, match=r"give the whole partition key \('site' is missing\)"):
        Visits.increment(page="p", total=1)


ROW: dict[str, Any] = {"owner": "o", "line": 7}
ONCE_PER_PARTITION: list[tuple[Callable[[], object], str]] = [
    (
        lambda: Basket.find(**ROW).values_list("note").all(),
        r"Basket: static fields \('note'\) alone are found by the partition key, .*; leave 'line' out, or ask for",
    ),
    (lambda: Basket.find(owner="o", line__gt=3).values_list("owner", "note").all(), r"static fields \('note'\) alone"),
    (
        lambda: Basket.find(owner="o").distinct().defer("note").all(),
        r"distinct\(\): Basket\.line is neither part of the partition key nor static; name what to fetch in distinct",
    ),
    (lambda: Basket.find(owner="o").distinct().only("note").all(), r"distinct\(\): Basket\.line is neither"),
    (lambda: list(Basket.find().distinct().values_list("amount").pages()), r"distinct\(\): Basket\.amount is neither"),
    (
        lambda: Basket.find().distinct().values_list("note").all(),
        r"distinct\(\) of Basket fetches no 'owner' of the partition key; name it too, or compare the whole partition",
    ),
]


@pytest.mark.parametrize(("query", "sentence"), ONCE_PER_PARTITION)
def test_what_a_server_knows_once_for_each_partition_is_not_asked_of_rows(
    query: Callable[[], object], sentence: str, driver: ScriptedDriver
) -> None:
    with pytest.raises(InvalidQueryError, match=sentence):
        query()
    assert driver.requests == []


def test_of_the_partition_static_columns_are_asked_alone(driver: ScriptedDriver) -> None:
    Basket.find(owner="o").values_list("note").all()
    Basket.find(owner="o").distinct().values_list("note").all()
    Basket.find(**ROW).values_list("note", "line").all()
    Basket.find(**ROW).only("note").all()
    selected = [each.statement.cql.partition(" FROM ")[0] for each in driver.requests]
    assert selected == ["SELECT note", "SELECT DISTINCT note", "SELECT note, line", "SELECT owner, line, note"]


def test_when_a_static_column_was_written_is_asked_of_the_row(driver: ScriptedDriver) -> None:
    Basket.find(**ROW).writetime("note")
    Basket.find(owner="o").column_ttl("note")
    assert [each.statement.cql.partition(" FROM ")[0] for each in driver.requests] == [
        "SELECT writetime(note), line",
        "SELECT ttl(note)",
    ]
