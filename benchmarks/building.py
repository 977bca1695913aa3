"""What it costs to construct and compile a SELECT of three conditions, order and limit, beside SQLAlchemy Core.

Both build the statement anew for each call, with other values each time, and end with the text and the values in order.
With the cache, SQLAlchemy does what its engine does on execution: the key of the shape, the compiled text for it, the
values of this call. Claimed: with caches at most 0.20 of SQLAlchemy's time, without them at most 0.35.
"""

from __future__ import annotations

import sys
from itertools import count
from typing import TYPE_CHECKING, Any

from benchmarks.timing import judge, seconds_each

from cql_builder import col, select

if TYPE_CHECKING:
    from cql_builder.builder.select import SelectBuilder

CACHED_CLAIM, UNCACHED_CLAIM = 0.20, 0.35
LEAST, MOST = 3, 9
_numbers = count()


def main() -> bool:
    """Measure, print, and tell whether the claims hold."""
    import sqlalchemy as sa  # noqa: PLC0415 - the other measurements do without it
    from sqlalchemy.engine.default import DefaultDialect  # noqa: PLC0415

    columns = [sa.Column(name, sa.Integer) for name in ("id", "brand", "price", "stock")]
    products = sa.Table("products", sa.MetaData(), *columns, schema="shop")
    dialect, cache = DefaultDialect(paramstyle="qmark"), dict[Any, Any]()

    def theirs() -> sa.Select[Any, Any]:
        return (
            sa.select(products.c.id, products.c.brand)
            .where(products.c.brand == next(_numbers), products.c.price >= LEAST, products.c.stock < MOST)
            .order_by(products.c.price.desc())
            .limit(10)
        )

    def theirs_cached() -> object:
        compiled, extracted, *_ = theirs()._compile_w_cache(  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - what the engine calls
            dialect, compiled_cache=cache, column_keys=[], for_executemany=False
        )
        return compiled.string, compiled.construct_params(extracted_parameters=extracted)

    def theirs_uncached() -> object:
        compiled = theirs().compile(dialect=dialect)
        return compiled.string, compiled.params

    def ours_cached() -> object:
        return ours().compile()

    kept = caches()

    def ours_uncached() -> object:
        for cache in kept:
            cache.cache_clear()
        return ours().compile()

    times = seconds_each(
        {
            "SQLAlchemy, cached": theirs_cached,
            "cql_builder, cached": ours_cached,
            "SQLAlchemy, uncached": theirs_uncached,
            "cql_builder, uncached": ours_uncached,
        },
        2000,
    )
    print(*[f"{name:24}{seconds * 1e6:8.1f} µs" for name, seconds in times.items()], sep="\n")
    cached = judge("cached", times["cql_builder, cached"] / times["SQLAlchemy, cached"], CACHED_CLAIM)
    return judge("uncached", times["cql_builder, uncached"] / times["SQLAlchemy, uncached"], UNCACHED_CLAIM) and cached


def caches() -> list[Any]:
    """Return all that cql_builder keeps from one statement to the next."""
    ours().compile()  # loads what is imported on first use
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] == "cql_builder"]
    return [function for module in modules for function in vars(module).values() if hasattr(function, "cache_clear")]


def ours() -> SelectBuilder:
    """Construct the statement with cql_builder."""
    return (
        select("id", "brand")
        .from_("shop.products")
        .where(col("brand") == next(_numbers), col("price") >= LEAST, col("stock") < MOST)
        .order_by("price", desc=True)
        .limit(10)
    )
