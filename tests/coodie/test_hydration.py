"""How rows become documents, from drivers that vouch for their types and from those that do not."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import UUID

import pytest
from pydantic import PrivateAttr

from coodie.exceptions import InvalidRowError
from coodie.fields import ClusteringKey, PrimaryKey, Static
from coodie.sync import Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class User(Document):
    id: Annotated[UUID, PrimaryKey()]
    name: str = ""
    score: int | None = None


def test_rows_become_documents_as_pydantic_makes_them(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(UUID(int=1), "a", None)], ("id", "name", "score")))
    read = User.get(id=UUID(int=1))
    made = User(id=UUID(int=1), name="a", score=None)
    assert read == made
    assert read.model_fields_set == {"id", "name", "score"}
    assert read.model_dump_json() == made.model_dump_json()
    assert read.model_copy(update={"name": "b"}).name == "b"


def test_a_driver_that_does_not_vouch_for_its_types_has_its_rows_validated(
    script: Callable[..., ScriptedDriver],
) -> None:
    driver = script(Reply([(str(UUID(int=1)), "a", "7")], ("id", "name", "score")))
    driver.needs_row_validation = True
    assert User.get(id=UUID(int=1)).score == 7
    driver = script(Reply([("no uuid", "a", 1)], ("id", "name", "score")))
    driver.needs_row_validation = True
    with pytest.raises(
        InvalidRowError, match=r"^User\.id: .*; the attribute key of this error says which row"
    ) as caught:
        User.get(id=UUID(int=1))
    assert caught.value.key == {"id": "no uuid"}
    assert "no uuid" not in str(caught.value)


def test_a_lazy_row_travels_between_processes(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(UUID(int=1), "a", None)], ("id", "name", "score")))
    (lazy,) = User.find().all(lazy=True)
    again = pickle.loads(pickle.dumps(lazy))  # noqa: S301 - our own bytes
    assert type(again) is type(lazy)
    assert (again.name, again.resolve()) == ("a", User(id=UUID(int=1), name="a"))


def test_a_copy_of_a_lazy_row_has_a_document_of_its_own(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(UUID(int=1), "a", None)], ("id", "name", "score")))
    (lazy,) = User.find().all(lazy=True)
    copied = copy.copy(lazy)
    copied.name = "b"
    assert type(copied) is type(lazy)
    assert (lazy.name, copied.name) == ("a", "b")


class Shelf(Document):
    id: Annotated[int, PrimaryKey()]
    labels: list[str] = ["new"]
    place: str = "hall"
    owner: str = None  # type: ignore[assignment]  # what many models say, and Pydantic lets pass


@pytest.mark.parametrize("validates", [False, True])
def test_a_null_reads_the_same_from_each_kind_of_driver(validates: bool, script: Callable[..., ScriptedDriver]) -> None:
    driver = script(Reply([(1, None, None, None)], ("id", "labels", "place", "owner")))
    driver.needs_row_validation = validates
    assert vars(Shelf.get(id=1)) == {"id": 1, "labels": [], "place": "hall", "owner": None}


class Stack(Document):
    id: Annotated[int, PrimaryKey()]
    at: Annotated[int, ClusteringKey()] = 0
    shared: Annotated[str, Static()] = ""


def test_a_null_in_a_key_is_none_or_refused_where_rows_are_validated(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(1, None, "s")], ("id", "at", "shared")))
    assert vars(Stack.get(id=1)) == {"id": 1, "at": None, "shared": "s"}
    script(Reply([(1, None, "s")], ("id", "at", "shared"))).needs_row_validation = True
    with pytest.raises(InvalidRowError, match=r"^Stack\.at: "):
        Stack.get(id=1)


def test_what_stood_in_the_way_is_read_without_defaults(
    script: Callable[..., ScriptedDriver],
) -> None:
    script(Reply([(False, 1, None, None, None)], ("[applied]", "id", "labels", "place", "owner"), applied=False))
    result = Shelf(id=1).insert()
    assert result is not None
    assert result.existing == {"id": 1, "labels": [], "place": None, "owner": None}


class Size(Enum):
    SMALL = "s"


class Plain(Document):
    id: Annotated[int, PrimaryKey()]
    size: Size = Size.SMALL


class Shirt(Document):
    model_config: ClassVar[Any] = {"use_enum_values": False}
    id: Annotated[int, PrimaryKey()]
    size: Size = Size.SMALL


def test_an_invalid_row_among_others_is_named_by_its_key(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(1, "s"), (2, "huge"), (3, "s")], ("id", "size")))
    with pytest.raises(InvalidRowError, match=r"^Shirt\.size: column 'size' holds .*attribute key of this") as caught:
        Shirt.find().all()
    assert (caught.value.model, caught.value.field, caught.value.key) == ("Shirt", "size", {"id": 2})


def test_an_unknown_value_reads_as_it_is_where_the_model_holds_values(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(1, "huge")], ("id", "size")))
    assert vars(Plain.get(id=1)) == {"id": 1, "size": "huge"}


def test_a_column_of_another_type_reads_as_it_is(script: Callable[..., ScriptedDriver]) -> None:
    driver = script(Reply([(1, 5)], ("id", "size")))
    assert vars(Plain.get(id=1)) == {"id": 1, "size": 5}
    driver = script(Reply([(1, 5)], ("id", "size")))
    driver.needs_row_validation = True
    with pytest.raises(InvalidRowError, match=r"^Plain\.size: "):
        Plain.get(id=1)


def test_what_stood_in_the_way_and_cannot_be_read_is_an_invalid_row(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(False, 1, "huge")], ("[applied]", "id", "size"), applied=False))
    with pytest.raises(InvalidRowError, match=r"^Shirt\.size: column 'size' holds what") as caught:
        Shirt(id=1).insert()
    assert "huge" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_foreign_drivers_columns_are_read_by_name(script: Callable[..., ScriptedDriver]) -> None:
    key = UUID(int=1)
    script(Reply([(3, key, "a")], ("score", "id", "name")), Reply([(3, key)], ("score", "id")))
    assert User.get(id=key) == User(id=key, name="a", score=3)
    with pytest.raises(InvalidRowError, match=r"User\.name: the driver's answer has no column 'name'"):
        User.get(id=key)


class Slotted(Document):
    """Has an attribute that Pydantic knows nothing of."""

    __slots__ = ("beside",)
    id: Annotated[UUID, PrimaryKey()]
    name: str = ""


class Told(Document):
    """Is told of each instance that is made."""

    made: ClassVar[list[str]] = []
    id: Annotated[UUID, PrimaryKey()]
    name: str = ""

    def __new__(cls, **given: Any) -> Any:
        del given
        cls.made.append("new")
        return super().__new__(cls)


class Ended(Document):
    """Is told of each instance that goes."""

    ended: ClassVar[list[str]] = []
    id: Annotated[UUID, PrimaryKey()]
    name: str = ""

    def __del__(self) -> None:
        self.ended.append(self.name)


class Private(Document):
    """Keeps something beside its fields."""

    id: Annotated[UUID, PrimaryKey()]
    name: str = ""
    _kept: list[int] = PrivateAttr(default_factory=list[int])


@pytest.mark.parametrize("model", [Slotted, Told, Ended, Private])
def test_a_document_that_was_read_is_laid_out_as_one_that_was_made(
    model: Any, script: Callable[..., ScriptedDriver]
) -> None:
    script(Reply([(UUID(int=1), "a"), (UUID(int=2), "b")], ("id", "name")))
    read = model.find().all()
    made = [model(id=UUID(int=1), name="a"), model(id=UUID(int=2), name="b")]
    assert read == made
    assert [type(each) for each in read] == [model, model]
    assert [each.__pydantic_private__ for each in read] == [each.__pydantic_private__ for each in made]
    assert pickle.loads(pickle.dumps(read)) == read  # noqa: S301 - our own bytes
    assert read[0].__pydantic_extra__ is None
    read[0].name = "c"
    assert weakref.ref(read[0])() is read[0]


def test_a_read_document_is_made_and_ended_as_its_class_says(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(UUID(int=1), "a")], ("id", "name")), Reply([(UUID(int=1), "a")], ("id", "name")))
    Told.made.clear()
    Told.find().all()
    assert Told.made == ["new"]
    Ended.ended.clear()
    Ended.find().all()
    gc.collect()
    assert Ended.ended == ["a"]
