"""The memory of the admin page: bounded, whatever clients send, and what the API granted stays."""

from dataclasses import replace

import pytest

from cors_proxy.learn import memory
from cors_proxy.learn.evidence import Evidence
from cors_proxy.learn.memory import MAX_GRANTED, MAX_OTHER, Memory
from cors_proxy.learn.policy_text import policy_text
from cors_proxy.learn.proposal import propose
from tests.learn.records import APP, EVIL, preflight, request

GOOD = [request(APP, APP), request(EVIL, ""), preflight(APP, APP, headers=("x-a",)), preflight(EVIL, "")]


def proposed(found: Evidence) -> str:
    return policy_text(propose(found), "http://api:3000")


def test_it_proposes_what_the_lines_would() -> None:
    kept, whole = Memory(), Evidence()
    for seen in [*GOOD, *GOOD, request(APP, APP, path="/items/17"), request(APP, "", status=404)]:
        kept.add(seen)
        whole.add(seen)
    assert proposed(kept.evidence()) == proposed(whole) and APP in proposed(whole)
    assert kept.evidence().absent == 1 and not kept.notes()


def test_a_flood_of_hostile_origins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MAX_BYTES", 200_000)
    kept = Memory()
    for seen in GOOD:
        kept.add(seen)
    before = proposed(kept.evidence())
    for number in range(3000):
        kept.add(request(f"https://x{number}.example", "", path=f"/x{number}y"))
    assert kept.size <= 200_000
    assert before.split("# Left out")[0] == proposed(kept.evidence()).split("# Left out")[0]
    kept.add(request(APP, APP, path="/later"))  # a grant has room at once
    assert any(parts == ("later",) for _, parts in kept.evidence().endpoints)
    assert "memory of this page is full" in kept.notes()[0]


def test_a_path_has_a_bounded_number_of_records() -> None:
    kept = Memory()
    for number in range(MAX_GRANTED + 100):
        origin = f"https://x{number}.example"
        kept.add(request(origin, origin))
        kept.add(request(origin, ""))
    assert len(kept) == MAX_GRANTED + MAX_OTHER and kept.beyond == 100 + MAX_GRANTED + 100 - MAX_OTHER


def test_100_000_hostile_origins() -> None:
    kept = Memory()
    for seen in GOOD:
        kept.add(seen)
    flood = request(EVIL, "")
    for number in range(100_000):
        kept.add(replace(flood, origin=f"https://x{number}.example"))
    assert len(kept) <= 4 + MAX_OTHER and APP in proposed(kept.evidence())


def test_what_is_long_or_odd_is_not_kept() -> None:
    kept = Memory()
    kept.add(request(f"https://{'x' * 5000}.example", ""))
    kept.add(request(APP, APP, path="/a%2fb"))
    assert len(kept) == 0 and kept.beyond == 2
