"""Small bases to derive models from beside `Document`: fields that keep themselves right.

```python
class Article(Timestamped, Document):
    id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
    title: str
```
"""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel

from coodie.hooks import before_save, before_update
from coodie.types import as_timestamp

__all__ = ["SoftDeleted", "Timestamped"]


def _now() -> dt.datetime:
    """This moment as a timestamp keeps it, in milliseconds."""
    return as_timestamp(dt.datetime.now(dt.timezone.utc))


def _stamp(document: BaseModel, field: str, moment: dt.datetime | None) -> None:
    """Put a moment into a field, past Pydantic's own setter: a frozen model is fixed to programs alone."""
    vars(document)[field] = moment
    document.__pydantic_fields_set__.add(field)


class Timestamped(BaseModel):
    """Gives a model the moments when a document was created and when it was last written, by the client's clock.

    So it does also where the model is frozen, which is for programs: these two fields are the mapper's.

    Attributes:
        created_at: when the document was first saved.
        updated_at: when it was last saved or updated.
    """

    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None

    @before_save
    def _stamp_saved(self) -> None:
        """Take note of being saved."""
        now = _now()
        _stamp(self, "updated_at", now)
        # A document that was fetched without the field has a row, which keeps its own.
        if vars(self).get("created_at", now) is None:
            _stamp(self, "created_at", now)

    @before_update
    def _stamp_updated(self) -> None:
        """Take note of being updated."""
        _stamp(self, "updated_at", _now())


class SoftDeleted(BaseModel):
    """Gives a model a mark instead of deletion; marking changes the document, `update()` writes it.

    Nothing is left out of queries: CQL cannot ask for what is null. Ask `is_deleted`, or keep a field of your own with
    an index to query by. A document of a frozen model is marked as well: frozen it is for programs, and this field is
    the mapper's.

    Attributes:
        deleted_at: when the document was marked; None where it is not.
    """

    deleted_at: dt.datetime | None = None

    @property
    def is_deleted(self) -> bool:
        """Whether the document is marked as deleted."""
        return self.deleted_at is not None

    def mark_deleted(self) -> None:
        """Mark the document as deleted now, unless it is already; `update()` writes it."""
        if self.deleted_at is None:
            _stamp(self, "deleted_at", _now())

    def mark_restored(self) -> None:
        """Take the mark off; `update()` writes it."""
        _stamp(self, "deleted_at", None)
