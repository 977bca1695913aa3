"""What not every dialect has: each feature has the name that errors give it, and what stands in for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, NoReturn


class Feature:
    """Something that a dialect may lack. It never changes.

    Attributes:
        name: what it is, as an error names it.
        alternative: what a dialect without it has instead, or that it has nothing.

    >>> from cql_builder.dialects import DIALECTS
    >>> from cql_builder.dialects.features import BETWEEN
    >>> BETWEEN, [name for name, dialect in DIALECTS.items() if BETWEEN in dialect.features]
    (Feature('BETWEEN'), ['cassandra-6.0'])
    """

    __slots__ = ("alternative", "name")

    name: str
    alternative: str

    def __init__(self, name: str, alternative: str = "") -> None:
        """Name the feature and what stands in for it."""
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "alternative", alternative)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: all dialects that have it share it."""
        message = "a feature never changes; make another one with Feature(...)"
        raise AttributeError(message)

    def __delattr__(self, name: str) -> NoReturn:
        """Refuse: all dialects that have it share it."""
        message = "a feature never changes; make another one with Feature(...)"
        raise AttributeError(message)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what it was made of."""
        return type(self), (self.name, self.alternative)

    def __eq__(self, other: object) -> bool:
        """Return whether it is the same feature, in another process too."""
        return isinstance(other, Feature) and self.name == other.name

    def __hash__(self) -> int:
        """Return the hash of the name."""
        return hash(self.name)

    def __repr__(self) -> str:
        """Show the name."""
        return f"Feature({self.name!r})"


# Types and terms.
VECTOR = Feature("vector type", "frozen<list<float>> keeps the numbers, without similarity search")
DIMENSION_BELOW_ONE = Feature("vector dimension below 1", "give a dimension from 1, for no server keeps another")
CUSTOM_TYPE = Feature("type given as a Java class", "name a CQL type")
ARITHMETIC = Feature("arithmetic", "compute the value before it is sent, or after it was read")
EMPTY_DURATION = Feature("duration without a number", "write 0s")
CAST_TERM = Feature("CAST outside SELECT", "hint at the type as in (int)?, or bind a value of the type")
SHARED_MARKER = Feature("one value for all markers of one name", "give the value once for each marker")
EMPTY_COLUMN_NAME = Feature("column with an empty name", "give the column a name")

# Native functions.
TIME_FLOOR = Feature("function floor", "round the time after reading it")
COLLECTION_FUNCTIONS = Feature(
    "functions map_keys, map_values and collection_…", "read the collection, and compute of it after that"
)
MATH_FUNCTIONS = Feature("functions abs, exp, log, log10 and round", "compute it after reading the number")
MASKING_FUNCTIONS = Feature("functions mask_…", "leave the column out of what is selected")
SIMILARITY_FUNCTIONS = Feature("functions similarity_…", "compute it after reading the vector")

# SELECT.
TYPE_HINT_SELECTOR = Feature("type hint in SELECT", "use CAST(… AS …)")
COLLECTION_SELECTOR = Feature("list, set, map or tuple of columns in SELECT", "select the columns one by one")
USER_TYPE_WITHOUT_TYPE = Feature(
    "value of a user-defined type without its type in SELECT", "put its type before it, as in (address){street: ?}"
)
SLICE = Feature("slice of a collection in SELECT", "select the collection, or its elements one by one")
WRITETIME_OF_PART = Feature(
    "writetime, maxwritetime or ttl of an element or field", "keep what is asked for in a column of its own"
)
MAXWRITETIME = Feature("maxwritetime", "use writetime: of a single or frozen value it is the same")
GROUP_BY_EXPRESSION = Feature("GROUP BY anything but columns", "group by columns of the primary key")
NEAREST = Feature("ORDER BY … ANN OF", "search for neighbours outside the database")
SELECT_WITHOUT_TABLE = Feature("SELECT without FROM", "select from a table of one row, such as system.local")
MUTATION_FRAGMENTS = Feature(
    "SELECT … FROM MUTATION_FRAGMENTS", "nothing in CQL does the same; the tools of the server show what its files hold"
)
ORDER_BY_FUNCTION = Feature("ORDER BY a function", "order by columns of the clustering key")
BYPASS_CACHE = Feature("BYPASS CACHE", "leave it out; the table option caching says what is kept")
INDEX_HINTS = Feature("index hints", "let the server choose the index")

# WHERE and IF.
NOT_EQUAL = Feature("!= in WHERE", "leave the rows out after reading them, or compare with < and >")
NOT_IN = Feature("NOT IN in WHERE", "leave the rows out after reading them")
TUPLE_NOT_IN = Feature("NOT IN of several columns", "leave the rows out after reading them")
BETWEEN = Feature("BETWEEN", "compare with >= and <=")
NOT_CONTAINS = Feature("NOT CONTAINS", "leave the rows out after reading them")
INDEX_EXPRESSION = Feature("expr() of a custom index", "compare the column")
FUNCTION_RELATION = Feature("function on the left of a comparison", "compare the column itself")
CLUSTERING_BOUND = Feature("SCYLLA_CLUSTERING_BOUND", "compare the tuple of columns")
SECOND_COMPARISON = Feature(
    "second comparison of a column beside = and IN, or a second bound on one side",
    "compare the column once, or with one lower and one upper bound",
)
TOKEN_IN_WRITE = Feature("token() beside the partition key in a write", "name the partition key alone")
IN_BESIDE_CONDITION = Feature("IN in a batch with IF", "give each row a statement of its own")
CONTAINS_CONDITION = Feature("CONTAINS in IF", "compare the whole collection")
LIKE_CONDITION = Feature("LIKE in IF", "compare with =, <, <=, > or >=")
LIKE_OF_OTHERS = Feature("LIKE of anything but a column", "compare with =, <, <=, > or >=")
NOT_IN_CONDITION = Feature("NOT IN in IF", "compare with !=, once for each value")

# Writing rows.
SHORTHAND_ASSIGNMENT = Feature("+= and -= in SET", "write c = c + …")
USING_TIMEOUT = Feature("USING TIMEOUT", "give the request a timeout in the driver")
USING_SERVICE_LEVEL = Feature("USING SERVICE LEVEL", "nothing does the same; leave it out")
BYPASS_GUARDRAILS = Feature(
    "BYPASS LARGE_DATA_GUARDRAILS", "leave it out; limits are set in the configuration of the server"
)
TRANSACTIONS = Feature("BEGIN TRANSACTION", "use a batch, or IF conditions within one partition")
PRUNE_VIEW = Feature("PRUNE MATERIALIZED VIEW", "drop the view and create it again")

# The schema.
KEYSPACE_WITHOUT_OPTIONS = Feature("CREATE KEYSPACE without WITH", "give WITH replication = {…}")
COLLECTION_OPTION = Feature("list inside an option's map", "write the value as a string")
NULL_OPTION = Feature("null as the value of an option", "leave the option out")
IF_EXISTS_ON_ALTER = Feature("IF EXISTS in ALTER", "leave it out; the server refuses what is not there")
IF_NOT_EXISTS_ON_ADD = Feature("IF [NOT] EXISTS of a column in ALTER", "read the schema first")
MASKING = Feature("MASKED WITH", "leave the column out of what is selected")
CONSTRAINTS = Feature("CHECK and NOT NULL of columns", "check values before they are written")
ROW_TTL = Feature("TTL column", "give USING TTL with each write")
MARKER_IN_DROP = Feature("bind marker in ALTER TABLE … DROP … USING TIMESTAMP", "write the number")
COPY_TABLE = Feature("CREATE TABLE … LIKE", "create the table column by column")
DROP_COMPACT_STORAGE = Feature("DROP COMPACT STORAGE", "create a table without COMPACT STORAGE, and copy the rows")
COMPACT_VIEW = Feature("COMPACT STORAGE of a materialized view", "leave it out")
INDEX_CLASS = Feature("USING of an index that is not CUSTOM", "create it with custom(…)")
VIEW_OF_INDEX = Feature("CLUSTERING ORDER BY and COMPACT STORAGE of an index", "leave it out")
LOCAL_INDEX = Feature("index within the partition", "index the column alone")
OTHER_TYPE = Feature("ALTER … TYPE of what is there", "add what has the other type, and copy the values")
TRIGGERS = Feature("triggers", "use change data capture")
REPLACE_IF_NOT_EXISTS = Feature("OR REPLACE and IF NOT EXISTS of one function", "give one of them")
REDUCE_FUNCTION = Feature("REDUCEFUNC", "leave it out")
COMMENT_ON = Feature("COMMENT ON", "set the option comment of a table")
SECURITY_LABEL = Feature("SECURITY LABEL", "nothing does the same; the option comment of a table can hold a text")

# Roles and permissions.
HASHED_PASSWORD = Feature("HASHED PASSWORD", "give PASSWORD; the server hashes it")
HASHED_PASSWORD_OF_USER = Feature(
    "HASHED PASSWORD of a user", "give PASSWORD, or create the user as a role with LOGIN = true"
)
GENERATED_PASSWORD = Feature("GENERATED PASSWORD", "make one up and give PASSWORD")
GENERATED_ROLE = Feature("role whose name the server makes up", "name the role")
ACCESS_TO_DATACENTERS = Feature("ACCESS TO DATACENTERS", "nothing does the same; leave it out")
ACCESS_FROM_CIDRS = Feature("ACCESS FROM CIDRS", "nothing does the same; leave it out")
SEVERAL_PERMISSIONS = Feature("list of permissions", "grant them one by one")
ALL_TABLES_IN_KEYSPACE = Feature("ALL TABLES IN KEYSPACE", "name the KEYSPACE, or its tables one by one")
MASKING_PERMISSIONS = Feature("permission UNMASK or SELECT_MASKED", "leave it out; no column is masked there")
VECTOR_PERMISSION = Feature("permission VECTOR_SEARCH_INDEXING", "leave it out; the server itself builds its indexes")
FUNCTION_WITHOUT_KEYSPACE = Feature("permission on a function without its keyspace", "name its keyspace")
TEXT_PERMISSION = Feature("permission TEXT_SEARCH_INDEXING", "leave it out; the server itself builds its indexes")
MBEANS = Feature("permissions on MBeans", "leave it out; MBeans are not reached through its roles")
IDENTITIES = Feature("identities", "create a role with a password")
LIST_SUPERUSERS = Feature("LIST SUPERUSERS", "LIST ROLES says of each whether it is one")
KEYWORD_AS_USER = Feature("keyword as the name of a user", "write the name as a string")
SERVICE_LEVELS = Feature("service levels", "nothing does the same; leave it out")
DESCRIBE_PASSWORDS = Feature("DESCRIBE … AND PASSWORDS", "DESCRIBE … WITH INTERNALS")
