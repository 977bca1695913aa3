"""What cannot be a hook is refused when the model is defined."""

from __future__ import annotations

from typing import Annotated, Any, cast

import pytest

from coodie.exceptions import InvalidModelError
from coodie.fields import PrimaryKey
from coodie.hooks import before_save
from coodie.sync import Document


def test_a_hook_that_awaits_is_refused_when_the_model_is_defined() -> None:
    async def wait(self: object) -> None:
        """Wait."""

    with pytest.raises(InvalidModelError, match="which neither awaits nor yields"):

        class Wrong(Document):  # pyright: ignore[reportUnusedClass] - it cannot even be made
            id: Annotated[int, PrimaryKey()]
            waiting = before_save(cast("Any", wait))
