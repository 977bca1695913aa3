"""An attribute of a model class that is not there: an AttributeError that offers the nearest name."""

from __future__ import annotations

import copy
import inspect
import pickle
from rlcompleter import Completer
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.exceptions import InvalidQueryError, UnknownNameError
from coodie.fields import Counter, PrimaryKey
from coodie.sync import CounterDocument, Document
from coodie.usertype import UserType

if TYPE_CHECKING:
    from collections.abc import Callable


class Letter(Document):
    id: Annotated[int, PrimaryKey()]
    text: str = ""


class Place(UserType):
    town: str = ""


class Person(Document):
    id: Annotated[int, PrimaryKey()]
    home: Place
    others: list[Place] | None = None


class Visits(CounterDocument):
    url: Annotated[str, PrimaryKey()]
    views: Annotated[int, Counter()]


LETTER: Any = Letter
PERSON: Any = Person
HELD = "what it holds is compared as a whole"
ASIDE = "give the whole, or keep the part in a field of its own"
VISITS: Any = Visits
SENTENCES: dict[str, Callable[[], object]] = {
    "Letter has no field or attribute 'txt'; did you mean 'text'?": lambda: LETTER.txt,
    "Letter has no field or attribute 'finds'; did you mean 'find'?": lambda: LETTER.finds,
    "Letter has no field or attribute 'quantity'": lambda: LETTER.quantity,
    "Letter.text is a field to compare, and has no attribute 'startswith'": lambda: LETTER.text.startswith("x"),
    "Letter.text is a field to compare, and has no attribute 'lik'; did you mean 'like'?": lambda: LETTER.text.lik,
    "Person.home has no part 'town' to compare: a user type is compared as a whole, by queries where it is Frozen(); "
    + ASIDE: lambda: PERSON.home.town == "York",
    "Person.others has no part 'town' to compare: what it holds is compared as a whole; " + ASIDE: lambda: (
        PERSON.others.town == "York"
    ),
    "Person.others[...] has no part 'town' to compare: an entry is compared as a whole; " + ASIDE: lambda: (
        PERSON.others[0].town == "York"
    ),
    "Person.home is a field to compare, and has no attribute 'tow'": lambda: PERSON.home.tow,
    "Visits has no field or attribute 'view'; did you mean 'views'?": lambda: VISITS.view,
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_nearest_name_is_offered(sentence: str) -> None:
    with pytest.raises(AttributeError) as raised:
        SENTENCES[sentence]()
    assert str(raised.value) == sentence


OF_PARTS: dict[str, Callable[[], object]] = {
    "home": lambda: Person.find(home__town="York"),
    "home of a comparison": lambda: Person.find(home__town__gt="York"),
    "home of a condition": lambda: Person.find(id=1).iff(home__town="York"),
    "home of an update": lambda: Person(id=1, home=Place(town="York")).update(
        others=[], if_conditions={"home__town": "York"}
    ),
    "others": lambda: Person.find(others__town="York"),
}


@pytest.mark.usefixtures("driver")
@pytest.mark.parametrize("where", OF_PARTS)
def test_a_part_of_a_user_type_that_a_keyword_names_is_said_to_be_none(where: str) -> None:
    with pytest.raises(InvalidQueryError) as raised:
        OF_PARTS[where]()
    field = where.partition(" ")[0]
    whole = "a user type is compared as a whole, by queries where it is Frozen()" if field == "home" else HELD
    assert str(raised.value) == f"Person.{field} has no part 'town' to compare: {whole}; {ASIDE}"


def test_what_is_no_part_of_a_user_type_is_no_lookup() -> None:
    with pytest.raises(UnknownNameError, match=r"^Person\.home has no lookup 'towns'"):
        Person.find(home__towns="York")


def test_whoever_asks_whether_it_is_there_is_told_so() -> None:
    assert not hasattr(Letter, "txt")
    assert getattr(Letter, "txt", 5) == 5
    assert inspect.getattr_static(Letter, "txt", None) is None
    assert not hasattr(Letter, "__txt__")
    assert not hasattr(Letter, "_txt")
    assert not hasattr(Person.home, "town")
    assert not hasattr(Letter.text, "__len__")


class Later(Letter):
    pages: int = 1

    class Settings:
        name = "later"


@pytest.mark.parametrize("model", [Letter, Later, Visits])
def test_whoever_completes_names_is_offered_the_fields(model: Any) -> None:
    assert set(model.model_fields) | {"find", "get", "model_fields"} <= set(dir(model))
    assert len(dir(model)) == len(set(dir(model)))
    first = next(iter(model.model_fields))
    assert Completer({"model": model}).complete(f"model.{first}", 0) == f"model.{first}"
    assert first in dict(inspect.getmembers(model))
    assert "pages" not in dir(Letter)


def test_a_field_travels_and_is_copied() -> None:
    for made in (copy.copy(Letter.text), copy.deepcopy(Letter.text), pickle.loads(pickle.dumps(Letter.text))):  # noqa: S301 - our own
        assert repr(made) == "Letter.text"


def test_a_field_and_its_document_are_what_they_were() -> None:
    assert repr(Letter.text) == "Letter.text"
    assert pickle.loads(pickle.dumps(Letter(id=1, text="x"))) == Letter(id=1, text="x")  # noqa: S301 - our own

    class Longer(Letter):
        txt: str = "y"

    assert Longer(id=1).txt == "y"
