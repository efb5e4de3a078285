"""The entry: what a comparison says as a whole."""

import pytest

from cors_proxy.change import compare as module
from cors_proxy.partition import limits
from tests.change.comparing import compared

APP = "cors: {origins: [https://app.example]}\n"


def test_equal_meaning_in_another_spelling_is_no_difference() -> None:
    other = "cors:\n  origins:\n  - https://app.example\n  methods: [POST, HEAD, GET]\n  max_age: 10m\nserver: {workers: 1}\n"
    assert compared(APP, other).equal and not compared(APP, other).opens


def test_the_same_routes_in_another_order_are_equal() -> None:
    one = "routes: [{path: /a/**, cors: {credentials: true}}, {path: /b, cors: off}]"
    other = "routes: [{path: /b, cors: off}, {path: /a/**, cors: {credentials: true}}]"
    assert compared(one, other).equal


def test_what_opens() -> None:
    closes = compared(APP, "")
    opens = compared("", APP)
    assert (closes.opens, closes.equal, opens.opens) == (False, False, True)


def test_a_setting_opens_nothing() -> None:
    found = compared("", "server: {workers: 2}")
    assert not found.findings and not found.opens and not found.equal


def test_it_says_if_it_gave_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REQUESTS", 100)
    found = compared("", APP)
    assert found.gave_up == "more than 100 requests to compare" and not found.equal
    assert module.compare(found.old, found.old).gave_up == ""
