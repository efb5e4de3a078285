"""uvicorn tests.recipes.apps.graphql:app"""

from collections.abc import AsyncGenerator

import strawberry
from strawberry.asgi import GraphQL


def hello() -> str:
    return "world"


async def count(target: int) -> AsyncGenerator[int, None]:
    for number in range(target):
        yield number


Query = strawberry.type(type("Query", (), {"hello": strawberry.field(resolver=hello)}))
Subscription = strawberry.type(type("Subscription", (), {"count": strawberry.subscription(resolver=count)}))
app: GraphQL[None, None] = GraphQL(strawberry.Schema(query=Query, subscription=Subscription))
