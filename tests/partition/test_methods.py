"""Methods that a policy names, and one that it does not."""

from cors_proxy.partition.methods import MALFORMED, UNKNOWN, method_candidates, treated_alike, unnamed


def test_the_named_ones_and_one_more() -> None:
    found = method_candidates(["PUT", "LOCK"])
    assert found == [b"GET", b"HEAD", b"POST", b"OPTIONS", b"PUT", b"LOCK", b"DELETE", UNKNOWN, MALFORMED]
    assert unnamed(found) == b"DELETE"


def test_the_standards_tell_some_apart() -> None:
    assert len({treated_alike(method) for method in method_candidates([])}) == 7
    assert treated_alike(b"PUT") == treated_alike(b"DELETE") != treated_alike(UNKNOWN)
