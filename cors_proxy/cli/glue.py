"""`glue`: the configuration of another engine that asks the decision listener."""

import argparse
import os
import sys
from pathlib import Path

from ..engines.glue import ENGINES, OF_KUBERNETES, files
from ..engines.kubernetes import service
from ..engines.losses import losses
from ..engines.names import TRAEFIK
from ..policy.addresses import parse_listen_address, parse_upstream
from ..policy.problems import PolicyProblems
from ..policy.read import find_source
from ..policy.scalars import ScalarError
from .policy_argument import NO_POLICY, add_config_argument


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config_argument(parser)
    parser.add_argument("--for", dest="engine", choices=ENGINES, required=True, help="the engine")
    parser.add_argument(
        "--listen", metavar="ADDRESS", default="*:80", help="where the engine listens; default *:80"
    )
    parser.add_argument(
        "--upstream", metavar="URL", help="the API that the engine forwards to; default: the policy's"
    )
    parser.add_argument(
        "--decider",
        metavar="ADDRESS",
        action="append",
        dest="deciders",
        default=[],
        help="where the engine finds the decision listener; default: decide.listen. More than once: the "
        "engine asks them in turn, and another one if one is down",
    )
    parser.add_argument("--write", metavar="FOLDER", help="write the files there, instead of printing them")


def run(args: argparse.Namespace) -> int:
    """Returns 1 where a refusal would be lost, and 2 if there is no policy or no upstream."""
    source = find_source(args.config, os.environ)
    if source is None:
        return _fail(NO_POLICY)
    try:
        policy, _ = source.read()
    except PolicyProblems as refused:
        print(refused, file=sys.stderr)
        return 1
    upstream = policy.forwarding[-1].upstream
    try:
        deciders = [parse_listen_address(each) for each in args.deciders]
        if args.upstream is not None:
            upstream = parse_upstream(args.upstream)
    except ScalarError as error:
        return _fail(f"expected {error.expected}")
    if args.engine in OF_KUBERNETES:
        if len(deciders) != 1 or not service(deciders[0])[0]:
            return _fail(f"{args.engine} finds a Service: name it with one --decider NAME.NAMESPACE:PORT")
    elif not upstream.endpoints:
        return _fail("the policy has no upstream: name the API with --upstream URL")
    elif args.engine == TRAEFIK and any(endpoint.path for endpoint in upstream.endpoints):
        return _fail("Traefik cannot reach a Unix socket: name the API with --upstream URL")
    for loss in losses(args.engine, policy):
        print(loss, file=sys.stderr)
        if loss.refusal:
            return 1
    decide = policy.decide
    assert decide is not None  # else a refusal would be lost
    made = files(args.engine, policy, decide, upstream, args.listen, deciders)
    for name, text in made.items():
        if args.write is not None:
            path = Path(args.write, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        else:
            print(f"######## {name}\n{text}" if len(made) > 1 else text, end="")
    return 0


def _fail(message: str) -> int:
    print(f"cors-proxy glue: {message}", file=sys.stderr)
    return 2
