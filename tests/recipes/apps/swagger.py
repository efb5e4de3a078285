"""uvicorn tests.recipes.apps.swagger:app"""

from fastapi import FastAPI
from pydantic import BaseModel


class Item(BaseModel):
    name: str


def put(number: int, item: Item) -> dict[str, object]:
    return {"number": number, "name": item.name}


app = FastAPI()
app.add_api_route("/items/{number}", put, methods=["PUT"])
