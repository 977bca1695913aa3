"""Keywords of `find`, `filter`, `get` and conditions → column, operator and checked value.

`price__gte=10` names the field `price` and the lookup `gte`. A keyword that is the name of a field is that field, also
when the name contains two underscores.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from itertools import product
from typing import TYPE_CHECKING, TypeAlias, cast

from coodie._model.expressions import expression_of, refuse_part, written
from coodie._query.canonical import canonical
from coodie._query.comparable import REFUSED, fault_in_if, fault_in_where
from coodie._query.tokens import token_reader
from coodie._query.values import (
    FieldChecker,
    ValueReader,
    chained,
    element_reader,
    key_reader,
    plain_type,
    quick_reader,
    several,
    value_reader,
)
from coodie._schema.cql_types import ColumnType
from coodie._schema.indexes import RANGES
from coodie._schema.scalars import unmapped
from coodie.errors import GuardrailExceededError, InvalidValueError, UnknownNameError
from coodie_drivers.errors import InvalidQueryError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from coodie._model.extract import Part
    from coodie._schema.columns import Column, ModelSchema

LOOKUPS: dict[str, str] = {
    "gt": ">",
    "gte": ">=",
    "lt": "<",
    "lte": "<=",
    "in": "IN",
    "contains": "CONTAINS",
    "contains_key": "CONTAINS KEY",
    "like": "LIKE",
    "token__gt": "TOKEN >",
    "token__gte": "TOKEN >=",
    "token__lt": "TOKEN <",
    "token__lte": "TOKEN <=",
    "ne": "!=",
    "isnull": "IS NULL",
}
"""The lookups by the suffix that chooses them; a field's bare name is equality."""

_OF_TOKENS = frozenset(suffix for suffix, operator in LOOKUPS.items() if operator.startswith("TOKEN"))

FieldName: TypeAlias = tuple[str, str]
"""A field, or those of a partition key, and the suffix of a lookup: what an expression compares, however fields are
named. A keyword is a text that is parted into them."""

EXACT = ("=", "IN")
"""The operators that name values."""

OF_ENTRY = "ENTRY "
"""What the operators begin with that compare one entry of a dict, or one place of a list; see `_query/entries.py`."""

ON_KEYS = frozenset({*EXACT, *RANGES})
"""The operators by which a key restricts rows."""

_BY_VALUE = RANGES | {"=", "!="}

_MAPPED = (
    "__in holds an IPv6 address that has an IPv4 one in it, such as ::ffff:192.0.2.1, of which the server makes that "
    "IPv4 address and finds nothing; ask by equality for each"
)


class Lookup:
    """One way to compare one column, made once per keyword and model; compared and hashed by identity.

    Attributes:
        column: the column that is compared.
        operator: the CQL operator.
        name: how the comparison is called: by its keyword, or as an expression where a field is called so.
        partition: of a token, the columns of the partition key, of which `column` is the first.
        read: gives a value as a driver takes it; raises `InvalidValueError` where it does not fit the column.
    """

    __slots__ = ("_checker", "_model", "_most", "_reader", "_stored", "column", "name", "operator", "partition", "read")

    def __init__(
        self,
        model: str,
        column: Column,
        operator: str,
        most: int | None = None,
        checker: FieldChecker | None = None,
    ) -> None:
        """Compare this column of this model by this operator, with `most` values at once.

        A checker holds the values of a key to all that its field demands, and makes those of others as rows have them.
        """
        demanding = checker is not None and column.in_key and operator in ("=", "IN")
        self._checker = checker if demanding and checker and not checker.checks_type_only(column) else None
        self._stored = None if checker is None or demanding else checker.stored(column, operator)
        self._model = model
        self._most = most
        self.partition: tuple[Column, ...] = ()
        self.column = column
        self.operator = operator
        self.name = self.keyword
        self._reader = chained(self._stored, self._choose_reader())
        self.read: ValueReader = self._quick()

    @property
    def keyword(self) -> str:
        """The keyword that stands for it: the field, and the lookup's suffix."""
        suffix = next((suffix for suffix, operator in LOOKUPS.items() if operator == self.operator), None)
        return self.column.field if suffix is None else f"{self.column.field}__{suffix}"

    @property
    def is_token(self) -> bool:
        """Whether the partition's token is compared and not the column itself."""
        return self.operator.startswith("TOKEN")

    def _quick(self) -> ValueReader:
        """What reads a value, as a driver takes it; a value of exactly the field's type needs no check: most are."""
        by_type = self.operator in _BY_VALUE and self._checker is None and self._stored is None
        plain = plain_type(self.column) if by_type else None
        if plain is None:
            return self._read
        return quick_reader(self.column, plain, self._read, exact=self.operator == "=")

    def _read(self, value: object) -> object:
        """The value as a driver takes it.

        Raises:
            InvalidValueError: the value does not fit the column.
            InvalidQueryError: there is nothing to compare with.
        """
        if value is None and self.column.in_key:
            raise InvalidValueError(
                self._model, self.column.field, "is part of the primary key, which is never null; give it a value"
            )
        if value is None:
            problem = f"compared with None, which CQL cannot; {REFUSED['IS NULL']}"
            raise InvalidValueError(self._model, self.column.field, problem)
        if self.operator == "IN":
            read = [self._reader(each) for each in self._several(value)]
            if self.column.type.cql == "inet" and any(unmapped(each) is not each for each in read):
                raise InvalidValueError(self._model, self.column.field, _MAPPED)
            # Of a set each process has an order of its own, and a page state or cursor goes on in others too.
            return sorted(read, key=canonical) if isinstance(value, AbstractSet) else read
        return self._reader(value)

    def read_condition(self, value: object) -> object:
        """The value of a condition, where None may be compared for equality: it asks for null.

        Raises:
            InvalidValueError: the value does not fit the column.
        """
        if value is None and self.operator in ("=", "!="):
            return None
        if value is None:
            field = self.column.field
            way = f"{field}=None asks whether it is null, {field}__ne=None whether it is not"
            raise InvalidValueError(
                self._model, field, f"{written(self.name, 'None')} compares with null, which CQL cannot; {way}"
            )
        read = self.read(value)
        if not read and self.operator in RANGES and self.column.type.collection and self.column.type.is_changing:
            field = self.column.field
            way = f"{field}=... asks of an empty one whether there are none, {field}__ne=... whether there are any"
            problem = f"{written(self.name)} compares with an empty collection, which CQL cannot; {way}"
            raise InvalidValueError(self._model, field, problem)
        return read

    @property
    def part(self) -> Part:
        """The field, and the type of what it is compared with."""
        held = self.column.type
        if self.is_token:
            return self.column.field, None
        if self.operator == "IN":
            # The list is the statement's and no value of the field, in which a place could be told: it is made here.
            return self.column.field, ColumnType(f"list<{held.cql}>", list, collection="list", elements=(held,))
        if self.operator.startswith("CONTAINS"):
            return self.column.field, held.elements[0 if self.operator == "CONTAINS KEY" else -1]
        return self.column.field, held

    def _several(self, value: object) -> list[object]:
        values = several(value)
        field = self.column.field
        if values is None:
            problem = f"__in takes a list of values, not one {type(value).__name__}; write {field}__in=[...]"
            raise InvalidValueError(self._model, field, problem)
        if self._most is not None and len(values) > self._most:
            problem = f"__in has {len(values):,} values, and Settings.guardrails allows {self._most:,}"
            fix = "ask for some at a time, or in_bulk() for whole primary keys"
            raise GuardrailExceededError(f"{self._model}.{field}: {problem}; {fix}")
        if None in values:
            raise InvalidValueError(self._model, field, "__in holds None, which CQL cannot compare with")
        return values

    def _choose_reader(self) -> ValueReader:
        if self.operator == "CONTAINS":
            return element_reader(self._model, self.column)
        if self.operator == "CONTAINS KEY":
            return key_reader(self._model, self.column)
        if self.operator == "LIKE":
            return self._read_pattern
        return value_reader(self._model, self.column, exact=self.operator in ("=", "IN"), checker=self._checker)

    def _read_pattern(self, value: object) -> object:
        if not isinstance(value, str):
            raise InvalidValueError(self._model, self.column.field, "__like takes a text with %")
        if self.column.type.cql == "ascii" and not value.isascii():
            raise InvalidValueError(self._model, self.column.field, "a CQL ascii holds US-ASCII characters only")
        served = [each for index in self.column.indexes for each in index.patterns]
        inner = value.removeprefix("%").removesuffix("%")
        shape = f"{'%' * value.startswith('%')}a{'%' * value.endswith('%')}"
        if served and not inner:
            raise InvalidValueError(self._model, self.column.field, "the pattern is empty; leave it out, for all rows")
        if served and shape not in served:
            ways = f"the SASI index of this column serves {' and '.join(map(repr, sorted(served)))} only"
            fix = "make another with mode='CONTAINS'" if "%a%" not in served else "leave out analyzer='standard'"
            raise InvalidValueError(self._model, self.column.field, f"no pattern like {shape!r}: {ways}; {fix}")
        return value


class LookupTable:
    """The lookups of one model, found by keyword or by field, and remembered.

    Attributes:
        checker: says what the model demands of its fields, and makes of them.
    """

    __slots__ = ("_conditions", "_conditions_of", "_filters", "_filters_of", "_schema", "checker")

    def __init__(self, model: type[BaseModel], schema: ModelSchema) -> None:
        """Start with nothing remembered."""
        self.checker = FieldChecker(model, thawed=True)
        self._schema = schema
        self._filters: dict[str, Lookup] = {}
        self._filters_of: dict[FieldName, Lookup] = {}
        self._conditions: dict[str, Lookup] = {}
        self._conditions_of: dict[FieldName, Lookup] = {}

    def filter(self, keyword: str) -> Lookup:
        """The lookup of a keyword in WHERE.

        Raises:
            UnknownNameError: no such field, or no such lookup.
            InvalidQueryError: CQL has no such comparison in WHERE.
        """
        found = self._filters.get(keyword)
        if found is None:
            found = self._filters[keyword] = self.filter_of(self._parted(keyword))
        return found

    def filter_of(self, name: FieldName) -> Lookup:
        """The lookup of a field in WHERE, which no text is to be parted for.

        Raises:
            UnknownNameError: no such lookup.
            InvalidQueryError: CQL has no such comparison in WHERE.
        """
        found = self._filters_of.get(name)
        if found is None:
            found = self._made(name, self.checker)
            fault = None if found.is_token else fault_in_where(found.column, found.operator)
            if fault is not None:
                raise InvalidQueryError(f"{self._schema.model}.{found.column.field}: {fault}")
            self._filters_of[name] = found
        return found

    def condition(self, keyword: str) -> Lookup:
        """The lookup of a keyword in IF.

        Raises:
            UnknownNameError: no such field, or no such lookup.
            InvalidQueryError: CQL has no such comparison in IF, or the column is part of the key.
        """
        found = self._conditions.get(keyword)
        if found is None:
            found = self._conditions[keyword] = self.condition_of(self._parted(keyword))
        return found

    def condition_of(self, name: FieldName) -> Lookup:
        """The lookup of a field in IF, which no text is to be parted for.

        Raises:
            UnknownNameError: no such lookup.
            InvalidQueryError: CQL has no such comparison in IF, or the column is part of the key.
        """
        found = self._conditions_of.get(name)
        if found is None:
            # What was read may be compared: it is what the row has, whatever a validator would make of it.
            found = self._made(name, None)
            self._check_condition(found)
            self._conditions_of[name] = found
        return found

    def _check_condition(self, lookup: Lookup) -> None:
        where = f"{self._schema.model}.{lookup.column.field}"
        if lookup.column.in_key:
            raise InvalidQueryError(
                f"{where} is part of the primary key, which a condition cannot compare; the row is chosen by it"
            )
        fault = fault_in_if(lookup.column, lookup.operator)
        if fault is not None:
            raise InvalidQueryError(f"{where}: {fault}")

    def _parted(self, keyword: str) -> FieldName:
        """The field that a keyword names, and the lookup's suffix, which is empty for equality."""
        schema = self._schema
        written = cast("object", keyword)
        if not isinstance(written, str):
            raise InvalidQueryError(
                f"{schema.model}: a condition names a field as text, not as {type(written).__name__}"
            )
        if keyword in schema.by_name:
            return keyword, ""
        # The longest field name wins, so that a field `a__b` keeps its own lookups, and one `a_` those of `a___gt`.
        cut = keyword.rfind("__")
        while cut > 0:
            names, suffix = keyword[:cut], keyword[cut + 2 :]
            if names in schema.by_name or (suffix in _OF_TOKENS and self._is_partition(names)):
                if not suffix:  # which stands for equality where nothing was parted
                    raise UnknownNameError(f"{schema.model}.{names}", "lookup", suffix, LOOKUPS)
                return names, suffix
            cut = keyword.rfind("__", 0, cut + 1)
        fields = (column.field for column in schema.columns)
        raise UnknownNameError(schema.model, "field", keyword.partition("__")[0], fields)

    def _is_partition(self, names: str) -> bool:
        """Whether this names the partition: by the fields of its key, one of them, or `pk`."""
        schema = self._schema
        key = schema.partition_key
        whole = product(*({column.field, column.name} for column in key))  # as each field is called, or its column
        if not key or names in map("__".join, whole):
            return bool(key)
        named = schema.by_name.get(names)
        return names == "pk" if named is None else named in key

    def _token(self, operator: str) -> Lookup:
        """The comparison of the partition's token."""
        schema = self._schema
        key = schema.partition_key
        found = Lookup(schema.model, key[0], operator)
        found.partition = key
        exact = [Lookup(schema.model, column, "=", checker=self.checker).read for column in key]
        found.read = token_reader(schema.model, key, exact)
        return found

    def _made(self, name: FieldName, checker: FieldChecker | None) -> Lookup:
        schema = self._schema
        field, suffix = name
        column = schema.by_name.get(field)
        if suffix in _OF_TOKENS and self._is_partition(field):
            made = self._token(LOOKUPS[suffix])
            if made.keyword in schema.by_name:
                made.name = f"{field}__{suffix}"
            return made
        if column is None or suffix in _OF_TOKENS:
            field = field if column is None else column.field
            key = ", ".join(repr(each.field) for each in schema.partition_key)
            raise InvalidQueryError(f"{schema.model}.{field}: __token compares the partition key, which is {key} here")
        if not suffix:
            return Lookup(schema.model, column, "=", checker=checker)
        made = self._lookup(column, suffix, checker)
        if made.keyword in schema.by_name:
            made.name = expression_of(schema.model, column.field, suffix)
        return made

    def _lookup(self, column: Column, suffix: str, checker: FieldChecker | None) -> Lookup:
        operator = LOOKUPS.get(suffix)
        where = f"{self._schema.model}.{column.field}"
        if operator is None:
            refuse_part(where, column.annotation, suffix)
            raise UnknownNameError(where, "lookup", suffix, LOOKUPS)
        kind = column.type.collection
        if operator == "CONTAINS" and kind is None:
            raise InvalidQueryError(f"{where} is no collection; __contains looks into list, set and dict fields")
        if operator == "CONTAINS KEY" and kind != "map":
            raise InvalidQueryError(f"{where} is no dict; __contains_key looks at the keys of dict fields")
        if operator == "LIKE" and column.type.cql not in ("text", "ascii"):
            raise InvalidQueryError(f"{where} is CQL {column.type.cql}; __like compares fields of text")
        bounds = self._schema.guardrails
        return Lookup(self._schema.model, column, operator, None if bounds is None else bounds.max_in, checker)
