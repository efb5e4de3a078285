"""A route's limits and timeouts as plain numbers: made once for a policy, read for each request."""

from ..policy.model import Forwarding, Policy


class Bounds:
    """Durations are in seconds; 0 is no limit."""

    def __init__(self, forwarding: Forwarding) -> None:
        limits, timeouts = forwarding.limits, forwarding.timeouts
        self.body_bytes: int = limits.body_bytes
        self.minimum_rate: int = limits.minimum_rate  # bytes a second
        self.connect: float = timeouts.connect
        self.body_idle: float = timeouts.body_idle
        self.response: float = timeouts.response
        self.response_idle: float = timeouts.response_idle
        self.write_idle: float = timeouts.write_idle
        self.tunnel_idle: float = timeouts.tunnel_idle

    def shortest(self) -> float:
        """The shortest duration, by which the clock must tick."""
        durations = (
            self.connect,
            self.body_idle,
            self.response,
            self.response_idle,
            self.write_idle,
            self.tunnel_idle,
        )
        return min(seconds for seconds in durations if seconds)


def bounds_by_route(policy: Policy) -> list[Bounds]:
    """The bounds for each route's index; routes with the same settings share one object."""
    made: dict[tuple[int, int], Bounds] = {}
    found = []
    for forwarding in policy.forwarding:
        key = id(forwarding.limits), id(forwarding.timeouts)
        if key not in made:
            made[key] = Bounds(forwarding)
        found.append(made[key])
    return found
