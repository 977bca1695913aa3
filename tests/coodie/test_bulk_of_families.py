"""Bulk verbs, reads by key and scans of models with versions, hooks and families of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.exceptions import InvalidQueryError
from coodie.fields import Discriminator, PrimaryKey, Version
from coodie.sync import BatchQuery, Document
from coodie_drivers.messages import BatchRequest, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Animal(Document):
    id: Annotated[int, PrimaryKey()]
    kind: Annotated[str, Discriminator()] = ""

    class Settings:
        name = "animals"


class Dog(Animal):
    name: str = ""

    class Settings(Animal.Settings):
        __discriminator_value__ = "dog"


class Account(Document):
    id: Annotated[int, PrimaryKey()]
    owner: str = ""
    version: Annotated[int, Version()] = 0


def cql_of(driver: ScriptedDriver) -> str:
    text: str = driver.requests[-1].statement.cql
    return text


def test_classes_of_a_family_are_written_and_read(script: Callable[..., ScriptedDriver]) -> None:
    row = Reply([(1, "dog", "Rex")], ("id", "kind", "name"))
    driver = script(Reply(), row, Reply(applied=True), row)
    assert Dog.find().save_many([Dog(id=1, name="Rex")]).written == 1
    assert list(driver.requests[-1].params) == [1, "dog", "Rex"]
    rex = Dog(id=1, name="Rex")
    assert Dog.find().in_bulk([1]) == {1: rex}
    assert "WHERE id = ? AND kind = ?" in cql_of(driver)
    assert Dog.find().get_or_create(id=2)[1]
    assert list(Dog.find().scan(splits=1)) == [rex]
    assert "WHERE kind = ? AND TOKEN(id) > ?" in cql_of(driver).replace("token(", "TOKEN(")
    with pytest.raises(InvalidQueryError, match=r"takes no filter\(\)"):
        Dog.find(name="x").save_many([])


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_a_batch_takes_no_row_of_one_class_by_its_key(verb: str, driver: ScriptedDriver) -> None:
    def write(query: Any, batch: BatchQuery) -> None:
        getattr(query, verb)(batch=batch, **({"name": "Max"} if verb == "update" else {}))

    with BatchQuery() as batch:
        way_out = rf"read the document and give the batch to its {verb}\(batch=\.\.\.\)"
        with pytest.raises(
            InvalidQueryError, match=rf"^{verb}\(\) of Dog in a batch cannot ask whether .* Dog; {way_out}"
        ):
            write(Dog.find(id=1), batch)
        with pytest.raises(
            InvalidQueryError, match=rf"^{verb}\(\) of Dog in a batch writes one row; give its whole key"
        ):
            write(Dog.find(id__in=[1]), batch)
        write(Dog(id=2), batch)
        Animal.find(id=1).delete(batch=batch)
    (request,) = driver.requests
    assert len(request.parts) == 2


class Cat(Animal):
    id: Annotated[int, PrimaryKey()]
    lives: int = 9

    class Settings(Animal.Settings):
        __discriminator_value__ = "cat"


class Kitten(Cat):
    age: int = 0

    class Settings(Cat.Settings):
        __discriminator_value__ = "kitten"


@pytest.mark.parametrize("batched", [False, True])
def test_a_base_writes_documents_of_its_family(batched: bool, driver: ScriptedDriver) -> None:
    documents: list[Animal] = [Dog(id=1, name="Rex"), Cat(id=2), Kitten(id=3, age=1)]
    result = Animal.find().using(keyspace="zoo").save_many(documents, batched=batched)
    assert (result.written, len(driver.requests)) == (3, 3)
    assert [(request.statement.cql, list(request.params)) for request in driver.requests] == [
        ("INSERT INTO zoo.animals (id, kind, name) VALUES (?, ?, ?)", [1, "dog", "Rex"]),
        ("INSERT INTO zoo.animals (id, kind, lives) VALUES (?, ?, ?)", [2, "cat", 9]),
        ("INSERT INTO zoo.animals (id, kind, lives, age) VALUES (?, ?, ?, ?)", [3, "kitten", 9, 1]),
    ]
    assert Cat.find().using(keyspace="zoo").update_many(documents[1:], lives=8).written == 2
    assert Animal.find().using(keyspace="zoo").delete_many(documents).written == 3
    for query, other in ((Cat.find(), documents[0]), (Cat.find(), Account(id=1)), (Animal.find(), Account(id=1))):
        with pytest.raises(InvalidQueryError, match=r"takes documents of (Cat|Animal), not (Dog|Account)"):
            query.save_many([other])


def test_versions_are_asked_about_for_each_document(script: Callable[..., ScriptedDriver]) -> None:
    other = Reply([(False, 7)], ("[applied]", "version"), applied=False)
    driver = script(*[Reply(applied=True)] * 3, Reply(applied=True), other, Reply(applied=True))
    accounts = [Account(id=number) for number in range(3)]
    assert Account.find().save_many(accounts, batched=True).written == 3
    assert "IF NOT EXISTS" in cql_of(driver)
    result = Account.find().update_many(accounts, owner="x", at_once=1, stop_on_error=False)
    assert (result.written, list(result.failed)) == (2, [1])
    assert type(result.failed[1]).__name__ == "StaleDocumentError"
    assert not [request for request in driver.requests if isinstance(request, BatchRequest)]
    with pytest.raises(InvalidQueryError, match=r"version of each document already; leave iff\(\) out"):
        Account.find().iff(owner="x").update_many(accounts, owner="y")
