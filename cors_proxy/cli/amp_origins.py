"""`amp-origins`: the origins of an AMP publisher's pages, on its own site and in the AMP caches."""

import argparse
import sys

from ..cors.amp import publisher_origins
from ..cors.pattern import PatternError, parse_pattern
from ..policy.addresses import parse_domain
from ..policy.origin_hints import suggest_origin
from ..policy.scalars import ScalarError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "publisher", metavar="ORIGIN", help="the publisher's https origin: https://example.com"
    )
    parser.add_argument(
        "--cache",
        metavar="DOMAIN",
        action="append",
        help="the domain of a cache, instead of the included list; can be repeated",
    )


def run(args: argparse.Namespace) -> int:
    """Prints one origin per line, the publisher's first.  Returns 1 if an argument is invalid."""
    try:
        pattern = parse_pattern(args.publisher)
        if pattern.kind != "exact" or not args.publisher.startswith("https://"):
            raise PatternError("a publisher must be an exact https origin")
        caches = None if args.cache is None else tuple(parse_domain(text) for text in args.cache)
    except PatternError as error:
        return _refuse(error.message, suggest_origin(args.publisher))
    except ScalarError as error:
        return _refuse(f"--cache: expected {error.expected}", error.suggestion)
    print("\n".join(publisher_origins(pattern, caches)))
    return 0


def _refuse(message: str, suggestion: str) -> int:
    hint = f": write {suggestion}" if suggestion else ""
    print(f"cors-proxy amp-origins: {message}{hint}", file=sys.stderr)
    return 1
