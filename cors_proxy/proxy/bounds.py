"""What one route's exchanges are held to, as plain numbers: read for each request, so made once for each policy."""

from ..policy.model import Forwarding, Policy


class Bounds:
    """Durations are seconds; 0 is none."""

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
        """The shortest of its durations."""
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
    """By a route's index; routes that set nothing of their own share one."""
    made: dict[tuple[int, int], Bounds] = {}
    found = []
    for forwarding in policy.forwarding:
        key = id(forwarding.limits), id(forwarding.timeouts)
        if key not in made:
            made[key] = Bounds(forwarding)
        found.append(made[key])
    return found
