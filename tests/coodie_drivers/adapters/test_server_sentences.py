"""What is told of the server's own sentences."""

from __future__ import annotations

import pytest

from coodie_drivers.adapters._server_sentences import without_values


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("A TTL must be greater or equal to 0, but was -4242", "A TTL must be greater or equal to 0, but was …"),
        (
            "ttl is too large. requested (630720001) maximum (630720000)",
            "ttl is too large. requested (…) maximum (630720000)",
        ),
        ("List index 4242 out of bound, list has size 1", "List index … out of bound, list has size 1"),
        ("unable to coerce 'canary' to a formatted date (long)", "unable to coerce … to a formatted date (long)"),
        ("value 0x0102 is not a valid text", "value … is not a valid text"),
        ("Error decoding JSON value for age: got a String: canary", "Error decoding JSON value for age"),
        ("Expected 8 or 0 byte long (4)", "Expected 8 or 0 byte long (4)"),
        ("Undefined column name index1 in table t", "Undefined column name index1 in table t"),
    ],
)
def test_what_may_be_a_bound_value_is_left_out(sentence: str, told: str) -> None:
    assert without_values(sentence) == told
