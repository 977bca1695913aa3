"""Names for Python of what a server calls as it likes: fields for columns, classes for tables and types."""

from __future__ import annotations

import keyword
import re
import unicodedata
from typing import TYPE_CHECKING

from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_OF_PYDANTIC = ("model_dump", "model_validate")
"""How no field begins: Pydantic warns of those that do (`protected_namespaces`)."""

_OF_VERBS = ("cls", "self")
"""What keywords of other code cannot be called, such as those of Pydantic's `model_construct()`."""


def field_names(columns: Collection[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """A name for the field of each column, all of them different: the column's own, where nothing keeps it from that.

    - What is no letter, digit or underscore becomes an underscore, several of these in a row one, and underscores at
      the beginning go: Pydantic keeps such names for itself.
    - Where a digit comes first then, or nothing is left, or Pydantic would warn, `column_` is put before.
    - What Python or the model has another use for gets an underscore behind; what another column has, a number.

    Args:
        columns: the names of the columns.
        taken: the names that the model has a use for.

    >>> field_names(["id", "class", "2nd", "unit price", "unit_price"])
    {'id': 'id', 'class': 'class_', '2nd': 'column_2nd', 'unit price': 'unit_price_2', 'unit_price': 'unit_price'}
    """
    reserved = {*taken, *_OF_VERBS}
    # A column's own name is never given to another: a keyword would have two meanings.
    used = set(columns)
    return {column: _field_name(column, reserved, used) for column in columns}


def _field_name(column: str, reserved: Collection[str], used: set[str]) -> str:
    name = _word(column).lstrip("_")
    if not name.isidentifier() or name.startswith(_OF_PYDANTIC):
        name = f"column_{name}" if name else "column"
    if keyword.iskeyword(name) or name in reserved:
        name = f"{name.rstrip('_')}_"
    if name == column:
        return name
    number, numbered = 1, name
    while numbered in used or numbered in reserved:
        number += 1
        numbered = f"{name.rstrip('_')}_{number}"
    used.add(numbered)
    return numbered


def _word(name: str) -> str:
    """A name with underscores for what stands in no identifier, as Python reads it: in Unicode's normal form KC."""
    normal = unicodedata.normalize("NFKC", name)
    return re.sub(" +", "_", "".join([letter if f"a{letter}".isidentifier() else " " for letter in normal]))


def class_name(name: str) -> str:
    """A class's name for a table or a type: `order_items` is `OrderItems`.

    >>> class_name("order_items"), class_name("2024"), class_name("none"), class_name("ORDERS")
    ('OrderItems', 'Table2024', 'None_', 'ORDERS')
    """
    made = "".join([word[:1].upper() + word[1:] for word in _word(name).split("_")])
    if not made.isidentifier():
        made = f"Table{made}"
    return f"{made}_" if keyword.iskeyword(made) else made


def checked_class_name(name: object) -> str:
    """The name for a class that somebody gave.

    Raises:
        InvalidQueryError: Python takes it for no class.
    """
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise InvalidQueryError("model_name is the name of a class, such as 'Order'")
    return name
