import pytest

from cors_proxy.cors.difference import difference
from cors_proxy.cors.judge import judge
from cors_proxy.cors.reason import Reason

from .sites import APP, request, site

RULES = site("""
mode: report
self_origins: [https://api.example]
cors: {origins: [https://app.example], methods: [GET, PUT], headers: [X-Foo], accept_from: [https://idp.example]}
""")
CREDENTIALS = site("mode: report\ncors: {origins: [https://app.example], credentials: true}")
ACAO = "Access-Control-Allow-Origin"
PUT = {"Access_Control_Request_Method": "PUT"}


@pytest.mark.parametrize(("method", "headers", "status", "answer", "reason"), [
    # ours and theirs agree
    ("GET", {"Origin": APP}, 200, {ACAO: APP}, None),
    ("GET", {"Origin": APP}, 404, {ACAO: "*"}, None),
    ("GET", {"Origin": "https://evil.example"}, 200, {ACAO: APP}, None),
    ("GET", {"Origin": "https://evil.example"}, 200, {}, None),
    ("GET", {}, 200, {}, None),
    ("POST", {"Sec_Fetch_Site": "cross-site"}, 200, {ACAO: "*"}, None),
    ("GET", {"Origin": "https://api.example"}, 200, {}, None),
    ("GET", {"Origin": "https://api.example"}, 200, {ACAO: "*"}, None),
    ("GET", {"Origin": APP, "origin": APP}, 200, {ACAO: "*"}, None),
    ("OPTIONS", {"Origin": APP, **PUT}, 204, {ACAO: APP, "Access-Control-Allow-Methods": "PUT"}, None),
    ("OPTIONS", {"Origin": APP, "Access_Control_Request_Method": "DELETE"}, 405, {}, None),
    ("OPTIONS", {"Origin": APP, "Access_Control_Request_Method": "POST"}, 405, {}, None),
    # a page that reads today would not tomorrow, or the other way round
    ("GET", {"Origin": APP}, 200, {}, Reason.ORIGIN_ALLOWED),
    ("GET", {"Origin": APP}, 200, {ACAO: "https://app.example/"}, Reason.ORIGIN_ALLOWED),
    ("GET", {"Origin": "https://evil.example"}, 200, {ACAO: "https://evil.example"}, Reason.ORIGIN_NOT_ALLOWED),
    ("GET", {"Origin": "null"}, 200, {ACAO: "*"}, Reason.ORIGIN_NULL),
    ("POST", {"Origin": "https://idp.example"}, 200, {ACAO: "*"}, Reason.ACCEPT_FROM),
    ("OPTIONS", {"Origin": APP, **PUT}, 404, {ACAO: APP, "Access-Control-Allow-Methods": "PUT"}, Reason.PREFLIGHT_ALLOWED),
    ("OPTIONS", {"Origin": APP, **PUT}, 204, {ACAO: APP, "Access-Control-Allow-Methods": "GET"}, Reason.PREFLIGHT_ALLOWED),
    ("OPTIONS", {"Origin": APP, "Access_Control_Request_Method": "DELETE"}, 204, {ACAO: "*", "Access-Control-Allow-Methods": "*"},
    Reason.METHOD_NOT_ALLOWED),
    ("OPTIONS", {"Origin": APP, "Access_Control_Request_Method": "POST"}, 204, {ACAO: "*"}, Reason.METHOD_NOT_ALLOWED),
    ("OPTIONS", {"Origin": APP, **PUT, "Access_Control_Request_Headers": "x-bar"}, 204,
     {ACAO: "*", "Access-Control-Allow-Methods": "PUT", "Access-Control-Allow-Headers": "X-Bar"}, Reason.HEADER_NOT_ALLOWED),
    ("GET", {"Origin": APP, "Cookie": "a=b"}, 200, {ACAO: APP, "Access-Control-Allow-Credentials": "true"}, Reason.ORIGIN_ALLOWED),
    # sockets have a status alone
    ("GET", {"Origin": "https://evil.example", "Upgrade": "websocket"}, 101, {}, Reason.ORIGIN_NOT_ALLOWED),
    ("GET", {"Origin": "https://evil.example", "Upgrade": "websocket"}, 403, {}, None),
    ("GET", {"Origin": APP, "Upgrade": "websocket"}, 403, {}, Reason.ORIGIN_ALLOWED),
    ("GET", {"Origin": APP, "Upgrade": "websocket"}, 101, {}, None),
])  # fmt: skip
def test_difference(
    method: str, headers: dict[str, str], status: int, answer: dict[str, str], reason: Reason | None
) -> None:
    asked = request(method, **headers)
    judged = judge(RULES, asked)
    route, decision = judged.route, judged.decision
    assert (
        difference(
            route,
            asked,
            decision,
            status,
            [(name.encode(), value.encode()) for name, value in answer.items()],
        )
        is reason
    )


@pytest.mark.parametrize(("answer", "reason"), [
    ({ACAO: APP}, Reason.ORIGIN_ALLOWED), ({ACAO: "*"}, Reason.ORIGIN_ALLOWED), ({ACAO: APP, "Access-Control-Allow-Credentials": "true"},
    None),
])  # fmt: skip
def test_a_policy_with_credentials_is_compared_with_them(
    answer: dict[str, str], reason: Reason | None
) -> None:
    asked = request(Origin=APP)
    judged = judge(CREDENTIALS, asked)
    route, decision = judged.route, judged.decision
    assert (
        difference(
            route, asked, decision, 200, [(name.encode(), value.encode()) for name, value in answer.items()]
        )
        is reason
    )
