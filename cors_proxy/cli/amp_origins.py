"""`cors-proxy amp-origins`: the origins that an AMP publisher's pages have, on its own site and in the caches."""

import argparse
import sys

from ..cors.amp import publisher_origins
from ..cors.pattern import PatternError, parse_pattern
from ..policy.addresses import domain
from ..policy.origins import correct
from ..policy.scalars import ScalarError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "publisher", metavar="ORIGIN", help="the publisher's https origin: https://example.com"
    )
    parser.add_argument(
        "--cache",
        metavar="DOMAIN",
        action="append",
        help="a cache's domain, instead of the shipped ones; may be repeated",
    )


def run(args: argparse.Namespace) -> int:
    """One origin a line, the publisher's first; 1 where it is no https origin."""
    try:
        pattern = parse_pattern(args.publisher)
        if pattern.kind != "exact" or not args.publisher.startswith("https://"):
            raise PatternError("a publisher is an exact https origin")
        caches = None if args.cache is None else tuple(domain(text) for text in args.cache)
    except PatternError as error:
        right = correct(args.publisher)
        print(
            f"cors-proxy amp-origins: {error.message}{f': write {right}' if right else ''}", file=sys.stderr
        )
        return 1
    except ScalarError as error:
        print(
            f"cors-proxy amp-origins: --cache: expected {error.expected}{f': write {error.right}' if error.right else ''}",
            file=sys.stderr,
        )
        return 1
    print("\n".join(publisher_origins(pattern, caches)))
    return 0
