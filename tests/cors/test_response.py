import pytest
from hypothesis import given
from hypothesis import strategies as st

from cors_proxy.cors.decision import Grant, Line, wire
from cors_proxy.cors.response import looks_at, removed_names, rewrite, strip

from .strategies import thorough

ACAO = (b"Access-Control-Allow-Origin", b"https://app.example")


def grant(*lines: Line, vary: tuple[bytes, ...] = (b"Origin",), **more: object) -> Grant:
    return Grant(lines, vary, **more)  # type: ignore[arg-type]


GRANT = grant(ACAO)


def lines(*texts: str) -> list[Line]:
    return [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, _, value in (text.partition(": ") for text in texts)
    ]


def test_everything_else_passes_as_it_came() -> None:
    upstream = lines(
        "Set-Cookie: a=1",
        "x-A:  two ",
        "Set-Cookie: b=2, c",
        "Date: x",
        "Accept-Ranges: bytes",
        "X-\xe9: \xff",
        "timing-allow-origin: *",
    )
    assert rewrite(GRANT, upstream) == [*upstream, (b"Vary", b"Origin"), ACAO]


@pytest.mark.parametrize(
    "name",
    [
        "Access-Control-Allow-Origin",
        "access-CONTROL-allow-credentials",
        "ACCESS-CONTROL-X",
        "Access-Control-Expose-Headers",
    ],
)
def test_cors_of_the_upstream_never_passes(name: str) -> None:
    upstream = lines(f"{name}: *", "X: 1", f"{name}: y")
    assert rewrite(GRANT, upstream) == [*lines("X: 1", "Vary: Origin"), ACAO]
    assert strip(upstream, GRANT) == lines("X: 1")
    assert rewrite(grant(vary=()), upstream) == lines("X: 1")


def test_hands_off() -> None:
    upstream = lines("Access-Control-Allow-Origin: *", "Vary: x")
    untouched = Grant(hands_off=True)
    assert rewrite(untouched, upstream) == strip(upstream, untouched) == upstream
    assert untouched.local_bytes == untouched.forwarded_bytes == b""


@pytest.mark.parametrize(("upstream", "merged"), [
    ([], ["Vary: Origin, AMP-Same-Origin"]),
    (["Vary: Accept"], ["Vary: Accept, Origin, AMP-Same-Origin"]),
    (["Vary: origin"], ["Vary: origin, AMP-Same-Origin"]),
    (["Vary: Accept,ORIGIN , amp-same-origin"], ["Vary: Accept,ORIGIN , amp-same-origin"]),
    (["Vary: Accept", "vary: Cookie"], ["Vary: Accept", "vary: Cookie, Origin, AMP-Same-Origin"]),
    (["Vary: Origin", "Vary: Cookie"], ["Vary: Origin", "Vary: Cookie, AMP-Same-Origin"]),
    (["Vary: *"], ["Vary: *"]),
    (["Vary: Accept", "Vary: * "], ["Vary: Accept", "Vary: * "]),
    (["Vary: Origin, AMP-Same-Origin,"], ["Vary: Origin, AMP-Same-Origin,"]),
    (["Via: Origin", "Vary: X"], ["Via: Origin", "Vary: X, Origin, AMP-Same-Origin"]),
    (["Vary: X", "Via: 1.1 x"], ["Vary: X, Origin, AMP-Same-Origin", "Via: 1.1 x"]),
    (["Vary: X-Origin-Id"], ["Vary: X-Origin-Id, Origin, AMP-Same-Origin"]),
    (["Vary: "], ["Vary: Origin, AMP-Same-Origin"]),
    (["Vary: Accept, "], ["Vary: Accept, Origin, AMP-Same-Origin"]),
])  # fmt: skip
def test_vary(upstream: list[str], merged: list[str]) -> None:
    assert rewrite(grant(vary=(b"Origin", b"AMP-Same-Origin")), lines(*upstream)) == lines(*merged)


def test_timing_is_the_policy_s_where_it_has_one() -> None:
    timed = grant(timing=b"https://app.example")
    upstream = lines("Timing-Allow-Origin: *", "Accept-Ranges: none", "Tk: N")
    assert rewrite(timed, upstream) == lines(
        "Accept-Ranges: none", "Tk: N", "Vary: Origin", "Timing-Allow-Origin: https://app.example"
    )
    assert timed.local_bytes == b"Vary: Origin\r\n"


def test_resource_policy_is_added_where_there_is_none() -> None:
    policy = grant(vary=(), resource_policy=b"same-site")
    for others in ([], lines("Cache-Control: x", "Content-Type: y", "Cross-Origin-Opener-Policy: z")):
        assert rewrite(policy, others) == [*others, *lines("Cross-Origin-Resource-Policy: same-site")]
    assert rewrite(policy, lines("cross-origin-resource-POLICY: x")) == lines(
        "cross-origin-resource-POLICY: x"
    )


def test_amp_headers_of_the_upstream_go_on_amp_routes() -> None:
    upstream = lines(
        "AMP-Email-Allow-Sender: *", "amp-access-control-allow-source-origin: x", "AMP-Redirect-To: y"
    )
    assert rewrite(grant(vary=(), amp=True), upstream) == lines("AMP-Redirect-To: y")
    assert rewrite(grant(vary=()), upstream) == upstream


def test_expose_all_names_what_the_response_carries() -> None:
    upstream = lines(
        "X-A: 1",
        "x-a: 2",
        "Set-Cookie: s",
        "Content-Type: x",
        "Access-Control-Allow-Headers: x",
        "X-B: 3",
        "Transfer-Encoding: chunked",
        "a b: x",
    )
    found = rewrite(grant(ACAO, vary=(), expose_all=True), upstream)
    assert found[-1] == (b"Access-Control-Expose-Headers", b"X-A, X-B")
    assert rewrite(grant(ACAO, vary=(), expose_all=True), []) == [ACAO]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"timing": b"*"},
        {"resource_policy": b"same-site"},
        {"vary": ()},
        {"timing": b"x", "vary": (b"A", b"B")},
    ],
)
def test_what_is_added_to_a_response_that_has_nothing_of_it(more: dict[str, object]) -> None:
    """The data path writes it as it is, behind lines that are not looked at."""
    plain = lines("Server: x", "Cache-Control: y", "X-Timing-Allow-Origin: z")
    one = grant(ACAO, **more)  # type: ignore[arg-type]
    assert not any(looks_at(name.lower()) for name, _ in plain)
    assert wire(rewrite(one, plain)) == wire(plain) + one.forwarded_bytes


@pytest.mark.parametrize(
    "name",
    [
        "vary",
        "access-control-x",
        "timing-allow-origin",
        "cross-origin-resource-policy",
        "amp-email-allow-sender",
    ],
)
def test_what_is_looked_at(name: str) -> None:
    assert looks_at(name.encode())


names = st.sampled_from(
    [
        b"Access-Control-Allow-Origin",
        b"access-control-allow-origin",
        b"Vary",
        b"VARY",
        b"X",
        b"Timing-Allow-Origin",
        b"Accept",
        b"",
    ]
)
values = st.sampled_from([b"*", b"Origin", b"origin, x", b"", b",", b"https://evil.example"]) | st.binary(
    max_size=8
)


@pytest.mark.parametrize("timing", [None, b"*"])
@pytest.mark.parametrize("amp", [False, True])
@pytest.mark.parametrize("storage_access", [False, True])
def test_removed_names_are_those_that_it_removes(
    timing: bytes | None, amp: bool, storage_access: bool
) -> None:
    given = Grant(timing=timing, amp=amp, storage_access=storage_access)
    removed = {
        name
        for name in (
            b"access-control-allow-origin",
            b"access-control-x",
            b"timing-allow-origin",
            b"activate-storage-access",
            b"amp-email-allow-sender",
            b"amp-access-control-allow-source-origin",
            b"cross-origin-resource-policy",
            b"vary",
        )
        if not strip([(name, b"1")], given)
    }
    first, *others = removed_names(given)
    assert first == b"Access-Control-*" and len(others) == len(set(others))
    assert {name for name in removed if not name.startswith(b"access-control-")} == {
        name.lower() for name in others
    }


@thorough
@given(st.lists(st.tuples(names, values), max_size=6))
def test_one_grant_and_every_vary(upstream: list[Line]) -> None:
    found = rewrite(GRANT, upstream)
    assert [value for name, value in found if name.lower() == b"access-control-allow-origin"] == [ACAO[1]]
    members = [
        part.strip() for name, value in found if name.lower() == b"vary" for part in value.lower().split(b",")
    ]
    assert b"*" in members or members.count(b"origin") >= 1
    untouched = [line for line in upstream if line[0] in (b"X", b"Accept", b"Timing-Allow-Origin")]
    assert [line for line in found if line in untouched] == untouched
