"""Names of consistency levels."""

from __future__ import annotations

from typing import Any

import pytest

from coodie_drivers.consistency import (
    CONSISTENCIES,
    SERIAL_CONSISTENCIES,
    checked_consistency,
    checked_serial_consistency,
)
from coodie_drivers.errors import ConfigurationError


@pytest.mark.parametrize("name", CONSISTENCIES)
def test_every_level_is_taken_in_either_case(name: str) -> None:
    assert checked_consistency(name) == checked_consistency(name.lower()) == name


def test_a_misspelt_level_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(ConfigurationError, match="no consistency level 'QUORM'; did you mean 'QUORUM'"):
        checked_consistency("QUORM")


@pytest.mark.parametrize("wrong", [1, None, b"ONE", ""])
def test_what_is_no_name_is_refused(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="there are ANY, ONE"):
        checked_consistency(wrong)


def test_of_what_is_no_name_the_type_is_told_and_no_value() -> None:
    wrong: tuple[Any, ...] = ({"password": "hidden"}, 10**5_000)  # Python makes no text of so long a number
    for each in wrong:
        sentence = f"^a consistency level is a name, not {type(each).__name__}; there are ANY, ONE"
        with pytest.raises(ConfigurationError, match=sentence) as raised:
            checked_consistency(each)
        assert "hidden" not in str(raised.value)


def test_the_paxos_phase_has_levels_of_its_own() -> None:
    assert checked_serial_consistency("local_serial") == "LOCAL_SERIAL"
    assert set(SERIAL_CONSISTENCIES) < set(CONSISTENCIES)
    with pytest.raises(ConfigurationError, match="serial consistency level 'QUORUM'"):
        checked_serial_consistency("QUORUM")
