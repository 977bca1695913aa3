"""What `model_config` cannot say of a document is refused when the model is defined."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from coodie import aio
from coodie.exceptions import InvalidModelError
from coodie.fields import PrimaryKey
from coodie.sync import CounterDocument, Document, MaterializedView
from coodie.usertype import UserType


@pytest.mark.parametrize("base", [Document, aio.Document, MaterializedView, CounterDocument])
@pytest.mark.parametrize("revalidated", ["always", "subclass-instances"])
def test_documents_that_pydantic_would_make_anew_are_refused(base: type, revalidated: str) -> None:
    metaclass: Any = type(base)
    body: dict[str, Any] = {
        "__annotations__": {"id": Annotated[int, PrimaryKey()]},
        "__module__": __name__,
        "__qualname__": "Anew",
        "model_config": {"revalidate_instances": revalidated},
    }
    sentence = rf'^Anew: model_config has revalidate_instances="{revalidated}".*neither its row.*; leave it out'
    with pytest.raises(InvalidModelError, match=sentence):
        metaclass("Anew", (base,), body)


@pytest.mark.parametrize("base", [Document, aio.Document, MaterializedView, CounterDocument, UserType])
def test_what_has_no_column_is_refused(base: type) -> None:
    metaclass: Any = type(base)
    body: dict[str, Any] = {
        "__annotations__": {"id": Annotated[int, PrimaryKey()] if base is not UserType else int},
        "__module__": __name__,
        "__qualname__": "Open",
        "model_config": {"extra": "allow"},
    }
    with pytest.raises(
        InvalidModelError, match=r'^Open: model_config has extra="allow".*no column; set extra="ignore"'
    ):
        getattr(metaclass("Open", (base,), body), "__coodie_user_type__", lambda: None)()
    for other in ("ignore", "forbid"):
        if base in (Document, aio.Document):
            metaclass("Closed", (base,), {**body, "model_config": {"extra": other}})
