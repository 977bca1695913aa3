"""Any value of every CQL type, as a driver takes and gives it."""

from __future__ import annotations

from datetime import timezone
from typing import Any

from hypothesis import strategies as st

from coodie_drivers import CqlDate, CqlDuration
from coodie_drivers.values import INT32, INT64

STRATEGIES: dict[str, st.SearchStrategy[Any]] = {
    "ascii": st.text(st.characters(max_codepoint=127)),
    "bigint": st.integers(INT64.start, INT64.stop - 1),
    "blob": st.binary(),
    "boolean": st.booleans(),
    "date": st.dates() | st.integers(INT32.start, INT32.stop - 1).map(CqlDate.from_days),
    "decimal": st.decimals(allow_nan=False, allow_infinity=False),
    "double": st.floats(allow_nan=False),
    "duration": st.builds(
        CqlDuration, st.integers(0, INT32.stop - 1), st.integers(0, INT32.stop - 1), st.integers(0, INT64.stop - 1)
    ),
    "float": st.floats(width=32, allow_nan=False),
    "inet": st.ip_addresses().filter(lambda address: getattr(address, "ipv4_mapped", None) is None),
    "int": st.integers(INT32.start, INT32.stop - 1),
    "smallint": st.integers(-(2**15), 2**15 - 1),
    "text": st.text(st.characters(exclude_categories=["Cs"])),
    "time": st.times().map(lambda moment: moment.replace(fold=0)),
    "timestamp": st.datetimes(timezones=st.just(timezone.utc)).map(
        lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000, fold=0)
    ),
    "timeuuid": st.uuids(version=1),
    "tinyint": st.integers(-128, 127),
    "uuid": st.uuids(),
    "varchar": st.text(st.characters(exclude_categories=["Cs"])),
    "varint": st.integers(),
}
