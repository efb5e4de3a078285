"""`server`, `listen` and `admin`."""

from dataclasses import fields

from cors_proxy.cors.place import Place
from cors_proxy.policy.fields import LIMITS, TIMEOUTS
from cors_proxy.policy.kinds import Reader
from cors_proxy.policy.model import Address, Admin, Limits, Server, Timeouts
from cors_proxy.policy.nodes import Scalar
from cors_proxy.policy.problems import Findings

from .reading import codes, read


def test_the_defaults() -> None:
    policy = read("")
    assert (policy.server, policy.listen, policy.admin) == (Server(), Address("127.0.0.1", 8080), Admin(Address("127.0.0.1", 9901)))


def test_the_reference_names_the_models_defaults() -> None:
    for keys, model in ((LIMITS, Limits()), (TIMEOUTS, Timeouts())):
        assert [one.key for one in keys.fields] == [one.name for one in fields(model)]
        for one in keys.fields:
            reader = Reader(Findings(), "")
            assert one.kind.decode(Scalar(one.default, Place("p", 1, 1)), "", reader) == getattr(model, one.key)


def test_every_key() -> None:
    server = read(
        "server: {workers: 2, trusted_proxies: [private, 10.0.0.0/8, 203.0.113.0/24], limits: {body_bytes: 1MiB},"
        " timeouts: {response_idle: 0}, drain: {delay: 1, timeout: 2m}, access_log: off, debug: true}\n"
    ).server
    assert (server.workers, server.limits, server.timeouts) == (2, Limits(body_bytes=1 << 20), Timeouts(response_idle=0))
    assert (server.drain_delay, server.drain_timeout, server.access_log, server.debug) == (1, 120, "off", True)
    assert len(server.trusted_proxies) == 9


def test_admin() -> None:
    assert read("admin: off\n").admin is None
    assert read("admin: unix:/run/admin.sock\n").admin == Admin(Address(path="/run/admin.sock"))
    assert read("admin: {listen: '[::1]:1', hosts: Admin.example}\n").admin == Admin(Address("::1", 1), ("admin.example",))
    assert read("admin: {hosts: [admin.example]}\n").admin == Admin(Address("127.0.0.1", 9901), ("admin.example",))
    assert codes("admin: false\n") == ["E204"]
    assert codes("admin: [x]\n") == ["E203"]
