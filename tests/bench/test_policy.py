"""The policies and the requests of the bench, as the proxy's own reader sees them."""

import pytest

from bench import policy, varied
from bench.peers import CONF
from bench.works import WORKS, Work, origin
from cors_proxy.policy.read import parse_policy


def text(size: policy.Size) -> str:
    template = (CONF / "policy.yaml").read_text()
    return policy.policy(template, size, port=8080, admin=9901, upstream=3000, workers=1, log="off", tls="")


@pytest.mark.parametrize("size", [policy.ONE, policy.MANY])
def test_it_is_read_without_a_word(size: policy.Size) -> None:
    filled = text(size)
    assert "@" not in filled
    read, warnings = parse_policy(filled, "policy.yaml", "", {})
    assert warnings == []
    assert read is not None
    assert (len(policy.origins(size)), len(policy.routes(size))) == size


def test_what_is_asked_for_stands_last() -> None:
    exact = [each for each in policy.origins(policy.MANY) if "*" not in each]
    assert len(exact) == len(set(exact)) == policy.MANY.origins - policy.WILDCARDS
    assert (exact[-1], policy.origins(policy.MANY)[-1]) == (policy.ORIGIN, policy.WILDCARD)
    assert policy.PATH in policy.routes(policy.MANY)[-1]


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_a_request_is_as_long_as_it_says(work: Work) -> None:
    for request in work.requests:
        head, _, body = request.partition(b"\r\n\r\n")
        lines = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
        assert int(lines.get(b"Content-Length", 0)) == len(body)
        assert lines[b"Origin"].decode() == origin(request)


def test_varied_requests_are_all_different() -> None:
    for name in ("varied-get", "varied-preflight", "varied-post", "varied-refused"):
        requests = WORKS[name].requests
        assert len(set(requests)) == varied.COUNT
        assert len({origin(request) for request in requests}) == varied.ORIGINS
    lines = [dict(line.split(b": ", 1) for line in request.split(b"\r\n")[1:-2]) for request in varied.gets()]
    for field in (b"Cookie", b"Authorization", b"Referer", b"traceparent"):
        assert len({each[field] for each in lines}) == varied.COUNT
    assert len({each[b"User-Agent"] for each in lines}) == len(varied.BROWSERS) == 12
