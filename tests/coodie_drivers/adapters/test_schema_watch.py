"""When what was prepared is forgotten by the schema's version."""

from __future__ import annotations

from coodie_drivers.adapters._schema_watch import SchemaWatch


def test_another_version_has_all_forgotten_and_again_until_the_nodes_agree() -> None:
    watch = SchemaWatch(1.0)
    assert not watch.saw("a", 100.0)
    assert not watch.saw("a", 101.0)
    assert watch.saw("b", 102.0)
    assert [watch.saw("b", 102.0 + seconds) for seconds in (0.5, 1.0, 1.5, 2.5, 6.0)] == [
        False,
        True,
        False,
        True,
        False,
    ]


def test_one_looks_for_all_who_come_meanwhile() -> None:
    watch = SchemaWatch(1.0)
    watch.saw("a", 100.0)
    assert watch.look_at == 101.0
    watch.begin(101.2)
    assert watch.look_at == 102.2


def test_after_a_long_time_all_wait_for_the_look() -> None:
    watch = SchemaWatch(1.0)
    watch.saw("a", 100.0)
    watch.begin(700.0)
    assert watch.look_at == 101.0
    watch.saw("a", 700.0)
    assert watch.look_at == 701.0
