"""A comparison as Markdown."""

from cors_proxy.change.markdown import as_markdown, escape
from tests.change.comparing import compared


def test_a_finding() -> None:
    text = as_markdown(
        compared("", "cors: {origins: ['https://*.a.example']}\nserver: {workers: 2}\n"), "new.yaml"
    )
    assert "🔴 **danger**: https://\\*.a.example: may now read responses" in text
    assert "* new: new.yaml:3" in text and "```sh\ncors-proxy explain" in text
    assert "* server.workers: 1 -\\> 2" in text


def test_nothing() -> None:
    assert as_markdown(compared("", ""), "new.yaml").endswith("Both policies mean the same.\n")


def test_no_text_is_markup() -> None:
    assert escape("*[a](b) <c>`") == "\\*\\[a\\]\\(b\\) \\<c\\>\\`"
