from cors_proxy.proxy.recorder import Exchange


def test_an_exchange_begins_without_an_end() -> None:
    made = Exchange(b"GET", b"/", "192.0.2.1", "http", "1.1", 1.0, origin=b"null")
    assert (made.status, made.fault, made.ended, made.upstream_seconds, made.enforced, made.origin) == (
        0,
        None,
        0.0,
        None,
        True,
        b"null",
    )
