"""`explain`: what a browser does under a policy, why, and which change would allow it."""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..explain.browser import Explanation, explain
from ..explain.change import PolicyText, propose
from ..explain.curl import read_curl
from ..explain.document import change_document, document
from ..explain.fetch_call import is_fetch, read_fetch
from ..explain.har import read_har
from ..explain.log_line import read_line
from ..explain.proposal import propose_for_all
from ..explain.question import parse_question
from ..explain.quote import PolicyQuote
from ..explain.recorded import RecordedQuestion, differences
from ..explain.render import render, render_change, render_entry
from ..explain.render_via import render_table, render_via, via_document
from ..explain.via import explain_via
from ..explain.ways import WAYS, find_way
from ..policy.model import Policy
from ..policy.problems import PolicyProblems
from .feed_options import add_feed_options, load_feeds
from .policy_argument import add_config_argument
from .policy_text import read_policy_text, report_refused

STDIN = "-"


@dataclass(frozen=True, slots=True)
class _Report:
    """`count` equal questions, and their explanation."""

    recorded: RecordedQuestion
    count: int
    explanation: Explanation
    unknown: tuple[str, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_argument(parser)
    parser.add_argument(
        "where",
        metavar="PATH|URL",
        nargs="?",
        help="/items, or https://api.example.com/items; ws:// and wss:// open a WebSocket",
    )
    parser.add_argument(
        "--origin", help="the page's origin, as its browser sends it: https://app.example.com, or null"
    )
    parser.add_argument("--method", default="GET", help="default GET")
    parser.add_argument(
        "--header",
        metavar="NAME|'NAME: VALUE'",
        action="append",
        default=[],
        help="a header that the page sets; can be repeated",
    )
    parser.add_argument(
        "--credentials", action="store_true", help="the page sends cookies: credentials: 'include'"
    )
    parser.add_argument(
        "--upload-listener",
        action="store_true",
        help="the page listens to the progress of its upload, which needs a preflight",
    )
    instead = parser.add_argument_group("instead of a path").add_mutually_exclusive_group()
    instead.add_argument(
        "--from-log",
        metavar="LINE",
        nargs="?",
        const=STDIN,
        help="a line of the access log, JSON or text; default: all lines on stdin",
    )
    instead.add_argument(
        "--curl",
        "--fetch",
        metavar="COMMAND",
        help="what a browser copies: a curl command (bash or cmd) or a fetch() call",
    )
    parser.add_argument(
        "--via",
        metavar="WAY",
        help="how the page makes the request: image, iframe, link, form-post, beacon, … or all",
    )
    add_feed_options(parser)
    instead.add_argument("--har", metavar="FILE", help="every CORS exchange in a browser's HAR file")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default text")


def run(args: argparse.Namespace) -> int:
    """Returns 0 if the page can read every response, or if the request of a way reaches the API.

    1 if not or if the policy is refused, and 2 for wrong usage.
    """
    try:
        source, policy = read_policy_text(args.config, os.environ)
        source = replace(source, lists=load_feeds(policy, args.feed, args.fetch_feeds))
        if args.via:
            return _via(source, policy, args)
        recorded = _read_questions(args, policy)
    except PolicyProblems as refused:
        return report_refused(refused, args.config or "policy", args.format)
    except (ValueError, OSError) as error:
        if args.format == "json":
            print(json.dumps({"error": str(error)}))
        else:
            print(f"cors-proxy explain: {error}", file=sys.stderr)
        return 2
    reports = _reports(policy, recorded)
    if args.har or args.from_log:
        print(_many(source, policy, reports, args.format), end="")
    else:
        print(_one(source, policy, reports[0], args.format), end="")
    return 0 if all(report.explanation.allowed for report in reports) else 1


def _via(source: PolicyText, policy: Policy, args: argparse.Namespace) -> int:
    """One way, or all of them, which is a table and no question."""
    if args.from_log or args.curl or args.har or args.where is None or args.origin is None:
        raise ValueError("--via needs --origin ORIGIN and a PATH or URL")
    ways = WAYS if args.via == "all" else (find_way(args.via),)
    chosen = args.method != "GET" or args.header or args.credentials or args.upload_listener
    if chosen and not all(way.scripted for way in ways):
        names = ", ".join(way.name for way in WAYS if way.scripted)
        raise ValueError(f"only {names} have a method, headers and credentials that the page chooses")
    question = parse_question(
        policy, args.where, args.origin, args.method, args.header, args.credentials, args.upload_listener
    )
    found = [explain_via(policy, way, question) for way in ways]
    if args.via == "all":
        if args.format == "json":
            print(json.dumps({"ways": [via_document(each) for each in found]}, indent=2))
        else:
            print(render_table(found), end="")
        return 0
    (via,) = found
    if args.format == "json":
        print(json.dumps(via_document(via), indent=2))
    else:
        print(render_via(via, PolicyQuote(source)), end="")
    return 0 if via.reaches_api else 1


def _read_questions(args: argparse.Namespace, policy: Policy) -> list[RecordedQuestion]:
    """What to explain, at least one.

    Raises ValueError if the arguments do not say what, or if it cannot be read.
    """
    from_record = args.from_log or args.curl or args.har
    if from_record and (args.where or (args.origin and not args.curl)):
        raise ValueError("--from-log, --curl and --har have their own URL and origin: leave out yours")
    if args.from_log:
        log = args.from_log
        found = _read_log(policy, args.format) if log == STDIN else [read_line(policy, log)]
    elif args.curl:
        read = read_fetch if is_fetch(args.curl) else read_curl
        found = [read(policy, args.curl, args.origin)]
    elif args.har:
        found = read_har(policy, Path(args.har).read_text("utf-8"))
    elif args.where is None or args.origin is None:
        raise ValueError(
            "nothing to explain: give --origin ORIGIN and a PATH or URL, or one of --from-log, --curl, --har"
        )
    else:
        question = parse_question(
            policy, args.where, args.origin, args.method, args.header, args.credentials, args.upload_listener
        )
        found = [RecordedQuestion("", question)]
    if not found:
        raise ValueError("the file has no CORS exchange")
    return found


def _read_log(policy: Policy, form: str) -> list[RecordedQuestion]:
    """The lines of the access log on stdin.

    A container's log has other lines too: they are counted and skipped.  Raises ValueError if no
    line is of the access log.
    """
    found, skipped = [], 0
    for line in sys.stdin:
        try:
            found.append(read_line(policy, line))
        except ValueError:
            skipped += bool(line.strip())
    if not found:
        raise ValueError("no line of the access log on stdin")
    if skipped and form == "text":
        lines = "1 line is" if skipped == 1 else f"{skipped} lines are"
        print(f"cors-proxy explain: {lines} not of the access log", file=sys.stderr)
    return found


def _reports(policy: Policy, recorded: Sequence[RecordedQuestion]) -> list[_Report]:
    """Each different question once, in the order in which they first came."""
    reports = []
    for each, count in Counter(recorded).items():
        explanation = explain(policy, each.question)
        unknown = (*each.unknown, *differences(each, explanation))
        reports.append(_Report(each, count, explanation, unknown))
    return reports


def _one(source: PolicyText, policy: Policy, report: _Report, form: str) -> str:
    change = propose(source, policy, report.recorded.question)
    origin = report.recorded.source
    if form == "json":
        head = {"source": origin, "unknown": list(report.unknown)} if origin else {}
        return json.dumps(head | document(report.explanation, change), indent=2) + "\n"
    lines = [origin, *(f"  unknown: {each}" for each in report.unknown), ""] if origin else []
    return "\n".join([*lines, render(report.explanation, change, PolicyQuote(source))])


def _many(source: PolicyText, policy: Policy, reports: list[_Report], form: str) -> str:
    """Of a log or a HAR file: one change for all entries.  A single entry is told at length."""
    proposal = propose_for_all(source, policy, [report.recorded for report in reports])
    if form == "json":
        entries = [
            {"source": report.recorded.source, "count": report.count, "unknown": list(report.unknown)}
            | document(report.explanation, each)
            for report, each in zip(reports, proposal.each, strict=True)
        ]
        return json.dumps({"entries": entries, "change": change_document(proposal.change)}, indent=2) + "\n"
    quote = PolicyQuote(source)
    if len(reports) == 1:
        (report,) = reports
        times = f", {report.count} times" if report.count > 1 else ""
        lines = [f"{report.recorded.source}{times}", *(f"  unknown: {each}" for each in report.unknown), ""]
        return "\n".join([*lines, render(report.explanation, proposal.change, quote)])
    everywhere = set.intersection(*(set(report.unknown) for report in reports))
    parts = [
        f"{report.recorded.source}\n"
        + render_entry(
            report.explanation,
            report.count,
            [line for line in report.unknown if line not in everywhere],
            each,
            quote,
        )
        for report, each in zip(reports, proposal.each, strict=True)
    ]
    total = sum(report.count for report in reports)
    end = [f"{total} requests, {len(reports)} different ones."]
    end += [f"  unknown of each: {line}" for line in reports[0].unknown if line in everywhere]
    if proposal.change.diff:
        end += ["", *render_change(proposal.change, many=True)]
    return "\n".join([*parts, *end]) + "\n"
