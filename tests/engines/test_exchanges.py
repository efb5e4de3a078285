"""The exchanges beside the corpus hold for the proxy itself, so they may be asked of an engine."""

from cors_proxy.policy.read import parse_policy
from cors_proxy.proxy.edge import Edge
from tests.proxy.conftest import Notes
from tests.wire import Upstream

from .exchanges import CORS, EXCHANGES, faults


async def test_of_the_proxy() -> None:
    upstream = Upstream()
    await upstream.start()
    head = f"version: 1\nadmin: off\nlisten: 127.0.0.1:0\nupstream: http://127.0.0.1:{upstream.port}\n"
    edge = Edge(parse_policy(head + CORS, "p", "")[0], Notes())
    await edge.start()
    wrong = {}
    for each in EXCHANGES:
        edge.swap(parse_policy(head + each.policy, "p", "")[0])
        if found := await faults(each, edge._runner.addresses[0][1], upstream):
            wrong[each.name] = found
    await edge.close()
    await upstream.stop()
    assert not wrong
