"""Means of decimals, on the real node: its own are cut to as many places as the values have."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import pytest

from coodie.aio import Document
from coodie.fields import ClusteringKey, PrimaryKey

if TYPE_CHECKING:
    from coodie_drivers import AbstractDriver

pytestmark = pytest.mark.node

THIRDS = Decimal("1.666666666666666666666666667")
LONG = "123456789012345678901234567890"


class Payment(Document):
    shop: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]
    amount: Decimal | None = None

    class Settings:
        name = "payments_of_means"


async def paid(*amounts: str | None) -> str:
    """A shop with these payments."""
    await Payment.sync_table()
    shop = uuid4().hex
    for number, amount in enumerate(amounts):
        await Payment(shop=shop, number=number, amount=None if amount is None else Decimal(amount)).save()
    return shop


MEANS: list[tuple[tuple[str | None, ...], Decimal | None]] = [
    (("1", "2", "2"), THIRDS),
    (("1", "2"), Decimal("1.5")),
    (("1", None, "2", None, "2"), THIRDS),
    (("-1", "-2", "-2"), Decimal("-1.666666666666666666666666667")),
    (("0.5", "0.25", "0"), Decimal("0.25")),
    ((f"{LONG}.1", f"{LONG}.4"), Decimal(f"{LONG}.25")),
    ((None, None), None),
]


@pytest.mark.parametrize(("amounts", "mean"), MEANS)
async def test_the_mean_of_decimals_is_not_cut(
    amounts: tuple[str | None, ...], mean: Decimal | None, connection: AbstractDriver
) -> None:
    query = Payment.find(shop=await paid(*amounts))
    with localcontext() as program:
        program.prec = 3  # of no meaning here
        assert await query.avg("amount") == mean
        found = await query.aggregate(mean="avg(amount)", n="count(amount)", total="sum(amount)", all="count(*)")
        (group,) = await query.group_by("shop").aggregate(mean="avg(amount)")
    assert (found["mean"], found["all"], group["mean"]) == (mean, len(amounts), mean)
    assert found["n"] == len([amount for amount in amounts if amount is not None])


async def test_groups_have_a_mean_each(connection: AbstractDriver) -> None:
    shop = await paid("1", "2", "2")
    found = await Payment.find(shop=shop).group_by("shop", "number").aggregate(mean="avg(amount)", most="max(amount)")
    assert [(each["mean"], each["most"]) for each in found] == [(amount, amount) for amount in map(Decimal, (1, 2, 2))]
    nothing = Payment.find(shop=uuid4().hex)
    assert (await nothing.avg("amount"), await nothing.aggregate(mean="avg(amount)")) == (None, {"mean": None})
