"""`Token`: where a partition lies in the ring, of a key's values, or of the fields of a model to compare them by."""

from __future__ import annotations

from typing import NoReturn, cast

from coodie._model.expressions import Column, Condition, Entry
from coodie_drivers.errors import InvalidQueryError

__all__ = ["Token"]


class Token:
    """The token of a partition key: of its values, in their order, or of the fields of a model.

    ```python
    Sale.find(shop__token__gt=Token("Rome"))
    Visit.find(Token(Visit.site, Visit.path) > Token("example.org", "/"))
    ```

    It is the token of Murmur3Partitioner, which is the default of Cassandra and all that ScyllaDB has.

    Attributes:
        parts: the values, or the fields.
    """

    __slots__ = ("parts",)

    def __init__(self, *parts: object) -> None:
        """Take the values of every column of a partition key, or its fields."""
        if not parts:
            raise InvalidQueryError("Token() takes the values of a partition key, or its fields")
        self.parts = parts

    def __gt__(self, token: int | Token) -> Condition:
        """The partition lies behind a token."""
        return self._compared("gt", token)

    def __ge__(self, token: int | Token) -> Condition:
        """The partition lies at a token or behind it."""
        return self._compared("gte", token)

    def __lt__(self, token: int | Token) -> Condition:
        """The partition lies before a token."""
        return self._compared("lt", token)

    def __le__(self, token: int | Token) -> Condition:
        """The partition lies at a token or before it."""
        return self._compared("lte", token)

    def __bool__(self) -> NoReturn:
        """Refuse to be a truth value.

        Raises:
            InvalidQueryError: always.
        """
        raise InvalidQueryError("a Token is no truth value: compare it, or give it to a lookup: id__token__gt=Token(5)")

    def __repr__(self) -> str:
        """The fields; values may be secrets, and are left out."""
        shown = ", ".join(repr(cast("object", each)) if isinstance(each, Column) else "..." for each in self.parts)
        return f"Token({shown})"

    def _compared(self, bound: str, token: object) -> Condition:
        whole = [each for each in self.parts if not isinstance(each, Entry)]
        fields = [each.__coodie_field__ for each in whole if isinstance(each, Column)]
        if len(fields) < len(self.parts):
            fix = "write Token(Product.id) > ..., or the keyword id__token__gt=Token(5)"
            raise InvalidQueryError(f"the token of values is compared with that of fields; {fix}")
        names = "__".join(field for _, field in fields)
        return Condition(fields[0][0], names, f"token__{bound}", token)
