"""The man page, docs/cors-proxy.1, made from the help texts.

python -m cors_proxy.cli.manual > docs/cors-proxy.1
"""

import argparse
from collections.abc import Iterator
from typing import Final

from .. import __version__
from .completion import expand_help
from .parser import VERBS, build_parser

_HEAD: Final = """\
.\\" Made from the help texts: python -m cors_proxy.cli.manual
.TH CORS-PROXY 1 "" "cors-proxy {version}" "User Commands"
.SH NAME
cors-proxy \\- a standalone reverse proxy that enforces CORS
.SH SYNOPSIS
.B cors-proxy
.I verb
[\\fIoption\\fR ...]
.SH DESCRIPTION
The proxy stands in front of an HTTP API. It refuses what the policy does not allow before it
reaches the API, answers preflights, and sets the CORS headers of responses.
"""
_TAIL: Final = """\
.SH ENVIRONMENT
.TP
.B CORS_PROXY_POLICY
The policy, where \\-c does not name one: a path, or the YAML itself.
.TP
.B NO_COLOR
If it is set and not empty, nothing is coloured on a terminal.
.SH FILES
.TP
.I policy.yaml
The policy, where neither \\-c nor the variable names one.
.SH SIGNALS
.TP
.B SIGHUP
.B run
reads the policy again. If it is refused, the old one stays.
.TP
.B SIGTERM, SIGINT
.B run
accepts no more connections and ends the open requests. A second signal ends them now.
.SH EXIT STATUS
.TP
.B 0
Yes: the policy is valid, the tests pass, the proxy is healthy.
.TP
.B 1
No: the policy is refused, a test fails, a change gives new access.
.TP
.B 2
Wrong options, or no policy is named; for
.B diff
and
.B prove
also a policy that is refused.
.TP
.B 3
The proxy cannot bind an address.
.PP
.B healthcheck
returns 0 and 1 only.
"""


def manual() -> str:
    """The page, as roff."""
    parser = build_parser(*VERBS)
    parts = [_HEAD.format(version=__version__), *_options(parser), ".SH VERBS\n"]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                parts.append(f".SS {_escaped(name)}\n{_escaped(sub.description or '')}\n")
                parts += _options(sub)
    return "".join([*parts, _TAIL])


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction | argparse._HelpAction):
            continue
        value = action.metavar or (
            "{" + ",".join(map(str, action.choices)) + "}" if action.choices else action.dest.upper()
        )
        shown = f" \\fI{_escaped(str(value))}\\fR" if action.nargs != 0 else ""
        names = ", ".join(f"\\fB{_escaped(name)}\\fR" for name in action.option_strings)
        text = _escaped(expand_help(action))
        yield f".TP\n{names}{shown}\n{text[:1].upper()}{text[1:]}.\n".replace("\n \\fI", "\n\\fI")


def _escaped(text: str) -> str:
    """Plain text: a backslash, a hyphen, and a dot that begins a line mean something to roff."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    print(manual(), end="")
