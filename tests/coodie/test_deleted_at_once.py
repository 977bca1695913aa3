"""Documents that are deleted while other writes of them are under way: whichever the server takes last."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.aio import AsyncBatchQuery, Document
from coodie.exceptions import InvalidQueryError, InvalidRequestError, OperationTimedOutError
from coodie.fields import ClusteringKey, PrimaryKey, Static
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.messages import BatchRequest, Request

APPLIED = Reply([(True,)], ("[applied]",), None, True)
REJECTED = Reply([(False, 1, "theirs")], ("[applied]", "id", "text"), None, False)
FORGOTTEN = "was pickled or deleted since, and knows its row no more; name the fields, or save"


class Note(Document):
    id: Annotated[int, PrimaryKey()]
    text: str = "x"
    price: int = 0


class Held(ScriptedDriver):
    """Answers each request, behind the first, when its number is let go."""

    def __init__(self, *answers: Reply | Exception) -> None:
        super().__init__()
        self.given = [Reply(), *answers]
        self.gates: list[asyncio.Event] = []

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Take the request now, and answer it later."""
        number, gate = len(self.gates), asyncio.Event()
        self.gates.append(gate)
        self.requests.append(request)
        if 0 < number < 3:
            await gate.wait()
        answer = self.given[number] if number < len(self.given) else Reply()
        if isinstance(answer, Exception):
            raise answer
        return answer


async def deleted_in_a_batch(note: Note) -> None:
    async with AsyncBatchQuery() as batch:
        await note.delete(batch=batch)


async def saved_in_a_batch(note: Note) -> None:
    async with AsyncBatchQuery() as batch:
        await note.save(batch=batch)


WRITES: dict[str, Callable[[Note], Any]] = {
    "save": lambda note: note.save(),
    "save in a batch": saved_in_a_batch,
    "save_json": lambda note: note.save_json(),
    "insert": lambda note: note.insert(),
    "update": lambda note: note.update(),
    "update by name": lambda note: note.update(text="y"),
    "update with a ttl": lambda note: note.update(text="y", ttl=60),
    "delete_columns": lambda note: note.delete_columns("text"),
    "delete": lambda note: note.delete(),
}
DELETIONS: dict[str, Callable[[Note], Any]] = {
    "delete": lambda note: note.delete(),
    "delete at a level": lambda note: note.delete(consistency="ONE"),
    "delete if it exists": lambda note: note.delete(if_exists=True),
    "delete in a batch": deleted_in_a_batch,
}


async def begun(write: Any) -> asyncio.Future[Any]:
    """Send a write as far as to the server."""
    writing: asyncio.Future[Any] = asyncio.ensure_future(write)
    for _ in range(5):
        await asyncio.sleep(0)
    return writing


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("delete", DELETIONS)
@pytest.mark.parametrize("deletes_first", [False, True])
@pytest.mark.parametrize("ends_first", [1, 2])
async def test_a_document_does_not_trust_a_write_beside_its_deletion(
    register: Callable[[ScriptedDriver], None], write: str, delete: str, *, deletes_first: bool, ends_first: int
) -> None:
    calls = [WRITES[write], DELETIONS[delete]]
    answers = [APPLIED if write == "insert" else Reply(), APPLIED if delete == "delete if it exists" else Reply()]
    order = -1 if deletes_first else 1
    driver = Held(*answers[::order])
    register(driver)
    note = Note(id=1)
    await note.save()
    note.price = 5
    writing = [await begun(call(note)) for call in calls[::order]]
    for number in (ends_first, 3 - ends_first):
        driver.gates[number].set()
        await writing[number - 1]
    with pytest.raises(InvalidQueryError, match=FORGOTTEN):
        await note.update()
    await note.save(changed_only=True)
    assert len(driver.requests) == 4
    assert driver.requests[-1].statement.cql.startswith("INSERT")
    note.price = 9
    await note.update()
    assert driver.requests[-1].statement.cql == "UPDATE ks.note SET price = ? WHERE id = ?"


async def test_an_update_beside_a_deletion_writes_all_that_the_deletion_may_take(
    register: Callable[[ScriptedDriver], None],
) -> None:
    driver = Held()
    register(driver)
    note = Note(id=1)
    await note.save()
    deleting = await begun(note.delete())
    note.price = 5
    updating = await begun(note.update())
    assert driver.requests[-1].statement.cql == "UPDATE ks.note SET text = ?, price = ? WHERE id = ?"
    for each in driver.gates:
        each.set()
    await asyncio.gather(deleting, updating)


NOT_MADE: dict[str, tuple[Callable[[Note], Any], Reply | Exception]] = {
    "refused": (lambda note: note.delete(), InvalidRequestError("no")),
    "refused in a batch": (deleted_in_a_batch, InvalidRequestError("no")),
    "rejected": (lambda note: note.delete(if_conditions={"text": "other"}), REJECTED),
}


@pytest.mark.parametrize("case", NOT_MADE)
async def test_a_deletion_that_was_not_made_leaves_the_row_known_to_be_there(
    register: Callable[[ScriptedDriver], None], case: str
) -> None:
    delete, answer = NOT_MADE[case]
    driver = Held(Reply(), answer)
    register(driver)
    note = Note(id=1)
    await note.save()
    writing = [await begun(note.save()), await begun(delete(note))]
    for number in (2, 1):
        driver.gates[number].set()
        await asyncio.gather(writing[number - 1], return_exceptions=True)
    await note.update()
    assert driver.requests[-1].statement.cql.startswith("UPDATE ks.note SET text = ?, price = ?")


@pytest.mark.parametrize("delete", ["delete", "delete in a batch"])
@pytest.mark.parametrize("gives_up", [False, True])
async def test_a_deletion_of_unknown_outcome_is_none_to_trust_either(
    register: Callable[[ScriptedDriver], None], delete: str, *, gives_up: bool
) -> None:
    driver = Held(Reply(), OperationTimedOutError(1.0, outcome="unknown"))
    register(driver)
    note = Note(id=1)
    await note.save()
    saving, deleting = await begun(note.save()), await begun(DELETIONS[delete](note))
    if gives_up:
        deleting.cancel()
    driver.gates[2].set()
    ended = await asyncio.gather(deleting, return_exceptions=True)
    assert isinstance(ended[0], asyncio.CancelledError if gives_up else OperationTimedOutError)
    driver.gates[1].set()
    await saving
    with pytest.raises(InvalidQueryError, match=FORGOTTEN):
        await note.update()


class Chapter(Document):
    book: Annotated[int, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    author: Annotated[str, Static()] = "a"
    title: str = "x"


@pytest.mark.parametrize("batched", [False, True])
async def test_a_deletion_of_a_row_takes_nothing_that_is_static(
    register: Callable[[ScriptedDriver], None], *, batched: bool
) -> None:
    driver = Held()
    register(driver)
    chapter = Chapter(book=1, number=1)
    await chapter.save()
    batch = AsyncBatchQuery()
    if batched:
        await chapter.delete(batch=batch)
    deleting = await begun(batch.execute() if batched else chapter.delete())
    updating = await begun(chapter.update())
    assert driver.requests[-1].statement.cql == "UPDATE ks.chapter SET title = ? WHERE book = ? AND number = ?"
    for each in driver.gates:
        each.set()
    await asyncio.gather(deleting, updating)


async def test_a_document_that_is_saved_behind_its_deletion_knows_its_row(
    register: Callable[[ScriptedDriver], None],
) -> None:
    driver = Held()
    register(driver)
    note = Note(id=1)
    await note.save()
    deleting = await begun(note.delete())
    driver.gates[1].set()
    await deleting
    saving = await begun(note.save())
    driver.gates[2].set()
    await saving
    await note.update()
    assert len(driver.requests) == 3
