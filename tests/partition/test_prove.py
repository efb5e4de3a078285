"""What is said to hold is not contradicted by random requests; a counter-example is one."""

import pytest

from cors_proxy.cors.judge import judge
from cors_proxy.partition import limits
from cors_proxy.partition.prove import prove
from tests.change.assertions import built, run
from tests.policy.reading import read

POLICY = read(
    "cors: {origins: ['https://*.example.com']}\nroutes: [{path: /admin/**, cors: {methods: [GET, DELETE]}}]"
)


def test_random_requests_do_not_contradict() -> None:
    holding = [run(seed, 200) for seed in (4,)]
    assert sum(held for held, _ in holding) >= 1 and sum(broken for _, broken in holding) >= 1


def test_proofs_in_their_order() -> None:
    assertions = built(
        [
            {"never": {"origin": "not https://*.example.com", "method": "DELETE"}},
            {"never": {"method": "DELETE"}},
            {"public": "none"},
        ]
    )
    holds, fails, public = prove(POLICY.spec, POLICY.site, assertions)
    assert (holds.holds, fails.holds, public.holds) == (True, False, True)
    assert fails.counter_example is not None and fails.decision is not None
    assert fails.counter_example.request.path == b"/admin"
    assert judge(POLICY.site, fails.counter_example.request).decision.rule == fails.decision.rule
    assert prove(POLICY.spec, POLICY.site, ()) == []


def test_it_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PATHS", 1)
    (proof,) = prove(POLICY.spec, POLICY.site, built([{"public": "none"}]))
    assert not proof.holds and proof.gave_up.startswith("more than 1 ways")
