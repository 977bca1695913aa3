"""What is added to a batch while it is sent: it belongs to the next time, with all that goes with it."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie import sync
from coodie.aio import AsyncBatchQuery, CounterDocument, Document
from coodie.exceptions import InvalidQueryError, InvalidRequestError, OperationTimedOutError
from coodie.fields import Counter, PrimaryKey
from coodie.hooks import after_update, before_update
from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.messages import BatchRequest, Request

APPLIED = Reply([(True,)], ("[applied]",), None, True)
REJECTED = Reply([(False, 1, "theirs")], ("[applied]", "id", "text"), None, False)


class Note(Document):
    id: Annotated[int, PrimaryKey()]
    text: str = "old"
    price: int = 0


class Signed(Note):
    told: int = 0

    class Settings:
        name = "signed"

    @before_update
    def sign(self) -> None:
        self.price = 7

    @after_update
    def tell(self) -> None:
        self.told += 1


class Visits(CounterDocument):
    id: Annotated[int, PrimaryKey()]
    visits: Annotated[int, Counter()] = 0


class Elsewhere(Document):
    id: Annotated[int, PrimaryKey()]

    class Settings:
        connection = "elsewhere"


class Held(ScriptedDriver):
    """Answers a batch when it is let."""

    let: asyncio.Event

    async def send_async(self, request: Request | BatchRequest) -> Reply:
        """Take the request now, and answer it later."""
        self.requests.append(request)
        if hasattr(request, "parts"):
            await self.let.wait()
        self.requests.pop()
        return self.send(request)


@pytest.fixture
def held(register: Callable[[ScriptedDriver], None]) -> Callable[..., Held]:
    """Make a driver with these answers, behind those to two saves, the default connection."""

    def made(*answers: Reply | Exception) -> Held:
        driver = Held([Reply(), Reply(), *answers])
        driver.let = asyncio.Event()
        register(driver)
        return driver

    return made


async def two(model: type[Note] = Note) -> tuple[Note, Note]:
    """Make two documents that know their rows."""
    first, second = model(id=1), model(id=2)
    await first.save()
    await second.save()
    return first, second


async def begun(batch: AsyncBatchQuery) -> asyncio.Task[None]:
    """Send a batch as far as to the server."""
    sending = asyncio.create_task(batch.execute())
    for _ in range(5):
        await asyncio.sleep(0)
    return sending


async def one_sent_and_one_added(first: Note, second: Note) -> tuple[AsyncBatchQuery, asyncio.Task[None], list[str]]:
    """A batch under way with a document's write, to which another one's was added; and who was told of which."""
    told: list[str] = []
    batch = AsyncBatchQuery()
    await first.update(text="a", batch=batch)
    batch.add_callback(told.append, "first")
    sending = await begun(batch)
    await second.update(text="b", batch=batch)
    batch.add_callback(told.append, "second")
    return batch, sending, told


async def test_a_document_that_is_added_meanwhile_knows_of_its_write_when_that_was_made(
    held: Callable[..., Held],
) -> None:
    driver = held()
    first, second = await two()
    batch, sending, told = await one_sent_and_one_added(first, second)
    driver.let.set()
    await sending
    assert (first.text, second.text, told) == ("a", "old", ["first"])
    await batch.execute()
    assert (second.text, told) == ("b", ["first", "second"])
    assert [[list(params) for _, params in request.parts] for request in driver.requests[2:]] == [
        [["a", 1]],
        [["b", 2]],
    ]


async def test_a_condition_that_does_not_hold_leaves_what_was_added_meanwhile(held: Callable[..., Held]) -> None:
    driver = held(REJECTED)
    first, second = await two(Signed)
    assert isinstance(second, Signed)
    batch = AsyncBatchQuery()
    await first.update(text="a", if_conditions={"text": "other"}, batch=batch)
    sending = await begun(batch)
    await second.update(text="b", batch=batch)
    driver.let.set()
    await sending
    assert batch.result is not None
    assert not batch.result.applied
    assert (first.price, second.price, second.told) == (0, 7, 0)  # what the hook of the first assigned is taken back
    await batch.execute()
    assert (first.text, second.text, second.price, second.told) == ("old", "b", 7, 1)


@pytest.mark.parametrize("conditional", [False, True])
async def test_a_condition_that_is_added_meanwhile_is_the_next_answers(
    held: Callable[..., Held], *, conditional: bool
) -> None:
    driver = held(APPLIED, REJECTED) if conditional else held(Reply(), REJECTED)
    first, second = await two()
    batch = AsyncBatchQuery()
    await first.update(text="a", if_exists=conditional, batch=batch)
    sending = await begun(batch)
    await second.update(text="b", if_conditions={"text": "other"}, batch=batch)
    driver.let.set()
    await sending
    assert (batch.result is not None and batch.result.applied, first.text) == (conditional, "a")
    await batch.execute()
    assert batch.result is not None
    assert (batch.result.applied, second.text) == (False, "old")


async def cancelled(driver: Held, sending: asyncio.Task[None]) -> None:
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    driver.let.set()


async def timed_out(driver: Held, sending: asyncio.Task[None]) -> None:
    driver.let.set()
    with pytest.raises(OperationTimedOutError):
        await sending


@pytest.mark.parametrize("fail", [cancelled, timed_out])
async def test_a_batch_of_unknown_outcome_leaves_nothing_in_doubt_that_was_added_meanwhile(
    held: Callable[..., Held], fail: Callable[..., Any]
) -> None:
    driver = held(OperationTimedOutError(1.0, outcome="unknown")) if fail is timed_out else held()
    first, second = await two()
    batch, sending, told = await one_sent_and_one_added(first, second)
    await fail(driver, sending)
    assert (first.text, second.text, told) == ("old", "old", [])
    sent = len(driver.requests)
    await second.update()
    assert len(driver.requests) == sent  # it was not on its way
    await batch.execute()
    assert (first.text, second.text, told) == ("a", "b", ["first", "second"])
    assert [list(params) for _, params in driver.requests[-1].parts] == [["a", 1], ["b", 2]]


async def test_what_is_added_meanwhile_is_not_yet_on_its_way(held: Callable[..., Held]) -> None:
    driver = held()
    first, second = await two()
    batch = AsyncBatchQuery()
    await first.update(text="a", batch=batch)
    sending = await begun(batch)
    await second.update(text="b", batch=batch)
    second.price = 3
    await second.update()
    assert list(driver.requests[-1].params) == [3, 2]  # and not the text, as beside a write under way
    driver.let.set()
    await sending


async def test_several_parts_under_way_are_put_back_each_with_what_goes_with_it(held: Callable[..., Held]) -> None:
    driver = held(InvalidRequestError("no"), Reply())
    first, second = await two()
    batch, sending, told = await one_sent_and_one_added(first, second)
    later = await begun(batch)
    driver.let.set()
    ended = await asyncio.gather(sending, later, return_exceptions=True)
    assert [type(each) for each in ended] == [InvalidRequestError, type(None)]
    assert (first.text, second.text, told) == ("old", "b", ["second"])
    await batch.execute()
    assert (first.text, told) == ("a", ["second", "first"])


async def test_a_block_that_raises_drops_only_what_is_not_under_way(held: Callable[..., Held]) -> None:
    driver = held()
    first, second = await two(Signed)
    assert isinstance(first, Signed)
    batch = AsyncBatchQuery()
    sending: list[asyncio.Task[None]] = []

    async def fail_inside() -> None:
        async with batch:
            await first.update(text="a", batch=batch)
            sending.append(await begun(batch))
            await second.update(text="b", batch=batch)
            raise KeyError

    with pytest.raises(KeyError):
        await fail_inside()
    assert (first.price, second.price) == (7, 0)
    driver.let.set()
    await sending[0]
    assert (first.text, first.price, first.told, second.text) == ("a", 7, 1, "old")
    await batch.execute()
    assert len(driver.requests) == 3


async def test_a_call_that_raises_or_adds_leaves_the_rest_to_the_time_it_belongs_to(held: Callable[..., Held]) -> None:
    driver = held()
    first, second = await two()
    told: list[str] = []
    batch = AsyncBatchQuery()

    def add() -> None:
        batch.add("DELETE FROM ks.log WHERE id = ?", [1])
        batch.add_callback(told.append, "third")
        raise KeyError

    await first.update(text="a", batch=batch)
    batch.add_callback(add)
    batch.add_callback(told.append, "first")
    sending = await begun(batch)
    await second.update(text="b", batch=batch)
    batch.add_callback(told.append, "second")
    driver.let.set()
    with pytest.raises(KeyError):
        await sending
    assert (first.text, second.text, told) == ("a", "old", ["first"])
    await batch.execute()
    assert (second.text, told, len(driver.requests[-1].parts)) == ("b", ["first", "second", "third"], 2)


async def test_what_is_added_meanwhile_goes_together_with_what_may_come_back(held: Callable[..., Held]) -> None:
    driver = held()
    first, second = await two()
    batch = AsyncBatchQuery(logged=False)
    await first.update(text="a", batch=batch)
    sending = await begun(batch)
    register_driver("elsewhere", ScriptedDriver())
    try:
        with pytest.raises(InvalidQueryError, match="Note and Elsewhere are on different connections"):
            await Elsewhere(id=1).save(batch=batch)
        with pytest.raises(InvalidQueryError, match="one of Note and Visits is a counter table"):
            await Visits.increment(id=1, visits=1, batch=batch)
        driver.let.set()
        await sending
        await Visits.increment(id=1, visits=1, batch=batch)
        with pytest.raises(InvalidQueryError, match="one of Visits and Note is a counter table"):
            await second.save(batch=batch)
    finally:
        unregister_driver("elsewhere")


class SyncNote(sync.Document):
    id: Annotated[int, PrimaryKey()]
    text: str = "old"


class Waiting(ScriptedDriver):
    """Takes a batch, and answers it when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.let = threading.Event(), threading.Event()

    def send(self, request: Request | BatchRequest) -> Reply:
        """Keep a batch waiting."""
        reply = super().send(request)
        if hasattr(request, "parts"):
            self.asked.set()
            self.let.wait(30)
        return reply


def test_so_it_is_between_threads(register: Callable[[ScriptedDriver], None]) -> None:
    driver = Waiting()
    register(driver)
    first, second = SyncNote(id=1), SyncNote(id=2)
    first.save()
    second.save()
    batch = sync.BatchQuery()
    first.update(text="a", batch=batch)
    sending = threading.Thread(target=batch.execute)
    sending.start()
    driver.asked.wait(30)
    second.update(text="b", batch=batch)
    driver.let.set()
    sending.join()
    assert (first.text, second.text) == ("a", "old")
    batch.execute()
    assert second.text == "b"


def test_threads_that_add_while_others_send_lose_nothing(register: Callable[[ScriptedDriver], None]) -> None:
    driver = ScriptedDriver()
    register(driver)
    batch = sync.BatchQuery(logged=False)
    notes = [[SyncNote(id=place * 1000 + number) for number in range(200)] for place in range(3)]
    added = threading.Event()

    def add(own: list[SyncNote]) -> None:
        for note in own:
            note.update(text="new", batch=batch)

    def send() -> None:
        while not added.is_set():
            batch.execute()

    adding = [threading.Thread(target=add, args=[own]) for own in notes]
    sending = threading.Thread(target=send)
    for each in (sending, *adding):
        each.start()
    for each in adding:
        each.join()
    added.set()
    sending.join()
    batch.execute()
    written = sorted(params[-1] for request in driver.requests for _, params in request.parts)
    assert written == sorted(note.id for own in notes for note in own)
    assert {note.text for own in notes for note in own} == {"new"}
