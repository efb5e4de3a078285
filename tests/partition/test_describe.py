"""A request and a decision, each in one line."""

from cors_proxy.cors.decision import Answer, Forward, Refuse
from cors_proxy.cors.place import Place
from cors_proxy.cors.reason import Reason
from cors_proxy.partition.describe import decided, request_line
from tests.cors.sites import request


def test_requests() -> None:
    assert request_line(request(Origin="https://a.example")) == "GET /r, Origin: https://a.example"
    assert request_line(request(Upgrade="websocket")) == "GET /r to open a WebSocket, no Origin"
    asked = request(
        "OPTIONS", Origin="null", Access_Control_Request_Method="PUT", Access_Control_Request_Headers="x-a"
    )
    assert request_line(asked) == "OPTIONS /r that asks for PUT with x-a, Origin: null"


def test_decisions() -> None:
    assert decided(Refuse(Reason.CROSS_SITE, "request")) == "refused with 403: cross-site"
    assert decided(Answer(Reason.PREFLIGHT_ALLOWED, "preflight")) == "answered with 204: preflight-allowed"
    assert (
        decided(Forward(Reason.NO_ORIGIN, "request", Place("p.yaml", 3, 1)))
        == "forwarded: no-origin (p.yaml:3)"
    )
