"""Several classes that are one user type: what they say of it must be the same, for a keyspace has it once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import ConfigDict, create_model

from coodie.exceptions import InvalidModelError
from coodie.fields import Discriminator, PrimaryKey
from coodie.sync import Document
from coodie.usertype import UserType

if TYPE_CHECKING:
    from coodie_drivers.testing.scripted import ScriptedDriver


class Number(UserType):
    z: int = 0

    class Settings:
        type_name = "samename"


class Text(UserType):
    z: str = ""

    class Settings:
        type_name = "samename"


class More(UserType):
    z: int = 0
    y: str = ""

    class Settings:
        type_name = "samename"


class Turned(UserType):
    y: str = ""
    z: int = 0

    class Settings:
        type_name = "samename"


class Alike(UserType):
    model_config = ConfigDict(frozen=True)

    number: int = 5
    z: int = 0

    class Settings:
        type_name = "alike"


class AlikeToo(UserType):
    number: int | None = None
    z: int | None = None

    class Settings:
        type_name = "alike"


class Holder(UserType):
    held: Text | None = None


def model(**annotations: Any) -> Any:
    fields: dict[str, Any] = {name: (annotation | None, None) for name, annotation in annotations.items()}
    return create_model("Both", __base__=Document, id=(Annotated[int, PrimaryKey()], ...), **fields)


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        (Number, Text, "Number and Text"),
        (Number, More, "Number and More"),
        (More, Turned, "More and Turned"),  # values are compared field by field, in the order of the type
        (list[Number], Text, "Number and Text"),
        (dict[str, Number], tuple[Text, int], "Number and Text"),
        (Number, Holder, "Number and Text"),
    ],
)
def test_classes_that_say_different_things_of_one_type_are_refused(first: Any, second: Any, names: str) -> None:
    sentence = rf"^Both: {names} are both the user type 'samename', and have different fields; .* another type_name"
    with pytest.raises(InvalidModelError, match=sentence):
        model(first=first, second=second)


def test_a_user_type_is_made_of_no_two_of_one_name() -> None:
    with pytest.raises(InvalidModelError, match=r"^Pair: Number and Text are both the user type 'samename'"):

        class Pair(UserType):  # pyright: ignore[reportUnusedClass]
            first: Number | None = None
            second: Text | None = None

    with pytest.raises(InvalidModelError, match=r"^Around: Number and Around are both the user type 'samename'"):

        class Around(UserType):  # pyright: ignore[reportUnusedClass]
            first: Number | None = None

            class Settings:
                type_name = "samename"


def made(name: str, base: type[Any], module: str = __name__, **annotations: Any) -> Any:
    """A class, defined anew."""
    fields: dict[str, Any] = {field: (annotation | None, None) for field, annotation in annotations.items()}
    return create_model(name, __base__=base, __module__=module, **fields)


def test_a_class_that_was_defined_again_is_told_with_what_holds_the_one_before() -> None:
    before, now = made("Street", UserType, text=str), made("Street", UserType, text=str, lane=int)
    home = made("Home", UserType, street=before)
    twice = r"Street was defined again, and is the user type 'street' with other fields than before; define"
    with pytest.raises(InvalidModelError, match=rf"^Both: {twice} Home again too, .* type_name"):
        model(home=home, street=now)
    base = model(first=before)
    with pytest.raises(InvalidModelError, match=rf"^Both: {twice} the bases of Both again too, "):
        made("Both", base, second=now)
    with pytest.raises(InvalidModelError, match=rf"^Around: {twice} Home again too, "):
        made("Around", UserType, home=home, street=now)


def test_classes_of_one_name_are_told_with_their_modules() -> None:
    names = r"shop\.Street and cafe\.Street are both the user type 'street', and have different fields; .* type_name"
    with pytest.raises(InvalidModelError, match=rf"^Both: {names}"):
        model(
            first=made("Street", UserType, "shop", text=str),
            second=made("Street", UserType, "cafe", text=str, lane=int),
        )


def test_classes_that_say_the_same_make_it_once(driver: ScriptedDriver) -> None:
    both = model(first=Alike, second=AlikeToo)
    made = "CREATE TYPE IF NOT EXISTS ks.alike (number int, z int)"
    assert both.sync_table(dry_run=True) == [made]
    assert [each for each in both.sync_table() if each.startswith("CREATE TYPE")] == [made]
    assert sum(each.statement.cql == made for each in driver.requests) == 1


class Parcel(Document):
    id: Annotated[int, PrimaryKey()]
    kind: Annotated[str, Discriminator()] = ""
    size: Number | None = None

    class Settings:
        name = "parcels_of_one_name"


def test_the_classes_of_a_family_have_one_type_of_a_name() -> None:
    with pytest.raises(InvalidModelError, match=r"^Letter: Number and Text are both the user type 'samename'"):

        class Letter(Parcel):  # pyright: ignore[reportUnusedClass]
            title: Text | None = None

            class Settings(Parcel.Settings):
                __discriminator_value__ = "letter"


def test_a_class_of_a_family_may_be_defined_again_with_another_type() -> None:
    def defined(text: bool) -> type[Parcel]:
        fields: dict[str, Any] = {"z": (str if text else int, ...)}
        stamp: Any = create_model("Stamp", __base__=UserType, **fields)
        inner = type("Settings", (), {"discriminator_value": "card", "__qualname__": "Card.Settings"})
        body = {"__annotations__": {"stamp": stamp | None}, "stamp": None, "__module__": __name__}
        metaclass: Any = type(Parcel)
        made: type[Parcel] = metaclass("Card", (Parcel,), {**body, "__qualname__": "Card", "Settings": inner})
        return made

    assert defined(text=False).table_name() == defined(text=True).table_name()


def test_all_classes_of_a_family_may_be_defined_again_with_a_type_that_has_grown() -> None:
    def defined(more: bool) -> None:
        fields: dict[str, Any] = {"street": (str, ""), **({"town": (str, "")} if more else {})}
        label: Any = create_model("Label", __base__=UserType, __module__=__name__, **fields)
        for kind in ("said", "heard"):
            inner = type("Settings", (), {"discriminator_value": kind, "__qualname__": f"{kind}.Settings"})
            body = {"__annotations__": {"label": label | None}, "label": None, "__module__": __name__}
            metaclass: Any = type(Parcel)
            metaclass(kind, (Parcel,), {**body, "__qualname__": kind, "Settings": inner})

    defined(more=False)
    defined(more=True)
