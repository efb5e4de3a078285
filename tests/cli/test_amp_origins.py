"""`amp-origins` lists a publisher's origins."""

import pytest

from cors_proxy.cli.main import main


def test_the_publisher_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["amp-origins", "https://example.com"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "https://example.com"
    assert {"https://example-com.cdn.ampproject.org", "https://example-com.www.bing-amp.com"} <= set(lines)
    assert main(["amp-origins", "https://example.com", "--cache", "cache.example"]) == 0
    assert all(line.endswith(".cache.example") for line in capsys.readouterr().out.splitlines()[1:])


@pytest.mark.parametrize(
    ("words", "right"),
    [
        (["https://example.com/"], "https://example.com"),
        (["https://bücher.ch"], "https://xn--bcher-kva.ch"),
        (["http://example.com"], "https"),
        (["https://*.example.com"], "exact"),
        (["null"], "exact"),
        (["https://example.com", "--cache", "https://c.example"], "c.example"),
    ],
)
def test_invalid_publishers(words: list[str], right: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["amp-origins", *words]) == 1
    out, err = capsys.readouterr()
    assert out == "" and right in err
