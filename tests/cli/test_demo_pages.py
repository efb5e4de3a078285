import pytest
from aiohttp.test_utils import TestClient, TestServer

from cors_proxy.cli.demo_pages import application

VALUES = {
    "proxy": "http://localhost:1",
    "page": "http://localhost:2",
    "stranger": "http://127.0.0.1:3",
    "admin_port": "4",
}


@pytest.mark.parametrize(
    ("page", "paths", "rules"),
    [
        (
            "index",
            {
                "/": "text/html",
                "/playground": "text/html",
                "/index.js": "text/javascript",
                "/playground.js": "text/javascript",
                "/send.js": "text/javascript",
                "/calls.js": "text/javascript",
                "/style.css": "text/css",
                "/policy.yaml": "text/plain",
            },
            [
                "connect-src 'self' http://localhost:1;",
                "frame-src http://127.0.0.1:3;",
                "frame-ancestors 'none';",
            ],
        ),
        (
            "stranger",
            {
                "/": "text/html",
                "/caller": "text/html",
                "/stranger.js": "text/javascript",
                "/caller.js": "text/javascript",
            },
            ["connect-src http://localhost:1;", "frame-ancestors http://localhost:2;"],
        ),
    ],
)
async def test_pages_and_their_strict_rules(page: str, paths: dict[str, str], rules: list[str]) -> None:
    policy = "version: 1\n" if page == "index" else ""
    async with TestClient(TestServer(application(page, VALUES, policy), host="127.0.0.1")) as client:
        for path, kind in paths.items():
            async with client.get(path) as got:
                text = await got.text()
                assert got.status == 200 and got.content_type == kind and "{{" not in text
                # Nothing from elsewhere: no asset of another origin, no inline script or style.
                text = text.replace(
                    "https://example-com.cdn.ampproject.org", ""
                )  # an Origin that is explained: nothing is fetched there
                assert "https://" not in text and "<script>" not in text and "style=" not in text
                assert got.headers["Content-Security-Policy"].startswith(
                    "default-src 'none'; script-src 'self'; style-src 'self';"
                )
                assert all(rule in got.headers["Content-Security-Policy"] for rule in rules)
        for path in (
            "/../demo.py",
            "/demo.yaml",
            "/index.html",
            "/nowhere",
            "/stranger.js" if page == "index" else "/index.js",
        ):
            async with client.get(path) as got:
                assert got.status == 404
