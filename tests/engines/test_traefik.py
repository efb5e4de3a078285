"""Traefik's configuration: what keeps it closed.  `python -m tests.engines` runs it."""

from cors_proxy.engines.traefik import DYNAMIC_FILE, MANIFEST_FILE, PLUGIN_FILE, STATIC_FILE, files
from cors_proxy.policy.addresses import parse_upstream
from cors_proxy.policy.read import parse_policy


def made(headers: str = "x-forwarded", listen: str = "127.0.0.1:1") -> dict[str, str]:
    text = f"version: 1\ndecide: {{listen: '{listen}', dialect: forwarded, headers: {headers}}}\n"
    policy = parse_policy(text, "p", "")[0]
    assert policy.decide is not None
    return files(policy, policy.decide, parse_upstream("http://api:3000"), "*:80", [policy.decide.listen])


def test_its_files_are_where_traefik_looks() -> None:
    written = made()
    assert list(written) == [STATIC_FILE, DYNAMIC_FILE, PLUGIN_FILE, MANIFEST_FILE]
    assert f"filename: {DYNAMIC_FILE}" in written[STATIC_FILE]
    assert "moduleName: corsproxy\n" in written[STATIC_FILE] and 'address: ":80"' in written[STATIC_FILE]


def test_the_path_is_asked_about_as_it_came() -> None:
    assert "sanitizePath: false" in made()[STATIC_FILE]


def test_every_request_goes_through_the_plugin() -> None:
    routes = made()[DYNAMIC_FILE]
    assert 'rule: "PathPrefix(`/`)"' in routes and routes.count("service: cors_proxy_api") == 1
    assert "middlewares: [cors_proxy]" in routes


def test_the_plugin_finds_the_listener() -> None:
    assert '[][]string{{"tcp", "127.0.0.1:1"}}' in made()[PLUGIN_FILE]
    assert '[][]string{{"unix", "/run/d.sock"}}' in made(listen="unix:/run/d.sock")[PLUGIN_FILE]
