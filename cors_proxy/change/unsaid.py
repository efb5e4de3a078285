"""What is new of a meeting of routes where feeds list origins that a policy names as well.

Requests that are judged alike were looked at without the feeds.  And what the origins of a feed may
do is said once, not for each origin that the policies name."""

from dataclasses import replace

from ..partition.groups import Grouping, Groups, host_of
from ..partition.listings import How
from ..partition.meetings import Meeting
from ..partition.representatives import Representatives
from .difference import Difference


class Seen:
    """What was looked at in one meeting, and what was said about the origins of feeds."""

    def __init__(self) -> None:
        self._origins: set[object] = set()
        self._own: set[object] = set()
        self._said: list[tuple[How, Difference]] = []

    def note(
        self,
        meeting: Meeting,
        differences: tuple[Difference, ...],
        grouping: Grouping,
        feeds: Representatives,
    ) -> None:
        """The differences that the origins of feeds have."""
        views: dict[object, list[How]] = {}
        for origin, how in feeds.how.items():
            views.setdefault(grouping.origin_view(meeting, origin.encode("ascii")), []).append(how)
        for difference in differences:
            for how in views.get(difference.case.origin, ()):
                self._said.append((how, difference))

    def fresh(self, meeting: Meeting, groups: Groups) -> Groups:
        """The groups without those that were looked at before; from now on these were, too."""
        origins = {
            view: origins
            for view, origins in groups.origins.items()
            if view not in self._origins and any(host_of(each) != meeting.host for each in origins)
        }
        own = {view: origin for view, origin in groups.own.items() if view not in self._own}
        self._origins.update(origins)
        self._own.update(own)
        return replace(groups, origins=origins, own=own)

    def unsaid(self, differences: tuple[Difference, ...], how: How) -> tuple[Difference, ...]:
        """Those of origins that these feeds list which are not said about all such origins."""
        said = [each for listed, each in self._said if listed.items() <= how.items()]
        return tuple(
            each
            for each in differences
            if each.case.origin is not None
            and each.case.request.fault is None
            and not any(_covers(other, each) for other in said)
        )


def _covers(said: Difference, other: Difference) -> bool:
    one, another = said.case, other.case
    return (
        (one.request.preflight, one.request.websocket, one.method, one.header)
        == (another.request.preflight, another.request.websocket, another.method, another.header)
        and other.gained <= said.gained
        and other.lost <= said.lost
        and other.also[0] <= said.also[0]
        and other.also[1] <= said.also[1]
    )
