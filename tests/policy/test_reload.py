"""Which keys a reload cannot change: those that the table of fields marks."""

from pathlib import Path

import pytest
import trustme

from cors_proxy.cors.place import Place
from cors_proxy.policy.fields import POLICY
from cors_proxy.policy.read import parse_policy
from cors_proxy.policy.reload import restart_problems
from cors_proxy.policy.server_fields import DECIDE, SERVER

from .reading import read


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("listen: 127.0.0.1:1\n", "listen"),
        ("admin: off\n", "admin"),
        ("decide: {listen: 127.0.0.1:1}\n", "decide"),
        ("admin: {hosts: [a.example]}\n", "admin"),
        ("server: {workers: 2}\n", "server.workers"),
        ("server: {tracing: {sample: 1%}}\n", "server.tracing"),
    ],
)
def test_a_changed_socket_or_process_takes_a_restart(text: str, key: str) -> None:
    (problem,) = restart_problems(read(""), read(text))
    assert (problem.code, problem.place.line, problem.message.split(":")[0]) == ("E701", 3, key)
    (back,) = restart_problems(read(text), read(""))
    assert back.place == Place("policy.yaml", 1, 1)


def test_tls_is_not_switched_on_or_off_but_takes_another_certificate(tmp_path: Path) -> None:
    for name in ("one", "two"):
        leaf = trustme.CA().issue_cert("api.example.com")
        leaf.private_key_pem.write_to_path(tmp_path / f"{name}.key")
        leaf.cert_chain_pems[0].write_to_path(tmp_path / f"{name}.crt")
    plain, one, two = (
        read(""),
        *(
            read(f"server: {{tls: {{certificate: {tmp_path}/{n}.crt, key: {tmp_path}/{n}.key}}}}\n")
            for n in ("one", "two")
        ),
    )
    for old, new, said in (
        (plain, one, "server.tls: a reload cannot change it from none to a certificate"),
        (one, plain, "server.tls: a reload cannot change it from a certificate to none"),
    ):
        (problem,) = restart_problems(old, new)
        assert (problem.code, problem.message, problem.hint) == ("E701", said, "restart the proxy")
    assert restart_problems(one, two) == []


def test_other_keys_can_be_reloaded() -> None:
    changed = read(
        "cors: {origins: '*'}\nmode: report\nserver: {debug: true, limits: {connections: 5}}\nhosts: [a.example]\n"
    )
    assert restart_problems(read(""), changed) == []


def test_a_policy_starts_or_ends_to_forward_by_a_restart_alone() -> None:
    asked = "version: 1\ndecide: {listen: 127.0.0.1:1}\n"
    both, only = (parse_policy(text, "p", "")[0] for text in (asked + "upstream: http://a\n", asked))
    for old, new, said in (
        (both, only, "listen: a reload cannot change it from 127.0.0.1:8080 to off"),
        (only, both, "listen: a reload cannot change it from off to 127.0.0.1:8080"),
    ):
        (problem,) = restart_problems(old, new)
        assert problem.message == said
    other = "decide: {listen: 127.0.0.1:1, dialect: forwarded, headers: x-original, trust: private}\n"
    assert restart_problems(only, parse_policy("version: 1\n" + other, "p", "")[0]) == []


def test_grpc_needs_another_listener() -> None:
    plain, grpc = (
        read(f"decide: {{listen: 127.0.0.1:1, dialect: {dialect}}}\n") for dialect in ("mirror", "grpc")
    )
    (problem,) = restart_problems(plain, grpc)
    assert problem.message == (
        "decide: a reload cannot change it from 127.0.0.1:1 to 127.0.0.1:1 with dialect: grpc"
    )


def test_the_table_marks_the_same_keys() -> None:
    assert [one.key for one in POLICY.fields if not one.reloadable] == ["listen", "admin"]
    assert [one.key for one in DECIDE.fields if not one.reloadable] == ["listen"]
    assert [one.key for one in SERVER.fields if not one.reloadable] == ["workers", "tracing"]
