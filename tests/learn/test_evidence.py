from cors_proxy.learn import evidence as bounds
from cors_proxy.learn.seen import Asked, Granted, Seen

from .records import APP, EVIL, OTHER, endpoint, evidence, preflight, request


def test_what_a_preflight_and_a_request_show() -> None:
    found = endpoint(
        preflight(APP, APP, "PUT", ("x-token",)),
        request(APP, APP, "PUT", credentials=True, cookie=True),
        Seen("OPTIONS", "/items", APP, status=204, asked=Asked("PUT", ("x-no",)), granted=Granted(APP)),
    )
    tally = found.granted["PUT"][APP]
    assert (tally.preflights, tally.failed_preflights, tally.requests, tally.cookies) == (1, 1, 1, 1)
    assert tally.headers == {"x-token": 1} and tally.with_credentials == 1 and tally.cookies_known


def test_what_is_only_counted() -> None:
    found = evidence(
        request(None, ""),
        request("https://api.example.com", "", host="api.example.com"),
        request("https://own.example", ""),
        request("https://Upper.example", ""),
        request("app://Upper", "app://Upper"),
        request(APP, APP, path="/a//b"),
        request(APP, APP, status=404),
        request(APP, APP, host="bad host"),
        own=["https://own.example"],
    )
    assert not found.endpoints
    assert (found.without_origin, found.own, found.malformed_origins, found.odd_paths, found.absent) == (
        1,
        2,
        2,
        2,
        1,
    )


def test_sockets_are_apart() -> None:
    found = evidence(
        request(APP, None, websocket=True, status=101, host="api.example.com"),
        request("https://api.example.com", None, websocket=True, status=101, host="api.example.com"),
    )
    assert found.sockets.keys() == {APP}
    (socket,) = found.endpoints.values()
    assert socket.sockets == 2 and not socket.granted


def test_memory_is_bounded(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    for name in ("MAX_ENDPOINTS", "MAX_ORIGINS", "MAX_REFUSALS", "MAX_NAMES", "MAX_HOSTS"):
        monkeypatch.setattr(bounds, name, 3)
    monkeypatch.setattr(bounds, "MAX_TALLIES", 8)
    found = evidence()
    for number in range(10):
        word = f"w{number}x"
        found.add(request(f"https://{word}.example", f"https://{word}.example", path="/granted"))
        found.add(request(f"https://{word}.example", "", path="/refused"))
        found.add(request(f"https://{word}.example", None))
        found.add(request(APP, APP, path=f"/{word}"))
        found.add(request(APP, APP, host=f"{word}.example"))
        found.add(preflight(OTHER, OTHER, "PUT", (word,), path="/granted"))
        found.add(preflight(EVIL, "", "PUT", (word,), path="/refused"))
    assert len(found.endpoints) == 3 and len(found.unknown) == 3
    granted, refused, *_ = found.endpoints.values()
    assert len(granted.granted["GET"]) == 3 and len(refused.refused) == 3
    assert all(len(forms) <= 3 for forms in refused.refused_forms.values())
    assert found.beyond_bounds > 20


def test_names_take_room_once(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(bounds, "MAX_TEXT", 2 * len("x-token"))
    found = evidence(*[preflight(APP, APP, "PUT", ("x-token",))] * 3, preflight(APP, APP, "PUT", ("x-more",)))
    assert found.beyond_bounds == 2
    (endpoint,) = found.endpoints.values()
    assert endpoint.granted["PUT"][APP].headers == {"x-token": 3}


def test_a_list_of_headers_beyond_the_bound_shows_nothing() -> None:
    """A cut list might be one that the API grants."""
    found = evidence(preflight(APP, "", "PUT", tuple(f"x-{number}" for number in range(200))))
    assert not found.endpoints and found.beyond_bounds == 1
