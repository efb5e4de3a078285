"""The corpus in `tests/cases/*.yaml`: policies, requests and expectations.

Several runners read it, and must agree. A block has a policy (without version, listen and
upstream), perhaps other files, and cases. A case:

    name: what happens, in a sentence; unique, and cited by docs/decision-table.md
    row: the row of docs/decision-table.md
    request: METHOD TARGET | Name: value | …
    upstream: STATUS | Name: value | …
    expect: VERB [STATUS] REASON | Name: value | …
    target: the target that reaches the API, if it differs
    headers: the same as `expect` in that mode, if it cannot be derived

In `request`, `websocket` stands for the lines of a handshake, and `\\xNN` for a byte. `upstream` is
the API's answer; by default 200 without lines of interest. VERB is forward, answer or refuse;
`expect` lists all lines of interest of the response: those of CORS and AMP, Vary,
Timing-Allow-Origin, Cross-Origin-Resource-Policy and Activate-Storage-Access.

Each block runs in the three modes. In `headers` a refusal (but for row 1 and preflights) is
forwarded without a grant. In `report` everything is forwarded, and comes back unchanged. A block
with `modes: false` sets its modes itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

CASES = Path(__file__).parent / "cases"
Line = tuple[bytes, bytes]
ROW_ONE = ("repeated-header", "header-bytes", "ambiguous-path", "host-not-allowed")
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
_HANDSHAKE = (
    "Connection: Upgrade | Upgrade: websocket | Sec-WebSocket-Version: 13 | Sec-WebSocket-Key: "
    "dGhlIHNhbXBsZSBub25jZQ=="
)
_SWITCHING = f"101 | Upgrade: websocket | Connection: Upgrade | Sec-WebSocket-Accept: {ACCEPT.decode()}"


@dataclass(frozen=True)
class Policy:
    """`text` lacks only `listen` and `upstream`; `name` is unique."""

    name: str
    text: str
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Case:
    id: str
    name: str
    row: str
    policy: Policy
    mode: str  # "" if the policy sets its modes itself
    method: bytes
    target: bytes
    lines: tuple[Line, ...]  # with Host
    upstream_status: int
    upstream_lines: tuple[Line, ...]
    verb: str
    status: int
    reason: str
    expected: tuple[Line, ...]  # sorted
    upstream_target: bytes


def cases() -> list[Case]:
    return [case for file in sorted(CASES.glob("*.yaml")) for block in read_blocks(file) for case in block]


def read_blocks(file: Path) -> Iterator[list[Case]]:
    """The cases of each block, in each of its modes."""
    for number, block in enumerate(yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)):
        name = f"{file.stem}-{number}"
        files = tuple((block.get("files") or {}).items())
        for mode in [""] if block.get("modes") == "false" else ["enforce", "headers", "report"]:
            text = (f"version: 1\nmode: {mode}\n" if mode else "version: 1\n") + block["policy"]
            policy = Policy(f"{name}-{mode}" if mode else name, text, files)
            yield [_in_mode(_case(policy, mode, entry), entry) for entry in block["cases"]]


def of_interest(lines: list[Line]) -> tuple[Line, ...]:
    """The lines that an expectation lists, sorted; names in lower case."""
    found = [(name.lower(), value) for name, value in lines]
    return tuple(sorted(line for line in found if _interesting(line[0])))


def _interesting(name: bytes) -> bool:
    return name.startswith((b"access-control-", b"amp-")) or name in (
        b"vary",
        b"timing-allow-origin",
        b"cross-origin-resource-policy",
        b"activate-storage-access",
    )


def _case(policy: Policy, mode: str, entry: dict[str, Any]) -> Case:
    first, lines = _lines(re.sub(r"\bwebsocket$", _HANDSHAKE, entry["request"]))
    method, target = first.split(b" ")
    if not any(name.lower() == b"host" for name, _ in lines):
        lines.insert(0, (b"Host", b"api.example"))
    scripted = _SWITCHING if entry["request"].endswith("| websocket") else "200 | X-Total: 7"
    status, upstream = _lines(entry.get("upstream", scripted))
    verb, code, reason, expected = _expectation(entry["expect"])
    code = code or {"forward": int(status), "answer": 204, "refuse": 403}[verb]
    goal = _bytes(entry["target"]) if "target" in entry else target
    upstream_status = int(status)
    return Case(
        f"{policy.name}/{entry['name']}",
        entry["name"],
        entry["row"],
        policy,
        mode,
        method,
        target,
        tuple(lines),
        upstream_status,
        tuple(upstream),
        verb,
        code,
        reason,
        expected,
        goal,
    )


def _in_mode(case: Case, entry: dict[str, Any]) -> Case:
    preflight = case.method == b"OPTIONS" and b"access-control-request-method" in {
        name.lower() for name, _ in case.lines
    }
    if case.mode == "report":
        return replace(
            case,
            verb="forward",
            status=case.upstream_status,
            expected=of_interest(list(case.upstream_lines)),
            upstream_target=case.target,
        )
    if case.mode == "headers" and "headers" in entry:
        verb, code, reason, expected = _expectation(entry["headers"])
        return replace(case, verb=verb, status=code or case.upstream_status, reason=reason, expected=expected)
    if case.mode == "headers" and case.verb == "refuse" and case.reason not in ROW_ONE and not preflight:
        vary = tuple(
            (name, value.removesuffix(b", Sec-Fetch-Site"))
            for name, value in case.expected
            if name == b"vary"
        )
        return replace(case, verb="forward", status=case.upstream_status, expected=vary)
    return case


def _expectation(text: str) -> tuple[str, int, str, tuple[Line, ...]]:
    first, lines = _lines(text)
    verb, *status, reason = first.decode("ascii").split(" ")
    return verb, int(status[0]) if status else 0, reason, of_interest(lines)


def _lines(text: str) -> tuple[bytes, list[Line]]:
    first, *rest = _bytes(text).split(b" | ")
    return first, [
        (name, value.removeprefix(b" ")) for name, _, value in (line.partition(b":") for line in rest)
    ]


def _bytes(text: str) -> bytes:
    return re.sub(rb"\\x([0-9a-f]{2})", lambda match: bytes.fromhex(match[1].decode()), text.encode("utf-8"))
