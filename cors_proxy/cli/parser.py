"""The parser of the command line: its verbs and options, and what a wrong word probably means."""

import argparse
import os
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Final, NoReturn

from .. import __version__

VERBS: Final = {
    "run": "start the proxy",
    "init": "write a policy and a compose file for an API",
    "check": "report everything that is wrong with a policy",
    "explain": "show what a browser does under a policy, and why",
    "test": "run unit tests of a policy",
    "glue": "print the configuration of nginx, HAProxy, Envoy, Caddy or Traefik that asks this proxy",
    "learn": "propose a policy from what was seen: access logs, HAR files",
    "diff": "show what a change of a policy lets in, and what it keeps out",
    "prove": "prove assertions about a policy, or show a request that breaks one",
    "schema": "print the policy's JSON Schema",
    "amp-origins": "list the origins of an AMP publisher's pages",
    "demo": "run a sample API, the proxy in front of it, and pages that call it",
    "healthcheck": "ask whether the proxy is healthy, for a container's HEALTHCHECK",
}
MODULES: Final = {"test": "cases"}  # verbs whose module has another name
SHELLS: Final = ("bash", "zsh", "fish")
USAGE: Final = 2  # the exit code for wrong options
_CLOSE: Final = 0.6  # ratio of difflib


class Parser(argparse.ArgumentParser):
    """Says which option an unknown one may mean."""

    usage_code = USAGE
    words: Sequence[str] = ()  # of the command line

    def error(self, message: str) -> NoReturn:
        hints = [f"{word}: did you mean {meant}?" for word in self.words if (meant := self._meant(word))]
        text = "; ".join([message, *hints])
        self.exit(self.usage_code, f"{self.format_usage()}{self.prog}: error: {text}\n")

    def _meant(self, word: str) -> str:
        """The option that is close to an unknown one, or ""."""
        name = word.partition("=")[0]
        known = list(self._option_string_actions)
        if not name.startswith("--") or any(option.startswith(name) for option in known):
            return ""
        if "self" not in name and "own" not in name:
            # `--origin` is that of other sites: a hint must not make it one of the API's own.
            known = [option for option in known if option != "--self-origin"]
        return next(iter(get_close_matches(name, known, 1, _CLOSE)), "")


class _PrintCompletion(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[object] | None,
        option_string: str | None = None,
    ) -> NoReturn:
        from .completion import script  # it needs the options of every verb

        print(script(str(values), build_parser(*VERBS)), end="")
        parser.exit()


def build_parser(*loaded: str, words: Sequence[str] = ()) -> Parser:
    """The parser, with the options of the `loaded` verbs.

    A module takes time to import, and `healthcheck` runs every few seconds.
    """
    parser = Parser(prog="cors-proxy", description="A standalone reverse proxy that enforces CORS.")
    parser.add_argument("--version", action="version", version=f"cors-proxy {__version__}{_compiled()}")
    parser.add_argument(
        "--print-completion",
        choices=SHELLS,
        action=_PrintCompletion,
        help="print a script that completes verbs and options in that shell",
    )
    verbs = parser.add_subparsers(dest="verb", metavar="verb", required=True)
    parser.words = words
    for name, summary in VERBS.items():
        sub = verbs.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        sub.words = words
        if name == "healthcheck":
            sub.usage_code = 1  # a container's HEALTHCHECK knows only 0 and 1
        if name in loaded:
            module = import_module(f"{__package__}.{MODULES.get(name, name.replace('-', '_'))}")
            module.add_arguments(sub)
            sub.set_defaults(run=module.run, parser=sub)
    return parser


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The options of one verb.  Wrong ones end the process, with 2."""
    called = next((word for word in words if word in VERBS), None)
    parser = build_parser(*([called] if called else []), words=words)
    if words and not words[0].startswith("-") and words[0] not in VERBS:
        close = get_close_matches(words[0], VERBS, 1, _CLOSE)
        hint = f"did you mean {close[0]}?" if close else f"the verbs are {', '.join(VERBS)}"
        parser.error(f"no such verb: {words[0]!r}; {hint}")
    args, unknown = parser.parse_known_args(words)
    if unknown:
        args.parser.error(f"unknown arguments: {' '.join(unknown)}")
    return args


def _compiled() -> str:
    """Says if the data path is not compiled (setup.py): a request then takes twice the CPU time."""
    package = os.path.dirname(os.path.dirname(__file__))
    return (
        "" if any(name.startswith("compiled__mypyc") for name in os.listdir(package)) else " (not compiled)"
    )
