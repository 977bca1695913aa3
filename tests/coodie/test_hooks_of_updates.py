"""Hooks of `update(...)` with fields: what they see, what becomes of what they change, and what is taken back."""

from __future__ import annotations

from itertools import count, permutations
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import AfterValidator, StringConstraints

from coodie.exceptions import InvalidQueryError, InvalidValueError
from coodie.fields import PrimaryKey, Version
from coodie.hooks import before_save, before_update
from coodie.mixins import Timestamped
from coodie.sync import BatchQuery, Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver

APPLIED = Reply([(True,)], ("[applied]",), None, True)
REJECTED = Reply([(False, "x")], ("[applied]", "title"), None, False)


class Article(Document):
    id: Annotated[int, PrimaryKey()]
    title: str = ""
    slug: str = ""
    tags: list[str] = []
    code: Annotated[str, StringConstraints(to_upper=True)] = ""

    @before_save
    @before_update
    def tidy(self) -> None:
        if self.title == "wrong":
            raise ValueError("no title")
        self.title = self.title.strip()
        slug = f"{self.title.lower()}{self.code}"
        if self.slug != slug:
            self.slug = slug


def saved(**fields: Any) -> Article:
    """Make an article that was written."""
    article = Article(id=1, title="One", **fields)
    article.save()
    return article


def written(driver: ScriptedDriver) -> dict[str, object]:
    """What the last statement sets, by column."""
    statement = driver.requests[-1].statement.cql
    names = statement.partition(" SET ")[2].partition(" WHERE ")[0].split(", ")
    return dict(zip([name.partition(" ")[0] for name in names], driver.requests[-1].params, strict=False))


def test_hooks_see_and_change_what_is_given(driver: ScriptedDriver) -> None:
    article = saved()
    article.update(title=" Two ")
    assert written(driver) == {"title": "Two", "slug": "two"}
    assert (article.title, article.slug) == ("Two", "two")
    sent = len(driver.requests)
    article.update()
    assert len(driver.requests) == sent  # the document and its row are one


def test_hooks_see_values_as_the_model_checks_them(driver: ScriptedDriver) -> None:
    article = saved()
    article.update(code="ab")
    assert written(driver) == {"code": "AB", "slug": "oneAB"}
    assert (article.code, article.slug) == ("AB", "oneAB")


def test_what_was_assigned_before_is_seen_beside_what_is_given(driver: ScriptedDriver) -> None:
    article = saved()
    article.code = "x"
    article.update(title="Two")
    assert written(driver) == {"title": "Two", "slug": "twox"}


class Tagged(Document):
    id: Annotated[int, PrimaryKey()]
    tags: list[str] = []
    labels: set[str] = set()
    text: str = "old"

    @before_update
    def tag(self) -> None:
        self.tags.append("hooked")
        if "b" in self.labels:
            self.labels = {"c"}
        if self.text == "refused":
            self.text = "old"


def test_what_a_hook_changes_inside_a_given_value_is_written(driver: ScriptedDriver) -> None:
    tagged = Tagged(id=1)
    tagged.save()
    tagged.update(tags=["given"])
    assert written(driver) == {"tags": ["given", "hooked"]}
    assert tagged.tags == ["given", "hooked"]


def test_a_hook_may_put_back_what_was_there(driver: ScriptedDriver) -> None:
    tagged = Tagged(id=1)
    tagged.save()
    tagged.update(text="refused")
    assert written(driver) == {"text": "old"}
    assert tagged.text == "old"


def test_what_is_added_is_not_seen_yet(driver: ScriptedDriver) -> None:
    tagged = Tagged(id=1, labels={"a"})
    tagged.save()
    tagged.update(add__labels={"b"})
    assert tagged.labels == {"a", "b"}
    with pytest.raises(InvalidQueryError, match=r"Tagged\.labels"):
        tagged.update(add__labels={"d"})
    assert tagged.labels == {"a", "b"}


def refused_by_hook(article: Article) -> None:
    """Give what the hook refuses."""
    with pytest.raises(ValueError, match="no title"):
        article.update(title="wrong", code="x")


def of_wrong_type(article: Article) -> None:
    """Give what the field does not take."""
    with pytest.raises(InvalidValueError, match=r"Article\.title"):
        article.update(title=7)


def failing(article: Article) -> None:
    """Lose the connection."""
    with pytest.raises(ConnectionError):
        article.update(title=" Two ", code="x")


def not_holding(article: Article) -> None:
    """Have the row otherwise."""
    result = article.update(title=" Two ", code="x", if_conditions={"title": "y"})
    assert result is not None
    assert not result.applied


def of_dropped_batch(article: Article) -> None:
    """Drop the batch."""
    batch = BatchQuery()
    article.update(title="Two", code="x", batch=batch)
    assert (article.title, article.code, article.slug) == ("One", "", "twoX")
    batch.__exit__(KeyError, KeyError(), None)


@pytest.mark.parametrize("call", [refused_by_hook, of_wrong_type, failing, not_holding, of_dropped_batch])
def test_what_was_not_written_is_taken_back(
    call: Callable[[Article], None], script: Callable[..., ScriptedDriver]
) -> None:
    script(Reply([], ()), ConnectionError("lost") if call is failing else REJECTED)
    article = saved()
    before = dict(vars(article))
    call(article)
    assert vars(article) == before


def test_in_a_batch_the_document_has_it_when_that_was_sent(driver: ScriptedDriver) -> None:
    article = saved()
    with BatchQuery() as batch:
        article.update(title=" Two ", code="x", batch=batch)
        assert article.code == ""
    assert (article.title, article.code, article.slug) == ("Two", "X", "twoX")
    sent = len(driver.requests)
    article.update()
    assert len(driver.requests) == sent


class Stamped(Timestamped, Article):
    note: str = ""


@pytest.mark.parametrize("order", [*permutations(range(3))])
@pytest.mark.parametrize("sent", [None, 0, 1, 2])
@pytest.mark.usefixtures("driver")
def test_of_several_batches_each_takes_back_its_own(order: tuple[int, ...], sent: int | None) -> None:
    stamped = Stamped(id=1, title="One")
    stamped.save()
    stamped.updated_at = None
    before = dict(vars(stamped))
    batches = [BatchQuery() for _ in order]
    seen: list[tuple[str, object]] = []
    for title, batch in zip(("Two", "Three", "Four"), batches, strict=True):
        stamped.update(title=title, batch=batch)
        seen.append((stamped.slug, stamped.updated_at))
    for each in order:
        if each == sent:
            batches[each].execute()
        else:
            batches[each].__exit__(KeyError, KeyError(), None)
    assert stamped.title == ("One" if sent is None else ("Two", "Three", "Four")[sent])
    if sent is None:
        assert vars(stamped) == before
    else:
        assert (stamped.slug, stamped.updated_at) == seen[sent]
    stamped.slug = "own"
    stamped.update(title="Five", batch=BatchQuery())
    assert stamped.slug == "five"


@pytest.mark.usefixtures("driver")
def test_what_the_program_assigns_between_two_that_are_dropped_stays() -> None:
    article = saved()
    batches = [BatchQuery(), BatchQuery()]
    article.update(title="Two", batch=batches[0])
    article.slug = "own"
    article.update(title="Three", batch=batches[1])
    for batch in batches:
        batch.__exit__(KeyError, KeyError(), None)
    assert (article.title, article.slug) == ("One", "own")


class Counted(Document):
    id: Annotated[int, PrimaryKey()]
    title: str = ""
    version: Annotated[int, Version()] = 0

    @before_update
    def tidy(self) -> None:
        self.title = self.title.strip()


def test_a_version_is_counted_where_hooks_change_all_that_is_given(script: Callable[..., ScriptedDriver]) -> None:
    driver = script(APPLIED, APPLIED)
    counted = Counted(id=1)
    counted.save()
    counted.update(title=" x ")
    assert written(driver) == {"version": 1, "title": "x"}
    assert (counted.title, counted.version) == ("x", 1)


def test_fields_that_were_not_fetched_stay_so_where_nothing_is_written(script: Callable[..., ScriptedDriver]) -> None:
    script(Reply([(1, "a")], ("id", "text")), REJECTED)
    (part,) = Tagged.find(id=1).only("text").all()
    with pytest.raises(AttributeError):
        part.update(labels={"a"})
    assert "labels" not in vars(part)


MADE = count()


class Sealed(Document):
    id: Annotated[int, PrimaryKey()]
    secret: Annotated[str, AfterValidator(lambda given: f"{given}{next(MADE)}")] = ""
    copy_of_secret: str = ""

    @before_update
    def seal(self) -> None:
        self.copy_of_secret = self.secret


def test_hooks_see_the_very_values_that_are_written(driver: ScriptedDriver) -> None:
    sealed = Sealed(id=1)
    sealed.save()
    sealed.update(secret="salted")
    assert sealed.secret == sealed.copy_of_secret
    assert written(driver) == {"secret": sealed.secret, "copy_of_secret": sealed.secret}


class Tidy(Document):
    id: Annotated[int, PrimaryKey()]
    title: str = ""
    body: str = ""

    @before_update
    def strip(self) -> None:
        self.title = self.title.strip().title()


@pytest.mark.parametrize("title", ["Two", " Two "])
def test_a_hook_that_tidies_lets_another_update_of_the_batch_stand(driver: ScriptedDriver, title: str) -> None:
    tidy = Tidy(id=1, title="One")
    tidy.save()
    batch = BatchQuery()
    tidy.update(title=title, batch=batch)
    tidy.update(body="b", batch=batch)  # its hook assigns the title that the document still holds
    tidy.update(batch=batch)
    batch.execute()
    assert (tidy.title, tidy.body) == ("Two", "b")
    sent = len(driver.requests)
    tidy.update()
    assert len(driver.requests) == sent
