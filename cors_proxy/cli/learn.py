"""`learn`: proposes a policy from what was seen, and shows what it left out.

The admin page of a running proxy does the same from its memory (`operate/page/proposed.py`)."""

import argparse
import os
import sys
from pathlib import Path
from typing import IO, Final

from ..cors.origin import parse_origin
from ..learn.additions import add_to, additions_lines
from ..learn.cases_text import cases_text
from ..learn.checked import failing_cases, read_back
from ..learn.comment import safe, times
from ..learn.evidence import Evidence
from ..learn.formats import read_line
from ..learn.har import read_har
from ..learn.lines import open_log, read_lines
from ..learn.notes import notes
from ..learn.openapi import Operation, read_openapi
from ..learn.policy_text import policy_text
from ..learn.probe import Probe, parse_target
from ..learn.proposal import Proposal, propose
from ..policy.files import decode_utf8, read_file
from ..policy.model import Policy
from ..policy.problems import PolicyProblems
from .policy_text import read_policy_text
from .progress import Progress

STDIN: Final = "-"
UPSTREAM: Final = "${UPSTREAM:-http://localhost:3000}"
MAX_HAR: Final = 256 << 20


class _Unreadable(Exception):
    """The message says what is wrong with the arguments, or with a file."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        help="an access log (also .gz), or a browser's HAR file (.har); - is a log on stdin",
    )
    parser.add_argument(
        "-c", "--config", metavar="FILE", help="propose additions to this policy, as a diff, and no new one"
    )
    parser.add_argument(
        "--upstream",
        metavar="URL",
        help="the API, for the policy; default: that of --probe, or http://localhost:3000",
    )
    parser.add_argument(
        "--self-origin",
        metavar="ORIGIN",
        action="append",
        default=[],
        help="an origin of the API itself, whose pages need no grant; can be repeated",
    )
    parser.add_argument(
        "--probe",
        metavar="URL",
        help="ask this API what it grants, by OPTIONS, GET and HEAD, without cookies: http://localhost:3000",
    )
    parser.add_argument(
        "--openapi", metavar="FILE", help="the API's OpenAPI file: it tells which parts of a path are values"
    )
    parser.add_argument(
        "--origin",
        metavar="ORIGIN",
        action="append",
        default=[],
        help="an origin that --probe asks about on every path of --openapi; can be repeated",
    )
    parser.add_argument(
        "--refusal-status",
        metavar="STATUS",
        action="append",
        type=int,
        default=[],
        help="the API refuses foreign origins with this status, such as 403; can be repeated",
    )
    parser.add_argument(
        "--cases", metavar="FILE", default="cases.yaml", help="where to write tests; default cases.yaml"
    )
    parser.add_argument("--force", action="store_true", help="overwrite the file of tests")


def run(args: argparse.Namespace) -> int:
    """Returns 0 if it proposes a route, 1 if nothing was proven, and 2 for what it cannot read."""
    try:
        if os.path.exists(args.cases) and not args.force:
            raise _Unreadable(f"{args.cases} exists; --force overwrites it")
        operations = _operations(args)
        evidence = Evidence(args.refusal_status, args.self_origin, operations)
        for name in args.files:
            _read(evidence, name)
        for operation in operations:
            for origin in args.origin:
                evidence.expect(operation, origin)
        told = notes(evidence)
        if args.probe:
            told += _probe(evidence, args.probe)
        proposal = propose(evidence)
        if args.config is not None:
            return _additions(args, proposal, told)
        text = policy_text(proposal, args.upstream or args.probe or UPSTREAM, told)
        policy = read_back(text)
    except _Unreadable as wrong:
        return _failed(str(wrong))
    except PolicyProblems as refused:
        # Of -c, or of --upstream: all else is of our making.
        return _failed("\n".join(str(problem) for problem in refused.problems if problem.error))
    print(text, end="")
    return _finish(args, policy, proposal, cases_text(proposal))


def _additions(args: argparse.Namespace, proposal: Proposal, told: list[str]) -> int:
    """The diff of the policy that -c names, after what a person has to read."""
    source, _ = read_policy_text(args.config, os.environ)
    added = add_to(source, [rule for rule in proposal.rules if rule.origins])
    print("\n".join(additions_lines(added, proposal.left, told, args.config)))
    unchanged = {each.what for each in added.left}
    kept = Proposal([rule for rule in proposal.rules if not unchanged & rule.origins.keys()], [])
    return _finish(args, added.policy, kept, cases_text(kept, foreign=False))


def _finish(args: argparse.Namespace, policy: Policy, proposal: Proposal, cases: str) -> int:
    assert not failing_cases(policy, cases)
    if not any(rule.origins for rule in proposal.rules):
        print("cors-proxy learn: nothing was proven; the list of what was left out says why", file=sys.stderr)
        return 1
    try:
        Path(args.cases).write_text(cases, "utf-8")
    except OSError as error:
        return _failed(str(error))
    print(f"cors-proxy learn: wrote {args.cases}", file=sys.stderr)
    return 0


def _failed(message: str) -> int:
    print(f"cors-proxy learn: {message}", file=sys.stderr)
    return 2


def _operations(args: argparse.Namespace) -> list[Operation]:
    """Those of --openapi.  Raises `_Unreadable` also where the arguments do not go together."""
    if args.origin and not (args.openapi and args.probe):
        raise _Unreadable("--origin needs --openapi and --probe")
    if not args.files and not args.origin:
        raise _Unreadable("nothing to read: name a log or a HAR file, or --openapi, --probe and --origin")
    for origin in args.origin:
        if parse_origin(origin.encode("utf-8", "replace")) is None:
            raise _Unreadable(f"--origin {origin}: not an origin such as https://app.example.com")
    if not args.openapi:
        return []
    try:
        text = decode_utf8(read_file(args.openapi), args.openapi)
        return read_openapi(text, args.openapi)
    except (OSError, ValueError) as error:
        raise _Unreadable(f"{args.openapi}: {error}") from None


def _read(evidence: Evidence, name: str) -> None:
    path = Path(name)
    try:
        if path.suffix == ".har":
            if path.stat().st_size > MAX_HAR:
                raise _Unreadable(f"{name}: larger than {MAX_HAR >> 20} MiB")
            for seen in read_har(decode_utf8(path.read_bytes(), name)):
                evidence.add(seen)
        elif name == STDIN:
            _read_log(evidence, sys.stdin.buffer, "stdin", 0)
        else:
            with open_log(path) as stream:
                _read_log(evidence, stream, name, 0 if path.suffix == ".gz" else path.stat().st_size)
    except (OSError, EOFError, ValueError) as error:
        raise _Unreadable(f"{name}: {error}") from None


def _read_log(evidence: Evidence, stream: IO[bytes], name: str, size: int) -> None:
    progress = Progress(os.path.basename(name), size)
    other, long, first = 0, 0, ""
    for line in read_lines(stream, progress.add):
        if line is None:
            long += 1
            continue
        seen = read_line(line)
        if seen is not None:
            evidence.add(seen)
        elif line.strip():
            other += 1
            first = first or line
    progress.end()
    if other:
        print(
            f"cors-proxy learn: {name}: {_lines(other)} of no log that is known, first: {safe(first, 80)}",
            file=sys.stderr,
        )
    if long:
        print(f"cors-proxy learn: {name}: {_lines(long)} too long to read", file=sys.stderr)


def _probe(evidence: Evidence, url: str) -> list[str]:
    """What came of it, as notes."""
    try:
        target = parse_target(url)
    except ValueError as wrong:
        raise _Unreadable(f"--probe {url}: {wrong}") from None
    report = Probe(target, evidence).run()
    if report.failures and report.failures == report.requests:
        raise _Unreadable(f"--probe {url}: {report.first_failure}")
    found = [f"--probe asked {times(report.requests)}, with OPTIONS, GET and HEAD."]
    if report.failures:
        found.append(f"It got no answer {times(report.failures)}, first: {safe(report.first_failure)}.")
    if report.unasked:
        found.append(f"It stopped at its bounds: {report.unasked} questions were not asked.")
    found += [
        f"The API's check is careless: it also grants {safe(origin)}, which nobody has."
        for origin in report.careless
    ]
    return found


def _lines(count: int) -> str:
    return "1 line is" if count == 1 else f"{count} lines are"
