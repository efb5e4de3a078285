"""`assert`: what a policy must never allow, and what always.  `partition.prove` proves it."""

from collections.abc import Mapping
from typing import Any, Final

from ..cors.path import RoutePathError, parse_route_path
from ..cors.pattern import Pattern, PatternError, parse_pattern
from ..cors.place import Place
from ..cors.site import Site
from ..cors.spec import OriginRule, SiteSpec
from ..partition.assertion import Assertion, Kind, Whose
from . import schema_patterns
from .files import decode_utf8, read_file, reason
from .interpolate import interpolate
from .mappings import Field, MappingOf, RouteList, Section
from .nodes import compose
from .origin_hints import origin_hint
from .problems import Findings, PolicyProblems, Problem, quote
from .scalars import ScalarError
from .tokens import parse_method, parse_request_header
from .types import Context, Item, ListOf, Scalar
from .values import BOOLEAN, HOSTS, PATH

_NOT: Final = "not "
ANY, NONE = "any", "none"
EXPECTED_ORIGIN: Final = f"an origin or a pattern, `{_NOT}` and one, `{ANY}`, or `{NONE}`"
FORMS: Final = ("never", "always", "public", "no_credentials_for")


def parse_subject(text: str) -> tuple[bool, Pattern | str]:
    """Whether all others are meant, and the pattern; or one of the words."""
    if text in (ANY, NONE):
        return False, text
    others = text.startswith(_NOT)
    return others, parse_listed(text.removeprefix(_NOT).strip())


def parse_listed(text: str) -> Pattern:
    """An origin or a pattern, without `*`."""
    if text == "*":
        raise ScalarError("an origin or a pattern", ANY)
    try:
        return parse_pattern(text)
    except PatternError as error:
        code = "E302" if "*" in text else "E301"
        raise ScalarError(f"an origin ({error.message})", code=code, hint=origin_hint(text)) from None


def parse_named_header(text: str) -> str:
    """A request header that a policy could allow."""
    if text == "*":
        raise ScalarError("the name of a header", hint="list the headers that are meant")
    return parse_request_header(text)


def parse_public(text: str) -> str:
    """`none`, or a path."""
    if text != NONE:
        try:
            parse_route_path(text)
        except RoutePathError as error:
            raise ScalarError(f"`{NONE}` or paths ({error})", code="E501") from None
    return text


CONDITIONS = MappingOf(
    (
        Field(
            "origin",
            ListOf(
                Scalar(parse_subject, EXPECTED_ORIGIN), f"{EXPECTED_ORIGIN}; or a list", empty="means nobody"
            ),
            f"`{ANY}`",
            "Whose requests are meant. With `not`, all that match none of the entries. `none`: requests"
            " without Origin. The API's own pages are never meant.",
        ),
        Field("path", PATH, "`/**`", "A path as on a route."),
        Field(
            "method",
            ListOf(
                Scalar(parse_method, "a method", schema_patterns.METHOD),
                "a list of methods",
                empty="means no request",
            ),
            "any; with `always` GET",
            "The methods that are meant.",
        ),
        Field("host", HOSTS, "any", "The hosts that are meant, as in `hosts`."),
        Field(
            "credentials",
            BOOLEAN,
            "false",
            "Whether to read responses to requests with cookies is meant. Without it, `never` means that"
            " no request reaches the API, and `always` that pages can read.",
        ),
        Field(
            "headers",
            ListOf(
                Scalar(parse_named_header, "header names", schema_patterns.REQUEST_HEADER),
                "a list of header names",
                empty="means nothing",
            ),
            "none",
            "Request headers: `never` means preflights that ask for one of them, `always` also those for"
            " each of them.",
        ),
        Field("socket", BOOLEAN, "false", "Whether WebSockets are meant instead."),
    ),
    "a mapping such as {origin: not https://*.example.com, method: DELETE, path: /admin/**}",
)
ASSERTION = MappingOf(
    (
        Field("never", CONDITIONS, "none", "What no request may do."),
        Field("always", CONDITIONS, "none", "What every request of this kind may do."),
        Field(
            "public",
            ListOf(
                Scalar(parse_public, f"`{NONE}` or paths"),
                f"`{NONE}` or a list of paths",
                empty="says nothing",
            ),
            "none",
            "The only paths that pages of any origin may read: `none`, or paths as on a route.",
        ),
        Field(
            "no_credentials_for",
            ListOf(
                Scalar(parse_listed, "an origin or a pattern"),
                "a list of origins and patterns",
                empty="means nobody",
            ),
            "none",
            "Origins that may never read responses to requests with cookies.",
        ),
    ),
    "a mapping such as {public: none}",
)
ASSERTIONS = RouteList(ASSERTION, "a list of assertions")
_FILE: Final = MappingOf((Field("assert", ASSERTIONS, "[{public: none}]", "The assertions.", required=True),))


def build_assertions(sections: list[Section], context: Context) -> tuple[Assertion, ...]:
    """The assertions of a list; problems go to the findings."""
    found = []
    for number, section in enumerate(sections):
        at = f"assert[{number}]"
        keys = [key for key in FORMS if key in section.key_places]
        if len(keys) != 1:
            hint = f"write one of {', '.join(FORMS)} in each entry"
            context.findings.add(section.place, "E510", f"{at}: expected one key, got {len(keys)}", hint)
        for key in keys:
            if key in section.values:
                found.append(_build(key, section, at, context))
    return tuple(found)


def _build(key: str, section: Section, at: str, context: Context) -> Assertion:
    place = section.key_places[key]
    if key == "public":
        paths = tuple(item.value for item in section.items(key) if item.value != NONE)
        text = f"public: {_flow(paths) if paths else NONE}"
        return Assertion("never", text, place, reading=True, public=True, except_paths=paths)
    if key == "no_credentials_for":
        rules = tuple(OriginRule(item.value, item.place) for item in section.items(key))
        text = f"no_credentials_for: {_flow(str(rule.pattern) for rule in rules)}"
        return Assertion("never", text, place, "listed", rules, credentials=True)
    kind: Kind = "never" if key == "never" else "always"
    return _conditions(kind, section.values[key], place, f"{at}.{key}", context)


def _conditions(kind: Kind, section: Section, place: Place, at: str, context: Context) -> Assertion:
    whose, rules = _subject(section.items("origin"), f"{at}.origin", context.findings)
    path: str = section.value("path", "/**")
    try:
        parse_route_path(path)
    except RoutePathError as error:
        context.findings.add(section.value_places["path"], "E501", f"{at}.path: {quote(path)}: {error}")
        path = "/**"
    methods = tuple(item.value for item in section.items("method"))
    hosts = tuple(item.value for item in section.items("host"))
    headers = tuple(item.value.lower() for item in section.items("headers"))
    return Assertion(
        kind,
        f"{kind}: {{{_text(section)}}}",
        place,
        whose,
        rules,
        path,
        methods or (("GET",) if kind == "always" else None),
        hosts or None,
        section.value("credentials", False),
        headers=headers,
        socket=section.value("socket", False),
    )


def _subject(items: tuple[Item, ...], at: str, findings: Findings) -> tuple[Whose, tuple[OriginRule, ...]]:
    """Whose requests are meant: of the listed origins, of all others, or those without Origin."""
    words = [item for item in items if isinstance(item.value[1], str)]
    others = {item.value[0] for item in items}
    if (words and len(items) > 1) or len(others) > 1:
        what = quote(words[0].value[1]) if words else "`not`"
        hint = "write an entry of its own for each"
        findings.add(items[0].place, "E510", f"{at}: {what} is not allowed beside other entries", hint)
    if not items or words:
        return ("none" if words and words[0].value[1] == NONE else "others"), ()
    rules = tuple(OriginRule(item.value[1], item.place) for item in items)
    return ("others" if others == {True} else "listed"), rules


def _text(section: Section) -> str:
    """The conditions in one line, as they could be written."""
    parts = []
    for key, value in section.values.items():
        if key == "origin":
            value = _flow((_NOT if item.value[0] else "") + str(item.value[1]) for item in value)
        elif isinstance(value, tuple):
            value = _flow(item.value for item in value)
        parts.append(f"{key}: {str(value).lower() if isinstance(value, bool) else value}")
    return ", ".join(parts)


def _flow(values: Any) -> str:
    found = list(map(str, values))
    return found[0] if len(found) == 1 else f"[{', '.join(found)}]"


def check_assertions(
    spec: SiteSpec, site: Site, assertions: tuple[Assertion, ...], findings: Findings
) -> None:
    """Report every assertion that does not hold, with a request for which it does not."""
    if not assertions:
        return
    # Imported here: the prover costs each process a megabyte, and most policies assert nothing.
    from ..partition.describe import decided, request_line
    from ..partition.prove import prove

    for proof in prove(spec, site, assertions):
        place, text = proof.assertion.place, quote(proof.assertion.text, 120)
        if proof.gave_up:
            message = f"assert: cannot prove {text}: {proof.gave_up}"
            findings.add(place, "E512", message, "prove it without some of the routes or patterns")
        elif proof.counter_example is not None and proof.decision is not None:
            request = request_line(proof.counter_example.request)
            message = f"assert: {text} does not hold: {request} is {decided(proof.decision)}"
            findings.add(place, "E511", message, "change what the request is allowed by, or the assertion")


def read_assertions(name: str, environ: Mapping[str, str]) -> tuple[Assertion, ...]:
    """The assertions of a file of their own: a mapping with the key `assert`.

    Raises `PolicyProblems`."""
    try:
        text = decode_utf8(read_file(name), name)
    except (OSError, ValueError) as error:
        message = f"cannot read the assertions: {reason(error)}"
        raise PolicyProblems([Problem(Place(name, 1, 1), "E101", message)]) from None
    root, problems = compose(text, name)
    context = Context(Findings(), "", [name])
    for problem in problems:
        context.findings.add(problem.place, problem.code, problem.message, problem.hint)
    interpolate(root, environ, context.findings)
    section: Section = _FILE.decode(root, "", context)
    found = build_assertions(section.value("assert", []), context)
    if context.findings.failed:
        raise PolicyProblems(context.findings.sorted(name), [name])
    return found
