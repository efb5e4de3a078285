from cors_proxy.learn.seen import Granted, granted_by


def test_by_the_lines_of_a_response() -> None:
    lines = [
        ("Access-Control-Allow-Origin", " https://app.example.com\t"),
        ("access-control-allow-methods", "GET,"),
        ("access-control-allow-methods", " PUT"),
        ("Access-Control-Allow-Credentials", "True"),
        ("Content-Type", "text/plain"),
    ]
    assert granted_by(lines) == Granted("https://app.example.com", False, ("GET", "PUT"))
    assert granted_by([]) == Granted("")
