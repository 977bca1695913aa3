"""What the page about lightweight transactions does when it is not told, on a real node with replies lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from tests.docs.test_pages import python_blocks, run_block

from coodie_drivers import get_driver, init_coodie, set_default, unregister_driver
from coodie_drivers.testing import proxy as faults
from snippets.running import Interpreter

if TYPE_CHECKING:
    from coodie_drivers.testing import CqlCluster, FaultProxy
    from snippets.places import Place

pytestmark = pytest.mark.node

PAGE = "docs/coodie/howto/lightweight-transactions.md"
SEATS, GUESTS = 4, 8


def test_whoever_is_not_told_finds_out_who_has_won(
    place: Place, cql_cluster: CqlCluster, cql_proxy: FaultProxy, capsys: pytest.CaptureFixture[str]
) -> None:
    with Interpreter("page_of_lost_replies") as interpreter:
        for block in python_blocks(PAGE):
            run_block(interpreter, block._replace(text=place.named_in(block.text)), capsys)
        names: Any = interpreter.names
        direct = names["Seat"].find(show="Hamlet")
        before = get_driver("default")
        losing: dict[str, Any] = {"keyspace": place.keyspace, "name": "losing", "request_timeout": 0.5}
        driver: Any = init_coodie(hosts=cql_proxy.hosts, port=cql_proxy.port, **losing)
        set_default("losing")
        rule = cql_proxy.rules.add(faults.drop_reply(), text="IF NOT EXISTS", when=faults.sometimes(0.2, seed=1))
        try:
            with ThreadPoolExecutor(GUESTS) as threads:
                for seat in range(SEATS):
                    guests = [f"guest {guest} of {seat}" for guest in range(GUESTS)]
                    told = list(threads.map(names["owner_of"], [f"L{seat}"] * GUESTS, guests))
                    held = direct.filter(number=f"L{seat}").consistency("SERIAL").first()
                    assert set(told) == {held.guest}
                    assert held.guest in guests
        finally:
            unregister_driver("losing")
            driver.close(timeout=0)
            set_default("default")
        assert before is get_driver("default")
        assert rule.hits > 2
