import asyncio
from coodie.aio import Document, init_coodie
from coodie.fields import PrimaryKey
from pydantic import Field
from typing import Annotated
from uuid import UUID, uuid4

async def main() -> None:
    # Connect
    await init_coodie(hosts=["127.0.0.1"], keyspace="my_ks")

    # Define a model
    class User(Document):
        id: Annotated[UUID, PrimaryKey()] = Field(default_factory=uuid4)
        name: str
        email: str

        class Settings:
            name = "users"

    # Sync schema & insert
    await User.sync_table()
    user = User(name="Alice", email="alice@example.com")
    await user.save()

    # Query
    print(await User.find(name="Alice").allow_filtering().all())

asyncio.run(main())
