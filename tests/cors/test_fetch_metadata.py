import pytest

from cors_proxy.cors.fetch_metadata import cross_site


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("site", [None, "cross-site", "same-site", "none", "same-origin", "bogus"])
def test_safe_methods_pass(method: str, site: str | None) -> None:
    assert not cross_site(method.encode(), None if site is None else site.encode())


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "PROPFIND", "QUERY"])
@pytest.mark.parametrize(("site", "refused"), [
    (None, False), ("none", False), ("same-origin", False), ("cross-site", True), ("same-site", True), ("bogus", True), ("", True),
    ("Same-Origin", True), ("same-origin, none", True),
])  # fmt: skip
def test_unsafe_methods(method: str, site: str | None, refused: bool) -> None:
    assert cross_site(method.encode(), None if site is None else site.encode()) is refused
