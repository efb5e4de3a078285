"""`upstream`: one server or a list of servers of one API."""

import pickle

import pytest

from cors_proxy.policy.effective import effective
from cors_proxy.policy.model import Endpoint, Policy, Upstream
from cors_proxy.policy.problems import PolicyProblems
from cors_proxy.policy.read import parse_policy

A, B = Endpoint("a", 3000, authority=b"a:3000"), Endpoint("b", 80, authority=b"b")


def read(upstream: str, more: str = "") -> Policy:
    policy, _ = parse_policy(f"version: 1\nupstream: {upstream}\n{more}", "policy.yaml", ".")
    return policy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://a:3000", Upstream((A,))),
        ("[http://a:3000]", Upstream((A,))),
        ("[http://a:3000/v1, http://b/v1/]", Upstream((A, B), base=b"/v1")),
        ("[unix:/a.sock, unix:/b.sock]", Upstream((Endpoint(path="/a.sock"), Endpoint(path="/b.sock")))),
    ],
)
def test_one_or_several_servers(text: str, expected: Upstream) -> None:
    assert read(text).forwarding[0].upstream == expected


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("[http://a, https://b]", "E207", 'the scheme "https" differs from "http"'),
        ("[http://a, unix:/b.sock]", "E207", 'the scheme "unix" differs from "http"'),
        ("[http://a/v1, http://b]", "E207", 'the base path "/" differs from "/v1"'),
        ("[]", "E205", "an empty list"),
        ("{a: b}", "E203", "or a list of them"),
        ("[http://a, 'b c']", "E204", "upstream[1]: expected an upstream such as"),
    ],
)
def test_what_cannot_be_one_api(text: str, code: str, words: str) -> None:
    with pytest.raises(PolicyProblems) as caught:
        read(text)
    (problem,) = caught.value.problems
    assert problem.code == code and words in problem.message and problem.place.line == 2


def test_a_server_twice_is_one_with_a_warning() -> None:
    policy, (warning,) = parse_policy("version: 1\nupstream: [http://a, http://a:80]\n", "policy.yaml", ".")
    assert warning.code == "W207"
    assert len(policy.forwarding[0].upstream.endpoints) == 1


def test_it_is_shown_and_sent_to_workers_and_inherited() -> None:
    policy = read("[http://a:3000/v1, http://b/v1]", "routes: [{path: /x, upstream: http://c}, {path: /y}]\n")
    shown = [route["upstream"] for route in effective(policy)["routes"]]
    assert shown == ["http://c", ["http://a:3000/v1", "http://b/v1"], ["http://a:3000/v1", "http://b/v1"]]
    assert pickle.loads(pickle.dumps(policy)).forwarding == policy.forwarding
    assert str(policy.forwarding[1].upstream) == "http://a:3000, http://b"


def test_the_age_of_connections_is_a_limit_of_the_server() -> None:
    policy = read("http://a", "server: {limits: {upstream_connection_age: 1m}}\n")
    assert policy.server.limits.upstream_connection_age == 60
    assert (
        read("http://a").server.limits.upstream_connection_age,
        policy.server.timeouts.upstream_keep_alive,
    ) == (
        0,
        1.5,
    )
    with pytest.raises(PolicyProblems, match="E206"):
        read("http://a", "routes: [{path: /x, limits: {upstream_connection_age: 1m}}]\n")
