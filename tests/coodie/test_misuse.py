"""Slips that users make, and the sentence that each is told."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie import col
from coodie.exceptions import InvalidModelError, InvalidQueryError, StaleDocumentError
from coodie.fields import PrimaryKey, Version
from coodie.sync import BatchQuery, Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Item(Document):
    id: Annotated[int, PrimaryKey()]
    x: int = 0


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
    with pytest.raises(StaleDocumentError, match="was not read, and its row exists already"):
        Versioned(id=1).save()


def test_queries_are_not_for_pickling() -> None:
    with pytest.raises(TypeError, match="query of Item is not for pickling"):
        pickle.dumps(Item.find())


@pytest.mark.parametrize("name", ["__defaul_ttl__", "__optons__", "__view_colums__"])
def test_a_misspelt_setting_with_underscores_is_refused(name: str) -> None:
    settings = type("Settings", (), {"__doc__": "", "__qualname__": "Wrong.Settings", name: 60})
    with pytest.raises(InvalidModelError, match=f"no setting '{name}'; did you mean"):
        type("Wrong", (Document,), {"__module__": __name__, "__qualname__": "Wrong", "Settings": settings})


def test_conditions_are_no_logic(refused: Callable[[Callable[[], object], str], None]) -> None:
    one: Any = col(Item.id) == 1
    refused(lambda: one | one, r"CQL has no OR; give the values of one field by id__in=\[\.\.\.\], or send two queries")
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
