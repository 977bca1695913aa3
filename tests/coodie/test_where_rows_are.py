"""A document is written where its row is, unless somebody names another place: no tenant's row gets among another's."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie import using
from coodie.exceptions import InvalidQueryError
from coodie.fields import Counter, PrimaryKey, Version
from coodie.sync import BatchQuery, CounterDocument, Document
from coodie_drivers import register_driver, unregister_driver
from coodie_drivers.messages import Reply
from coodie_drivers.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Note(Document):
    id: Annotated[int, PrimaryKey()]
    text: str = ""
    tags: list[str] = []


class Visits(CounterDocument):
    id: Annotated[int, PrimaryKey()]
    count: Annotated[int, Counter()] = 0


class Plan(Document):
    id: Annotated[int, PrimaryKey()]
    text: str = ""
    version: Annotated[int, Version()] = 0


class Table(ScriptedDriver):
    """Gives out one row of whichever table is asked for."""

    def send(self, request: Any) -> Reply:
        super().send(request)
        cql = getattr(getattr(request, "statement", None), "cql", "")
        if not cql.startswith("SELECT"):
            return Reply([(True,)], ("[applied]",), None, True) if " IF " in cql else Reply()
        if ".visits" in cql:
            return Reply([(1, 5)], ("id", "count"))
        if ".plan" in cql:
            return Reply([(1, "of Ann", 3)], ("id", "text", "version"))
        return Reply([(1, "of Ann", ["a"])], ("id", "text", "tags"))


@pytest.fixture
def here() -> Iterator[Table]:
    """The default connection."""
    yield from registered("here", default=True)


@pytest.fixture
def there() -> Iterator[Table]:
    """Another connection."""
    yield from registered("there", default=False)


def registered(name: str, *, default: bool) -> Iterator[Table]:
    driver = Table()
    register_driver(name, driver, default=default)
    yield driver
    unregister_driver(name)


def by_query() -> Note:
    return Note.find(id=1).using(keyspace="ann").all()[0]


def by_context() -> Note:
    with using(keyspace="ann"):
        return Note.get(id=1)


def in_part() -> Note:
    return Note.find(id=1).only("text", "tags").using(keyspace="ann").all()[0]


def validated() -> Note:
    return Note.find(id=1).validate().using(keyspace="ann").all()[0]


def created() -> Note:
    return Note.find().using(keyspace="ann").create(id=1, tags=["a"])


def saved() -> Note:
    note = Note(id=1, tags=["a"])
    with using(keyspace="ann"):
        note.save()
    return note


def inserted() -> Note:
    note = Note(id=1, tags=["a"])
    with using(keyspace="ann"):
        note.insert()
    return note


def saved_as_json() -> Note:
    note = Note(id=1, tags=["a"])
    with using(keyspace="ann"):
        note.save_json()
    return note


def batched() -> Note:
    note = Note(id=1, tags=["a"])
    with using(keyspace="ann"), BatchQuery() as batch:
        note.save(batch=batch)
    return note


def saved_by_many() -> Note:
    note = Note(id=1, tags=["a"])
    Note.find().using(keyspace="ann").save_many([note])
    return note


def pickled() -> Note:
    found: Note = pickle.loads(pickle.dumps(by_query()))  # noqa: S301 - our own
    return found


def deleted() -> Note:
    note = by_query()
    note.delete()
    return note


WAYS: list[Callable[[], Note]] = [
    *(by_query, by_context, in_part, validated, created, saved, inserted, saved_as_json, batched, saved_by_many),
    *(pickled, deleted, lambda: copy.copy(by_query()), lambda: copy.deepcopy(by_query())),
    *(lambda: by_query().model_copy(update={"text": "copied"}),),
]
VERBS: dict[str, Callable[[Note], object]] = {
    "save": lambda note: note.save(),
    "save of what changed": lambda note: note.save(changed_only=True),
    "save_json": lambda note: note.save_json(),
    "insert": lambda note: note.insert(),
    "update": lambda note: note.update(),
    "update of a field": lambda note: note.update(text="x"),
    "update of a part": lambda note: note.update(append__tags=["x"]),
    "delete": lambda note: note.delete(),
    "delete_columns": lambda note: note.delete_columns("text"),
}


def place_of(driver: ScriptedDriver) -> str:
    """Return the keyspace that the last request was about."""
    statement: str = driver.requests[-1].statement.cql
    return next(word.split(".")[0] for word in statement.split() if "." in word)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("way", WAYS)
def test_each_verb_goes_where_the_row_is(way: Callable[[], Note], verb: str, here: Table) -> None:
    note = way()
    if verb == "update" and way in (pickled, deleted):
        return  # nothing is known that could be compared
    before = len(here.requests)
    note.tags = ["secret of Ann"]
    VERBS[verb](note)
    note.save()
    assert [place_of(here), len(here.requests)] == ["ann", before + 2]
    assert all(" ks." not in request.statement.cql for request in here.requests if hasattr(request, "statement"))


def test_a_batch_takes_what_goes_where_the_row_is(here: Table) -> None:
    note = by_query()
    note.tags.append("b")
    with BatchQuery() as batch:
        note.update(batch=batch)
        note.tags.append("c")
        note.update(batch=batch)
    assert [statement.cql for statement, _ in here.requests[-1].parts] == [
        "UPDATE ann.note SET tags = tags + ? WHERE id = ?"
    ] * 2
    assert [list(values) for _, values in here.requests[-1].parts] == [[["b"], 1], [["c"], 1]]
    before = len(here.requests)
    note.update()
    assert len(here.requests) == before


def test_counters_and_versions_go_where_the_row_is(here: Table) -> None:
    visits = Visits.find(id=1).using(keyspace="ann").all()[0]
    visits.increment(count=1)
    assert place_of(here) == "ann"
    visits.decrement(count=1)
    assert place_of(here) == "ann"
    plan = Plan.find(id=1).using(keyspace="ann").all()[0]
    plan.text = "changed"
    plan.save()
    assert (place_of(here), plan.version) == ("ann", 4)
    plan.delete_columns("text")
    assert (place_of(here), plan.version) == ("ann", 5)
    with using(keyspace="bob"):
        plan.save()
    assert here.requests[-1].statement.cql.startswith("INSERT INTO bob.plan ")
    plan.update(text="x")
    assert (place_of(here), plan.version) == ("ann", 6)


def test_a_connection_is_followed_as_a_keyspace_is(here: Table, there: Table) -> None:
    note = Note.find(id=1).using(connection="there").all()[0]
    note.update(text="x")
    assert (len(here.requests), place_of(there), len(there.requests)) == (0, "ks", 2)
    with using(keyspace="bob"):
        note.save()
    assert (len(here.requests), place_of(there)) == (0, "bob")


CHANGING = [verb for verb in VERBS if not verb.startswith(("save", "insert"))]


@pytest.mark.parametrize("verb", CHANGING)
@pytest.mark.parametrize("own", [None, "ann"])
def test_a_place_that_is_named_has_another_row_which_is_not_changed(verb: str, own: str | None, here: Table) -> None:
    note = Note.get(id=1) if own is None else by_query()
    before = len(here.requests)
    note.tags.append("b")
    with (
        using(keyspace="bob"),
        pytest.raises(InvalidQueryError, match=r"this Note has its row in .*using\(\) says keyspace 'bob'.*save\(\)"),
    ):
        VERBS[verb](note)
    assert (len(here.requests), note.text) == (before, "of Ann")
    with using(keyspace="ks" if own is None else own):
        note.update()
    assert place_of(here) == own or own is None


def test_counters_of_a_place_that_is_named_are_not_changed(here: Table) -> None:
    visits = Visits.find(id=1).using(keyspace="ann").all()[0]
    before = len(here.requests)
    for verb, count in (("increment", visits.increment), ("decrement", visits.decrement)):
        way_out = rf"where {verb}\(\) would change .*; leave .*; Visits\.{verb}\(\.\.\.\) with the key counts there$"
        with using(keyspace="bob"), pytest.raises(InvalidQueryError, match=way_out):
            count(count=1)
    with using(keyspace="bob"), pytest.raises(InvalidQueryError, match=r"or read it there first$"):
        visits.delete()
    assert len(here.requests) == before
    with using(keyspace="bob"):
        Visits.increment(id=1, count=1)
    assert place_of(here) == "bob"


@pytest.mark.parametrize("copying", ["save", "save of what changed", "save_json", "insert"])
def test_a_copy_in_another_place_is_whole_and_the_document_stays_where_it_is(copying: str, here: Table) -> None:
    note = by_query()
    note.text = "changed"
    with using(keyspace="bob"):
        VERBS[copying](note)
    assert (place_of(here), here.requests[-1].statement.cql.split()[0]) == ("bob", "INSERT")
    note.update()
    assert here.requests[-1].statement.cql == "UPDATE ann.note SET text = ? WHERE id = ?"
    with using(keyspace="bob"), BatchQuery() as batch:
        note.save(batch=batch)
    note.delete()
    assert place_of(here) == "ann"


@pytest.mark.parametrize("verb", ["save_many", "insert_many", "update_many", "delete_many"])
def test_many_are_written_elsewhere_only_where_that_is_said(verb: str, here: Table) -> None:
    changes = {"text": "x"} if verb == "update_many" else {}
    before = len(here.requests)
    note = by_query()
    with pytest.raises(InvalidQueryError, match=r'say where: Note\.find\(\)\.using\(keyspace="ann"\)\.'):
        getattr(Note.find(), verb)([note], **changes)
    assert len(here.requests) == before + 1
    getattr(Note.find().using(keyspace="ann"), verb)([note], **changes)
    assert place_of(here) == "ann"


def test_a_document_without_a_row_goes_where_the_context_says(here: Table) -> None:
    for keyspace in ("ann", "bob"):
        with using(keyspace=keyspace):
            Note(id=1).update(text="x")
            assert place_of(here) == keyspace
            Note(id=1).delete()
            assert place_of(here) == keyspace
    Note(id=1).save()
    assert place_of(here) == "ks"


class Kept(Document):
    id: Annotated[int, PrimaryKey()]
    text: str = ""

    class Settings:
        name = "note"
        connection = "there"


def test_the_connection_of_a_model_is_the_same_by_its_name(here: Table, there: Table) -> None:
    note = by_query()
    with using(connection="here", keyspace="ann"):
        note.update(text="x")
    with using(connection="here"):
        note.update(text="y")
        own = Note.get(id=1)
        own.update(text="z")
    assert [request.statement.cql.split()[1] for request in here.requests if "UPDATE" in request.statement.cql] == [
        *("ann.note", "ann.note", "ks.note")
    ]
    Note.find().save_many([own])
    Note.find().using(connection="here").save_many([own])
    kept = Kept.find(id=1).only("text").using(keyspace="ann").all()[0]
    with using(connection="there"):
        kept.update(text="x")
    assert place_of(there) == "ann"
    with using(connection="here"), pytest.raises(InvalidQueryError, match="of connection 'here', where"):
        kept.update(text="x")
    at_home = Kept.find(id=1).only("text").using(connection="there").all()[0]
    Kept.find().save_many([at_home])
    at_home.update(text="x")
    assert place_of(there) == "ks"
