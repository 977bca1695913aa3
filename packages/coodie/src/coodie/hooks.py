"""Methods of a model that run before and after its verbs, and after a document was read.

```python
class Order(Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    total: int = 0

    @before_save
    def check_total(self) -> None:
        if self.total < 0:
            raise ValueError("an order costs something")
```

A hook is a plain method without arguments, also where the verbs are awaited. It may have several marks, such as
`@before_save` above `@before_update`, and runs at each. What it raises ends the verb, before anything was sent
where it is one of `before_…`. Several run in the order of the class, those of base classes first; a
method of the same name in a subclass takes the place of its base's.

A `before_update` hook sees the document with the values that `update(name=...)` gives its fields. What it assigns to
these is written instead, and what it assigns to others is written, too. Of those others a collection is assigned, too
(`self.log = [*self.log, "edited"]`): what a hook changes in place is a change like the program's own, not taken back
and written by the next `update()` without fields. It does not see what is to come to a collection (`add__tags=...`).

What `before_save` and `before_update` hooks assigned is taken back where the write fails, or is not made because a
condition does not hold: the document holds what it held. Where a write failed that may have been made all the same, a
key that a hook gave stays, so that the next `save()` writes the row that may be there, and not another one. What
`before_delete` and the hooks of `after_…` assign is a change like the program's own, and stays.

In a batch the hooks of `after_…` run when the batch was sent, and what those before it assigned is taken back where the
batch is dropped, or a condition of it does not hold. Verbs of a query (`update()`, `delete()`) write rows without
reading documents, and run none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

from coodie.errors import InvalidModelError

__all__ = [
    "after_delete",
    "after_load",
    "after_save",
    "after_update",
    "before_delete",
    "before_save",
    "before_update",
]

Event = Literal[
    "after_delete", "after_load", "after_save", "after_update", "before_delete", "before_save", "before_update"
]
F = TypeVar("F", bound=Callable[..., None])

MARK = "__coodie_hook__"
"""The attribute of a function that says when it runs: a tuple of events."""


def _hook(method: F, event: Event) -> F:
    try:
        setattr(method, MARK, (*getattr(method, MARK, ()), event))
    except (AttributeError, TypeError):  # of what is no function, such as a property
        owner, _, name = getattr(getattr(method, "fget", method), "__qualname__", "").rpartition(".")
        model = owner.rpartition(".")[2]
        kind = type(method).__name__
        fix = f"a hook is a plain method, called with the document; leave @{event} or the {kind} out"
        raise InvalidModelError(model or f"@{event}", f"{name or kind} cannot be a hook: {fix}") from None
    return method


def before_save(method: F) -> F:
    """Run a method before `save()`, `save_json()`, `insert()` and `create()` take the document's values."""
    return _hook(method, "before_save")


def after_save(method: F) -> F:
    """Run a method after the document was saved or inserted.

    Not where its row was there already, nor where `save(changed_only=True)` had nothing to write.
    """
    return _hook(method, "after_save")


def before_update(method: F) -> F:
    """Run a method before `update()`, with the fields as they are given; those that it assigns to are written, too.

    A collection is assigned to: one that is changed in place is written by the next `update()` without fields.
    """
    return _hook(method, "before_update")


def after_update(method: F) -> F:
    """Run a method after the document's row was updated; not where a condition did not hold, or nothing was written."""
    return _hook(method, "after_update")


def before_delete(method: F) -> F:
    """Run a method before `delete()`.

    What it assigns stays on the document, also where the row is not deleted.
    """
    return _hook(method, "before_delete")


def after_delete(method: F) -> F:
    """Run a method after the document's row was deleted; not where a condition did not hold."""
    return _hook(method, "after_delete")


def after_load(method: F) -> F:
    """Run a method of each document that is made from a row.

    What it raises ends the read, also where `validate(on_invalid=...)` leaves out rows that cannot be read.
    """
    return _hook(method, "after_load")
