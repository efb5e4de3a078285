"""Where a proxy listens, from a policy that may be wrong elsewhere."""

import pytest

from cors_proxy.policy.model import DEFAULT_LISTEN, Address
from cors_proxy.policy.problems import PolicyProblems
from cors_proxy.policy.reach import Reach, read_reach
from cors_proxy.policy.read import Source


def reach(text: str, **environ: str) -> Reach:
    return read_reach(Source("p", f"version: 1\n{text}"), environ)


def test_what_is_not_set_is_the_default() -> None:
    assert reach("") == Reach()


@pytest.mark.parametrize(
    ("text", "admin"),
    [
        ("admin: 127.0.0.1:1", Address("127.0.0.1", 1)),
        ("admin: {listen: '[::1]:2', hosts: [a]}", Address("::1", 2)),
        ("admin: ${ADMIN}", Address("127.0.0.1", 3)),
        ("admin: off", None),
    ],
)
def test_the_admin_listener(text: str, admin: Address | None) -> None:
    assert reach(text, ADMIN="127.0.0.1:3").admin == admin


def test_without_upstream_asks_are_the_traffic() -> None:
    text = "decide: {listen: 127.0.0.1:9}\nhosts: [a.example]\nserver: {proxy_protocol: [127.0.0.1]}\n"
    found = reach(text)
    assert (found.listen, found.host, found.tls) == (Address("127.0.0.1", 9), "a.example", False)
    assert not found.proxy_protocol
    assert reach(f"{text}upstream: http://a\n").listen == DEFAULT_LISTEN


def test_the_listener_for_traffic() -> None:
    found = reach(
        "listen: 0.0.0.0:80\nhosts: [A.example:81, b]\n"
        "server: {tls: {certificate: /nowhere, key: /nowhere}, proxy_protocol: [10.0.0.0/8, unix]}"
    )
    assert (found.listen, found.host, found.tls) == (Address("0.0.0.0", 80), "a.example:81", True)
    assert [str(each) for each in found.proxy_protocol] == ["10.0.0.0/8"] and found.proxy_protocol_unix


@pytest.mark.parametrize("text", ["upstream: [", "listen: nonsense", "admin: [1]", "admin: ${NOT_SET}"])
def test_what_cannot_be_told(text: str) -> None:
    with pytest.raises(PolicyProblems):
        reach(text)


@pytest.mark.parametrize("text", ["upstream: nonsense", "nonsense: 1", "server: {limits: {connections: x}}"])
def test_the_rest_of_the_policy_may_be_wrong(text: str) -> None:
    assert reach(f"admin: off\n{text}").admin is None
