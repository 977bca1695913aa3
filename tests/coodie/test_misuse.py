"""Slips that users make, and the sentence that each is told."""

from __future__ import annotations

import asyncio
import copy
import pickle
import re
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie import aio, col, using
from coodie.exceptions import InvalidModelError, InvalidQueryError, StaleDocumentError
from coodie.fields import Counter, PrimaryKey, Version
from coodie.sync import BatchQuery, CounterDocument, Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Item(Document):
    id: Annotated[int, PrimaryKey()]
    x: int = 0


class AsyncItem(aio.Document):
    id: Annotated[int, PrimaryKey()]


class Hits(CounterDocument):
    id: Annotated[int, PrimaryKey()]
    seen: Annotated[int, Counter()] = 0


class Versioned(Document):
    id: Annotated[int, PrimaryKey()]
    version: Annotated[int, Version()] = 0
    name: str | None = None


def test_a_write_after_the_block_of_its_batch_is_refused(driver: ScriptedDriver) -> None:
    with BatchQuery() as batch:
        Item(id=1).save(batch=batch)
    late: list[Callable[[], object]] = [
        lambda: Item(id=2).save(batch=batch),
        lambda: batch.add("INSERT INTO ks.item (id) VALUES (3)"),
    ]
    for write in late:
        with pytest.raises(InvalidQueryError, match="with block of this batch is over"):
            write()
    assert len(driver.requests) == 1
    with batch:
        Item(id=4).save(batch=batch)
    assert len(driver.requests) == 2


def test_a_new_document_whose_row_exists_is_told_so(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(False, 1, 3)], ("[applied]", "id", "version"), applied=False))
    with pytest.raises(StaleDocumentError, match="was not read from the row that it is written to, which"):
        Versioned(id=1).save()


BATCHED: list[Callable[[BatchQuery], object]] = [
    lambda batch: Versioned(id=1).save(batch=batch),
    lambda batch: Versioned(id=1).update(name="x", batch=batch),
    lambda batch: Versioned(id=1).delete(batch=batch),
    lambda batch: Versioned(id=1).delete_columns("name", batch=batch),
    lambda batch: Versioned.create(id=1, batch=batch),
]


@pytest.mark.parametrize("write", BATCHED)
def test_a_batch_takes_a_document_with_a_version_by_insert_alone(
    write: Callable[[BatchQuery], object],
    driver: ScriptedDriver,
    refused: Callable[[Callable[[], object], str], None],
) -> None:
    with BatchQuery() as batch:
        refused(lambda: write(batch), "Versioned has a version, which each write must be asked about; write it without")
        Versioned(id=1).insert(batch=batch)
    assert [request.parts[0][0].cql.endswith("IF NOT EXISTS") for request in driver.requests] == [True]


def test_queries_are_not_for_pickling() -> None:
    with pytest.raises(TypeError, match="query of Item is not for pickling"):
        pickle.dumps(Item.find())


def test_a_copy_of_a_query_is_the_query() -> None:
    query = Item.find(x=3).limit(3)
    settings = {"query": query, "of": Item}
    assert copy.copy(query) is copy.deepcopy(query) is copy.deepcopy(settings)["query"] is query


@pytest.mark.parametrize("flag", ["dry_run", "drop_removed_indexes"])
def test_a_flag_of_a_table_that_is_neither_true_nor_false_is_refused(driver: ScriptedDriver, flag: str) -> None:
    wrong: dict[str, Any] = {flag: "no"}
    with pytest.raises(InvalidQueryError, match=f"^{flag} must be True or False, not str"):
        Item.sync_table(**wrong)
    assert driver.requests == []


@pytest.mark.parametrize("lazy", ["x", 1, None])
def test_a_way_of_reading_that_is_neither_true_nor_false_is_refused(
    driver: ScriptedDriver, refused: Callable[[Callable[[], object], str], None], lazy: Any
) -> None:
    items: Any = Item.find()
    awaited: Any = AsyncItem.find()
    for read in (lambda: items.all(lazy=lazy), lambda: asyncio.run(awaited.all(lazy=lazy))):
        refused(read, r"^all\(lazy=\.\.\.\) is True or False$")
    assert driver.requests == []


@pytest.mark.parametrize("name", ["__defaul_ttl__", "__optons__", "__view_colums__"])
def test_a_misspelt_setting_with_underscores_is_refused(name: str) -> None:
    settings = type("Settings", (), {"__doc__": "", "__qualname__": "Wrong.Settings", name: 60})
    with pytest.raises(InvalidModelError, match=f"no setting '{name}'; did you mean"):
        type("Wrong", (Document,), {"__module__": __name__, "__qualname__": "Wrong", "Settings": settings})


@pytest.mark.parametrize("verb", ["save", "insert", "update", "delete", "delete_columns", "save_json"])
def test_what_is_no_document_is_not_written_as_one(script: Callable[..., ScriptedDriver], verb: str) -> None:
    driver = script(Reply([(1, 2)], ("id", "x")))
    (lazy,) = Item.find().allow_filtering().all(lazy=True)
    name = ["x"] if verb == "delete_columns" else []
    given: dict[str, object] = {
        "LazyDocument; its resolve() is one": lazy,
        "NoneType; call it on a document": None,
        "dict; call it on a document": {"id": 1},
        "Item itself; call it on a document": Item,
    }
    for said, wrong in given.items():
        with pytest.raises(InvalidQueryError, match=re.escape(f"a verb of documents takes one, not {said}")):
            getattr(Item, verb)(wrong, *name)
        with pytest.raises(InvalidQueryError, match="takes one"), using(keyspace="tenant"):
            getattr(Item, verb)(wrong, *name)
    assert len(driver.requests) == 1


def test_conditions_are_no_logic(refused: Callable[[Callable[[], object], str], None]) -> None:
    one: Any = col(Item.id) == 1
    refused(lambda: one | one, r"CQL has no OR; give the values of one field by id__in=\[\.\.\.\], or send two queries")
    refused(lambda: (col(Item.id) > 1) | one, r"^Item: CQL has no OR; send two queries$")
    refused(lambda: one & one, "separated by commas")
    refused(lambda: ~one, "CQL has no NOT; write the opposite")


def test_one_document_is_no_list_of_them(
    driver: ScriptedDriver, refused: Callable[[Callable[[], object], str], None]
) -> None:
    one: Any = Item(id=1)
    refused(lambda: Item.find().save_many(one), r"takes documents, not Item; write \[document\] for one")
    assert driver.requests == []


@pytest.mark.parametrize("option", ["consistency", "timeout", "timestamp"])
def test_options_of_an_update_are_said_of_a_query(
    driver: ScriptedDriver, refused: Callable[[Callable[[], object], str], None], option: str
) -> None:
    given: dict[str, Any] = {option: 1}
    refused(lambda: Item(id=1).update(**given), rf"write Item\.find\(\.\.\.\)\.{option}\(\.\.\.\)\.update\(\.\.\.\)")
    assert driver.requests == []


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["version"], r"Versioned\.version: counts the writes of the document, and is never deleted; leave it out"),
        (["name", "name"], r"delete_columns\(\) of Versioned names 'name' twice; name it once"),
    ],
)
def test_what_cannot_be_deleted_is_refused(names: list[str], sentence: str, driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match=sentence):
        Versioned(id=1).delete_columns(*names)
    assert driver.requests == []


@pytest.mark.usefixtures("driver")
def test_a_number_that_python_does_not_write_is_refused_like_any_other_name(
    refused: Callable[[Callable[[], object], str], None],
) -> None:
    number: Any = 10**5_000
    refused(lambda: BatchQuery(batch_type=number), "batch_type is one of 'logged', 'unlogged', 'counter', not int")
    refused(lambda: Item.find().cast("x", number), "has no CQL type of this kind, which is int; known: ")
    refused(lambda: Item(id=1).delete_columns(number), "Item has no field of this kind, which is int; known: 'id', 'x'")


def test_counters_are_not_told_to_be_saved(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(1, 3)], ("id", "seen")))
    hits = Hits.get(id=1)
    with pytest.raises(InvalidQueryError, match=r"cannot be asked about without writing; find the row and look$"):
        hits.update(if_exists=True)
