"""`AwaitedChain`: an awaitable query, which a plain loop cannot go through."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from coodie._query.chain import Chain
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from typing import NoReturn

T_co = TypeVar("T_co", covariant=True)


class AwaitedChain(Chain[T_co]):
    """A query whose items are awaited."""

    __slots__ = ()

    _awaited: ClassVar[bool | None] = True

    def __bool__(self) -> NoReturn:
        """Refuse: without it every query would be true, where one that is not awaited is when there are items.

        Raises:
            InvalidQueryError: always; says how to ask.
        """
        name = self.model.__name__
        raise InvalidQueryError(
            f"whether a query of {name} finds anything is awaited: write `if await query.exists():`, or "
            "`if query is not None:` where it may be missing"
        )

    if not TYPE_CHECKING:  # checkers refuse it by themselves

        def __len__(self) -> NoReturn:
            """Refuse: how many there are a server has to be asked.

            Raises:
                InvalidQueryError: always; says how to ask.
            """
            raise InvalidQueryError(
                f"how many items a query of {self.model.__name__} finds is awaited: write "
                "`len(await query.all())`, or `await query.count()` where they are not needed"
            )

    if TYPE_CHECKING:
        __iter__: None  # so that checkers refuse a plain loop, too
    else:

        def __iter__(self) -> NoReturn:
            """Refuse: without it Python would ask for the items by their places, `[0]`, `[1]` and so on, without end.

            Raises:
                InvalidQueryError: always; says how to loop.
            """
            name = self.model.__name__
            raise InvalidQueryError(
                f"a query of {name} is awaited: write `async for item in {name}.find(...)`, or `await query.all()` for "
                "a list"
            )
