"""What Chromium and Firefox copy for cmd.exe, and Microsoft's own examples."""

import pytest

from cors_proxy.explain.change import PolicyText
from cors_proxy.explain.cmd_quoting import is_cmd, split_cmd
from cors_proxy.explain.curl import read_curl

CHROMIUM = """curl ^"https://api.example/r?a=1^&b=^%^20^" ^
  -X ^"PUT^" ^
  -H ^"content-type: application/json^" ^
  -H ^"origin: https://app.example^" ^
  -H ^"sec-ch-ua: ^\\^"Chromium^\\^";v=^\\^"142^\\^"^" ^
  -b ^"a=b^" ^
  --data-raw ^"^{^\\^"text^\\^":^\\^"x^

y^\\^"^}^"
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_chromium(source: PolicyText, end: str) -> None:
    words = split_cmd(CHROMIUM.replace("\n", end))
    assert words[1] == "https://api.example/r?a=1&b=%20"
    assert words[-1] == '{"text":"x\ny"}'
    assert 'sec-ch-ua: "Chromium";v="142"' in words
    question = read_curl(source.read(), CHROMIUM.replace("\n", end)).question
    assert (question.method, question.origin, question.credentials) == (b"PUT", b"https://app.example", True)
    assert question.headers == ((b"content-type", b"application/json"),)


def test_firefox(source: PolicyText) -> None:
    command = (
        'curl.exe "https://api.example/r" ^\r\n  --request DELETE ^\r\n  -H "Origin: https://app.example"'
    )
    question = read_curl(source.read(), command).question
    assert (question.method, question.origin) == (b"DELETE", b"https://app.example")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('"a b c" d e', ["a b c", "d", "e"]),
        ('"ab\\"c" "\\\\" d', ['ab"c', "\\", "d"]),
        ("a\\\\\\b d\"e f\"g h", ["a\\\\\\b", "de fg", "h"]),
        ('a\\\\\\"b c d', ['a\\"b', "c", "d"]),
        ('a\\\\\\\\"b c" d e', ["a\\\\b c", "d", "e"]),
        ('"a""b" ""', ['a"b', ""]),
        ('a "^" ^^', ["a", "^", "^"]),
        ("", []),
    ],
)  # fmt: skip
def test_words(line: str, words: list[str]) -> None:
    assert split_cmd(line) == words


def test_what_is_for_cmd() -> None:
    assert not is_cmd("curl 'https://a/^x' \\\n -H 'a: b'")
    with pytest.raises(ValueError):
        split_cmd('curl ^"a')
