"""Envoy's `ext_proc` (envoy.service.ext_proc.v3.ExternalProcessor/Process): the head of the request,
then that of its response, on one stream.

So the response is rewritten here, by the same code as where the proxy itself forwards."""

from typing import Any, Final

from ..cors.decision import Forward, Line
from ..cors.difference import difference
from ..cors.reason import Reason
from ..cors.response import rewrite, strip
from .ask_verdict import Verdict, verdict
from .context import Context
from .ext_authz import refused_head, reply
from .grpc_head import asked
from .grpc_messages import (
    APPEND,
    FAILED_PRECONDITION,
    INVALID_ARGUMENT,
    OVERWRITE,
    SEND,
    GrpcError,
    ProcessingRequest,
    ProcessingResponse,
    decoded,
)
from .request_head import HeadError

_STATUS: Final = {b"%d" % status: status for status in range(100, 600)}


class Processing:
    """One stream: one request.  `over`: no message may follow."""

    __slots__ = ("_context", "_found", "_peer", "over")

    def __init__(self, context: Context, peer: str) -> None:
        self._context, self._peer = context, peer
        self._found: Verdict | None = None
        self.over = False

    def message(self, data: bytes) -> bytes:
        """The answer to a message.  Raises GrpcError, which Envoy takes for a refusal."""
        message = decoded(ProcessingRequest, data)
        if message.HasField("request_headers"):
            answer = self._request(_lines(message.request_headers))
        elif message.HasField("response_headers"):
            answer = self._response(_lines(message.response_headers))
        else:
            raise GrpcError(INVALID_ARGUMENT, "processing_mode may send no bodies and no trailers")
        return bytes(answer.SerializeToString())

    def ended(self) -> None:
        """The stream is over.  If no response has come, the client or Envoy has given up."""
        found, self._found = self._found, None
        if found is not None:
            found.record.fault = Reason.CLIENT_GONE
            self._context.end(found.record)

    def _request(self, lines: list[Line]) -> Any:
        if self._found is not None or self.over:
            raise GrpcError(FAILED_PRECONDITION, "a second request on one stream")
        answer = ProcessingResponse()
        try:
            about, head = asked(lines, self._context.head_limits)
        except HeadError as bad:
            self._immediate(answer, *refused_head(self._context, self._peer, bad))
            return answer
        found = verdict(self._context, about, head, self._peer, "2")
        action = found.action
        if not isinstance(action, Forward):
            self._immediate(answer, *reply(self._context, found))
            self._context.end(found.record)
            return answer
        self._found = found
        # Envoy's own responses to what is no request never get here.  Asked about those, it would wait
        # for the answer and close the connection meanwhile (envoyproxy/envoy#29440).
        answer.mode_override.response_header_mode = SEND
        headers = answer.request_headers
        headers.SetInParent()
        if action.target is not None:
            _set(headers.response.header_mutation, b":path", action.target, OVERWRITE)
        return answer

    def _immediate(self, answer: Any, status: int, lines: list[Line], body: bytes) -> None:
        self.over = True
        immediate = answer.immediate_response
        immediate.status.code, immediate.body = status, body
        for name, value in lines:
            _set(immediate.headers, name, value, OVERWRITE)

    def _response(self, lines: list[Line]) -> Any:
        found, self._found = self._found, None
        if found is None:
            # Else a response would pass whose request was never judged.
            raise GrpcError(FAILED_PRECONDITION, "a response before its request: send request headers too")
        self.over = True
        status = next((_STATUS.get(value, 0) for name, value in lines if name == b":status"), 0)
        fields = [line for line in lines if line[0][:1] != b":"]
        record, grant = found.record, found.action.grant
        record.status = status
        if found.route.mode == "report":
            record.upstream_lines = fields
            record.difference = difference(found.route, found.request, found.decision, status, fields)
        answer = ProcessingResponse()
        answer.response_headers.SetInParent()
        if not grant.hands_off:
            kept = strip(fields, grant) if status == 101 else rewrite(grant, fields)
            _change(answer.response_headers.response.header_mutation, fields, kept)
        self._context.end(record)
        return answer


def _lines(headers: Any) -> list[Line]:
    return [(each.key, each.raw_value or each.value) for each in headers.headers.headers]


def _by_name(lines: list[Line]) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for name, value in lines:
        found.setdefault(name.lower(), []).append(value)
    return found


def _change(mutation: Any, before: list[Line], after: list[Line]) -> None:
    """Envoy removes first, then it adds."""
    old, new = _by_name(before), _by_name(after)
    for name, values in new.items():
        if old.get(name) != values:
            if name in old:
                mutation.remove_headers.append(name)
            for value in values:
                _set(mutation, name, value, APPEND)
    mutation.remove_headers.extend([name for name in old if name not in new])


def _set(mutation: Any, name: bytes, value: bytes, action: int) -> None:
    option = mutation.set_headers.add()
    option.header.key, option.header.raw_value = name, value
    option.append_action = action
