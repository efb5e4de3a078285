"""The proposed policy is valid YAML that `check` accepts, whatever the records hold."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cors_proxy.learn.cases_text import cases_text
from cors_proxy.learn.checked import failing_cases, read_back
from cors_proxy.learn.evidence import Evidence
from cors_proxy.learn.policy_text import policy_text
from cors_proxy.learn.proposal import propose
from cors_proxy.learn.seen import Asked, Granted, Seen

from .records import APP, OTHER, evidence, preflight, request

# Text of a visitor: of an Origin, a path, a header's name
HOSTILE = st.one_of(
    st.sampled_from(
        [
            "", "*", "null", APP, "https://a.example\n    - https://evil.example", "# x", "${HOME}", "'\"", "\x1b[2J",
            "https://[::1]:8080", "app://", "chrome-extension://abc", "/", "/a/b", "/a/1", "/A/b", "/a: b", "/~", "/null",
            "/-", "/yes/{x}", "/a/B/", "/..;/x", "x-a", "x-a: 1", "authorization", "GET", "PUT", "\ud800", "\u2028",
        ]
    ),
    st.text(max_size=30),
)  # fmt: skip
ORIGINS = st.one_of(
    HOSTILE, st.sampled_from([APP, OTHER, "https://x.y.example", "http://h", "https://co.uk"])
)
NAMES = st.lists(HOSTILE, max_size=3).map(tuple)
GRANTED = st.builds(Granted, ORIGINS, st.booleans(), NAMES, NAMES, NAMES)
ASKED = st.builds(Asked, HOSTILE, NAMES)
PATHS = st.one_of(HOSTILE, st.builds(lambda parts: "/" + "/".join(parts), st.lists(HOSTILE, max_size=3)))
SEEN = st.builds(
    Seen, st.one_of(HOSTILE, st.sampled_from(["GET", "PUT", "POST"])), PATHS, st.none() | ORIGINS, HOSTILE, HOSTILE,
    st.sampled_from([0, 101, 200, 204, 403, 404]), st.none() | ASKED, st.booleans(), st.none() | GRANTED,
    st.none() | st.booleans(), st.none() | st.lists(HOSTILE, max_size=2).map(tuple),
)  # fmt: skip
REFLECTING = SEEN.map(
    lambda seen: Seen(
        seen.method, seen.path, seen.origin, seen.host, seen.time, 200, seen.asked, False,
        Granted(seen.origin or "", True, ("*",), seen.asked.headers if seen.asked else ()), True, seen.sent,
    )
)  # fmt: skip
# Each origin that was granted was then refused under another name, so that rules arise.
REFUSING = REFLECTING.map(
    lambda seen: Seen(
        seen.method, seen.path, OTHER, seen.host, seen.time, 200, None, False, Granted(APP), False
    )
)


def check(found: Evidence) -> str:
    proposal = propose(found)
    text = policy_text(proposal, "http://api:3000", ["a note"])
    assert all(" " <= character < "\x7f" or character == "\n" for character in text)
    policy = read_back(text)
    assert failing_cases(policy, cases_text(proposal)) == []
    return text


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(SEEN, REFLECTING, REFUSING), max_size=12), st.lists(REFLECTING, max_size=4))
def test_hostile_records(records: list[Seen], reflected: list[Seen]) -> None:
    refused = [
        Seen(each.method, each.path, OTHER, each.host, "", 200, None, False, Granted(APP))
        for each in reflected
    ]
    check(evidence(*records, *reflected, *refused))


def test_each_line_has_its_evidence() -> None:
    text = check(
        evidence(
            request(APP, APP, credentials=True, cookie=True, time="2026-11-28T10:02:03Z"),
            preflight(APP, APP, "PUT", ("x-token",)),
            request(OTHER, "", time="2026-11-29T03:10:00Z"),
        )
    )
    assert "- https://app.example.com  # granted once, 2026-11-28 10:02" in text
    assert "headers: [X-Token]  # x-token 1" in text
    assert "credentials: true  # the API allows it; a Cookie came once" in text
    assert "#   https://other.example: the API refused it; once, 2026-11-29 03:10 (/items)" in text


def test_a_pattern_is_a_comment_and_never_above_a_public_suffix() -> None:
    def siblings(count: int, parent: str) -> str:
        origins = [f"https://t{number}x.{parent}" for number in range(count)]
        return check(evidence(*(request(origin, origin) for origin in origins), request(OTHER, "")))

    assert '        # - "https://*.shop.example"  # instead of 5 of them' in siblings(5, "shop.example")
    assert "*" not in siblings(4, "shop.example") and "*" not in siblings(9, "github.io")


def test_hosts_are_named_where_there_are_several() -> None:
    records = [
        seen
        for host in ("a.example", "b.example")
        for seen in (request(APP, APP, host=host), request(OTHER, "", host=host))
    ]
    assert "    host: [b.example]" in check(evidence(*records))
    assert "    host:" not in check(evidence(*records[:2]))
