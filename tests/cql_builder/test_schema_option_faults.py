"""Options of tables that no server reads, and close to them those that it reads."""

from __future__ import annotations

import pytest

from cql_builder.errors import SchemaError
from cql_builder.schema import schema_from_cql

POLICY = "is such as '99p' (of 0 to 100), '50ms', 'MIN(99p,50ms)', 'ALWAYS' or 'NEVER'"
ROWS = "the option 'caching' has 'ALL', 'NONE' or a whole number under 'rows_per_partition'"
TABLE = "CREATE TABLE ks.t (id int PRIMARY KEY)"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        *[
            (f"speculative_retry = {text}", f"the option 'speculative_retry' {POLICY}")
            for text in (
                *("'foo'", "''", "'10'", "5", "true", "'101p'", "'0p'", "'100p'", "'-1p'", "'99 p'", "' 99p '"),
                *("'1e1p'", "'1.2.3p'", "'MIN(99p,98p)'", "'MIN(99p,NEVER)'", "'MIN( 99p,1ms)'", "'AVG(99p,10ms)'"),
            )
        ],
        ("additional_write_policy = 'foo'", f"the option 'additional_write_policy' {POLICY}"),
        ("caching = {'keys': 'some'}", "the option 'caching' has 'ALL' or 'NONE' under 'keys'"),
        ("caching = {'rows_per_partition': 'some'}", ROWS),
        ("caching = {'rows_per_partition': '-1'}", ROWS),
        ("caching = {'rows_per_partition': ' 3'}", ROWS),
        ("caching = {'rows_per_partition': '99999999999'}", ROWS),
        ("caching = {'key': 'ALL'}", "and no 'key' (did you mean 'keys'?)"),
        ("read_repair = 'foo'", "the option 'read_repair' is 'BLOCKING' or 'NONE'"),
    ],
)
def test_an_option_that_no_server_reads_is_refused(options: str, sentence: str) -> None:
    for script in (f"{TABLE} WITH {options}", f"{TABLE}; ALTER TABLE ks.t WITH {options}"):
        with pytest.raises(SchemaError) as caught:
            schema_from_cql(script)
        assert str(caught.value).startswith("table 'ks.t': ")
        assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        *[
            f"speculative_retry = {text}"
            for text in (
                *("'99p'", "'.5p'", "'99.p'", "'10ms'", "'99.9PERCENTILE'", "'MIN(99p,10ms)'", "'max(10MS , 99p)'"),
                *("'none'", "'ALWAYS'", "'Never'"),
            )
        ],
        "caching = {'keys': 'all', 'rows_per_partition': '10'}",
        "caching = {'rows_per_partition': 'None'}",
        "caching = {'enabled': 'false'}",
        "read_repair = 'blocking'",
    ],
)
def test_an_option_that_a_server_reads_is_read(options: str) -> None:
    assert options.split(maxsplit=1)[0] in schema_from_cql(f"{TABLE} WITH {options}").table("t").options
