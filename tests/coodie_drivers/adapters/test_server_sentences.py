"""What is told of the server's own sentences."""

from __future__ import annotations

import pytest

from coodie_drivers.adapters._server_sentences import without_conditions, without_values


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("A TTL must be greater or equal to 0, but was -4242", "A TTL must be greater or equal to 0, but was …"),
        (
            "ttl is too large. requested (630720001) maximum (630720000)",
            "ttl is too large. requested (…) maximum (630720000)",
        ),
        ("List index 4242 out of bound, list has size 1", "List index … out of bound, list has size 1"),
        (
            "execution of 'shop.halved[int]' failed: java.lang.RuntimeException: canary-7 is odd",
            "execution of … failed",
        ),
        ("ERROR FUNCTION_FAILURE: java.lang.IllegalArgumentException: canary", "ERROR FUNCTION_FAILURE"),
        ("unable to coerce 'canary' to a formatted date (long)", "unable to coerce … to a formatted date (long)"),
        ("Unable to convert 'o'canary' to a duration", "Unable to convert … to a duration"),
        ("table t with ttl of 620000001 seconds exceeds", "table t with ttl of … seconds exceeds"),
        ("value 0x0102 is not a valid text", "value … is not a valid text"),
        ("Error decoding JSON value for age: got a String: canary", "Error decoding JSON value for age"),
        ("Expected 8 or 0 byte long (4)", "Expected 8 or 0 byte long (4)"),
        ("Undefined column name index1 in table t", "Undefined column name index1 in table t"),
    ],
)
def test_what_may_be_a_bound_value_is_left_out(sentence: str, told: str) -> None:
    assert without_values(sentence) == told


@pytest.mark.parametrize(
    ("warning", "told"),
    [
        (
            "scanned 9 tombstones for query SELECT v FROM t WHERE k = '(see x)'; token -7 (see a_threshold)",
            "scanned 9 tombstones for query SELECT v FROM t WHERE … (see a_threshold)",
        ),
        (
            "9 tombstone cells for query SELECT v FROM t WHERE k = 'x'",
            "9 tombstone cells for query SELECT v FROM t WHERE …",
        ),
        ("for query SELECT v FROM t; token -72 (see a_threshold)", "for query SELECT v FROM t (see a_threshold)"),
        ("Unlogged batch covering 20 partitions detected", "Unlogged batch covering 20 partitions detected"),
    ],
)
def test_the_conditions_of_a_query_are_left_out_of_a_warning(warning: str, told: str) -> None:
    assert without_conditions(warning).rstrip() == told
