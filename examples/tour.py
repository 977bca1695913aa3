"""What the quick start leaves out: keys, an index, paging, conditions, counters, and a clear error for a typo."""

import asyncio
from datetime import date
from typing import Annotated

from coodie import aio
from coodie.exceptions import InvalidQueryError
from coodie.fields import ClusteringKey, Counter, Indexed, PrimaryKey
from coodie.sync import BatchQuery, CounterDocument, Document, create_keyspace, init_coodie

# Connecting does not need the keyspace to be there yet.
init_coodie(hosts=["127.0.0.1"], keyspace="my_ks")
create_keyspace("my_ks")


# A key of three columns: city and day are the partition key, which chooses the nodes that hold a reading; minute is
# the clustering key, which sorts the readings of one partition, the latest first.
class Reading(Document):
    city: Annotated[str, PrimaryKey(partition_key_index=0)]
    day: Annotated[date, PrimaryKey(partition_key_index=1)]
    minute: Annotated[int, ClusteringKey(order="DESC")]
    station: Annotated[str, Indexed()]
    celsius: float

    class Settings:
        name = "readings"


# Syncing returns the CQL that it executed; the second time there is nothing left to do.
for cql in Reading.sync_table():
    print(cql)
print(Reading.sync_table())

# Within a partition the server sorts and slices: nothing else is read.
day = date(2026, 3, 1)
for minute, celsius in enumerate([4.0, 4.5, 5.0, 4.5]):
    Reading(city="Oslo", day=day, minute=minute, station="harbour", celsius=celsius).save()
oslo = Reading.find(city="Oslo", day=day)
print([(reading.minute, reading.celsius) for reading in oslo.limit(2).all()])
print([(reading.minute, reading.celsius) for reading in oslo.filter(minute__gte=1).order_by("minute").all()])

# An index finds rows without their key.
print([reading.celsius for reading in Reading.find(station="harbour").all()])

# A query that neither key nor index serves would read the whole table. It is refused, unless you allow it.
try:
    Reading.find(celsius__gt=4.2).all()
except InvalidQueryError as error:
    print(error)
print(Reading.find(celsius__gt=4.2).allow_filtering().count())


# Paging: first 12,000 rows of one partition, written in batches of 500.
class Row(Document):
    part: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]

    class Settings:
        name = "rows"


Row.sync_table()
for start in range(0, 12_000, 500):
    with BatchQuery(logged=False) as batch:
        for number in range(start, start + 500):
            Row(part="many", number=number).save(batch=batch)

# The server answers in pages of 1,000 rows. No way of reading loses one.
many = Row.find(part="many")
print(f"all()    {len(many.all()):,}")
print(f"for      {sum(1 for _ in many):,}")
print(f"count()  {many.count():,}")


# `async for` belongs to models of coodie.aio. This one is on the same table and, here, the same connection.
class AsyncRow(aio.Document):
    part: Annotated[str, PrimaryKey()]
    number: Annotated[int, ClusteringKey()]

    class Settings:
        name = "rows"


async def read_rows() -> list[AsyncRow]:
    return [row async for row in AsyncRow.find(part="many")]


print(f"async for  {len(asyncio.run(read_rows())):,}")


# Lightweight transactions: of two inserts with one key the first wins, and an update may have a condition.
class Seat(Document):
    number: Annotated[str, PrimaryKey()]
    guest: str

    class Settings:
        name = "seats"


Seat.sync_table()
Seat.truncate()
seat = Seat(number="12A", guest="Ann")
print(seat.insert())
print(Seat(number="12A", guest="Bob").insert())
print(seat.update(if_conditions={"guest": "Bob"}, guest="Cid"))
print(seat.update(if_conditions={"guest": "Ann"}, guest="Cid"), seat)


# Counters are added to, never written. A key that is given on the class spares making a document.
class PageViews(CounterDocument):
    url: Annotated[str, PrimaryKey()]
    views: Annotated[int, Counter()] = 0

    class Settings:
        name = "page_views"


PageViews.sync_table()
PageViews.truncate()
page = PageViews(url="/home")
page.increment(views=3)
PageViews.increment(url="/home", views=1)
page.decrement(views=2)
print(PageViews.get(url="/home"))

# A misspelt field is an error that says what was meant, and nothing is sent.
try:
    Reading.find(ctiy="Oslo", day=day)
except InvalidQueryError as error:
    print(error)
