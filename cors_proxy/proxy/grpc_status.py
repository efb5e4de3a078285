"""What a gRPC call ends with, where it has no answer.

https://grpc.github.io/grpc/core/md_doc_statuscodes.html"""

from typing import Any, Final

from google.protobuf.message import DecodeError

INVALID_ARGUMENT: Final = 3
DEADLINE_EXCEEDED: Final = 4
PERMISSION_DENIED: Final = 7
RESOURCE_EXHAUSTED: Final = 8
FAILED_PRECONDITION: Final = 9
UNIMPLEMENTED: Final = 12
INTERNAL: Final = 13


class GrpcError(Exception):
    """Ends a call.  Engines take it for a refusal.  `detail` is a text of this code."""

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def decoded(kind: Any, data: bytes) -> Any:
    """A message of this class.  Raises GrpcError."""
    try:
        return kind.FromString(data)
    except DecodeError:
        raise GrpcError(INVALID_ARGUMENT, "not a message of this method") from None
