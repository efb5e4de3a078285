"""Policies and questions."""

from collections.abc import Callable

import pytest

from cors_proxy.explain.browser import Explanation, explain
from cors_proxy.explain.change import PolicyText
from cors_proxy.explain.question import parse_question
from cors_proxy.proxy.recorder import Exchange
from tests.exchanges import exchange

TEXT = """version: 1
listen: 127.0.0.1:8080
admin: off
upstream: http://127.0.0.1:3000
self_origins: [https://api.example]
cors:
  origins:
    - https://app.example
    - https://*.apps.example.com
  methods: [GET, HEAD, POST, PUT]
  headers: [Content-Type, X-Foo]
  expose: [X-Total]
  credentials: true
  accept_from: [https://idp.example]
routes:
  - name: public
    path: /public/**
    cors: {origins: "*", credentials: false, methods: [GET, PUT]}
  - name: mine
    path: /mine/**
    cors: {without_origin: deny}  # nobody else
  - name: plain
    path: /plain/**
    cors:
      credentials: false
      websocket: deny
  - name: amp
    path: /amp/**
    amp: {publisher: https://news.example}
  - name: old
    path: /old/**
    cors: off
"""
Explain = Callable[..., Explanation]


@pytest.fixture
def source() -> PolicyText:
    return PolicyText(TEXT, "policy.yaml", "")


@pytest.fixture
def explained(source: PolicyText) -> Explain:
    """`explained(where, origin, method, *headers, credentials=…, policy=text)`"""

    def play(
        where: str = "/r", origin: str | None = "https://app.example", method: str = "GET", *headers: str,
        credentials: bool = False, upload_listener: bool = False, policy: str = TEXT,
    ) -> Explanation:  # fmt: skip
        read = source.with_text(policy).read()
        return explain(
            read, parse_question(read, where, origin, method, headers, credentials, upload_listener)
        )

    return play


@pytest.fixture(name="exchange")
def exchange_fixture() -> Callable[..., Exchange]:
    return exchange
