"""Each policy of docs/apps.md allows what the section's apps send, and nothing else."""

import re
from pathlib import Path

import pytest

from cors_proxy.cors.decision import Answer, Decision, Forward, Refuse
from cors_proxy.cors.judge import judge
from cors_proxy.cors.request import read
from cors_proxy.policy.model import Policy
from cors_proxy.policy.read import parse_policy

TEXT = (Path(__file__).parent.parent / "docs/apps.md").read_text()
SECTIONS = {part.partition("\n")[0]: part for part in TEXT.split("\n## ")[1:]}
WARNED = {"Extensions of Firefox and Safari": ["W404", "W404"], "VS Code": ["W404"]}
NATIVE = "React Native, Flutter and other native code"


def policy_text(section: str) -> str:
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", SECTIONS[section], re.MULTILINE | re.DOTALL)
    return str(block)


def policy_of(section: str) -> tuple[Policy, list[str]]:
    policy, warnings = parse_policy(policy_text(section), "apps.md", "")
    return policy, [warning.code for warning in warnings]


def origins_of(section: str) -> list[bytes]:
    (sends,) = re.findall(r"^Sends: (.*?)\n\n", SECTIONS[section], re.MULTILINE | re.DOTALL)
    return [
        origin.encode() for origin in re.findall(r"`([\w-]+://[\w.-]*)`", re.sub(r"\([^)]*\)", "", sends))
    ]


def ask(policy: Policy, method: bytes, *lines: tuple[bytes, bytes]) -> Decision:
    request = read(method, b"/items", [(b"Host", b"api.example.com"), *lines])
    return judge(policy.site, request).decision


@pytest.mark.parametrize("section", SECTIONS)
def test_the_policy_has_no_problem_but_those_that_the_text_names(section: str) -> None:
    assert policy_of(section)[1] == WARNED.get(section, [])


@pytest.mark.parametrize("section", [name for name in SECTIONS if name != NATIVE])
def test_what_the_app_sends_is_granted(section: str) -> None:
    policy, _ = policy_of(section)
    assert origins_of(section)
    for origin in origins_of(section):
        real = ask(policy, b"POST", (b"Origin", origin))
        assert isinstance(real, Forward)
        assert (b"Access-Control-Allow-Origin", origin) in real.grant.lines
        asked = ask(
            policy,
            b"OPTIONS",
            (b"Origin", origin),
            (b"Access-Control-Request-Method", b"POST"),
            (b"Access-Control-Request-Headers", b"authorization,content-type"),
        )
        assert isinstance(asked, Answer)
        assert (b"Access-Control-Allow-Origin", origin) in asked.grant.lines


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize(
    "origin",
    [
        b"null",
        b"file://",
        b"https://evil.example",
        b"http://localhost.evil.example",
        b"capacitor://localhost.evil.example",
        b"app://other",
        b"chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba",
        b"moz-extension://",
        b"vscode-webview://",
        b"vscode-webview://x:80",
    ],
)
def test_all_else_is_refused(section: str, origin: bytes) -> None:
    assert isinstance(ask(policy_of(section)[0], b"POST", (b"Origin", origin)), Refuse)


@pytest.mark.parametrize("section", SECTIONS)
def test_native_code_needs_no_origin(section: str) -> None:
    policy, _ = policy_of(section)
    for method in (b"GET", b"POST", b"DELETE"):
        assert isinstance(ask(policy, method), Forward)


def test_a_web_socket_of_react_native() -> None:
    policy, _ = policy_of(NATIVE)
    socket = [
        (b"Connection", b"Upgrade"),
        (b"Upgrade", b"websocket"),
        (b"Sec-WebSocket-Key", b"x" * 22 + b"=="),
    ]
    assert origins_of(NATIVE) == [b"https://api.example.com"]
    for origin, kind in ((b"https://api.example.com", Forward), (b"https://evil.example", Refuse)):
        assert isinstance(
            ask(policy, b"GET", (b"Origin", origin), (b"Sec-WebSocket-Version", b"13"), *socket), kind
        )
