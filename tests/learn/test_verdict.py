from dataclasses import replace

import pytest

from cors_proxy.learn.seen import Granted, Seen
from cors_proxy.learn.verdict import Verdict, passes_preflight, verdict

from .records import APP, EVIL, preflight, request


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (request(APP, APP), Verdict.GRANTED),
        (request(APP, APP, status=401), Verdict.GRANTED),
        (request(APP, APP, status=404), Verdict.ABSENT),
        (request(APP, APP, status=502), Verdict.ABSENT),
        (request(APP, "*"), Verdict.ANYONE),
        (request(APP, EVIL), Verdict.REFUSED),
        (request(APP, "null"), Verdict.UNKNOWN),
        (request(APP, ""), Verdict.REFUSED),
        (request(APP, "", status=302), Verdict.REFUSED),
        (request(APP, "", status=403), Verdict.MAYBE_REFUSED),
        (request(APP, "", status=429), Verdict.UNKNOWN),
        (request(APP, None), Verdict.UNKNOWN),
        (request(None, ""), Verdict.UNKNOWN),
        (request(APP, APP, websocket=True), Verdict.UNKNOWN),
        (request(APP, APP, status=0), Verdict.UNKNOWN),
        (preflight(APP, APP), Verdict.GRANTED),
        (preflight(APP, APP, status=401), Verdict.ABSENT),
        (preflight(APP, ""), Verdict.REFUSED),
    ],
)
def test_verdicts(seen: Seen, expected: Verdict) -> None:
    assert verdict(seen) is expected


@pytest.mark.parametrize("status", [403, 500])
def test_a_person_may_say_how_the_api_refuses(status: int) -> None:
    assert verdict(request(APP, "", status=status), [status]) is Verdict.REFUSED


def test_a_preflight_passes_as_in_a_browser() -> None:
    seen = preflight(APP, APP, "PUT", ("x-token",))
    assert seen.granted is not None and passes_preflight(seen)
    for methods, headers, expected in (
        (("PUT",), (), False),
        (("DELETE",), ("x-token",), False),
        (("*",), ("*",), True),
    ):
        assert passes_preflight(replace(seen, granted=Granted(APP, False, methods, headers))) is expected
    assert not passes_preflight(request(APP, APP)) and not passes_preflight(replace(seen, granted=None))
