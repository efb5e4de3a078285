"""Each key of a policy, changed alone, is found.  A new key fails here until its change is listed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from cors_proxy.change.compare import Comparison, compare
from cors_proxy.policy.fields import POLICY
from cors_proxy.policy.mappings import MappingOf, mapping_of
from cors_proxy.policy.read import parse_policy

HEAD = "version: 1\nupstream: http://api:3000\n"
# A policy for `cors` keys, where each has an effect
CORS = "cors: {{origins: [https://app.example.com], credentials: true, {}}}\n"
ROUTE = "routes: [{{path: /api/**, name: api, {}}}]\n"
AMP = "routes: [{{path: /api/**, amp: {{publisher: https://p.example, {}}}}}]\n"
EMAIL = "routes: [{{path: /api/**, amp: {{email: {{senders: [{}]}}}}}}]\n"
ISOLATE = "cors: {{origins: [https://a.example], without_origin: {{isolate: {{report: false, {}}}}}}}\n"
DECIDE = "decide: {{listen: 127.0.0.1:9000, {}}}\n"
PREFLIGHT = "cors: {{origins: [https://a.example], preflight: {{{}}}}}\n"
# By key: what is written in the old and the new policy (after `version` and `upstream`), and the
# word that names it in the comparison
CHANGES: dict[str, tuple[str, str, str]] = {
    "listen": ("", "listen: 127.0.0.1:8081\n", "listen"),
    "admin.listen": ("", "admin: {listen: 127.0.0.1:9902}\n", "admin.listen"),
    "admin.hosts": ("", "admin: {hosts: [ops.example]}\n", "admin.hosts"),
    "upstream": ("", "upstream: http://other:3000\n", "upstream"),
    "upstream_host": ("", "upstream_host: upstream\n", "upstream_host"),
    "upstream_origin": ("", "upstream_origin: remove\n", "upstream_origin"),
    "rewrite_location": ("", "rewrite_location: true\n", "rewrite_location"),
    "hosts": ("hosts: [a.example]\n", "hosts: [a.example, '*.b.example']\n", "hosts"),
    "self_origins": ("", "self_origins: [https://api.example]\n", "self_origins"),
    "mode": ("", "mode: report\n", "mode"),
    "dangerously_allow": ("", "dangerously_allow: [insecure-origins]\n", "dangerously_allow"),
    "cors.origins": ("cors: {origins: [https://a.example]}\n", "cors: {origins: ['https://*.a.example']}\n", "origins"),
    "cors.accept_from": (CORS.format(""), CORS.format("accept_from: [https://idp.example]"), "accept_from"),
    "cors.methods": (CORS.format(""), CORS.format("methods: [GET, HEAD, POST, DELETE]"), "methods"),
    "cors.headers": (CORS.format(""), CORS.format("headers: [X-A]"), "headers"),
    "cors.expose": (CORS.format(""), CORS.format("expose: [X-A]"), "expose"),
    "cors.credentials": (CORS.format("").replace("true", "false"), CORS.format(""), "credentials"),
    "cors.max_age": (CORS.format(""), CORS.format("max_age: 30s"), "max_age"),
    "cors.preflight.status": (PREFLIGHT.format(""), PREFLIGHT.format("status: 200"), "preflight"),
    "cors.preflight.list": (PREFLIGHT.format(""), PREFLIGHT.format("list: full"), "preflight"),
    "cors.preflight.refusal": (PREFLIGHT.format(""), PREFLIGHT.format("refusal: bare"), "preflight"),
    "cors.private_network": (CORS.format(""), CORS.format("private_network: true"), "private_network"),
    "cors.timing": (CORS.format(""), CORS.format("timing: '*'"), "timing"),
    "cors.resource_policy": (CORS.format(""), CORS.format("resource_policy: cross-origin"), "resource_policy"),
    "cors.without_origin": (CORS.format(""), CORS.format("without_origin: allow"), "without_origin"),
    "cors.without_origin.isolate": (ISOLATE.partition(", without")[0].replace("{{", "{") + "}\n", ISOLATE.format(""), "without_origin"),
    "cors.without_origin.isolate.navigate": (ISOLATE.format(""), ISOLATE.format("navigate: deny"), "without_origin"),
    "cors.without_origin.isolate.same_site": (ISOLATE.format(""), ISOLATE.format("same_site: allow"), "without_origin"),
    "cors.without_origin.isolate.embed": (ISOLATE.format(""), ISOLATE.format("embed: [video]"), "without_origin"),
    "cors.without_origin.isolate.report": (
        ISOLATE.format(""), ISOLATE.format("").replace("report: false", "report: true"), "without_origin",
    ),
    "cors.storage_access": (CORS.format(""), CORS.format("storage_access: retry"), "storage_access"),
    "cors.websocket": (CORS.format(""), CORS.format("websocket: deny"), "websocket"),
    "routes.path": (ROUTE.format("cors: {methods: [GET], origins: ['https://a.example']}"), "", "routes"),
    "routes.name": (ROUTE.format(""), ROUTE.format("").replace("name: api", "name: other"), "name"),
    "routes.method": (ROUTE.format("cors: off"), ROUTE.format("cors: off, method: GET"), "routes"),
    "routes.host": (ROUTE.format("cors: off"), ROUTE.format("cors: off, host: a.example"), "routes"),
    "routes.upstream": (ROUTE.format(""), ROUTE.format("upstream: http://b:1"), "upstream"),
    "routes.upstream_host": (ROUTE.format(""), ROUTE.format("upstream_host: upstream"), "upstream_host"),
    "routes.upstream_origin": (ROUTE.format(""), ROUTE.format("upstream_origin: own"), "upstream_origin"),
    "routes.mode": (ROUTE.format(""), ROUTE.format("mode: headers"), "mode"),
    "routes.strip_prefix": (ROUTE.format(""), ROUTE.format("strip_prefix: /api"), "strip_prefix"),
    "routes.rewrite_location": (ROUTE.format(""), ROUTE.format("rewrite_location: true"), "rewrite_location"),
    "routes.cors": (ROUTE.format(""), ROUTE.format("cors: off"), "cors"),
    "routes.amp.publisher": (AMP.format(""), AMP.format("").replace("p.example", "q.example"), "amp"),
    "routes.amp.caches": (AMP.format(""), AMP.format("caches: [cdn.ampproject.org]"), "amp"),
    "routes.amp.source_origin": (AMP.format(""), AMP.format("source_origin: keep"), "amp"),
    "routes.amp.email.senders": (EMAIL.format("a@b.example"), EMAIL.format("a@b.example, '*@c.example'"), "amp"),
    "routes.dangerously_allow": (ROUTE.format(""), ROUTE.format("dangerously_allow: [empty-segments]"), "dangerously_allow"),
    **{
        f"assert.{kind}.{key}": (
            f"assert: [{{{kind}: {{origin: null, method: POST, socket: true}}}}]\n".replace("always", "never"),
            f"assert: [{{{kind}: {condition}}}]\n", "assert",
        )
        for kind in ("never", "always")
        for key, condition in (
            ("origin", "{origin: any, method: DELETE}" if kind == "never" else "{origin: none}"),
            ("path", "{method: DELETE, path: /a}" if kind == "never" else "{origin: none, path: /a}"),
            ("method", "{method: DELETE}" if kind == "never" else "{origin: none, method: HEAD}"),
            ("host", "{method: DELETE, host: a.example}" if kind == "never" else "{origin: none, host: a.example}"),
            ("credentials", "{credentials: true}" if kind == "never" else "{origin: none, credentials: true}"),
            ("headers", "{headers: [X-A]}" if kind == "never" else "{origin: none, headers: [X-A]}"),
            ("socket", "{method: DELETE, socket: true}" if kind == "never" else "{origin: none, socket: true}"),
        )
    },
    "assert.public": ("", "assert: [{public: none}]\n", "assert"),
    "assert.no_credentials_for": ("", "assert: [{no_credentials_for: https://a.example}]\n", "assert"),
    "decide.listen": (DECIDE.format(""), DECIDE.format("").replace("9000", "9001"), "decide.listen"),
    "decide.dialect": (DECIDE.format(""), DECIDE.format("dialect: forwarded"), "decide.dialect"),
    "decide.headers": (
        DECIDE.format("dialect: forwarded"), DECIDE.format("dialect: forwarded, headers: x-original"), "decide.headers",
    ),
    "decide.trust": (DECIDE.format(""), DECIDE.format("trust: [private]"), "decide.trust"),
    "server.workers": ("", "server: {workers: 2}\n", "server.workers"),
    "server.tls.certificate": (
        "server: {tls: {certificate: a.crt, key: a.key}}\n", "server: {tls: {certificate: b.crt, key: a.key}}\n", "server.tls",
    ),
    "server.tls.key": (
        "server: {tls: {certificate: a.crt, key: a.key}}\n", "server: {tls: {certificate: a.crt, key: b.key}}\n", "server.tls",
    ),
    "server.upstream_tls.ca": (
        "", "server: {upstream_tls: {ca: ca.crt}}\n", "server.upstream_tls",
    ),
    "server.upstream_tls.certificate": (
        "server: {upstream_tls: {certificate: a.crt, key: a.key}}\n", "server: {upstream_tls: {certificate: b.crt, key: a.key}}\n",
        "server.upstream_tls.certificate",
    ),
    "server.upstream_tls.key": (
        "server: {upstream_tls: {certificate: a.crt, key: a.key}}\n", "server: {upstream_tls: {certificate: a.crt, key: b.key}}\n",
        "server.upstream_tls.key",
    ),
    "server.upstream_tls.server_name": ("", "server: {upstream_tls: {server_name: b.example}}\n", "server.upstream_tls.server_name"),
    "server.upstream_tls.verify": ("", "server: {upstream_tls: {verify: false}}\n", "server.upstream_tls.verify"),
    "server.trusted_proxies": ("", "server: {trusted_proxies: [private]}\n", "server.trusted_proxies"),
    "server.proxy_protocol": ("", "server: {proxy_protocol: [private]}\n", "server.proxy_protocol"),
    "server.drain.delay": ("", "server: {drain: {delay: 1s}}\n", "server.drain.delay"),
    "server.drain.timeout": ("", "server: {drain: {timeout: 1s}}\n", "server.drain.timeout"),
    "server.access_log": ("", "server: {access_log: text}\n", "server.access_log"),
    "server.debug": ("", "server: {debug: true}\n", "server.debug"),
    "server.tracing.otlp": ("", "server: {tracing: {otlp: 'http://localhost:4318'}}\n", "server.tracing"),
    "server.tracing.sample": ("server: {tracing: {sample: 1%}}\n", "server: {tracing: {sample: 2%}}\n", "server.tracing"),
    "server.tracing.parent_rate": (
        "server: {tracing: {sample: 1%}}\n", "server: {tracing: {sample: 1%, parent_rate: 5}}\n", "server.tracing",
    ),
    "server.tracing.service_name": (
        "server: {tracing: {sample: 1%}}\n", "server: {tracing: {sample: 1%, service_name: b}}\n", "server.tracing",
    ),
}  # fmt: skip
ONLY_VALUE = {"version"}  # keys with one valid value


def leaves(mapping: MappingOf, at: str = "") -> Iterator[str]:
    """The path of every key that holds no mapping, or may hold something else."""
    for field in mapping.fields:
        path = f"{at}.{field.key}" if at else field.key
        inner = mapping_of(field.type)
        if at == "routes" and field.key == "cors":
            yield path
        elif inner is not None:
            yield from leaves(inner, path)
        else:
            yield path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(made / "ca.crt")
    leaf = authority.issue_cert("api.example.com")
    for name in ("a", "b"):
        leaf.private_key_pem.write_to_path(made / f"{name}.key")
        leaf.cert_chain_pems[0].write_to_path(made / f"{name}.crt")
    return made


def compared(before: str, after: str, folder: Path) -> Comparison:
    old, new = (
        parse_policy(_head(text) + text, name, str(folder))[0]
        for text, name in ((before, "old.yaml"), (after, "new.yaml"))
    )
    return compare(old, new)


def _head(text: str) -> str:
    return "version: 1\n" if text.startswith("upstream:") else HEAD


def test_every_key_has_a_change() -> None:
    timing = {f"{home}.{key}" for home in ("server", "routes") for key in _numbers(home)}
    assert set(leaves(POLICY)) - ONLY_VALUE <= set(CHANGES) | timing


def _numbers(home: str) -> list[str]:
    """Limits and timeouts, all of one kind."""
    outer = next(mapping_of(field.type) for field in POLICY.fields if field.key == home)
    assert outer is not None
    return [
        f"{field.key}.{inner.key}"
        for field in outer.fields
        if field.key in ("limits", "timeouts")
        for inner in (mapping_of(field.type) or outer).fields
    ]


@pytest.mark.parametrize("key", CHANGES)
def test_a_change_of_one_key_is_found(key: str, folder: Path) -> None:
    old, new, word = CHANGES[key]
    found = compared(old, new, folder)
    words = [finding.cause.key for finding in found.findings] + [setting.key for setting in found.settings]
    assert any(each == word or each.startswith(f"{word}.") for each in words), words


@pytest.mark.parametrize("home", ["server", "routes"])
def test_a_change_of_a_limit_or_timeout_is_found(home: str, folder: Path) -> None:
    for path in _numbers(home):
        outer, key = path.split(".")
        value = "3" if outer == "timeouts" or "age" in key else "300"
        text = f"{outer}: {{{key}: {value}}}"
        after = f"server: {{{text}}}\n" if home == "server" else ROUTE.format(text)
        found = compared("" if home == "server" else ROUTE.format(""), after, folder)
        assert [setting.key for setting in found.settings] == [f"{'server.' * (home == 'server')}{path}"]
        assert not found.findings
