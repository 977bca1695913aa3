"""`BulkQuery`: the verbs of a query that write many documents, asynchronous."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from coodie._ops import bulk as bulks
from coodie._query.chain import Chain  # sync: use from coodie._shell.loaded import LoadedChain as Chain
from coodie._shell.bulk import abulk

if TYPE_CHECKING:
    from collections.abc import Callable

    from coodie._shell.bulk import AsyncDocuments as Documents  # sync: use from coodie._shell.bulk import Documents
    from coodie.results import BulkResult

T_co = TypeVar("T_co", covariant=True)


class BulkQuery(Chain[T_co]):
    """The terminal methods that write many documents."""

    __slots__ = ()

    async def save_many(
        self,
        documents: Documents,
        *,
        at_once: int = 32,
        progress: Callable[[int], object] | None = None,
        stop_on_error: bool = True,
        batched: bool = False,
    ) -> BulkResult:
        """Save many documents, some at once: each as `Document.save` does, and in no order.

        The query gives the options: `User.find().using(ttl=60).save_many(users)`. Documents of one key are several
        writes of one row, of which any may be the last.

        Args:
            documents: any iterable of them: 500 are taken at a time, written, and let go of.
            at_once: how many requests are under way at once.
            progress: called after each 500 with the number of documents that were taken so far.
            stop_on_error: whether nothing more is begun after a failure, which is raised then; with False the result
                says what became of each document.
            batched: send the writes of one partition together, in unlogged batches well below the size that servers
                warn of. What has a condition, adds to a list or writes a model with static columns is sent by itself.

        Raises:
            InvalidQueryError: a document is of another model, or the query says something that does not go with this.
            BulkWriteError: a document was not written, and others were; `result` says what became of each.

        ```python
        result = await User.find().save_many(User(id=uuid4(), name=name) for name in names)
        result.written
        ```
        """
        call = bulks.Bulk("save_many", at_once=at_once, stops=stop_on_error, batched=batched)
        return await abulk(self, call, documents, progress)

    async def insert_many(
        self,
        documents: Documents,
        *,
        at_once: int = 32,
        progress: Callable[[int], object] | None = None,
        stop_on_error: bool = True,
    ) -> BulkResult:
        """Write many documents whose rows do not exist (`IF NOT EXISTS`); `rejected` of the result has the others.

        Each is a lightweight transaction, which takes four round trips between the nodes.

        Args:
            documents: any iterable of them: 500 are taken at a time, written, and let go of.
            at_once: how many requests are under way at once.
            progress: called after each 500 with the number of documents that were taken so far.
            stop_on_error: whether nothing more is begun after a failure, which is raised then; with False the result
                says what became of each document.

        Raises:
            InvalidQueryError: a document is of another model, or the query says something that does not go with this.
            BulkWriteError: a document was not written, and others were; `result` says what became of each.

        ```python
        result = await User.find().insert_many(users)
        taken = [users[place].name for place in result.rejected]
        ```
        """
        call = bulks.Bulk("insert_many", at_once=at_once, stops=stop_on_error)
        return await abulk(self, call, documents, progress)

    async def update_many(
        self,
        documents: Documents,
        /,
        *,
        at_once: int = 32,
        progress: Callable[[int], object] | None = None,
        stop_on_error: bool = True,
        batched: bool = False,
        **changes: Any,
    ) -> BulkResult:
        """Make the same changes to many documents; without changes, write what changed in each since it was read.

        A row that was deleted meanwhile comes back with the new values alone, which `if_exists()` prevents.

        Args:
            documents: any iterable of them: 500 are taken at a time, written, and let go of.
            at_once: how many requests are under way at once.
            progress: called after each 500 with the number of documents that were taken so far.
            stop_on_error: whether nothing more is begun after a failure, which is raised then; with False the result
                says what became of each document.
            batched: send the writes of one partition together, in unlogged batches well below the size that servers
                warn of. What has a condition, adds to a list or writes a model with static columns is sent by itself.
            changes: as for `Document.update`. A field that is called like one of these arguments is changed in the
                documents first, and written without changes.

        Raises:
            InvalidQueryError: a document is of another model, or the query says something that does not go with this.
            BulkWriteError: a document was not written, and others were; `result` says what became of each.

        ```python
        await User.find().if_exists().update_many(users, status="inactive")
        ```
        """
        call = bulks.Bulk("update_many", at_once=at_once, stops=stop_on_error, batched=batched, changes=changes)
        return await abulk(self, call, documents, progress)

    async def delete_many(
        self,
        documents: Documents,
        *,
        at_once: int = 32,
        progress: Callable[[int], object] | None = None,
        stop_on_error: bool = True,
        batched: bool = False,
    ) -> BulkResult:
        """Delete the rows of many documents, each found by its key.

        Args:
            documents: any iterable of them: 500 are taken at a time, written, and let go of.
            at_once: how many requests are under way at once.
            progress: called after each 500 with the number of documents that were taken so far.
            stop_on_error: whether nothing more is begun after a failure, which is raised then; with False the result
                says what became of each document.
            batched: send the writes of one partition together, in unlogged batches well below the size that servers
                warn of. What has a condition, adds to a list or writes a model with static columns is sent by itself.

        Raises:
            InvalidQueryError: a document is of another model, or the query says something that does not go with this.
            BulkWriteError: a document was not written, and others were; `result` says what became of each.

        ```python
        await User.find().delete_many([user async for user in User.find() if user.name == ""])
        ```
        """
        call = bulks.Bulk("delete_many", at_once=at_once, stops=stop_on_error, batched=batched)
        return await abulk(self, call, documents, progress)
