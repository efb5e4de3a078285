"""The plugin of Traefik: what keeps it closed.  `python -m tests.engines` runs it."""

import pytest

from cors_proxy.engines.traefik import PLUGIN_FILE
from cors_proxy.engines.traefik_plugin import PLUGIN

from .test_traefik import made


@pytest.mark.parametrize(
    ("headers", "lines"),
    [
        ("x-forwarded", ("X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Host")),
        ("x-original", ("X-Original-Method", "X-Original-Uri")),
    ],
)
def test_an_ask_describes_the_request_and_replaces_what_the_client_sent(
    headers: str, lines: tuple[str, ...]
) -> None:
    text = made(headers)[PLUGIN_FILE]
    assert all(text.count(f'ask.Header.Set("{line}", ') == 1 for line in lines)
    assert 'if "Host" == "Host" {' in text or headers == "x-forwarded"


def test_only_a_decision_leads_to_the_api() -> None:
    before, condition, _ = PLUGIN.partition('if decision == "forward" && answer.StatusCode == 200 {')
    assert condition and "next.ServeHTTP" not in before
    assert PLUGIN.count("next.ServeHTTP") == 2
    assert "Timeout:   2 * time.Second" in PLUGIN and "http.ErrUseLastResponse" in PLUGIN
