"""A request and a decision, each in one line."""

from ..cors.decision import Answer, Decision, Refuse
from ..cors.escape import shown
from ..cors.request import Request


def request_line(request: Request) -> str:
    """Method, target and what matters of the headers."""
    origin = "no Origin" if request.origin is None else f"Origin: {shown(request.origin)}"
    socket = " to open a WebSocket" if request.websocket and not request.preflight else ""
    asked = ""
    if request.preflight:
        names = ", ".join(shown(value) for value in request.acrh)
        asked = f" that asks for {shown(request.acrm or b'')}{f' with {names}' if names else ''}"
    return f"{shown(request.method)} {shown(request.target)}{socket}{asked}, {origin}"


def decided(decision: Decision) -> str:
    """What is done, why, and by which line."""
    if isinstance(decision, Refuse):
        what = f"refused with {decision.status}"
    elif isinstance(decision, Answer):
        what = f"answered with {decision.status}"
    else:
        what = "forwarded"
    place = "" if decision.rule is None else f" ({decision.rule})"
    return f"{what}: {decision.reason.value}{place}"
