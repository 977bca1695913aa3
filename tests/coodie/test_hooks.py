"""What cannot be a hook is refused when the model is defined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest

from coodie.exceptions import FieldNotLoadedError, InvalidModelError
from coodie.fields import PrimaryKey
from coodie.hooks import after_load, before_save
from coodie.sync import Document
from coodie_drivers.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie_drivers.testing.scripted import ScriptedDriver


class Greeting(Document):
    id: Annotated[int, PrimaryKey()]
    text: str = ""
    name: str = ""
    _whole: str = ""

    @after_load
    def put_together(self) -> None:
        self._whole = f"{self.text} {self.name}"


def test_a_hook_that_awaits_is_refused_when_the_model_is_defined() -> None:
    async def wait(self: object) -> None:
        """Wait."""

    with pytest.raises(InvalidModelError, match="which neither awaits nor yields"):

        class Wrong(Document):  # pyright: ignore[reportUnusedClass] - it cannot even be made
            id: Annotated[int, PrimaryKey()]
            waiting = before_save(cast("Any", wait))


@pytest.mark.parametrize("validated", [False, True])
def test_what_a_hook_asks_for_and_was_not_fetched_is_named(
    script: Callable[..., ScriptedDriver], *, validated: bool
) -> None:
    script(Reply([(1, "hello")], ("id", "text")))
    query = Greeting.find(id=1).only("text")
    with pytest.raises(FieldNotLoadedError, match=r"^Greeting\.name was not fetched"):
        (query.validate() if validated else query).first()


def test_a_hook_that_wants_more_than_the_document_is_refused() -> None:
    def more(self: object, other: object) -> None:
        """Want another argument, which nobody gives."""

    def usual(self: object, other: object = None) -> None:
        """Want another argument, which has a default."""

    with pytest.raises(InvalidModelError, match=r"more\(\) cannot be a hook: .* called with the document alone"):
        type("Wrong", (Document,), {"__module__": __name__, "more": before_save(cast("Any", more))})
    type("Right", (Document,), {"__module__": __name__, "usual": before_save(cast("Any", usual))})
