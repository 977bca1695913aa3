"""What hooks assign for writes of a batch, on the real node: the row is as without a batch, or the batch is refused."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from coodie.aio import AsyncBatchQuery, Document
from coodie.exceptions import InvalidQueryError
from coodie.fields import PrimaryKey
from coodie.hooks import before_update

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node


class Journal(Document):
    id: Annotated[int, PrimaryKey()]
    title: str | None = None
    lines: list[str] = []
    tags: set[str] = set()
    sizes: dict[str, int] = {}

    class Settings:
        name = "journals_of_hooks_in_batches"

    @before_update
    def note(self) -> None:
        self.lines = [*self.lines, "hooked"]
        self.tags = {*self.tags, "hooked"}
        self.sizes = {**self.sizes, str(len(self.lines)): 1}


class Skipping(Journal):
    """The same table, whose writes skip nulls."""

    class Settings(Journal.Settings):
        nulls = "skip"


WRITES: dict[str, tuple[str, dict[str, Any]]] = {
    "update": ("update", {}),
    "title": ("update", {"title": "x"}),
    "other title": ("update", {"title": "y"}),
    "lines": ("update", {"lines": ["z"]}),
    "tags": ("update", {"tags": {"z"}}),
    "append": ("update", {"append__lines": ["z"]}),
    "save": ("save", {}),
    "emptied": ("save", {}),
}
TAKEN = [("title", "update"), ("update", "update")]
REFUSED = [("title", "other title"), ("update", "title"), ("title", "lines"), ("title", "emptied")]


@pytest.mark.parametrize("model", [Journal, Skipping])
@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("is_new", [False, True])
async def test_the_row_is_that_of_the_writes_one_by_one_or_the_batch_is_refused(
    connection: AbstractDriver, model: type[Journal], *, held: bool, is_new: bool
) -> None:
    assert connection is not None
    await Journal.sync_table()
    await Journal.truncate()
    fields: dict[str, Any] = {"lines": ["a"], "tags": {"a"}} if held else {}
    taken: list[tuple[str, str]] = []
    for place, names in enumerate(product(WRITES, WRITES)):
        rows: list[dict[str, Any]] = []
        for batched in (False, True):
            options: dict[str, Any] = {}
            journal = model(id=2 * place + batched, **fields)
            try:
                if not is_new:
                    await journal.save()
                batch = AsyncBatchQuery()
                if batched:
                    options["batch"] = batch
                for name in names:
                    verb, changes = WRITES[name]
                    if name == "emptied":
                        journal.lines, journal.tags, journal.sizes = [], set(), {}
                    await getattr(journal, verb)(**changes, **options)
                await batch.execute()
            except InvalidQueryError:
                break
            found = await Journal.get(id=journal.id)
            if not is_new:
                assert found.lines == journal.lines, names
            rows.append(found.model_dump(exclude={"id"}))
        else:
            assert rows[0] == rows[1], names
            taken.append(names)
    if not is_new:
        assert {*TAKEN} <= {*taken}
        assert not {*REFUSED} & {*taken}
