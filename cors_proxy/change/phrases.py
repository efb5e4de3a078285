"""Findings in words."""

from collections.abc import Iterable, Sequence

from ..partition.outcome import Ability
from .findings import Crossing, Finding, Level, Part
from .settings import Setting

SHOWN = 5  # of a long list

_EMBEDS = {
    "same-site": "be embedded by pages of the same site",
    "cross-site": "be embedded by pages of all sites",
    "isolated": "be embedded by pages with cross-origin isolation",
}


def listed(values: Iterable[str], shown: int = SHOWN) -> str:
    """The values with commas; of a long list the first ones, and how many more there are."""
    values = list(dict.fromkeys(values))
    more = len(values) - shown
    if more <= 1:
        return ", ".join(values)
    return f"{', '.join(values[:shown])} and {more} more"


def title(finding: Finding) -> str:
    """One line: who may newly do what."""
    if finding.level is Level.OTHER:
        return f"{finding.cause.key}: answers differ, and nobody's access"
    who = listed(name for part in finding.parts for name in part.who)
    may = "may now" if finding.gained else "may no longer"
    by = f", by Host {listed(each.host for each in finding.routes)}" if finding.cause.key == "hosts" else ""
    return f"{who}: {may} {', '.join(abilities(finding.parts))}{by}"


def abilities(parts: Sequence[Part]) -> list[str]:
    """What the parts allow together, in the order of danger."""
    found: dict[str, None] = {}
    by_ability: dict[Ability, tuple[dict[str, None], dict[str, None]]] = {}
    for part in parts:
        methods, of = by_ability.setdefault(part.ability, ({}, {}))
        methods.update(dict.fromkeys(part.methods))
        of.update(dict.fromkeys(part.of))
    for ability, (methods, of) in by_ability.items():
        for phrase in _phrases(ability, list(methods), list(of), set(by_ability)):
            found[phrase] = None
    return list(found)


def _phrases(ability: Ability, methods: list[str], of: list[str], all_: set[Ability]) -> list[str]:
    verbs = listed(methods, 8)
    match ability:
        case Ability.SEND:
            return [f"send {verbs}"]
        case Ability.SEND_WITHOUT_ORIGIN:
            return [f"send {verbs} without Origin"]
        case Ability.READ:
            if Ability.READ_WITH_COOKIES in all_:
                return []
            return ["read responses"] if Ability.SEND in all_ else [f"read responses to {verbs}"]
        case Ability.READ_WITH_COOKIES:
            return ["read responses with cookies"]
        case Ability.EXPOSE:
            return ["read all response headers" if "*" in of else f"read the response headers {listed(of)}"]
        case Ability.SOCKET:
            return ["open WebSockets"]
        case Ability.SOCKET_WITHOUT_ORIGIN:
            return ["open WebSockets without Origin"]
        case Ability.UPGRADE:
            known = {Ability.SEND, Ability.SEND_WITHOUT_ORIGIN, Ability.SOCKET, Ability.SOCKET_WITHOUT_ORIGIN}
            return [] if known & all_ else [f"send {verbs} with Upgrade: websocket"]
        case Ability.PREFLIGHT:
            headers = (
                [f"send the headers {listed(of)}"] if of and not {Ability.SEND, Ability.READ} & all_ else []
            )
            return headers or ([] if Ability.SEND in all_ else [f"pass the preflight of {verbs}"])
        case Ability.PREFLIGHT_WITH_COOKIES:
            known = {Ability.PREFLIGHT, Ability.READ_WITH_COOKIES} & all_
            return [] if known else [f"pass the preflight of {verbs} with cookies"]
        case Ability.PRIVATE_NETWORK:
            return ["call from public networks"]
        case Ability.API_DECIDES:
            return ["get what the API's own CORS headers allow"]
        case Ability.RETRY:
            return ["ask again with cookies"]
        case Ability.EMBED:
            # What reaches the API newly is embedded newly, too
            return [] if Ability.SEND_WITHOUT_ORIGIN in all_ else [_EMBEDS[each] for each in of]
        case Ability.TIMING:
            return [] if Ability.SEND in all_ else [f"measure timing from {listed(of)}"]


def routes(crossings: Sequence[Crossing]) -> str:
    """The routes that a finding is about."""
    names = [
        crossing.new if crossing.old == crossing.new else f"{crossing.old} -> {crossing.new}"
        for crossing in crossings
    ]
    return listed(names, 4)


def changes(finding: Finding) -> list[str]:
    """What of the answers differs, one line each."""
    return [f"{name}: {before or 'none'} -> {after or 'none'}" for name, before, after in finding.changed]


def setting_line(setting: Setting) -> str:
    """A setting in one line."""
    where = f" on {listed(setting.routes, 4)}" if setting.routes else ""
    return f"{setting.key}: {setting.before} -> {setting.after}{where}"
