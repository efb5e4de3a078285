"""A short run of the harness; `python -m tests.change` is the long one."""

import pytest

from cors_proxy.cors.request import Request
from cors_proxy.policy.read import parse_policy
from tests.change.comparing import HEAD
from tests.change.harness import Harness, run
from tests.cors.sites import request


def test_no_difference_is_unreported() -> None:
    differing = sum(run(seed, 200)[0] for seed in (14, 19, 22))
    assert differing > 10


OWN = "hosts: [api.example.com]\nself_origins: [https://api.example.com]\n"
PORT = "cors: {origins: ['https://*.example.com:8443']}\n"
AMBIGUOUS = "routes: [{path: /API/users}, {path: '/*/users', host: 'api.example.com:8443'}]\n"


@pytest.mark.parametrize(
    ("old", "new", "asked"),
    [
        # only logged under `report`, and nothing else differs
        (
            "mode: report\n",
            "mode: report\ncors: {headers: [X-A]}\n",
            request(
                "OPTIONS",
                Origin="https://api.example",
                Sec_Fetch_Site="same-origin",
                Access_Control_Request_Method="GET",
                Access_Control_Request_Headers="x-a",
            ),
        ),
        (
            OWN + PORT,
            PORT,
            request(
                "DELETE",
                host="api.example.com:8443",
                Origin="https://api.example.com:8443",
                Sec_Fetch_Site="same-origin",
            ),
        ),
        # both new routes make a path ambiguous, one of them at one Host alone
        (
            "cors: {without_origin: deny}\n",
            "cors: {accept_from: ['https://*.example.com']}\n" + AMBIGUOUS,
            request(
                "LOCK",
                "/API/users;y",
                host="zz.example.com",
                Origin="https://zz.example.com",
                Sec_Fetch_Site="same-origin",
            ),
        ),
    ],
    ids=[
        "its preflights that ask for headers",
        "where a host and a pattern with a port meet",
        "at any host, beside a route for one host",
    ],
)
def test_the_own_origin(old: str, new: str, asked: Request) -> None:
    """Found by the harness."""
    harness = Harness(*(parse_policy(HEAD + text, "p", "")[0] for text in (old, new)))
    harness.check(asked)
    assert harness.differing == 1
