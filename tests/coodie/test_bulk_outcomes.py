"""What the error of a write of many rows says of whether anything was changed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated

import pytest

from coodie.exceptions import BulkWriteError, DriverError, InvalidQueryError
from coodie.fields import ClusteringKey, PrimaryKey
from coodie.hooks import after_save, before_delete, before_save, before_update
from coodie.sync import Document
from coodie_drivers.errors import InvalidRequestError, ReadTimeoutError, ReplicaAnswers
from coodie_drivers.messages import Reply, Request
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coodie_drivers.messages import BatchRequest

    Script = Callable[..., ScriptedDriver]


class Event(Document):
    day: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    text: str | None = None


class Mailed(Event):
    @after_save
    def mail(self) -> None:
        raise ConnectionError("the mail server is down")

    class Settings:
        name = "event"


def certain() -> DriverError:
    return DriverError("too few replicas", outcome="not_applied")


def unknown() -> DriverError:
    return DriverError("too late", outcome="unknown")


def refused() -> InvalidRequestError:
    return InvalidRequestError("no such column")


def read_timed_out() -> ReadTimeoutError:
    return ReadTimeoutError(ReplicaAnswers("ONE", 1, 0), outcome="not_applied")


REJECTED = Reply([(False,)], ("[applied]",), None, False)


def events(count: int, model: type[Event] = Event) -> list[Event]:
    return [model(day="d", number=number) for number in range(count)]


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ([certain()], "not_applied"),
        ([unknown()], "unknown"),
        ([Reply(), certain()], "unknown"),
        ([Reply(), refused()], "unknown"),
    ],
)
def test_it_is_certain_where_nothing_was_written_and_each_failure_says_so(
    answers: list[Reply | Exception], outcome: str, script: Script
) -> None:
    script(*answers)
    with pytest.raises(BulkWriteError) as raised:
        Event.find().save_many(events(3), at_once=1)
    assert raised.value.outcome == outcome
    assert not raised.value.retryable


def test_rows_that_were_rejected_were_not_changed(script: Script) -> None:
    script(REJECTED, certain())
    with pytest.raises(BulkWriteError) as raised:
        Event.find().insert_many(events(3), at_once=1)
    assert raised.value.outcome == "not_applied"
    script(Reply([(True,)], ("[applied]",), None, True), REJECTED, certain())
    with pytest.raises(BulkWriteError) as raised:
        Event.find().insert_many(events(3), at_once=1)
    assert raised.value.outcome == "unknown"


class BothAtOnce(ScriptedDriver):
    """Refuses the first row when the second is under way, which it does not answer in time."""

    def __init__(self) -> None:
        super().__init__()
        self.both = threading.Barrier(2, timeout=60)

    def send(self, request: Request | BatchRequest) -> Reply:
        """Wait for the other one, and fail."""
        self.both.wait()
        assert isinstance(request, Request)
        raise refused() if 0 in request.params else unknown()


def test_what_stands_behind_the_first_refusal_is_told(register: Callable[[ScriptedDriver], None]) -> None:
    register(BothAtOnce())
    with pytest.raises(BulkWriteError, match="0 rows were written, 2 failed") as raised:
        Event.find().save_many(events(2), at_once=2)
    assert raised.value.outcome == "unknown"


def test_where_nothing_was_written_the_refusal_of_the_first_is_told(script: Script) -> None:
    script(refused())
    with pytest.raises(InvalidQueryError, match="no such column"):
        Event.find().save_many(events(2), at_once=1)


def test_a_hook_or_an_iterable_that_raises_behind_writes_does_not_hide_them(driver: ScriptedDriver) -> None:
    def broken() -> Iterator[Event]:
        yield from events(600)
        raise ConnectionError("the source is gone")

    calls: list[Callable[[], object]] = [
        lambda: Mailed.find().save_many(events(2, Mailed)),
        lambda: Event.find().save_many(broken()),
    ]
    for call in calls:
        with pytest.raises(BulkWriteError) as raised:
            call()
        assert raised.value.outcome == "unknown"
    assert driver.requests


class Checked(Event):
    @before_save
    @before_update
    @before_delete
    def check(self) -> None:
        if self.number < 0:
            raise ConnectionError("the stock is not told")

    class Settings:
        name = "event"


MANY: dict[str, Callable[[list[Checked]], object]] = {
    "save_many": lambda events: Checked.find().save_many(events, at_once=1),
    "save_many batched": lambda events: Checked.find().save_many(events, at_once=1, batched=True),
    "insert_many": lambda events: Checked.find().insert_many(events, at_once=1),
    "update_many": lambda events: Checked.find().update_many(events, at_once=1, text="x"),
    "delete_many": lambda events: Checked.find().delete_many(events, at_once=1),
}


def checked(*numbers: int) -> list[Checked]:
    return [Checked(day="d", number=number) for number in numbers]


@pytest.mark.parametrize("verb", MANY)
def test_it_is_certain_where_a_hook_raised_before_anything_was_sent(verb: str, driver: ScriptedDriver) -> None:
    with pytest.raises(BulkWriteError, match="0 rows were written, 1 failed and 2 were not begun") as raised:
        MANY[verb](checked(1, -1, 2))
    assert (raised.value.outcome, driver.requests) == ("not_applied", [])
    assert isinstance(raised.value.__cause__, ConnectionError)


@pytest.mark.parametrize(("answer", "outcome"), [(certain(), "not_applied"), (unknown(), "unknown")])
def test_beside_a_hook_the_other_failures_say_it(answer: Exception, outcome: str, script: Script) -> None:
    script(answer)

    def broken() -> Iterator[Checked]:
        yield from checked(*[-1] * 499, 1)
        raise ConnectionError("the source is gone")

    with pytest.raises(BulkWriteError, match="the source is gone") as raised:
        Checked.find().save_many(broken(), stop_on_error=False)
    assert raised.value.outcome == outcome


def keys(*numbers: int, more: bytes | None = None) -> Reply:
    return Reply([("d", number) for number in numbers], ("day", "number"), paging_state=more)


WRITES: dict[str, Callable[[], object]] = {
    "update": lambda: Event.find(day="d").update(text="x"),
    "delete": lambda: Event.find(day="d", text="x").allow_filtering().delete(),
}


@pytest.mark.parametrize("verb", WRITES)
@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ([keys(1), certain()], "not_applied"),
        ([keys(1), unknown()], "unknown"),
        ([keys(1, more=b"more"), Reply(), keys(2), certain()], "unknown"),
    ],
)
def test_a_query_that_writes_rows_says_so_as_well(
    verb: str, answers: list[Reply | Exception], outcome: str, script: Script
) -> None:
    script(*answers)
    with pytest.raises(BulkWriteError) as raised:
        WRITES[verb]()
    assert raised.value.outcome == outcome


@pytest.mark.parametrize("verb", WRITES)
def test_a_page_that_cannot_be_read_does_not_hide_what_was_written(verb: str, script: Script) -> None:
    for error in (read_timed_out(), refused()):
        script(keys(1, 2, more=b"more"), Reply(), Reply(), error)
        problem = (
            r"Event: 2 rows were written, 0 failed and 0 were not begun; finding the others failed with "
            rf"{type(error).__name__}"
        )
        with pytest.raises(BulkWriteError, match=problem) as raised:
            WRITES[verb]()
        assert raised.value.__cause__ is error
        assert raised.value.outcome == "unknown"
        assert [key["number"] for key in raised.value.written] == [1, 2]


@pytest.mark.parametrize("verb", WRITES)
def test_a_page_that_cannot_be_read_before_anything_was_written_is_its_own_error(verb: str, script: Script) -> None:
    for before in ([], [keys(more=b"more")]):
        script(*before, read_timed_out())
        with pytest.raises(ReadTimeoutError):
            WRITES[verb]()
