"""A short run of the harness; `python -m tests.change` is the long one."""

from cors_proxy.policy.read import parse_policy
from tests.change.comparing import HEAD
from tests.change.harness import Harness, run
from tests.cors.sites import request


def test_no_difference_is_unreported() -> None:
    differing = sum(run(seed, 200)[0] for seed in (14, 19, 22))
    assert differing > 10


def test_the_own_origin_s_preflights_that_ask_for_headers() -> None:
    """Found by the harness: only logged under `report`, and nothing else differs."""
    policies = [
        parse_policy(HEAD + f"mode: report\n{text}", "p", "")[0] for text in ("", "cors: {headers: [X-A]}\n")
    ]
    harness = Harness(*policies)
    harness.check(
        request(
            "OPTIONS",
            Origin="https://api.example",
            Sec_Fetch_Site="same-origin",
            Access_Control_Request_Method="GET",
            Access_Control_Request_Headers="x-a",
        )
    )
    assert harness.differing == 1


def test_the_own_origin_where_a_host_and_a_pattern_with_a_port_meet() -> None:
    """Found by the harness."""
    lists = "cors: {origins: ['https://*.example.com:8443']}\n"
    old = f"hosts: [api.example.com]\nself_origins: [https://api.example.com]\n{lists}"
    harness = Harness(*(parse_policy(HEAD + text, "p", "")[0] for text in (old, lists)))
    harness.check(
        request(
            "DELETE",
            host="api.example.com:8443",
            Origin="https://api.example.com:8443",
            Sec_Fetch_Site="same-origin",
        )
    )
    assert harness.differing == 1


def test_the_own_origin_at_any_host_beside_a_route_for_one_host() -> None:
    """Found by the harness: both new routes make a path ambiguous, one of them at one Host alone."""
    routes = "routes: [{path: /API/users}, {path: '/*/users', host: 'api.example.com:8443'}]\n"
    texts = ("cors: {without_origin: deny}\n", "cors: {accept_from: ['https://*.example.com']}\n" + routes)
    harness = Harness(*(parse_policy(HEAD + text, "p", "")[0] for text in texts))
    target, origin = "/API/users;y", "https://zz.example.com"
    harness.check(request("LOCK", target, host="zz.example.com", Origin=origin, Sec_Fetch_Site="same-origin"))
    assert harness.differing == 1
