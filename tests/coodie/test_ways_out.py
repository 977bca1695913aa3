"""The way out that a refusal names is one, and the verb that it names is the one that was called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie import aio
from coodie.exceptions import GuardrailExceededError, InvalidQueryError
from coodie.fields import ClusteringKey, PrimaryKey
from coodie.sync import Document, MaterializedView

if TYPE_CHECKING:
    from coodie_drivers.testing.scripted import ScriptedDriver


class Note(Document):
    owner: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()] = 0
    size: int = 0


class Guarded(Document):
    id: Annotated[int, PrimaryKey()]
    size: int = 0

    class Settings:
        guardrails = {"max_rows": 10}


class Shown(MaterializedView):
    number: Annotated[int, PrimaryKey()]
    owner: Annotated[str, PrimaryKey(partition_key_index=1)]

    class Settings:
        __base_table__ = "note"


class AsyncShown(aio.MaterializedView):
    number: Annotated[int, PrimaryKey()]
    owner: Annotated[str, PrimaryKey(partition_key_index=1)]

    class Settings:
        __base_table__ = "note"


def notes() -> Any:
    return Note.find(owner="o")


def test_nobody_with_a_limit_is_sent_to_what_refuses_it(driver: ScriptedDriver) -> None:
    with pytest.raises(InvalidQueryError, match=r"takes no limit\(\); leave it out, or use .* exists\(\) or json\(\)"):
        notes().limit(2).update(size=1)
    with pytest.raises(InvalidQueryError, match=r"aggregate\(\) is of all matching rows"):
        notes().limit(2).aggregate(n="count(*)")
    notes().group_by("number").limit(2).aggregate(n="count(*)")
    assert len(driver.requests) == 1


@pytest.mark.parametrize("verb", ["sum", "avg", "min", "max"])
def test_a_figure_is_refused_by_its_own_name(verb: str, driver: ScriptedDriver) -> None:
    with pytest.raises(
        InvalidQueryError, match=rf"^{verb}\(\) of Note takes no per_partition_limit\(\); leave it out, or"
    ):
        getattr(notes().per_partition_limit(1), verb)("size")
    with pytest.raises(
        InvalidQueryError, match=rf"^{verb}\(\) of Note takes no order_by\(\); leave it out, or use all"
    ):
        getattr(notes().order_by("number"), verb)("size")
    with pytest.raises(GuardrailExceededError, match=rf"^{verb}\(\) of Guarded would read the whole table"):
        getattr(Guarded.find(), verb)("size")
    with pytest.raises(GuardrailExceededError, match=r"^aggregate\(\) of Guarded would read the whole table"):
        Guarded.find().aggregate(n=f"{verb}(size)")
    assert driver.requests == []


async def test_a_view_refuses_to_be_created_by_that_name(driver: ScriptedDriver) -> None:
    sentence = r"Shown is a materialized view, which the server writes: create\(\) the rows of its table$"
    for create in (Shown.create, Shown.find().create):
        with pytest.raises(InvalidQueryError, match=f"^{sentence}"):
            create(number=1, owner="o")
    with pytest.raises(InvalidQueryError, match=f"^Async{sentence}"):
        await AsyncShown.create(number=1, owner="o")
    assert driver.requests == []


NO_DOCUMENTS: dict[str, tuple[Any, str]] = {
    "a number": (3, "int; make it one by Note(...), or leave it out"),
    "values": ({"owner": "o"}, "dict; make it one by Note(...), or leave it out"),
    "nothing": (None, "NoneType; make it one by Note(...), or leave it out"),
    "another document": (Guarded(id=1), "Guarded; QuerySet(Guarded).{}() writes documents of a model of that name"),
}


@pytest.mark.parametrize("verb", ["save_many", "insert_many", "update_many", "delete_many"])
@pytest.mark.parametrize("name", NO_DOCUMENTS)
def test_what_is_no_document_is_sent_to_no_query(name: str, verb: str, driver: ScriptedDriver) -> None:
    given, rest = NO_DOCUMENTS[name]
    with pytest.raises(InvalidQueryError) as caught:
        getattr(Note.find(), verb)([given])
    assert str(caught.value) == f"{verb}() of Note takes documents of Note, not {rest.format(verb)}"
    assert driver.requests == []
