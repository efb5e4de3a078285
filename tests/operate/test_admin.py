"""The admin listener answers its users and no web page."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from cors_proxy.explain.change import PolicyText
from cors_proxy.learn.memory import Memory
from cors_proxy.operate.admin import application, host_allowed
from cors_proxy.operate.counters import Counters, Gauges
from cors_proxy.operate.page.decision_event import DecisionEvent
from cors_proxy.policy.model import Policy
from cors_proxy.policy.read import parse_policy

POLICY = """
version: 1
upstream: http://127.0.0.1:3000
admin: {listen: 127.0.0.1:9901, hosts: [Proxy.internal, "other.internal:9901"]}
cors: {origins: [https://app.example.com], credentials: true}
"""


@dataclass
class FakeService:
    policy: Policy
    ready: bool = True
    problems: list[str] = field(default_factory=list)
    reloads: int = 0

    text: PolicyText | None = None
    kept = Memory()

    async def counts(self) -> tuple[Counters, Gauges]:
        return Counters(), Gauges()

    async def refusals(self) -> list[DecisionEvent]:
        return []

    async def memory(self) -> Memory:
        return self.kept

    def subscribe(self, deliver: object) -> None: ...

    async def metrics(self) -> bytes:
        return b"cors_proxy_build_info 1\n"

    async def reload(self, cause: str) -> list[str]:
        self.reloads += 1
        return self.problems


@pytest.fixture
def operated() -> FakeService:
    return FakeService(parse_policy(POLICY, "policy.yaml", "")[0])


@pytest.fixture
async def client(
    operated: FakeService, aiohttp_client: Callable[[Any], Awaitable[TestClient[Any, Any]]]
) -> TestClient[Any, Any]:
    return await aiohttp_client(TestServer(application(operated), host="127.0.0.1"))


@pytest.mark.parametrize(
    ("path", "text"),
    [("/healthz", "ok\n"), ("/readyz", "ready\n"), ("/metrics", "cors_proxy_build_info 1\n")],
)
async def test_answers(client: TestClient[Any, Any], path: str, text: str) -> None:
    async with client.get(path) as got:
        assert (got.status, await got.text()) == (200, text)
        assert got.headers["Cache-Control"] == "no-store"
    async with client.head(path) as got:
        assert (got.status, await got.text()) == (200, "")


async def test_not_ready(client: TestClient[Any, Any], operated: FakeService) -> None:
    operated.ready = False
    async with client.get("/readyz") as got:
        assert got.status == 503
    async with client.get("/healthz") as got:
        assert got.status == 200


async def test_reload(client: TestClient[Any, Any], operated: FakeService) -> None:
    async with client.post("/reload") as got:
        assert (got.status, await got.json()) == (200, {"result": "success"})
    operated.problems = ["policy.yaml:1:1  E105  empty"]
    async with client.post("/reload") as got:
        assert (got.status, await got.json()) == (422, {"result": "failure", "problems": operated.problems})
    async with client.get("/reload") as got:
        assert got.status == 405
    assert operated.reloads == 2


async def test_config_is_the_effective_policy(client: TestClient[Any, Any]) -> None:
    async with client.get("/config") as got:
        found = await got.json()
    assert found["admin"] == {"listen": "127.0.0.1:9901", "hosts": ["proxy.internal", "other.internal:9901"]}
    assert found["spec"]["default"]["cors"]["credentials"] is True
    assert found["spec"]["default"]["cors"]["origins"][0]["pattern"] == "https://app.example.com"
    assert found["spec"]["default"]["cors"]["origins"][0]["place"] == "policy.yaml:5"
    assert found["server"]["timeouts"]["connect"] == 5.0
    assert "site" not in found


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1.evil.example"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
async def test_web_pages_are_refused(
    client: TestClient[Any, Any], operated: FakeService, method: str, headers: dict[str, str], status: int
) -> None:
    for path in ("/metrics", "/reload", "/config", "/", "/healthz"):
        async with client.request(method, path, headers=headers) as got:
            assert got.status == status
            assert "Access-Control-Allow-Origin" not in got.headers
            assert "cors_proxy_" not in await got.text()
    assert operated.reloads == 0


async def test_its_own_origin_passes(client: TestClient[Any, Any]) -> None:
    own = f"127.0.0.1:{client.port}"
    async with client.post(
        "/reload", headers={"Host": own, "Origin": f"http://{own}", "Sec-Fetch-Site": "same-origin"}
    ) as got:
        assert got.status == 200


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("localhost", True),
        ("LOCALHOST:9901", True),
        ("127.0.0.1:9901", True),
        ("10.2.3.4", True),
        ("[::1]:9901", True),
        ("[::1]", True),
        ("proxy.internal", True),
        ("proxy.internal:1", True),
        ("other.internal:9901", True),
        ("other.internal:1", False),
        ("other.internal", False),
        ("proxy.internal.", False),
        ("evil.example", False),
        ("evil.example:9901", False),
        ("localhost.evil.example", False),
        ("localhost:x", False),
        ("::1", False),
        ("[evil]", False),
        ("[127.0.0.1", False),
        ("127.1", False),
        ("0x7f000001", False),
        ("", False),
    ],
)
def test_host(host: str, allowed: bool) -> None:
    assert host_allowed([host], ("proxy.internal", "other.internal:9901")) is allowed


@pytest.mark.parametrize("values", [[], ["localhost", "localhost"]])
def test_exactly_one_host(values: list[str]) -> None:
    assert not host_allowed(values, ())
