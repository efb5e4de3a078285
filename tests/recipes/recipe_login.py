"""cors-proxy and a stand-in for oauth2-proxy, in both orders, in Chromium: `make recipes`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests.recipes.recipe_clients import decisions, result
from tests.recipes.servers import free_port, pages, proxy
from tests.recipes.standins import OAuth2Proxy, standin

FAILED = {"error": "Failed to fetch"}


@pytest.fixture
def page(chromium: Chrome) -> Iterator[int]:
    with pages() as port:
        chromium.get(f"http://localhost:{port}/")
        chromium.delete_all_cookies()
        yield port


def test_behind_cors_proxy(express: int, page: int, chromium: Chrome, tmp_path: Path) -> None:
    own, foreign = f"http://localhost:{page}", f"http://127.0.0.1:{page}"
    with (
        standin(OAuth2Proxy, express) as login,
        proxy("With oauth2-proxy", tmp_path, login.server_port, page) as port,
    ):
        url = f"http://localhost:{port}"
        assert result(chromium, own, ["user", "/api/me"], url) == {"value": [401, None]}
        assert result(chromium, own, ["user", "/me"], url) == FAILED  # a redirect to the provider
        chromium.get(f"{url}/oauth2/start?rd={own}/")
        assert chromium.current_url == f"{own}/"
        assert result(chromium, own, ["user", "/api/me"], url) == {"value": [200, "ada"]}
        reached = len(login.seen)
        assert result(chromium, foreign, ["user", "/api/me"], url) == FAILED
        assert len(login.seen) == reached
        assert not {("OPTIONS", "/me"), ("OPTIONS", "/api/me")} & set(login.seen)
    assert "refuse" not in decisions(tmp_path, own)
    assert decisions(tmp_path, foreign) == {"refuse"}


def test_in_front_of_cors_proxy(express: int, page: int, chromium: Chrome, tmp_path: Path) -> None:
    own, foreign = f"http://localhost:{page}", f"http://127.0.0.1:{page}"
    front = free_port()
    with (
        proxy("oauth2-proxy in front", tmp_path, express, page, front) as behind,
        standin(OAuth2Proxy, behind, front) as login,
    ):
        url = f"http://localhost:{front}"
        # 401, which a page cannot read
        assert result(chromium, own, ["user", "/api/me"], url) == FAILED
        chromium.get(f"{url}/oauth2/start?rd={own}/")
        assert result(chromium, own, ["user", "/api/me"], url) == {"value": [200, "ada"]}
        assert result(chromium, foreign, ["user", "/api/me"], url) == FAILED
        login.skip_auth_preflight = False
        assert result(chromium, own, ["user", "/other/me"], url) == FAILED
    assert decisions(tmp_path, own) == {"answer", "forward"}
    assert decisions(tmp_path, foreign) == {"refuse"}
