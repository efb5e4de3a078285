"""`init`: asks four questions, or takes the answers as options, and writes a policy and a compose file."""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..policy.problems import PolicyProblems
from ..policy.read import DEFAULT_FILE, parse_policy
from .init_files import Answers, compose_text, policy_text

COMPOSE: Final = "compose.yaml"
COMPOSE_BESIDE: Final = "compose.cors-proxy.yaml"
# Docker Compose reads the first of these names that exists, and ours is before the others.
COMPOSE_OF_USER: Final = ("compose.yml", "docker-compose.yaml", "docker-compose.yml")


@dataclass(frozen=True, slots=True)
class _Question:
    option: str
    text: str
    suggestion: str


UPSTREAM: Final = _Question("--upstream", "The API's URL, as the proxy reaches it", "http://localhost:3000")
ORIGINS: Final = _Question(
    "--allow-origin", "The origins of the pages that call it, separated by spaces", "http://localhost:5173"
)
CREDENTIALS: Final = _Question("--credentials", "Do these pages send cookies? yes or no", "no")
SELF_ORIGIN: Final = _Question(
    "--self-origin",
    "What browsers will call the API, once the proxy is in front of it",
    "http://localhost:8080",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "directory", metavar="DIR", nargs="?", default=".", help="where to write; default: here"
    )
    parser.add_argument("--upstream", metavar="URL", help="the API, as the proxy reaches it: http://api:3000")
    parser.add_argument(
        "--allow-origin",
        metavar="ORIGIN",
        action="append",
        default=[],
        help="an origin of the pages that call the API; can be repeated",
    )
    parser.add_argument(
        "--credentials",
        action=argparse.BooleanOptionalAction,
        help="whether these pages send cookies or HTTP authentication",
    )
    parser.add_argument(
        "--self-origin",
        metavar="ORIGIN",
        help="the API's own origin, as browsers see it: https://api.example.com",
    )
    parser.add_argument("--force", action="store_true", help="overwrite files that exist")


def run(args: argparse.Namespace) -> int:
    """Returns 1 if an answer is not valid or a file exists, and 2 if an answer is missing."""
    folder = Path(args.directory)
    beside = any((folder / name).exists() for name in COMPOSE_OF_USER)
    policy, compose = folder / DEFAULT_FILE, folder / (COMPOSE_BESIDE if beside else COMPOSE)
    existing = [str(path) for path in (policy, compose) if path.exists()]
    if existing and not args.force:
        return _failed(1, f"{', '.join(existing)} exists; --force overwrites it")
    try:
        answers = _answers(args)
    except ValueError as missing:
        return _failed(2, str(missing))
    text = policy_text(answers)
    if problems := _problems(text, str(policy)):
        print("\n".join(problems), file=sys.stderr)
        return _failed(1, "nothing was written")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in ((policy, text), (compose, compose_text(answers, beside))):
            path.write_text(content, "utf-8")
            path.chmod(0o644)  # the container's user is not the owner
    except OSError as error:
        return _failed(1, str(error))
    files = f"-f {next(name for name in COMPOSE_OF_USER if (folder / name).exists())} " if beside else ""
    print(f"wrote {policy} and {compose}")
    print(f"  check it:                cors-proxy check {policy}")
    print(f"  start it here:           cors-proxy run -c {policy}")
    print(f"  start it in a container: docker compose {files}-f {compose.name} up")
    return 0


def _failed(code: int, message: str) -> int:
    print(f"cors-proxy init: {message}", file=sys.stderr)
    return code


def _problems(text: str, name: str) -> list[str]:
    """Everything that `check` would say about the policy."""
    try:
        _, warnings = parse_policy(text, name, "", {})
    except PolicyProblems as refused:
        return [str(problem) for problem in refused.problems]
    return [str(warning) for warning in warnings]


def _answers(args: argparse.Namespace) -> Answers:
    """From the options; what they leave open is asked.

    Raises ValueError where stdin ends before an answer that has no safe default.
    """
    upstream = args.upstream or _ask(UPSTREAM)
    origins = args.allow_origin or _ask(ORIGINS).replace(",", " ").split()
    credentials = args.credentials
    if credentials is None:
        credentials = _ask(CREDENTIALS, optional=True).lower() in ("y", "yes")
    own = args.self_origin or _ask(SELF_ORIGIN, optional=True)
    return Answers(upstream, tuple(origins), credentials, own)


def _ask(question: _Question, optional: bool = False) -> str:
    """The answer; an empty one is the suggestion."""
    try:
        return input(f"{question.text} [{question.suggestion}]: ").strip() or question.suggestion
    except EOFError:
        print()
        if optional:
            return question.suggestion
        raise ValueError(f"no answer; name it with {question.option}") from None
