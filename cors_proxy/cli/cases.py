"""`test`: unit tests of a policy, for CI; a failure shows the explanation."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from xml.sax.saxutils import escape, quoteattr

from ..explain.cases import CasesError, Result, read_cases, run_case
from ..explain.quote import PolicyQuote
from ..explain.render import Quote, render
from ..policy.files import decode_utf8, read_file
from ..policy.problems import PolicyProblems
from .feed_options import add_feed_options, load_feeds
from .policy_argument import add_config_argument
from .policy_text import read_policy_text, report_refused


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cases", metavar="CASES.yaml", help="the requests, and what is expected of each")
    add_config_argument(parser, "the policy; default: the one that CASES.yaml names, else ")
    parser.add_argument(
        "--format", choices=("text", "tap", "junit", "json"), default="text", help="default text"
    )
    add_feed_options(parser)


def run(args: argparse.Namespace) -> int:
    """Returns 0 if every case passes.

    1 if a case fails or the policy is refused, and 2 if the cases cannot be read.
    """
    try:
        named, cases = read_cases(decode_utf8(read_file(args.cases), args.cases), args.cases)
    except (OSError, ValueError, PolicyProblems) as wrong:
        return _usage_error(
            args.format,
            str(wrong) if isinstance(wrong, CasesError | PolicyProblems) else f"{args.cases}: {wrong}",
        )
    config = args.config or (os.path.join(os.path.dirname(args.cases), named) if named else None)
    try:
        source, policy = read_policy_text(config, os.environ)
        load_feeds(policy, args.feed, args.fetch_feeds)
    except PolicyProblems as refused:
        return report_refused(refused, config or "policy", args.format)
    except ValueError as missing:
        return _usage_error(args.format, str(missing))
    results = [run_case(policy, case) for case in cases]
    formats: dict[str, Callable[[list[Result], Quote], str]] = {
        "text": as_text,
        "tap": as_tap,
        "junit": partial(as_junit, args.cases),
        "json": as_json,
    }
    print(formats[args.format](results, PolicyQuote(source)), end="")
    return 1 if any(result.wrong for result in results) else 0


def _usage_error(form: str, message: str) -> int:
    if form == "json":
        print(json.dumps({"error": message}))
    else:
        print(f"cors-proxy test: {message}", file=sys.stderr)
    return 2


def as_text(results: list[Result], quoted: Quote) -> str:
    lines = [line for result in results for line in _text(result, quoted)]
    failed = sum(bool(result.wrong) for result in results)
    return "\n".join([*lines, f"{len(results) - failed} passed, {failed} failed"]) + "\n"


def _text(result: Result, quoted: Quote) -> Iterator[str]:
    if not result.wrong:
        yield f"ok    {_name(result)}"
        return
    yield f"FAIL  {_name(result)}   {result.case.place}"
    yield from (f"      {wrong}" for wrong in result.wrong)
    yield from (f"      | {line}".rstrip() for line in _explained(result, quoted))


def as_tap(results: list[Result], quoted: Quote) -> str:
    """TAP 14: https://testanything.org/tap-version-14-specification.html"""
    lines = ["TAP version 14", f"1..{len(results)}"]
    for number, result in enumerate(results, 1):
        name = _name(result).replace("\\", "\\\\").replace("#", "\\#")
        lines.append(f"{'not ok' if result.wrong else 'ok'} {number} - {name}")
        if result.wrong:
            wrong = [f"    - {json.dumps(each)}" for each in result.wrong]
            explained = [f"    {line}".rstrip() for line in _explained(result, quoted)]
            lines += [
                "  ---",
                f"  at: {json.dumps(str(result.case.place))}",
                "  wrong:",
                *wrong,
                "  explanation: |2",
                *explained,
                "  ...",
            ]
    return "\n".join(lines) + "\n"


def as_junit(suite: str, results: list[Result], quoted: Quote) -> str:
    """JUnit XML, which CI systems read: testsuites, testsuite, testcase, failure."""
    counts = f'tests="{len(results)}" failures="{sum(bool(result.wrong) for result in results)}" errors="0"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<testsuites {counts}>",
        f"  <testsuite name={quoteattr(suite)} {counts}>",
    ]
    for result in results:
        place = result.case.place
        head = (
            f"    <testcase classname={quoteattr(suite)} name={quoteattr(_name(result))}"
            f' file={quoteattr(place.file)} line="{place.line}"'
        )
        if result.wrong:
            body = "\n".join([*result.wrong, "", *_explained(result, quoted)])
            failure = f"<failure message={quoteattr('; '.join(result.wrong))}>{escape(body)}</failure>"
            lines.append(f"{head}>{failure}</testcase>")
        else:
            lines.append(f"{head}/>")
    return "\n".join([*lines, "  </testsuite>", "</testsuites>"]) + "\n"


def as_json(results: list[Result], quoted: Quote) -> str:
    return json.dumps(
        {
            "passed": not any(result.wrong for result in results),
            "cases": [
                {
                    "name": result.case.name,
                    "at": str(result.case.place),
                    "passed": not result.wrong,
                    "wrong": list(result.wrong),
                    "explanation": _explained(result, quoted) if result.wrong else [],
                }
                for result in results
            ],
        },
        indent=2,
    ) + "\n"  # fmt: skip


def _explained(result: Result, quoted: Quote) -> list[str]:
    return [] if result.explanation is None else render(result.explanation, None, quoted).splitlines()


def _name(result: Result) -> str:
    """A case's name on one line, without control characters: XML and terminals do not take them."""
    return "".join(character if character.isprintable() else " " for character in result.case.name)
