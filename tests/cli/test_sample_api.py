from aiohttp.test_utils import TestClient, TestServer

from cors_proxy.cli.sample_api import application


async def test_it_counts_everything_but_the_question_how_many() -> None:
    async with TestClient(TestServer(application(), host="127.0.0.1")) as client:
        for method, path, status in (
            ("GET", "/items", 200),
            ("GET", "/public/greeting", 200),
            ("GET", "/amp/greeting", 200),
            ("POST", "/orders", 201),
            ("PUT", "/items/2", 200),
            ("DELETE", "/items/2", 200),
            ("GET", "/nowhere", 404),
        ):
            async with client.request(method, path) as got:
                assert got.status == status
        for _ in range(2):
            async with client.get("/requests") as got:
                assert await got.json() == {"requests": 7}
                assert got.headers["Access-Control-Allow-Origin"] == "*"
