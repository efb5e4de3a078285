"""What the present policy lacks of a proposal, as edits of its text.

Paths that no route of the policy matches become routes of their own, at the end of its list: they
take nothing from a route that is there.  What a route of the policy refuses is allowed by the
smallest edit of that route (`explain.change`), which says what else it opens.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..cors.compile import compile_site
from ..cors.spec import CorsSpec
from ..explain.browser import explain
from ..explain.change import PolicyText, diff
from ..explain.edit import EditError, append_entry
from ..explain.proposal import propose_for_all
from ..explain.question import Question, parse_question
from ..explain.recorded import RecordedQuestion
from ..policy.model import Policy
from ..policy.problems import PolicyProblems
from .left_out import Left
from .paths import example, pattern
from .policy_text import left_lines, route_lines, spelled
from .rules import Rule
from .tally import Span


@dataclass(frozen=True, slots=True)
class Additions:
    """`policy` is what `text` reads as; `diff` is empty where the policy allows everything."""

    text: str
    policy: Policy
    diff: str
    dangers: tuple[str, ...]
    left: tuple[Left, ...]


class _Enforced(PolicyText):
    """Read as if all its routes were enforced: in the other modes it allows everything."""

    def read(self) -> Policy:
        policy = super().read()
        spec = policy.spec
        enforced = replace(
            spec,
            routes=tuple(replace(route, mode="enforce") for route in spec.routes),
            default=replace(spec.default, mode="enforce"),
            report_only=False,
        )
        return replace(policy, spec=enforced, site=compile_site(enforced))

    def with_text(self, text: str) -> PolicyText:
        return _Enforced(text, self.name, self.folder, self.environ)


def add_to(policy_text: PolicyText, rules: Sequence[Rule]) -> Additions:
    """Raises `PolicyProblems`."""
    by_host = len({rule.host for rule in rules}) > 1
    edited: PolicyText = _Enforced(
        policy_text.text, policy_text.name, policy_text.folder, policy_text.environ
    )
    source, policy = edited, edited.read()
    current = policy
    left: list[Left] = []
    recorded: list[RecordedQuestion] = []
    for rule in rules:
        lacking = [each for each in _questions(current, rule, by_host) if not explain(current, each).allowed]
        if not lacking:
            continue
        wider = _wider(policy, current, lacking[0], rule)
        if wider is None:
            where = pattern(rule.parts)
            recorded += [RecordedQuestion(where, each) for each in lacking]
            continue
        try:
            text = append_entry(edited.text, "routes", "\n".join(_entry(wider, by_host)))
            current = edited.with_text(text).read()
            edited = edited.with_text(text)
        except (EditError, PolicyProblems):
            recorded += [RecordedQuestion(pattern(rule.parts), each) for each in lacking]
    proposal = propose_for_all(edited, current, recorded)
    if proposal.change.text:
        edited = edited.with_text(proposal.change.text)
        current = edited.read()
    for one, change in zip(recorded, proposal.each, strict=True):
        if why := change.why_none or change.withheld:
            origin = (one.question.origin or b"").decode("ascii", "replace")
            left.append(Left(origin, f"the policy was not changed: {why}", Span(1), {one.source: None}))
    changed = "" if edited is source else diff(source, edited)
    return Additions(edited.text, current, changed, proposal.change.dangers, tuple(left))


def additions_lines(added: Additions, left: Sequence[Left], notes: Iterable[str], name: str) -> list[str]:
    """What `cors-proxy learn -c` prints: first what a person has to read, then the diff."""
    lines = [
        *left_lines([*added.left, *left], notes),
        *(f"# Danger: {each}" for each in added.dangers),
        added.diff or f"# {name} allows everything that was proven.",
    ]
    return [line for line in lines if line]


def _questions(policy: Policy, rule: Rule, by_host: bool) -> Iterator[Question]:
    where = (f"https://{rule.host}" if by_host and rule.host else "") + example(rule.parts)
    names = [spelled(name) for name in sorted(rule.headers)]
    for origin in rule.origins:
        for method in rule.methods:
            yield parse_question(policy, where, origin, method, names, rule.credentials)


def _wider(policy: Policy, current: Policy, question: Question, rule: Rule) -> Rule | None:
    """The rule as a route beside what the policy allows on paths without a route.

    None where a route of the policy matches, or where a new one cannot repeat what is allowed.
    """
    steps = explain(current, question).steps
    default = current.spec.default.cors
    if not steps or steps[-1].exchange.route.index != len(current.spec.routes) or default is None:
        return None
    if default.origins and not _may_repeat(policy, default, rule):
        return None
    if not default.origins:
        return rule
    methods = dict.fromkeys(default.methods or (), 0) | rule.methods
    origins = {str(each.pattern): Span() for each in default.origins} | rule.origins
    headers = {name.lower(): 0 for name in default.headers} | rule.headers
    expose = {name.lower(): 0 for name in default.expose} | rule.expose
    return replace(rule, origins=origins, methods=methods, headers=headers, expose=expose)


def _may_repeat(policy: Policy, default: CorsSpec, rule: Rule) -> bool:
    """Not the entries of a file, and not with cookies that those origins do not have now."""
    files = {each.place.file for each in default.origins} | {policy.spec.default.place.file}
    return (
        len(files) == 1
        and default.methods is not None
        and not default.any_header
        and not default.expose_any
        and default.credentials is rule.credentials
    )


def _entry(rule: Rule, by_host: bool) -> Iterator[str]:
    """Without the indentation of a list below `routes`."""
    for line in route_lines(rule, by_host):
        yield line.removeprefix("  ")
