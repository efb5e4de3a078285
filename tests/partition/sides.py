"""Policies for tests, as sides of a comparison."""

from cors_proxy.partition.groups import Extra, Grouping, Groups
from cors_proxy.partition.meetings import Meeting, all_meetings
from cors_proxy.partition.side import Side
from cors_proxy.policy.read import parse_policy


def side(text: str) -> Side:
    policy = parse_policy(f"version: 1\nupstream: http://127.0.0.1:1\n{text}", "policy.yaml", "")[0]
    return Side(policy.spec, policy.site)


def meeting_of(sides: list[Side], path: bytes) -> tuple[Meeting, Groups, Grouping]:
    """The first meeting at a path, of a Host that is allowed."""
    grouping = Grouping(sides, Extra())
    meeting = next(
        each for each in all_meetings(sides) if each.path == path and any(allowed for allowed, _ in each.view)
    )
    return meeting, grouping.groups(meeting), grouping
