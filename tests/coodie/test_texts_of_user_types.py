"""A text inside a user type that cannot be sent: the error says which field of which model holds it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import ConfigDict, Field

from coodie.exceptions import InvalidQueryError, InvalidValueError
from coodie.fields import PrimaryKey
from coodie.sync import BatchQuery, Document
from coodie.usertype import UserType

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Phone(UserType):
    model_config = ConfigDict(frozen=True)

    number: str


class Contact(UserType):
    street: str
    phones: list[Phone] = []
    town: str = Field(default="", alias="place")


class Person(Document):
    id: Annotated[int, PrimaryKey()]
    home: Contact | None = None
    others: list[Contact] = []
    lines: set[Phone] = set()
    by_phone: dict[Phone, Contact] = {}
    pair: tuple[Phone, int] | None = None


HALF = "\ud800"
"""Half of a surrogate pair, which Python's text can hold and UTF-8 cannot."""

BROKEN: Any = Phone(number=HALF)
WHOLE: Any = Phone(number="")


@pytest.mark.parametrize(
    ("held", "path"),
    [
        ({"home": Contact(street=HALF)}, "home.street"),
        ({"home": Contact(street="", phones=[Phone(number=""), Phone(number=HALF)])}, "home.phones[1].number"),
        ({"home": Contact(street="", place=HALF)}, "home.town"),
        ({"others": [Contact(street=""), Contact(street=HALF)]}, "others[1].street"),
        ({"lines": {BROKEN}}, "lines.number"),
        ({"by_phone": {WHOLE: Contact(street=HALF)}}, "by_phone.values()[0].street"),
        ({"by_phone": {BROKEN: Contact(street="")}}, "by_phone.keys()[0].number"),
        ({"pair": (Phone(number=HALF), 1)}, "pair[0].number"),
    ],
)
def test_a_text_inside_that_cannot_be_sent_is_named(
    held: dict[str, Any], path: str, script: Callable[..., ScriptedDriver]
) -> None:
    unbindable = InvalidQueryError("column 'home' (frozen<contact>): text cannot carry a character")
    driver = script(unbindable, unbindable)
    person = Person(id=1, **held)
    with BatchQuery() as batch:
        row = Person.find(id=1)
        for verb in (person.save, lambda: row.update(**held), lambda: person.save(batch=batch)):
            with pytest.raises(
                InvalidValueError, match=rf"^Person\.{re.escape(path)}: .*half of a surrogate"
            ) as caught:
                verb()
            assert (caught.value.field, caught.value.path) == (next(iter(held)), path)
    assert len(driver.requests) == 2
