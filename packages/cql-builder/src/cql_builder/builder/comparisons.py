"""The six operators of Python that write a comparison of CQL."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn

    from cql_builder.ast.relations import ComparisonOperator
    from cql_builder.builder.parts import Condition


class ComparisonOperators:
    """Something on the left of a comparison.

    Comparing gives a `Condition`, so it has no hash.
    """

    __slots__ = ()

    def __hash__(self) -> NoReturn:
        """Refuse: comparing does not tell whether two are the same.

        Raises:
            TypeError: always, as of anything without a hash.
        """
        message = 'a column has no hash, so it is no key of a mapping; name columns as str there: {"name": …}'
        raise TypeError(message)

    def __eq__(self, value: object) -> Condition:  # type: ignore[override] # an operator of the language built here
        """Return the condition `… = ?`."""
        return self._compare("=", value)

    def __ne__(self, value: object) -> Condition:  # type: ignore[override] # an operator of the language built here
        """Return the condition `… != ?`, which older servers know in IF alone."""
        return self._compare("!=", value)

    def __lt__(self, value: object) -> Condition:
        """Return the condition `… < ?`."""
        return self._compare("<", value)

    def __le__(self, value: object) -> Condition:
        """Return the condition `… <= ?`."""
        return self._compare("<=", value)

    def __gt__(self, value: object) -> Condition:
        """Return the condition `… > ?`."""
        return self._compare(">", value)

    def __ge__(self, value: object) -> Condition:
        """Return the condition `… >= ?`."""
        return self._compare(">=", value)

    @abstractmethod
    def _compare(self, operator: ComparisonOperator, value: object) -> Condition:
        """Return the condition that the operator makes with a value."""
