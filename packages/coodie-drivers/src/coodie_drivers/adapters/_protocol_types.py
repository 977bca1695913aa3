"""`CqlType`: a CQL type as the readers and writers of the protocol's bytes want it described."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CqlType:
    """One CQL type.

    Attributes:
        name: the type's name in CQL; `udt` for a user-defined type.
        subtypes: the types of elements, of key and value, or of fields.
        fields: the names of a user-defined type's fields.
        size: the number of a vector's elements.
        given_name: what a user-defined type is called.
    """

    name: str
    subtypes: tuple[CqlType, ...] = ()
    fields: tuple[str, ...] = ()
    size: int = 0
    given_name: str = ""

    def __str__(self) -> str:
        """Write it as CQL does."""
        if self.name == "udt":
            return self.given_name
        if self.name == "vector":
            return f"vector<{self.subtypes[0]}, {self.size}>"
        return f"{self.name}<{', '.join(map(str, self.subtypes))}>" if self.subtypes else self.name
