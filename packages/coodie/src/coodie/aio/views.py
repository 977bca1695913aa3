"""`MaterializedView`: a model of what the server writes, asynchronous."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from coodie._model.base import build_in_subclasses
from coodie._ops import views
from coodie._shell.connections import places_named, using
from coodie._shell.running import arun
from coodie.aio.document import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self

    from coodie.results import LWTResult

__all__ = ["MaterializedView"]


class MaterializedView(Document, defer_build=True):
    """Base class for asynchronous documents of a materialized view, which only reads: the server writes it.

    Subclasses say in `Settings`: `__base_table__`, the name of the table that the view is made of; `__view_columns__`,
    the columns that it has (`["*"]`, all of the table, unless said otherwise); `__where_clause__`, the condition of its
    rows (by default that no part of its key is null); `__clustering_order__`, `{"price": "DESC"}`.
    """

    __coodie_view__: ClassVar[bool] = True

    @classmethod
    async def sync_view(cls) -> None:
        """Create the view, if it is not there; its rows appear as the server builds it.

        Raises:
            ConfigurationError: the model has no keyspace, the table of the view is not there, or its key is not in the
                view's.
            TableConflictError: the view that is there is another one.
        """
        await arun(cls, views.sync_view)

    @classmethod
    async def drop_view(cls) -> None:
        """Drop the view, if it is there; its table stays as it is."""
        await arun(cls, views.drop_view)

    @classmethod
    async def sync_table(
        cls,
        dry_run: bool = False,
        drop_removed_indexes: bool = False,  # noqa: ARG003
        *,
        keyspaces: Sequence[str] = (),
        connections: Sequence[str] = (),
    ) -> list[str]:
        """Create the view, if it is not there, as `sync_view` does.

        Args:
            dry_run: return the CQL that would be executed, and execute nothing.
            drop_removed_indexes: of no meaning here: views have no indexes of the model's.
            keyspaces: where the view is to be, one keyspace after another; the model's own unless said.
            connections: the names of the connections over which; the model's own unless said.

        Returns:
            The CQL statements that were, or would be, executed; none when the view is as it should be.

        Raises:
            ConfigurationError: the model has no keyspace, the table of the view is not there, or its key is not in the
                view's.
            TableConflictError: the view that is there is another one.
        """
        executed: list[str] = []
        for connection, keyspace in places_named(keyspaces, connections):
            with using(keyspace=keyspace, connection=connection):
                executed += await arun(cls, views.sync_view, dry_run=dry_run)
        return executed

    @classmethod
    async def drop_table(cls) -> None:
        """Refused: it is no table; `drop_view` drops the view.

        Raises:
            InvalidQueryError: always.
        """
        views.refuse_table_verb("drop_table", cls.__name__)

    @classmethod
    async def truncate(cls) -> None:
        """Refused: the server writes the view.

        Raises:
            InvalidQueryError: always.
        """
        views.refuse_write("truncate", cls.__name__)

    @classmethod
    async def create(cls, /, **kwargs: Any) -> Self:  # noqa: ARG003 - as save
        """Refused: the server writes the view.

        Raises:
            InvalidQueryError: always.
        """
        views.refuse_write("create", cls.__name__)

    async def save(self, /, **kwargs: Any) -> None:  # type: ignore[override]  # documented: it takes, and does, nothing
        """Refused: the server writes the view.

        Raises:
            InvalidQueryError: always.
        """
        views.refuse_write("save", type(self).__name__)

    async def save_json(self, /, **kwargs: Any) -> None:  # type: ignore[override]  # as save
        """Refused: the server writes the view.

        Raises:
            InvalidQueryError: always.
        """
        views.refuse_write("save_json", type(self).__name__)

    async def insert(self, /, **kwargs: Any) -> None:  # type: ignore[override]  # as save
        """Refused: the server writes the view.

        Raises:
            InvalidQueryError: always.
        """
        views.refuse_write("insert", type(self).__name__)

    async def delete(self, /, **kwargs: Any) -> LWTResult | None:  # type: ignore[override]  # as save
        """Refused: the server writes the view.

        Raises:
            InvalidQueryError: always.
        """
        views.refuse_write("delete", type(self).__name__)

    async def delete_columns(self, /, *column_names: str, **kwargs: Any) -> None:
        """Refused: the server writes the view.

        Raises:
            InvalidQueryError: always.
        """
        views.refuse_write("delete_columns", type(self).__name__)

    async def update(self, /, **kwargs: Any) -> LWTResult | None:  # type: ignore[override]  # as save
        """Refused: the server writes the view.

        Raises:
            InvalidQueryError: always.
        """
        views.refuse_write("update", type(self).__name__)


build_in_subclasses(MaterializedView)
